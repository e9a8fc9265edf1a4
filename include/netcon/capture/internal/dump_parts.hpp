// SPDX-License-Identifier: MIT
// Dumps of pstore, whose parts come with the newest one first.
#pragma once

#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// "Panic#1 Part3": the first line of each part that pstore keeps of a log. Part 1 has its end.
struct dump_part {
  std::string_view dump;  ///< "Panic#1"
  unsigned number = 0;
};

/// False for nearly all lines that are none.
constexpr bool may_be_dump_part(std::string_view line) noexcept {
  constexpr std::size_t shortest = 12, longest = 24;  // "Oops#1 Part1"
  return line.size() <= longest && line.size() >= shortest && is_digit(line.back());
}

constexpr std::optional<dump_part> read_dump_part(std::string_view line) noexcept {
  if (!may_be_dump_part(line)) return std::nullopt;
  const auto blank = line.find(' ');
  const auto dump = line.substr(0, blank);
  const auto mark = dump.find('#');
  if (blank == line.npos || mark == line.npos || mark + 1 == dump.size()) return std::nullopt;
  for (const char c : dump.substr(mark + 1))
    if (!is_digit(c)) return std::nullopt;
  bool is_reason = false;
  for (const std::string_view one :
       {"Panic", "Oops", "Emergency", "Shutdown", "Restart", "Halt", "Poweroff", "Unknown"})
    is_reason = is_reason || dump.substr(0, mark) == one;
  stamp_reader at{line.substr(blank + 1)};
  if (!is_reason || !at.rest.starts_with("Part")) return std::nullopt;
  at.rest.remove_prefix(4);
  const auto number = at.digits(1, 4);
  if (!number || *number == 0 || !at.rest.empty()) return std::nullopt;
  return dump_part{dump, *number};
}

/// Holds the lines of dumps back whose first part comes first, and gives them in the order in which the
/// kernel wrote them. Parts in that order pass.
class dump_parts {
 public:
  bool is_empty() const noexcept { return dumps_.empty(); }

  /// Whether it took the line. Give is called with lines that were held back.
  template <class Give>
  bool take(std::string_view line, Give&& give) {
    if (const auto part = read_dump_part(line)) {
      if (!begin(*part)) {
        flush(give);
        if (part->number == 1) begin(*part);
      }
      return true;
    }
    if (dumps_.empty()) return false;
    auto& text = dumps_[current_].parts.back();
    text.append(line).append(1, '\n');
    bytes_ += line.size() + 1;
    if (bytes_ > most_bytes) flush(give);
    return true;
  }

  /// Nothing more belongs to them.
  template <class Give>
  void flush(Give&& give) {
    const auto dumps = std::move(dumps_);
    dumps_.clear();
    bytes_ = 0;
    for (const auto& one : dumps)
      for (const std::string_view part : one.parts | std::views::reverse)
        for (std::size_t at = 0; at < part.size();) {
          const auto end = part.find('\n', at);
          give(part.substr(at, end - at));
          at = end + 1;
        }
  }

 private:
  struct held_dump {
    std::string name;
    std::vector<std::string> parts;
  };
  static constexpr std::size_t most_bytes = std::size_t{4} << 20, most_dumps = 16;

  /// Whether it is the next part of a dump, or the first one of a new dump. Two dumps of one second alternate
  /// in a list by names.
  bool begin(const dump_part& part) {
    for (std::size_t i = 0; i < dumps_.size(); ++i)
      if (dumps_[i].name == part.dump) {
        if (dumps_[i].parts.size() + 1 != part.number) return false;
        dumps_[i].parts.emplace_back();
        current_ = i;
        return true;
      }
    if (part.number != 1 || dumps_.size() >= most_dumps) return false;
    current_ = dumps_.size();
    dumps_.push_back({std::string{part.dump}, {""}});
    return true;
  }

  std::vector<held_dump> dumps_;
  std::size_t current_ = 0, bytes_ = 0;
};

}  // namespace netcon::inline v0_1::detail
