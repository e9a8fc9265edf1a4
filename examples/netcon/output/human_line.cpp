#include "output/human_line.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/level.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace tool {

human_lines::style human_lines::style_of(netcon::level level) {
  switch (level) {
    case netcon::level::emerg:
    case netcon::level::alert:
    case netcon::level::crit:
      return style::bold_red;
    case netcon::level::err:
      return style::red;
    case netcon::level::warning:
      return style::yellow;
    case netcon::level::notice:
      return style::bold;
    case netcon::level::info:
      return style::plain;
    case netcon::level::debug:
      return style::dim;
  }
  return style::plain;
}

void human_lines::start(std::string& out, style wanted) {
  if (!colour_ || wanted == style::plain) return;
  constexpr std::string_view codes[] = {"",        "\x1b[1;31m", "\x1b[31m", "\x1b[33m",
                                        "\x1b[1m", "\x1b[2m",    "\x1b[35m"};
  out += codes[static_cast<std::size_t>(wanted)];
}

void human_lines::stop(std::string& out, style wanted) {
  if (colour_ && wanted != style::plain) out += "\x1b[0m";
}

void human_lines::begin(std::string& out, wall_time time, const netcon::endpoint& from) {
  start(out, style::dim);
  time_.append(out, time);
  stop(out, style::dim);
  std::array<char, netcon::endpoint::max_text> text{};
  const auto end = to_chars(text.data(), text.data() + text.size(), from).ptr;
  out += ' ';
  out.append(text.data(), end);
  out += ' ';
}

void human_lines::append_columns(std::string& out, std::optional<netcon::level> level,
                                 std::optional<std::uint64_t> timestamp_us, std::string_view caller) {
  fmt::format_to(std::back_inserter(out), "{:<7} ", level ? name(*level) : std::string_view{"-"});
  if (timestamp_us)
    fmt::format_to(std::back_inserter(out), "[{:5}.{:06}]", *timestamp_us / 1000000, *timestamp_us % 1000000);
  if (!caller.empty()) {
    out += '[';
    if (caller.size() < 6) out.append(6 - caller.size(), ' ');
    netcon::append_printable(out, caller);
    out += ']';
  }
  if (timestamp_us || !caller.empty()) out += ' ';
}

void human_lines::append_text(std::string& out, std::string_view escaped) {
  if (escaped.find('\\') == escaped.npos) {
    netcon::append_printable(out, escaped);
  } else {
    netcon::append_printable(out, netcon::unescape(escaped));
  }
}

void human_lines::append_dictionary(std::string& out, const netcon::dictionary_view& dictionary) {
  if (dictionary.empty()) return;
  start(out, style::dim);
  out += ' ';
  for (const auto [key, value] : dictionary) {
    out += ' ';
    netcon::append_printable(out, key);
    out += '=';
    const bool quoted = value.find_first_of(" \"") != value.npos;
    if (quoted) out += '"';
    netcon::append_printable(out, value);
    if (quoted) out += '"';
  }
  stop(out, style::dim);
}

void human_lines::append_message(std::string& out, wall_time time, const netcon::endpoint& from,
                                 const netcon::record_view& message, std::string_view remark) {
  begin(out, time, from);
  const auto wanted = style_of(message.level());
  start(out, wanted);
  append_columns(out, message.level(), message.timestamp_us(), message.caller());
  out += remark;
  append_text(out, message.text());
  stop(out, wanted);
  append_dictionary(out, message.dictionary());
  out += '\n';
}

void human_lines::append_remark(std::string& out, wall_time time, const netcon::endpoint& from,
                                std::string_view remark) {
  begin(out, time, from);
  start(out, style::magenta);
  out += "-- ";
  out += remark;
  stop(out, style::magenta);
  out += '\n';
}

void human_lines::append(std::string& out, wall_time time, const netcon::event::record& event) {
  append_message(out, time, event.sender, event.record, "");
}

void human_lines::append(std::string& out, wall_time time, const netcon::event::late& event) {
  append_message(out, time, event.sender, event.record, "(late) ");
}

void human_lines::append(std::string& out, wall_time time, const netcon::event::partial& event) {
  begin(out, time, event.sender);
  const auto& message = event.record;
  const auto wanted = style_of(message.level());
  start(out, wanted);
  append_columns(out, message.level(), message.timestamp_us(), message.caller());
  // The whole body in order, with a word where bytes are missing: they may have held the end of the text.
  const auto body = message.body();
  std::size_t at = 0, missing = 0;
  const auto show = [&](std::size_t until) {
    until = std::min(until, body.size());
    while (at < until) {
      const auto end = std::min(body.find('\n', at), until);
      append_text(out, body.substr(at, end - at));
      if (end < until && end + 1 < body.size()) out += ' ';
      at = std::min(end + 1, until);
    }
  };
  for (const auto [from, to] : event.missing) {
    show(from);
    fmt::format_to(std::back_inserter(out), "[... {} bytes missing ...]", to - from);
    missing += to - from;
    at = to;
  }
  show(body.size());
  stop(out, wanted);
  out += '\n';
  append_remark(out, time, event.sender,
                fmt::format("incomplete: {} of {} bytes of record {} are missing", missing, body.size(),
                            message.sequence()));
}

void human_lines::append(std::string& out, wall_time time, const netcon::event::lost& event) {
  const std::string_view records = event.count == 1 ? "record" : "records";
  switch (event.cause) {
    case netcon::loss::sequence_gap:
      append_remark(out, time, event.sender,
                    fmt::format("{} {} missing from number {} on: lost, or below the sender's console level",
                                event.count, records, event.first_sequence));
      break;
    case netcon::loss::msgid_gap:
      append_remark(out, time, event.sender,
                    fmt::format("{} {} lost: the sender counted them", event.count, records));
      break;
    case netcon::loss::announced:
      append_remark(out, time, event.sender,
                    fmt::format("{} {} lost: the sender says so", event.count, records));
      break;
  }
}

void human_lines::append(std::string& out, wall_time time, const netcon::event::rebooted& event) {
  append_remark(out, time, event.sender,
                fmt::format("rebooted: the last record before was number {}", event.last_sequence));
}

void human_lines::append(std::string& out, wall_time time, const netcon::event::basic& event) {
  begin(out, time, event.sender);
  const auto prefix = netcon::split_basic_prefix(event.text);
  std::optional<netcon::level> level;
  if (prefix.priority) level = static_cast<netcon::level>(*prefix.priority & 7);
  const auto wanted = level ? style_of(*level) : style::plain;
  start(out, wanted);
  append_columns(out, level, prefix.timestamp_us, prefix.caller);
  netcon::append_printable(out, prefix.text);
  stop(out, wanted);
  out += '\n';
}

void human_lines::append(std::string& out, wall_time time, const netcon::event::junk& event) {
  constexpr std::size_t shown = 64;
  append_remark(out, time, event.sender,
                fmt::format("not netconsole: {} ({} bytes): {}{}", message(event.reason), event.packet.size(),
                            netcon::printable(event.packet.substr(0, shown)),
                            event.packet.size() > shown ? "..." : ""));
}

void human_lines::append(std::string& out, wall_time time, const netcon::event::forgotten& event) {
  append_remark(out, time, event.sender, "forgotten: too many senders, and this one was silent for longest");
}

void human_lines::append(std::string& out, wall_time time, const suppressed& event) {
  append_remark(out, time, event.sender,
                fmt::format("{} {} over the rate limit left out", event.count,
                            event.count == 1 ? "record" : "records"));
}

}  // namespace tool
