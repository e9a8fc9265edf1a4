// SPDX-License-Identifier: MIT
#include "listen/crash_commands.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <netcon/os/descriptor.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

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

TEST_CASE("one machine leaves places for the commands of others, whatever names it claims") {
  const test::temporary_directory place;
  const auto told = place.path() / "told";
  const auto crash_at = [](const std::string& name, std::string_view address) {
    const netcon::endpoint machine{netcon::ip_address::parse(address).value(), {}};
    return std::make_shared<const tool::kept_crash>(tool::crash_host{name, name, machine},
                                                    netcon::crash::report{});
  };
  tool::crash_commands commands{"sleep 0.1; echo $NETCON_HOST >>'" + told.string() + "'"};
  for (int i = 0; i < 200; ++i) commands.add(crash_at("claimed" + std::to_string(i), "10.0.0.1"));
  commands.add(crash_at("web17", "10.0.0.2"));
  commands.finish();
  // At most one more of it had begun.
  CHECK(commands.left_out() >= 200 - tool::crash_commands::most_waiting_of_one - 1);
  CHECK(commands.left_out() < 200);
  CHECK(test::contents(told).find("web17") != std::string::npos);
}

TEST_CASE("equal crashes of a host need one place only") {
  tool::crash_commands commands{"exit 0"};
  for (int i = 0; i < 1000; ++i) commands.add(crash_of("a"));
  commands.finish();
  CHECK(commands.left_out() == 0);
}
