// SPDX-License-Identifier: MIT
#include "reference/completion.hpp"

#include <netcon/core/kernel.hpp>
#include <netcon/core/level.hpp>

#include <algorithm>

namespace tool {
namespace {

std::vector<std::string> level_words() {
  std::vector<std::string> out;
  for (std::uint8_t number = 0; number < 8; ++number)
    out.emplace_back(netcon::name(static_cast<netcon::level>(number)));
  return out;
}

std::vector<std::string> feature_words() {
  std::vector<std::string> out;
  for (const auto& row : netcon::feature_table) out.emplace_back(row.name);
  return out;
}

}  // namespace

completion completion_of(const option_description& option) {
  using enum completion::kind;
  const auto shows = [&](std::string_view word) { return option.value.contains(word); };
  const auto is_named = [&](std::string_view name) { return std::ranges::count(option.names, name) != 0; };
  if (!option.choices.empty()) return {words, option.choices};
  if (option.value == "LEVEL") return {words, level_words()};
  if (option.value == "FEATURE") return {words, feature_words()};
  if (option.value == "WHEN") return {words, {"always", "auto", "never"}};
  if (is_named("--kernel")) return {words, {"newest", "running"}};
  if (is_named("--user")) return {users, {}};
  if (is_named("--interface") || is_named("--device")) return {interfaces, {}};
  if (option.value == "COMMAND") return {commands, {}};
  if (shows("FILE") || shows("PLACE")) return {files, {}};
  if (shows("DIR")) return {directories, {}};
  return {};
}

}  // namespace tool
