// SPDX-License-Identifier: MIT
#include "suggestion/systemd_units.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

TEST_CASE("the service runs the command, and the timer runs the service") {
  const std::vector<std::string> command{
      "/usr/bin/netcon", "suggest", "[fd00::2]:6666", "--userdata", "host=web 17 100% $HOME \"x\" \\ \t",
      "--apply"};
  const auto units = tool::make_units("netconsole", command, "100% log\nhost");
  CHECK(units.name == "netconsole");
  CHECK(units.service.find("\nExecStart=/usr/bin/netcon suggest [fd00::2]:6666 --userdata "
                           "\"host=web 17 100%% $$HOME \\\"x\\\" \\\\ \\x09\" --apply\n") !=
        std::string::npos);
  CHECK(units.service.find("Description=netconsole to 100%% log\\x0ahost\n") != std::string::npos);
  CHECK(units.service.find("Type=oneshot\n") != std::string::npos);
  CHECK(units.service.find("RemainAfterExit") == std::string::npos);  // the timer could not start it again
  CHECK(units.timer.find("OnCalendar=*:0/15\n") != std::string::npos);
}
