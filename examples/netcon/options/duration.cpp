// SPDX-License-Identifier: MIT
#include "options/duration.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <system_error>

namespace tool {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct unit {
  std::string_view name;
  milliseconds length;
};

constexpr unit units[] = {{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}};
constexpr milliseconds longest = 24h * 36525;  // a hundred years

}  // namespace

std::expected<milliseconds, std::string> parse_duration(std::string_view text) {
  constexpr std::string_view example = "write a number and a unit, as in 50ms, 30s, 5m, 24h or 7d";
  double value = 0;
  const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + digits, value, std::chars_format::fixed);
  if (code != std::errc{} || end != text.data() + digits)
    return std::unexpected{fmt::format("'{}' is not a duration: {}", text, example)};
  const auto name = text.substr(digits);
  if (name.empty() && value == 0) return 0ms;
  if (name.empty())
    return std::unexpected{fmt::format("'{0}' has no unit: write {0}s for seconds, or ms, m, h or d", text)};
  for (const auto& one : units) {
    if (name != one.name) continue;
    const auto count = std::ceil(value * static_cast<double>(one.length.count()));
    if (count > static_cast<double>(longest.count()))
      return std::unexpected{fmt::format("'{}' is too long a time", text)};
    return milliseconds{static_cast<milliseconds::rep>(count)};
  }
  return std::unexpected{fmt::format("'{}' is not a duration: {}", text, example)};
}

std::string to_text(milliseconds time) {
  for (const auto& one : units)
    if (time.count() != 0 && time % one.length == 0ms)
      return fmt::format("{}{}", time / one.length, one.name);
  return fmt::format("{}ms", time.count());
}

CLI::Option* add_duration(CLI::App& command, const std::string& name, milliseconds& to,
                          const std::string& description, milliseconds least, milliseconds most) {
  const auto check = [least, most](const std::string& text) -> std::string {
    const auto time = parse_duration(text);
    if (!time) return time.error();
    if (*time < least || *time > most)
      return fmt::format("'{}' is not between {} and {}", text, to_text(least), to_text(most));
    return {};
  };
  const auto assign = [&to](const std::string& text) { to = parse_duration(text).value_or(to); };
  auto* option = command.add_option_function<std::string>(name, assign, description)
                     ->option_text("TIME")
                     ->check(CLI::Validator{[check](std::string& text) { return check(text); }, ""});
  return to == 0ms ? option : option->default_str(to_text(to));
}

}  // namespace tool
