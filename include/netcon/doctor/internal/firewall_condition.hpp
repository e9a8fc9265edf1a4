// SPDX-License-Identifier: MIT
// Conditions of a firewall's rules: does a value match the packets of netconsole that come to a port.
#pragma once

#include <netcon/core/number.hpp>
#include <netcon/core/port.hpp>
#include <netcon/doctor/internal/firewall_rule.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace netcon::inline v0_1::doctor::internal {

/// The packets in question: of netconsole, from another machine.
struct wanted_packets {
  port to{};
  bool over_ipv6 = false;
  matching untracked = matching::no;  // a rule keeps them from the tracking of connections

  /// Where netconsole sends from unless it is told otherwise.
  static constexpr port from{6665};
};

/// What a condition looks at; sender: the source or device that a packet comes from; leaves_by: the device of
/// packets that leave; cast: whether its frame is for this machine or for all.
enum class rule_field : std::uint8_t {
  port,
  source_port,
  protocol,
  state,
  family,
  device,
  leaves_by,
  sender,
  receiver,
  cast,
  other
};

/// A number, a range of nft ("6000-7000") or iptables ("6000:7000"), or the name that /etc/services has for
/// ports that netconsole is sent to.
inline bool covers_port(std::string_view element, port wanted) {
  const std::uint64_t number = wanted.value();
  if (element == "syslog") return number == 514;
  if (element == "ircu") return number >= 6665 && number <= 6669;
  const auto split = std::min(element.find_first_of("-:"), element.size());
  const auto first = parse_decimal(element.substr(0, split));
  if (split == element.size()) return first == number;
  const auto rest = element.substr(split + 1);
  const auto last = parse_decimal(rest);
  const bool begins = split == 0 || (first && *first <= number);
  return begins && (rest.empty() || (last && number <= *last));
}

/// "> 1024", a comparison of nft.
inline matching compare_port(std::string_view how, std::string_view value, port wanted) {
  const auto limit = parse_decimal(value);
  if (!limit) return matching::maybe;
  const std::uint64_t number = wanted.value();
  const bool is_so = how == ">"    ? number > *limit
                     : how == ">=" ? number >= *limit
                     : how == "<"  ? number < *limit
                                   : number <= *limit;
  return is_so ? matching::yes : matching::no;
}

/// Whether an address is none that netconsole's packets go to: loopback, and groups.
inline bool is_elsewhere(std::string_view address) {
  const auto first = parse_decimal(address.substr(0, std::min(address.find('.'), address.size())));
  return first ? *first == 127 || *first >= 224 : address.starts_with("::1") || address.starts_with("ff");
}

/// Whether one part of an element matches. Of ports: whether the port is named.
inline matching match_part(rule_field field, std::string_view element, const wanted_packets& wanted) {
  element = element.substr(0, element.find(' '));  // behind it: "expires 59m", "counter packets 0 bytes 0"
  const auto is = [&](auto... names) { return ((element == names) || ...); };
  const auto when = [](bool matches) { return matches ? matching::yes : matching::no; };
  switch (field) {
    case rule_field::port:
      return when(covers_port(element, wanted.to));
    case rule_field::source_port:
      return covers_port(element, wanted_packets::from) ? matching::maybe : matching::no;
    case rule_field::protocol:
      return when(is("udp", "17", "all", "0"));
    case rule_field::state:
      // Packets of netconsole get no answer: to the tracking of connections each is new.
      if (is("untracked", "UNTRACKED")) return wanted.untracked;
      return is("new", "NEW") ? !wanted.untracked : matching::no;
    case rule_field::family:
      if (is("ipv4", "ip")) return when(!wanted.over_ipv6);
      return when(is("ipv6", "ip6") && wanted.over_ipv6);
    case rule_field::device:
      return is("lo", "\"lo\"") ? matching::no : is("+") ? matching::yes : matching::maybe;
    case rule_field::leaves_by:
      return matching::no;
    case rule_field::sender:
      if (is("0.0.0.0/0", "::/0")) return matching::yes;
      return element.starts_with("127.") || is("::1", "::1/128") ? matching::no : matching::maybe;
    case rule_field::receiver:
      if (is("0.0.0.0/0", "::/0")) return matching::yes;
      return is_elsewhere(element) ? matching::no : matching::maybe;
    case rule_field::cast:
      // Without a MAC address netconsole sends to all.
      return is("host", "unicast", "broadcast") ? matching::maybe : matching::no;
    case rule_field::other:
      break;
  }
  return matching::maybe;
}

/// Whether an element of a set or map does: each part of "10.0.0.1 . 6666". "*" is all that no other has.
inline matching match_element(std::span<const rule_field> key, std::string_view element,
                              const wanted_packets& wanted) {
  constexpr std::string_view between = " . ";
  auto how = matching::yes;
  if (element == "*" || element.starts_with("* ")) return how;
  for (const auto field : key) {
    const auto end = std::min(element.find(between), element.size());
    how = std::min(how, match_part(field, element.substr(0, end), wanted));
    element.remove_prefix(std::min(end + between.size(), element.size()));
  }
  return how;
}

/// Whether one of the elements of a value does: "{ 53, 6666 }", "53,6666", "6666".
inline matching match_value(std::span<const rule_field> key, std::string_view value,
                            const wanted_packets& wanted) {
  auto how = matching::no;
  for (const auto element : elements_of(value)) how = std::max(how, match_element(key, element, wanted));
  return how;
}

}  // namespace netcon::inline v0_1::doctor::internal
