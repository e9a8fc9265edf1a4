// SPDX-License-Identifier: MIT
#include "output/journal_destination.hpp"

#include <poll.h>

namespace tool {

using namespace std::chrono_literals;

std::error_code journal_destination::connect() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_try_) return why_not_;
  next_try_ = now + 1s;
  why_not_ = std::make_error_code(std::errc::not_connected);
  auto opened = netcon::journal_socket::open(path_);
  if (!opened) return why_not_ = opened.error();
  socket_ = *std::move(opened);
  return {};
}

std::error_code journal_destination::deliver(std::string_view entry) {
  std::error_code problem;
  // The journal may have restarted in between: try once more, on a new connection.
  for (int tries = 0; tries < 2; ++tries) {
    if (!socket_)
      if (const auto refused = connect())
        return refused == std::errc::not_connected && problem ? problem : refused;
    while (!abandoned()) {
      problem = socket_->send(entry);
      if (problem != std::errc::resource_unavailable_try_again) break;
      constexpr int between_looks = 200;  // milliseconds
      pollfd room{socket_->fd(), POLLOUT, 0};
      ::poll(&room, 1, between_looks);
    }
    if (abandoned()) return std::make_error_code(std::errc::timed_out);
    if (!problem || problem == std::errc::message_size) return problem;
    socket_.reset();
    // A broken pipe would end the output; the journal may come back.
    if (problem == std::errc::broken_pipe) problem = std::make_error_code(std::errc::not_connected);
  }
  return problem;
}

destination::result journal_destination::write(const std::string&, std::string_view text) {
  if (const auto problem = deliver(text)) return {0, {problem, {}}};
  ++progress();
  return {text.size(), {}};
}

}  // namespace tool
