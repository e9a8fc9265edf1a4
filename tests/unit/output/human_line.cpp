// SPDX-License-Identifier: MIT
#include <netcon/output/human_line.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace netcon;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};
constexpr auto start = "1970-01-01 00:00:00.000 10.0.0.5:6665 "sv;

/// The line without its start, newlines as '|'.
template <class Event>
std::string line_of(const Event& event, bool colour = false) {
  std::string out;
  human_lines{colour}.append(out, {}, event);
  for (auto at = out.find(start); at != out.npos; at = out.find(start)) out.erase(at, start.size());
  for (auto& c : out)
    if (c == '\n') c = '|';
  return out;
}

std::string record_line(std::string_view packet, bool colour = false) {
  const auto record = decode(packet).value();
  return line_of(event::record{sender, record}, colour);
}

}  // namespace

TEST_CASE("a record for people") {
  CHECK(
      record_line(
          "6.12.1,6,339,5140900,-,caller=T7;NET: caf\\xc3\\xa9 \\x1b[31m\n SUBSYSTEM=net\n host=web 17\n") ==
      "info    [    5.140900][    T7] NET: caf\xc3\xa9 \\x1b[31m  SUBSYSTEM=net host=\"web 17\"|");
  CHECK(record_line("0,1,18446744073709551615,-;x\n") == "emerg   [18446744073709.551615] x|");
  CHECK(record_line("4,1,0,-,caller=C1234567;x\n") == "warning [    0.000000][C1234567] x|");
}

TEST_CASE("late, duplicate and partial records for people") {
  const auto record = decode("3,1,2,-;x\n").value();
  CHECK(line_of(event::late{sender, record}) == "err     [    0.000002] (late) x|");
  CHECK(line_of(event::duplicate{sender, record}).empty());
  const std::string packet = "3,104,2,-,ncfrag=0/12;abcdij\nk";
  const auto whole = decode("3,104,2,-,ncfrag=0/12;x").value().whole(packet);
  const text_range missing[] = {{4, 8}};
  CHECK(line_of(event::partial{sender, whole, missing}) ==
        "err     [    0.000002] abcd[... 4 bytes missing ...]ij k|-- partial: 4 of 12 bytes of record 104 "
        "are missing|");
}

TEST_CASE("basic lines for people") {
  CHECK(line_of(event::basic{sender, "[   12.345679][  T123] second line"}) ==
        "-       [   12.345679][  T123] second line|");
  CHECK(line_of(event::basic{sender, "<12>\x1b[2J"}) == "warning \\x1b[2J|");
}

TEST_CASE("remarks for people") {
  CHECK(line_of(event::lost{sender, loss::sequence_gap, 101, 2}) ==
        "-- 2 records missing from number 101 on: lost, or below the sender's console level|");
  CHECK(line_of(event::lost{sender, loss::msgid_gap, 0, 1}) == "-- 1 record lost: the sender counted them|");
  CHECK(line_of(event::lost{sender, loss::announced, 0, 3}) == "-- 3 records lost: the sender says so|");
  CHECK(line_of(event::rebooted{sender, 7}) == "-- rebooted: the last record before was number 7|");
  CHECK(line_of(event::forgotten{sender}) ==
        "-- forgotten: too many senders, and this one was silent for longest|");
  CHECK(line_of(event::suppressed{sender, 1}) == "-- 1 record over the rate limit left out|");
  CHECK(line_of(event::suppressed{sender, 2}) == "-- 2 records over the rate limit left out|");
  CHECK(line_of(event::silent{sender, std::chrono::hours{1}}) ==
        "-- silent: it sent probes, and nothing for 3600 s|");
  CHECK(line_of(event::doubled{sender}) ==
        "-- sends every record twice, to a basic and to an extended target: remove one of them|");
  CHECK(line_of(event::returned{sender, std::chrono::hours{2}}) == "-- returned after 7200 s of silence|");
  CHECK(line_of(event::junk{sender, "9999,1,1,-;x\x1b", text_errc::bad_priority}) ==
        "-- not netconsole: the priority is larger than 2047 (13 bytes): 9999,1,1,-;x\\x1b|");
  CHECK(line_of(event::junk{sender, std::string(65, 'x'), text_errc::bad_priority})
            .ends_with(std::string(64, 'x') + "...|"));
}

TEST_CASE("colours by level, and only when asked for") {
  const auto colour = [](std::string_view packet) {
    const auto line = record_line(packet, true);
    const auto text = line.find("\x1b[0m ");
    const auto at = line.find("\x1b[", text + 4);
    return at == line.npos ? std::string{} : line.substr(at + 2, line.find('m', at) - at - 2);
  };
  CHECK(colour("0,1,2,-;x\n") == "1;31");
  CHECK(colour("2,1,2,-;x\n") == "1;31");
  CHECK(colour("3,1,2,-;x\n") == "31");
  CHECK(colour("4,1,2,-;x\n") == "33");
  CHECK(colour("5,1,2,-;x\n") == "1");
  CHECK(colour("6,1,2,-;x\n").empty());
  CHECK(colour("7,1,2,-;x\n") == "2");
  CHECK(record_line("3,1,2,-;x\n k=v\n").find('\x1b') == std::string::npos);
  CHECK(record_line("3,1,2,-;x\n k=v\n", true).ends_with("x\x1b[0m\x1b[2m  k=v\x1b[0m|"));
}
