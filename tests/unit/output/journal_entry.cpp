// SPDX-License-Identifier: MIT
#include <netcon/output/journal_entry.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

using namespace netcon;
using namespace std::string_literals;

namespace {

const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};
using fields = std::map<std::string, std::string>;

/// Reads an entry as the journal does.
fields read(std::string_view entry) {
  fields out;
  while (!entry.empty()) {
    const auto end = entry.find('\n');
    REQUIRE(end != entry.npos);
    const auto line = entry.substr(0, end);
    entry.remove_prefix(end + 1);
    if (const auto equals = line.find('='); equals != line.npos) {
      out[std::string{line.substr(0, equals)}] = line.substr(equals + 1);
      continue;
    }
    REQUIRE(entry.size() >= 8);
    std::uint64_t size = 0;
    for (unsigned i = 8; i-- > 0;) size = size << 8 | static_cast<unsigned char>(entry[i]);
    REQUIRE(entry.size() > 8 + size);
    out[std::string{line}] = entry.substr(8, size);
    REQUIRE(entry[8 + size] == '\n');
    entry.remove_prefix(9 + size);
  }
  return out;
}

template <class Event>
fields entry_of(const Event& event) {
  std::string out;
  journal_entries{}.append(out, {}, event);
  return read(out);
}

fields record_entry(std::string_view packet) {
  const auto record = decode(packet).value();
  return entry_of(event::record{sender, record});
}

}  // namespace

TEST_CASE("a record as an entry of the journal") {
  CHECK(record_entry(
            "6.12.1,12,339,5140900,-,caller=T7;NET: caf\\xc3\\xa9 \\x1b\n SUBSYSTEM=net\n odd key=a=b\n") ==
        fields{{"MESSAGE", "NET: caf\xc3\xa9 \x1b"},
               {"PRIORITY", "4"},
               {"SYSLOG_FACILITY", "1"},
               {"SYSLOG_IDENTIFIER", "kernel"},
               {"NETCONSOLE_EVENT", "record"},
               {"NETCONSOLE_TIME", "1970-01-01T00:00:00.000000Z"},
               {"NETCONSOLE_HOST", "10.0.0.5"},
               {"NETCONSOLE_SENDER", "10.0.0.5"},
               {"NETCONSOLE_SENDER_PORT", "6665"},
               {"NETCONSOLE_RELEASE", "6.12.1"},
               {"NETCONSOLE_SEQUENCE", "339"},
               {"NETCONSOLE_USEC", "5140900"},
               {"NETCONSOLE_CALLER", "T7"},
               {"NETCONSOLE_USERDATA_SUBSYSTEM", "net"},
               {"NETCONSOLE_USERDATA_ODD_KEY", "a=b"}});
}

TEST_CASE("any bytes have room in a value, and none of them make a field") {
  const auto found = record_entry("6,1,2,-;one\\x0aPRIORITY=0\\x00\\xff\n");
  CHECK(found.at("MESSAGE") == "one\nPRIORITY=0\0\xff"s);
  CHECK(found.at("PRIORITY") == "6");
  const auto userdata =
      record_entry("6,1,2,-;x\n =v\n MESSAGE=evil\n _PID=1\n " + std::string(99, 'k') + "=v\n");
  CHECK(userdata.at("MESSAGE") == "x");
  CHECK(userdata.at("NETCONSOLE_USERDATA__PID") == "1");
  CHECK(userdata.contains("NETCONSOLE_USERDATA_" + std::string(44, 'K')));
}

TEST_CASE("lines without a header, and events that are not records") {
  const auto basic = entry_of(event::basic{sender, "<3>[   12.345679][  T123] line"});
  CHECK(basic.at("MESSAGE") == "line");
  CHECK(basic.at("PRIORITY") == "3");
  CHECK(basic.at("NETCONSOLE_USEC") == "12345679");
  CHECK(entry_of(event::basic{sender, "x"}).at("PRIORITY") == "5");
  const auto lost = entry_of(event::lost{sender, loss::sequence_gap, 7, 2});
  CHECK(lost.at("SYSLOG_IDENTIFIER") == "netcon");
  CHECK(lost.at("PRIORITY") == "4");
  CHECK(lost.at("NETCONSOLE_COUNT") == "2");
  CHECK(lost.at("NETCONSOLE_CAUSE") == "sequence_gap");
  const auto record = decode("3,1,2,-;x\n").value();
  CHECK(entry_of(event::duplicate{sender, record}).empty());
  CHECK(entry_of(event::record{sender, record, true}).at("MESSAGE") == "(conflict) x");
}

TEST_CASE("more userdata than the journal takes is left out and counted") {
  std::string packet = "6,1,2,-;x\n";
  for (int i = 0; i < 905; ++i) packet += " k" + std::to_string(i) + "=v\n";
  const auto found = record_entry(packet);
  CHECK(found.size() < 1024);
  CHECK(found.at("NETCONSOLE_CUT") == "5");
}

TEST_CASE("the facts of a crash") {
  crash::report report;
  report.title = "BUG: spinlock bad magic in frog";
  report.function = "frog";
  report.text = {"one", "two"};
  report.signature = 0xabc;
  std::string out;
  journal_entries{}.append_crash(out, {{}, "web17"}, sender, "web17 crashed: frog", report, 3);
  const auto found = read(out);
  CHECK(found.at("PRIORITY") == "2");
  CHECK(found.at("NETCONSOLE_EVENT") == "crash");
  CHECK(found.at("NETCONSOLE_HOST") == "web17");
  CHECK(found.at("NETCONSOLE_CRASH_TITLE") == report.title);
  CHECK(found.at("NETCONSOLE_CRASH_FUNCTION") == "frog");
  CHECK(found.at("NETCONSOLE_CRASH_SIGNATURE") == "0000000000000abc");
  CHECK(found.at("NETCONSOLE_CRASH_COUNT") == "3");
  CHECK(found.at("NETCONSOLE_CRASH_TEXT") == "one\ntwo\n");
}
