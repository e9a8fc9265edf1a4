#include "listen/crash_watch.hpp"

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

}  // namespace

void crash_watch::append_begun(std::string& out, netcon::wall_time time, const netcon::endpoint& sender,
                               netcon::crash::kind kind, std::string_view title) const {
  if (form_ != crash_form::json) return;  // people see the line itself, and soon the whole
  begin_json(out, "crash_begun", time, sender);
  out += fmt::format(R"("kind":"{}","title":)", name(kind));
  netcon::append_json_string(out, title);
  out += "}\n";
}

void crash_watch::append_crash(std::string& out, netcon::wall_time time, const netcon::endpoint& sender,
                               std::string_view host, const netcon::crash::report& report) {
  // Forged senders may be any number.
  constexpr std::size_t most = 65536;
  if (times_.size() > most) times_.clear();
  const auto count = ++times_[{report.signature, to_string(sender.address)}];
  if (form_ == crash_form::json) {
    begin_json(out, "crash", time, sender);
    netcon::append_crash_members(out, report);
    out += fmt::format(",\"count\":{}}}\n", count);
    return;
  }
  const auto text =
      fmt::format("{} crashed: {} ({}{}{})", netcon::printable(host), netcon::printable(report.title),
                  report.panicked ? "went down, " : "", netcon::crash_state(report),
                  count > 1 ? fmt::format(", {} times", count) : "");
  if (form_ == crash_form::syslog) {
    constexpr int daemon_critical = 3 * 8 + 2;
    out += fmt::format("<{}>1 ", daemon_critical);
    netcon::wall_time_writer{}.append(out, time);
    out += fmt::format(" {} netcon - - - {}\n", to_string(sender.address), text);
    return;
  }
  netcon::wall_time_writer{netcon::local_utc_offset}.append(out, time);
  out += fmt::format(" {} {}* {}{}\n", to_string(sender), colour_ ? "\x1b[1;41m" : "", text,
                     colour_ ? "\x1b[0m" : "");
}

}  // namespace tool
