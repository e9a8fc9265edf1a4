// SPDX-License-Identifier: MIT
#include "input/interruption.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace tool {
namespace {

volatile std::sig_atomic_t event_fd = -1, came = 0;

void note(int signal) {
  const int before = errno;
  came = signal;
  constexpr std::uint64_t one = 1;
  static_cast<void>(!::write(event_fd, &one, sizeof one));
  errno = before;
}

struct sigaction replace_action(int signal) {
  struct sigaction wanted{}, before{};
  wanted.sa_handler = note;
  wanted.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&wanted.sa_mask);
  ::sigaction(signal, nullptr, &before);
  if (before.sa_handler != SIG_IGN) ::sigaction(signal, &wanted, nullptr);
  return before;
}

}  // namespace

interruption::interruption() : event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  came = 0;
  event_fd = event_.get();
  int_before_ = replace_action(SIGINT);
  term_before_ = replace_action(SIGTERM);
}

interruption::~interruption() {
  ::sigaction(SIGINT, &int_before_, nullptr);
  ::sigaction(SIGTERM, &term_before_, nullptr);
  event_fd = -1;
}

void interruption::resume() {
  if (came == 0) return;
  std::signal(came, SIG_DFL);
  std::raise(came);
}

}  // namespace tool
