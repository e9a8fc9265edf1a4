// SPDX-License-Identifier: MIT
// The line that counts what a target sent.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/wire/record.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// False for nearly all records without a msgid line; costs one look.
inline bool may_have_msgid(const record_view& message) noexcept {
  const auto body = message.body();
  return body.size() > 1 && is_digit(body[body.size() - (body.back() == '\n' ? 2 : 1)]);
}

/// The value of the msgid line, the last line of a body that has one (Linux 6.17, netconsole.c).
inline std::optional<std::uint32_t> msgid_of(std::string_view body, damage damage = damage::none) noexcept {
  if (damage != damage::last_byte_missing) {
    if (body.empty() || body.back() != '\n') return std::nullopt;
    body.remove_suffix(1);
  }
  constexpr std::size_t most_digits = 10;
  std::size_t digits = 0;
  while (digits < body.size() && digits <= most_digits && is_digit(body[body.size() - 1 - digits])) ++digits;
  constexpr std::string_view key = "\n msgid=";
  if (digits == 0 || digits > most_digits || !body.substr(0, body.size() - digits).ends_with(key))
    return std::nullopt;
  std::uint64_t value = 0;
  read_decimal(body.substr(body.size() - digits), value);
  if (value > 0xffffffffu) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

/// Whether the msgid line may be the end of a task's name: any program may choose one of 15 bytes, with a
/// newline in it, and the kernel writes it as it is (Linux 6.15, netconsole.c).
inline bool may_be_of_taskname(std::string_view body) noexcept {
  constexpr std::string_view key = "\n taskname=";
  constexpr std::size_t longest_name = 15;
  if (body.ends_with('\n')) body.remove_suffix(1);
  if (body.size() > key.size() + longest_name) body.remove_prefix(body.size() - key.size() - longest_name);
  return body.find(key) != body.npos;
}

}  // namespace netcon::inline v0_1::detail

namespace netcon::inline v0_1 {

/// The number that the target gave the record: it counts what it sends, modulo 2^32 (Linux 6.17,
/// netconsole.c). Nothing when there is none, or when it may be a part of a task's name.
[[nodiscard]] inline std::optional<std::uint32_t> msgid(const record_view& record) noexcept {
  if (!detail::may_have_msgid(record) || detail::may_be_of_taskname(record.body())) return std::nullopt;
  return detail::msgid_of(record.body(), record.damage());
}

}  // namespace netcon::inline v0_1
