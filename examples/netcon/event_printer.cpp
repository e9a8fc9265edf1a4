#include "event_printer.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tool {

bool wants_colour(int fd, bool refused) {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  return !refused && (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view{term} != "dumb") && ::isatty(fd) != 0;
}

std::expected<bool, std::string> write_out(int fd, std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto size = ::write(fd, rest.data(), rest.size());
    if (size >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(size));
    } else if (errno == EAGAIN) {
      pollfd room{fd, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno == EPIPE) {
      text.clear();
      return false;
    } else if (errno != EINTR) {
      return std::unexpected{fmt::format("cannot write the output: {}", std::strerror(errno))};
    }
  }
  text.clear();
  return true;
}

}  // namespace tool
