// Events as lines for people: arrival, sender, level, kernel time, text, userdata.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/level.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/output/internal/marks.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon {

/// Writes events as lines. The only control sequences in them are colours, and these only when asked for. A
/// duplicate has no line: another line has shown it.
class human_lines {
 public:
  /// Times are local ones by offset, without it UTC.
  explicit human_lines(bool colour, utc_offset offset = nullptr) noexcept : colour_{colour}, time_{offset} {}

  void append(std::string& out, wall_time time, const event::record& event) {
    append_record(out, time, event.sender, event.record, event.conflict ? detail::conflict_mark : "");
  }

  void append(std::string& out, wall_time time, const event::late& event) {
    append_record(out, time, event.sender, event.record,
                  event.conflict ? detail::conflict_mark : detail::late_mark);
  }

  void append(std::string&, wall_time, const event::duplicate&) {}

  /// The whole body in order, with a remark where bytes are missing: they may have held the end of the text.
  void append(std::string& out, wall_time time, const event::partial& event) {
    begin(out, time, event.sender);
    const auto& record = event.record;
    const auto wanted = style_of(record.level());
    start(out, wanted);
    append_columns(out, record.level(), record.timestamp_us(), record.caller());
    const auto body = record.body();
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
      detail::append_all(out, "[... ", to - from, " bytes missing ...]");
      missing += to - from;
      at = to;
    }
    show(body.size());
    stop(out, wanted);
    out += '\n';
    append_remark(out, time, event.sender, "partial: ", missing, " of ", body.size(), " bytes of record ",
                  record.sequence(), " are missing", event.conflict ? ", and fragments of it disagree" : "");
  }

  void append(std::string& out, wall_time time, const event::lost& event) {
    const std::string_view records = event.count == 1 ? " record " : " records ";
    switch (event.cause) {
      case loss::sequence_gap:
        append_remark(out, time, event.sender, event.count, records, "missing from number ",
                      event.first_sequence, " on: lost, or below the sender's console level");
        break;
      case loss::msgid_gap:
        append_remark(out, time, event.sender, event.count, records, "lost: the sender counted them");
        break;
      case loss::announced:
        append_remark(out, time, event.sender, event.count, records, "lost: the sender says so");
        break;
      case loss::impossible:
        append_remark(out, time, event.sender, "the numbers jump over ", event.count,
                      " records: more than a kernel can have made; forged, or of another machine");
        break;
    }
  }

  void append(std::string& out, wall_time time, const event::rebooted& event) {
    append_remark(out, time, event.sender, "rebooted: the last record before was number ",
                  event.last_sequence);
  }

  void append(std::string& out, wall_time time, const event::basic& event) {
    begin(out, time, event.sender);
    const auto prefix = split_basic_prefix(event.text);
    std::optional<netcon::level> level;
    if (prefix.priority) level = static_cast<netcon::level>(*prefix.priority & 7);
    const auto wanted = level ? style_of(*level) : style::plain;
    start(out, wanted);
    append_columns(out, level, prefix.timestamp_us, prefix.caller);
    detail::append_unmarked(out, prefix.text);
    stop(out, wanted);
    out += '\n';
  }

  void append(std::string& out, wall_time time, const event::folded& event) {
    append_remark(out, time, event.sender, event.count,
                  event.count == 1 ? " more empty line" : " more empty lines");
  }

  void append(std::string& out, wall_time time, const event::junk& event) {
    constexpr std::size_t shown = 64;
    append_remark(out, time, event.sender, "not netconsole: ", message(event.reason), " (",
                  event.packet.size(), " bytes): ", printable(event.packet.substr(0, shown)),
                  event.packet.size() > shown ? "..." : "");
  }

  void append(std::string& out, wall_time time, const event::forgotten& event) {
    append_remark(out, time, event.sender,
                  "forgotten: too many senders, and this one was silent for longest");
  }

  void append(std::string& out, wall_time time, const event::truncated& event) {
    append_remark(out, time, event.sender, "truncated: the packet was longer than the receive buffer");
  }

  void append(std::string& out, wall_time time, const event::suppressed& event) {
    append_remark(out, time, event.sender, event.count, event.count == 1 ? " record" : " records",
                  " over the rate limit left out");
  }

 private:
  enum class style : std::uint8_t { plain, bold_red, red, yellow, bold, dim, magenta };

  static style style_of(netcon::level level) noexcept {
    switch (level) {
      case level::emerg:
      case level::alert:
      case level::crit:
        return style::bold_red;
      case level::err:
        return style::red;
      case level::warning:
        return style::yellow;
      case level::notice:
        return style::bold;
      case level::info:
        return style::plain;
      case level::debug:
        return style::dim;
    }
    return style::plain;
  }

  void start(std::string& out, style wanted) const {
    if (!colour_ || wanted == style::plain) return;
    constexpr std::string_view codes[] = {"",        "\x1b[1;31m", "\x1b[31m", "\x1b[33m",
                                          "\x1b[1m", "\x1b[2m",    "\x1b[35m"};
    out += codes[static_cast<std::size_t>(wanted)];
  }

  void stop(std::string& out, style wanted) const {
    if (colour_ && wanted != style::plain) out += "\x1b[0m";
  }

  void begin(std::string& out, wall_time time, const endpoint& sender) {
    start(out, style::dim);
    time_.append(out, time);
    stop(out, style::dim);
    out += ' ';
    detail::append_value(out, sender);
    out += ' ';
  }

  static void append_columns(std::string& out, std::optional<netcon::level> level,
                             std::optional<std::uint64_t> timestamp_us, std::string_view caller) {
    constexpr std::size_t level_width = 8, caller_width = 6;
    const auto word = level ? name(*level) : std::string_view{"-"};
    out += word;
    out.append(level_width - word.size(), ' ');
    if (timestamp_us) {
      out += '[';
      detail::append_decimal(out, *timestamp_us / 1000000, 5, ' ');
      out += '.';
      detail::append_decimal(out, *timestamp_us % 1000000, 6, '0');
      out += ']';
    }
    if (!caller.empty()) {
      out += '[';
      if (caller.size() < caller_width) out.append(caller_width - caller.size(), ' ');
      append_printable(out, caller);
      out += ']';
    }
    if (timestamp_us || !caller.empty()) out += ' ';
  }

  static void append_text(std::string& out, std::string_view escaped) {
    if (escaped.find('\\') == escaped.npos) {
      detail::append_unmarked(out, escaped);
    } else {
      detail::append_unmarked(out, unescape(escaped));
    }
  }

  void append_dictionary(std::string& out, const dictionary_view& dictionary) const {
    if (dictionary.empty()) return;
    start(out, style::dim);
    out += ' ';
    for (const auto [key, value] : dictionary) {
      out += ' ';
      append_printable(out, key);
      out += '=';
      const bool quoted = value.find_first_of(" \"") != value.npos;
      if (quoted) {
        append_quoted(out, value);
      } else {
        append_printable(out, value);
      }
    }
    stop(out, style::dim);
  }

  static void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    for (auto end = value.find('"'); end != value.npos; end = value.find('"')) {
      append_printable(out, value.substr(0, end));
      detail::append_hex_escape(out, '"');
      value.remove_prefix(end + 1);
    }
    append_printable(out, value);
    out += '"';
  }

  void append_record(std::string& out, wall_time time, const endpoint& sender, const record_view& record,
                     std::string_view remark) {
    begin(out, time, sender);
    const auto wanted = style_of(record.level());
    start(out, wanted);
    append_columns(out, record.level(), record.timestamp_us(), record.caller());
    out += remark;
    append_text(out, record.text());
    stop(out, wanted);
    append_dictionary(out, record.dictionary());
    out += '\n';
  }

  template <class... Parts>
  void append_remark(std::string& out, wall_time time, const endpoint& sender, const Parts&... parts) {
    begin(out, time, sender);
    start(out, style::magenta);
    detail::append_all(out, "-- ", parts...);
    stop(out, style::magenta);
    out += '\n';
  }

  bool colour_;
  wall_time_writer time_;
};

}  // namespace netcon
