// SPDX-License-Identifier: MIT
// Events as JSON, one object a line. docs/json.md is the contract.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/output/internal/marks.hpp>
#include <netcon/output/origin.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/double_watch.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/silence_watch.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

namespace detail {

/// `\uNNNN`; a character above U+FFFF takes two.
inline void add_code_unit(escape_writer& out, char32_t unit) {
  out.add_array({'\\', 'u', hex_digits[unit >> 12 & 15], hex_digits[unit >> 8 & 15],
                 hex_digits[unit >> 4 & 15], hex_digits[unit & 15]});
}

/// The inside of a JSON string; returns whether bytes was UTF-8. A byte that is not becomes `\xNN`, with
/// Undoable also a backslash.
template <bool Undoable>
bool append_json_text(std::string& out, std::string_view bytes) {
  const auto special = [](char c) { return c == '"' || c == '\\'; };
  auto plain = plain_ascii(bytes, special);
  out += bytes.substr(0, plain);
  if (plain == bytes.size()) return true;
  bool is_utf8 = true;
  escape_writer escapes{out};
  for (;;) {
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;

    char32_t code = 0;
    auto length = utf8_sequence(bytes, code);
    if (length == 0) {
      is_utf8 = false;
      const auto byte = static_cast<unsigned char>(bytes.front());
      escapes.add_array({'\\', '\\', 'x', hex_digits[byte >> 4], hex_digits[byte & 15]});
      length = 1;
    } else if (Undoable && code == '\\') {
      escapes.add("\\\\x5c");
    } else if (code == '"' || code == '\\') {
      escapes.add_array({'\\', static_cast<char>(code)});
    } else if (code == '\n') {
      escapes.add("\\n");
    } else if (code == '\t') {
      escapes.add("\\t");
    } else if (is_obeyed_by_terminals(code)) {
      add_code_unit(escapes, code < 0x10000 ? code : 0xd7c0 + (code >> 10));
      if (code >= 0x10000) add_code_unit(escapes, 0xdc00 | (code & 0x3ff));
    } else {
      escapes.add(bytes.substr(0, length));
    }
    bytes.remove_prefix(length);
    plain = escapes.add_plain(bytes, special);
  }
  escapes.flush();
  return is_utf8;
}

}  // namespace detail

/// Appends bytes as a JSON string. A byte that is not UTF-8 becomes the four characters `\xNN`: then the
/// string is for reading only, and the result is false. Characters that a terminal obeys are escaped as
/// `\uNNNN`.
inline bool append_json_string(std::string& out, std::string_view bytes) {
  out += '"';
  const bool is_utf8 = detail::append_json_text<false>(out, bytes);
  out += '"';
  return is_utf8;
}

/// Appends bytes as a JSON string from which unescape() makes them again, whatever they are: a backslash
/// becomes `\x5c` too, as the kernel has it.
inline void append_json_escaped(std::string& out, std::string_view bytes) {
  out += '"';
  detail::append_json_text<true>(out, bytes);
  out += '"';
}

/// Appends the members text and, where that may differ from the bytes, raw_text: docs/json.md.
inline void append_json_texts(std::string& out, std::string_view bytes) {
  out += R"(,"text":)";
  const auto begin = out.size();
  const bool is_utf8 = append_json_string(out, bytes);
  const bool has_backslash = bytes.find('\\') != bytes.npos;
  if (is_utf8 && !has_backslash) return;
  const auto size = out.size() - begin;
  out += R"(,"raw_text":)";
  if (has_backslash) {
    append_json_escaped(out, bytes);
  } else {
    out.append(out, begin, size);  // the same: only backslashes differ
  }
}

/// Writes events as lines.
class json_lines {
 public:
  /// An object of event "record".
  void append(std::string& out, const origin& at, const event::record& event) {
    begin(out, R"({"event":"record","time":")", at, event.sender);
    append_record(out, event.record);
    if (event.conflict) out += R"(,"conflict":true)";
    end(out);
  }

