// SPDX-License-Identifier: MIT
// A captured frame down to its UDP payload: Ethernet, VLAN, Linux cooked, raw IP; IPv4 and IPv6 with
// extension headers. IP fragments are reassembled, a bounded number of them.
#pragma once

#include <netcon/capture/capture_time.hpp>
#include <netcon/core/endpoint.hpp>

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace netcon::inline v0_1 {

/// What a frame begins with, by the number that capture files use. Raw IP has two.
enum class link_type : std::uint32_t {
  null = 0,              ///< four bytes of the address family in the byte order of the writer (BSD loopback)
  ethernet = 1,          ///< Ethernet, with VLAN tags
  raw = 12,              ///< IPv4 or IPv6 at once, as some systems number it
  raw_in_files = 101,    ///< IPv4 or IPv6 at once, as files number it
  loop = 108,            ///< four bytes of the address family in network order (OpenBSD loopback)
  linux_cooked = 113,    ///< what `tcpdump -i any` writes
  ipv4 = 228,            ///< IPv4 at once
  ipv6 = 229,            ///< IPv6 at once
  linux_cooked_2 = 276,  ///< what newer versions of `tcpdump -i any` write
};

/// Whether find_ip_packet() knows the type.
[[nodiscard]] constexpr bool is_supported(link_type type) noexcept {
  switch (type) {
    case link_type::null:
    case link_type::ethernet:
    case link_type::raw:
    case link_type::raw_in_files:
    case link_type::loop:
    case link_type::linux_cooked:
    case link_type::ipv4:
    case link_type::ipv6:
    case link_type::linux_cooked_2:
      return true;
  }
  return false;
}

/// The name that tcpdump has for a type, also for common ones that hold no IP packets; empty for others.
[[nodiscard]] constexpr std::string_view name(link_type type) noexcept {
  constexpr std::pair<std::uint32_t, std::string_view> names[] = {
      {0, "NULL"},
      {1, "EN10MB"},
      {9, "PPP"},
      {12, "RAW"},
      {101, "RAW"},
      {105, "IEEE802_11"},
      {108, "LOOP"},
      {113, "LINUX_SLL"},
      {127, "IEEE802_11_RADIO"},
      {187, "BLUETOOTH_HCI_H4"},
      {189, "USB_LINUX"},
      {220, "USB_LINUX_MMAPPED"},
      {228, "IPV4"},
      {229, "IPV6"},
      {239, "NFLOG"},
      {253, "NETLINK"},
      {276, "LINUX_SLL2"},
  };
  for (const auto& [number, text] : names)
    if (number == static_cast<std::uint32_t>(type)) return text;
  return {};
}

/// The supported type of that name: of raw IP the number that files have; of EN10MB Ethernet.
[[nodiscard]] constexpr std::optional<link_type> parse_link_type(std::string_view text) noexcept {
  if (text == "RAW") return link_type::raw_in_files;
  for (const auto type : {link_type::null, link_type::ethernet, link_type::loop, link_type::linux_cooked,
                          link_type::ipv4, link_type::ipv6, link_type::linux_cooked_2})
    if (name(type) == text) return type;
  return std::nullopt;
}

/// Where the IP header of a frame begins, and what the frame says about it. Of a frame without IP the rest.
struct ip_packet {
  std::uint16_t ethertype = 0;  ///< 0x0800 for IPv4, 0x86dd for IPv6; others have no UDP here
  std::string_view bytes;       ///< from the IP header on; may have padding at its end
};

/// A datagram with its addresses. The payload is a view into the frame, or into the reader that joined its
/// fragments.
struct udp_datagram {
  endpoint sender;           ///< source address and port; scope is 0
  endpoint receiver;         ///< destination address and port; scope is 0
  std::string_view payload;  ///< without the UDP header; may be empty
  bool truncated = false;    ///< fewer bytes than the UDP header says
};

namespace detail {

inline constexpr std::uint16_t ethertype_ipv4 = 0x0800, ethertype_ipv6 = 0x86dd;
inline constexpr std::uint8_t protocol_udp = 17;

constexpr std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}

constexpr std::uint16_t big16(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

constexpr std::uint32_t big32(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint32_t>(big16(bytes, at)) << 16 | big16(bytes, at + 2);
}

constexpr ip_address ipv4_at(std::string_view bytes, std::size_t at) noexcept {
  return ipv4_address{byte_at(bytes, at), byte_at(bytes, at + 1), byte_at(bytes, at + 2),
                      byte_at(bytes, at + 3)};
}

constexpr ip_address ipv6_at(std::string_view bytes, std::size_t at) noexcept {
  ipv6_address::bytes_type address{};
  for (std::size_t i = 0; i < address.size(); ++i) address[i] = byte_at(bytes, at + i);
  return ipv6_address{address};
}

/// Skips VLAN tags, any number of them.
constexpr std::optional<ip_packet> after_vlans(std::uint16_t ethertype, std::string_view bytes) noexcept {
  while (ethertype == 0x8100 || ethertype == 0x88a8 || ethertype == 0x9100) {
    if (bytes.size() < 4) return std::nullopt;
    ethertype = big16(bytes, 2);
    bytes.remove_prefix(4);
  }
  return ip_packet{ethertype, bytes};
}

constexpr std::optional<ip_packet> by_ip_version(std::string_view bytes) noexcept {
  if (bytes.empty()) return std::nullopt;
  switch (byte_at(bytes, 0) >> 4) {
    case 4:
      return ip_packet{ethertype_ipv4, bytes};
    case 6:
      return ip_packet{ethertype_ipv6, bytes};
    default:
      return std::nullopt;
  }
}

constexpr std::optional<udp_datagram> read_udp(const ip_address& sender, const ip_address& receiver,
                                               std::string_view bytes) noexcept {
  constexpr std::size_t header = 8;
  if (bytes.size() < header) return std::nullopt;
  const std::size_t length = big16(bytes, 4);
  if (length < header) return std::nullopt;
  return udp_datagram{{sender, netcon::port{big16(bytes, 0)}},
                      {receiver, netcon::port{big16(bytes, 2)}},
                      bytes.substr(header, length - header),
                      bytes.size() < length};
}

}  // namespace detail

/// Finds the IP packet in a frame. Nothing: the type is not supported, or the frame is too short for it.
[[nodiscard]] constexpr std::optional<ip_packet> find_ip_packet(link_type type,
                                                                std::string_view frame) noexcept {
  const auto after = [&](std::size_t type_at, std::size_t header) -> std::optional<ip_packet> {
    if (frame.size() < header) return std::nullopt;
    return detail::after_vlans(detail::big16(frame, type_at), frame.substr(header));
  };
  switch (type) {
    case link_type::ethernet:
      return after(12, 14);
    case link_type::linux_cooked:
      return after(14, 16);
    case link_type::linux_cooked_2:
      return after(0, 20);
    case link_type::raw:
    case link_type::raw_in_files:
    case link_type::ipv4:
    case link_type::ipv6:
      return detail::by_ip_version(frame);
    case link_type::null:
    case link_type::loop:
      return frame.size() < 4 ? std::nullopt : detail::by_ip_version(frame.substr(4));
  }
  return std::nullopt;
}

/// IP packets in, UDP datagrams out. It keeps at most 256 datagrams of which fragments are missing, the
/// newest. As in Linux, a fragment whose bytes are all there is ignored, one that overlaps others otherwise,
/// or contradicts the end, makes its datagram invalid, so that it is dropped, and 30 seconds after the first
/// one that came no further fragment belongs to it. Of fragments that the capture truncated, all that comes
/// before the first missing byte is given.
class ip_reader {
 public:
  /// Datagrams that were dropped because their fragments contradict each other.
  [[nodiscard]] std::uint64_t invalid() const noexcept { return invalid_; }

  /// The UDP datagram that the packet holds or completes, valid until the next call. Nothing: not UDP,
  /// damaged, or fragments are missing. Without times all packets were captured at once.
  [[nodiscard]] std::optional<udp_datagram> read(const ip_packet& packet, capture_time time = {}) {
    now_ = time;
    switch (packet.ethertype) {
      case detail::ethertype_ipv4:
        return read_ipv4(packet.bytes);
      case detail::ethertype_ipv6:
        return read_ipv6(packet.bytes);
      default:
        return std::nullopt;
    }
  }

 private:
  static constexpr std::size_t most_partials = 256;
  static constexpr std::size_t most_fragments = 2048;  // of a datagram; a real one has no more than 1,366
  static constexpr std::size_t largest_payload = 65535;
  static constexpr std::chrono::seconds patience{30};

  struct fragment_key {
    ip_address sender, receiver;
    std::uint32_t id;
    auto operator<=>(const fragment_key&) const = default;
  };
  struct ip_fragment {
    fragment_key key;
    std::uint8_t protocol;
    std::size_t offset;
    bool is_last;
    std::size_t size;        // on the wire
    std::string_view bytes;  // of these, what was captured
  };
  struct stored_fragment {
    std::size_t size;
    std::string bytes;
  };
  struct partial_datagram {
    capture_time begun;
    std::map<std::size_t, stored_fragment> fragments{};  // by offset; they do not overlap
    std::size_t stored = 0;
    std::optional<std::size_t> total{};
    std::uint8_t protocol = 0;

    /// How a new one fits between those.
    enum class fit : std::uint8_t { fresh, known, invalid };
    fit place(std::size_t begin, std::size_t end, bool is_last) const {
      const auto last = fragments.empty() ? 0 : fragments.rbegin()->first + fragments.rbegin()->second.size;
      if (total ? end > *total || (is_last && end != *total) : is_last && end < last) return fit::invalid;
      const auto after = fragments.upper_bound(begin);
      if (after != fragments.begin()) {
        const auto& [offset, one] = *std::prev(after);
        if (end <= offset + one.size) return fit::known;
        if (begin < offset + one.size) return fit::invalid;
      }
      return after != fragments.end() && after->first < end ? fit::invalid : fit::fresh;
    }
  };
  using partials = std::map<fragment_key, partial_datagram>;

  std::optional<udp_datagram> read_ipv4(std::string_view packet) {
    using namespace detail;
    if (packet.size() < 20 || byte_at(packet, 0) >> 4 != 4) return std::nullopt;
    const std::size_t header = (byte_at(packet, 0) & 0xfu) * 4, total = big16(packet, 2);
    // A total of zero is how a capture on the sending host shows a packet that the card will segment.
    if (header < 20 || packet.size() < header || (total != 0 && total < header)) return std::nullopt;
    if (total != 0 && packet.size() > total)
      packet = packet.substr(0, total);  // the rest is Ethernet's padding
    const auto sender = ipv4_at(packet, 12), receiver = ipv4_at(packet, 16);
    const auto protocol = byte_at(packet, 9);
    const std::uint16_t fragment_field = big16(packet, 6);
    const std::size_t offset = (fragment_field & 0x1fffu) * 8;
    const bool more = (fragment_field & 0x2000u) != 0;
    const auto payload = packet.substr(header);
    const auto size = total == 0 ? payload.size() : total - header;
    if (offset != 0 || more)
      return add_fragment({{sender, receiver, big16(packet, 4)}, protocol, offset, !more, size, payload});
    return protocol == protocol_udp ? read_udp(sender, receiver, payload) : std::nullopt;
  }

  std::optional<udp_datagram> read_ipv6(std::string_view packet) {
    using namespace detail;
    if (packet.size() < 40 || byte_at(packet, 0) >> 4 != 6) return std::nullopt;
    std::size_t length = big16(packet, 4);  // of what is left
    const auto sender = ipv6_at(packet, 8), receiver = ipv6_at(packet, 24);
    auto next = byte_at(packet, 6);
    packet.remove_prefix(40);
    if (packet.size() > length) packet = packet.substr(0, length);
    for (;;) {
      switch (next) {
        case protocol_udp:
          return read_udp(sender, receiver, packet);
        case 0:     // hop by hop
        case 43:    // routing
        case 60: {  // destination options
          if (packet.size() < 8) return std::nullopt;
          const std::size_t header = (byte_at(packet, 1) + 1u) * 8;
          if (packet.size() < header) return std::nullopt;
          next = byte_at(packet, 0);
          packet.remove_prefix(header);
          length -= header;
          break;
        }
        case 44: {  // fragment
          if (packet.size() < 8) return std::nullopt;
          const std::uint16_t field = big16(packet, 2);
          return add_fragment({{sender, receiver, big32(packet, 4)},
                               byte_at(packet, 0),
                               field & 0xfff8u,
                               (field & 1) == 0,
                               length - 8,
                               packet.substr(8)});
        }
        default:
          return std::nullopt;
      }
    }
  }

  std::optional<udp_datagram> add_fragment(const ip_fragment& added) {
    if (added.size == 0 || added.offset + added.size > largest_payload) return std::nullopt;
    auto [place, is_new] = partials_.try_emplace(added.key, partial_datagram{now_});
    if (!is_new && !is_near(place->second.begun)) {
      // The sender uses the number again.
      remove(place);
      std::tie(place, is_new) = partials_.try_emplace(added.key, partial_datagram{now_});
    }
    if (is_new) {
      arrival_.push_back(added.key);
      if (arrival_.size() > most_partials) {
        partials_.erase(arrival_.front());
        arrival_.pop_front();
      }
    }
    auto& known = place->second;
    using fit = partial_datagram::fit;
    const auto end = added.offset + added.size;
    const auto fits = known.place(added.offset, end, added.is_last);
    if (fits == fit::invalid || known.fragments.size() == most_fragments) {
      ++invalid_;
      remove(place);
      return std::nullopt;
    }
    if (fits == fit::known) return std::nullopt;
    known.fragments.emplace(added.offset, stored_fragment{added.size, std::string{added.bytes}});
    known.stored += added.size;
    if (added.is_last) known.total = end;
    if (added.offset == 0) known.protocol = added.protocol;
    if (known.stored != known.total) return std::nullopt;

    whole_.clear();
    for (const auto& [offset, one] : known.fragments) {
      whole_ += one.bytes;
      if (one.bytes.size() < one.size) break;
    }
    const auto protocol = known.protocol;
    remove(place);
    if (protocol != detail::protocol_udp) return std::nullopt;
    return detail::read_udp(added.key.sender, added.key.receiver, whole_);
  }

  /// In whole seconds: times of a capture may lie farther apart than nanoseconds can say.
  bool is_near(capture_time begun) const {
    using std::chrono::floor, std::chrono::seconds;
    return std::chrono::abs(floor<seconds>(now_) - floor<seconds>(begun)) <= patience;
  }

  void remove(partials::iterator which) {
    std::erase(arrival_, which->first);
    partials_.erase(which);
  }

  partials partials_;
  std::deque<fragment_key> arrival_;  // the oldest first: the first to be dropped
  std::string whole_;
  capture_time now_{};
  std::uint64_t invalid_ = 0;
};

}  // namespace netcon::inline v0_1
