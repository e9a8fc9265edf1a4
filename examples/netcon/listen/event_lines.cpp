#include "listen/event_lines.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/os/local_time.hpp>
#include <netcon/output/crash_json.hpp>
#include <netcon/output/crash_text.hpp>

#include <fmt/format.h>

namespace tool {
namespace {

void begin_json(std::string& out, std::string_view event, netcon::wall_time time,
                const netcon::endpoint& sender) {
  out += fmt::format(R"({{"event":"{}","time":")", event);
  netcon::wall_time_writer{}.append(out, time);
  out += fmt::format(R"(","sender":"{}","sender_port":{},)", to_string(sender.address), sender.port.value());
}

std::variant<netcon::human_lines, netcon::json_lines, netcon::syslog_lines> lines_of(output_format format,
                                                                                     bool colour) {
  switch (format) {
    case output_format::json:
      return netcon::json_lines{};
    case output_format::syslog:
      return netcon::syslog_lines{};
    default:
      return netcon::human_lines{colour, netcon::local_utc_offset};
  }
}

}  // namespace

event_lines::event_lines(output_format format, bool colour)
    : format_{format}, colour_{colour}, lines_{lines_of(format, colour)} {}

void event_lines::append(std::string& out, netcon::wall_time time, const crash_begun& event) {
  begin_json(out, "crash_begun", time, event.sender);
  out += fmt::format(R"("kind":"{}","title":)", name(event.kind));
  netcon::append_json_string(out, event.title);
  out += "}\n";
}

void event_lines::append(std::string& out, netcon::wall_time time, const counted_crash& event) {
  if (format_ == output_format::json) {
    begin_json(out, "crash", time, event.sender);
    netcon::append_crash_members(out, event.report);
    out += fmt::format(",\"count\":{}}}\n", event.count);
    return;
  }
  const auto text = fmt::format("{} crashed: {} ({}{}{})", netcon::printable(event.host),
                                netcon::printable(event.report.title),
                                event.report.panicked ? "went down, " : "", netcon::crash_state(event.report),
                                event.count > 1 ? fmt::format(", {} times", event.count) : "");
  if (format_ == output_format::syslog) {
    constexpr int daemon_critical = 3 * 8 + 2;
    out += fmt::format("<{}>1 ", daemon_critical);
    netcon::wall_time_writer{}.append(out, time);
    out += fmt::format(" {} netcon - - - {}\n", to_string(event.sender.address), text);
    return;
  }
  netcon::wall_time_writer{netcon::local_utc_offset}.append(out, time);
  out += fmt::format(" {} {}* {}{}\n", to_string(event.sender), colour_ ? "\x1b[1;41m" : "", text,
                     colour_ ? "\x1b[0m" : "");
}

void event_lines::mark_unproven(std::string& out) const {
  const bool json = format_ == output_format::json;
  out.resize(out.size() - (json ? 2 : 1));
  out += json ? ",\"unproven\":true}\n" : " (unproven)\n";
}

}  // namespace tool
