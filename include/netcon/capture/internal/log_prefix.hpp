// SPDX-License-Identifier: MIT
// All that logs put before the text of a line: times, hosts, tags, priorities.
#pragma once

#include <netcon/capture/internal/listen_line.hpp>
#include <netcon/capture/internal/log_mark.hpp>
#include <netcon/capture/internal/log_month.hpp>
#include <netcon/capture/internal/log_source.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/internal/logcat_line.hpp>
#include <netcon/capture/internal/structured_data.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// "1 2026-11-28T07:40:32Z web17 kernel - - - ", after "<4>": RFC 5424.
[[gnu::noinline]] constexpr bool read_rfc5424(stamp_reader& from, log_line& out, const log_clock& clock,
                                              repeated_prefix& last) noexcept {
  auto at = from;
  if (!at.skip('1') || !at.skip(' ')) return false;
  const auto time = read_iso_time(at, clock);
  if (!time) return false;
  std::array<std::string_view, 4> words;
  for (auto& one : words) {
    if (!at.skip(' ')) return false;
    one = at.word();
  }
  if (!at.skip(' ')) return false;
  const bool is_of_listen = at.rest.starts_with("[netconsole@");
  if (!at.skip('-') && !read_structured_data(at, out)) return false;
  at.skip(' ');
  if (at.rest.starts_with("\xef\xbb\xbf")) at.rest.remove_prefix(3);
  out.time = time;
  if (words[0] != "-") out.host = words[0];
  out.from_kernel = words[1] == "-" || is_kernel_tag(words[1]);
  if (words[1] == "kernel" && is_caller(words[2])) out.caller = words[2];
  if (is_of_listen) last.form = listen_form::marked;
  from = at;
  return true;
}

/// Where a stamp stands inside of a text, "login: [   12.345678] foo": what a program wrote to the console
/// was not at the end of its line. npos: nowhere.
constexpr std::size_t find_inner_stamp(std::string_view text) noexcept {
  for (auto at = text.find('[', 1); at != text.npos; at = text.find('[', at + 1)) {
    auto inside = text.substr(at + 1, 14);
    while (inside.starts_with(' ')) inside.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < inside.size() && is_digit(inside[digits])) ++digits;
    if (digits == 0 || digits > 9 || inside.size() <= digits || inside[digits] != '.') continue;
    stamp_reader stamp{text.substr(at)};
    const auto size = stamp.rest.size();
    if (!read_boot_time(stamp)) continue;
    if (const auto taken = size - stamp.rest.size(); taken >= 14 && is_of_kernel(text.substr(at, taken)))
      return at;
  }
  return text.npos;
}

/// A time in another language is one only with a tag.
[[gnu::noinline]] constexpr bool read_foreign_front(stamp_reader& from, log_line& out, const log_clock& clock,
                                                    repeated_prefix& last) {
  auto at = from;
  std::optional<log_time> time;
  if (!read_foreign_time(at, time, clock, last.month) || !read_tagged_source(at, out, last)) return false;
  out.time = time;
  from = at;
  return true;
}

/// "[So Nov 28 07:40:32 2026]", of dmesg -T in another language.
[[gnu::noinline]] constexpr bool read_foreign_dmesg_time(stamp_reader& from, log_line& out, log_clock clock,
                                                         repeated_prefix& last) {
  constexpr std::size_t longest = 64, shortest = 20;
  const auto end = from.rest.substr(0, longest).find(']');
  if (end == from.rest.npos || end < shortest || from.rest[1] == ' ' || is_digit(from.rest[1])) return false;
  stamp_reader at{from.rest.substr(1, end - 1)};
  at.word();
  at.skip_spaces();
  std::optional<log_time> time;
  auto behind = at;
  if (!read_foreign_time(behind, time, clock, last.month) || !behind.skip(' ')) return false;
  auto year = behind;
  const auto number = year.digits(4, 4);
  if (!number || (!year.rest.empty() && !year.rest.starts_with(" <"))) return false;
  clock.year = static_cast<int>(*number);
  clock.last.reset();
  if (!read_foreign_time(at, time, clock, last.month)) return false;
  if (time) out.time = time;
  from.rest.remove_prefix(end + 1);
  return true;
}

/// "07:40:32 ", which a build server such as Jenkins puts before a line of a console: a time without a day,
/// when a stamp or a level of the kernel is behind it.
constexpr bool skip_bare_clock(stamp_reader& from) noexcept {
  auto at = from;
  if (!read_clock(at)) return false;
  const auto size = at.rest.size();
  at.skip_spaces();
  auto stamp = at;
  if (at.rest.size() == size || (!read_boot_time(stamp) && !read_log_priority(stamp))) return false;
  from = at;
  return true;
}

