// What the collector tells, as syslog messages (RFC 5424) with header and userdata as structured data.
#pragma once

#include "listen/rate_limiter.hpp"
#include "output/wall_time.hpp"

#include <netcon/receive/collector.hpp>

#include <string>
#include <string_view>

namespace tool {

/// Each message ends in a newline and holds no other one. Its host is the sender's address.
class syslog_lines {
 public:
  void append(std::string& out, wall_time, const netcon::event::record&);
  void append(std::string& out, wall_time, const netcon::event::partial&);
  void append(std::string& out, wall_time, const netcon::event::lost&);
  void append(std::string& out, wall_time, const netcon::event::rebooted&);
  void append(std::string&, wall_time, const netcon::event::duplicate&) {}
  void append(std::string& out, wall_time, const netcon::event::late&);
  void append(std::string& out, wall_time, const netcon::event::basic&);
  void append(std::string& out, wall_time, const netcon::event::junk&);
  void append(std::string&, wall_time, const netcon::event::forgotten&) {}
  void append(std::string& out, wall_time, const suppressed&);

 private:
  void begin(std::string& out, unsigned priority, wall_time, const netcon::endpoint& from,
             std::string_view application, std::string_view process);
  void append_message(std::string& out, wall_time, const netcon::endpoint& from, const netcon::record_view&,
                      std::string_view remark);
  void append_remark(std::string& out, wall_time, const netcon::endpoint& from, std::string_view remark);

  wall_time_writer time_{wall_time_writer::style::utc};
};

}  // namespace tool
