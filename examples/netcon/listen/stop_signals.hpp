// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM as something to wait for together with sockets and files.
#pragma once

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace tool {

/// During its life the two signals, and SIGHUP on request, make fd() readable instead of ending the program.
class stop_signals {
 public:
  explicit stop_signals(bool with_hang_up = false) {
    if (with_hang_up) hang_up_ = SIGHUP;
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    if (hang_up_ != 0) sigaddset(&wanted, hang_up_);
    ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    fd_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;
  ~stop_signals() {
    // Pending signals were handled: they must not end the program once they are unblocked.
    while (take() != 0) {
    }
    ::close(fd_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  int fd() const { return fd_; }

  /// The next signal that came, or 0.
  int take() {
    signalfd_siginfo signal{};
    return ::read(fd_, &signal, sizeof signal) == sizeof signal ? static_cast<int>(signal.ssi_signo) : 0;
  }

 private:
  int hang_up_ = 0;
  sigset_t before_;
  int fd_;
};

}  // namespace tool
