// SPDX-License-Identifier: MIT
// The firewall's rules, as the programs that know them print them, with their comments. Linux.
#pragma once

#include <netcon/doctor/fact.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::detail {

/// What a command prints, if it ends well. Nothing, too, of what is longer than any set of rules: a part of
/// them would say something else.
inline std::optional<std::string> output_of(const char* command) {
  constexpr std::size_t most = 64u << 20;
  std::FILE* const stream = ::popen(command, "re");
  if (stream == nullptr) return std::nullopt;
  std::string text;
  char buffer[4096];
  while (const auto size = std::fread(buffer, 1, sizeof buffer, stream))
    if (text.size() <= most) text.append(buffer, size);
  if (::pclose(stream) != 0 || text.size() > most) return std::nullopt;
  return text;
}

/// What each of the programs prints. nft does not see the older tables of iptables, which are the ones that
/// iptables-save prints where it is of that kind, and those that remain from before it was replaced.
inline doctor::fact<std::vector<std::string>> read_firewall_rules() {
  std::vector<std::string> lines;
  bool was_read = false;
  for (const char* const program : {"nft list ruleset", "iptables-save", "ip6tables-save",
                                    "iptables-legacy-save", "ip6tables-legacy-save"}) {
    const auto text =
        output_of(("PATH=$PATH:/usr/sbin:/sbin " + std::string{program} + " 2>/dev/null").c_str());
    if (!text) continue;
    was_read = true;
    std::string_view rest = *text;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (!line.empty()) lines.emplace_back(line);
    }
  }
  if (!was_read)
    return doctor::fact<std::vector<std::string>>::unknown(
        "neither nft nor iptables-save shows rules: one of them, and root, is needed");
  return lines;
}

}  // namespace netcon::inline v0_1::detail
