// SPDX-License-Identifier: MIT
// From the facts about a machine that receives to findings.
#pragma once

#include <netcon/core/printable.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/doctor/internal/firewall_walk.hpp>
#include <netcon/doctor/receiver_facts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor {

namespace internal {

class receiver_examination {
 public:
  explicit receiver_examination(const receiver_facts& known) : known_{known} {}

  std::vector<finding> run() {
    check_port();
    check_buffer();
    check_checksum();
    check_reverse_path();
    check_firewall();
    return std::move(found_);
  }

 private:
  void add(check code, severity how, std::string_view subject, std::string evidence,
           std::string remedy = {}) {
    found_.push_back({code, how, std::string{subject}, std::move(evidence), std::move(remedy)});
  }

  void check_port() {
    const auto text = "UDP port " + to_string(known_.port);
    if (!known_.holders) return add(check::port, severity::unknown, "", known_.holders.reason());
    const auto listen = "netcon listen " + to_string(known_.port);
    if (known_.holders->empty())
      return add(check::port, severity::bad, "", "nothing is bound to " + text, listen);
    bool only_itself = true;
    // A server may have a connected socket for each client besides.
    const bool all_connected = std::ranges::all_of(*known_.holders, [](auto& one) { return !!one.peer; });
    for (const auto& one : *known_.holders) {
      auto who = one.program.empty() ? std::string{"a program of another user"} : printable(one.program);
      if (one.pid != 0) who += " (process " + std::to_string(one.pid) + ')';
      who += " has " + to_string(one.local);
      if (one.peer) who += ", and takes only what comes from " + to_string(*one.peer);
      if (all_connected)
        add(check::port, severity::warning, "", std::move(who), listen);
      else if (one.program == socket_keeper)
        add(check::port, severity::warning, "", who + ", and no service reads from it",
            "systemctl list-sockets");
      else
        add(check::port, severity::ok, "", std::move(who));
      only_itself = only_itself && one.local.address.is_loopback();
    }
    if (only_itself)
      add(check::bound_address, severity::bad, "", text + " is bound to this machine's own addresses only",
          listen);
  }

  void check_buffer() {
    if (!known_.holders) return;
    std::uint64_t drops = 0, queued = 0;
    for (const auto& one : *known_.holders) {
      drops += one.drops;
      queued = std::max(queued, one.queued_bytes);
    }
    auto evidence = std::to_string(drops) + " packets found the buffer full";
    if (queued != 0) evidence += "; " + std::to_string(queued) + " bytes are waiting to be read";
    if (drops == 0) return add(check::buffer, severity::ok, "", std::move(evidence));
    constexpr std::uint64_t enough = 64u << 20;
    const bool is_small = known_.largest_buffer && *known_.largest_buffer < enough;
    if (is_small)
      evidence += "; programs may ask for " + std::to_string(*known_.largest_buffer) + " bytes at most";
    add(check::buffer, severity::warning, "", std::move(evidence),
        is_small ? "echo " + std::to_string(enough) + " > /proc/sys/net/core/rmem_max" : std::string{});
  }

  void check_checksum() {
    if (!known_.checksum_errors)
      return add(check::checksum, severity::unknown, "", known_.checksum_errors.reason());
    const auto count = *known_.checksum_errors;
    add(check::checksum, count == 0 ? severity::ok : severity::warning, "",
        std::to_string(count) + " packets to any port came damaged since boot");
  }

  void check_reverse_path() {
    if (!known_.filters) return add(check::reverse_path, severity::unknown, "", known_.filters.reason());
    int all = 0;
    std::size_t devices = 0;
    for (const auto& one : *known_.filters)
      if (one.device == "all") all = one.mode;
    std::string strict;
    for (const auto& one : *known_.filters) {
      if (one.device == "all" || one.device == "default" || one.device == "lo") continue;
      ++devices;
      if (std::max(one.mode, all) == 1) strict += (strict.empty() ? "" : ", ") + printable(one.device);
    }
    if (strict.empty()) return add(check::reverse_path, severity::ok, "", "rp_filter is not strict");
    // With one device every way back is through it.
    if (devices < 2)
      return add(check::reverse_path, severity::ok, "", "rp_filter is strict on the only device");
    const auto& drops = known_.filter_drops;
    if (drops.is(0))
      return add(check::reverse_path, severity::ok, "",
                 "rp_filter is strict on " + strict + ", and has dropped nothing since boot");
    add(check::reverse_path, severity::warning, "",
        "rp_filter is strict on " + strict + ": packets whose way back is another device are dropped" +
            (drops ? ", " + std::to_string(*drops) + " since boot" : ""),
        "echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter");
  }