  /// An object of event "partial".
  void append(std::string& out, const origin& at, const event::partial& event) {
    begin(out, R"({"event":"partial","time":")", at, event.sender);
    append_record(out, event.record);
    out += R"(,"missing":[)";
    bool is_first = true;
    for (const auto [from, to] : event.missing) {
      out += is_first ? "[" : ",[";
      is_first = false;
      detail::append_decimal(out, from);
      out += ',';
      detail::append_decimal(out, to);
      out += ']';
    }
    out += ']';
    if (event.conflict) out += R"(,"conflict":true)";
    end(out);
  }

  /// An object of event "lost".
  void append(std::string& out, const origin& at, const event::lost& event) {
    begin(out, R"({"event":"lost","time":")", at, event.sender);
    out += R"(,"cause":")";
    out += name(event.cause);
    out += '"';
    append_number(out, R"(,"count":)", event.count);
    if (event.cause == loss::sequence_gap) append_number(out, R"(,"first_sequence":)", event.first_sequence);
    end(out);
  }

  /// An object of event "rebooted".
  void append(std::string& out, const origin& at, const event::rebooted& event) {
    begin(out, R"({"event":"rebooted","time":")", at, event.sender);
    append_number(out, R"(,"last_sequence":)", event.last_sequence);
    end(out);
  }

  /// An object of event "duplicate".
  void append(std::string& out, const origin& at, const event::duplicate& event) {
    begin(out, R"({"event":"duplicate","time":")", at, event.sender);
    append_record(out, event.record);
    end(out);
  }

  /// An object of event "late".
  void append(std::string& out, const origin& at, const event::late& event) {
    begin(out, R"({"event":"late","time":")", at, event.sender);
    append_record(out, event.record);
    if (event.conflict) out += R"(,"conflict":true)";
    end(out);
  }

  /// An object of event "basic".
  void append(std::string& out, const origin& at, const event::basic& event) {
    begin(out, R"({"event":"basic","time":")", at, event.sender);
    const auto prefix = split_basic_prefix(event.text);
    if (prefix.priority) {
      append_number(out, R"(,"facility":)", *prefix.priority >> 3);
      append_number(out, R"(,"level":)", *prefix.priority & 7u);
    }
    if (prefix.timestamp_us) append_number(out, R"(,"timestamp_us":)", *prefix.timestamp_us);
    if (!prefix.caller.empty()) append_bytes(out, "caller", prefix.caller);
    if (event.replayed) out += R"(,"replayed":true)";
    append_json_texts(out, event.text);
    if (!event.complete) out += R"(,"complete":false)";
    end(out);
  }

  /// An object of event "folded".
  void append(std::string& out, const origin& at, const event::folded& event) {
    begin(out, R"({"event":"folded","time":")", at, event.sender);
    append_number(out, R"(,"count":)", event.count);
    end(out);
  }

  /// An object of event "junk".
  void append(std::string& out, const origin& at, const event::junk& event) {
    begin(out, R"({"event":"junk","time":")", at, event.sender);
    out += R"(,"reason":")";
    out += name(event.reason);
    out += R"(","raw_text":)";
    append_json_escaped(out, event.packet);
    end(out);
  }

  /// An object of event "forgotten".
  void append(std::string& out, const origin& at, const event::forgotten& event) {
    begin(out, R"({"event":"forgotten","time":")", at, event.sender);
    end(out);
  }

  /// An object of event "truncated".
  void append(std::string& out, const origin& at, const event::truncated& event) {
    begin(out, R"({"event":"truncated","time":")", at, event.sender);
    end(out);
  }

  /// An object of event "suppressed".
  void append(std::string& out, const origin& at, const event::suppressed& event) {
    begin(out, R"({"event":"suppressed","time":")", at, event.sender);
    append_number(out, R"(,"count":)", event.count);
    end(out);
  }

  /// An object of event "silent".
  void append(std::string& out, const origin& at, const event::silent& event) {
    begin(out, R"({"event":"silent","time":")", at, event.sender);
    append_number(out, R"(,"seconds":)", static_cast<std::uint64_t>(event.duration.count()));
    end(out);
  }

  /// An object of event "returned".
  void append(std::string& out, const origin& at, const event::returned& event) {
    begin(out, R"({"event":"returned","time":")", at, event.sender);
    append_number(out, R"(,"seconds":)", static_cast<std::uint64_t>(event.duration.count()));
    end(out);
  }

  /// An object of event "doubled".
  void append(std::string& out, const origin& at, const event::doubled& event) {
    begin(out, R"({"event":"doubled","time":")", at, event.sender);
    end(out);
  }

 private:
  void begin(std::string& out, std::string_view start, const origin& at, const endpoint& sender) {
    out += start;
    time_.append(out, at.time);
    detail::short_text<128> from;
    from.add(R"(","sender":")").add(sender.address);
    if (sender.scope != 0) from.add('%').add(std::uint64_t{sender.scope});
    from.add(R"(","sender_port":)").add(std::uint64_t{sender.port.value()});
    from.append_to(out);
    if (at.host.empty()) return;
    out += R"(,"host":)";
    append_json_string(out, at.host);
  }

  static void end(std::string& out) { out += "}\n"; }

  static void append_number(std::string& out, std::string_view start, std::uint64_t number) {
    out += start;
    detail::append_decimal(out, number);
  }

  /// A member, and a second one that holds the bytes where the first one cannot.
  static void append_bytes(std::string& out, std::string_view name, std::string_view bytes) {
    const auto begin_member = [&](std::string_view start) {
      out += start;
      out += name;
      out += "\":";
    };
    begin_member(",\"");
    if (append_json_string(out, bytes)) return;
    begin_member(",\"raw_");
    append_json_escaped(out, bytes);
  }

  void append_record(std::string& out, const record_view& record) {
    if (const auto release = record.release()) append_bytes(out, "release", *release);
    detail::short_text<160> numbers;
    numbers.add(R"(,"facility":)").add(std::uint64_t{record.facility()});
    numbers.add(R"(,"level":)").add(static_cast<std::uint64_t>(record.level()));
    numbers.add(R"(,"sequence":)").add(record.sequence());
    numbers.add(R"(,"timestamp_us":)").add(record.timestamp_us());
    numbers.add(R"(,"flag":")").add(static_cast<char>(record.flag())).add('"');
    numbers.append_to(out);
    if (!record.caller().empty()) append_bytes(out, "caller", record.caller());
    if (const auto part = record.fragment()) {
      append_number(out, R"(,"fragment":[)", part->offset);
      append_number(out, ",", part->total);
      out += ']';
    }
    if (record.is_replayed()) out += R"(,"replayed":true)";

    const auto raw = record.text();
    std::string_view text = raw;
    const bool is_escaped = raw.find('\\') != raw.npos;
    if (is_escaped) {
      scratch_.resize(raw.size());
      const auto text_end = unescape_to(scratch_.data(), scratch_.data() + scratch_.size(), raw).ptr;
      text = {scratch_.data(), text_end};
    }
    out += R"(,"text":)";
    const auto begin = out.size();
    const bool is_utf8 = append_json_string(out, text);
    const auto size = out.size() - begin;
    // Most texts are the same in both forms, and half of a line.
    if (is_escaped || !is_utf8) {
      out += R"(,"raw_text":)";
      if (text == raw) {
        out.append(out, begin, size);
      } else {
        append_json_string(out, raw);
      }
    }
    append_dictionary(out, record.dictionary());
  }

  static void append_dictionary(std::string& out, const dictionary_view& dictionary) {
    bool is_utf8 = true;
    append_pairs(out, R"(,"dictionary":[)", dictionary,
                 [&](std::string_view bytes) { is_utf8 &= append_json_string(out, bytes); });
    if (is_utf8) return;
    append_pairs(out, R"(,"raw_dictionary":[)", dictionary,
                 [&](std::string_view bytes) { append_json_escaped(out, bytes); });
  }

  template <class Append>
  static void append_pairs(std::string& out, std::string_view start, const dictionary_view& dictionary,
                           Append append_text) {
    out += start;
    bool is_first = true;
    for (const auto [key, value] : dictionary) {
      out += is_first ? "[" : ",[";
      is_first = false;
      append_text(key);
      out += ',';
      append_text(value);
      out += ']';
    }
    out += ']';
  }

  wall_time_writer time_;
  std::string scratch_;
};

}  // namespace netcon::inline v0_1
