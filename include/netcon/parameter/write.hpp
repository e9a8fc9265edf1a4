// SPDX-License-Identifier: MIT
// Targets as text: what to_chars writes is what parse_target reads back as the same value.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/detail/to_string.hpp>
#include <netcon/parameter/target.hpp>

#include <array>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// The interface name or the MAC address; nothing for a device that is not given.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last, const device& d) noexcept {
  return d.is_mac() ? to_chars(first, last, d.mac()) : to_chars(first, last, d.name());
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const device& d) {
  return detail::to_string_by_to_chars(d);
}

/// The fields that the target has, addresses in their shortest form: parse_target gives back the same target
/// wherever check() finds nothing. shortest() and full() choose which fields those are.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last, const target& t) noexcept {
  detail::writer out{first, last};
  if (t.extended) out.put('+');
  if (t.release) out.put('r');
  if (t.local_port) out.put_value(*t.local_port);
  out.put('@');
  if (t.local_ip) out.put_value(*t.local_ip);
  out.put('/').put_value(t.local_device).put(',');
  if (t.remote_port) out.put_value(*t.remote_port);
  out.put('@').put_value(t.remote_ip).put('/');
  if (t.remote_mac) out.put_value(*t.remote_mac);
  return out.result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const target& t) {
  return detail::to_string_by_to_chars(t);
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::target> {
  std::size_t operator()(const netcon::target& t) const noexcept {
    std::array<char, netcon::target::max_text> text;
    const auto end = to_chars(text.data(), text.data() + text.size(), t).ptr;
    return std::hash<std::string_view>{}({text.data(), end});
  }
};
