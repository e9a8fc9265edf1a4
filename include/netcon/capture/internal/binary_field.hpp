// SPDX-License-Identifier: MIT
// A field of journald's export format whose value has newlines or is no UTF-8: its name on a line, its size
// in eight bytes, the lowest first, its value, and a newline.
#pragma once

#include <netcon/detail/digits.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// Whether a line may be the name of such a field.
constexpr bool is_field_name(std::string_view line) noexcept {
  constexpr std::size_t longest = 64;
  if (line.empty() || line.size() > longest || is_digit(line.front())) return false;
  return std::ranges::all_of(line, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_'; });
}

/// Takes the bytes of a field in pieces of any size. What is beyond `most` bytes of the value is dropped.
class binary_field {
 public:
  /// Whether the bytes that come next are of a field.
  bool is_open() const noexcept { return is_open_; }

  /// After the line of the name.
  void begin(std::string_view name) {
    name_ = name;
    value_.clear();
    size_ = 0;
    size_bytes_ = 0;
    is_too_large_ = false;
    is_open_ = true;
  }

  /// Takes what belongs to the field from the front; true once that is all of it.
  bool take(std::string_view& bytes, std::size_t most) {
    for (; size_bytes_ < 8 && !bytes.empty(); bytes.remove_prefix(1)) {
      const auto byte = static_cast<unsigned char>(bytes.front());
      if (size_bytes_ < 4)
        size_ |= std::size_t{byte} << 8 * size_bytes_;
      else
        is_too_large_ = is_too_large_ || byte != 0;
      ++size_bytes_;
    }
    if (size_bytes_ < 8) return false;
    if (is_too_large_ || size_ > largest) {  // a line that was taken for a name
      is_open_ = false;
      return false;
    }
    const auto piece = bytes.substr(0, size_);
    value_ += piece.substr(0, most - std::min(most, value_.size()));
    size_ -= piece.size();
    bytes.remove_prefix(piece.size());
    if (size_ != 0 || bytes.empty()) return false;
    if (bytes.front() == '\n') bytes.remove_prefix(1);
    is_open_ = false;
    return true;
  }

  /// The end of the log comes within it.
  void close() noexcept { is_open_ = false; }

  std::string_view name() const noexcept { return name_; }
  std::string_view value() const noexcept { return value_; }

 private:
  static constexpr std::size_t largest = std::size_t{1} << 30;  // journald has no larger ones

  std::string name_, value_;
  std::size_t size_ = 0;  // what has not come
  unsigned size_bytes_ = 0;
  bool is_too_large_ = false, is_open_ = false;
};

}  // namespace netcon::inline v0_1::detail
