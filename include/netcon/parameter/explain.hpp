// SPDX-License-Identifier: MIT
// How a kernel reads a target, field by field, in words.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// One field of a target: what stands in the parameter, and what counts.
struct field_reading {
  std::string field;     ///< "extended", "release", "local port", ..., "remote MAC"
  std::string written;   ///< as in the parameter, "yes" for a flag; empty: not written
  std::string in_force;  ///< the value that counts, "on" or "off" for a flag, "picked" for a chosen address
  std::string why;       ///< where that value comes from, and for a flag what it does

  friend bool operator==(const field_reading&, const field_reading&) = default;
};

/// The fields in the order of the parameter; without the flags that this kernel does not know.
[[nodiscard]] inline std::vector<field_reading> explain(
    const target& t, const kernel_profile& kernel = kernel_profile::latest()) {
  const auto s = resolve(t, kernel);
  const auto text_of = [](const auto& value) { return value ? to_string(*value) : std::string{}; };
  const auto flag = [](std::string name, bool written, bool in_force, std::string_view meaning) {
    constexpr std::string_view by_build = "switched on by this kernel's build";
    return field_reading{std::move(name), written ? "yes" : "", in_force ? "on" : "off",
                         std::string{written    ? meaning
                                     : in_force ? by_build
                                                : "not written"}};
  };
  const auto why = [](bool written, std::string_view otherwise) {
    return std::string{written ? "written" : otherwise};
  };
  constexpr std::string_view by_default = "the kernel's default";

  std::vector<field_reading> all;
  if (kernel.supports(feature::extended))
    all.push_back(flag("extended", t.extended, s.extended, "'+': records with header and dictionary"));
  if (kernel.supports(feature::release))
    all.push_back(flag("release", t.release, s.release, "'r': the kernel's release before each record"));
  all.push_back({"local port", text_of(t.local_port), to_string(s.local_port),
                 why(t.local_port.has_value(), by_default)});
  const bool is_picked =
      !s.local_ip || (s.local_ip->is_unspecified() && !kernel.supports(feature::per_address_family));
  all.push_back({"local address", text_of(t.local_ip), is_picked ? "picked" : to_string(*s.local_ip),
                 !is_picked            ? "written"
                 : s.remote_ip.is_v4() ? "the device's first IPv4 address when the target starts"
                 : s.remote_ip.is_link_local() && kernel.supports(feature::link_local_source)
                     ? "the device's first link-local address when the target starts"
                     : "the device's first IPv6 address that is not link-local when the target starts"});
  const bool has_device = !t.local_device.is_none();
  all.push_back({"device", has_device ? to_string(t.local_device) : "",
                 s.dev_mac ? to_string(*s.dev_mac) : to_string(s.dev_name),
                 s.dev_mac ? "written: the device with this hardware address" : why(has_device, by_default)});
  all.push_back({"remote port", text_of(t.remote_port), to_string(s.remote_port),
                 why(t.remote_port.has_value(), by_default)});
  all.push_back({"remote address", to_string(t.remote_ip), to_string(s.remote_ip), "written"});
  all.push_back(
      {"remote MAC", text_of(t.remote_mac), to_string(s.remote_mac),
       why(t.remote_mac.has_value(), "the kernel's default: every packet is an Ethernet broadcast")});
  return all;
}

}  // namespace netcon::inline v0_1
