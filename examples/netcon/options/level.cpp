#include "options/level.hpp"

#include <netcon/core/level.hpp>
#include <netcon/wire/record.hpp>

#include <fmt/format.h>

namespace tool {

std::expected<std::uint8_t, std::string> parse_level(std::string_view text) {
  for (std::uint8_t i = 0; i < 8; ++i)
    if (text == name(static_cast<netcon::level>(i)) || text == std::string_view{"01234567"}.substr(i, 1))
      return i;
  return std::unexpected{fmt::format(
      "'{}' is no level: 0 to 7, or emerg, alert, crit, err, warning, notice, info, debug", text)};
}

}  // namespace tool
