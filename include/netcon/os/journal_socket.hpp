// SPDX-License-Identifier: MIT
// The socket of systemd's journal: entries in its native protocol, large ones as a sealed file in memory.
#pragma once

#include <netcon/os/descriptor.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <expected>
#include <string_view>
#include <system_error>
#include <utility>

namespace netcon::inline v0_1 {

/// Does not block: a socket without room refuses with resource_unavailable_try_again.
class journal_socket {
 public:
  /// Where systemd has it.
  static constexpr std::string_view usual_path = "/run/systemd/journal/socket";

  /// Connects to the socket at the path. Errors are those of socket(2) and connect(2); filename_too_long for
  /// a path that has no room in an address.
  [[nodiscard]] static std::expected<journal_socket, std::error_code> open(
      std::string_view path = usual_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
      return std::unexpected{std::make_error_code(std::errc::filename_too_long)};
    std::memcpy(address.sun_path, path.data(), path.size());
    journal_socket out;
    out.fd_ = descriptor{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!out.fd_) return std::unexpected{last_error()};
    // As libsystemd asks for; a smaller one only makes more entries files.
    const int room = 8 * 1024 * 1024;
    static_cast<void>(::setsockopt(out.fd_.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room));
    if (::connect(out.fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return std::unexpected{last_error()};
    return out;
  }

  /// Sends one entry. What a datagram cannot hold goes in a file in memory that can no longer change.
  [[nodiscard]] std::error_code send(std::string_view entry) const {
    iovec part{const_cast<char*>(entry.data()), entry.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const auto problem = send(message);
    if (problem != std::errc::message_size && problem != std::errc::no_buffer_space) return problem;
    return send_file(entry);
  }

  /// To poll for room.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  journal_socket() = default;

  std::error_code send(const msghdr& message) const {
    while (::sendmsg(fd_.get(), &message, MSG_NOSIGNAL) < 0)
      if (errno != EINTR) return last_error();
    return {};
  }

  std::error_code send_file(std::string_view entry) const {
    const descriptor file{::memfd_create("netcon-journal-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!file) return last_error();
    while (!entry.empty()) {
      const auto size = ::write(file.get(), entry.data(), entry.size());
      if (size < 0 && errno != EINTR) return last_error();
      if (size > 0) entry.remove_prefix(static_cast<std::size_t>(size));
    }
    if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
      return last_error();
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
    msghdr message{};
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = file.get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return send(message);
  }

  descriptor fd_;
};

}  // namespace netcon::inline v0_1
