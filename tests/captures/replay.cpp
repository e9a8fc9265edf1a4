// SPDX-License-Identifier: MIT
// Every capture of a booted kernel goes over a real loopback socket into the collector, and what comes out is
// compared with that kernel's own /dev/kmsg.
#include <netcon/os/random_key.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/escape.hpp>

#include "support/base64.hpp"
#include "support/catch.hpp"
#include "support/corpus.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const fs::path directory = fs::path{test::corpus_folder()} / "../captures";

struct packet {
  netcon::endpoint from;
  std::string bytes;
};

struct target {
  std::string name;
  std::uint16_t port = 0;
  bool extended = false;
  std::size_t unsent = 0;
};

/// A record as /dev/kmsg shows it, taken apart by plain string handling.
struct truth_record {
  std::string raw{};
  unsigned priority = 0;
  std::uint64_t sequence = 0, timestamp_us = 0;
  char flag = 0;
  std::string caller{}, text{};
  std::vector<std::pair<std::string, std::string>> dictionary{};
  int boot = 0;
};

truth_record read_truth(const nlohmann::json& row) {
  truth_record record{.raw = row.at("raw"), .boot = row.value("boot", 0)};
  const auto head = record.raw.substr(0, record.raw.find(';'));
  std::istringstream fields{head};
  std::string field;
  for (int i = 0; std::getline(fields, field, ','); ++i) {
    if (i == 0) record.priority = static_cast<unsigned>(std::stoul(field));
    if (i == 1) record.sequence = std::stoull(field);
    if (i == 2) record.timestamp_us = std::stoull(field);
    if (i == 3) record.flag = field.at(0);
    if (field.rfind("caller=", 0) == 0) record.caller = field.substr(7);
  }
  std::istringstream lines{record.raw.substr(head.size() + 1)};
  std::getline(lines, record.text);
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    record.dictionary.emplace_back(line.substr(1, equals - 1), line.substr(equals + 1));
  }
  return record;
}

/// A message out of the collector, with bytes of its own.
struct message {
  netcon::endpoint from;
  netcon::record record;
};

struct outcome {
  std::vector<message> records;
  std::vector<std::string> basic;
  std::size_t rebooted = 0;
  std::size_t received = 0;
  std::uint64_t drops = 0;
  netcon::collector::counters stats;
};

/// Takes the events that tests look at.
struct recorder {
  outcome& out;

  void operator()(const netcon::event::record& e) {
    CHECK_FALSE(e.conflict);
    out.records.push_back({e.sender, netcon::record{e.record}});
  }
  void operator()(const netcon::event::late& e) {
    out.records.push_back({e.sender, netcon::record{e.record}});
  }
  void operator()(const netcon::event::basic& e) { out.basic.emplace_back(e.text); }
  void operator()(const netcon::event::rebooted&) { ++out.rebooted; }
  void operator()(const auto&) {}
};

struct capture {
  std::string name;
  bool every_level = false;  // loglevel=8 on its command line
  std::vector<target> targets{};
  std::map<std::uint16_t, std::vector<packet>> packets{};  // by destination port
  std::vector<truth_record> truth{};
};

capture load(const nlohmann::json& row) {
  const auto name = row.at("capture").get<std::string>();
  capture loaded{.name = name};
  loaded.every_level = row.at("cmdline").get<std::string>().find("loglevel=8") != std::string::npos;
  for (const auto& t : row.at("targets"))
    loaded.targets.push_back({t.at("name"), t.at("port"), t.at("extended"), t.at("unsent")});
  std::ifstream socket{directory / row.at("datagrams").get<std::string>()};
  REQUIRE(socket);
  for (std::string line; std::getline(socket, line);) {
    const auto datagram = nlohmann::json::parse(line);
    loaded.packets[datagram.at("dport").get<std::uint16_t>()].push_back(
        {netcon::endpoint::parse(datagram.at("src").get<std::string>()).value(),
         test::base64_decode(datagram.at("payload_b64").get<std::string>())});
  }
  std::ifstream truth{directory / row.at("truth").get<std::string>()};
  for (std::string line; std::getline(truth, line);)
    loaded.truth.push_back(read_truth(nlohmann::json::parse(line)));
  return loaded;
}

capture load_named(const std::string& name) {
  for (const auto& row : test::corpus_rows("captures"))
    if (row.at("capture") == name) return load(row);
  throw std::runtime_error{"no capture " + name};
}

