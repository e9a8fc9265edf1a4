// SPDX-License-Identifier: MIT
#include "output/stream_destination.hpp"

#include "output/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace tool {

stream_destination::stream_destination(int fd) : fd_{fd} {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return;
  is_file_ = S_ISREG(status.st_mode);
  if (!S_ISFIFO(status.st_mode)) return;
  // Others may share the descriptor's flags: a blocking one stays so for them.
  const auto path = fmt::format("/proc/self/fd/{}", fd);
  own_ = netcon::descriptor{::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
  if (own_) fd_ = own_.get();
}

destination::result stream_destination::write(const std::string&, std::string_view text) {
  auto rest = text;
  refusal problem{write_some(fd_, rest, abandoned(), progress()), {}};
  auto taken = text.size() - rest.size();
  if (problem && is_file_ && taken != 0) {
    const auto newline = text.substr(0, taken).rfind('\n');
    const auto whole = newline == text.npos ? 0 : newline + 1;
    const auto end = ::lseek(fd_, 0, SEEK_CUR) - static_cast<off_t>(taken - whole);
    if (::ftruncate(fd_, end) == 0) {
      ::lseek(fd_, end, SEEK_SET);
      taken = whole;
    }
  }
  return {taken, std::move(problem)};
}

}  // namespace tool
