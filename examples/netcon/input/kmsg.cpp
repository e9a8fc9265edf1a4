// SPDX-License-Identifier: MIT
#include "input/kmsg.hpp"

#include "input/text_records.hpp"

#include <netcon/os/descriptor.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tool {
namespace {

using result = std::expected<kmsg_counts, std::string>;
using record_sink = std::function<bool(std::string_view)>;

using netcon::descriptor;

std::unexpected<std::string> failed(const std::string& path, int code) {
  std::string what = fmt::format("{}: {}", path, std::strerror(code));
  if (path == "/dev/kmsg") {
    if (code == ENOENT || code == ENXIO)
      what += "; a container may have none: give --kmsg FILE, --replay FILE or lines on standard input";
    else if (code == EPERM || code == EACCES)
      what += "; the kernel log is for root here: use sudo, or sysctl kernel.dmesg_restrict=0";
  }
  return std::unexpected{std::move(what)};
}

/// Each read of the device gives one record.
result read_device(const std::string& path, const descriptor& device, bool follow, int stop_fd,
                   const record_sink& sink) {
  kmsg_counts counts;
  std::array<char, 16384> record{};
  for (;;) {
    const auto size = ::read(device.get(), record.data(), record.size());
    if (size > 0) {
      ++counts.records;
      if (!sink({record.data(), static_cast<std::size_t>(size)})) return counts;
    } else if (size == 0) {
      return counts;
    } else if (errno == EPIPE) {
      ++counts.overruns;
    } else if (errno == EAGAIN) {
      if (!follow) return counts;
      std::array<pollfd, 2> wait{{{device.get(), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
      if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return failed(path, errno);
      if (wait[1].revents != 0) return counts;
    } else if (errno != EINTR) {
      return failed(path, errno);
    }
  }
}

/// A file holds one record after the other; the lines of a dictionary begin with a blank.
result read_file(const std::string& path, const descriptor& file, int stop_fd, const record_sink& sink) {
  kmsg_counts counts;
  std::string record;
  bool go_on = true;
  const auto hand_on = [&] {
    if (record.empty() || !go_on) return;
    ++counts.records;
    go_on = sink(record);
    record.clear();
  };
  const auto done = read_lines(file.get(), path, stop_fd, [&](std::string_view line) {
    if (!line.starts_with(' ')) hand_on();
    record.append(line).push_back('\n');
  });
  if (!done) return std::unexpected{done.error()};
  hand_on();
  return counts;
}

}  // namespace

result read_kmsg(const std::string& path, bool follow, int stop_fd, const record_sink& sink) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  struct stat kind{};
  if (file.get() < 0 || ::fstat(file.get(), &kind) != 0) return failed(path, errno);
  if (S_ISCHR(kind.st_mode)) return read_device(path, file, follow, stop_fd, sink);
  if (S_ISDIR(kind.st_mode)) return failed(path, EISDIR);
  if (follow)
    return std::unexpected{fmt::format("{}: --follow needs the device /dev/kmsg, not a file", path)};
  return read_file(path, file, stop_fd, sink);
}

}  // namespace tool
