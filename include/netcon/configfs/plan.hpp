// SPDX-License-Identifier: MIT
// Plans: the file operations that make, change or remove a target, as a value. tree.hpp carries them out.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/plan_error.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/detail/find_named.hpp>
#include <netcon/parameter/target.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// What a step does.
enum class operation : std::uint8_t {
  mkdir,  ///< makes a target or a userdata entry
  rmdir,  ///< removes one; a target may be enabled, but must have no entries
  write,  ///< one write(2) to a file
};

/// The enumerator's name.
[[nodiscard]] constexpr std::string_view name(operation what) noexcept {
  return std::to_array<std::string_view>({"mkdir", "rmdir", "write"})[static_cast<std::size_t>(what)];
}

/// The operation of that name.
[[nodiscard]] constexpr std::optional<operation> parse_operation(std::string_view text) noexcept {
  return netcon::detail::find_named(text, operation::write);
}

/// One file operation. A write is one write(2) of exactly data.
struct step {
  operation what = operation::write;  ///< a write has data, the others have none
  std::string path{};                 ///< relative to the netconsole directory
  std::string data{};                 ///< of a write, with its newline

  friend bool operator==(const step&, const step&) = default;
};

/// "write '10.0.0.2' to box1/remote_ip", "mkdir box1".
[[nodiscard]] inline std::string describe(const step& step) {
  std::string text;
  if (step.what != operation::write) return text.append(name(step.what)).append(" ").append(step.path);
  std::string_view shown = step.data;
  if (shown.ends_with('\n')) shown.remove_suffix(1);
  return text.append("write '").append(shown).append("' to ").append(step.path);
}

/// From before (nothing: no such target) to after (nothing: removed). Empty when there is nothing to do.
struct plan {
  std::string name{};             ///< of the target's directory
  kernel_profile kernel{};        ///< for which the plan was made
  std::optional<state> before{};  ///< absent: no such target
  std::optional<state> after{};   ///< absent: removed
  std::vector<step> steps{};      ///< in the order in which they work

  [[nodiscard]] bool empty() const noexcept { return steps.empty(); }  ///< nothing is to be done
};

namespace internal {

inline bool is_directory_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= max_name && name != "." && name != ".." &&
         name.find_first_of(std::string_view{"/\0", 2}) == name.npos;
}

// The kernel drops a final newline: one is added where it fits, to keep the value's own or to store none.
inline std::optional<std::string> value_as_written(std::string_view value) {
  std::string data{value};
  if (data.size() < max_userdata_value) {
    data += '\n';
  } else if (data.size() > max_userdata_value || data.ends_with('\n')) {
    return std::nullopt;
  }
  return data;
}

inline std::optional<plan_error> find_problem(std::string_view name, const state& want,
                                              const kernel_profile& kernel) {
  const auto wrong = [](plan_problem code, std::string_view subject = {}) {
    return plan_error{code, std::string{subject}};
  };
  const auto& s = want.settings;
  if (!is_directory_name(name)) return wrong(plan_problem::bad_target_name, name);
  if (s.dev_mac) return wrong(plan_problem::device_by_mac);
  const auto device = s.dev_name.view();
  const bool loses_newline = device.size() == interface_name::max_text && device.ends_with('\n');
  if (device.find('\0') != device.npos || loses_newline) return wrong(plan_problem::bad_device_name, device);
  if (s.local_ip && s.local_ip->family() != s.remote_ip.family()) return wrong(plan_problem::family_mismatch);
  if (s.remote_ip.is_v6() && !(kernel.supports(feature::ipv6) && kernel.supports(feature::strict_addresses)))
    return wrong(plan_problem::ipv6_unsupported);
  if (s.extended && !kernel.supports(feature::extended)) return wrong(plan_problem::unsupported, "extended");
  if (s.release && !kernel.supports(feature::release)) return wrong(plan_problem::unsupported, "release");
  if (want.enabled && s.release && !s.extended) return wrong(plan_problem::release_without_extended);

  std::size_t used = want.userdata.size();
  const auto& on = want.sysdata;
  for (const auto& [switch_name, member, file] : sysdata_table) {
    if (!(on.*member)) continue;
    if (!exists(describe(file), kernel)) return wrong(plan_problem::unsupported, configfs::name(file));
    if (!kernel.supports(feature::separate_sysdata)) ++used;
  }
  if (!want.userdata.empty() && !kernel.supports(feature::userdata))
    return wrong(plan_problem::unsupported, "userdata");
  if (used > max_userdata_entries(kernel)) return wrong(plan_problem::too_many_entries);
  for (auto at = want.userdata.begin(); at != want.userdata.end(); ++at) {
    const auto& [key, value] = *at;
    if (key.size() > max_userdata_key) return wrong(plan_problem::key_too_long, key);
    if (!is_directory_name(key)) return wrong(plan_problem::bad_key, key);
    if (find_attribute(key, folder::userdata, kernel)) return wrong(plan_problem::reserved_key, key);
    if (std::ranges::find(want.userdata.begin(), at, key, &userdata_entry::key) != at)
      return wrong(plan_problem::duplicate_key, key);
    if (value.find('\0') != value.npos) return wrong(plan_problem::bad_value, key);
    if (!value_as_written(value)) return wrong(plan_problem::value_too_long, key);
  }
  return std::nullopt;
}