/// Sends one target's packets, each source of the capture from a socket of its own (or all from one), and
/// collects what arrives.
outcome replay(const std::vector<packet>& packets, bool one_sender = false) {
  outcome out;
  const bool v6 = packets.front().from.address.is_v6();
  const auto loopback = v6 ? netcon::ip_address::parse("::1") : netcon::ip_address::parse("127.0.0.1");
  auto receiver = netcon::udp_receiver::bind({*loopback, {}});
  REQUIRE(receiver.has_value());
  const auto local = receiver->local();
  REQUIRE(local.has_value());

  std::map<netcon::endpoint, netcon::udp_sender> senders;
  netcon::collector collector{{}, netcon::random_key()};
  netcon::datagram_batch batch;
  recorder sink{out};
  const auto receive = [&](std::chrono::milliseconds timeout) {
    const auto got = receiver->receive_batch(batch, timeout);
    REQUIRE(got.has_value());
    for (const auto& datagram : batch) {
      CHECK_FALSE(datagram.truncated);
      collector.push(datagram.sender, datagram.bytes, std::chrono::steady_clock::now(), sink);
    }
    out.received += *got;
    return *got;
  };
  for (const auto& [from, bytes] : packets) {
    const auto key = one_sender ? netcon::endpoint{} : from;
    auto place = senders.find(key);
    if (place == senders.end()) {
      auto made = netcon::udp_sender::connect(*local);
      REQUIRE(made.has_value());
      place = senders.emplace(key, std::move(*made)).first;
    }
    REQUIRE(place->second.send(bytes).has_value());
    receive(0ms);
  }
  while (out.received < packets.size() && receive(2000ms) != 0) {
  }
  collector.flush(sink);
  out.drops = receiver->dropped();
  out.stats = collector.stats();
  return out;
}

/// The header of an extended packet without release and ncfrag, found by searching, not by the library.
std::string header_of(const std::string& packet) {
  auto head = packet.substr(0, packet.find(';'));
  if (const auto slice = head.find(",ncfrag="); slice != head.npos) head.resize(slice);
  std::istringstream fields{head};
  std::string field;
  for (int i = 0; i < 4; ++i) std::getline(fields, field, ',');
  if (field.find_first_not_of("-c+") != field.npos) head.erase(0, head.find(',') + 1);
  return head;
}

/// Levels above the console's are never sent: 7 unless the command line has loglevel=8.
bool is_sent(const truth_record& record, const capture& from) {
  return from.every_level || (record.priority & 7) < 7;
}

void check_extended(const capture& from, const target& t, std::set<std::pair<int, std::uint64_t>>& missing) {
  const auto& packets = from.packets.at(t.port);
  const auto out = replay(packets);
  CHECK(out.received == packets.size());
  CHECK(out.drops == 0);
  CHECK(out.stats.junk == 0);
  CHECK(out.stats.partial == 0);
  CHECK(out.stats.basic == 0);

  // Everything that was sent comes out, once.
  std::multiset<std::string> sent_headers, headers;
  {
    std::set<std::pair<netcon::endpoint, std::string>> distinct;
    for (const auto& p : packets) distinct.emplace(p.from, header_of(p.bytes));
    for (const auto& d : distinct) sent_headers.insert(d.second);
  }
  for (const auto& m : out.records) headers.emplace(m.record.view().header());
  CHECK(headers == sent_headers);

  std::multimap<std::string, netcon::record_view> by_header;
  for (const auto& m : out.records) {
    const auto view = m.record.view();
    by_header.emplace(std::string{view.header()}, view);
  }
  for (const auto& expected : from.truth) {
    INFO(expected.raw);
    const auto found = by_header.find(expected.raw.substr(0, expected.raw.find(';')));
    if (found == by_header.end()) {
      if (is_sent(expected, from)) missing.emplace(expected.boot, expected.sequence);
      continue;
    }
    const auto& got = found->second;
    CHECK(got.priority() == expected.priority);
    CHECK(got.sequence() == expected.sequence);
    CHECK(got.timestamp_us() == expected.timestamp_us);
    CHECK(static_cast<char>(got.flag()) == expected.flag);
    CHECK(got.caller() == expected.caller);
    CHECK(got.text() == expected.text);
    std::size_t line = 0;
    for (const auto [key, value] : got.dictionary()) {
      if (line == expected.dictionary.size()) break;  // userdata and sysdata follow
      CHECK(key == expected.dictionary[line].first);
      CHECK(value == expected.dictionary[line].second);
      ++line;
    }
    CHECK(line == expected.dictionary.size());
  }
}

/// The text that a target which is not extended sends for a record.
std::string basic_form(const truth_record& record) {
  char time[48];
  std::snprintf(time, sizeof time, "[%5llu.%06llu]",
                static_cast<unsigned long long>(record.timestamp_us / 1000000),
                static_cast<unsigned long long>(record.timestamp_us % 1000000));
  std::string prefix = time;
  if (!record.caller.empty()) {
    const std::size_t width = 6;
    prefix += '[' + std::string(width - std::min(width, record.caller.size()), ' ') + record.caller + ']';
  }
  std::string out;
  std::istringstream lines{netcon::unescape(record.text) + "\n"};
  for (std::string line; std::getline(lines, line);) out += prefix + ' ' + line + '\n';
  return out;
}

