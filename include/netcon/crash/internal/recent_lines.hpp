// SPDX-License-Identifier: MIT
// The last lines of a sender, in a buffer that never grows.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::crash::detail {

/// Keeps as many of the last lines as fit; a line that is longer than all of it is cut.
class recent_lines {
 public:
  recent_lines(std::size_t lines, std::size_t bytes) : most_lines_{lines}, bytes_(bytes, '\0') {}

  void add(std::string_view text) {
    if (bytes_.empty() || most_lines_ == 0) return;
    if (text.size() < bytes_.size() - end_) {
      std::copy_n(text.data(), text.size(), bytes_.data() + end_);
      bytes_[end_ + text.size()] = '\n';
      move_end(text.size() + 1);
      filled_ = std::min(filled_ + text.size() + 1, bytes_.size());
      return;
    }
    const auto size = std::min(text.size() + 1, bytes_.size());
    const auto first = std::min(size - 1, bytes_.size() - end_);
    std::copy_n(text.data(), first, bytes_.data() + end_);
    if (first < size - 1) std::copy_n(text.data() + first, size - 1 - first, bytes_.data());
    move_end(size - 1);
    bytes_[end_] = '\n';
    move_end(1);
    filled_ = std::min(filled_ + size, bytes_.size());
  }

  void clear() noexcept { filled_ = end_ = 0; }

  /// The oldest one first.
  std::vector<std::string> lines() const {
    std::string all;
    for (std::size_t i = 0; i < filled_; ++i)
      all += bytes_[(end_ + bytes_.size() - filled_ + i) % bytes_.size()];
    if (filled_ == bytes_.size()) all.erase(0, all.find('\n') + 1);  // the beginning of that line is gone
    std::vector<std::string> out;
    for (std::size_t at = 0; at < all.size();) {
      const auto end = all.find('\n', at);
      out.push_back(all.substr(at, end - at));
      if (end == all.npos) break;
      at = end + 1;
    }
    if (out.size() > most_lines_)
      out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(most_lines_));
    return out;
  }

 private:
  void move_end(std::size_t by) noexcept {
    end_ += by;
    if (end_ >= bytes_.size()) end_ -= bytes_.size();
  }

  std::size_t most_lines_;
  std::string bytes_;
  std::size_t end_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace netcon::inline v0_1::crash::detail
