// SPDX-License-Identifier: MIT
#include "options/value_check.hpp"

#include <netcon/core/number.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace tool {
namespace {

/// How far to shift a number for the unit after it; nothing for an unknown unit.
std::optional<unsigned> shift_of(std::string unit) {
  for (auto& c : unit)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (unit.empty() || unit == "B") return 0;
  const auto power = std::string_view{"KMGT"}.find(unit[0]);
  const auto rest = std::string_view{unit}.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "B" && rest != "I" && rest != "IB"))
    return std::nullopt;
  return static_cast<unsigned>(10 * (power + 1));
}

}  // namespace

std::expected<std::uint64_t, std::string> read_number(std::string_view text, std::uint64_t least,
                                                      std::uint64_t most) {
  const auto value = netcon::parse_decimal(text);
  if (value && *value >= least && *value <= most) return *value;
  return std::unexpected{most == std::numeric_limits<std::uint64_t>::max()
                             ? fmt::format("'{}' is not a whole number of {} or more", text, least)
                             : fmt::format("'{}' is not a whole number from {} to {}", text, least, most)};
}

std::expected<std::uint64_t, std::string> read_size(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto shift = shift_of(std::string{text.substr(digits)});
  const auto value = netcon::parse_decimal(text.substr(0, digits));
  if (shift && value && *value <= std::numeric_limits<std::uint64_t>::max() >> *shift)
    return *value << *shift;
  return std::unexpected{fmt::format("'{}' is not a size: write bytes, as in 65536, 512K, 50M or 2G", text)};
}

namespace {

/// Replaces the text by the number that was read.
std::string replace(std::string& text, const std::expected<std::uint64_t, std::string>& value) {
  if (!value) return value.error();
  text = std::to_string(*value);
  return {};
}

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  return CLI::Validator{[=](std::string& text) { return replace(text, read_number(text, least, most)); }, ""};
}

CLI::Validator byte_size() {
  return CLI::Validator{[](std::string& text) { return replace(text, read_size(text)); }, ""};
}

CLI::Validator not_empty() {
  return CLI::Validator{[](std::string& text) { return std::string{text.empty() ? "is empty" : ""}; }, ""};
}

std::expected<netcon::level, std::string> read_level(std::string_view text) {
  if (const auto level = netcon::parse_level(text)) return *level;
  return std::unexpected{fmt::format(
      "'{}' is not a level: 0 to 7, or emerg, alert, crit, err, warning, notice, info, debug", text)};
}

}  // namespace tool
