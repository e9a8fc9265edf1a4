// What the collector tells, as one JSON object a line. docs/json.md is the schema.
#pragma once

#include "listen/rate_limiter.hpp"
#include "output/wall_time.hpp"

#include <netcon/receive/collector.hpp>

#include <string>
#include <string_view>

namespace tool {

/// Appends bytes as a JSON string. What is not UTF-8 becomes \xNN (two characters of JSON more for its
/// backslash); control characters and what turns the writing direction are escaped as \uNNNN, so that a
/// terminal obeys none.
void append_json_string(std::string& out, std::string_view bytes);

/// Writes events as lines.
class json_lines {
 public:
  void append(std::string& out, wall_time, const netcon::event::record&);
  void append(std::string& out, wall_time, const netcon::event::partial&);
  void append(std::string& out, wall_time, const netcon::event::lost&);
  void append(std::string& out, wall_time, const netcon::event::rebooted&);
  void append(std::string& out, wall_time, const netcon::event::duplicate&);
  void append(std::string& out, wall_time, const netcon::event::late&);
  void append(std::string& out, wall_time, const netcon::event::basic&);
  void append(std::string& out, wall_time, const netcon::event::junk&);
  void append(std::string& out, wall_time, const netcon::event::forgotten&);
  void append(std::string& out, wall_time, const suppressed&);

 private:
  void begin(std::string& out, std::string_view event, wall_time, const netcon::endpoint& from);
  void append_message(std::string& out, const netcon::record_view&);

  wall_time_writer time_{wall_time_writer::style::utc};
  std::string scratch_;
};

}  // namespace tool
