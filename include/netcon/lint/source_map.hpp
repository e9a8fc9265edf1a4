// SPDX-License-Identifier: MIT
// A text taken out of another one, together with where each of its bytes came from.
#pragma once

#include <netcon/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace netcon::inline v0_1 {

/// A text together with the place of each of its bytes in another one. A byte that was put in has the place
/// of the one beside it.
class source_map {
 public:
  /// The bytes that were taken out, in order.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// The place of these bytes. A range that is empty or not contiguous there begins at its first byte, and
  /// ends where the bytes go on elsewhere.
  [[nodiscard]] text_range place_of(const text_range& where) const {
    if (places_.empty()) return {end_, end_};
    if (where.begin >= places_.size()) return {places_.back() + 1, places_.back() + 1};
    const auto first = places_[where.begin];
    if (where.size() == 0) return {first, first};
    auto last = first;
    for (auto i = where.begin + 1; i < where.end && places_[i] >= last && places_[i] - last <= max_gap; ++i)
      last = places_[i];
    return text_range::between(first, last + 1);
  }
  /// Whether these bytes follow each other in the other text too.
  [[nodiscard]] bool is_contiguous(const text_range& where) const {
    for (auto i = where.begin + 1; i < where.end; ++i)
      if (places_[i] != places_[i - 1] + 1) return false;
    return true;
  }

  /// Where a text without a byte is.
  void end_at(std::size_t place) { end_ = static_cast<std::uint32_t>(place); }
  /// Appends a byte that is at that offset of the other text.
  void put(char byte, std::size_t place) {
    text_ += byte;
    places_.push_back(static_cast<std::uint32_t>(place));
  }
  /// The bytes [first, last) of text(), with their places. Precondition: first <= last <= text().size().
  [[nodiscard]] source_map part(std::size_t first, std::size_t last) const {
    source_map result;
    for (auto i = first; i < last; ++i) result.put(text_[i], places_[i]);
    result.end_ = last < places_.size() ? places_[last] : places_.empty() ? end_ : places_.back() + 1;
    return result;
  }
  /// Where a byte of text() is in the other text. Precondition: index < text().size().
  [[nodiscard]] std::size_t place(std::size_t index) const { return places_[index]; }

 private:
  /// Quotes and escapes between two bytes that belong together.
  static constexpr std::uint32_t max_gap = 16;

  std::string text_;
  std::vector<std::uint32_t> places_;
  std::uint32_t end_ = 0;
};

}  // namespace netcon::inline v0_1
