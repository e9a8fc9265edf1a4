// SPDX-License-Identifier: MIT
// The lines are those of tests/data/corpus, of booted kernels, and of the texts that boot_log() makes.
#include <netcon/doctor/log_meaning.hpp>

#include "support/catch.hpp"

#include <netcon/parameter/boot_log.hpp>

#include <string>
#include <string_view>

using namespace netcon;
using doctor::explain_log_line;

namespace {

std::string kind_of(std::string_view line) {
  const auto meaning = explain_log_line(line);
  return meaning ? std::string{meaning->name} : "none";
}

}  // namespace

TEST_CASE("a line finds its meaning whatever part of the kernel prints it") {
  struct row {
    std::string_view line, kind, subject;
    doctor::severity severity;
  };
  using enum doctor::severity;
  for (const auto& [line, kind, subject, severity] : {
           row{"netpoll: netconsole: couldn't parse config at 'bad'!", "parameter-refused", "bad", bad},
           row{"netconsole: netconsole: couldn't parse config at ''!", "parameter-refused", "", bad},
           row{"netpoll: netconsole: gone0 doesn't exist, aborting", "no-device", "gone0", bad},
           row{"netconsole: netconsole: eth0 is a slave device, aborting", "enslaved", "eth0", bad},
           row{"netpoll: netconsole: wlan0 doesn't support polling, aborting", "no-netpoll", "wlan0", bad},
           row{"netpoll: netconsole: no IPv6 address for eth0, aborting", "no-source", "eth0", bad},
           row{"netconsole: cleaning up", "load-failed", "", bad},
           row{"netconsole: string doesn't fit in 255 chars.", "parameter-too-long", "255", bad},
           row{"netconsole: Not enabling netconsole for cmdline0. Netpoll setup failed", "target-not-enabled",
               "cmdline0", bad},
           row{"netconsole: Not enabling netconsole. Release feature requires extended log message",
               "release-without-extended", "", bad},
           row{"netconsole: network logging stopped on interface eth0 as it is joining a master device",
               "joined-master", "eth0", bad},
           row{"netconsole: network logging stopped on interface eth0 as it unregistered", "device-gone",
               "eth0", bad},
           row{"netconsole: network logging resumed on interface eth0", "resumed", "eth0", ok},
           row{"netconsole: network logging started", "started", "", ok},
           row{"netpoll: netconsole: device eth0 not up yet, forcing it", "device-brought-up", "eth0", ok},
           row{"netpoll: netconsole: timeout waiting for carrier", "no-carrier", "", warning},
           row{"netconsole: target (web) is enabled, disable to update parameters", "locked", "web", warning},
           row{"netconsole: invalid IPv6 address at: <%>", "bad-address", "%", bad},
           row{"printk: legacy console [netcon0] enabled", "basic-console", "", ok},
           row{"printk: console [netcon_ext0] enabled", "extended-console", "", ok},
           row{"console [netcon0] enabled", "basic-console", "", ok},
           row{"printk: console [netcon0] disabled", "basic-console-gone", "", warning},
           row{"printk: legacy bootconsole [earlyser0] disabled", "other-console", "earlyser0", ok},
           row{"netpoll: netconsole: local IPv6 address ::1", "local-address", "::1", ok},
           row{"netpoll: netconsole: local IPv6 address ::", "local-address", "", ok},
           row{"netpoll: netconsole: remote IPv4 address 0.0.0.0", "no-remote-address", "", bad},
           row{"netpoll: netconsole: remote ethernet address ff:ff:ff:ff:ff:ff", "remote-mac",
               "ff:ff:ff:ff:ff:ff", warning},
           row{"netpoll: netconsole: remote ethernet address 52:55:0a:00:02:02", "remote-mac",
               "52:55:0a:00:02:02", ok},
           row{"netconsole: something of Linux 9", "other", "", unknown},
       }) {
    const auto meaning = explain_log_line(line);
    INFO(line);
    REQUIRE(meaning);
    CHECK(meaning->name == kind);
    CHECK(meaning->subject == subject);
    CHECK(meaning->severity == severity);
    CHECK_FALSE(meaning->meaning.empty());
  }
}

TEST_CASE("lines about something else have no meaning") {
  for (const std::string_view line :
       {"", "usb 1-1: new device", "eth0: link up", "consoles", "printk: log_buf_len: 1048576",
        "my netconsole: network logging started"})
    CHECK(kind_of(line) == "none");
}

TEST_CASE("every line that a kernel writes about a parameter is known") {
  for (const kernel_version version : {kernel_version{6, 1, 0}, {6, 12, 91}, {7, 3, 4}, {7, 4, 0}})
    for (const std::string_view text :
         {"@/,@10.0.0.2/", "+r6666@fd00::1/eth1,514@fd00::2/52:54:00:12:34:56", "bad", "r@/,@10.0.0.2/",
          "@/, 6666@10.0.0.2/", "@/,@10.0.0.2/;@/52:54:00:12:34:56,@10.0.0.3/;"}) {
      const kernel_profile kernel{version};
      auto lines = boot_log(text, kernel);
      for (auto& line : start_log(text, kernel)) lines.push_back(std::move(line));
      for (const auto& line : lines) {
        INFO(line);
        CHECK(kind_of(line) != "none");
        CHECK(kind_of(line) != "other");
      }
    }
}

TEST_CASE("words of a log do not become words of a command") {
  const auto meaning =
      explain_log_line("netconsole: network logging stopped on interface $(reboot) as it unregistered");
  REQUIRE(meaning);
  const auto open = explain_log_line("netpoll: netconsole: no IP address for a;reboot, aborting");
  REQUIRE(open);
  CHECK(open->remedy == "ip address show dev 'a;reboot'");
  const auto escape = explain_log_line("netpoll: netconsole: failed to open \x1b[31m");
  REQUIRE(escape);
  CHECK(escape->meaning.find('\x1b') == std::string::npos);
  CHECK(escape->remedy.find('\x1b') == std::string::npos);
}
