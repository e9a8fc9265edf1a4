#include "stream_destination.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace tool {

std::error_code stream_destination::write(std::string_view, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(fd_, text.data(), text.size());
    if (size >= 0) {
      text.remove_prefix(static_cast<std::size_t>(size));
    } else if (errno == EAGAIN) {
      pollfd room{fd_, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return {errno, std::generic_category()};
    }
  }
  return {};
}

}  // namespace tool
