// SPDX-License-Identifier: MIT
#include <netcon/doctor/explain_log.hpp>

#include "support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

using netcon::doctor::log_explainer;

namespace {

/// "KIND TARGET" of each line that is explained.
std::vector<std::string> explain(const std::vector<std::string_view>& lines) {
  log_explainer explainer;
  std::vector<std::string> out;
  for (const auto line : lines)
    if (const auto one = explainer.push(line))
      out.push_back(std::string{one->meaning.name} + (one->target.empty() ? "" : " " + one->target));
  return out;
}

}  // namespace

TEST_CASE("the banner names the target of the lines that follow") {
  CHECK(explain({"netpoll: netconsole: local port 6665", "netpoll: netconsole: local IPv4 address 0.0.0.0",
                 "netpoll: netconsole: interface name 'eth9'", "eth9: something else",
                 "netpoll: netconsole: remote port 6666", "netpoll: netconsole: remote IPv4 address 10.0.2.2",
                 "netpoll: netconsole: remote ethernet address 52:55:0a:00:02:02",
                 "netpoll: netconsole: eth9 doesn't exist, aborting",
                 "netconsole: Not enabling netconsole for cmdline0. Netpoll setup failed",
                 "netconsole: network logging started"}) ==
        std::vector<std::string>{
            "local-port", "local-address", "interface through eth9", "remote-port through eth9",
            "remote-address 10.0.2.2:6666 through eth9", "remote-mac 10.0.2.2:6666 through eth9",
            "no-device 10.0.2.2:6666 through eth9", "target-not-enabled cmdline0", "started"});
}

TEST_CASE("after a set-up has ended its target is not named any more") {
  CHECK(explain({"netconsole: netconsole: local port 6665", "netconsole: netconsole: interface name 'eth0'",
                 "netconsole: netconsole: remote IPv6 address fd00::2", "netconsole: network logging started",
                 "netconsole: netconsole: timeout waiting for carrier"}) ==
        std::vector<std::string>{"local-port", "interface through eth0",
                                 "remote-address [fd00::2] through eth0", "started", "no-carrier"});
}
