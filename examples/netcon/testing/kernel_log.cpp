// SPDX-License-Identifier: MIT
#include "testing/kernel_log.hpp"

#include <netcon/wire/decode.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace tool {
namespace {

using netcon::descriptor;

std::string explain(const std::string& path, int code) {
  auto what = fmt::format("{}: {}", path, std::strerror(code));
  if (code == EACCES)
    what += "; the kernel's log is for root: use sudo, or --socket, which tests the path without the kernel";
  else if (code == EPERM)
    what +=
        "; it is switched off, or no root is allowed here: sysctl -w kernel.printk_devkmsg=on, or --socket";
  else if (code == ENOENT || code == ENXIO || code == ENODEV)
    what += "; a container may have none: run this on the machine itself, or with --socket";
  return what;
}

/// Reads what came since the log was opened, until the probe is there.
bool is_in(const descriptor& log, const netcon::probe& wanted) {
  std::array<char, 16384> record{};
  for (;;) {
    const auto size = ::read(log.get(), record.data(), record.size());
    if (size > 0) {
      const std::string_view packet{record.data(), static_cast<std::size_t>(size)};
      const auto decoded = netcon::decode(packet);
      if (decoded && netcon::find_probe(*decoded) == wanted) return true;
    } else if (size == 0 || (errno != EINTR && errno != EPIPE)) {
      return false;
    }
  }
}

}  // namespace

std::expected<kernel_log::taken, std::string> kernel_log::write(const netcon::probe& one) const {
  const descriptor log{::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (log) ::lseek(log.get(), 0, SEEK_END);
  // Opened for each probe: the kernel limits the records of each open file, ten in five seconds.
  const descriptor device{::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
  if (!device) return std::unexpected{explain(path_, errno)};
  constexpr int facility_of_programs = 1;
  const auto line =
      fmt::format("<{}>{}\n", facility_of_programs * 8 + static_cast<int>(one.level), to_string(one));
  if (::write(device.get(), line.data(), line.size()) < 0) return std::unexpected{explain(path_, errno)};
  if (!log) return taken::unknown;
  return is_in(log, one) ? taken::yes : taken::no;
}

}  // namespace tool
