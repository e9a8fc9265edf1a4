// SPDX-License-Identifier: MIT
#include "listen/drop_report.hpp"

#include <fmt/format.h>

namespace tool {

std::optional<std::string> drop_report::update(std::uint64_t drops, clock::time_point now) {
  if (drops == reported_ || (next_ && now < *next_)) return std::nullopt;
  reported_ = drops;
  next_ = now + between_reports;
  return fmt::format("netcon: {} {} so far: {}\n", drops, what_, reason_);
}

}  // namespace tool
