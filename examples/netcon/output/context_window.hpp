// SPDX-License-Identifier: MIT
// The entries that match, and their neighbours, as grep -A and -B show them.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace tool {

/// Takes entries in order; an entry is one or more lines.
class context_window {
 public:
  /// separated: "--" between groups that are no neighbours, where there is context at all.
  context_window(std::size_t before, std::size_t after, bool separated)
      : before_{before}, after_{after}, separated_{separated && before + after != 0} {}

  void add(std::string entry, bool matches, std::string& out) {
    if (matches) {
      flush(out);
      write(entry, out);
      left_ = after_;
    } else if (left_ != 0) {
      --left_;
      write(entry, out);
    } else if (before_ == 0) {
      skipped_ = true;
    } else {
      waiting_.push_back(std::move(entry));
      if (waiting_.size() > before_) {
        waiting_.pop_front();
        skipped_ = true;
      }
    }
  }

 private:
  void flush(std::string& out) {
    for (const auto& one : waiting_) write(one, out);
    waiting_.clear();
  }

  void write(std::string_view entry, std::string& out) {
    if (separated_ && skipped_ && wrote_) out += "--\n";
    skipped_ = false;
    wrote_ = true;
    out += entry;
  }

  std::size_t before_, after_;
  bool separated_;
  std::deque<std::string> waiting_;
  std::size_t left_ = 0;
  bool skipped_ = false, wrote_ = false;
};

}  // namespace tool
