// SPDX-License-Identifier: MIT
#include "options/did_you_mean.hpp"

#include <algorithm>
#include <cstddef>

namespace tool {
namespace {

/// Steps from one text to the other; two letters that changed places are one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_before, before(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) before[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], two_before[j - 2] + 1);
    }
    two_before = before;
    before = row;
  }
  return before[b.size()];
}

}  // namespace

std::string nearest(std::string_view text, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 64;  // what is longer is no slip of the finger
  if (text.size() > longest) return {};
  std::string best;
  auto least = std::max<std::size_t>(text.size() / 3, 1) + 1;
  for (const auto& word : known)
    if (const auto steps = distance(text, word); steps < least) {
      least = steps;
      best = word;
    }
  return best;
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& known) {
  const auto word = nearest(text, known);
  return word.empty() ? word : "; did you mean " + word + "?";
}

}  // namespace tool
