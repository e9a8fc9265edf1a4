// SPDX-License-Identifier: MIT
#include <netcon/wire/printk_format.hpp>

#include "support/catch.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

using namespace netcon;

namespace {

std::string basic(const log_record& record, const basic_format& format) {
  std::string out;
  format_basic(record, format, out);
  return out;
}

}  // namespace

TEST_CASE("each line of a basic record has the prefix") {
  const log_record record{.priority = 14, .timestamp_us = 5123456, .caller = "T1", .text = "a\nb"};
  CHECK(basic({.timestamp_us = 12345678, .text = "usb 1-1: new device"}, {}) ==
        "[   12.345678] usb 1-1: new device\n");
  CHECK(basic(record, {}) == "[    5.123456] a\n[    5.123456] b\n");
  CHECK(basic(record, {.caller = true}) == "[    5.123456][    T1] a\n[    5.123456][    T1] b\n");
  CHECK(basic(record, {.syslog = true}) == "<14>[    5.123456] a\n<14>[    5.123456] b\n");
  CHECK(basic(record, {.time = false}) == "a\nb\n");
  CHECK(basic({.timestamp_us = 123456000001, .text = ""}, {}) == "[123456.000001] \n");
  CHECK(basic({.timestamp_us = 999999, .text = "x"}, {}) == "[    0.999999] x\n");
  CHECK(basic({.text = "x"}, {.syslog = true}) == "<6>[    0.000000] x\n");
  CHECK(basic(record, {.time = false, .caller = true}) == "[    T1] a\n[    T1] b\n");
  CHECK(basic({.text = "x"}, {.time = false, .caller = true}) == "x\n");
  CHECK(basic({.caller = "T12345", .text = "x"}, {.time = false, .caller = true}) == "[T12345] x\n");
  CHECK(basic({.caller = "T1234", .text = "x"}, {.time = false, .caller = true}) == "[ T1234] x\n");
}

TEST_CASE("a formatted record ends where the kernel's buffer ends") {
  const auto v61 = kernel_profile{6, 1, 192}, v73 = kernel_profile{7, 3, 4};
  std::array<char, max_formatted> buffer{};
  const std::string text(600, '\n');
  const auto plain = std::string(3000, 'A');
  const auto full = format_extended({.sequence = 416, .text = plain}, v73, buffer);
  CHECK(full->header.size() + 1 + full->body.size() == 2048);
  CHECK(full->body.ends_with("A"));
  CHECK(format_extended({.sequence = 416, .text = text}, v61, buffer)->body.size() == 4 * 600 + 1);
  const auto longest = std::string(9000, 'A');
  const auto old = format_extended({.text = longest}, v61, buffer);
  CHECK(old->header == "6,0,0,-");
  CHECK(old->header.size() + 1 + old->body.size() == 8192);
  CHECK(std::string_view{buffer.data(), 9} == "6,0,0,-;A");
  // A buffer that ends before the kernel's: the caller is told, and a record that fits is written.
  const auto small = std::span{buffer}.first(100);
  CHECK(format_extended({.text = longest}, v61, small).error() == text_errc::buffer_too_small);
  CHECK(format_extended({.text = std::string_view{longest}.substr(0, 92)}, v61, small).error() ==
        text_errc::buffer_too_small);
  CHECK(format_extended({.text = std::string_view{longest}.substr(0, 91)}, v61, small)->body.size() == 92);
  CHECK(format_extended({.text = "x", .subsystem = longest}, v61, small).error() ==
        text_errc::buffer_too_small);
  CHECK(format_extended({.text = "x"}, v61, std::span<char>{}).error() == text_errc::buffer_too_small);
  CHECK(format_extended({.priority = 2048, .text = "x"}, v61, buffer).error() == text_errc::bad_priority);
}
