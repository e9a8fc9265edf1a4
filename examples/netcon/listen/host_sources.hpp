// SPDX-License-Identifier: MIT
// Where the names of machines come from: --hosts-from.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct host_source {
  enum class kind : std::uint8_t { key, file, dns };

  kind what = kind::key;
  std::string text;  // the userdata key, or the path; dns has none

  friend bool operator==(const host_source&, const host_source&) = default;
};

/// key:NAME, file:PATH and dns with commas between them, the first to be asked first. The error is one line,
/// without the option's name.
std::expected<std::vector<host_source>, std::string> parse_host_sources(std::string_view text);

}  // namespace tool