  void check_firewall() {
    if (!known_.firewall) return add(check::firewall, severity::unknown, "", known_.firewall.reason());
    const auto verdict = read_firewall(*known_.firewall, {known_.port});
    if (add_obstacle(verdict, {})) return;
    const bool has_ipv6 =
        !known_.holders || known_.holders->empty() ||
        std::ranges::any_of(*known_.holders, [](auto& one) { return one.local.address.is_v6(); });
    if (has_ipv6 && add_obstacle(read_firewall(*known_.firewall, {known_.port, true}), "over IPv6 ")) return;
    add(check::firewall, severity::ok, "",
        !verdict.opened_by.empty() ? quoted(verdict.opened_by) + " lets the port in"
        : known_.firewall->empty() ? "there are no rules"
                                   : "no rule drops packets to the port");
  }

  static std::string quoted(std::string_view line) { return "'" + printable(line) + "'"; }

  static bool has_word(std::string_view rule, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(rule_words(rule),
                               [&](auto one) { return std::ranges::find(words, one) != words.end(); });
  }
  static bool is_for_program(std::string_view rule) { return has_word(rule, {"queue", "NFQUEUE"}); }

  /// What a rule does to packets from some sources.
  static std::string effect_of(std::string_view rule) {
    if (is_for_program(rule)) return " has a program decide on some packets";
    return has_word(rule, {"dnat", "redirect", "tproxy", "DNAT", "REDIRECT", "TPROXY"})
               ? " sends some packets elsewhere"
               : " keeps some packets out";
  }

  /// What a rule that keeps some packets out looks at.
  static std::string reason_of(std::string_view rule) {
    return rule.find("pkttype") != rule.npos || rule.find("--pkt-type") != rule.npos
               ? "whom their frames are for: without a MAC address netconsole sends to all"
               : "where they come from or go";
  }

  /// The finding of a firewall that keeps packets out, or may, or sends them elsewhere; otherwise false.
  bool add_obstacle(const firewall_verdict& verdict, const std::string& where) {
    const auto& closed = verdict.closed_by;
    const auto add_unknown = [&](const std::string& evidence) {
      add(check::firewall, severity::unknown, "", where + evidence);
    };
    const auto add_warning = [&](const std::string& evidence) {
      add(check::firewall, severity::warning, "", where + evidence, verdict.command);
    };
    if (!verdict.redirected_by.empty())
      add_unknown(quoted(verdict.redirected_by) +
                  (is_for_program(verdict.redirected_by)
                       ? " has a program decide on packets to the port"
                       : " sends packets to the port elsewhere; what they meet there is not looked at"));
    else if (!verdict.perhaps_closed.empty())
      add_warning(quoted(verdict.perhaps_closed) + " keeps packets to the port out");
    else if (closed.empty() && verdict.closed_to_some.empty())
      return false;
    else if (closed.empty())
      add_unknown(
          quoted(verdict.closed_to_some) + effect_of(verdict.closed_to_some) + ", by " +
          reason_of(verdict.closed_to_some) +
          (verdict.opened_by.empty() ? "" : "; " + quoted(verdict.opened_by) + " lets the others in"));
    else if (!verdict.perhaps_opened.empty())
      add_unknown(quoted(verdict.perhaps_opened) + " lets some packets to the port in, " + quoted(closed) +
                  " none of the others");
    else if (verdict.is_port_named)
      add_warning(quoted(closed) + " keeps the port out");
    else
      add_warning(quoted(closed) + ", and no rule for the port accepts");
    return true;
  }

  const receiver_facts& known_;
  std::vector<finding> found_{};
};

}  // namespace internal

/// One finding for each check, and one for each program that has the port. Looks at nothing but the facts.
[[nodiscard]] inline std::vector<finding> diagnose(const receiver_facts& known) {
  return internal::receiver_examination{known}.run();
}

}  // namespace netcon::inline v0_1::doctor