/// A time that begins with a number, with its source.
[[gnu::noinline]] constexpr void read_number_front(stamp_reader& at, log_line& out, const log_clock& clock,
                                                   repeated_prefix& last) {
  if (at.rest.size() > 5 && at.rest[2] == '-' && at.rest[5] == ' ' &&
      read_logcat_front(at, out, clock, last.room))
    return;
  const auto form = form_of_iso_time(at.rest);
  if ((out.time = read_iso_time(at, clock))) {
    if (form == iso_form::of_logs) {
      if (at.rest.size() < 2 || at.rest[1] != ' ' || !read_logcat_source(at, out, last.room))
        read_source(at, out, clock, last);
    } else if (form == iso_form::of_dmesg) {
      at.skip(' ');
    } else if (!read_tagged_source(at, out, last)) {
      at.skip(' ');
      skip_stream(at);
    }
  } else if ((out.time = read_unix_time(at))) {
    if (!read_tagged_source(at, out, last)) at.skip(' ');
  } else if (read_short_line(at, out)) {
    last.form = listen_form::marked;
  } else if (!skip_bare_clock(at) && !read_foreign_front(at, out, clock, last)) {
    skip_cut_stamp(at);
  }
}

/// A time that begins with a word, with its source.
constexpr void read_word_front(stamp_reader& at, log_line& out, const log_clock& clock,
                               repeated_prefix& last) {
  if (at.rest.front() >= 'A' && at.rest.front() <= 'S') out.time = read_repeated_time(at, clock, last);
  if (!out.time) {
    out.time = read_full_time(at, clock);
    if (!out.time) out.time = read_dated_time(at, clock);
    if (!out.time && (!may_begin_with_month(at.rest) || read_foreign_front(at, out, clock, last))) return;
  }
  if (out.time) read_source(at, out, clock, last);
}

/// "kernel:foo", which syslogd and journald write to terminals, below a line of their own.
constexpr void read_wall_front(stamp_reader& at, log_line& out, repeated_prefix& last) noexcept {
  constexpr std::string_view tag = "kernel:";
  const char first = at.rest.front();
  if (first == 'k' && at.rest.starts_with(tag)) {
    at.rest.remove_prefix(tag.size());
    at.skip(' ');
    last.form = listen_form::of_wall;
  } else if ((first == 'M' && at.rest.starts_with("Message from syslogd@")) ||
             (first == 'B' && at.rest.starts_with("Broadcast message from ")) ||
             (first == '-' && at.rest.starts_with("-- sent by "))) {  // in files of netcon listen
    out.from_kernel = false;
    last.form = listen_form::of_wall;
  }
}

/// What is before the first bracket of a line: a priority, a time with its source.
constexpr void read_front(stamp_reader& at, log_line& out, const log_clock& clock, repeated_prefix& last) {
  if (at.rest.front() == '<') {
    if (const auto priority = read_log_priority(at)) {
      out.priority = priority;
      read_rfc5424(at, out, clock, last);
    }
  }
  if (const auto priority = read_decoded_priority(at)) out.priority = priority;
  if (out.time || at.rest.empty()) return;
  const auto* const begin = at.rest.data();
  if (is_digit(at.rest.front()))
    read_number_front(at, out, clock, last);
  else
    read_word_front(at, out, clock, last);
  if (out.time) {
    if (const auto priority = read_decoded_priority(at)) out.priority = priority;
  } else if (at.rest.data() == begin) {
    read_wall_front(at, out, last);
  }
}

/// "[    1.500000][   T17] ", with what vendors add. What journalctl writes for the journal's own clock has a
/// source behind it, and maybe the kernel's stamp once more: then is_relayed becomes true.
constexpr bool read_kernel_stamp(stamp_reader& at, log_line& out, repeated_prefix& last, bool& is_relayed) {
  const auto text = at.rest;
  const auto time = read_boot_time(at);
  if (!time) return false;
  if (is_of_kernel({text.data(), text.size() - at.rest.size()}) || at.rest.starts_with('['))
    out.timestamp_us = time;
  const bool is_plain =
      at.rest.size() > 1 && at.rest[0] == ' ' && !may_begin_mark(at.rest[1]) &&
      (at.rest[1] != ' ' || at.rest.size() == 2 || (at.rest[2] != '[' && at.rest[2] != '('));
  if (is_plain && out.host.empty() && !out.time && read_tagged_source(at, out, last)) {
    is_relayed = true;
    return true;
  }
  if (!is_plain) {
    if (const auto caller = read_caller_behind(at); !caller.empty()) out.caller = caller;
    if (skip_vendor_stamp(at)) return true;
  }
  at.skip(' ');
  return true;
}

inline constexpr std::string_view dropped_notice = " printk messages dropped **";

/// "** 12 printk messages dropped ** " before the text of a line, as kernels up to 4.14 have it.
constexpr bool read_dropped(stamp_reader& from, log_line& out) noexcept {
  auto at = from;
  if (!at.rest.starts_with("** ")) return false;
  at.rest.remove_prefix(3);
  const auto count = at.digits(1, 9);
  if (!count || !at.rest.starts_with(dropped_notice)) return false;
  at.rest.remove_prefix(dropped_notice.size());
  if (!at.skip(' ') || at.rest.empty()) return false;
  out.dropped += *count;
  from = at;
  return true;
}

