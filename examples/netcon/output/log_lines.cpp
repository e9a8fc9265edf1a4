// SPDX-License-Identifier: MIT
#include "output/log_lines.hpp"

#include <netcon/core/level.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/os/local_time.hpp>
#include <netcon/output/json_line.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <string_view>

namespace tool {
namespace {

/// Appends KEY=VALUE KEY="VALUE WITH BLANKS" as pairs.
void append_json_pairs(std::string& out, std::string_view userdata) {
  bool first = true;
  out += R"(,"dictionary":[)";
  while (!userdata.empty()) {
    const auto equals = userdata.find('=');
    if (equals == userdata.npos) break;
    auto key = userdata.substr(0, equals);
    userdata.remove_prefix(equals + 1);
    const bool quoted = userdata.starts_with('"');
    userdata.remove_prefix(quoted ? 1 : 0);
    const auto end = std::min(userdata.find(quoted ? '"' : ' '), userdata.size());
    out += first ? "[" : ",[";
    netcon::append_json_string(out, key);
    out += ',';
    netcon::append_json_string(out, userdata.substr(0, end));
    out += ']';
    first = false;
    userdata.remove_prefix(end);
    const auto next = userdata.find_first_not_of("\" ");
    userdata = next == userdata.npos ? std::string_view{} : userdata.substr(next);
  }
  out += ']';
}

}  // namespace

log_line_writer::log_line_writer(bool json) : json_{json} {
  if (!json) time_ = netcon::wall_time_writer{netcon::local_utc_offset};
}

void log_line_writer::append(std::string& out, const netcon::log_line& line,
                             const netcon::event::lost* loss) {
  if (json_) {
    append_json(out, line, loss);
  } else {
    append_human(out, line, loss);
  }
}

void log_line_writer::append_json(std::string& out, const netcon::log_line& line,
                                  const netcon::event::lost* loss) {
  const auto end = std::back_inserter(out);
  out += loss == nullptr ? R"({"event":"line")" : R"({"event":"lost")";
  if (line.time) {
    out += R"(,"time":")";
    time_.append(out, std::chrono::time_point_cast<netcon::wall_time::duration>(*line.time));
    out += '"';
  }
  const auto text = [&](std::string_view name, std::string_view bytes) {
    if (bytes.empty()) return;
    fmt::format_to(end, R"(,"{}":)", name);
    netcon::append_json_string(out, bytes);
  };
  text("host", line.host);
  if (loss != nullptr) {
    fmt::format_to(end, R"(,"cause":"{}","count":{})", name(loss->cause), loss->count);
    if (loss->cause == netcon::loss::sequence_gap)
      fmt::format_to(end, R"(,"first_sequence":{})", loss->first_sequence);
    out += "}\n";
    return;
  }
  text("release", line.release);
  if (line.priority)
    fmt::format_to(end, R"(,"facility":{},"level":{})", *line.priority >> 3, *line.priority & 7);
  if (line.sequence) fmt::format_to(end, R"(,"sequence":{})", *line.sequence);
  if (line.timestamp_us) fmt::format_to(end, R"(,"timestamp_us":{})", *line.timestamp_us);
  text("caller", line.caller);
  netcon::append_json_texts(out, line.text);
  if (!line.userdata.empty()) append_json_pairs(out, line.userdata);
  if (!line.whole) out += R"(,"complete":false)";
  out += "}\n";
}

void log_line_writer::append_human(std::string& out, const netcon::log_line& line,
                                   const netcon::event::lost* loss) {
  const auto end = std::back_inserter(out);
  if (line.time) {
    time_.append(out, std::chrono::time_point_cast<netcon::wall_time::duration>(*line.time));
    out += ' ';
  }
  if (!line.host.empty()) {
    netcon::append_printable(out, line.host);
    out += ' ';
  }
  if (loss != nullptr) {
    fmt::format_to(end, "-- {} records lost or below the sender's console level\n", loss->count);
    return;
  }
  const auto word =
      line.priority ? netcon::name(static_cast<netcon::level>(*line.priority & 7)) : std::string_view{"-"};
  fmt::format_to(end, "{:<8}", word);
  if (line.timestamp_us)
    fmt::format_to(end, "[{:>5}.{:06}]", *line.timestamp_us / 1000000, *line.timestamp_us % 1000000);
  if (!line.caller.empty()) fmt::format_to(end, "[{:>6}]", netcon::printable(line.caller));
  if (line.timestamp_us || !line.caller.empty()) out += ' ';
  netcon::append_printable(out, line.text);
  if (!line.userdata.empty()) out.append("  ").append(netcon::printable(line.userdata));
  out += line.whole ? "\n" : " ...\n";
}

}  // namespace tool
