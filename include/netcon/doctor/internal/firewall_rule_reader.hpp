// SPDX-License-Identifier: MIT
// One rule of a firewall as nft or iptables-save print it: does it match UDP to a port, and what does it
// then.
#pragma once

#include <netcon/doctor/internal/firewall_condition.hpp>
#include <netcon/doctor/internal/firewall_rule.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// A rule read word by word. The sets are those of its table. A map of verdicts makes a rule for each of its
/// elements that may match.
class rule_reader {
 public:
  rule_reader(std::string_view line, const wanted_packets& wanted, std::span<const firewall_set> sets = {})
      : wanted_{wanted}, words_{rule_words(line)}, sets_{sets} {
    rule_.line = line;
  }

  /// Of nft: without its chain.
  std::vector<firewall_rule> read_nft() && {
    while (!at_end() && !is_decided()) read_statement();
    return take();
  }

  /// Of iptables-save: "-A CHAIN ...".
  std::vector<firewall_rule> read_iptables() && {
    at_ = 2;
    while (!at_end() && !is_decided()) read_option();
    return take();
  }

 private:
  std::vector<firewall_rule> take() {
    if (rules_.empty()) rules_.push_back(std::move(rule_));
    return std::move(rules_);
  }

  bool at_end() const { return at_ >= words_.size(); }
  bool is_decided() const {
    return rule_.action != rule_action::none || rule_.how == matching::no || !rules_.empty();
  }
  std::string_view peek() const { return at_end() ? std::string_view{} : words_[at_]; }
  std::string_view next() { return at_end() ? std::string_view{} : words_[at_++]; }
  bool skip(std::string_view word) {
    if (at_end() || words_[at_] != word) return false;
    ++at_;
    return true;
  }

  void need(rule_field field, matching how) {
    if (how == matching::maybe && field != rule_field::sender && field != rule_field::source_port &&
        field != rule_field::device && field != rule_field::cast) {
      rule_.is_by_sender = false;
      rule_.is_by_place = rule_.is_by_place && field == rule_field::receiver;
    }
    rule_.how = std::min(rule_.how, how);
  }

  void act(rule_action what, std::string_view chain = {}) {
    rule_.action = what;
    rule_.chain = chain;
  }

  /// True: the word was a verdict.
  bool act_by(std::string_view word) {
    if (word == "accept") return act(rule_action::accept), true;
    if (word == "drop" || word == "reject") return act(rule_action::drop), true;
    if (word == "return") return act(rule_action::leave), true;
    if (word == "jump" || word == "goto")
      return act(word == "jump" ? rule_action::jump : rule_action::go_to, next()), true;
    if (word == "queue") return act(rule_action::redirect), true;
    if (word == "dnat" || word == "redirect" || word == "tproxy") {
      // "dnat to udp dport map { 53 : 10.0.0.2 }"
      if (std::ranges::find(words_, "map") != words_.end()) need(rule_field::other, matching::maybe);
      return act(rule_action::redirect), true;
    }
    return false;
  }

  /// "@ports" becomes the elements of that set, where it is known.
  std::string_view with_elements(std::string_view value) const {
    if (!value.starts_with('@')) return value;
    const auto found = std::ranges::find(sets_, value.substr(1), &firewall_set::name);
    return found == sets_.end() ? value : std::string_view{found->elements};
  }

  /// The fields that values are compared with: one, or of "ip saddr . udp dport" two.
  using key_view = std::span<const rule_field>;

  static bool has(key_view key, rule_field field) { return std::ranges::find(key, field) != key.end(); }

  void need(key_view key, matching how) {
    need(key.size() == 1                  ? key.front()
         : has(key, rule_field::other)    ? rule_field::other
         : has(key, rule_field::receiver) ? rule_field::receiver
                                          : rule_field::sender,
         how);
  }

  void need_value(key_view key, std::string_view given, bool is_negated) {
    const auto value = with_elements(given);
    const bool is_known = !value.starts_with('@');
    const auto how = is_known ? match_value(key, value, wanted_) : matching::maybe;
    if (has(key, rule_field::port) && how != matching::no && !(is_known && is_negated))
      rule_.names_port = true;
    need(key, is_negated ? !how : how);
  }

  void need_value(rule_field field, std::string_view given, bool is_negated) {
    need_value(key_view{&field, 1}, given, is_negated);
  }

