// SPDX-License-Identifier: MIT
// Events as short lines for a terminal: time of day, host, text. Level and host are colours.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/level.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/output/internal/columns.hpp>
#include <netcon/output/internal/marks.hpp>
#include <netcon/output/internal/remark_text.hpp>
#include <netcon/output/internal/style.hpp>
#include <netcon/output/origin.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Writes events as short lines. A text of several lines, and one wider than the terminal, goes on in
/// indented ones. The host is a name or an address, with its port once the address has sent from two. Without
/// colours the level is a word. The only control sequences are colours. A duplicate has no line.
class brief_lines {
 public:
  /// Addresses whose ports are remembered; then all are forgotten.
  static constexpr std::size_t most_addresses = 4096;
  /// Hosts are padded to the longest so far, at most to so many columns.
  static constexpr std::size_t most_host_columns = 24;

  /// Times are local ones by offset, without it UTC.
  explicit brief_lines(bool colour, utc_offset offset = nullptr) noexcept : colour_{colour}, time_{offset} {}

  /// Columns of the terminal; 0: as many as a line has.
  void set_width(std::size_t columns) noexcept { width_ = columns; }
  /// Whether the lines that follow are of a crash: they have a bar before the text.
  void set_apart(bool apart) noexcept { apart_ = apart; }

  /// A record: its text, with a mark where another came with its number.
  void append(std::string& out, const origin& at, const event::record& event) {
    append_record(out, at, event.sender, event.record, event.conflict ? detail::conflict_mark : "");
  }

  /// A record that came late, with a mark.
  void append(std::string& out, const origin& at, const event::late& event) {
    append_record(out, at, event.sender, event.record,
                  event.conflict ? detail::conflict_mark : detail::late_mark);
  }

  /// Nothing: another line has shown it.
  void append(std::string&, const origin&, const event::duplicate&) {}

  /// The text as far as it came, with a remark where bytes are missing.
  void append(std::string& out, const origin& at, const event::partial& event) {
    text_.clear();
    event.body().visit([&](std::size_t, std::string_view bytes) { append_text(bytes); },
                       [&](text_range gap) { detail::append_gap(text_, gap); });
    append_line(out, at, event.sender, event.record.level());
    text_.clear();
    detail::append_remark_text(text_, event);
    append_remark(out, at, event.sender);
  }

  /// A line of a sender without a header.
  void append(std::string& out, const origin& at, const event::basic& event) {
    const auto prefix = split_basic_prefix(event.text);
    std::optional<netcon::level> level;
    if (prefix.priority) level = static_cast<netcon::level>(*prefix.priority & 7);
    text_.clear();
    detail::append_unmarked(text_, prefix.text);
    append_line(out, at, event.sender, level);
  }

  /// Of the events without a record.
  template <class Event>
  void append(std::string& out, const origin& at, const Event& event) {
    text_.clear();
    detail::append_remark_text(text_, event);
    append_remark(out, at, event.sender);
  }

  /// A line that stands out, of any text.
  void append_crash(std::string& out, const origin& at, const endpoint& sender, std::string_view text) {
    text_ = "* ";
    append_printable(text_, text);
    begin(out, at, sender, std::nullopt, "\x1b[31m");
    wrap(out, "\x1b[1;41m");
  }

 private:
  void append_text(std::string_view escaped) {
    const auto text = unescape(escaped);
    std::string_view rest = text;
    for (;;) {
      const auto end = rest.find('\n');
      detail::append_unmarked(text_, rest.substr(0, end));
      if (end == rest.npos) return;
      text_ += '\n';
      rest.remove_prefix(end + 1);
    }
  }

  void append_record(std::string& out, const origin& at, const endpoint& sender, const record_view& record,
                     std::string_view mark) {
    text_ = mark;
    append_text(record.text());
    append_line(out, at, sender, record.level());
  }

  /// text_, in the colour of its level.
  void append_line(std::string& out, const origin& at, const endpoint& sender,
                   std::optional<netcon::level> level) {
    std::string code;
    if (level) detail::append_start(code, detail::style_of(*level));
    begin(out, at, sender, level, apart_ ? "\x1b[31m" : "");
    wrap(out, code);
  }

