#include "output/json_line.hpp"

#include "output/present_bytes.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace tool {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_json_string(out, text);
}

void append_member(std::string& out, std::string_view name, std::uint64_t number) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, number);
}

std::string_view name(netcon::loss cause) {
  switch (cause) {
    case netcon::loss::sequence_gap:
      return "sequence_gap";
    case netcon::loss::msgid_gap:
      return "msgid_gap";
    case netcon::loss::announced:
      return "announced";
  }
  return "unknown";
}

void end(std::string& out) {
  out += "}\n";
}

}  // namespace

void append_json_string(std::string& out, std::string_view bytes) {
  out += '"';
  while (!bytes.empty()) {
    const auto plain = netcon::plain_ascii(bytes, [](char c) { return c == '"' || c == '\\'; });
    out.append(bytes, 0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;

    char32_t code = 0;
    auto length = netcon::utf8_sequence(bytes, code);
    const auto here = std::back_inserter(out);
    if (length == 0) {
      fmt::format_to(here, "\\\\x{:02x}", static_cast<unsigned char>(bytes.front()));
      length = 1;
    } else if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code == '\n') {
      out += "\\n";
    } else if (code == '\t') {
      out += "\\t";
    } else if (netcon::is_obeyed_by_terminals(code)) {
      fmt::format_to(here, "\\u{:04x}", static_cast<std::uint32_t>(code));
    } else {
      out.append(bytes, 0, length);
    }
    bytes.remove_prefix(length);
  }
  out += '"';
}

void json_lines::begin(std::string& out, std::string_view event, wall_time time,
                       const netcon::endpoint& from) {
  fmt::format_to(std::back_inserter(out), "{{\"event\":\"{}\",\"time\":\"", event);
  time_.append(out, time);
  std::array<char, netcon::ip_address::max_text> address{};
  const auto address_end = to_chars(address.data(), address.data() + address.size(), from.address).ptr;
  fmt::format_to(std::back_inserter(out), "\",\"sender\":\"{}\",\"sender_port\":{}",
                 std::string_view{address.data(), address_end}, from.port.value());
}

void json_lines::append_message(std::string& out, const netcon::record_view& message) {
  const auto here = std::back_inserter(out);
  if (const auto release = message.release()) append_member(out, "release", *release);
  fmt::format_to(here, ",\"facility\":{},\"level\":{},\"sequence\":{},\"timestamp_us\":{},\"flag\":\"{}\"",
                 message.facility(), static_cast<unsigned>(message.level()), message.sequence(),
                 message.timestamp_us(), static_cast<char>(message.flag()));
  if (!message.caller().empty()) append_member(out, "caller", message.caller());
  if (const auto slice = message.fragment())
    fmt::format_to(here, ",\"fragment\":[{},{}]", slice->offset, slice->total);
  if (message.is_replayed()) out += ",\"replayed\":true";

  const auto raw = message.text();
  std::string_view text = raw;
  if (raw.find('\\') != raw.npos) {
    scratch_.resize(raw.size());
    const auto text_end = netcon::unescape_to(scratch_.data(), scratch_.data() + scratch_.size(), raw).ptr;
    text = {scratch_.data(), text_end};
  }
  append_member(out, "text", text);
  append_member(out, "raw_text", raw);
  out += ",\"dictionary\":[";
  bool first = true;
  for (const auto [key, value] : message.dictionary()) {
    out += first ? "[" : ",[";
    first = false;
    append_json_string(out, key);
    out += ',';
    append_json_string(out, value);
    out += ']';
  }
  out += ']';
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::record& event) {
  begin(out, "record", time, event.sender);
  append_message(out, event.record);
  if (event.conflict) out += ",\"conflict\":true";
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::partial& event) {
  begin(out, "partial", time, event.sender);
  std::string present;
  append_message(out, present_bytes(event, present));
  out += ",\"missing\":[";
  bool first = true;
  for (const auto [from, to] : event.missing) {
    fmt::format_to(std::back_inserter(out), "{}[{},{}]", first ? "" : ",", from, to);
    first = false;
  }
  out += ']';
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::lost& event) {
  begin(out, "lost", time, event.sender);
  append_member(out, "cause", name(event.cause));
  append_member(out, "count", event.count);
  if (event.cause == netcon::loss::sequence_gap) append_member(out, "first", event.first_sequence);
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::rebooted& event) {
  begin(out, "rebooted", time, event.sender);
  append_member(out, "last_sequence", event.last_sequence);
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::duplicate& event) {
  begin(out, "duplicate", time, event.sender);
  append_message(out, event.record);
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::late& event) {
  begin(out, "late", time, event.sender);
  append_message(out, event.record);
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::basic& event) {
  begin(out, "legacy", time, event.sender);
  const auto prefix = netcon::split_basic_prefix(event.text);
  if (prefix.priority) {
    append_member(out, "facility", static_cast<std::uint64_t>(*prefix.priority >> 3));
    append_member(out, "level", static_cast<std::uint64_t>(*prefix.priority & 7));
  }
  if (prefix.timestamp_us) append_member(out, "timestamp_us", *prefix.timestamp_us);
  if (!prefix.caller.empty()) append_member(out, "caller", prefix.caller);
  if (event.replayed) out += ",\"replayed\":true";
  append_member(out, "text", event.text);
  append_member(out, "raw_text", event.text);
  if (!event.complete) out += ",\"complete\":false";
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::junk& event) {
  begin(out, "junk", time, event.sender);
  append_member(out, "reason", netcon::name(event.reason));
  append_member(out, "raw_text", event.packet);
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const netcon::event::forgotten& event) {
  begin(out, "forgotten", time, event.sender);
  end(out);
}

void json_lines::append(std::string& out, wall_time time, const suppressed& event) {
  begin(out, "suppressed", time, event.sender);
  append_member(out, "count", event.count);
  end(out);
}

}  // namespace tool
