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

TEST_CASE("a unit's name has no byte that systemd refuses") {
  const std::vector<std::string> command{"/usr/bin/netcon"};
  const auto named = [&](const char* name) { return tool::make_units(name, command, "").name; };
  CHECK(named("netconsole-web-1.eu:a_b") == "netconsole-web-1.eu:a_b");
  CHECK(named("netconsole-my box") == "netconsole-my\\x20box");
  CHECK(named("web@prod") == "web\\x40prod");
  CHECK(named("100%\\\xc3\xa9") == "100\\x25\\x5c\\xc3\\xa9");
}
