// SPDX-License-Identifier: MIT
// What a device's name gives away about the device, and what people write in place of its name.
#pragma once

#include <netcon/core/interface_name.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/lint/internal/characters.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netcon::inline v0_1::detail {

constexpr bool is_prefix_and_digit(std::string_view name, std::string_view prefix) noexcept {
  return name.size() > prefix.size() && name.starts_with(prefix) && is_digit(name[prefix.size()]);
}

constexpr bool looks_wireless(std::string_view name) noexcept {
  return name.starts_with("wl") || is_prefix_and_digit(name, "ath") || is_prefix_and_digit(name, "wifi");
}

/// A bridge, a bond or a team.
constexpr bool looks_compound(std::string_view name) noexcept {
  for (const std::string_view prefix : {"br-", "virbr", "docker"})
    if (name.starts_with(prefix)) return true;
  for (const std::string_view prefix : {"br", "vmbr", "bond", "team"})
    if (is_prefix_and_digit(name, prefix)) return true;
  return false;
}

/// A tunnel: packets without Ethernet, which netpoll cannot send.
constexpr bool looks_like_tunnel(std::string_view name) noexcept {
  for (const std::string_view prefix : {"tailscale", "wg-", "nordlynx", "utun"})
    if (name.starts_with(prefix)) return true;
  for (const std::string_view prefix : {"wg", "tun", "ppp", "sit", "gre", "ipip", "tunl", "ip6tnl", "ip_vti",
                                        "vti", "wwan", "rmnet", "slip", "sl"})
    if (is_prefix_and_digit(name, prefix)) return true;
  return false;
}

/// A name that comes from udev, from user space or from USB, after a built-in netconsole has started.
constexpr bool is_named_late(std::string_view name) noexcept {
  if (looks_compound(name) || looks_wireless(name) || name.find('.') != name.npos) return true;
  for (const std::string_view prefix :
       {"eno", "ens", "enp", "enP", "enx", "enu", "end", "ena", "enc", "env", "ib", "ww", "vlan"})
    if (name.starts_with(prefix)) return true;
  return is_prefix_and_digit(name, "usb");
}

/// NAME of "NAME:ALIAS"; empty for any other text.
constexpr std::string_view name_before_alias(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (colon == text.npos || text.find(':', colon + 1) != text.npos) return {};
  const auto name = text.substr(0, colon);
  return interface_name::parse(name) ? name : std::string_view{};
}

/// NAME of "NAME@PARENT", as ip link shows an interface on top of another one; empty for any other text.
constexpr std::string_view name_before_parent(std::string_view text) noexcept {
  const auto at = text.find('@');
  if (at == text.npos || at + 1 >= text.size() || is_digit(text[at + 1])) return {};
  const auto name = text.substr(0, at);
  return interface_name::parse(name) && interface_name::parse(text.substr(at + 1)) ? name
                                                                                   : std::string_view{};
}

constexpr bool is_prefix_length(std::string_view text) noexcept {
  std::uint16_t bits = 0;
  return read_kernel_u16(text, bits) == number_state::ok && bits <= 128;
}

/// How many bytes of "24/eth0" are the rest of an address with a prefix length: the number and the '/'; or 0.
constexpr std::size_t prefix_length_before_name(std::string_view text) noexcept {
  const auto name = text.rfind('/') + 1;
  return name >= 2 && interface_name::parse(text.substr(name)) && is_prefix_length(text.substr(0, name - 1))
             ? name
             : 0;
}

}  // namespace netcon::inline v0_1::detail
