// SPDX-License-Identifier: MIT
// Where the lines of a text begin, for places of many findings.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/lint/finding.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1 {

/// The lines of a text: line_column_of() and line_around() for many places, without counting from the
/// beginning for each.
class text_lines {
 public:
  /// Of a text that need not outlive it.
  explicit text_lines(std::string_view text) : size_{text.size()} {
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
      starts_.push_back(at + 1);
  }

  /// As line_column_of(). Precondition: offset is at most the size of the text.
  [[nodiscard]] line_column place(std::size_t offset) const {
    const auto index = index_of(offset);
    return {index + 1, offset - starts_[index] + 1};
  }
  /// As line_around(). Precondition: offset is at most the size of the text.
  [[nodiscard]] text_range around(std::size_t offset) const {
    const auto index = index_of(offset);
    return text_range::between(starts_[index], index + 1 < starts_.size() ? starts_[index + 1] - 1 : size_);
  }

 private:
  std::size_t index_of(std::size_t offset) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin()) - 1;
  }

  std::vector<std::size_t> starts_{0};
  std::size_t size_;
};

}  // namespace netcon::inline v0_1
