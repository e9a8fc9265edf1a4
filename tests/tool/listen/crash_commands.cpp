// SPDX-License-Identifier: MIT
#include "listen/crash_commands.hpp"

#include "support/catch.hpp"

#include <netcon/os/descriptor.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

using namespace std::chrono_literals;

namespace {

std::shared_ptr<const tool::kept_crash> crash_of(const std::string& host) {
  return std::make_shared<const tool::kept_crash>(tool::crash_host{host, host}, netcon::crash::report{});
}

}  // namespace

TEST_CASE("at the end the commands have as long as one may take") {
  tool::crash_commands commands{"sleep 30", 300ms};
  for (const auto* const host : {"a", "b", "c"}) commands.add(crash_of(host));
  const auto begun = std::chrono::steady_clock::now();
  commands.finish();
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
  // The first was ended; at most one more began before the end was over.
  CHECK(commands.left_out() >= 1);
  CHECK(commands.left_out() <= 2);
}

TEST_CASE("a command that a signal ends is reported") {
  const int before = ::dup(STDERR_FILENO);
  const netcon::descriptor said{::memfd_create("said", MFD_CLOEXEC)};
  ::dup2(said.get(), STDERR_FILENO);
  {
    tool::crash_commands commands{"kill -9 $$"};
    commands.add(crash_of("a"));
    commands.finish();
  }
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  std::string text(200, '\0');
  text.resize(
      static_cast<std::size_t>(std::max<ssize_t>(::pread(said.get(), text.data(), text.size(), 0), 0)));
  CHECK(text == "netcon: --on-crash: signal 9 ended the command (Killed)\n");
}

TEST_CASE("equal crashes of a host need one place only") {
  tool::crash_commands commands{"exit 0"};
  for (int i = 0; i < 1000; ++i) commands.add(crash_of("a"));
  commands.finish();
  CHECK(commands.left_out() == 0);
}
