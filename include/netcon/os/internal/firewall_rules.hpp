// SPDX-License-Identifier: MIT
// The firewall's rules, as the programs that know them print them. Linux.
#pragma once

#include <netcon/doctor/fact.hpp>
#include <netcon/os/internal/machine_files.hpp>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::detail {

/// What a command prints, if it ends well; at most some megabytes.
inline std::optional<std::string> output_of(const char* command) {
  constexpr std::size_t most = 4u << 20;
  std::FILE* const stream = ::popen(command, "re");
  if (stream == nullptr) return std::nullopt;
  std::string text;
  char buffer[4096];
  while (const auto size = std::fread(buffer, 1, sizeof buffer, stream))
    if (text.size() < most) text.append(buffer, size);
  if (::pclose(stream) != 0) return std::nullopt;
  return text;
}

inline doctor::fact<std::vector<std::string>> read_firewall_rules() {
  std::vector<std::string> lines;
  bool was_read = false;
  for (const char* const command : {"PATH=$PATH:/usr/sbin:/sbin nft list ruleset 2>/dev/null",
                                    "PATH=$PATH:/usr/sbin:/sbin iptables-save 2>/dev/null"}) {
    const auto text = output_of(command);
    if (!text) continue;
    was_read = true;
    each_line(*text, [&](std::string_view line) { lines.emplace_back(line); });
  }
  if (!was_read)
    return doctor::fact<std::vector<std::string>>::unknown(
        "neither nft nor iptables-save shows rules: one of them, and root, is needed");
  return lines;
}

}  // namespace netcon::inline v0_1::detail
