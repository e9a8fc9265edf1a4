// Linux's error numbers by name, for results of a kernel on another machine: <cerrno> has those of the system
// that the program is compiled for. The numbers are those of asm-generic; a few architectures (mips, alpha,
// parisc, sparc) number some of those above 34 otherwise.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon {

enum class linux_errno : std::uint16_t {
  eperm = 1,
  enoent = 2,
  eio = 5,
  e2big = 7,
  eagain = 11,
  enomem = 12,
  eacces = 13,
  efault = 14,
  ebusy = 16,
  eexist = 17,
  enodev = 19,
  enotdir = 20,
  eisdir = 21,
  einval = 22,
  enospc = 28,
  erofs = 30,
  erange = 34,
  enametoolong = 36,
  enotempty = 39,
  eloop = 40,
  edestaddrreq = 89,
  emsgsize = 90,
  enotsupp = 524,  // the kernel's own: it reaches user space though no header there names it
};

/// A row of the table of error numbers.
struct linux_errno_text {
  linux_errno number;
  std::string_view name;
  std::string_view message;
};

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
constexpr std::string_view name(linux_errno number) noexcept {
  for (const auto& row : linux_errno_texts)
    if (row.number == number) return row.name;
  return {};
}

/// The C library's words for it; empty for a number that is not in the table.
constexpr std::string_view message(linux_errno number) noexcept {
  for (const auto& row : linux_errno_texts)
    if (row.number == number) return row.message;
  return {};
}

/// The number of that name.
constexpr std::optional<linux_errno> parse_linux_errno(std::string_view name) noexcept {
  for (const auto& row : linux_errno_texts)
    if (row.name == name) return row.number;
  return std::nullopt;
}

}  // namespace netcon
