// SPDX-License-Identifier: MIT
#include "suggestion/apply_target.hpp"

#include <netcon/configfs/adopt.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/doctor/boot_targets.hpp>
#include <netcon/os/facts.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace tool {
namespace {

namespace cfs = netcon::configfs;

/// "remote_mac 52:54:00:00:00:01 -> 52:54:00:00:00:02", and so on.
std::string describe_changes(const cfs::state& before, const cfs::state& after) {
  std::vector<std::string> changes;
  const auto compare = [&](std::string_view what, const std::string& old, const std::string& now) {
    if (old != now)
      changes.push_back(fmt::format("{} {} -> {}", what, netcon::printable(old), netcon::printable(now)));
  };
  const auto flag = [](bool on) { return std::string{on ? "1" : "0"}; };
  const auto address = [](const std::optional<netcon::ip_address>& ip) {
    return ip ? to_string(*ip) : std::string{"unset"};
  };
  const auto &old = before.settings, &now = after.settings;
  compare("dev_name", std::string{old.dev_name.view()}, std::string{now.dev_name.view()});
  compare("local_ip", address(old.local_ip), address(now.local_ip));
  compare("local_port", to_string(old.local_port), to_string(now.local_port));
  compare("remote_ip", to_string(old.remote_ip), to_string(now.remote_ip));
  compare("remote_port", to_string(old.remote_port), to_string(now.remote_port));
  compare("remote_mac", to_string(old.remote_mac), to_string(now.remote_mac));
  compare("extended", flag(old.extended), flag(now.extended));
  compare("release", flag(old.release), flag(now.release));
  if (before.userdata != after.userdata) changes.emplace_back("userdata");
  if (before.sysdata != after.sysdata) changes.emplace_back("sysdata");
  compare("enabled", flag(before.enabled), flag(after.enabled));
  return fmt::format("{}", fmt::join(changes, ", "));
}

/// Of kernels that hide boot targets for ever: the first that sends there.
std::optional<netcon::doctor::boot_target> find_hidden(const wanted_target& wanted,
                                                       const netcon::kernel_profile& kernel) {
  if (kernel.supports(netcon::feature::boot_targets_in_configfs)) return std::nullopt;
  for (auto& one : hidden_targets(netcon::gather_facts({.has_network = false})))
    if (one.wanted.remote_ip == wanted.receiver.address && one.wanted.remote_port == wanted.receiver.port)
      return std::move(one);
  return std::nullopt;
}

}  // namespace

std::expected<applied_target, change_error> apply_target(cfs::mounted_tree& tree, const wanted_target& wanted,
                                                         const netcon::kernel_profile& kernel, bool force) {
  const auto stop = [](std::string text) { return std::unexpected{change_error{std::move(text)}}; };
  const auto receiver = to_string(wanted.receiver);
  if (const auto attached = cfs::attach_boot_targets(tree, kernel); !attached)
    return stop(fmt::format("boot targets: {}", cfs::describe(attached.error())));
  const auto same = cfs::find_targets_to(tree, wanted.receiver.address, wanted.receiver.port, kernel);
  if (!same) return stop(describe(same.error()));
  std::vector<std::string> sending;
  for (const auto& one : *same) {
    const auto now = live_state(tree, one, kernel);
    if (!now) return stop(now.error());
    if (*now && (*now)->enabled) sending.push_back(one);
  }
  auto before = live_state(tree, wanted.name, kernel);
  if (!before) return stop(before.error());

  auto name = wanted.name;
  applied_target out;
  bool is_adopted = false;
  if (!*before && !same->empty()) {
    // A disabled one is enabled only where no other one sends.
    const auto& choice = sending.empty() ? *same : sending;
    const auto boot = std::ranges::find_if(choice, cfs::is_boot_target_name);
    if (boot != choice.end()) {
      name = *boot;
      is_adopted = true;
      before = live_state(tree, name, kernel);
      if (!before) return stop(before.error());
    } else if (!force && !sending.empty()) {
      return stop(
          fmt::format("target {} sends to {} already, and every record would arrive twice: --name {} changes "
                      "that one, --force makes a second one",
                      netcon::printable(sending.front()), receiver, netcon::printable(sending.front())));
    }
  }
  if (!*before && !force)
    if (const auto hidden = find_hidden(wanted, kernel))
      return stop(
          fmt::format("the parameter{} makes a target that sends to {} already, which this kernel does not "
                      "show in configfs, and every record would arrive twice: remove it there, or --force",
                      hidden->place.empty() ? "" : " in " + hidden->place, receiver));
  for (const auto& other : *same) {
    if (other == name) continue;
    const auto shown = netcon::printable(other);
    const bool sends = std::ranges::find(sending, other) != sending.end();
    out.remarks.push_back(
        sends ? fmt::format("target {} sends to {} too, so every record arrives twice: netcon configfs "
                            "remove {}",
                            shown, receiver, shown)
              : fmt::format("target {} is for {} too, but disabled: it sends nothing", shown, receiver));
  }

  auto want = wanted.state;
  if (*before) {
    if (is_adopted && !wanted.has_own_port) want.settings.local_port = (*before)->settings.local_port;
    // Whether that switch is on cannot be read there, and nothing here asks for it.
    if (cfs::is_release_switch_unknown(**before)) want.unknown = (*before)->unknown;
  }
  const auto done = change_target(tree, name, want, kernel, {});
  if (!done) return std::unexpected{done.error()};
  out.summary = fmt::format("target {} ", netcon::printable(name));
  if (!*before) {
    out.summary += fmt::format("created: {}", wanted.way);
  } else {
    const auto changes = describe_changes(**before, want);
    out.summary += done->empty() ? "already configured" : "changed: " + changes;
    if (is_adopted) out.summary += "; it is of the boot parameter";
    if (is_adopted && !done->empty()) out.summary += ", which needs the same change";
  }
  return out;
}

}  // namespace tool