  void append_remark(std::string& out, const origin& at, const endpoint& sender) {
    text_.insert(0, "-- ");
    begin(out, at, sender, std::nullopt, apart_ ? "\x1b[31m" : "");
    wrap(out, "\x1b[35m");
  }

  void coloured(std::string& out, std::string_view code, std::string_view text) const {
    if (colour_) out += code;
    out += text;
    if (colour_ && !code.empty()) out += "\x1b[0m";
  }

  /// All before the text; the bar, if it has a colour.
  void begin(std::string& out, const origin& at, const endpoint& sender, std::optional<netcon::level> level,
             std::string_view bar) {
    constexpr std::size_t date = 11, clock = 8, level_width = 8;
    start_.clear();
    time_.append(start_, at.time);
    coloured(out, "\x1b[2m", std::string_view{start_}.substr(date, clock));
    out += ' ';
    start_.clear();
    if (at.host.empty()) {
      append_address(start_, sender);
    } else {
      append_printable(start_, at.host);
    }
    const auto columns = detail::width_of(start_);
    host_columns_ = std::max(host_columns_, std::min(columns, most_host_columns));
    coloured(out, host_colour(start_), start_);
    const auto room = std::max(host_columns_, columns) + 1;
    out.append(room - columns, ' ');
    indent_ = clock + 1 + room;
    if (!colour_) {
      const auto word = level ? name(*level) : std::string_view{"-"};
      out += word;
      out.append(level_width - word.size(), ' ');
      indent_ += level_width;
    }
    bar_ = bar;
  }

  /// text_ after what begin() wrote, each line of it in that colour.
  void wrap(std::string& out, std::string_view code) const {
    constexpr std::size_t least = 20, deeper = 2;  // a narrower terminal wraps by itself
    const auto bar = bar_.empty() ? std::size_t{0} : 2;
    const auto used = indent_ + bar + deeper;
    std::string_view rest = text_;
    for (bool is_first = true;; is_first = false) {
      if (!is_first) out.append("\n").append(indent_, ' ');
      if (bar != 0) coloured(out, bar_, "| ");
      if (!is_first) out.append(deeper, ' ');
      const auto line = rest.substr(0, rest.find('\n'));
      auto size = line.size();
      if (width_ >= used + least) size = detail::bytes_in(line, width_ - used + (is_first ? deeper : 0));
      coloured(out, code, line.substr(0, size));
      if (size == rest.size()) break;
      rest.remove_prefix(size);
      // The newline or the blanks where the line was broken.
      if (rest.front() == '\n') {
        rest.remove_prefix(1);
      } else {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        if (rest.empty()) break;
      }
    }
    out += '\n';
  }

  void append_address(std::string& out, const endpoint& sender) {
    if (ports_.size() > most_addresses) ports_.clear();
    auto& [port, several] =
        ports_.try_emplace(endpoint{sender.address, {}, sender.scope}, known_port{sender.port, false})
            .first->second;
    several |= port != sender.port;
    if (several) {
      detail::append_value(out, sender);
    } else {
      detail::append_address(out, sender);
    }
  }

  /// One of the colours that no level has.
  static std::string_view host_colour(std::string_view host) noexcept {
    constexpr std::string_view codes[] = {"\x1b[32m", "\x1b[34m", "\x1b[36m",
                                          "\x1b[92m", "\x1b[94m", "\x1b[96m"};
    std::uint32_t hash = 2166136261u;
    for (const char c : host) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return codes[hash % std::size(codes)];
  }

  struct known_port {
    port first;
    bool several = false;
  };

  bool colour_;
  wall_time_writer time_;
  std::size_t width_ = 0, indent_ = 0, host_columns_ = 0;
  bool apart_ = false;
  std::string text_, start_;
  std::string_view bar_;
  std::map<endpoint, known_port> ports_;
};

}  // namespace netcon::inline v0_1
