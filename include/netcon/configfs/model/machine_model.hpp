// SPDX-License-Identifier: MIT
// A machine as its netconsole sees it: interfaces, the targets bound to them, and what each event on an
// interface does to these targets. Linux, netconsole.c and netpoll.c of the profile's version.
#pragma once

#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/model/interface.hpp>
#include <netcon/configfs/model/kernel_log.hpp>
#include <netcon/configfs/model/target_model.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/parameter/target.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// Events on interfaces answer ENODEV when no interface has that name, EEXIST when one has it already.
class machine_model {
 public:
  /// A machine with these interfaces and no target; netconsole is loaded.
  machine_model(const kernel_profile& kernel, std::vector<interface> interfaces)
      : kernel_{kernel},
        interfaces_{std::move(interfaces)},
        log_{kernel},
        loaded_{kernel.supports(feature::dynamic)} {}

  /// The kernel that is modelled.
  [[nodiscard]] const kernel_profile& kernel() const noexcept { return kernel_; }
  /// As they are now, in the order in which they were registered.
  [[nodiscard]] const std::vector<interface>& interfaces() const noexcept { return interfaces_; }
  /// What the kernel logged since the last call, in order: at most kernel_log::most lines, the newest.
  std::vector<log_line> take_log() { return log_.take(); }
  /// Another part of the kernel logs something: a line without a newline, of which netconsole has one ("Not
  /// enabling netconsole. Release feature ..."), is complete.
  void log_elsewhere() { log_.close_open_line(); }

  /// rmmod netconsole: EAGAIN while directories exist; afterwards the directory is gone.
  result<void> unload() {
    if (!loaded_) return refuse(linux_errno::enoent);
    if (std::ranges::any_of(targets_, &record::has_directory)) return refuse(linux_errno::eagain);
    for (const bool extended : {true, false}) log_.unregister_console(extended);
    targets_.clear();
    loaded_ = false;
    return {};
  }

  /// The next target of the module parameter, set up at once; from 6.7 mkdir of its name cmdlineN attaches to
  /// it. When the setup fails the target stays, disabled, without an error; before 6.11 the whole load fails,
  /// which is the error.
  result<void> add_boot_target(const settings& from) {
    target_model made{kernel_, from};
    const auto name = "cmdline" + std::to_string(boot_targets_);
    const auto code = made.enable({name, interfaces_, log_});
    if (made.is_extended() || kernel_.supports(feature::needed_consoles_only))
      log_.set_registered(made.is_extended());
    if (code != no_error && !kernel_.supports(feature::bad_target_skipped)) {
      targets_.clear();
      loaded_ = false;
      return refuse(code);
    }
    targets_.push_back({name, false, std::move(made)});
    ++boot_targets_;
    return {};
  }

  /// The state that enabled shows, where deactivated is 0 too. Nothing when no such target exists.
  [[nodiscard]] std::optional<target_state> state(std::string_view name) const {
    const auto* found = target(name);
    return found ? std::optional{found->model.state()} : std::nullopt;
  }

  /// The userdata lines that an extended record of that target carries; empty when no such target exists.
  [[nodiscard]] std::string published_userdata(std::string_view name) const {
    const auto* found = target(name);
    return found ? found->model.published() : std::string{};
  }

  /// Targets that were deactivated with that name (or MAC) try to resume.
  result<void> register_interface(interface added) {
    if (find_interface(added.name)) return refuse(linux_errno::eexist);
    interfaces_.push_back(std::move(added));
    resume(interfaces_.back().name);
    return {};
  }

  /// An interface came, or was renamed so, in another network namespace, as of a container. Targets that wait
  /// for one of its name (or MAC) look for it here, find none and wait no longer (7.0 to 7.3).
  void see_interface_elsewhere(const interface& seen) {
    for (auto& t : targets_) t.model.resume_on(seen, {t.name, interfaces_, log_});
  }

  /// Its targets are disabled, from 7.0 on deactivated. A port leaves its master as with release.
  result<void> unregister_interface(std::string_view name) {
    const auto* found = find_interface(name);
    if (!found) return refuse(linux_errno::enodev);
    for (auto& other : interfaces_)
      if (other.master == name) other.master.reset();
    const bool stops = has_target_on(name);
    for (auto& t : targets_)
      if (t.model.is_bound_to(name)) t.model.lose_interface();
    if (stops) put_stopped(name, "unregistered");
    const auto master = found->master;
    std::erase_if(interfaces_, [gone = std::string{name}](const auto& i) { return i.name == gone; });
    if (master) lose_port(*master);
    return {};
  }

  /// Targets on it follow; deactivated ones that wait for the new name (or its MAC) try to resume.
  result<void> rename_interface(std::string_view from, std::string_view to) {
    auto* found = find_interface(from);
    if (!found) return refuse(linux_errno::enodev);
    if (find_interface(to)) return refuse(linux_errno::eexist);
    const std::string old_name{from}, new_name{to};
    found->name = new_name;
    for (auto& other : interfaces_)
      if (other.master == old_name) other.master = new_name;
    for (auto& t : targets_) t.model.rename_interface(old_name, new_name);
    resume(new_name);
    return {};
  }

