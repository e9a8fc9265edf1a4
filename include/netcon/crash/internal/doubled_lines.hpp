// SPDX-License-Identifier: MIT
// A machine that says each line twice.
#pragma once

#include <string>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// Two consoles on one line, or two basic targets of one machine, give each line twice. The heading of a
/// trace shows that: it never stands there twice, as the function of a recursion does.
class doubled_lines {
 public:
  /// Whether this is the copy of the line before it.
  bool is_copy(std::string_view text, bool is_heading) {
    const bool same = !text.empty() && text == last_;
    if (same && is_heading) doubled_ = true;
    if (!same || !doubled_) {
      last_ = text;
      return false;
    }
    last_.clear();
    return true;
  }

 private:
  std::string last_;
  bool doubled_ = false;
};

}  // namespace netcon::inline v0_1::crash::detail
