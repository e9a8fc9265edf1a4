// SPDX-License-Identifier: MIT
#include "testing/silence_reasons.hpp"

#include <netcon/core/number.hpp>
#include <netcon/os/route.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>

namespace tool {
namespace {

/// The first word of a file of /proc or /sys.
std::optional<std::string> read_word(const char* path) {
  std::ifstream file{path};
  std::string word;
  if (!(file >> word)) return std::nullopt;
  return word;
}

/// Records of a lower number are printed to consoles, netconsole among them.
std::optional<std::uint64_t> console_level() {
  const auto word = read_word("/proc/sys/kernel/printk");
  return word ? netcon::parse_decimal(*word) : std::nullopt;
}

bool is_set(const char* path) {
  const auto word = read_word(path);
  return word && *word == "Y";
}

std::string explain_not_sent() {
  const auto setting = read_word("/proc/sys/kernel/printk_devkmsg");
  return fmt::format(
      "the kernel's log did not take the record, though it accepted the write: kernel.printk_devkmsg is "
      "'{}'; sysctl -w kernel.printk_devkmsg=on",
      setting.value_or("unknown"));
}

std::string explain(const netcon::icmp_error& error, const path_result& one) {
  const auto& remote = one.target.remote;
  if (error.is_unresolved(one.target.local.address))
    return fmt::format("the next hop on the way to {} does not answer: is it on and connected?",
                       to_string(remote.address));
  if (error.offender == remote.address && error.code == std::errc::connection_refused)
    return fmt::format(
        "the receiver refuses: no program listens on port {} of {}; there: netcon listen {} --answer "
        "--allow {}",
        remote.port.value(), to_string(remote.address), remote.port.value(),
        to_string(one.target.local.address));
  return fmt::format(
      "{} refuses: {} says \"{}\"", error.offender == remote.address ? "the receiver" : "a router on the way",
      to_string(error.offender), netcon::describe_icmp(error.type, error.icmp_code, error.offender.is_v6()));
}

/// The MAC address that the target's packets have, against the one of the way to the receiver.
std::optional<std::string> compare_mac(const tested_target& target) {
  if (!target.settings || target.settings->remote_mac.is_broadcast()) return std::nullopt;
  netcon::target now;
  now.remote_ip = target.remote.address;
  if (!target.settings->dev_name.view().empty()) now.local_device = target.settings->dev_name;
  const auto way = netcon::complete(now);
  if (!way) return fmt::format("the way to the receiver: {}", way.error().message());
  if (way->remote_mac == target.settings->remote_mac) return std::nullopt;
  return fmt::format(
      "the target sends to MAC address {}, but the way to {} is through {}: netcon suggest {}{} "
      "--apply",
      to_string(target.settings->remote_mac), to_string(target.remote.address), to_string(*way->remote_mac),
      to_string(target.remote), target.name.find('@') == target.name.npos ? " --name " + target.name : "");
}

}  // namespace

std::vector<std::string> find_reasons(const path_result& one) {
  std::vector<std::string> reasons;
  if (one.target.problem) return {*one.target.problem};
  if (one.is_answered()) return reasons;
  const auto is = [](probe_outcome wanted) {
    return [wanted](const level_result& at) { return at.outcome == wanted; };
  };
  if (std::ranges::any_of(one.levels, is(probe_outcome::not_sent))) reasons.push_back(explain_not_sent());
  for (const auto& error : one.errors) reasons.push_back(explain(error, one));

  const auto answered = std::ranges::find_if(one.levels, is(probe_outcome::answered));
  const auto silent = std::ranges::find_if(one.levels, is(probe_outcome::silent));
  if (silent == one.levels.end()) return reasons;
  const bool is_kernels = one.target.settings.has_value();
  const auto printed_below = console_level();
  const bool ignored = is_set("/sys/module/printk/parameters/ignore_loglevel");
  const auto needed = static_cast<unsigned>(silent->level) + 1;
  if (is_kernels && printed_below && *printed_below < needed && !ignored) {
    reasons.push_back(
        fmt::format("the console level is {}: records of {} are not sent; dmesg -n {}, and at boot "
                    "loglevel={} instead of quiet",
                    *printed_below, name(silent->level), needed, needed));
  } else if (answered != one.levels.end()) {
    reasons.push_back(
        fmt::format("the record at {} or its answer was lost on the way, or limited by the receiver: test "
                    "again",
                    name(silent->level)));
  }
  if (answered != one.levels.end()) return reasons;
  if (is_kernels && is_set("/sys/module/netconsole/parameters/oops_only"))
    reasons.emplace_back(
        "oops_only is set: nothing but an oops is sent; echo N > "
        "/sys/module/netconsole/parameters/oops_only");
  if (const auto mac = compare_mac(one.target)) reasons.push_back(*mac);
  if (reasons.empty())
    reasons.push_back(
        fmt::format("nothing came back: is 'netcon listen {} --answer --allow {}' running on {}, and does "
                    "a firewall on the way take UDP to port {}?",
                    one.target.remote.port.value(), to_string(one.target.local.address),
                    to_string(one.target.remote.address), one.target.remote.port.value()));
  return reasons;
}

}  // namespace tool
