// What the kernel answers to a file operation: a value or an errno, in words that people know.
#pragma once

#include <netcon/core/error_texts.hpp>

#include <cerrno>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon::configfs {

/// The kernel's own ENOTSUPP: it reaches user space though no header there names it.
inline constexpr int enotsupp = 524;

/// A result or the errno, as a std::error_code of the system category.
template <class T>
using answer = std::expected<T, std::error_code>;

inline std::error_code kernel_error(int number) noexcept {
  return {number, std::system_category()};
}
inline std::unexpected<std::error_code> refuse(int number) noexcept {
  return std::unexpected{kernel_error(number)};
}

/// "EINVAL" and so on; empty for a code that netconsole's directory does not give.
constexpr std::string_view error_name(int number) noexcept {
  switch (number) {
    case EPERM:
      return "EPERM";
    case ENOENT:
      return "ENOENT";
    case EIO:
      return "EIO";
    case E2BIG:
      return "E2BIG";
    case EAGAIN:
      return "EAGAIN";
    case ENOMEM:
      return "ENOMEM";
    case EACCES:
      return "EACCES";
    case EFAULT:
      return "EFAULT";
    case EBUSY:
      return "EBUSY";
    case EEXIST:
      return "EEXIST";
    case ENODEV:
      return "ENODEV";
    case ENOTDIR:
      return "ENOTDIR";
    case EISDIR:
      return "EISDIR";
    case EINVAL:
      return "EINVAL";
    case ENOSPC:
      return "ENOSPC";
    case EROFS:
      return "EROFS";
    case ELOOP:
      return "ELOOP";
    case ERANGE:
      return "ERANGE";
    case ENAMETOOLONG:
      return "ENAMETOOLONG";
    case ENOTEMPTY:
      return "ENOTEMPTY";
    case EDESTADDRREQ:
      return "EDESTADDRREQ";
    case EMSGSIZE:
      return "EMSGSIZE";
    case enotsupp:
      return "ENOTSUPP";
    default:
      return "";
  }
}

/// "Invalid argument (EINVAL)"; also knows 524, which strerror does not.
inline std::string describe(const std::error_code& code) {
  std::string text = code.value() == enotsupp ? "Operation is not supported" : code.message();
  if (const auto name = error_name(code.value()); !name.empty()) text.append(" (").append(name).append(")");
  return text;
}

}  // namespace netcon::configfs
