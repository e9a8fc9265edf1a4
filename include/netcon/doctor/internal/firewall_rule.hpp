// SPDX-License-Identifier: MIT
// One rule of a firewall as nft or iptables-save print it: does it match UDP to a port, and what does it
// then.
#pragma once

#include <netcon/core/number.hpp>
#include <netcon/core/port.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// Whether a rule matches the packets in question; maybe: it depends on more than protocol and port.
enum class matching : std::uint8_t { no, maybe, yes };

enum class rule_action : std::uint8_t { none, accept, drop, jump, go_to, leave };

struct firewall_rule {
  std::string line{};
  matching how = matching::yes;
  bool names_port = false;
  rule_action action = rule_action::none;
  std::string chain{};  // of jump and go_to
};

/// A set or map of nft that has a name.
struct firewall_set {
  std::string name{};
  std::string elements{};  // "{ 53, 6666 }"
};

constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Words; what stands in braces or double quotes is one.
inline std::vector<std::string_view> rule_words(std::string_view line) {
  std::vector<std::string_view> words;
  while (!(line = trimmed(line)).empty()) {
    const char close = line.front() == '{' ? '}' : line.front() == '"' ? '"' : '\0';
    auto end = close != '\0' ? line.find(close, 1) : line.find_first_of(" \t");
    if (close != '\0' && end != line.npos) ++end;
    end = std::min(end, line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

/// The elements of "{ 53, 6666 }" and of "53,6666".
inline std::vector<std::string_view> elements_of(std::string_view value) {
  if (value.starts_with('{')) value.remove_prefix(1);
  if (value.ends_with('}')) value.remove_suffix(1);
  std::vector<std::string_view> out;
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    out.push_back(trimmed(value.substr(0, comma)));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return out;
}

/// A number, a range of nft ("6000-7000") or iptables ("6000:7000"), or the name that /etc/services has for
/// ports that netconsole is sent to.
inline bool covers_port(std::string_view element, port wanted) {
  const std::uint64_t number = wanted.value();
  if (element == "syslog") return number == 514;
  if (element == "ircu") return number >= 6665 && number <= 6669;
  element = element.substr(0, element.find(' '));  // behind it: "expires 59m", "counter packets 0 bytes 0"
  const auto split = std::min(element.find_first_of("-:"), element.size());
  const auto first = parse_decimal(element.substr(0, split));
  if (split == element.size()) return first == number;
  const auto rest = element.substr(split + 1);
  const auto last = parse_decimal(rest);
  const bool begins = split == 0 || (first && *first <= number);
  return begins && (rest.empty() || (last && number <= *last));
}

/// A rule read word by word. The sets are those of its table.
class rule_reader {
 public:
  rule_reader(std::string_view line, port wanted, std::span<const firewall_set> sets = {})
      : wanted_{wanted}, words_{rule_words(line)}, sets_{sets} {
    rule_.line = line;
  }

  /// Of nft: without its chain.
  firewall_rule read_nft() && {
    while (!at_end() && !is_decided()) read_statement();
    return std::move(rule_);
  }

  /// Of iptables-save: "-A CHAIN ...".
  firewall_rule read_iptables() && {
    at_ = 2;
    while (!at_end() && !is_decided()) read_option();
    return std::move(rule_);
  }

 private:
  bool at_end() const { return at_ >= words_.size(); }
  bool is_decided() const { return rule_.action != rule_action::none || rule_.how == matching::no; }
  std::string_view next() { return at_end() ? std::string_view{} : words_[at_++]; }
  bool skip(std::string_view word) {
    if (at_end() || words_[at_] != word) return false;
    ++at_;
    return true;
  }

  void need(matching how) { rule_.how = std::min(rule_.how, how); }
  void need(bool matches) { need(matches ? matching::yes : matching::no); }

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
    return false;
  }

  /// "@ports" becomes the elements of that set, where it is known.
  std::string_view with_elements(std::string_view value) const {
    if (!value.starts_with('@')) return value;
    const auto found = std::ranges::find(sets_, value.substr(1), &firewall_set::name);
    return found == sets_.end() ? value : std::string_view{found->elements};
  }

  void need_port(std::string_view given, bool is_negated) {
    const auto value = with_elements(given);
    if (value.starts_with('@')) {
      rule_.names_port = true;
      return need(matching::maybe);
    }
    const auto all = elements_of(value);
    const bool covers = std::ranges::any_of(all, [&](auto one) { return covers_port(one, wanted_); });
    rule_.names_port = rule_.names_port || (covers && !is_negated);
    need(covers != is_negated);
  }

  void need_udp(std::string_view value, bool is_negated) {
    const auto all = elements_of(value);
    const bool is_udp = std::ranges::any_of(
        all, [](auto one) { return one == "udp" || one == "17" || one == "all" || one == "0"; });
    need(is_udp != is_negated);
  }

  /// Packets of netconsole get no answer: to the tracking of connections each is new.
  void need_state(std::string_view value, bool is_negated) {
    const auto all = elements_of(value);
    const bool is_new = std::ranges::any_of(all, [](auto one) {
      return one == "new" || one == "NEW" || one == "untracked" || one == "UNTRACKED";
    });
    if (!is_new || is_negated) need(matching::maybe);
  }

  void read_port_map(std::string_view given) {
    const auto value = with_elements(given);
    if (value.starts_with('@')) return need(matching::maybe);
    for (const auto one : elements_of(value)) {
      const auto colon = one.rfind(" : ");
      if (colon == one.npos || !covers_port(trimmed(one.substr(0, colon)), wanted_)) continue;
      rule_.names_port = true;
      words_ = rule_words(one.substr(colon + 3));
      at_ = 0;
      act_by(next());
      return;
    }
    need(false);
  }

  void read_statement() {
    constexpr auto other_protocols = std::to_array<std::string_view>(
        {"tcp", "icmp", "icmpv6", "igmp", "sctp", "dccp", "udplite", "esp", "ah", "comp"});
    const auto word = next();
    if (act_by(word)) return;
    if (word == "udp" || word == "th") {
      if (!skip("dport")) return need(matching::maybe);
      if (skip("vmap")) return read_port_map(next());
      const bool is_negated = skip("!=");
      return need_port(next(), is_negated);
    }
    if (std::ranges::find(other_protocols, word) != other_protocols.end()) return need(false);
    const bool says_protocol = (word == "meta" && skip("l4proto")) || (word == "ip" && skip("protocol")) ||
                               (word == "ip6" && skip("nexthdr"));
    if (says_protocol) {
      const bool is_negated = skip("!=");
      return need_udp(next(), is_negated);
    }
    if (word == "ct" && skip("state")) {
      const bool is_negated = skip("!=");
      return need_state(next(), is_negated);
    }
    // They are for this machine.
    if (word == "fib" && skip("daddr") && skip("type") && skip("local")) return;
    if (word == "counter") {
      if (skip("packets"))
        at_ += 3;  // N bytes N
      else if (skip("name"))
        ++at_;
      return;
    }
    if (word == "comment") return void(next());
    if (word == "log") {
      while (!at_end() && !act_by(next())) {
      }
      return;
    }
    need(matching::maybe);
  }

  void read_option() {
    const bool is_negated = skip("!");
    const auto option = next();
    if (option == "-j" || option == "-g") {
      const auto target = next();
      if (target == "ACCEPT") return act(rule_action::accept);
      if (target == "DROP" || target == "REJECT") return act(rule_action::drop);
      if (target == "RETURN") return act(rule_action::leave);
      return act(option == "-j" ? rule_action::jump : rule_action::go_to, target);
    }
    const auto value = !at_end() && words_[at_].starts_with('-') ? std::string_view{} : next();
    if (option == "-p") return need_udp(value, is_negated);
    if (option == "--dport" || option == "--dports" || option == "--ports")
      return need_port(value, is_negated);
    if (option == "--state" || option == "--ctstate") return need_state(value, is_negated);
    if (option == "-m" || option == "--comment") return;
    if (option == "--dst-type" && value == "LOCAL" && !is_negated) return;
    const bool is_any = (option == "-s" || option == "-d") && (value == "0.0.0.0/0" || value == "::/0");
    if (!is_any || is_negated) need(matching::maybe);
  }

  port wanted_;
  std::vector<std::string_view> words_;
  std::span<const firewall_set> sets_;
  std::size_t at_ = 0;
  firewall_rule rule_;
};

}  // namespace netcon::inline v0_1::doctor::internal
