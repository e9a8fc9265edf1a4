// Points in time as text, for rows of them that mostly lie within the same second.
#pragma once

#include <chrono>
#include <ctime>
#include <string>

namespace tool {

using wall_time = std::chrono::system_clock::time_point;

/// Appends a wall time to a string; the date and time of the last second are kept.
class wall_time_writer {
 public:
  enum class style {
    utc,    // 2026-11-20T12:37:21.123456Z (RFC 3339)
    local,  // 2026-11-20 13:37:21.123
  };

  explicit wall_time_writer(style wanted) : style_{wanted} {}

  void append(std::string& out, wall_time time);

 private:
  style style_;
  std::time_t second_ = -1;
  std::string text_;  // of second_, up to the seconds
};

}  // namespace tool
