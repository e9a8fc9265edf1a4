// SPDX-License-Identifier: MIT
// Rules of a firewall as nft or iptables-save print them: is a UDP port let in.
#pragma once

#include <netcon/core/number.hpp>
#include <netcon/core/port.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// What the text says: no more than a first look, for rules may depend on anything.
struct firewall_verdict {
  std::string closed_by{};  // the line that drops or rejects what no rule accepts; empty: none
  std::string opened_by{};  // a rule that names the port and accepts
  std::string command{};    // lets the port in
};

constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Whether a number stands in the text by itself: "6666", but not in "16666".
constexpr bool names_number(std::string_view text, std::string_view number) noexcept {
  for (auto at = text.find(number); at != text.npos; at = text.find(number, at + 1)) {
    const bool begins = at == 0 || !is_decimal_digit(text[at - 1]);
    const auto end = at + number.size();
    if (begins && (end == text.size() || !is_decimal_digit(text[end]))) return true;
  }
  return false;
}

inline firewall_verdict read_firewall(const std::vector<std::string>& lines, port wanted) {
  const auto number = to_string(wanted);
  firewall_verdict out;
  std::string table, chain;  // of nft, where a line stands
  bool in_input = false;
  const auto close = [&](std::string_view line) {
    if (!out.closed_by.empty()) return;
    out.closed_by = line;
    if (line.starts_with(':') || line.starts_with("-A ")) {
      out.command = "iptables -I INPUT -p udp --dport " + number + " -j ACCEPT";
    } else {
      out.command = "nft insert rule " + table + ' ' + chain + " udp dport " + number + " accept";
    }
  };
  for (const auto& raw : lines) {
    const auto line = trimmed(raw);
    const auto before_brace = trimmed(line.substr(0, line.find('{')));
    if (line.starts_with("table ") && line.ends_with('{')) table = before_brace.substr(6);
    if (line.starts_with("chain ") && line.ends_with('{')) {
      chain = before_brace.substr(6);
      in_input = false;
    }
    const auto has = [&](std::string_view word) { return line.find(word) != line.npos; };
    if (has("hook input")) {
      in_input = true;
      if (has("policy drop")) close(line);
    }
    if (line.starts_with(":INPUT DROP")) close(line);
    // A rule for everything that is left.
    if (line.starts_with("-A INPUT -j REJECT") || line.starts_with("-A INPUT -j DROP")) close(line);
    if (in_input && (line == "drop" || line.starts_with("reject") ||
                     (line.starts_with("counter ") && (has(" drop") || has(" reject")))))
      close(line);
    const bool accepts = has("accept") || has("-j ACCEPT");
    if (accepts && has("dport") && names_number(line, number)) out.opened_by = line;
  }
  if (!out.command.empty() && table.find("firewalld") != table.npos)
    out.command = "firewall-cmd --add-port=" + number + "/udp";
  for (const auto& line : lines)
    if (!out.command.empty() && line.find("ufw-user-input") != line.npos)
      out.command = "ufw allow " + number + "/udp";
  return out;
}

}  // namespace netcon::inline v0_1::doctor::internal
