// SPDX-License-Identifier: MIT
// Rules of a firewall as nft or iptables-save print them: is a UDP port let in.
#pragma once

#include <netcon/core/port.hpp>
#include <netcon/doctor/internal/firewall_rule.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// What the text says: no more than a first look, for rules may depend on anything.
struct firewall_verdict {
  std::string closed_by{};       // a line that drops or rejects the packets; empty: none
  std::string perhaps_closed{};  // a rule that names the port and drops, of some packets
  std::string opened_by{};       // a rule that accepts them
  std::string perhaps_opened{};  // a rule that names the port and accepts, of some packets
  bool is_port_named = false;    // by the rule that closes
  std::string command{};         // lets the port in
};

struct firewall_chain {
  std::string table{}, name{};
  bool is_base = false;    // packets that come to the machine begin here
  bool is_filter = false;  // what it accepts is let in
  bool is_iptables = false;
  std::string policy{};  // the line that drops what no rule decides
  std::vector<firewall_rule> rules{};
};

/// The chains of a text, each with its rules.
class firewall_reader {
 public:
  explicit firewall_reader(port wanted) : wanted_{wanted} {}

  std::vector<firewall_chain> run(const std::vector<std::string>& lines) && {
    for (const auto& raw : lines) read(trimmed(raw));
    return std::move(chains_);
  }

 private:
  firewall_chain& chain(std::string_view name, bool is_iptables) {
    const auto [known, is_new] = places_.try_emplace({table_, std::string{name}}, chains_.size());
    if (!is_new) return chains_[known->second];
    const bool is_input = is_iptables && name == "INPUT";
    const bool is_filter = is_input && (table_.empty() || table_ == "filter");
    const bool is_base = is_input || (is_iptables && name == "PREROUTING");
    chains_.push_back({table_, std::string{name}, is_base, is_filter, is_iptables, {}, {}});
    return chains_.back();
  }

  void read(std::string_view line) {
    // "chain input {"
    const auto name_behind = [&](std::string_view word) {
      return std::string{trimmed(line.substr(word.size(), line.find('{') - word.size()))};
    };
    if (line.starts_with("table ") && line.ends_with('{')) {
      table_ = name_behind("table ");
      in_chain_ = false;
      sets_.clear();
    } else if (line.starts_with("chain ") && line.ends_with('{')) {
      name_ = name_behind("chain ");
      in_chain_ = true;
      (void)chain(name_, false);
    } else if ((line.starts_with("set ") || line.starts_with("map ")) && line.ends_with('{')) {
      in_chain_ = false;
      sets_.push_back({name_behind("set "), {}});  // "map " is as long
    } else if (!sets_.empty() && (in_elements_ || (!in_chain_ && line.starts_with("elements = {")))) {
      auto& elements = sets_.back().elements;
      elements += elements.empty() ? line.substr(line.find('{')) : line;
      in_elements_ = !line.ends_with('}');
    } else if (line == "}") {
      in_chain_ = false;
    } else if (line.starts_with('*')) {
      table_ = line.substr(1);
    } else if (line.starts_with(':')) {
      const auto words = rule_words(line);
      auto& one = chain(words[0].substr(1), true);
      if (one.is_base && words.size() > 1 && words[1] == "DROP") one.policy = line;
    } else if (line.starts_with("-A ")) {
      const auto words = rule_words(line);
      if (words.size() > 2) chain(words[1], true).rules.push_back(rule_reader{line, wanted_}.read_iptables());
    } else if (in_chain_ && !line.empty()) {
      read_nft(line);
    }
  }

  void read_nft(std::string_view line) {
    auto& one = chain(name_, false);
    const auto has = [&](std::string_view text) { return line.find(text) != line.npos; };
    if (!line.starts_with("type ")) {
      one.rules.push_back(rule_reader{line, wanted_, sets_}.read_nft());
      return;
    }
    one.is_filter = has("type filter hook input");
    one.is_base = has("hook input") || has("hook prerouting") || has("hook ingress");
    if (one.is_base && has("policy drop")) one.policy = line;
  }

