// SPDX-License-Identifier: MIT
// The targets that the kernel's log shows at a load with a parameter.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/doctor/log_meaning.hpp>
#include <netcon/parameter/target.hpp>

#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// A target of which the log has the banner.
struct logged_target {
  settings wanted;
  bool is_form_known = false;  // whether it is extended, which its banner does not say
};

/// Reads the banners that precede "network logging started" at a load with a parameter. There the consoles
/// are registered after the banners; enabling a target through configfs registers them before its banner.
class banner_reader {
 public:
  explicit banner_reader(const kernel_profile& kernel) : kernel_{kernel} {}

  void push(const log_meaning& line) {
    if (line.name == "local-port") {
      banners_.emplace_back();
      console_follows_ = false;
    }
    if (!banners_.empty()) read(line, banners_.back());
    if (line.name == "basic-console" || line.name == "extended-console") {
      console_follows_ = !banners_.empty();
      (line.name == "basic-console" ? has_basic_ : has_extended_) = true;
    }
    if (line.name.ends_with("-console-gone")) targets_.clear();
    if (line.name == "load-failed") banners_.clear();
    if (line.name != "started") return;
    if (console_follows_) take_targets();
    banners_.clear();
    console_follows_ = has_basic_ = has_extended_ = false;
  }

  /// Those of the last load, in the order of the parameter.
  const std::vector<logged_target>& targets() const noexcept { return targets_; }

 private:
  /// The consoles that the load registered tell the form where there is only one.
  void take_targets() {
    const bool only_needed = kernel_.supports(feature::needed_consoles_only);
    const bool all_basic = has_basic_ && !has_extended_;
    const bool all_extended = has_extended_ && (only_needed ? !has_basic_ : banners_.size() == 1);
    targets_.clear();
    for (auto& one : banners_) {
      one.extended = all_extended;
      targets_.push_back({one, all_basic || all_extended});
    }
  }

  static void read(const log_meaning& line, settings& to) {
    const auto assign = [](auto& member, const auto& parsed) {
      if (parsed) member = *parsed;
    };
    if (line.name == "local-port") assign(to.local_port, port::parse(line.subject));
    if (line.name == "remote-port") assign(to.remote_port, port::parse(line.subject));
    if (line.name == "interface") to.dev_name = interface_name::truncated(line.subject);
    if (line.name == "remote-address") assign(to.remote_ip, ip_address::parse(line.subject));
    if (line.name == "remote-mac") assign(to.remote_mac, mac_address::parse(line.subject));
    if (line.name == "local-address" || line.name == "source-chosen")
      if (const auto address = ip_address::parse(line.subject)) to.local_ip = *address;
  }

  kernel_profile kernel_;
  std::vector<settings> banners_{};
  std::vector<logged_target> targets_{};
  bool console_follows_ = false, has_basic_ = false, has_extended_ = false;
};

}  // namespace netcon::inline v0_1::doctor::internal
