// SPDX-License-Identifier: MIT
// When the host of a log booted, which ties its times since then to the world's.
#pragma once

#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

class boot_clock {
 public:
  /// Looks for "rtc_cmos 00:00: setting system clock to 2026-11-28T07:40:32 UTC (1795851632)".
  void note(std::string_view text, std::optional<std::uint64_t> boot_time) {
    if (boot_time && !text.empty() && text.back() == ')') read_words(text, *boot_time);
  }

  /// The time of a line that came so long after the boot; nothing where no line has tied both.
  std::optional<log_time> time_at(std::optional<std::uint64_t> boot_time) const {
    if (!anchor_ || !boot_time || *boot_time > longest_uptime) return std::nullopt;
    return believed(*anchor_ + std::chrono::microseconds{static_cast<std::int64_t>(*boot_time)});
  }

 private:
  [[gnu::noinline]] void read_words(std::string_view text, std::uint64_t boot_time) {
    constexpr std::string_view words = "setting system clock to ";
    if (boot_time > longest_uptime || text.find(words) == text.npos) return;
    const auto open = text.rfind('(');
    std::uint64_t seconds = 0;
    if (open == text.npos ||
        read_decimal(text.substr(open + 1, text.size() - open - 2), seconds) != number_state::ok ||
        seconds > std::numeric_limits<std::uint64_t>::max() / 1'000'000)
      return;
    if (const auto time = believed(seconds * 1'000'000))
      anchor_ = *time - std::chrono::microseconds{static_cast<std::int64_t>(boot_time)};
  }

  static constexpr std::uint64_t longest_uptime =
      100ull * 366 * 86400 * 1000000;  // a century, in microseconds
  std::optional<log_time> anchor_;     // when the host booted
};

}  // namespace netcon::inline v0_1::detail