/// Counts what a line says that has nothing behind its notice: "** 12 printk messages dropped **" of
/// consoles, also behind what a program wrote, and "Lost 12 message(s)!" of interrupts that no one could wait
/// for.
[[gnu::noinline]] constexpr void count_dropped(log_line& line) noexcept {
  constexpr std::string_view lost = "Lost ", messages = " message(s)!", missed = "Missed ",
                             missed_end = " kernel messages";
  auto text = line.text;
  std::size_t begin = lost.size();
  if (text.ends_with(' ')) text.remove_suffix(1);
  if (text.ends_with(dropped_notice)) {
    text.remove_suffix(dropped_notice.size());
    const auto stars = text.rfind("** ");
    if (stars == text.npos) return;
    begin = stars + 3;
  } else if (text.starts_with(lost) && text.ends_with(messages)) {
    text.remove_suffix(messages.size());
  } else if (text.ends_with(missed_end)) {
    text.remove_suffix(missed_end.size());
    const auto at = text.rfind(missed);
    if (at == text.npos) return;
    begin = at + missed.size();
  } else {
    return;
  }
  stamp_reader number{text.substr(std::min(begin, text.size()))};
  if (const auto count = number.digits(1, 9); count && number.rest.empty()) line.dropped += *count;
}

/// Whether count_dropped() may find something.
constexpr bool may_be_dropped_notice(std::string_view text) noexcept {
  if (text.size() <= 16) return false;
  const char last = text.back();
  return last == '*' || last == '!' || text[text.size() - 2] == '*' ||
         (last == 's' && text[text.size() - 9] == ' ');
}

/// A stamp in brackets: of the kernel, of dmesg, or a caller without a time.
constexpr bool read_bracket(stamp_reader& at, log_line& out, const log_clock& clock, repeated_prefix& last,
                            bool& is_relayed) {
  if (out.timestamp_us && !is_relayed) return false;
  is_relayed = false;
  if (read_kernel_stamp(at, out, last, is_relayed)) return true;
  const auto time = read_dmesg_time(at, clock);
  if (time) out.time = time;
  const bool is_time = time || read_relative_time(at, clock, out.time) ||
                       read_terminal_time(at, clock, out.time) ||
                       read_foreign_dmesg_time(at, out, clock, last);
  if (!is_time && !out.caller.empty()) return false;
  const auto caller = is_time ? read_caller_behind(at) : read_caller(at);
  if (!is_time && caller.empty()) return false;
  if (!caller.empty()) out.caller = caller;
  at.skip(' ');
  return true;
}

/// All stamps at the front of a line, in any order that logs have them in. Each line of a log comes here: GCC
/// leaves the readers of one number out of line, which costs a sixth of the time that a log takes.
[[gnu::flatten]] constexpr void read_all_stamps(stamp_reader& at, log_line& out, const log_clock& clock,
                                                repeated_prefix& last) {
  if (at.rest.empty()) return;
  if (at.rest.front() != '[') read_front(at, out, clock, last);
  bool is_relayed = false;
  // Dropped lines join what is left to one line, again and again.
  while (!at.rest.empty()) {
    const char first = at.rest.front();
    if (first == '[') {
      if (!read_bracket(at, out, clock, last, is_relayed)) return;
    } else if (first == '<') {
      const auto priority = read_log_priority(at);
      if (!priority) return;
      out.priority = priority;
    } else if (first != '*' || !read_dropped(at, out)) {
      return;
    }
  }
}

/// "> ", "| > ", of mails. KASAN's ">ffff888003c1a000: fb" is none.
constexpr void skip_quote_marks(stamp_reader& from) noexcept {
  auto at = from;
  bool has_blank = false;
  while (at.skip('>') || at.skip('|')) has_blank = at.skip(' ');
  if (has_blank || at.rest.starts_with('[') || at.rest.starts_with('<')) from = at;
}

/// The same behind what mails, indents and serial consoles put before a line.
constexpr void read_stamps_behind_blanks(stamp_reader& at, log_line& out, const log_clock& clock,
                                         repeated_prefix& last) {
  while (at.skip('\r') || at.skip('\0')) {
  }
  skip_quote_marks(at);
  // Blanks are an indent only before a stamp: text of the kernel has some too.
  auto indented = at;
  indented.skip_spaces();
  const auto size = indented.rest.size();
  read_all_stamps(indented, out, clock, last);
  if (indented.rest.size() != size) at = indented;
}

/// Takes all stamps from a line and leaves the text.
constexpr void read_stamps(std::string_view line, log_line& out, const log_clock& clock,
                           repeated_prefix& last) {
  stamp_reader at{line};
  last.form = listen_form::none;
  const char first = line.empty() ? '\0' : line.front();
  if (first <= ' ' || first == '>' || first == '|')
    read_stamps_behind_blanks(at, out, clock, last);
  else
    read_all_stamps(at, out, clock, last);
  skip_mediatek_name(at, !out.caller.empty());
  out.text = at.rest;
  if (last.form >= listen_form::marked) take_marks(out);
  if (last.form == listen_form::full) take_userdata(out);
}

}  // namespace netcon::inline v0_1::detail
