// SPDX-License-Identifier: MIT
// Something that was looked up on a machine: the value, or why it is not known.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::doctor {

/// A value, or the reason in words why there is none. A fact that no one looked up is unknown too.
template <class T>
class fact {
 public:
  /// What is looked up.
  using value_type = T;

  /// Unknown: "not looked up".
  fact() = default;
  /// A value that is known.
  fact(T value) : value_{std::move(value)}, reason_{}, is_known_{true} {}  // NOLINT
  /// A text that is known.
  fact(const char* text)  // NOLINT
    requires std::same_as<T, std::string>
      : fact{T{text}} {}

  /// reason: one line without a full stop, such as "no permission to read /dev/kmsg".
  [[nodiscard]] static fact unknown(std::string reason) {
    fact out;
    out.reason_ = std::move(reason);
    return out;
  }

  /// Whether there is a value.
  [[nodiscard]] bool is_known() const noexcept { return is_known_; }
  /// As is_known().
  explicit operator bool() const noexcept { return is_known_; }
  /// Whether it is known to be that value.
  [[nodiscard]] bool is(const T& value) const { return is_known_ && value_ == value; }

  /// A default value where it is unknown.
  const T& operator*() const& noexcept { return value_; }
  /// As operator*().
  const T* operator->() const noexcept { return &value_; }
  /// Empty when it is known.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

  friend bool operator==(const fact&, const fact&) = default;

 private:
  T value_{};
  std::string reason_ = "not looked up";
  bool is_known_ = false;
};

}  // namespace netcon::inline v0_1::doctor
