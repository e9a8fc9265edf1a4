// SPDX-License-Identifier: MIT
#include "listen/crash_commands.hpp"

#include "support/catch.hpp"

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

TEST_CASE("equal crashes of a host need one place only") {
  tool::crash_commands commands{"exit 0"};
  for (int i = 0; i < 1000; ++i) commands.add(crash_of("a"));
  commands.finish();
  CHECK(commands.left_out() == 0);
}
