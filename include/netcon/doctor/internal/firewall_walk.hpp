// SPDX-License-Identifier: MIT
// The way of UDP packets through a firewall's chains: is a port let in.
#pragma once

#include <netcon/core/port.hpp>
#include <netcon/doctor/internal/firewall_text.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// What the text says: no more than a first look, for rules may depend on anything.
struct firewall_verdict {
  std::string closed_by{};       // a line that drops or rejects the packets; empty: none
  std::string perhaps_closed{};  // a rule that names the port and drops, of some packets
  std::string closed_to_some{};  // a rule that drops what comes from some sources or devices, or to all
  std::string opened_by{};       // a rule that accepts them
  std::string perhaps_opened{};  // in front of closed_by: a rule that accepts some packets to the port
  std::string redirected_by{};   // a rule that sends them to another port or machine, or to a program
  matching untracked = matching::no;
  bool is_port_named = false;  // by the rule that closes
  std::string command{};       // lets the port in
};

/// Follows the packets through the chains, from each where they begin.
class firewall_walk {
 public:
  firewall_walk(const firewall_chains& chains, const wanted_packets& wanted)
      : chains_{chains}, wanted_{wanted} {}

  firewall_verdict run() && {
    const std::string_view other_family = wanted_.over_ipv6 ? "ip " : "ip6 ";
    for (const auto& one : chains_) {
      if (!one.is_base || one.table.starts_with(other_family) || one.table.starts_with("arp ")) continue;
      if (is_in_iptables_too(one)) continue;
      base_ = &one;
      opened_here_.clear();
      some_are_gone_ = false;
      path start{};
      start.is_certain = one.sees_all;
      if (decides(one, start, 0) || one.policy.empty()) continue;
      start.condition = one.policy;
      close(one.policy, start);
    }
    return std::move(out_);
  }

 private:
  /// Whether iptables-save prints the chain as well: of its extensions, nft may know no more than the names.
  bool is_in_iptables_too(const firewall_chain& one) const {
    const auto space = one.table.find(' ');
    return one.iptables.empty() && space != one.table.npos &&
           chains_.find(one.table.substr(0, space) + " iptables" + one.table.substr(space), one.name) !=
               nullptr;
  }

  /// What is known of the packets that come to a rule.
  struct path {
    bool is_certain = true;
    bool names_port = false;
    bool is_by_sender = true;      // what is not known is whose packets they are
    bool is_by_place = true;       // or to which address they go
    std::string_view condition{};  // the last rule on the way that not all packets match
  };

  /// left: a rule before it in the chain that some packets have left the chain by.
  static path path_to(const firewall_rule& rule, const path& above, const firewall_rule* left) {
    const bool takes_all = rule.how == matching::yes;  // that are still here
    return {
        .is_certain = above.is_certain && takes_all && left == nullptr,
        .names_port = above.names_port || rule.names_port,
        .is_by_sender = above.is_by_sender && rule.is_by_sender && (left == nullptr || left->is_by_sender),
        .is_by_place = above.is_by_place && rule.is_by_place && (left == nullptr || left->is_by_place),
        .condition = takes_all && !above.condition.empty() ? above.condition : rule.line};
  }

  /// Whether none of the packets that come to the chain gets further.
  bool decides(const firewall_chain& chain, const path& above, int depth) {
    const firewall_rule* left = nullptr;
    for (const auto& rule : chain.rules) {
      if (rule.how == matching::no) continue;
      const bool takes_all = rule.how == matching::yes;
      const auto here = path_to(rule, above, left);
      if (rule.untracks) untrack(here);
      if (rule.action == rule_action::accept && !here.is_certain) some_are_gone_ = true;
      switch (rule.action) {
        case rule_action::accept:
          open(rule.line, here);
          if (takes_all) return left == nullptr;
          break;
        case rule_action::drop:
          close(rule.line, here);
          if (takes_all) return left == nullptr;
          break;
        case rule_action::redirect:
          if (here.is_certain || here.names_port)
            keep_first(out_.redirected_by, rule.line);
          else if (here.is_by_sender)
            keep_first(out_.closed_to_some, here.condition);
          if (takes_all) return left == nullptr;
          break;
        case rule_action::jump:
        case rule_action::go_to:
          if (follows(chain, rule, here, depth)) {
            if (takes_all) return left == nullptr;
            break;
          }
          if (rule.action == rule_action::jump) break;
          [[fallthrough]];  // none comes back to this chain
        case rule_action::leave:
          if (takes_all) return false;
          if (left == nullptr || !rule.is_by_sender) left = &rule;
          break;
        case rule_action::none:
          break;
      }
    }
    return false;
  }

