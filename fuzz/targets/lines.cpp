// SPDX-License-Identifier: MIT
// What the lines for people, JSON and syslog make of hostile packets. No packet ends a line early, acts on a
// terminal or leaves the format; from JSON come the exact bytes.
//
// Input: a byte of options, then packets, each two bytes of size with its bytes, the top bit of the size
// asking for a millisecond before it.
#include "packets.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/output.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/wire/escape.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <type_traits>

using fuzz::check;

namespace {

/// Lines that begin and end where they should, in UTF-8 that a terminal shows and does not obey.
void check_shown(std::string_view lines, int count) {
  for (int i = 0; i < count; ++i) {
    const auto end = lines.find('\n');
    check(end != lines.npos, "a line ends in a newline");
    const auto line = lines.substr(0, end);
    check(netcon::printable(line) == line, "nothing in a line acts on a terminal");
    lines.remove_prefix(end + 1);
  }
  check(lines.empty(), "no line more than there should be");
}

/// What is left of a syslog message (RFC 5424) while it is read.
class syslog_reader {
 public:
  explicit syslog_reader(std::string_view text) : rest_{text} {}

  std::string_view until(char end) {
    const auto size = rest_.find(end);
    check(size != rest_.npos, "a field of the header ends");
    const auto field = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return field;
  }
  /// A field of printable ASCII.
  void word(std::size_t longest) {
    const auto field = until(' ');
    check(!field.empty() && field.size() <= longest, "a field has its size");
    for (const char c : field) check(c > ' ' && c < 0x7f, "a field is printable ASCII");
  }
  void expect(char c) {
    check(rest_.starts_with(c), "punctuation stands in its place");
    rest_.remove_prefix(1);
  }
  void structured_data() {
    if (rest_.starts_with('-')) return expect('-');
    do {
      expect('[');
      name(" ]");
      while (rest_.starts_with(' ')) {
        expect(' ');
        name("=");
        expect('=');
        expect('"');
        while (!rest_.starts_with('"')) {
          check(!rest_.empty() && rest_.front() != ']', "a value is escaped, and ends in a quote");
          const std::size_t size = rest_.front() == '\\' ? 2 : 1;
          check(rest_.size() >= size, "an escape is whole");
          rest_.remove_prefix(size);
        }
        expect('"');
      }
      expect(']');
    } while (rest_.starts_with('['));
  }

 private:
  void name(std::string_view ends) {
    const auto size = rest_.find_first_of(ends);
    check(size != rest_.npos && size >= 1 && size <= 32, "a name has 1 to 32 characters");
    for (const char c : rest_.substr(0, size))
      check(c > ' ' && c < 0x7f && c != '=' && c != ']' && c != '"', "a name has no punctuation");
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
};

void check_syslog(std::string_view line) {
  syslog_reader in{line};
  in.expect('<');
  const auto priority = in.until('>');
  check(!priority.empty() && priority.size() <= 3 && std::stoi(std::string{priority}) < 192, "a priority");
  check(in.until(' ') == "1", "version 1");
  in.word(32);
  in.word(255);
  in.word(48);
  in.word(128);
  in.word(32);
  in.structured_data();
  in.expect(' ');
}

struct all_lines {
  netcon::human_lines human{false};
  netcon::json_lines json;
  netcon::syslog_lines syslog, local{netcon::syslog_form::local};
  netcon::wall_time now{};

  template <class Event>
  void operator()(const Event& told) {
    namespace event = netcon::event;
    std::string people, object, message, plain;
    human.append(people, now, told);
    json.append(object, now, told);
    syslog.append(message, now, told);
    local.append(plain, now, told);

    const bool repeats = std::is_same_v<Event, event::duplicate>;
    check_shown(people, repeats ? 0 : std::is_same_v<Event, event::partial> ? 2 : 1);
    check_shown(object, 1);
    check_shown(message, repeats ? 0 : 1);
    check_shown(plain, repeats ? 0 : 1);
    if (!repeats) check_syslog(message);

    const auto read = nlohmann::json::parse(object, nullptr, false);
    check(read.is_object() && read.at("sender") == "10.0.0.1" && read.at("sender_port") == 6665, "JSON");
    const auto text = [&] { return read.contains("raw_text") ? read.at("raw_text") : read.at("text"); };
    if constexpr (std::is_same_v<Event, event::basic>)
      check(netcon::unescape(text().template get<std::string>()) == told.text, "the exact line comes back");
    if constexpr (std::is_same_v<Event, event::junk>)
      check(netcon::unescape(read.at("raw_text").get<std::string>()) == told.packet,
            "the exact packet comes back");
    if constexpr (requires { told.record; }) {
      check(read.at("sequence") == told.record.sequence(), "numbers are exact");
      std::string raw;
      netcon::append_utf8(raw, told.record.text());
      check(text() == raw, "text is what it was");
      check(netcon::unescape(raw) == netcon::unescape(told.record.text()), "the exact text comes back");
      const bool escaped = read.contains("raw_dictionary");
      const auto& pairs = read.at(escaped ? "raw_dictionary" : "dictionary");
      std::size_t at = 0;
      for (const auto [key, value] : told.record.dictionary()) {
        check(at < pairs.size(), "every line is there");
        const auto got_key = pairs[at][0].get<std::string>(), got_value = pairs[at][1].get<std::string>();
        check((escaped ? netcon::unescape(got_key) : got_key) == key, "the exact key comes back");
        check((escaped ? netcon::unescape(got_value) : got_value) == value, "the exact value comes back");
        ++at;
      }
      check(read.at("dictionary").size() == at && pairs.size() == at, "no line more");
    }
  }
};

constexpr std::size_t most_bytes = 0x7fff;
constexpr std::uint16_t with_step = 0x8000;

}  // namespace

const fuzz::framing fuzz::packets{
    .head = 1,
    .packet_size = most_bytes,
    .read = [](fuzz::input& in) -> std::optional<fuzz::packet> {
      if (in.at_end()) return std::nullopt;
      fuzz::packet out;
      const auto size = in.u16();
      if ((size & with_step) != 0) out.step = 1;
      out.bytes = in.text(size & most_bytes);
      return out;
    },
    .write =
        [](std::string& out, const fuzz::packet& one) {
          fuzz::append_u16(out, one.bytes.size() | (one.step ? with_step : 0U));
          out += one.bytes;
        },
};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  const auto flags = in.byte();
  netcon::collector::limits limits;
  limits.join_continuations = (flags & 1) != 0;
  if ((flags & 2) != 0) limits.reorder = std::chrono::milliseconds{1};
  limits.fragments.age = limits.line_age = std::chrono::milliseconds{1};
  netcon::collector all{limits};
  const netcon::endpoint from{netcon::ipv4_address{10, 0, 0, 1}, netcon::port{6665}};
  all_lines lines;
  netcon::time_point now{};
  while (const auto next = fuzz::packets.read(in)) {
    const std::chrono::milliseconds step{next->step ? 1 : 0};
    now += step;
    lines.now += std::chrono::milliseconds{next->bytes.size()} + step * 1000;
    all.expire(now, lines);
    const fuzz::exact_copy packet{next->bytes};
    all.push(from, packet.view(), now, lines);
  }
  all.flush(lines);
  return 0;
}
