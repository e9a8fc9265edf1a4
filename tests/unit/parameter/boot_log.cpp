// SPDX-License-Identifier: MIT
#include <netcon/parameter/boot_log.hpp>

#include "support/catch.hpp"

#include <cerrno>

using namespace netcon;

TEST_CASE("the banner is that of the release") {
  const auto text = "+7002@10.0.2.15/eth0,6666@10.0.2.2/52:55:0a:00:02:02";
  CHECK(boot_log(text, kernel_profile{6, 1, 192}) ==
        std::vector<std::string>{
            "netpoll: netconsole: local port 7002", "netpoll: netconsole: local IPv4 address 10.0.2.15",
            "netpoll: netconsole: interface 'eth0'", "netpoll: netconsole: remote port 6666",
            "netpoll: netconsole: remote IPv4 address 10.0.2.2",
            "netpoll: netconsole: remote ethernet address 52:55:0a:00:02:02"});
  CHECK(boot_log(text, kernel_profile{7, 3, 4}) ==
        std::vector<std::string>{"netconsole: netconsole: local port 7002",
                                 "netconsole: netconsole: local IPv4 address 10.0.2.15",
                                 "netconsole: netconsole: interface name 'eth0'",
                                 "netconsole: netconsole: local ethernet address 'ff:ff:ff:ff:ff:ff'",
                                 "netconsole: netconsole: remote port 6666",
                                 "netconsole: netconsole: remote IPv4 address 10.0.2.2",
                                 "netconsole: netconsole: remote ethernet address 52:55:0a:00:02:02"});
  CHECK(boot_log("@/,@fd00::2/")[1] == "netconsole: netconsole: local IPv6 address ::");
  CHECK(boot_log("@/,@fd00::2/", kernel_profile{7, 4, 0})[1] == "netconsole: netconsole: local IP unset");
  CHECK(boot_log("@/,@fe80::5efe:a00:2/")[5] ==
        "netconsole: netconsole: remote IPv6 address fe80::5efe:10.0.0.2");
  CHECK(boot_log("@/,@10.0.0.2/")[3] == "netconsole: netconsole: local ethernet address '00:00:00:00:00:00'");
  CHECK(boot_log("@/22:33:44:55:66:77,@10.0.0.2/", kernel_profile{6, 12, 117})[3] ==
        "netpoll: netconsole: local ethernet address '22:33:44:55:66:77'");
}

TEST_CASE("a refusal quotes the field at fault") {
  CHECK(boot_log("@/,6666x@10.0.0.2/", kernel_profile{6, 12, 117}) ==
        std::vector<std::string>{"netpoll: netconsole: couldn't parse config at '6666x'!"});
  CHECK(boot_log("@/,6666x@10.0.0.2/", kernel_profile{6, 1, 192}) ==
        std::vector<std::string>{"netpoll: netconsole: couldn't parse config at '6666x'!",
                                 "netconsole: cleaning up"});
  CHECK(boot_log("@/,@10.0.0.2/;").back() == "netconsole: netconsole: couldn't parse config at ''!");
  CHECK(boot_log("r@/,@10.0.0.2/") ==
        std::vector<std::string>{
            "netconsole: Netconsole configuration error. Release feature requires extended log message"});
  CHECK(boot_log(std::string(256, 'x')) ==
        std::vector<std::string>{"netconsole: string doesn't fit in 255 chars."});
  CHECK(boot_log("@/, 6666@10.0.0.2/") ==
        std::vector<std::string>{"netconsole: netconsole: warning: whitespace is not allowed",
                                 "netconsole: netconsole: couldn't parse config at ' 6666'!"});
  CHECK(boot_log(" 6666@/,@10.0.0.2/").size() == 1);
  CHECK(boot_log("").empty());
}

TEST_CASE("what ends the load of a parameter") {
  using lines = std::vector<std::string>;
  const std::string started = "netconsole: network logging started";
  CHECK(start_log("+@/,@10.0.0.2/", kernel_profile{6, 1, 192}) ==
        lines{"printk: console [netcon_ext0] enabled", "printk: console [netcon0] enabled", started});
  CHECK(start_log("+@/,@10.0.0.2/", kernel_profile{6, 12, 117}) ==
        lines{"printk: legacy console [netcon_ext0] enabled", "printk: legacy console [netcon0] enabled",
              started});
  CHECK(start_log("+@/,@10.0.0.2/", kernel_profile{6, 16, 3}) ==
        lines{"printk: legacy console [netcon_ext0] enabled", started});
  CHECK(start_log("+@/,@10.0.0.2/;@/,@10.0.0.3/", kernel_profile{7, 3, 4}) ==
        lines{"printk: console [netcon_ext0] enabled", "printk: console [netcon0] enabled", started});
  // Without any target too; nothing where the load fails.
  CHECK(start_log("bad", kernel_profile{7, 3, 4}) == lines{started});
  CHECK(start_log("", kernel_profile{6, 12, 117}) ==
        lines{"printk: legacy console [netcon0] enabled", started});
  CHECK(start_log("bad", kernel_profile{6, 1, 192}).empty());
  CHECK(start_log(std::string(256, 'x')).empty());
}

TEST_CASE("a refusal becomes an errno") {
  CHECK(kernel_errno(text_errc::bad_port) == EPERM);
  CHECK(kernel_errno(text_errc::release_without_extended) == EINVAL);
  CHECK(kernel_errno(text_errc::parameter_too_long) == ENOSPC);
}
