// SPDX-License-Identifier: MIT
// The targets that netconsole was given as a parameter: by the files and the command line that set it, and by
// the kernel's own log.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/internal/arguments.hpp>
#include <netcon/doctor/log_meaning.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// A value of netconsole= and where it is written.
struct given_parameter {
  std::string place;
  std::string value;
  bool is_file = false;  // of modprobe.d; otherwise the kernel command line
  bool is_read = true;   // false: a module does not read netconsole= on the command line
};

inline std::vector<given_parameter> given_parameters(const facts& known, const kernel_profile& kernel) {
  std::vector<given_parameter> given;
  const bool is_module = kernel.supports(feature::module);
  if (known.boot.modprobe && is_module)
    for (const auto& line : *known.boot.modprobe) {
      const auto words = words_of(line.text);
      if (words.size() < 2 || words[0] != "options") continue;
      if (auto value = value_of_last(words, "netconsole")) {
        // The module's own name is the second word.
        if (!value->empty()) given.push_back({line.file, *std::move(value), true});
      }
    }
  if (known.boot.command_line) {
    const auto words = words_of(*known.boot.command_line);
    if (auto value = value_of_last(words, "netconsole.netconsole"))
      given.push_back({"the kernel command line", *std::move(value)});
    if (auto value = value_of_last(words, "netconsole"))
      given.push_back({"the kernel command line", *std::move(value), false, !is_module});
  }
  return given;
}

/// A target of the parameter.
struct boot_target {
  std::string name;  // cmdlineN
  settings wanted;
  bool is_logged = false;      // the kernel's log has its banner
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
  const std::vector<boot_target>& targets() const noexcept { return targets_; }

 private:
  /// The consoles that the load registered tell the form where there is only one.
  void take_targets() {
    const bool only_needed = kernel_.supports(feature::needed_consoles_only);
    const bool all_basic = has_basic_ && !has_extended_;
    const bool all_extended = has_extended_ && (only_needed ? !has_basic_ : banners_.size() == 1);
    targets_.clear();
    for (auto& one : banners_) {
      one.extended = all_extended;
      targets_.push_back(
          {.name = {}, .wanted = one, .is_logged = true, .is_form_known = all_basic || all_extended});
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
  std::vector<boot_target> targets_{};
  bool console_follows_ = false, has_basic_ = false, has_extended_ = false;
};

/// The targets of the parameter that netconsole was loaded with. The log decides where it has a load; what is
/// written in files may have been written later. Nothing unless netconsole is loaded.
inline std::vector<boot_target> boot_targets(const facts& known, const kernel_profile& kernel) {
  std::vector<boot_target> found;
  if (!known.kernel.is_loaded.is(true)) return found;
  const auto add = [&](boot_target one) {
    one.name = "cmdline" + std::to_string(found.size());
    found.push_back(std::move(one));
  };
  std::vector<settings> written;
  for (const auto& one : given_parameters(known, kernel))
    if (one.is_read)
      if (const auto parsed = parse_parameter(one.value, kernel); parsed) {
        written.clear();
        for (const auto& each : *parsed) written.push_back(resolve(each.value, kernel));
      }
  bool has_load = false;
  banner_reader banners{kernel};
  if (known.log)
    for (const auto& text : *known.log)
      if (const auto line = explain_log_line(text)) {
        banners.push(*line);
        has_load = has_load || line->name == "started";
      }
  if (!has_load) {
    for (const auto& one : written) add({.name = {}, .wanted = one, .is_form_known = true});
    return found;
  }
  for (auto one : banners.targets()) {
    for (const auto& other : written)
      if (other.remote_ip == one.wanted.remote_ip && other.remote_port == one.wanted.remote_port) {
        one.wanted.extended = other.extended;
        one.is_form_known = true;
      }
    add(std::move(one));
  }
  return found;
}

}  // namespace netcon::inline v0_1::doctor::internal
