#include "input/ip_packet.hpp"

#include <algorithm>
#include <array>

namespace tool {
namespace {

/// libpcap's link types, by the numbers that stand in files too; raw IP has two.
enum link_type : int {
  null = 0,
  ethernet = 1,
  raw = 12,
  raw_in_files = 101,
  loop = 108,
  linux_cooked = 113,
  ipv4 = 228,
  ipv6 = 229,
  linux_cooked_2 = 276,
};

constexpr std::uint16_t ethertype_ipv4 = 0x0800, ethertype_ipv6 = 0x86dd;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::size_t max_partials = 256;  // IP datagrams in reassembly
constexpr std::size_t max_ip_payload = 65535;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint16_t big16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

std::uint32_t big32(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(big16(bytes, at)) << 16 | big16(bytes, at + 2);
}

netcon::ip_address ipv4_at(std::string_view bytes, std::size_t at) {
  return netcon::ipv4_address{byte_at(bytes, at), byte_at(bytes, at + 1), byte_at(bytes, at + 2),
                              byte_at(bytes, at + 3)};
}

netcon::ip_address ipv6_at(std::string_view bytes, std::size_t at) {
  std::array<std::uint8_t, 16> address{};
  for (std::size_t i = 0; i < address.size(); ++i) address[i] = byte_at(bytes, at + i);
  return netcon::ipv6_address{address};
}

/// Steps over VLAN tags, any number of them.
std::optional<network_header> skip_vlans(std::uint16_t ethertype, std::string_view bytes) {
  while (ethertype == 0x8100 || ethertype == 0x88a8 || ethertype == 0x9100) {
    if (bytes.size() < 4) return std::nullopt;
    ethertype = big16(bytes, 2);
    bytes.remove_prefix(4);
  }
  return network_header{ethertype, bytes};
}

std::optional<network_header> by_ip_version(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  switch (byte_at(bytes, 0) >> 4) {
    case 4:
      return network_header{ethertype_ipv4, bytes};
    case 6:
      return network_header{ethertype_ipv6, bytes};
    default:
      return std::nullopt;
  }
}

std::optional<udp_datagram> read_udp(const netcon::ip_address& from, const netcon::ip_address& to,
                                     std::string_view bytes) {
  constexpr std::size_t header = 8;
  if (bytes.size() < header) return std::nullopt;
  const std::size_t length = big16(bytes, 4);
  if (length < header) return std::nullopt;
  udp_datagram result{{from, netcon::port{big16(bytes, 0)}}, {to, netcon::port{big16(bytes, 2)}}, {}, false};
  result.cut_short = bytes.size() < length;
  result.payload = bytes.substr(header, length - header);
  return result;
}

}  // namespace

bool is_known_link_type(int type) {
  switch (type) {
    case ethernet:
    case linux_cooked:
    case linux_cooked_2:
    case raw:
    case raw_in_files:
    case ipv4:
    case ipv6:
    case null:
    case loop:
      return true;
    default:
      return false;
  }
}

std::optional<network_header> find_network_header(int type, std::string_view frame) {
  const auto after = [&](std::size_t type_at, std::size_t header) -> std::optional<network_header> {
    if (frame.size() < header) return std::nullopt;
    return skip_vlans(big16(frame, type_at), frame.substr(header));
  };
  switch (type) {
    case ethernet:
      return after(12, 14);
    case linux_cooked:
      return after(14, 16);
    case linux_cooked_2:
      return after(0, 20);
    case raw:
    case raw_in_files:
    case ipv4:
    case ipv6:
      return by_ip_version(frame);
    case null:
    case loop:
      return frame.size() < 4 ? std::nullopt : by_ip_version(frame.substr(4));
    default:
      return std::nullopt;
  }
}

std::optional<udp_datagram> ip_reader::read(const network_header& packet) {
  switch (packet.ethertype) {
    case ethertype_ipv4:
      return read_ipv4(packet.bytes);
    case ethertype_ipv6:
      return read_ipv6(packet.bytes);
    default:
      return std::nullopt;
  }
}

std::optional<udp_datagram> ip_reader::read_ipv4(std::string_view packet) {
  if (packet.size() < 20 || byte_at(packet, 0) >> 4 != 4) return std::nullopt;
  const std::size_t header = (byte_at(packet, 0) & 0xfu) * 4, total = big16(packet, 2);
  // A total of zero is what a capture on the sending host shows of a packet that the card will segment.
  if (header < 20 || packet.size() < header || (total != 0 && total < header)) return std::nullopt;
  if (total != 0 && packet.size() > total)
    packet = packet.substr(0, total);  // the rest is Ethernet's padding
  const auto from = ipv4_at(packet, 12), to = ipv4_at(packet, 16);
  const auto protocol = byte_at(packet, 9);
  const std::uint16_t fragment_field = big16(packet, 6);
  const std::size_t offset = (fragment_field & 0x1fffu) * 8;
  const bool more = (fragment_field & 0x2000u) != 0;
  const auto payload = packet.substr(header);
  if (offset != 0 || more)
    return add_fragment({from, to, big16(packet, 4), protocol, offset, !more, payload});
  return protocol == protocol_udp ? read_udp(from, to, payload) : std::nullopt;
}

std::optional<udp_datagram> ip_reader::read_ipv6(std::string_view packet) {
  if (packet.size() < 40 || byte_at(packet, 0) >> 4 != 6) return std::nullopt;
  const std::size_t length = big16(packet, 4);
  const auto from = ipv6_at(packet, 8), to = ipv6_at(packet, 24);
  auto next = byte_at(packet, 6);
  packet.remove_prefix(40);
  if (packet.size() > length) packet = packet.substr(0, length);
  for (;;) {
    switch (next) {
      case protocol_udp:
        return read_udp(from, to, packet);
      case 0:     // hop by hop
      case 43:    // routing
      case 60: {  // destination options
        if (packet.size() < 8) return std::nullopt;
        const std::size_t header = (byte_at(packet, 1) + 1u) * 8;
        if (packet.size() < header) return std::nullopt;
        next = byte_at(packet, 0);
        packet.remove_prefix(header);
        break;
      }
      case 44: {  // fragment
        if (packet.size() < 8) return std::nullopt;
        const std::uint16_t field = big16(packet, 2);
        return add_fragment({from, to, big32(packet, 4), byte_at(packet, 0), field & 0xfff8u,
                             (field & 1) == 0, packet.substr(8)});
      }
      default:
        return std::nullopt;
    }
  }
}

std::optional<udp_datagram> ip_reader::add_fragment(const fragment& piece) {
  if (piece.bytes.empty() || piece.offset + piece.bytes.size() > max_ip_payload) return std::nullopt;
  const fragment_key key{piece.from, piece.to, piece.id};
  const auto [place, is_new] = partials_.try_emplace(key);
  if (is_new) {
    arrival_.push_back(key);
    if (arrival_.size() > max_partials) {
      partials_.erase(arrival_.front());
      arrival_.pop_front();
    }
  }
  auto& known = place->second;
  if (known.stored + piece.bytes.size() > max_ip_payload) return std::nullopt;  // overlaps: forged
  if (known.pieces.try_emplace(piece.offset, piece.bytes).second) known.stored += piece.bytes.size();
  if (piece.is_last) known.total = piece.offset + piece.bytes.size();
  if (piece.offset == 0) known.protocol = piece.protocol;
  if (!known.total) return std::nullopt;

  std::string whole;
  for (const auto& [offset, bytes] : known.pieces) {
    if (offset > whole.size()) return std::nullopt;  // a hole
    if (offset + bytes.size() > whole.size()) whole.replace(offset, std::string::npos, bytes);
  }
  if (whole.size() < *known.total) return std::nullopt;
  whole.resize(*known.total);
  const auto protocol = known.protocol;
  partials_.erase(place);
  std::erase(arrival_, key);
  return protocol == protocol_udp ? read_udp(piece.from, piece.to, whole) : std::nullopt;
}

}  // namespace tool
