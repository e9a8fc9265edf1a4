// SPDX-License-Identifier: MIT
#include <netcon/output/json_line.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

using namespace netcon;
using namespace std::string_view_literals;
using nlohmann::json;

namespace {

const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};
const wall_time now{std::chrono::seconds{1763640398}};

template <class Event>
std::string line_of(const Event& event) {
  std::string out;
  json_lines{}.append(out, now, event);
  return out;
}

template <class Event>
json object_of(const Event& event) {
  const auto line = line_of(event);
  CHECK(line.find('\n') + 1 == line.size());
  CHECK(printable(line.substr(0, line.size() - 1)) == line.substr(0, line.size() - 1));
  return json::parse(line);
}

std::string bytes_of(const json& raw) {
  return unescape(raw.get<std::string>());
}

/// What docs/json.md tells readers to do: raw_text where there is one.
std::string exact_text_of(const json& object) {
  if (const auto raw = object.find("raw_text"); raw != object.end()) return bytes_of(*raw);
  const auto text = object.at("text").get<std::string>();
  CHECK(text.find('\\') == text.npos);
  return text;
}

std::string string_of(std::string_view bytes) {
  std::string out;
  append_json_string(out, bytes);
  return out;
}

}  // namespace

TEST_CASE("a record as JSON, member by member") {
  const auto packet =
      "6.12.1,12,378,3639333,-,caller=T7;pebble \\x22anchor\\x5c \"q\"\n host=web 17\n odd\n"sv;
  const auto record = decode(packet).value();
  CHECK(
      line_of(event::record{sender, record}) ==
      R"({"event":"record","time":"2025-11-20T12:06:38.000000Z","sender":"10.0.0.5","sender_port":6665,)"
      R"("release":"6.12.1","facility":1,"level":4,"sequence":378,"timestamp_us":3639333,"flag":"-","caller":"T7",)"
      R"("text":"pebble \"anchor\\ \"q\"","raw_text":"pebble \\x22anchor\\x5c \"q\"",)"
      R"("dictionary":[["host","web 17"],["odd",""]]})"
      "\n");
}

TEST_CASE("a text that is exact has no second form") {
  const auto has_raw = [](std::string_view text) {
    const auto packet = "6,1,2,-;" + std::string{text} + "\n";
    const bool of_record = object_of(event::record{sender, decode(packet).value()}).contains("raw_text");
    CHECK(of_record == object_of(event::basic{sender, text}).contains("raw_text"));
    return of_record;
  };
  CHECK_FALSE(has_raw("plain \"text\"\t caf\xc3\xa9"));
  CHECK_FALSE(has_raw(""));
  CHECK(has_raw("\\x5c"));
  CHECK(has_raw("a\\"));
  CHECK(has_raw("\xff"));
}

TEST_CASE("members that are there only with one value") {
  const auto plain = decode("6,1,2,-;x\n").value();
  for (const auto* absent : {"release", "caller", "fragment", "replayed", "conflict", "raw_dictionary"})
    CHECK_FALSE(object_of(event::record{sender, plain}).contains(absent));
  CHECK(object_of(event::record{sender, plain, true}).at("conflict") == true);
  const auto part = decode("6,1,2,+,ncfrag=5/20;x").value();
  CHECK(object_of(event::late{sender, part}).at("fragment") == json::array({5, 20}));
  CHECK(object_of(event::duplicate{sender, part}).at("flag") == "+");
  CHECK_FALSE(object_of(event::basic{sender, "x", true, false}).contains("complete"));
  CHECK(object_of(event::basic{sender, "x", false, false}).at("complete") == false);
  CHECK(object_of(event::basic{sender, "x", true, true}).at("replayed") == true);
}

TEST_CASE("events that are no record") {
  const auto lost = object_of(event::lost{sender, loss::sequence_gap, 101, 2});
  CHECK(lost.at("event") == "lost");
  CHECK(lost.at("cause") == "sequence_gap");
  CHECK(lost.at("count") == 2);
  CHECK(lost.at("first_sequence") == 101);
  CHECK_FALSE(object_of(event::lost{sender, loss::msgid_gap, 0, 2}).contains("first_sequence"));
  CHECK(object_of(event::lost{sender, loss::announced, 0, 7}).at("cause") == "announced");
  const auto rebooted = object_of(event::rebooted{sender, UINT64_MAX});
  CHECK(rebooted.at("event") == "rebooted");
  CHECK(rebooted.at("last_sequence") == UINT64_MAX);
  CHECK(object_of(event::forgotten{sender}).at("event") == "forgotten");
  CHECK(object_of(event::suppressed{sender, 3}).at("count") == 3);
  CHECK(object_of(event::silent{sender, std::chrono::hours{1}}).at("seconds") == 3600);
  CHECK(object_of(event::doubled{sender}).at("event") == "doubled");
  CHECK(object_of(event::returned{sender, std::chrono::hours{2}}).at("seconds") == 7200);
  const auto junk = object_of(event::junk{sender, "\\\xff", text_errc::bad_priority});
  CHECK(junk.at("reason") == "bad-priority");
  CHECK(junk.at("raw_text") == "\\x5c\\xff");
  const endpoint v6{ipv6_address::parse("fe80::1").value(), port{1}, 2};
  CHECK(object_of(event::forgotten{v6}).at("sender") == "fe80::1%2");
}

