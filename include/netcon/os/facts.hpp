// SPDX-License-Identifier: MIT
// Gathers the facts that doctor/ judges: from /proc, /sys, /etc and the mounted configfs below a root
// directory, and from the kernel's tables. Linux.
#pragma once

#include <netcon/configfs/tree.hpp>
#include <netcon/doctor/boot_targets.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/profile.hpp>
#include <netcon/os/contact.hpp>
#include <netcon/os/internal/boot_files.hpp>
#include <netcon/os/internal/kernel_files.hpp>
#include <netcon/os/internal/kernel_messages.hpp>
#include <netcon/os/internal/machine_files.hpp>
#include <netcon/os/internal/network_facts.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/os/route_types.hpp>

#include <net/if.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// Where to look, and how long to wait.
struct facts_options {
  /// "/": this machine. Another directory: a copy of some of a machine's files; of its network nothing is
  /// known.
  std::string root = "/";
  /// Below root, unless it is another directory.
  std::string configfs_root = "/sys/kernel/config/netconsole";
  /// How long the next hop may take to answer.
  std::chrono::milliseconds neighbour_timeout{2000};
  /// Whether each enabled target's receiver gets a datagram, a line of text, and a second when nothing came
  /// back.
  bool sends = true;
  /// How long the receivers may take, one after the other. The local endpoint is that of the target.
  contact_options contact{};
  /// Whether devices, ways and receivers are looked at too.
  bool has_network = true;
  /// Further targets whose ways are looked up: diagnose_options::typed.
  std::vector<doctor::target_facts> typed{};
};

namespace detail {

inline void read_targets(const machine_files& files, doctor::facts& out) {
  const auto mounts = files.read("/proc/mounts");
  out.has_configfs = mounts ? doctor::fact<bool>{mounts->find(" configfs ") != std::string::npos}
                            : doctor::fact<bool>::unknown(mounts.reason());
  const configfs::mounted_tree tree{files.place(out.configfs_root)};
  using answer = doctor::fact<std::vector<doctor::target_facts>>;
  const auto names = tree.entries("");
  if (!names) {
    const auto obstacle = tree.find_obstacle(false);
    out.targets = answer::unknown(obstacle ? *obstacle : names.error().message());
    return;
  }
  const auto kernel = doctor::profile_of(out.kernel);
  std::vector<doctor::target_facts> targets;
  for (const auto& name : *names) {
    auto state = configfs::read(tree, name, kernel);
    if (!state) {
      out.targets = answer::unknown(state.error().file + ": " + configfs::describe(state.error().code));
      return;
    }
    targets.push_back({name, *std::move(state)});
  }
  out.targets = std::move(targets);
}

inline void read_network(const facts_options& options, doctor::facts& out) {
  const route_options how{.neighbour_timeout = options.neighbour_timeout};
  out.devices = read_devices();
  const auto add_way = [&](const ip_address& remote, const interface_name& through,
                           const std::optional<ip_address>& source) {
    const auto is_same = [&](const doctor::way_facts& one) {
      return one.remote == remote && one.through == through;
    };
    if (std::ranges::none_of(out.ways, is_same)) out.ways.push_back(read_way(remote, through, source, how));
  };
  const auto add_ways = [&](const settings& s) {
    if (s.remote_ip.is_unspecified()) return;
    add_way(s.remote_ip, {}, {});
    if (!s.dev_name.empty()) add_way(s.remote_ip, s.dev_name, s.local_ip);
  };
  for (const auto& target : hidden_targets(out)) add_ways(target.wanted);
  for (const auto& target : options.typed) add_ways(target.state.settings);
  if (!out.targets) return;
  for (const auto& target : *out.targets) add_ways(target.state.settings);
  if (!options.sends) return;
  for (const auto& target : *out.targets) {
    const auto& s = target.state.settings;
    const auto leads_there = [&](const doctor::way_facts& one) {
      return one.remote == s.remote_ip && one.mac && !one.mac->is_multicast();
    };
    const endpoint receiver{s.remote_ip, s.remote_port};
    const bool is_known =
        std::ranges::find(out.contacts, receiver, &doctor::contact_facts::receiver) != out.contacts.end();
    if (!target.state.enabled || is_known || std::ranges::none_of(out.ways, leads_there)) continue;
    const auto scope_of = [&](const ip_address& address) {
      return address.is_link_local() ? ::if_nametoindex(std::string{s.dev_name.view()}.c_str()) : 0;
    };
    auto question = options.contact;
    if (s.local_ip) question.local = endpoint{*s.local_ip, s.local_port, scope_of(*s.local_ip)};
    out.contacts.push_back(
        try_contact({receiver.address, receiver.port, scope_of(receiver.address)}, question));
    out.contacts.back().receiver = receiver;
  }
}

}  // namespace detail

/// Everything that can be known of a machine that sends. Changes nothing; sends at most a datagram to the
/// discard port of a next hop whose MAC address is not known, and, if asked to, two to each receiver.
[[nodiscard]] inline doctor::facts gather_facts(const facts_options& options = {}) {
  const detail::machine_files files{options.root};
  doctor::facts out;
  out.configfs_root = options.configfs_root;
  out.kernel = detail::read_kernel(files);
  out.boot = detail::read_boot(files);
  out.printk = detail::read_printk(files);
  out.crash = detail::read_crash(files);
  detail::read_targets(files, out);
  out.log = detail::read_kernel_messages(files);
  if (options.root != "/")
    out.devices = doctor::fact<std::vector<doctor::device_facts>>::unknown("files do not say it");
  else if (options.has_network)
    detail::read_network(options, out);
  return out;
}

}  // namespace netcon::inline v0_1