// An unspecified source leaves the choice to the kernel as an absent one does, until 7.4.
inline state without_unspecified_source(state want, const kernel_profile& kernel) {
  auto& source = want.settings.local_ip;
  if (source && source->is_unspecified() && !kernel.supports(feature::per_address_family)) source.reset();
  return want;
}

class planner {
 public:
  planner(std::string_view name, const kernel_profile& kernel) : name_{name}, kernel_{kernel} {}

  std::vector<step> take() && { return std::move(steps_); }

  void make(const state& want) {
    add(operation::mkdir, "");
    change(fresh(kernel_), want, true);
  }

  void remove(const state& now) {
    for (auto at = now.userdata.rbegin(); at != now.userdata.rend(); ++at)
      add(operation::rmdir, "userdata/" + at->key);
    add(operation::rmdir, "");
  }

  void change(const state& now, const state& want, bool just_made = false) {
    if (satisfies(now, want) && !sets_unknown_switch(now, want)) return;
    if (must_be_replaced(now, want)) {
      remove(now);
      make(want);
      return;
    }
    // An enabled target is locked: disable it, change it, enable it again.
    const bool stop = now.enabled && (!want.enabled || !has_settings(now, want));
    if (stop) write("enabled", "0");
    // One of the parameter may be bound by MAC, which no file shows: the kernel forgets the name when it
    // stops.
    const bool forgets_device = stop && is_boot_target_name(name_) && kernel_.supports(feature::resumable);
    change_settings(now, want, just_made, now.enabled && !stop, forgets_device);
    change_sysdata(now, want, false);
    change_userdata(now.userdata, want.userdata);
    change_sysdata(now, want, true);
    if (want.enabled && (stop || !now.enabled)) write("enabled", "1");
  }

 private:
  void add(operation what, const std::string& path, std::string data = {}) {
    steps_.push_back({what, path.empty() ? name_ : name_ + '/' + path, std::move(data)});
  }
  void write(std::string_view file, std::string_view text) {
    add(operation::write, std::string{file}, std::string{text} + '\n');
  }

  static bool has_settings(const state& now, const state& want) {
    auto other = now;
    other.userdata = want.userdata;
    other.sysdata = want.sysdata;
    other.enabled = want.enabled;
    return satisfies(other, want);
  }

  // Up to 6.17 a target that was once IPv6 stays so, and from 7.4 no write unsets an address.
  bool must_be_replaced(const state& now, const state& want) const {
    const bool resets_source = now.settings.local_ip && !want.settings.local_ip;
    const bool keeps_running = now.enabled && want.enabled && has_settings(now, want);
    if (kernel_.supports(feature::per_address_family)) return resets_source && !keeps_running;
    return !kernel_.supports(feature::checked_addresses) && now.settings.remote_ip.is_v6() &&
           want.settings.remote_ip.is_v4();
  }

  void change_settings(const state& now, const state& want, bool just_made, bool running,
                       bool forgets_device) {
    if (running) return;
    const auto& have = now.settings;
    const auto& s = want.settings;
    const auto flag = [](bool on) { return on ? "1" : "0"; };
    if (have.extended != s.extended) write("extended", flag(s.extended));
    if (have.release != s.release) write("release", flag(s.release));
    if (have.dev_name != s.dev_name || forgets_device) write("dev_name", s.dev_name.view());
    if (have.local_port != s.local_port) write("local_port", to_string(s.local_port));
    if (have.remote_port != s.remote_port) write("remote_port", to_string(s.remote_port));
    // One flag holds the family of both addresses: a source left over from the other one would be misread.
    const bool other_family = have.remote_ip.family() != s.remote_ip.family();
    const bool leftovers = other_family && !just_made && !kernel_.supports(feature::per_address_family);
    if (leftovers || have.local_ip != s.local_ip) {
      const ip_address unset = s.remote_ip.is_v6() ? ip_address{ipv6_address{}} : ip_address{};
      write("local_ip", to_string(s.local_ip.value_or(unset)));
    }
    // From 7.4 on 0.0.0.0 is not the same as never written.
    const bool may_be_unset = kernel_.supports(feature::per_address_family) && s.remote_ip.is_unspecified();
    if (may_be_unset || have.remote_ip != s.remote_ip) write("remote_ip", to_string(s.remote_ip));
    if (have.remote_mac != s.remote_mac) write("remote_mac", to_string(s.remote_mac));
  }

