// SPDX-License-Identifier: MIT
// The least that a receiver can do: recvmmsg in a loop, and drop the packets or append them to a file.
// Usage: bare PORT [FILE]. Ends by SIGTERM; prints how many packets came.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

volatile std::sig_atomic_t stopped = 0;

}  // namespace

int main(int argc, char** argv) {
  constexpr std::size_t batch = 64, room = 2048;
  if (argc < 2) return 2;
  struct sigaction action{};
  action.sa_handler = [](int) { stopped = 1; };
  ::sigaction(SIGTERM, &action, nullptr);
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int size = 8 * 1024 * 1024;
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) return 1;
  const int file = argc > 2 ? ::open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
  std::puts("ready");
  std::fflush(stdout);

  std::vector<char> buffer(batch * room);
  std::array<iovec, batch> parts{};
  std::array<mmsghdr, batch> headers{};
  for (std::size_t i = 0; i < batch; ++i) {
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  unsigned long long packets = 0;
  while (stopped == 0) {
    for (std::size_t i = 0; i < batch; ++i) parts[i] = {buffer.data() + i * room, room};
    const int got = ::recvmmsg(socket, headers.data(), batch, MSG_WAITFORONE, nullptr);
    if (got <= 0) continue;
    packets += static_cast<unsigned>(got);
    if (file >= 0) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) parts[i].iov_len = headers[i].msg_len;
      if (::writev(file, parts.data(), got) < 0) return 1;
    }
  }
  std::printf("%llu\n", packets);
}
