// SPDX-License-Identifier: MIT
#include <netcon/parameter/explain.hpp>

#include <netcon/parameter/parse.hpp>

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace netcon;

namespace {

/// The row of a field as "written | in force | why", or "-" where there is none.
std::string row(std::string_view text, std::string_view field, const kernel_profile& kernel) {
  const auto target = parse_target(text, kernel);
  REQUIRE(target.has_value());
  for (const auto& one : explain(*target, kernel))
    if (one.field == field) return one.written + " | " + one.in_force + " | " + one.why;
  return "-";
}

}  // namespace

TEST_CASE("a field that is not written has the kernel's default") {
  const kernel_profile kernel{7, 3, 4};
  CHECK(row("@/,@10.0.0.2/", "local port", kernel) == " | 6665 | the kernel's default");
  CHECK(row("@/,@10.0.0.2/", "device", kernel) == " | eth0 | the kernel's default");
  CHECK(row("@/,@10.0.0.2/", "remote MAC", kernel) ==
        " | ff:ff:ff:ff:ff:ff | the kernel's default: every packet is an Ethernet broadcast");
  CHECK(row("@/eth1,7000@10.0.0.2/", "remote port", kernel) == "7000 | 7000 | written");
}

TEST_CASE("flags are shown where the kernel knows them, and say who switched them on") {
  CHECK(row("+@/,@10.0.0.2/", "extended", {6, 1}) == "yes | on | '+': records with header and dictionary");
  CHECK(row("@/,@10.0.0.2/", "extended", {6, 1}) == " | off | not written");
  CHECK(row("@/,@10.0.0.2/", "extended", kernel_profile{6, 12}.with(feature::extended_by_default)) ==
        " | on | switched on by this kernel's build");
  CHECK(row("@/,@10.0.0.2/", "release", {6, 1}) == "-");
  CHECK(row("@/,@10.0.0.2/", "extended", {4, 1}) == "-");
}

TEST_CASE("an address that the kernel chooses is called picked") {
  const std::string v4 = "the device's first IPv4 address when the target starts";
  CHECK(row("@/,@10.0.0.2/", "local address", {6, 12}) == " | picked | " + v4);
  CHECK(row("@0.0.0.0/,@10.0.0.2/", "local address", {6, 12}) == "0.0.0.0 | picked | " + v4);
  CHECK(row("@10.0.0.1/,@10.0.0.2/", "local address", {6, 12}) == "10.0.0.1 | 10.0.0.1 | written");
  CHECK(row("@/,@fe80::2/", "local address", {6, 12}) ==
        " | picked | the device's first link-local address when the target starts");
  CHECK(row("@/,@fd00::2/", "local address", {6, 12}) ==
        " | picked | the device's first IPv6 address that is not link-local when the target starts");
}

TEST_CASE("a device can be given by its address") {
  CHECK(row("@/22:33:44:55:66:77,@10.0.0.2/", "device", {7, 3, 4}) ==
        "22:33:44:55:66:77 | 22:33:44:55:66:77 | written: the device with this hardware address");
}