  // Switches go off before entries are made and on after others are gone: they may share their places.
  // A switch that cannot be read is written whatever it shows, unless want says nothing of it either.
  void change_sysdata(const state& now, const state& want, bool on) {
    for (const auto& [switch_name, member, file] : sysdata_table) {
      const bool is_unread = file == attribute::release_enabled && is_release_switch_unknown(now);
      const bool changes =
          is_unread ? sets_unknown_switch(now, want) : now.sysdata.*member != want.sysdata.*member;
      if (changes && want.sysdata.*member == on)
        write("userdata/" + std::string{configfs::name(file)}, on ? "1" : "0");
    }
  }

  static bool sets_unknown_switch(const state& now, const state& want) noexcept {
    return is_release_switch_unknown(now) && !is_release_switch_unknown(want);
  }

  // New entries come last, so those that stay are the longest beginning of the wanted ones that is there in
  // this order.
  void change_userdata(const std::vector<userdata_entry>& now, const std::vector<userdata_entry>& want) {
    std::size_t kept = 0;
    for (const auto& entry : now) {
      if (kept < want.size() && entry.key == want[kept].key) {
        ++kept;
      } else {
        add(operation::rmdir, "userdata/" + entry.key);
      }
    }
    for (std::size_t i = 0; i < want.size(); ++i) {
      const auto& [key, value] = want[i];
      if (i >= kept) add(operation::mkdir, "userdata/" + key);
      const auto there = std::ranges::find(now, key, &userdata_entry::key);
      const std::string_view old = i < kept ? std::string_view{there->value} : std::string_view{};
      if (value != old) add(operation::write, "userdata/" + key + "/value", *value_as_written(value));
    }
  }

  std::string name_;
  kernel_profile kernel_;
  std::vector<step> steps_;
};

}  // namespace internal

/// The operations that bring the target from now to want, as few as possible and in an order that works: stop
/// only when a locked attribute changes, take away before adding, enable last. Empty when now satisfies want,
/// but for a switch that could not be read, which is written.
[[nodiscard]] inline std::expected<plan, plan_error> update(
    std::string_view name, const state& now, const state& want,
    const kernel_profile& kernel = kernel_profile::latest()) {
  if (const auto problem = internal::find_problem(name, want, kernel)) return std::unexpected{*problem};
  auto goal = internal::without_unspecified_source(want, kernel);
  internal::planner planner{name, kernel};
  planner.change(now, goal);
  return plan{std::string{name}, kernel, now, std::move(goal), std::move(planner).take()};
}

/// A new target. A target of the parameter, cmdlineN, is attached to instead (6.7+): read it and update.
[[nodiscard]] inline std::expected<plan, plan_error> create(
    std::string_view name, const state& want, const kernel_profile& kernel = kernel_profile::latest()) {
  if (const auto problem = internal::find_problem(name, want, kernel)) return std::unexpected{*problem};
  auto goal = internal::without_unspecified_source(want, kernel);
  internal::planner planner{name, kernel};
  planner.make(goal);
  return plan{std::string{name}, kernel, std::nullopt, std::move(goal), std::move(planner).take()};
}

/// An enabled target without userdata.
[[nodiscard]] inline std::expected<plan, plan_error> create(
    std::string_view name, const settings& want, const kernel_profile& kernel = kernel_profile::latest()) {
  return create(name, state{.settings = want}, kernel);
}

/// Settings change, the rest stays; the target ends enabled.
[[nodiscard]] inline std::expected<plan, plan_error> update(
    std::string_view name, const state& now, const settings& want,
    const kernel_profile& kernel = kernel_profile::latest()) {
  auto wanted = now;
  wanted.settings = want;
  wanted.enabled = true;
  return update(name, now, wanted, kernel);
}

/// Takes the userdata away and then the target, which may be enabled.
[[nodiscard]] inline plan remove(std::string_view name, const state& now,
                                 const kernel_profile& kernel = kernel_profile::latest()) {
  internal::planner planner{name, kernel};
  planner.remove(now);
  return {std::string{name}, kernel, now, std::nullopt, std::move(planner).take()};
}

/// The way back. Fails only where before is a state that configfs cannot make, such as a device by MAC.
[[nodiscard]] inline std::expected<plan, plan_error> inverse(const plan& p) {
  if (p.before && p.after) {
    auto now = *p.after;
    // The kernel has chosen a source by now: not the one that after says, which is none.
    if (now.enabled && !now.settings.local_ip) now.settings.local_ip = ip_address{};
    return update(p.name, now, *p.before, p.kernel);
  }
  if (p.before) return create(p.name, *p.before, p.kernel);
  return remove(p.name, p.after.value_or(state{}), p.kernel);
}

}  // namespace netcon::inline v0_1::configfs
