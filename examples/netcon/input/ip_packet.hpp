// A captured frame's bytes taken apart down to the UDP payload: Ethernet, VLAN, Linux cooked, raw IP; IPv4
// and IPv6 with extension headers; IP fragments put together, a bounded number of them.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {

struct udp_datagram {
  netcon::endpoint from;
  netcon::endpoint to;
  std::string payload;
  bool cut_short = false;  // fewer bytes than the UDP header says
};

/// Where the network header begins and what it is.
struct network_header {
  std::uint16_t ethertype;
  std::string_view bytes;
};

/// Finds the network header of a frame of libpcap's link type. Nothing: a type not known here,
/// or a frame too short for it.
std::optional<network_header> find_network_header(int link_type, std::string_view frame);

/// Whether find_network_header knows the link type at all.
bool is_known_link_type(int link_type);

class ip_reader {
 public:
  /// The UDP datagram that the packet holds or completes. Nothing: not UDP, damaged, or fragments are
  /// missing.
  std::optional<udp_datagram> read(const network_header& packet);

 private:
  struct fragment_key {
    netcon::ip_address from, to;
    std::uint32_t id;
    auto operator<=>(const fragment_key&) const = default;
  };
  struct fragment {
    netcon::ip_address from, to;
    std::uint32_t id;
    std::uint8_t protocol;
    std::size_t offset;
    bool is_last;
    std::string_view bytes;
  };
  struct partial {
    std::map<std::size_t, std::string> pieces;
    std::size_t stored = 0;
    std::optional<std::size_t> total;
    std::uint8_t protocol = 0;
  };

  std::optional<udp_datagram> read_ipv4(std::string_view packet);
  std::optional<udp_datagram> read_ipv6(std::string_view packet);
  std::optional<udp_datagram> add_fragment(const fragment&);

  std::map<fragment_key, partial> partials_;
  std::deque<fragment_key> arrival_;  // the oldest first: the first to be given up
};

}  // namespace tool