  port wanted_;
  std::string table_, name_;  // where a line stands
  bool in_chain_ = false, in_elements_ = false;
  std::vector<firewall_set> sets_;  // of the table
  std::vector<firewall_chain> chains_;
  std::map<std::pair<std::string, std::string>, std::size_t> places_;  // of the chains, by table and name
};

/// Follows the packets through the chains, from each where they begin.
class firewall_walk {
 public:
  firewall_walk(const std::vector<firewall_chain>& chains, port wanted) : chains_{chains}, wanted_{wanted} {
    for (const auto& one : chains) by_name_.try_emplace({one.table, one.name}, &one);
  }

  /// other_family: what begins the tables of nft that do not see these packets.
  firewall_verdict run(std::string_view other_family) && {
    for (const auto& one : chains_) {
      if (!one.is_base || one.table.starts_with(other_family)) continue;
      base_ = &one;
      if (!decides(one, {}, 0) && !one.policy.empty()) close(one.policy, {});
    }
    return std::move(out_);
  }

 private:
  /// What is known of the packets that come to a rule.
  struct path {
    bool is_certain = true;
    bool names_port = false;
  };

  /// Whether none of the packets that come to the chain gets further.
  bool decides(const firewall_chain& chain, path above, int depth) {
    bool some_left = false;
    for (const auto& rule : chain.rules) {
      if (rule.how == matching::no) continue;
      const bool takes_all = rule.how == matching::yes;  // that are still here
      const path here{above.is_certain && takes_all && !some_left, above.names_port || rule.names_port};
      switch (rule.action) {
        case rule_action::accept:
          open(rule.line, here);
          if (takes_all) return !some_left;
          break;
        case rule_action::drop:
          close(rule.line, here);
          if (takes_all) return !some_left;
          break;
        case rule_action::jump:
        case rule_action::go_to:
          if (follows(chain, rule, here, depth) && takes_all) return !some_left;
          if (rule.action == rule_action::go_to && takes_all) return false;
          break;
        case rule_action::leave:
          if (takes_all) return false;
          some_left = true;
          break;
        case rule_action::none:
          break;
      }
    }
    return false;
  }

  bool follows(const firewall_chain& from, const firewall_rule& rule, path here, int depth) {
    constexpr int most_depth = 16;  // of the kernel
    const auto to = by_name_.find({from.table, rule.chain});
    if (to == by_name_.end() || depth == most_depth || budget_ == 0) return false;
    --budget_;
    return decides(*to->second, here, depth + 1);
  }

  static void keep_first(std::string& to, std::string_view line) {
    if (to.empty()) to = line;
  }

  void open(std::string_view line, path here) {
    if (!base_->is_filter) return;
    if (here.is_certain) return keep_first(out_.opened_by, line);
    if (here.names_port) keep_first(out_.perhaps_opened, line);
  }

  void close(std::string_view line, path here) {
    if (!here.is_certain && !here.names_port) return;
    auto& to = here.is_certain ? out_.closed_by : out_.perhaps_closed;
    if (!to.empty()) return;
    to = line;
    if (here.is_certain) out_.is_port_named = here.names_port;
    if (here.is_certain || out_.command.empty()) out_.command = command();
  }

  std::string command() const {
    const auto number = to_string(wanted_);
    if (!base_->is_iptables)
      return "nft insert rule " + base_->table + ' ' + base_->name + " udp dport " + number + " accept";
    const bool is_usual = base_->table.empty() || base_->table == "filter";
    return "iptables " + (is_usual ? std::string{} : "-t " + base_->table + ' ') + "-I " + base_->name +
           " -p udp --dport " + number + " -j ACCEPT";
  }

  const std::vector<firewall_chain>& chains_;
  std::map<std::pair<std::string_view, std::string_view>, const firewall_chain*> by_name_;
  port wanted_;
  const firewall_chain* base_ = nullptr;
  std::size_t budget_ = 10'000;  // chains in chains in chains would take for ever
  firewall_verdict out_;
};

inline firewall_verdict read_firewall(const std::vector<std::string>& lines, port wanted,
                                      bool over_ipv6 = false) {
  const auto chains = firewall_reader{wanted}.run(lines);
  auto out = firewall_walk{chains, wanted}.run(over_ipv6 ? "ip " : "ip6 ");
  if (out.command.empty()) return out;
  const auto number = to_string(wanted);
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
