// SPDX-License-Identifier: MIT
#include <netcon/output/syslog_line.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace netcon;

namespace {

const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};

/// The message without its time and host, and without its newline.
template <class Event>
std::string message_of(const Event& event) {
  std::string out;
  syslog_lines{}.append(out, {}, event);
  if (out.empty()) return out;
  CHECK(out.find('\n') + 1 == out.size());
  const std::string_view start = "1970-01-01T00:00:00.000000Z 10.0.0.5 ";
  const auto at = out.find(start);
  REQUIRE(at != out.npos);
  return out.substr(0, at) + out.substr(at + start.size(), out.size() - at - start.size() - 1);
}

std::string record_message(std::string_view packet) {
  const auto record = decode(packet).value();
  return message_of(event::record{sender, record});
}

}  // namespace

TEST_CASE("a record as a syslog message") {
  CHECK(record_message("6.12.1,12,339,5140900,-,caller=T7;NET: \"caf\\xc3\\xa9\" \\x1b[31m\n SUBSYSTEM=net\n"
                       " odd ]key=a\"b\\c]d\n") ==
        "<12>1 kernel T7 - [netconsole@32473 seq=\"339\" usec=\"5140900\" release=\"6.12.1\"]"
        "[userdata@32473 SUBSYSTEM=\"net\" odd__key=\"a\\\"b\\\\c\\]d\"] NET: \"caf\xc3\xa9\" \\x1b[31m");
  CHECK(record_message("2047,1,2,-;x\n") == "<15>1 kernel - - [netconsole@32473 seq=\"1\" usec=\"2\"] x");
  CHECK(record_message("191,1,2,-;x\n").starts_with("<191>1 "));
  CHECK(record_message("192,1,2,-;x\n").starts_with("<8>1 "));
}

TEST_CASE("basic lines as syslog messages") {
  CHECK(message_of(event::basic{sender, "plain"}) == "<5>1 kernel - - - plain");
  CHECK(message_of(event::basic{sender, "<4>[    1.000000][   T1] named level \x1b"}) ==
        "<4>1 kernel T1 - [netconsole@32473 usec=\"1000000\"] named level \\x1b");
}

TEST_CASE("messages for the socket of this machine") {
  const auto local = [](const origin& at, const auto& event) {
    std::string out;
    syslog_lines{syslog_form::local}.append(out, at, event);
    return out;
  };
  const auto record = decode("6.12.1,12,339,5140900,-,caller=T7;disk: \\x1b\n SUBSYSTEM=net\n").value();
  CHECK(local({}, event::record{sender, record}) == "<12>kernel: 10.0.0.5: disk: \\x1b\n");
  CHECK(local({{}, "web17"}, event::record{sender, record}) == "<12>kernel: web17: disk: \\x1b\n");
  CHECK(local({}, event::basic{sender, "<4>[    1.000000][   T1] named level"}) ==
        "<4>kernel: 10.0.0.5: named level\n");
  CHECK(local({}, event::lost{sender, loss::sequence_gap, 1, 2}) ==
        "<28>netcon: 10.0.0.5: 2 records missing\n");
  CHECK(local({}, event::duplicate{sender, record}).empty());
  const std::string packet = "6,2,1,-,ncfrag=0/20;half";
  const auto whole = decode("6,2,1,-,ncfrag=0/20;half").value().whole(packet);
  const text_range missing[] = {{4, 20}};
  CHECK(local({}, event::partial{sender, whole, missing}) == "<6>kernel: 10.0.0.5: (partial) half\n");
}

TEST_CASE("the other events as syslog messages") {
  const auto record = decode("6,1,2,-;x\n").value();
  CHECK(message_of(event::late{sender, record}) ==
        "<6>1 kernel - - [netconsole@32473 seq=\"1\" usec=\"2\"] x");
  CHECK(message_of(event::duplicate{sender, record}).empty());
  CHECK(message_of(event::forgotten{sender})
            .ends_with("forgotten: too many senders, and this one was silent for longest"));
  CHECK(message_of(event::lost{sender, loss::sequence_gap, 1, 2}) == "<28>1 netcon - - - 2 records missing");
  CHECK(message_of(event::lost{sender, loss::msgid_gap, 0, 2}) == "<28>1 netcon - - - 2 records lost");
  CHECK(message_of(event::rebooted{sender, 104}) ==
        "<28>1 netcon - - - rebooted: the last record before was number 104");
  CHECK(message_of(event::junk{sender, "x", text_errc::bad_priority}) ==
        "<28>1 netcon - - - not netconsole: the priority is larger than 2047 (1 bytes)");
  CHECK(message_of(event::suppressed{sender, 2}) ==
        "<28>1 netcon - - - 2 records over the rate limit left out");
  CHECK(message_of(event::silent{sender, std::chrono::hours{1}}) ==
        "<28>1 netcon - - - silent: it sent probes, and nothing for 3600 s");
  CHECK(message_of(event::doubled{sender}) ==
        "<28>1 netcon - - - sends every record twice, to a basic and to an extended target: remove one of "
        "them");
  CHECK(message_of(event::returned{sender, std::chrono::hours{2}}) ==
        "<28>1 netcon - - - returned after 7200 s of silence");
  const std::string packet = "6,2,1,-,ncfrag=0/20;half";
  const auto whole = decode(packet).value().whole(packet);
  const text_range missing[] = {{4, 20}};
  CHECK(message_of(event::partial{sender, whole, missing}) ==
        "<6>1 kernel - - [netconsole@32473 seq=\"2\" usec=\"1\"] (partial) half");
}
