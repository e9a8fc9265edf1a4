// SPDX-License-Identifier: MIT
// The members of the facts with their names: the one list that writing and reading share.
#pragma once

#include <netcon/configfs/state.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/receiver_facts.hpp>

#include <concepts>
#include <string_view>
#include <type_traits>

namespace netcon::inline v0_1::doctor::internal {

/// Self is T or const T.
template <class Self, class T>
concept maybe_const = std::same_as<std::remove_const_t<Self>, T>;

void each_member(maybe_const<file_line> auto& of, auto&& visit) {
  visit("file", of.file);
  visit("text", of.text);
}

void each_member(maybe_const<kernel_facts> auto& of, auto&& visit) {
  visit("release", of.release);
  visit("version", of.version);
  visit("is_built_in", of.is_built_in);
  visit("has_module", of.has_module);
  visit("is_loaded", of.is_loaded);
  visit("build_options", of.build_options);
}

void each_member(maybe_const<unit_facts> auto& of, auto&& visit) {
  visit("file", of.file);
  visit("is_enabled", of.is_enabled);
}

void each_member(maybe_const<boot_facts> auto& of, auto&& visit) {
  visit("command_line", of.command_line);
  visit("modprobe", of.modprobe);
  visit("module_loads", of.module_loads);
  visit("units", of.units);
  visit("sysctls", of.sysctls);
}

void each_member(maybe_const<console> auto& of, auto&& visit) {
  visit("name", of.name);
  visit("flags", of.flags);
}

void each_member(maybe_const<printk_facts> auto& of, auto&& visit) {
  visit("console_level", of.console_level);
  visit("ignores_level", of.ignores_level);
  visit("consoles", of.consoles);
}

void each_member(maybe_const<crash_facts> auto& of, auto&& visit) {
  visit("panic", of.panic);
  visit("panic_on_oops", of.panic_on_oops);
  visit("has_crash_kernel", of.has_crash_kernel);
  visit("oops_only", of.oops_only);
}

void each_member(maybe_const<configfs::userdata_entry> auto& of, auto&& visit) {
  visit("key", of.key);
  visit("value", of.value);
}

void each_member(maybe_const<configfs::sysdata_switches> auto& of, auto&& visit) {
  for (const auto& [name, member, file] : configfs::sysdata_table) visit(name, of.*member);
}

void each_member(maybe_const<configfs::unknown_file> auto& of, auto&& visit) {
  visit("path", of.path);
  visit("content", of.content);
}

void each_member(maybe_const<target_facts> auto& of, auto&& visit) {
  auto& s = of.state;
  visit("name", of.name);
  visit("enabled", s.enabled);
  visit("extended", s.settings.extended);
  visit("release", s.settings.release);
  visit("dev_name", s.settings.dev_name);
  visit("local_port", s.settings.local_port);
  visit("local_ip", s.settings.local_ip);
  visit("local_mac", s.local_mac);
  visit("remote_port", s.settings.remote_port);
  visit("remote_ip", s.settings.remote_ip);
  visit("remote_mac", s.settings.remote_mac);
  visit("transmit_errors", s.transmit_errors);
  // Few targets have these: what is empty has no line.
  const auto visit_set = [&](std::string_view name, auto& value) {
    using type = std::remove_reference_t<decltype(value)>;
    if (!std::is_const_v<type> || value != std::remove_const_t<type>{}) visit(name, value);
  };
  visit_set("userdata", s.userdata);
  visit_set("sysdata", s.sysdata);
  visit_set("unknown", s.unknown);
}

void each_member(maybe_const<device_facts> auto& of, auto&& visit) {
  visit("name", of.name);
  visit("mac", of.mac);
  visit("kind", of.kind);
  visit("master", of.master);
  visit("master_kind", of.master_kind);
  visit("is_up", of.is_up);
  visit("has_carrier", of.has_carrier);
  visit("is_ethernet", of.is_ethernet);
  visit("is_loopback", of.is_loopback);
  visit("is_wireless", of.is_wireless);
  visit("addresses", of.addresses);
}

void each_member(maybe_const<way> auto& of, auto&& visit) {
  visit("dev_name", of.dev_name);
  visit("source", of.source);
  visit("next_hop", of.next_hop);
  visit("via_gateway", of.via_gateway);
}

void each_member(maybe_const<way_facts> auto& of, auto&& visit) {
  visit("remote", of.remote);
  visit("through", of.through);
  visit("found", of.found);
  visit("mac", of.mac);
}

void each_member(maybe_const<contact_facts> auto& of, auto&& visit) {
  visit("receiver", of.receiver);
  visit("came", of.came);
  visit("by", of.by);
  visit("said", of.said);
}

void each_member(maybe_const<facts> auto& of, auto&& visit) {
  visit("configfs_root", of.configfs_root);
  visit("kernel", of.kernel);
  visit("boot", of.boot);
  visit("printk", of.printk);
  visit("crash", of.crash);
  visit("has_configfs", of.has_configfs);
  visit("targets", of.targets);
  visit("devices", of.devices);
  visit("ways", of.ways);
  visit("contacts", of.contacts);
  visit("log", of.log);
}

void each_member(maybe_const<port_holder> auto& of, auto&& visit) {
  visit("local", of.local);
  visit("peer", of.peer);
  visit("program", of.program);
  visit("pid", of.pid);
  visit("queued_bytes", of.queued_bytes);
  visit("drops", of.drops);
}

void each_member(maybe_const<reverse_path_filter> auto& of, auto&& visit) {
  visit("device", of.device);
  visit("mode", of.mode);
}

void each_member(maybe_const<receiver_facts> auto& of, auto&& visit) {
  visit("port", of.port);
  visit("holders", of.holders);
  visit("largest_buffer", of.largest_buffer);
  visit("buffer_errors", of.buffer_errors);
  visit("checksum_errors", of.checksum_errors);
  visit("no_port", of.no_port);
  visit("filters", of.filters);
  visit("filter_drops", of.filter_drops);
  visit("firewall", of.firewall);
}

}  // namespace netcon::inline v0_1::doctor::internal
