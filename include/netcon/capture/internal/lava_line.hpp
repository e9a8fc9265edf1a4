// SPDX-License-Identifier: MIT
// A line of LAVA's own log: what came of a device, or a remark of LAVA's.
#pragma once

#include <netcon/capture/internal/json_members.hpp>
#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// `- {"dt": "2026-11-28T07:40:32.250000", "lvl": "target", "msg": "..."}`, in UTC.
struct lava_line {
  std::string text;
  std::optional<log_time> time;
  bool is_of_device = false;

  /// False: the line is none. What is in key and value is overwritten.
  bool read(std::string_view line, std::string& key, std::string& value) {
    if (!line.starts_with("- {\"")) return false;
    json_members members{line.substr(2)};
    time.reset();
    bool has_text = false;
    while (members.next(key, value)) {
      if (key == "dt") {
        stamp_reader at{value};
        time = read_iso_time(at, {});
      } else if (key == "lvl") {
        is_of_device = value == "target" || value == "feedback";  // of another console of the job
      } else if (key == "msg") {
        text = value;
        has_text = true;
      }
    }
    return time && has_text;
  }
};

}  // namespace netcon::inline v0_1::detail
