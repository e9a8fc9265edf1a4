// What the collector tells, as lines for people: arrival, source, level, kernel time, text, userdata.
#pragma once

#include "listen/rate_limiter.hpp"
#include "output/wall_time.hpp"

#include <netcon/core/level.hpp>
#include <netcon/receive/collector.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tool {

/// Writes events as lines in which nothing but colour, and that only when asked for, is a control sequence.
/// Duplicates are left out: they say what another line said already.
class human_lines {
 public:
  explicit human_lines(bool colour) : colour_{colour} {}

  void append(std::string& out, wall_time, const netcon::event::record&);
  void append(std::string& out, wall_time, const netcon::event::partial&);
  void append(std::string& out, wall_time, const netcon::event::lost&);
  void append(std::string& out, wall_time, const netcon::event::rebooted&);
  void append(std::string&, wall_time, const netcon::event::duplicate&) {}
  void append(std::string& out, wall_time, const netcon::event::late&);
  void append(std::string& out, wall_time, const netcon::event::basic&);
  void append(std::string& out, wall_time, const netcon::event::junk&);
  void append(std::string& out, wall_time, const netcon::event::forgotten&);
  void append(std::string& out, wall_time, const suppressed&);

 private:
  enum class style { plain, bold_red, red, yellow, bold, dim, magenta };
  static style style_of(netcon::level);

  void start(std::string& out, style);
  void stop(std::string& out, style);
  void begin(std::string& out, wall_time, const netcon::endpoint& from);
  void append_columns(std::string& out, std::optional<netcon::level>,
                      std::optional<std::uint64_t> timestamp_us, std::string_view caller);
  void append_text(std::string& out, std::string_view escaped);
  void append_dictionary(std::string& out, const netcon::dictionary_view&);
  void append_message(std::string& out, wall_time, const netcon::endpoint& from, const netcon::record_view&,
                      std::string_view remark);
  void append_remark(std::string& out, wall_time, const netcon::endpoint& from, std::string_view remark);

  bool colour_;
  wall_time_writer time_{wall_time_writer::style::local};
};

}  // namespace tool