  bool follows(const firewall_chain& from, const firewall_rule& rule, const path& here, int depth) {
    constexpr int most_depth = 16;  // of the kernel
    const auto* const to = chains_.find(from.table, rule.chain);
    if (to == nullptr || depth == most_depth || budget_ == 0) return false;
    --budget_;
    return decides(*to, here, depth + 1);
  }

  static void keep_first(std::string& to, std::string_view line) {
    if (to.empty()) to = line;
  }

  void untrack(const path& here) {
    if (!base_->precedes_tracking) return;
    const auto how = here.is_certain && !some_are_gone_ ? matching::yes : matching::maybe;
    out_.untracked = std::max(out_.untracked, how);
  }

  void open(std::string_view line, const path& here) {
    if (here.is_certain) {
      if (base_->is_filter) keep_first(out_.opened_by, line);
    } else if (here.names_port || here.is_by_place) {
      keep_first(opened_here_, here.names_port ? line : here.condition);
    }
  }

  void close(std::string_view line, const path& here) {
    if (!here.is_certain && !here.names_port) {
      // Before the input, addresses may be those of containers.
      if (here.is_by_sender || (here.is_by_place && base_->is_filter))
        keep_first(out_.closed_to_some, here.condition);
      return;
    }
    if (!here.is_certain) {
      if (!out_.perhaps_closed.empty()) return;
      out_.perhaps_closed = line;
      if (out_.command.empty()) out_.command = command();
      return;
    }
    // A chain that lets nothing in counts more than one that lets some packets in.
    if (!out_.closed_by.empty() && (out_.perhaps_opened.empty() || !opened_here_.empty())) return;
    out_.closed_by = line;
    out_.perhaps_opened = opened_here_;
    out_.is_port_named = here.names_port;
    out_.command = command();
  }

  std::string command() const {
    const auto number = to_string(wanted_.to);
    if (base_->iptables.empty())
      return "nft insert rule " + base_->table + ' ' + base_->name + " udp dport " + number + " accept";
    return base_->iptables + " -I " + base_->name + " -p udp --dport " + number + " -j ACCEPT";
  }

  const firewall_chains& chains_;
  wanted_packets wanted_;
  const firewall_chain* base_ = nullptr;
  bool some_are_gone_ = false;   // a rule below base_ may have accepted them
  std::string opened_here_{};    // a rule below base_ that accepts some of the packets
  std::size_t budget_ = 10'000;  // chains in chains in chains would take for ever
  firewall_verdict out_;
};

inline firewall_verdict read_firewall(const std::vector<std::string>& lines, wanted_packets wanted) {
  auto chains = firewall_reader{wanted}.run(lines);
  auto out = firewall_walk{chains, wanted}.run();
  if (out.untracked != matching::no) {
    wanted.untracked = out.untracked;
    chains = firewall_reader{wanted}.run(lines);
    out = firewall_walk{chains, wanted}.run();
  }
  if (out.command.empty()) return out;
  const auto number = to_string(wanted.to);
  const auto is_of = [](std::string_view program, std::string_view text) {
    return text.find(program) != text.npos;
  };
  // Their own commands last; a rule that names the port is none of theirs.
  const bool is_left = !out.is_port_named && out.perhaps_closed.empty();
  if (is_left && std::ranges::any_of(chains, [&](auto& one) { return is_of("firewalld", one.table); }))
    out.command = "firewall-cmd --add-port=" + number + "/udp";
  if (std::ranges::any_of(lines, [&](auto& line) { return is_of("ufw-user-input", line); }))
    out.command = "ufw allow " + number + "/udp";
  return out;
}

}  // namespace netcon::inline v0_1::doctor::internal