void check_basic(const capture& from, const target& t) {
  const auto& packets = from.packets.at(t.port);
  const auto out = replay(packets);
  CHECK(out.received == packets.size());
  CHECK(out.drops == 0);
  CHECK(out.stats.junk == 0);
  CHECK(out.stats.records == 0);

  // All bytes come out as lines; each record of the truth is in them, in order.
  std::string sent, stream;
  for (const auto& p : packets) sent += p.bytes;
  for (const auto& line : out.basic) stream += line + '\n';
  CHECK(stream == sent);
  std::size_t at = 0;
  for (const auto& expected : from.truth) {
    if (!is_sent(expected, from)) continue;
    INFO(expected.raw);
    auto form = basic_form(expected);
    // The escaped text of /dev/kmsg is cut at 2048 bytes; the raw bytes on the wire are not.
    if (expected.raw.size() >= 2040) form.resize(form.size() - 8);
    const auto found = stream.find(form, at);
    CHECK(found != stream.npos);
    if (found != stream.npos) at = found + form.size();
  }
}

}  // namespace

TEST_CASE("every capture over loopback is what the kernel logged") {
  const auto rows = test::corpus_rows("captures");
  REQUIRE_FALSE(rows.empty());
  for (const auto& row : rows) {
    const auto loaded = load(row);
    const auto& name = loaded.name;
    for (const auto& t : loaded.targets) {
      INFO(name << " " << t.name);
      if (t.extended) {
        std::set<std::pair<int, std::uint64_t>> missing;
        check_extended(loaded, t, missing);
        CHECK(missing.size() == t.unsent);
        if (name != "restart_612" && !missing.empty())  // one pause
          CHECK(missing.rbegin()->second - missing.begin()->second + 1 == missing.size());
      } else if (name != "oopsonly_61" && name != "oopsonly_612") {  // the truth ends before the oops
        check_basic(loaded, t);
      }
    }
  }
}

TEST_CASE("every captured packet comes back from its parts, and every message from its slices") {
  std::size_t packets = 0, cut = 0;
  for (const auto& each : test::corpus_rows("captures")) {
    const auto loaded = load(each);
    for (const auto& [number, row] : loaded.packets) {
      netcon::reassembler parts;
      std::vector<std::string> slices;
      for (const auto& one : row) {
        const auto decoded = netcon::decode(one.bytes);
        REQUIRE(decoded);
        std::string again(one.bytes.size(), '\0');
        const auto written = netcon::encode_to(again.data(), again.data() + again.size(), *decoded);
        CHECK(written.ptr == again.data() + again.size());
        CHECK(again == one.bytes);
        ++packets;
        if (!decoded->is_fragment()) continue;
        slices.push_back(one.bytes);
        parts.push(one.from, *decoded, {}, [&](const netcon::assembled& whole) {
          REQUIRE(whole.complete());
          std::vector<std::string> sent;
          netcon::encode({.header = whole.record.header(),
                          .body = whole.record.body(),
                          .release = whole.record.release()},
                         netcon::kernel_profile::latest(),
                         [&](std::string_view packet) { sent.emplace_back(packet); })
              .value();
          CHECK(sent == slices);
          slices.clear();
          ++cut;
        });
      }
      CHECK(slices.empty());
    }
  }
  CHECK(packets > 3000);
  CHECK(cut > 100);
}

TEST_CASE("a reboot behind one address is told, and nothing of the new boot is lost") {
  const auto loaded = load_named("restart_612");
  const auto& packets = loaded.packets.at(loaded.targets.at(0).port);
  const auto out = replay(packets, true);
  CHECK(out.rebooted == 1);
  CHECK(out.stats.duplicate == 0);
  CHECK(out.records.size() == 14);
}

TEST_CASE("the text of a panic reaches the receiver as the serial console saw it") {
  for (const std::string name : {"panic_61", "panic_612", "panic_new", "oopsonly_61", "oopsonly_612"}) {
    const auto loaded = load_named(name);
    std::ifstream file{directory / (name + ".serial.txt"), std::ios::binary};
    std::set<std::string> serial;
    for (std::string line; std::getline(file, line);) {
      if (line.ends_with('\r')) line.pop_back();
      serial.insert(line);
    }
    for (const auto& t : loaded.targets) {
      INFO(name << " " << t.name);
      const auto out = replay(loaded.packets.at(t.port));
      std::vector<std::string> lines = out.basic;
      for (const auto& m : out.records) {
        const auto view = m.record.view();
        std::istringstream text{
            basic_form({.timestamp_us = view.timestamp_us(), .text = std::string{view.text()}})};
        for (std::string line; std::getline(text, line);) lines.push_back(line);
      }
      const auto panic = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("Kernel panic - not syncing") != line.npos;
      });
      REQUIRE(panic != lines.end());
      std::size_t seen = 0;
      for (auto line = panic; line != lines.end(); ++line) {
        INFO(*line);
        CHECK(serial.contains(*line));
        ++seen;
      }
      CHECK(seen > 20);
    }
  }
}