  /// The packets are for this machine.
  void need_local(std::string_view kind, bool is_negated) {
    const bool is_local = kind == "local" || kind == "LOCAL";
    need(rule_field::other, !is_local ? matching::maybe : is_negated ? matching::no : matching::yes);
  }

  void read_verdicts(key_view key, std::string_view given) {
    const auto value = with_elements(given);
    if (value.starts_with('@')) return need(rule_field::other, matching::maybe);
    const auto before = rule_;
    for (const auto one : elements_of(value)) {
      const auto colon = one.rfind(" : ");
      if (colon == one.npos) continue;
      const auto how = match_element(key, trimmed(one.substr(0, colon)), wanted_);
      if (how == matching::no) continue;
      rule_ = before;
      if (has(key, rule_field::port) && !one.starts_with('*')) rule_.names_port = true;
      need(key, how);
      words_ = rule_words(one.substr(colon + 3));
      at_ = 0;
      act_by(next());
      rules_.push_back(rule_);
      if (rule_.how == matching::yes) return;
    }
    if (rules_.empty()) need(key, matching::no);
  }

  /// Behind the first part of "ip saddr . udp dport { 10.0.0.1 . 6666 }".
  void read_concatenation(rule_field first) {
    std::vector<rule_field> key{first};
    while (!at_end()) {
      const auto word = peek();
      if (word.starts_with('{') || word.starts_with('@') || word == "vmap" || word == "!=") break;
      if (word == "accept" || word == "drop" || word == "reject" || word == "return")
        return need(rule_field::other, matching::maybe);
      if (key.size() == 1 || word == ".") key.push_back(rule_field::other);
      ++at_;
      if (const auto field = read_field(word); field != rule_field::other) key.back() = field;
    }
    if (skip("vmap")) return read_verdicts(key, next());
    const bool is_negated = skip("!=");
    need_value(key, next(), is_negated);
  }

  rule_field read_field(std::string_view word) {
    constexpr auto other_protocols = std::to_array<std::string_view>(
        {"tcp", "icmp", "icmpv6", "igmp", "sctp", "dccp", "udplite", "esp", "ah", "comp"});
    if (std::ranges::find(other_protocols, word) != other_protocols.end())
      need(rule_field::protocol, matching::no);
    if (word == (wanted_.over_ipv6 ? "ip" : "ip6")) need(rule_field::family, matching::no);
    if ((word == "udp" || word == "th") && skip("dport")) return rule_field::port;
    if ((word == "udp" || word == "th") && skip("sport")) return rule_field::source_port;
    const bool is_meta = word == "meta", is_ip = word == "ip" || word == "ip6";
    if ((is_meta && skip("l4proto")) || (word == "ip" && skip("protocol")) ||
        (word == "ip6" && skip("nexthdr")))
      return rule_field::protocol;
    if (is_meta && (skip("nfproto") || skip("protocol"))) return rule_field::family;
    if (word == "ct" && skip("state")) return rule_field::state;
    const auto is = [&](std::string_view name) { return word == name || (is_meta && skip(name)); };
    if (is("iif") || is("iifname") || is("iifgroup")) return rule_field::device;
    if (is("oif") || is("oifname")) return rule_field::leaves_by;
    // Of a device that is not there, the group is not even another one.
    if (is("oifgroup")) return need(rule_field::leaves_by, matching::no), rule_field::leaves_by;
    if ((is_ip || word == "ether") && skip("saddr")) return rule_field::sender;
    if (is_ip && skip("daddr")) return rule_field::receiver;
    if (word == "pkttype" || (is_meta && skip("pkttype"))) return rule_field::cast;
    return rule_field::other;
  }

  void read_condition(rule_field field) {
    if (skip(".")) return read_concatenation(field);
    if (skip("vmap")) return read_verdicts(key_view{&field, 1}, next());
    const auto operation = peek();
    const bool is_order = operation == "<" || operation == "<=" || operation == ">" || operation == ">=";
    if (field == rule_field::port && is_order) {
      ++at_;
      return need(field, compare_port(operation, next(), wanted_.to));
    }
    if (field == rule_field::source_port && is_order) {
      ++at_;
      const auto how = compare_port(operation, next(), wanted_packets::from);
      return need(field, std::min(how, matching::maybe));
    }
    const bool is_mask = operation == "&" || operation == "|" || operation == "^" || operation == "<<";
    if (is_order || is_mask) return need(rule_field::other, matching::maybe);
    const bool is_negated = skip("!=");
    need_value(field, next(), is_negated);
  }