  /// The interface becomes a port of master: its targets stop, and do not resume.
  result<void> enslave(std::string_view name, std::string_view master) {
    auto* found = find_interface(name);
    if (!found) return refuse(linux_errno::enodev);
    if (found->master) return refuse(linux_errno::ebusy);
    found->master = std::string{master};
    disable_bound_to(name, "is joining a master device");
    return {};
  }

  /// The interface leaves its master. When it was the last port, targets on the master stop, for good, unless
  /// the master is a bridge (bond_main.c, br_if.c).
  result<void> release(std::string_view name) {
    auto* found = find_interface(name);
    if (!found) return refuse(linux_errno::enodev);
    if (!found->master) return refuse(linux_errno::einval);
    lose_port(*std::exchange(found->master, std::nullopt));
    return {};
  }

  /// Down stops no target: records are only skipped until it is up again.
  result<void> set_up(std::string_view name, bool up) {
    auto* found = find_interface(name);
    if (!found) return refuse(linux_errno::enodev);
    found->up = up;
    return {};
  }

  /// Replaces the addresses of an interface; targets keep the source they chose.
  result<void> set_addresses(std::string_view name, std::vector<ipv4_address> ipv4,
                             std::vector<ipv6_address> ipv6) {
    auto* found = find_interface(name);
    if (!found) return refuse(linux_errno::enodev);
    found->ipv4 = std::move(ipv4);
    found->ipv6 = std::move(ipv6);
    return {};
  }

 protected:
  /// A target with its name.
  struct record {
    std::string name;    ///< of its directory, or cmdlineN
    bool has_directory;  ///< boot targets run before mkdir gives them one
    target_model model;  ///< its files and state
  };

  /// With a target that is disabled go the consoles that no other target is of the kind of, whatever its own.
  void release_consoles(std::size_t disabled) {
    if (!kernel_.supports(feature::unneeded_console_removed)) return;
    for (const bool extended : {true, false}) {
      bool is_needed = false;
      for (std::size_t i = 0; i < targets_.size(); ++i)
        is_needed |= i != disabled && targets_[i].model.is_extended() == extended;
      if (!is_needed) log_.unregister_console(extended);
    }
  }

  /// mkdir of that name, which no directory has: a new target, or a boot target's directory (6.7+).
  void make_target(std::string_view name) {
    if (kernel_.supports(feature::boot_targets_in_configfs))
      for (auto at = targets_.begin(); at != targets_.end(); ++at)
        if (!at->has_directory && at->name == name) {
          at->has_directory = true;
          std::rotate(at, at + 1, targets_.end());  // directories are listed in the order they were made
          return;
        }
    targets_.push_back({std::string{name}, true, target_model{kernel_}});
  }

 private:
  const record* target(std::string_view name) const {
    const auto at = std::ranges::find(targets_, name, &record::name);
    return at == targets_.end() ? nullptr : &*at;
  }

  interface* find_interface(std::string_view name) {
    const auto at = std::ranges::find(interfaces_, name, &interface::name);
    return at == interfaces_.end() ? nullptr : &*at;
  }

  void resume(std::string_view name) {
    const auto* device = find_interface(name);
    for (auto& t : targets_) t.model.resume_on(*device, {t.name, interfaces_, log_});
  }

  bool has_target_on(std::string_view interface_name) const {
    return std::ranges::any_of(targets_, [&](const auto& t) { return t.model.is_bound_to(interface_name); });
  }

  void put_stopped(std::string_view interface_name, std::string_view as_it) {
    log_.put(level::info, std::string{"network logging stopped on interface "}
                              .append(interface_name)
                              .append(" as it ")
                              .append(as_it));
  }

  void disable_bound_to(std::string_view name, std::string_view as_it) {
    if (!has_target_on(name)) return;
    for (auto& t : targets_)
      if (t.model.is_bound_to(name)) t.model.disable();
    put_stopped(name, as_it);
  }

  void lose_port(std::string_view master) {
    const auto* const left = find_interface(master);
    if (left == nullptr || left->bridge) return;
    if (std::ranges::none_of(interfaces_, [&](const auto& i) { return i.master == master; }))
      disable_bound_to(master, "released slaves");
  }

 protected:
  kernel_profile kernel_;              ///< the kernel that is modelled
  std::vector<interface> interfaces_;  ///< in the order in which they were registered
  std::vector<record> targets_;        ///< in the order in which directories are listed
  kernel_log log_;                     ///< lines that take_log() has not given yet
  bool loaded_;                        ///< false: unloaded, or built without configfs

 private:
  std::size_t boot_targets_ = 0;
};

}  // namespace netcon::inline v0_1::configfs
