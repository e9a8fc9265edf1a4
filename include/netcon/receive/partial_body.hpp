// SPDX-License-Identifier: MIT
// Where the bytes of a partial record belong, and where some are missing.
#pragma once

#include <netcon/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace netcon::inline v0_1 {

/// The body of a partial record with its gaps: a view, as body() of the event gives it.
class partial_body {
 public:
  /// The body as far as it came, and the ranges of the whole body that did not, in order.
  constexpr partial_body(std::string_view came, std::span<const text_range> missing) noexcept
      : came_{came}, missing_{missing} {}

  /// Bytes that did not come.
  [[nodiscard]] constexpr std::uint64_t missing() const noexcept {
    std::uint64_t bytes = 0;
    for (const auto& gap : missing_) bytes += gap.size();
    return bytes;
  }
  /// Bytes of the whole body, as its fragments announced them.
  [[nodiscard]] constexpr std::uint64_t total() const noexcept { return came_.size() + missing(); }

  /// Calls came(offset, bytes) for each run of bytes that came, with its place in the whole body, and
  /// gap(text_range) for each range that did not, in order.
  template <class Came, class Gap>
  constexpr void visit(Came&& came, Gap&& gap) const {
    auto rest = came_;
    std::uint32_t at = 0;
    for (const auto& one : missing_) {
      const auto run = rest.substr(0, one.begin > at ? one.begin - at : 0);
      if (!run.empty()) came(at, run);
      rest.remove_prefix(run.size());
      gap(one);
      at = std::max(at, one.end);
    }
    if (!rest.empty()) came(at, rest);
  }

  /// The bytes that came after the last gap, up to the end of the whole body.
  [[nodiscard]] constexpr std::string_view last_run() const noexcept {
    if (missing_.empty()) return came_;
    const auto bytes = total() - std::min<std::uint64_t>(total(), missing_.back().end);
    return came_.substr(came_.size() - std::min<std::uint64_t>(came_.size(), bytes));
  }

 private:
  std::string_view came_;
  std::span<const text_range> missing_;
};

}  // namespace netcon::inline v0_1
