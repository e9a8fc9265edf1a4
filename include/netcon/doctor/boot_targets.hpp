// SPDX-License-Identifier: MIT
// The targets that netconsole was given as a parameter: by the files and the command line that set it, and by
// the kernel's own log.
#pragma once

#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/internal/banner_reader.hpp>
#include <netcon/doctor/internal/given_parameters.hpp>
#include <netcon/doctor/log_meaning.hpp>
#include <netcon/doctor/profile.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor {

/// A target of the parameter netconsole=.
struct boot_target {
  std::string name{};          ///< "cmdline0" and so on, as the kernel names it
  settings wanted{};           ///< as far as they are known
  std::string place{};         ///< where it is written: a file of modprobe.d, or "the kernel command line"
  bool is_logged = false;      ///< the kernel's log has its banner; otherwise it is only written down
  bool is_form_known = false;  ///< whether it is extended, which its banner does not say
};

/// The targets of the parameter that netconsole was loaded with, in its order. The log decides where it has a
/// load; what is written in files may have been written later. Nothing unless netconsole is loaded.
[[nodiscard]] inline std::vector<boot_target> boot_targets(const facts& known) {
  const auto kernel = profile_of(known.kernel);
  std::vector<boot_target> found;
  if (!known.kernel.is_loaded.is(true)) return found;
  const auto add = [&](boot_target one) {
    one.name = "cmdline" + std::to_string(found.size());
    found.push_back(std::move(one));
  };
  std::vector<boot_target> written;
  for (const auto& one : internal::given_parameters(known, kernel))
    if (one.is_read)
      if (const auto parsed = parse_parameter(one.value, kernel); parsed) {
        written.clear();
        for (const auto& each : *parsed)
          written.push_back(
              {.wanted = resolve(each.value, kernel), .place = one.place, .is_form_known = true});
      }
  bool has_load = false;
  internal::banner_reader banners{kernel};
  if (known.log)
    for (const auto& text : *known.log)
      if (const auto line = explain_log_line(text)) {
        banners.push(*line);
        has_load = has_load || line->name == "started";
      }
  if (!has_load) {
    for (auto& one : written) add(std::move(one));
    return found;
  }
  for (const auto& [wanted, is_form_known] : banners.targets()) {
    boot_target one{.wanted = wanted, .is_logged = true, .is_form_known = is_form_known};
    for (const auto& other : written)
      if (other.wanted.remote_ip == wanted.remote_ip && other.wanted.remote_port == wanted.remote_port) {
        one.wanted.extended = other.wanted.extended;
        one.is_form_known = true;
        one.place = other.place;
      }
    add(std::move(one));
  }
  return found;
}

/// Those of them that configfs does not show: all where it shows nothing, as without
/// CONFIG_NETCONSOLE_DYNAMIC.
[[nodiscard]] inline std::vector<boot_target> hidden_targets(const facts& known) {
  auto hidden = boot_targets(known);
  if (known.targets)
    std::erase_if(hidden, [&](const boot_target& one) {
      return std::ranges::find(*known.targets, one.name, &target_facts::name) != known.targets->end();
    });
  return hidden;
}

}  // namespace netcon::inline v0_1::doctor
