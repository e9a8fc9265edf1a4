// SPDX-License-Identifier: MIT
// Linux's error numbers by name, for results of a kernel on another machine: <cerrno> has those of the system
// that the program is compiled for. The numbers are those of asm-generic; a few architectures (mips, alpha,
// parisc, sparc) number some of those above 34 otherwise.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// The error numbers that writing to configfs or sending can give, in the numbering of asm-generic.
enum class linux_errno : std::uint16_t {
  eperm = 1,          ///< Operation not permitted
  enoent = 2,         ///< No such file or directory
  eio = 5,            ///< Input/output error
  e2big = 7,          ///< Argument list too long
  eagain = 11,        ///< Resource temporarily unavailable
  enomem = 12,        ///< Cannot allocate memory
  eacces = 13,        ///< Permission denied
  efault = 14,        ///< Bad address
  ebusy = 16,         ///< Device or resource busy
  eexist = 17,        ///< File exists
  enodev = 19,        ///< No such device
  enotdir = 20,       ///< Not a directory
  eisdir = 21,        ///< Is a directory
  einval = 22,        ///< Invalid argument
  enospc = 28,        ///< No space left on device
  erofs = 30,         ///< Read-only file system
  erange = 34,        ///< Numerical result out of range
  enametoolong = 36,  ///< File name too long
  enotempty = 39,     ///< Directory not empty
  eloop = 40,         ///< Too many levels of symbolic links
  edestaddrreq = 89,  ///< Destination address required
  emsgsize = 90,      ///< Message too long
  enotsupp = 524,     ///< Operation is not supported
};

/// A row of the table of error numbers.
struct linux_errno_text {
  linux_errno number;        ///< the key of the row
  std::string_view name;     ///< in capitals, as C headers name it
  std::string_view message;  ///< glibc's words in English; it has none for ENOTSUPP
};

/// One row for each linux_errno, in the order of their numbers.
inline constexpr auto linux_errno_texts = std::to_array<linux_errno_text>({
    {linux_errno::eperm, "EPERM", "Operation not permitted"},
    {linux_errno::enoent, "ENOENT", "No such file or directory"},
    {linux_errno::eio, "EIO", "Input/output error"},
    {linux_errno::e2big, "E2BIG", "Argument list too long"},
    {linux_errno::eagain, "EAGAIN", "Resource temporarily unavailable"},
    {linux_errno::enomem, "ENOMEM", "Cannot allocate memory"},
    {linux_errno::eacces, "EACCES", "Permission denied"},
    {linux_errno::efault, "EFAULT", "Bad address"},
    {linux_errno::ebusy, "EBUSY", "Device or resource busy"},
    {linux_errno::eexist, "EEXIST", "File exists"},
    {linux_errno::enodev, "ENODEV", "No such device"},
    {linux_errno::enotdir, "ENOTDIR", "Not a directory"},
    {linux_errno::eisdir, "EISDIR", "Is a directory"},
    {linux_errno::einval, "EINVAL", "Invalid argument"},
    {linux_errno::enospc, "ENOSPC", "No space left on device"},
    {linux_errno::erofs, "EROFS", "Read-only file system"},
    {linux_errno::erange, "ERANGE", "Numerical result out of range"},
    {linux_errno::enametoolong, "ENAMETOOLONG", "File name too long"},
    {linux_errno::enotempty, "ENOTEMPTY", "Directory not empty"},
    {linux_errno::eloop, "ELOOP", "Too many levels of symbolic links"},
    {linux_errno::edestaddrreq, "EDESTADDRREQ", "Destination address required"},
    {linux_errno::emsgsize, "EMSGSIZE", "Message too long"},
    {linux_errno::enotsupp, "ENOTSUPP", "Operation is not supported"},
});

/// "EINVAL" and so on; empty for a number that is not in the table.
[[nodiscard]] constexpr std::string_view name(linux_errno number) noexcept {
  for (const auto& row : linux_errno_texts)
    if (row.number == number) return row.name;
  return {};
}

/// The C library's words for it; empty for a number that is not in the table.
[[nodiscard]] constexpr std::string_view message(linux_errno number) noexcept {
  for (const auto& row : linux_errno_texts)
    if (row.number == number) return row.message;
  return {};
}

/// The number of that name.
[[nodiscard]] constexpr std::optional<linux_errno> parse_linux_errno(std::string_view name) noexcept {
  for (const auto& row : linux_errno_texts)
    if (row.name == name) return row.number;
  return std::nullopt;
}

}  // namespace netcon::inline v0_1
