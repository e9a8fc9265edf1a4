// SPDX-License-Identifier: MIT
// The texts of the records that came last, of all senders: they tell a repeat from another record that has
// the same number and time.
#pragma once

#include <netcon/wire/record.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// A ring of one size, whatever comes. The newest text takes the place of the oldest.
class recent_texts {
 public:
  using place = std::uint16_t;
  static constexpr place none = 0;

  /// owner is only compared.
  place add(const void* owner, const record_view& record) noexcept {
    const auto body = record.body();
    const auto size = std::min(body.size(), longest);
    const auto units = static_cast<std::uint32_t>((sizeof(head) + size + unit - 1) / unit);
    if (next_ + units > bytes / unit) next_ = 1;
    char* const at = ring_.get() + next_ * unit;
    const head one{tag_of(owner), static_cast<std::uint32_t>(record.sequence()),
                   static_cast<std::uint32_t>(size)};
    std::memcpy(at, &one, sizeof one);
    std::memcpy(at + sizeof one, body.data(), size);
    const auto found = static_cast<place>(next_);
    next_ += units;
    return found;
  }

  /// False when the texts differ, and when the one that came before is no longer known.
  bool is_same(place where, const void* owner, const record_view& record) const noexcept {
    if (where == none) return false;
    const char* const at = ring_.get() + where * unit;
    head one;
    std::memcpy(&one, at, sizeof one);
    // Where the text was overwritten the head is a part of another one, and no size can be believed.
    const auto room = bytes - where * unit - sizeof one;
    if (one.owner != tag_of(owner) || one.sequence != static_cast<std::uint32_t>(record.sequence()) ||
        one.size > std::min(longest, room))
      return false;
    const std::string_view kept{at + sizeof one, one.size};
    auto line = kept.substr(0, kept.find('\n'));
    const auto text = record.text().substr(0, longest);
    // Where an affected kernel has a NUL for the newline.
    if (line.size() == text.size() + 1 && line.ends_with('\0')) line.remove_suffix(1);
    return line == text;
  }

 private:
  static constexpr std::size_t bytes = 256 * 1024;
  static constexpr std::size_t unit = 16;
  static constexpr std::size_t longest = 16 * 1024;  // of a text; two longer ones are compared up to here

  struct head {
    std::uint32_t owner;
    std::uint32_t sequence;
    std::uint32_t size;
  };

  static std::uint32_t tag_of(const void* owner) noexcept {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(owner) >> 3);
  }

  std::unique_ptr<char[]> ring_ = std::make_unique_for_overwrite<char[]>(bytes);
  std::uint32_t next_ = 1;
};

}  // namespace netcon::inline v0_1::detail