TEST_CASE("a basic line has the members of its prefix") {
  const auto basic = object_of(event::basic{sender, "<12>[   12.345678][    T7] text"});
  CHECK(basic.at("event") == "basic");
  CHECK(basic.at("facility") == 1);
  CHECK(basic.at("level") == 4);
  CHECK(basic.at("timestamp_us") == 12345678);
  CHECK(basic.at("caller") == "T7");
  CHECK(basic.at("text") == "<12>[   12.345678][    T7] text");
}

TEST_CASE("a partial record is made of the bytes that came") {
  const std::string packet = "6,1,2,-,ncfrag=0/6000;abcdef";
  const auto record = decode("6,1,2,-,ncfrag=0/6000;x").value().whole(packet);
  const text_range missing[] = {{3, 5997}};
  const auto partial = object_of(event::partial{sender, record, missing});
  CHECK(partial.at("event") == "partial");
  CHECK(partial.at("text") == "abcdef");
  CHECK(partial.at("missing") == json::array({json::array({3, 5997})}));
}

TEST_CASE("a string has no character that a terminal obeys, and JSON reads it back") {
  CHECK(string_of("\"\\\n\t\r") == R"("\"\\\n\t\u000d")");
  CHECK(string_of("\x1b[31m \xc2\x9b \xe2\x80\xae") == R"("\u001b[31m \u009b \u202e")");
  CHECK(string_of("caf\xc3\xa9 \xf0\x9f\x98\x80") == "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
  CHECK(string_of("\xff\xc3") == R"("\\xff\\xc3")");
  std::string out;
  CHECK(append_json_string(out, "caf\xc3\xa9 \\xff"));
  CHECK_FALSE(append_json_string(out, "\xff"));
}

TEST_CASE("from any bytes come JSON strings that give the bytes back") {
  // Pieces that meet in every order: escapes whole and cut, UTF-8 whole and cut, anything.
  constexpr std::string_view pieces[] = {"\\", "x",    "\\x",  "\\x4",       "\\x41",    "\\x5c",        "4",
                                         "f",  "\xff", "\xc3", "\xa9",       "\xc3\xa9", "\xe2\x80\xae", "\"",
                                         "\t", "\x1b", "\x7f", "plain text", "\0"sv};
  std::mt19937 random{1};
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    for (auto left = random() % 8; left != 0; --left)
      bytes += random() % 8 == 0 ? std::string(1, static_cast<char>(random()))
                                 : pieces[random() % std::size(pieces)];
    CAPTURE(bytes);

    // Any bytes.
    std::string text;
    append_json_escaped(text, bytes);
    CHECK(bytes_of(json::parse(text)) == bytes);
    text.clear();
    const bool is_utf8 = append_json_string(text, bytes);
    if (is_utf8) CHECK(json::parse(text) == bytes);
    CHECK(is_utf8 == (json(bytes).dump(-1, ' ', false, json::error_handler_t::ignore) ==
                      json(bytes).dump(-1, ' ', false, json::error_handler_t::replace)));

    // A basic line, and junk.
    CHECK(exact_text_of(object_of(event::basic{sender, bytes})) == bytes);
    CHECK(bytes_of(object_of(event::junk{sender, bytes, text_errc::bad_priority}).at("raw_text")) == bytes);

    // A record: the text as the kernel escaped it, and a dictionary that it does not escape.
    if (bytes.find('\n') != bytes.npos) continue;
    const auto packet = "6,1,2,-;" + bytes + "\n " + bytes + "=" + bytes + "\n";
    const auto record = decode(packet);
    if (!record || record->text() != bytes) continue;
    const auto object = object_of(event::record{sender, *record});
    CHECK(exact_text_of(object) == unescape(bytes));
    std::string wire;
    for (const auto [key, value] : record->dictionary())
      wire += std::string{key} + '\n' + std::string{value} + '\n';
    std::string back;
    const bool is_raw = object.contains("raw_dictionary");
    CHECK(is_raw == !is_utf8);
    for (const auto& pair : object.at(is_raw ? "raw_dictionary" : "dictionary"))
      for (const auto& part : pair) back += (is_raw ? bytes_of(part) : part.get<std::string>()) + '\n';
    CHECK(back == wire);
  }
}