  /// "prefix \"in: \" level info", "flags tcp sequence,options": conditions may stand behind them.
  void skip_log_options() {
    for (bool more = true; more;) {
      more = false;
      for (const auto* option : {"prefix", "level", "group", "snaplen", "queue-threshold"})
        if (skip(option)) {
          ++at_;
          more = true;
        }
      if (!skip("flags")) continue;
      more = true;
      if (skip("tcp") || skip("ip"))
        ++at_;
      else if (!skip("all") && !skip("skuid"))
        skip("ether");
    }
  }

  /// "meta mark set 0x1", "notrack", "add @seen { ip saddr }": what a rule does besides its verdict.
  bool skip_change(std::string_view word) {
    if ((word == "meta" || word == "ct") && words_.size() - at_ > 2 && words_[at_ + 1] == "set") {
      at_ += 3;
      return true;
    }
    if ((word == "add" || word == "update") && words_.size() - at_ > 1 && words_[at_ + 1].starts_with('{') &&
        words_[at_ + 1].find(" limit ") == std::string_view::npos &&
        words_[at_ + 1].find(" ct count ") == std::string_view::npos) {
      at_ += 2;
      return true;
    }
    if (word != "notrack") return false;
    rule_.untracks = true;
    return true;
  }

  void read_statement() {
    const auto word = next();
    if (act_by(word) || skip_change(word)) return;
    if (word == "fib" && skip("daddr") && skip("type")) {
      const bool is_negated = skip("!=");
      return need_local(next(), is_negated);
    }
    if (word == "counter") {
      if (skip("packets"))
        at_ += 3;  // N bytes N
      else if (skip("name"))
        ++at_;
      return;
    }
    if (word == "comment") return void(next());
    if (word == "log") return skip_log_options();
    if (word == ".") return read_concatenation(rule_field::other);
    if (word == "vmap") {
      const auto field = rule_field::other;
      return read_verdicts(key_view{&field, 1}, next());
    }
    const auto field = read_field(word);
    if (field == rule_field::other) return need(field, matching::maybe);
    read_condition(field);
  }

  void read_option() {
    const bool is_negated = skip("!");
    const auto option = next();
    if (option == "-j" || option == "-g") {
      const auto target = next();
      if (target == "ACCEPT") return act(rule_action::accept);
      if (target == "DROP" || target == "REJECT") return act(rule_action::drop);
      if (target == "RETURN") return act(rule_action::leave);
      if (target == "DNAT" || target == "REDIRECT" || target == "TPROXY" || target == "NFQUEUE")
        return act(rule_action::redirect);
      if (target == "NOTRACK" || (target == "CT" && peek() == "--notrack")) {
        rule_.untracks = true;
        at_ = words_.size();
        return;
      }
      return act(option == "-j" ? rule_action::jump : rule_action::go_to, target);
    }
    const auto value = peek().starts_with('-') ? std::string_view{} : next();
    if (option == "-p") return need_value(rule_field::protocol, value, is_negated);
    if (option == "--dport" || option == "--dports" || option == "--ports")
      return need_value(rule_field::port, value, is_negated);
    if (option == "--sport" || option == "--sports")
      return need_value(rule_field::source_port, value, is_negated);
    if (option == "--state" || option == "--ctstate") return need_value(rule_field::state, value, is_negated);
    if (option == "-i") return need_value(rule_field::device, value, is_negated);
    if (option == "-s" || option == "--mac-source") return need_value(rule_field::sender, value, is_negated);
    if (option == "-m" || option == "--comment") return;
    if (option == "--dst-type") return need_local(value, is_negated);
    if (option == "-d") return need_value(rule_field::receiver, value, is_negated);
    if (option == "--pkt-type") return need_value(rule_field::cast, value, is_negated);
    if (option == "--src-range" || option == "--src-group") return need(rule_field::sender, matching::maybe);
    // "--match-set NAME src"
    if (option == "--match-set" && skip("src")) return need(rule_field::sender, matching::maybe);
    need(rule_field::other, matching::maybe);
  }

  wanted_packets wanted_;
  std::vector<std::string_view> words_;
  std::span<const firewall_set> sets_;
  std::size_t at_ = 0;
  firewall_rule rule_;
  std::vector<firewall_rule> rules_{};
};

}  // namespace netcon::inline v0_1::doctor::internal
