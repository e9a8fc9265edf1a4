// SPDX-License-Identifier: MIT
#include "testing/silence_reasons.hpp"

#include "output/findings.hpp"

#include <netcon/doctor/diagnose.hpp>
#include <netcon/doctor/silence.hpp>
#include <netcon/os/contact.hpp>
#include <netcon/os/facts.hpp>
#include <netcon/os/route.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

namespace tool {
namespace {

namespace doctor = netcon::doctor;

std::string explain_not_sent() {
  std::ifstream file{"/proc/sys/kernel/printk_devkmsg"};
  std::string setting;
  if (!(file >> setting)) setting = "unknown";
  return fmt::format(
      "the kernel's log did not take the record, though it accepted the write: kernel.printk_devkmsg is "
      "'{}'; sysctl -w kernel.printk_devkmsg=on",
      setting);
}

/// Why the test's own socket could not send, and what that means.
std::string explain_not_let_out(const std::error_code& problem, bool is_through_kernel) {
  const auto why = problem == std::errc::operation_not_permitted
                       ? std::string{"a firewall of this machine does not let it out; nft list ruleset"}
                       : problem.message();
  return (is_through_kernel ? "the test's own datagram, which opens the way for the answer, was not sent: "
                            : "the probe was not sent: ") +
         why;
}

/// The device that the routing tables choose; the kernel's default where they have none.
netcon::interface_name device_towards(const netcon::endpoint& receiver) {
  const auto way = netcon::find_route(receiver.address, std::nullopt, receiver.scope);
  return way ? way->dev_name : netcon::settings{}.dev_name;
}

/// The target as doctor knows targets. Of an address only the way and the receiver's answer count: nobody
/// named a device.
doctor::target_facts as_typed(const tested_target& target) {
  doctor::target_facts out{.name = target.name, .state = {}};
  if (target.settings)
    out.state.settings = *target.settings;
  else
    out.state.settings.dev_name = device_towards(target.remote);
  out.state.settings.remote_ip = target.remote.address;
  out.state.settings.remote_port = target.remote.port;
  return out;
}

bool is_known(const doctor::facts& known, const std::string& name) {
  const auto has_name = [&](const auto& list) {
    return std::ranges::any_of(list, [&](const auto& one) { return one.name == name; });
  };
  return (known.targets && has_name(*known.targets)) || has_name(hidden_targets(known));
}

/// What came back to the test takes the place of a datagram that doctor would send.
void take_contacts(doctor::facts& known, const path_result& one) {
  known.contacts.clear();
  const netcon::endpoint receiver{one.target.remote.address, one.target.remote.port};  // without a scope
  for (const auto& error : one.errors)
    known.contacts.push_back(netcon::read_contact(receiver, error, one.target.local.address));
}

/// The least urgent level that was not answered; that of doctor where all were.
netcon::level silent_level(const path_result& one) {
  std::optional<netcon::level> found;
  for (const auto& at : one.levels)
    if (at.outcome != probe_outcome::answered && (!found || at.level > *found)) found = at.level;
  return found.value_or(netcon::level::info);
}

bool is_about_way(const doctor::finding& one) {
  return one.code == doctor::check::route || one.code == doctor::check::receiver;
}

}  // namespace

doctor::facts gather_silence_facts(std::span<const path_result> results, const std::string& configfs_root) {
  netcon::facts_options how{.configfs_root = configfs_root, .sends = false};
  for (const auto& one : results) how.typed.push_back(as_typed(one.target));
  return netcon::gather_facts(how);
}

void explain_result(path_result& one, doctor::facts known, bool is_through_kernel) {
  if (one.is_answered()) return;
  const auto& target = one.target;
  const auto has = [&](probe_outcome wanted) {
    return std::ranges::find(one.levels, wanted, &level_result::outcome) != one.levels.end();
  };
  const bool was_answered = has(probe_outcome::answered), is_silent = has(probe_outcome::silent);
  if (target.problem) one.reasons.push_back(*target.problem);
  if (is_through_kernel && has(probe_outcome::not_sent)) one.reasons.push_back(explain_not_sent());
  if (one.not_let_out && !was_answered)
    one.reasons.push_back(explain_not_let_out(one.not_let_out, is_through_kernel));

  take_contacts(known, one);
  doctor::diagnose_options how{.wanted = silent_level(one), .targets = {target.name}};
  if (!is_known(known, target.name)) how.typed.push_back(as_typed(target));
  one.findings = explain_silence(diagnose(known, how));
  if (!is_through_kernel) std::erase_if(one.findings, [](const auto& found) { return !is_about_way(found); });
  // An answer at another level shows that the way is free.
  if (was_answered)
    std::erase_if(one.findings, [](const auto& found) { return found.code != doctor::check::console_level; });
  for (const auto& found : one.findings) one.reasons.push_back(findings_line(found, target.name));

  const auto at = std::ranges::find(one.levels, probe_outcome::silent, &level_result::outcome);
  if (was_answered && is_silent && one.findings.empty())
    one.reasons.push_back(
        fmt::format("the record at {} or its answer was lost on the way, or limited by the receiver: test "
                    "again",
                    name(at->level)));
  const bool is_bad = doctor::worst(one.findings) == doctor::severity::bad;
  if (!was_answered && is_silent && !is_bad)
    one.reasons.push_back(fmt::format(
        "nothing came back: is 'netcon listen {} --answer --allow {}' running on {}, and does a firewall on "
        "the way take UDP to port {}?",
        target.remote.port.value(), to_string(target.local.address), to_string(target.remote.address),
        target.remote.port.value()));
}

std::string explain_no_target(const std::string& configfs_root) {
  const auto known = netcon::gather_facts({.configfs_root = configfs_root, .sends = false});
  const auto found = explain_silence(diagnose(known));
  const auto is_bad = [](const doctor::finding& one) { return one.severity == doctor::severity::bad; };
  const auto first = std::ranges::find_if(found, is_bad);
  return first == found.end() ? std::string{} : findings_line(*first);
}

}  // namespace tool
