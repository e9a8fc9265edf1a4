// SPDX-License-Identifier: MIT
// A rule of a firewall, and the words that nft and iptables-save print it in.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// Whether a rule matches the packets in question; maybe: it depends on more than protocol and port.
enum class matching : std::uint8_t { no, maybe, yes };

constexpr matching operator!(matching how) noexcept {
  return how == matching::maybe ? how : how == matching::yes ? matching::no : matching::yes;
}

/// redirect: to another port or machine, or to a program that decides.
enum class rule_action : std::uint8_t { none, accept, drop, jump, go_to, leave, redirect };

struct firewall_rule {
  std::string_view line{};  // of the text that is read: a map of thousands of verdicts is as many rules
  matching how = matching::yes;
  bool names_port = false;
  bool is_by_sender = true;  // what is not known of it is which sources and devices packets come from
  bool is_by_place = true;   // or to which address of the machine they go
  bool untracks = false;     // no connection is tracked of what it matches
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

/// Words; what stands in braces or double quotes is one. iptables-save has a quote within quotes as \".
inline std::vector<std::string_view> rule_words(std::string_view line) {
  std::vector<std::string_view> words;
  while (!(line = trimmed(line)).empty()) {
    const char close = line.front() == '{' ? '}' : line.front() == '"' ? '"' : '\0';
    auto end = close != '\0' ? line.find(close, 1) : line.find_first_of(" \t");
    while (close == '"' && end != line.npos && line[end - 1] == '\\') end = line.find(close, end + 1);
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

}  // namespace netcon::inline v0_1::doctor::internal
