// SPDX-License-Identifier: MIT
// The kernel's own lines about netconsole, from /dev/kmsg or a copy of it. Linux.
#pragma once

#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/log_meaning.hpp>
#include <netcon/os/internal/machine_files.hpp>
#include <netcon/wire/escape.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// Keeps the newest lines that are about netconsole.
class message_filter {
 public:
  /// A record of /dev/kmsg: "PRIORITY,SEQUENCE,TIME,FLAGS;TEXT", then its dictionary.
  void push(std::string_view record) {
    record = record.substr(0, record.find('\n'));
    const auto semicolon = record.find(';');
    if (semicolon == record.npos) return;
    // Text that programs wrote there is not the kernel's: its facility is 0.
    const auto comma = record.find(',');
    unsigned priority = 0;
    const auto [at, code] =
        std::from_chars(record.data(), record.data() + std::min(comma, semicolon), priority);
    if (code != std::errc{} || priority > 7) return;
    auto text = unescape(record.substr(semicolon + 1));
    if (!doctor::is_netconsole_line(text)) return;
    if (lines_.size() == doctor::most_log_lines) lines_.erase(lines_.begin());
    lines_.push_back(std::move(text));
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_{};
};

inline doctor::fact<std::vector<std::string>> read_kernel_messages(const machine_files& files) {
  constexpr std::string_view path = "/dev/kmsg";
  using lines = doctor::fact<std::vector<std::string>>;
  const descriptor file{::open(files.place(path).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) return lines::unknown(unreadable(path, errno));
  message_filter kept;
  if (!S_ISCHR(status.st_mode)) {
    const auto text = files.read(path);
    if (!text) return lines::unknown(text.reason());
    each_line(*text, [&](std::string_view line) { kept.push(line); });
    return kept.take();
  }
  std::array<char, 16384> record{};
  for (;;) {
    const auto size = ::read(file.get(), record.data(), record.size());
    if (size > 0) {
      kept.push({record.data(), static_cast<std::size_t>(size)});
    } else if (size == 0 || errno == EAGAIN) {
      return kept.take();
    } else if (errno != EINTR && errno != EPIPE) {  // EPIPE: records were overwritten meanwhile
      return lines::unknown(unreadable(path, errno));
    }
  }
}

}  // namespace netcon::inline v0_1::detail
