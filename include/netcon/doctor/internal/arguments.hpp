// SPDX-License-Identifier: MIT
// The arguments of a kernel command line, and of an options line of modprobe.d.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::doctor::internal {

/// Words apart by blanks; a double quote protects blanks up to the next one and is not a part of the word.
inline std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, begun = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (blank && !quoted) {
      if (begun) words.push_back(std::exchange(word, {}));
      begun = false;
    } else {
      begun = true;
      if (c == '"') {
        quoted = !quoted;
      } else {
        word += c;
      }
    }
  }
  if (begun) words.push_back(std::move(word));
  return words;
}

/// The value of the last argument of that name; nothing where there is none. A word without '=' has an empty
/// value.
inline std::optional<std::string> value_of_last(const std::vector<std::string>& words,
                                                std::string_view name) {
  std::optional<std::string> value;
  for (const auto& word : words) {
    if (word == name) value.emplace();
    if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=')
      value = word.substr(name.size() + 1);
  }
  return value;
}

}  // namespace netcon::inline v0_1::doctor::internal
