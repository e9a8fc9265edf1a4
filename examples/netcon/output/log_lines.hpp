// SPDX-License-Identifier: MIT
// Lines of a text log, as netcon decode shows them.
#pragma once

#include <netcon/capture/log_line.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/event.hpp>

#include <string>

namespace tool {

/// Appends "TIME HOST LEVEL [STAMP][CALLER] TEXT" or, as JSON, the event "line" of docs/json.md. With a loss,
/// what is said of it takes the place of the text, and the event is "lost".
class log_line_writer {
 public:
  explicit log_line_writer(bool json);

  void append(std::string& out, const netcon::log_line& line, const netcon::event::lost* loss = nullptr);

 private:
  void append_json(std::string& out, const netcon::log_line& line, const netcon::event::lost* loss);
  void append_human(std::string& out, const netcon::log_line& line, const netcon::event::lost* loss);

  bool json_;
  netcon::wall_time_writer time_;
};

}  // namespace tool
