// SPDX-License-Identifier: MIT
#include "listen/event_lines.hpp"

#include "output/log_names.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/os/local_time.hpp>
#include <netcon/output/crash_json.hpp>
#include <netcon/output/crash_text.hpp>

#include <fmt/format.h>

namespace tool {
namespace {

void begin_json(std::string& out, std::string_view event, const netcon::origin& at,
                const netcon::endpoint& sender) {
  out += fmt::format(R"({{"event":"{}","time":")", event);
  netcon::wall_time_writer{}.append(out, at.time);
  out += fmt::format(R"(","sender":"{}","sender_port":{},)", address_text(sender), sender.port.value());
  if (at.host.empty()) return;
  out += R"("host":)";
  netcon::append_json_string(out, at.host);
  out += ',';
}

std::variant<netcon::human_lines, netcon::json_lines, netcon::syslog_lines, netcon::brief_lines,
             netcon::journal_entries>
lines_of(output_format format, bool colour) {
  switch (format) {
    case output_format::brief:
      return netcon::brief_lines{colour, netcon::local_utc_offset};
    case output_format::json:
      return netcon::json_lines{};
    case output_format::syslog:
      return netcon::syslog_lines{};
    case output_format::local_syslog:
      return netcon::syslog_lines{netcon::syslog_form::local};
    case output_format::journal:
      return netcon::journal_entries{};
    default:
      return netcon::human_lines{colour, netcon::local_utc_offset};
  }
}

}  // namespace

event_lines::event_lines(output_format format, bool colour)
    : format_{format}, colour_{colour}, lines_{lines_of(format, colour)} {}

void event_lines::append(std::string& out, const netcon::origin& at, const crash_begun& event) {
  begin_json(out, "crash_begun", at, event.sender);
  out += fmt::format(R"("kind":"{}","title":)", name(event.kind));
  netcon::append_json_string(out, event.title);
  out += "}\n";
}

void event_lines::append(std::string& out, const netcon::origin& at, const counted_crash& event) {
  if (format_ == output_format::json) {
    begin_json(out, "crash", at, event.sender);
    netcon::append_crash_members(out, event.report);
    out += fmt::format(",\"count\":{}}}\n", event.count);
    return;
  }
  const auto what = fmt::format("crashed: {} ({}{}{})", netcon::printable(event.report.title),
                                event.report.panicked ? "went down, " : "", netcon::crash_state(event.report),
                                event.count > 1 ? fmt::format(", {} times", event.count) : "");
  if (auto* const brief = std::get_if<netcon::brief_lines>(&lines_))
    return brief->append_crash(out, at, event.sender, what);
  const auto text = fmt::format("{} {}", netcon::printable(event.host), what);
  if (auto* const journal = std::get_if<netcon::journal_entries>(&lines_))
    return journal->append_crash(out, at, event.sender, text, event.report, event.count);
  constexpr int daemon_critical = 3 * 8 + 2;
  if (format_ == output_format::local_syslog) {
    out += fmt::format("<{}>netcon: {}\n", daemon_critical, text);
    return;
  }
  if (format_ == output_format::syslog) {
    out += fmt::format("<{}>1 ", daemon_critical);
    netcon::wall_time_writer{}.append(out, at.time);
    out += fmt::format(" {} netcon - - - {}\n",
                       at.host.empty() ? address_text(event.sender) : std::string{at.host}, text);
    return;
  }
  netcon::wall_time_writer{netcon::local_utc_offset}.append(out, at.time);
  out += fmt::format(" {}{}{} {}* {}{}\n", at.host, at.host.empty() ? "" : "@", to_string(event.sender),
                     colour_ ? "\x1b[1;41m" : "", text, colour_ ? "\x1b[0m" : "");
}

void event_lines::mark(std::string& out, std::string_view word, std::string_view field) const {
  if (format_ == output_format::journal) {
    out += fmt::format("NETCONSOLE_{}=1\n", field);
    return;
  }
  const bool json = format_ == output_format::json;
  out.resize(out.size() - (json ? 2 : 1));
  out += json ? fmt::format(",\"{}\":true}}\n", word) : fmt::format(" ({})\n", word);
}

}  // namespace tool
