// SPDX-License-Identifier: MIT
// The lines after the text of an extended record: keys and values.
#pragma once

#include <netcon/detail/find_near.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// A line after the text: dictionary, userdata or sysdata. Nothing on the wire marks which.
struct dictionary_entry {
  std::string_view key;    ///< before the first '='; the whole line where there is none
  std::string_view value;  ///< behind the first '=', raw; empty where there is none

  friend constexpr auto operator<=>(const dictionary_entry&, const dictionary_entry&) noexcept = default;
};

/// The lines after the text as pairs, in order, with duplicates, values raw. A line is split at its first
/// '='; without one the whole line is the key. One leading blank is dropped.
class dictionary_view {
 public:
  class iterator {
   public:
    using value_type = dictionary_entry;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = void;
    using reference = dictionary_entry;

    constexpr iterator() noexcept = default;
    constexpr explicit iterator(std::string_view lines) noexcept
        : line_{lines.data()}, end_{lines.data() + lines.size()}, marks_{detail::mark_line(line_, end_)} {}

    constexpr dictionary_entry operator*() const noexcept {
      const char* const key = line_ != marks_.end && *line_ == ' ' ? line_ + 1 : line_;
      const char* const value = marks_.equals == marks_.end ? marks_.end : marks_.equals + 1;
      return {{key, marks_.equals}, {value, marks_.end}};
    }
    constexpr iterator& operator++() noexcept {
      line_ = marks_.end == end_ ? end_ : marks_.end + 1;
      marks_ = detail::mark_line(line_, end_);
      return *this;
    }
    constexpr iterator operator++(int) noexcept {
      auto before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(const iterator& a, std::default_sentinel_t) noexcept {
      return a.line_ == a.end_;
    }

   private:
    const char* line_ = nullptr;
    const char* end_ = nullptr;
    detail::line_marks marks_;
  };

  /// No lines.
  constexpr dictionary_view() noexcept = default;
  /// Lines with or without a newline after the last one. They must outlive the view.
  constexpr explicit dictionary_view(std::string_view lines) noexcept : lines_{lines} {}

  /// Entries are made while iterating: they are values, not references.
  [[nodiscard]] constexpr iterator begin() const noexcept { return iterator{lines_}; }
  /// Behind the last line.
  [[nodiscard]] constexpr std::default_sentinel_t end() const noexcept { return {}; }
  /// True when no line follows the text.
  [[nodiscard]] constexpr bool empty() const noexcept { return lines_.empty(); }
  /// The lines as they are on the wire.
  [[nodiscard]] constexpr std::string_view raw() const noexcept { return lines_; }

  /// The value of the last line with that key: a sysdata line comes after a user's of the same name.
  [[nodiscard]] constexpr std::optional<std::string_view> find(std::string_view key) const noexcept {
    std::optional<std::string_view> found;
    for (const auto entry : *this)
      if (entry.key == key) found = entry.value;
    return found;
  }

 private:
  std::string_view lines_;
};

}  // namespace netcon::inline v0_1

/// A view owns nothing: its iterators outlive it.
template <>
inline constexpr bool std::ranges::enable_view<netcon::dictionary_view> = true;
template <>
inline constexpr bool std::ranges::enable_borrowed_range<netcon::dictionary_view> = true;
