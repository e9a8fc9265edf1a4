// SIGINT and SIGTERM as something to wait for together with sockets and files.
#pragma once

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace tool {

/// While it lives, the two signals do not end the program but make fd() readable.
class stop_signals {
 public:
  stop_signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    fd_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;
  ~stop_signals() {
    // What came was heard: it must not end the program when the mask goes.
    signalfd_siginfo heard{};
    while (::read(fd_, &heard, sizeof heard) > 0) {
    }
    ::close(fd_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  int fd() const { return fd_; }

 private:
  sigset_t before_;
  int fd_;
};

}  // namespace tool
