// SPDX-License-Identifier: MIT
// What the tools that read a serial console put before each of its lines: a time, a level, a name.
#pragma once

#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// Before each line of the hypervisor.
inline constexpr std::string_view xen_mark = "(XEN) ";

/// "07:40:32", or "07:40.32" of MobaXterm, with a fraction that a point, a comma or a colon begins.
constexpr std::optional<std::chrono::microseconds> read_tool_clock(stamp_reader& from) noexcept {
  if (from.rest.size() < 8) return std::nullopt;
  char plain[] = "00:00:00";
  for (std::size_t i = 0; i < 8; ++i) plain[i] = from.rest[i];
  if (plain[5] == '.') plain[5] = ':';
  stamp_reader clock{{plain, 8}};
  auto time = read_clock(clock);
  if (!time) return std::nullopt;
  from.rest.remove_prefix(8);
  auto fraction = from;
  if (!fraction.skip('.') && !fraction.skip(',') && !fraction.skip(':')) return time;
  if (fraction.rest.empty() || !is_digit(fraction.rest.front())) return time;
  *time += std::chrono::microseconds{take_fraction(fraction)};
  from = fraction;
  return time;
}

/// A time at the front of a prefix.
struct tool_time {
  bool is_dated = false;           // even where that is no day that exists
  std::optional<log_time> time{};  // absent: the day or the century is not said
};

/// "2026-11-28 07:40:32.123", "[2026-11-28 07:40:32 UTC]", "[2026-11-28_07:40:32]", "20261128 07:40:32",
/// "26-11-28 07:40:32", "(07:40:32.123)", "[07:40:32:123]". Nothing: none is there.
constexpr std::optional<tool_time> read_tool_time(stamp_reader& from, const log_clock& clock) noexcept {
  auto at = from;
  at.skip_spaces();
  if (!at.skip('[')) at.skip('(');
  tool_time out;
  auto date = at;
  if (const auto time = read_tool_clock(at)) {
    from = at;
    return out;
  }
  auto year = date.digits(4, 4);
  if (!year) {
    if (!date.digits(2, 2)) return std::nullopt;
  }
  for (const char between : {'-', '/', '.'})
    if (date.skip(between)) break;
  const auto month = date.digits(2, 2);
  for (const char between : {'-', '/', '.'})
    if (date.skip(between)) break;
  const auto day = date.digits(2, 2);
  if (!month || !day || date.rest.size() < 2) return std::nullopt;
  if (!date.skip('_') && !date.skip('T')) date.skip(',');
  date.skip_spaces();
  const auto time = read_tool_clock(date);
  if (!time) return std::nullopt;
  out.is_dated = true;
  const bool is_utc =
      date.rest.starts_with('Z') || date.rest.starts_with(" UTC") || date.rest.starts_with(" GMT");
  if (year) {
    const auto number = static_cast<int>(*year);
    out.time =
        is_utc ? make_time(number, *month, *day, *time) : make_time(number, *month, *day, *time, clock);
    if (out.time) out.time = believed(*out.time);
  }
  from = date;
  return out;
}

/// Whether text has no small letter: digits, marks and words such as INFO and UTC.
constexpr bool is_without_words(std::string_view text, bool may_have_capitals) noexcept {
  for (const char c : text)
    if ((c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80 ||
        (!may_have_capitals && c >= 'A' && c <= 'Z'))
      return false;
  return true;
}

/// "00: ", the number of the processor that z/VM puts before the lines of its guest.
constexpr bool is_processor_of_zvm(std::string_view text) noexcept {
  return text.size() == 4 && is_digit(text[0]) && is_digit(text[1]) && text.ends_with(": ");
}

/// Whether two texts differ in digits only.
constexpr bool have_equal_shape(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && (!is_digit(a[i]) || !is_digit(b[i]))) return false;
  return true;
}

/// Tells what a tool put before the kernel's stamp from what a program wrote there. That is a time, or what
/// the line before had before its stamp.
class tool_prefix {
 public:
  /// Whether text, behind which the kernel's stamp stands, is none of the console's. The number is that of
  /// the line in its log.
  bool take(std::string_view text, std::uint64_t number, const log_clock& clock, log_line& out) {
    if (text.size() > longest) return false;
    stamp_reader at{text};
    const auto time = read_tool_time(at, clock);
    if (time && time->time && !out.time) out.time = time->time;
    const bool is_dated = out.time || (time && time->is_dated);
    const bool is_repeated = number == number_ + 1 && have_equal_shape(text, last_);
    if (!is_repeated) last_ = text;
    number_ = number;
    return is_repeated || ((is_dated || time) && is_without_words(at.rest, is_dated)) ||
           is_processor_of_zvm(text);
  }

 private:
  static constexpr std::size_t longest = 80;
  std::string last_;
  std::uint64_t number_ = 0;  // of the line that had it
};

}  // namespace netcon::inline v0_1::detail
