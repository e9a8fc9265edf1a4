// SPDX-License-Identifier: MIT
// How printk formats a record for a console: the extended form and the basic one.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/lifetime.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/wire/escape.hpp>
#include <netcon/wire/record.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// A record of the kernel's log, before any console formats it.
struct log_record {
  std::uint16_t priority = 6;              ///< facility x 8 + level
  std::uint64_t sequence = 0;              ///< counts up from 0 at each boot
  std::uint64_t timestamp_us = 0;          ///< microseconds on the local clock since boot
  continuation flag = continuation::none;  ///< whether it continues the record before it
  std::string_view caller{};               ///< "T123" or "C0"; empty: none
  std::string_view text{};                 ///< raw bytes, without the final newline
  std::string_view subsystem{};            ///< dictionary, raw; empty: none
  std::string_view device{};               ///< dictionary, such as "+pci:0000:00:1f.2", raw; empty: none
};

/// The two parts of the text that format_extended wrote: before and after the first ';'.
struct formatted_record {
  std::string_view header;  ///< priority to caller, without ';'
  std::string_view body;    ///< text and dictionary, escaped, with their newlines
};

/// The most bytes that format_extended writes: CONSOLE_EXT_LOG_MAX before 6.3, PRINTK_MESSAGE_MAX since.
[[nodiscard]] constexpr std::size_t formatted_limit(const kernel_profile& kernel) noexcept {
  return kernel.supports(feature::short_records) ? 2048 : 8192;
}
/// formatted_limit() of every kernel: a buffer of this size serves all.
inline constexpr std::size_t max_formatted = 8192;

namespace detail {

/// Fills a buffer as printk does: a plain byte may take the last byte of the buffer, an escape may not.
class clipped_writer {
 public:
  constexpr clipped_writer(char* first, std::size_t size) noexcept
      : begin_{first}, at_{first}, end_{first + size} {}

  constexpr void byte(char c) noexcept {
    if (at_ < end_) {
      *at_++ = c;
    } else {
      clipped_ = true;
    }
  }
  constexpr void bytes(std::string_view text) noexcept {
    for (const char c : text) {
      if (end_ - at_ > 1) {
        *at_++ = c;
      } else {
        clipped_ = true;
      }
    }
  }
  constexpr void escaped(std::string_view text) noexcept {
    for (const char c : text) {
      if (is_escaped_by_kernel(c)) {
        const auto value = static_cast<unsigned char>(c);
        const char hex[] = {'\\', 'x', hex_digits[value >> 4], hex_digits[value & 15]};
        bytes({hex, 4});
      } else {
        byte(c);
      }
    }
  }
  constexpr void decimal(std::uint64_t value) noexcept {
    std::array<char, 20> digits{};
    bytes({digits.data(), write_decimal(digits.data(), digits.data() + digits.size(), value).ptr});
  }
  constexpr std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
  /// Whether something found no room.
  constexpr bool clipped() const noexcept { return clipped_; }

 private:
  char* begin_;
  char* at_;
  char* end_;
  bool clipped_ = false;
};

}  // namespace detail

/// Writes the extended form of a record into buffer, truncated where that kernel's buffer ends: inside an
/// escape, before the newline, or before the dictionary. A buffer of formatted_limit(kernel) bytes, at most
/// max_formatted, always suffices. Errors: bad_priority; buffer_too_small, where buffer ends before that
/// kernel's would.
[[nodiscard]] constexpr std::expected<formatted_record, text_errc> format_extended(
    const log_record& record, const kernel_profile& kernel,
    std::span<char> buffer NETCON_LIFETIMEBOUND) noexcept {
  if (record.priority > 2047) return std::unexpected{text_errc::bad_priority};
  const std::size_t limit = formatted_limit(kernel);
  const std::size_t size = buffer.size() < limit ? buffer.size() : limit;
  detail::clipped_writer out{buffer.data(), size};
  out.decimal(record.priority);
  out.byte(',');
  out.decimal(record.sequence);
  out.byte(',');
  out.decimal(record.timestamp_us);
  out.byte(',');
  out.byte(static_cast<char>(record.flag));
  if (!record.caller.empty()) {
    out.bytes(",caller=");
    out.bytes(record.caller);
  }
  const std::size_t header = out.size();
  out.byte(';');
  out.escaped(record.text);
  out.byte('\n');
  const auto line = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out.byte(' ');
    for (const char c : key) out.byte(c);
    out.byte('=');
    out.escaped(value);
    out.byte('\n');
  };
  line("SUBSYSTEM", record.subsystem);
  line("DEVICE", record.device);
  if (out.clipped() && size < limit) return std::unexpected{text_errc::buffer_too_small};
  const std::string_view all{buffer.data(), out.size()};
  return formatted_record{detail::text_up_to(all, header),
                          detail::text_from(all, header < all.size() ? header + 1 : all.size())};
}

/// What a kernel puts before each line of a record for a basic console.
struct basic_format {
  bool time = true;     ///< printk.time
  bool caller = false;  ///< CONFIG_PRINTK_CALLER
  bool syslog = false;  ///< console_msg_format=syslog
};

/// Appends the basic form of a record to out: each of its lines with the prefix before and a newline after
/// it; the bytes stay raw.
inline void format_basic(const log_record& record, const basic_format& format, std::string& out) {
  std::string prefix;
  const auto decimal = [&](std::uint64_t value, std::size_t width, char fill) {
    std::array<char, 20> digits{};
    const std::string_view text{
        digits.data(), detail::write_decimal(digits.data(), digits.data() + digits.size(), value).ptr};
    if (text.size() < width) prefix.append(width - text.size(), fill);
    prefix += text;
  };
  if (format.syslog) {
    prefix += '<';
    decimal(record.priority, 0, ' ');
    prefix += '>';
  }
  if (format.time) {
    prefix += '[';
    decimal(record.timestamp_us / 1000000, 5, ' ');
    prefix += '.';
    decimal(record.timestamp_us % 1000000, 6, '0');
    prefix += ']';
  }
  if (format.caller && !record.caller.empty()) {
    prefix += '[';
    if (record.caller.size() < 6) prefix.append(6 - record.caller.size(), ' ');
    prefix += record.caller;
    prefix += ']';
  }
  if (format.time || (format.caller && !record.caller.empty())) prefix += ' ';
  for (auto text = record.text;;) {
    const auto end = text.find('\n');
    out += prefix;
    out += detail::text_up_to(text, end);
    out += '\n';
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
}

}  // namespace netcon::inline v0_1
