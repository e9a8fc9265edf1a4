// SPDX-License-Identifier: MIT
// How a kernel reads what is written to ports and switches.
#pragma once

#include <netcon/configfs/kernel_error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netcon::inline v0_1::configfs {

/// Each reads a text up to its NUL: 0, or the errno, which leaves the value as it was.
class value_reader {
 public:
  /// Reads as that kernel does.
  explicit constexpr value_reader(const kernel_profile& kernel) noexcept : kernel_{kernel} {}

  /// 0 to 65535, with a newline after it. EINVAL, and from 3.8 on ERANGE.
  [[nodiscard]] linux_errno read_port(std::string_view text, std::uint16_t& to) const noexcept {
    if (kernel_.supports(feature::strict_numbers)) return number_errno(detail::read_kernel_u16(text, to));
    std::uint64_t read = 0;
    const auto code = read_old_number(text, 0xffff, read);
    if (code == no_error) to = static_cast<std::uint16_t>(read);
    return code;
  }

  /// As kstrtobool reads it. EINVAL.
  [[nodiscard]] linux_errno read_bool(std::string_view text, bool& to) const noexcept {
    const auto read = detail::read_kernel_bool(text, kernel_.supports(feature::wide_kstrtobool));
    if (!read) return linux_errno::einval;
    to = *read;
    return no_error;
  }

  /// enabled and extended, which were integers once.
  [[nodiscard]] linux_errno read_switch(std::string_view text, bool& to) const noexcept {
    if (kernel_.supports(feature::kstrtobool_switches)) return read_bool(text, to);
    int number = 0;
    if (kernel_.supports(feature::strict_numbers)) {
      if (const auto code = number_errno(detail::read_kernel_int(text, number)); code != no_error)
        return code;
      if (number < 0 || number > 1) return linux_errno::einval;
    } else {
      std::uint64_t read = 0;
      if (const auto code = read_old_number(text, 1, read); code != no_error) return code;
      number = static_cast<int>(read);
    }
    to = number != 0;
    return no_error;
  }

 private:
  static linux_errno number_errno(detail::number_state read) noexcept {
    switch (read) {
      case detail::number_state::ok:
        return no_error;
      case detail::number_state::overflow:
        return linux_errno::erange;
      case detail::number_state::not_a_number:
        break;
    }
    return linux_errno::einval;
  }

  // Before 3.8: simple_strtol, so no digits at all are 0; whatever is wrong is EINVAL.
  static linux_errno read_old_number(std::string_view text, std::uint64_t most,
                                     std::uint64_t& value) noexcept {
    std::size_t digits = 0;
    while (digits < text.size() && detail::is_digit(text[digits])) ++digits;
    std::uint64_t read = 0;
    if (detail::read_decimal(text.substr(0, digits), read) == detail::number_state::overflow)
      return linux_errno::einval;
    if (digits < text.size() && text[digits] != '\n') return linux_errno::einval;
    if (read > most) return linux_errno::einval;
    value = read;
    return no_error;
  }

  kernel_profile kernel_;
};

}  // namespace netcon::inline v0_1::configfs
