// SPDX-License-Identifier: MIT
#include "output/syslog_destination.hpp"

#include "options/address.hpp"

#include <netcon/os/descriptor.hpp>
#include <netcon/os/socket_address.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tool {

using namespace std::chrono_literals;

namespace {

/// How a call ends whose time of SO_SNDTIMEO is over says only that there was no room, or no answer yet.
std::error_code last_problem() {
  if (errno == EAGAIN || errno == EINPROGRESS) return std::make_error_code(std::errc::timed_out);
  return netcon::last_error();
}

}  // namespace

std::expected<syslog_address, std::string> parse_syslog_address(std::string_view text) {
  const auto colon = text.find(':');
  const auto scheme = text.substr(0, colon);
  syslog_address out;
  if (text.starts_with("unix:")) {
    out.how = syslog_address::kind::unix_socket;
    out.path = text.substr(colon + 1);
    if (out.path.empty() || out.path.size() >= sizeof(sockaddr_un::sun_path))
      return std::unexpected{fmt::format("'{}': the path of a socket has 1 to {} bytes", text,
                                         sizeof(sockaddr_un::sun_path) - 1)};
    return out;
  }
  if (colon == text.npos || (scheme != "udp" && scheme != "tcp"))
    return std::unexpected{fmt::format("'{}': write udp:HOST[:PORT], tcp:HOST[:PORT] or unix:PATH", text)};
  out.how = scheme == "tcp" ? syslog_address::kind::tcp : syslog_address::kind::udp;
  auto to = read_destination(text.substr(colon + 1), netcon::port{514});
  if (!to) return std::unexpected{to.error()};
  out.name = std::move(to->name);
  out.to = to->end;
  out.to.address = out.to.address.unmapped();
  return out;
}

std::expected<void, std::string> look_up_server(syslog_address& server) {
  if (server.name.empty()) return {};
  const auto to = look_up(written_destination{server.name, server.to});
  if (!to) return std::unexpected{to.error()};
  server.to = *to;
  server.name.clear();
  return {};
}

std::error_code syslog_destination::connect() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_try_) return why_not_;
  next_try_ = now + 1s;
  why_not_ = std::make_error_code(std::errc::not_connected);
  const auto problem = open_socket();
  if (problem) why_not_ = problem;
  return problem;
}

std::error_code syslog_destination::open_socket() {
  const auto open = [&](int family, int type, const sockaddr* address, socklen_t size) -> std::error_code {
    socket_ = netcon::descriptor{::socket(family, type | SOCK_CLOEXEC, 0)};
    if (!socket_) return netcon::last_error();
    const timeval limit{5, 0};
    netcon::set_socket_option(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, limit);
    stream_ = type == SOCK_STREAM;
    if (::connect(socket_.get(), address, size) == 0) return {};
    const auto problem = last_problem();
    socket_ = {};
    return problem;
  };
  if (to_.how != syslog_address::kind::unix_socket) {
    const netcon::socket_address address{to_.to};
    const int type = to_.how == syslog_address::kind::tcp ? SOCK_STREAM : SOCK_DGRAM;
    return open(netcon::family_of(to_.to.address), type, address.get(), address.size);
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, to_.path.data(), to_.path.size());
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  auto problem = open(AF_UNIX, SOCK_DGRAM, generic, sizeof address);
  if (problem == std::errc::wrong_protocol_type)
    problem = open(AF_UNIX, SOCK_STREAM, generic, sizeof address);
  return problem;
}

/// Whether the server has closed the connection: what is sent into it would be lost, and count as written.
/// Not of one that is new: some servers close their own direction only, and each look would make another.
bool syslog_destination::has_hung_up() const {
  if (!socket_ || !stream_ || std::chrono::steady_clock::now() < next_try_) return false;
  pollfd end{socket_.get(), POLLRDHUP, 0};
  return ::poll(&end, 1, 0) > 0;
}

std::error_code syslog_destination::send(std::string_view message) {
  std::string framed;
  if (stream_) {
    // Octet counting is for servers (RFC 6587); daemons of this machine read lines.
    framed = to_.how == syslog_address::kind::tcp ? fmt::format("{} {}", message.size(), message)
                                                  : fmt::format("{}\n", message);
    message = framed;
  }
  while (!message.empty()) {
    const auto size = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
    if (size >= 0) {
      message.remove_prefix(static_cast<std::size_t>(size));
    } else if (errno != EINTR) {
      // The refusal of an earlier datagram; this one has not been sent.
      if (errno == ECONNREFUSED && !stream_ && to_.how == syslog_address::kind::udp) {
        ++counters_.refused;
        continue;
      }
      return last_problem();
    }
  }
  return {};
}

std::string cut_message(std::string_view message, std::size_t most) {
  constexpr std::size_t mark_room = 48;
  auto size = std::min(message.size(), most - std::min(most, mark_room));
  while (size != 0 && (static_cast<unsigned char>(message[size]) & 0xc0) == 0x80) --size;
  return fmt::format("{}[... {} bytes cut ...]", message.substr(0, size), message.size() - size);
}

std::error_code syslog_destination::send_cut(std::string_view message) {
  constexpr std::size_t longest_over_udp = 65507, shortest = 480;  // RFC 5424 asks every receiver for 480
  auto problem = std::make_error_code(std::errc::message_size);
  for (auto most = std::min(message.size() - 1, longest_over_udp);
       problem == std::errc::message_size && most >= shortest; most /= 2)
    problem = send(cut_message(message, most));
  if (!problem) ++counters_.cut;
  return problem;
}

std::error_code syslog_destination::deliver(std::string_view message) {
  std::error_code problem;
  // The server may have restarted in between: try once more, on a new connection.
  for (int tries = 0; tries < 2; ++tries) {
    if (abandoned()) return std::make_error_code(std::errc::timed_out);
    if (!socket_)
      if (const auto refused = connect())
        return refused == std::errc::not_connected && problem ? problem : refused;
    problem = send(message);
    if (problem == std::errc::message_size) problem = send_cut(message);
    if (!problem) {
      ++progress();
      return {};
    }
    // Nothing is wrong with the connection: the next message is shorter, or finds room.
    if (problem == std::errc::message_size || problem == std::errc::no_buffer_space) return problem;
    socket_ = {};
    // A broken pipe would end the output; a server may come back.
    if (problem == std::errc::broken_pipe) problem = std::make_error_code(std::errc::not_connected);
  }
  return problem;
}

destination::result syslog_destination::write(const std::string&, std::string_view text) {
  if (has_hung_up()) socket_ = {};
  const auto size = text.size();
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto problem = deliver(text.substr(0, end))) return {size - text.size(), {problem, {}}};
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {size, {}};
}

}  // namespace tool
