// SPDX-License-Identifier: MIT
// The kernel's result of a file operation: a value or an errno, with its name.
#pragma once

#include <netcon/core/linux_errno.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1::configfs {

/// A value or the errno, as a std::error_code of the system category.
template <class T>
using result = std::expected<T, std::error_code>;

/// Success, where a function returns an errno.
inline constexpr linux_errno no_error{};

/// The number in the system category.
[[nodiscard]] inline std::error_code kernel_error(linux_errno number) noexcept {
  return {static_cast<int>(number), std::system_category()};
}
/// The number as the error of a result.
[[nodiscard]] inline std::unexpected<std::error_code> refuse(linux_errno number) noexcept {
  return std::unexpected{kernel_error(number)};
}
/// Of errno, as a system call has set it.
[[nodiscard]] inline std::unexpected<std::error_code> refuse(int number) noexcept {
  return refuse(static_cast<linux_errno>(number));
}

/// The kernel's number in an error that one of its operations gave.
[[nodiscard]] inline linux_errno number_of(const std::error_code& code) noexcept {
  return static_cast<linux_errno>(code.value());
}

/// "Invalid argument (EINVAL)"; also knows 524, which strerror does not.
[[nodiscard]] inline std::string describe(const std::error_code& code) {
  const auto number = number_of(code);
  std::string text{message(number)};
  if (text.empty()) return code.message();
  return text.append(" (").append(name(number)).append(")");
}

}  // namespace netcon::inline v0_1::configfs
