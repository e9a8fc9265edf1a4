// SPDX-License-Identifier: MIT
// Which lines of a crash announce a trace, and whether it came.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// Headings of traces that are not the crash's own: of who allocated, of other tasks, of how a lock came to
/// be.
constexpr bool begins_other_trace(std::string_view text) noexcept {
  for (const std::string_view heading : {"Allocated by",
                                         "Freed by",
                                         "Uninit was",
                                         "Local variable",
                                         "Last potentially related work",
                                         "Second to last",
                                         "Last call_rcu",
                                         "-> #",
                                         "page last ",
                                         "page_owner",
                                         "... which became",
                                         "which became",
                                         "the dependencies",
                                         "the existing dependency",
                                         "freed by task",
                                         "allocated by task",
                                         "The buggy address",
                                         "Showing all locks",
                                         "INFO: Freed in",
                                         "INFO: Allocated in",
                                         "Freed in ",
                                         "Allocated in ",
                                         "irq event stamp",
                                         "other info that might",
                                         "Memory state around",
                                         "rcu: RCU grace-period",
                                         "Auxiliary work",
                                         "Preemption disabled at",
                                         "hardirqs last"})
    if (text.starts_with(heading)) return true;
  return text.find("allocated by task") != text.npos || text.find("state was registered at:") != text.npos;
}

/// Lustre takes no trace on new kernels, and says so.
constexpr bool is_no_trace(std::string_view text) noexcept {
  return text.starts_with("Call Trace TBD:");
}

constexpr bool begins_trace(std::string_view text) noexcept {
  for (const std::string_view heading : {"Call Trace:", "Call trace:", "Backtrace:", "backtrace:",
                                         "backtrace (crc ", "stack backtrace:", "Stack Trace:"})
    if (text.starts_with(heading)) return true;
  return false;
}

/// Headings behind each of which a frame must come. Where none does, the text is cut or mixed.
class promised_frames {
 public:
  /// What a line is.
  enum class line : std::uint8_t { other, frame, doubtful_frame };

  /// Any line of the report.
  void add(std::string_view text, line what) noexcept {
    if (what == line::doubtful_frame) return;
    if (const auto heading = find(text)) {
      // The same line at once again: the copy of a second target of that machine.
      if (waiting_ && age_ == 0 && last_ == *heading) return;
      if (waiting_) broken_ = true;
      last_ = *heading;
      waiting_ = !seen_[*heading];
      if (!seen_[*heading]) age_ = 0;  // a later one may be cut: what came is enough
      seen_[*heading] = true;
      return;
    }
    ++age_;
    if (what == line::frame || text.find("(stack is not available)") != text.npos) {
      if (waiting_) kept_ = true;
      waiting_ = false;
    } else if (waiting_ && age_ > near) {
      broken_ = true;
      waiting_ = false;
    }
  }
  /// At the end: whether each heading was followed by a frame.
  bool kept() const noexcept { return kept_ && !broken_ && !waiting_ && age_ >= 2; }
  /// Whether there was any.
  bool any() const noexcept {
    return std::ranges::any_of(seen_, [](bool one) { return one; });
  }

 private:
  static constexpr unsigned near = 15;
  static constexpr std::array<std::string_view, 6> headings{
      "Call ", "Allocated", "Freed", "backtrace", "Backtrace:", "Uninit was stored to memory at"};

  static std::optional<std::size_t> find(std::string_view text) noexcept {
    if (is_no_trace(text)) return std::nullopt;
    for (std::size_t i = 0; i < headings.size(); ++i) {
      if (!text.starts_with(headings[i])) continue;
      const auto rest = text.substr(headings[i].size());
      const bool is = i == 0   ? rest.starts_with("Trace") || rest.starts_with("trace")
                      : i <= 2 ? rest.starts_with(":") || rest.starts_with(" by task ")
                      : i == 3 ? rest.starts_with(":") || rest.starts_with(" (crc ")
                               : true;
      if (is) return i;
    }
    return std::nullopt;
  }

  std::array<bool, headings.size()> seen_{};
  bool waiting_ = false, broken_ = false, kept_ = false;
  unsigned age_ = 0;
  std::size_t last_ = 0;
};

}  // namespace netcon::inline v0_1::crash::detail
