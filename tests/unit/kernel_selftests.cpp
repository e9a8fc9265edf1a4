// SPDX-License-Identifier: MIT
// The kernel's own netconsole selftests (Linux 7.3, drivers/net), mirrored by name on encoder and collector;
// those about configfs and interfaces are mirrored in the configfs tests.
#include <netcon/receive/collector.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/printk_format.hpp>

#include "support/catch.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace netcon;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

struct received {
  std::vector<std::pair<std::string, pairs>> messages;

  void operator()(const event::record& e) {
    pairs dictionary;
    for (const auto [key, value] : e.record.dictionary()) dictionary.emplace_back(key, value);
    messages.emplace_back(unescape(e.record.text()), dictionary);
  }
  void operator()(const event::basic& e) { messages.emplace_back(std::string{e.text}, pairs{}); }
  template <class Other>
  void operator()(const Other&) {
    FAIL("only whole messages are expected");
  }
};

const endpoint source4{ipv4_address{192, 0, 2, 1}, port{1514}};
const endpoint source6{*ipv6_address::parse("fc00::1"), port{1514}};

/// Formats, sends and collects one record.
std::pair<std::string, pairs> through(const log_record& record, extended_record m, const endpoint& from,
                                      std::vector<std::string>* packets = nullptr) {
  std::array<char, max_formatted> buffer{};
  const auto formatted = format_extended(record, kernel_profile::latest(), buffer);
  m.header = formatted->header;
  m.body = formatted->body;
  collector all;
  received got;
  encode(m, kernel_profile::latest(), [&](std::string_view packet) {
    if (packets != nullptr) packets->emplace_back(packet);
    all.push(from, packet, time_point{} + std::chrono::hours{1}, got);
  }).value();
  REQUIRE(got.messages.size() == 1);
  return got.messages.front();
}

}  // namespace

TEST_CASE("netcons_basic") {
  const std::string text = "netcons test message";
  const std::array<dictionary_entry, 1> userdata{{{"key", "value"}}};
  for (const auto& from : {source4, source6}) {
    const auto [seen, dictionary] = through({.priority = 13, .text = text}, {.userdata = userdata}, from);
    CHECK(seen == text);
    CHECK(dictionary == pairs{{"key", "value"}});
    std::string legacy;
    format_basic({.timestamp_us = 5000000, .text = text}, {}, legacy);
    collector all;
    received got;
    encode_basic(legacy, [&](std::string_view packet) { all.push(from, packet, time_point{}, got); });
    REQUIRE(got.messages.size() == 1);
    CHECK(split_basic_prefix(got.messages.front().first).text == text);
  }
}

TEST_CASE("netcons_fragmented_msg") {
  std::string text;
  for (int i = 0; i < 150; ++i)
    text += "MSG" + std::string(i < 10 ? "00" : i < 100 ? "0" : "") + std::to_string(i);
  const std::string value(180, 'u');
  const std::array<dictionary_entry, 1> userdata{{{"key", value}}};
  for (const bool with_release : {true, false}) {
    const auto sent_text = with_release ? text : text.substr(0, 870);
    extended_record m{.userdata = userdata};
    if (with_release) m.release = "7.3.4";
    std::vector<std::string> packets;
    const auto [seen, dictionary] = through({.priority = 13, .text = sent_text}, m, source4, &packets);
    CHECK(packets.size() == 2);
    CHECK(seen == sent_text);
    CHECK(dictionary == pairs{{"key", value}});
    // As the selftest does it: what is behind each "ncfrag=N/N;", put together.
    std::string joined;
    for (const auto& packet : packets) joined += packet.substr(packet.find(';') + 1);
    CHECK(joined == sent_text + "\n key=" + value + "\n");
    CHECK(packets[0].starts_with("7.3.4,") == with_release);
  }
}

TEST_CASE("netcons_sysdata") {
  const sysdata all{.cpu = 2, .taskname = "echo", .release = "7.3.4", .msgid = 7};
  const std::array<dictionary_entry, 1> userdata{{{"key", "value"}}};
  CHECK(through({.text = "t"}, {.sysdata = all}, source4).second ==
        pairs{{"cpu", "2"}, {"taskname", "echo"}, {"release", "7.3.4"}, {"msgid", "7"}});
  CHECK(through({.text = "t"}, {.userdata = userdata, .sysdata = all}, source4).second ==
        pairs{{"key", "value"}, {"cpu", "2"}, {"taskname", "echo"}, {"release", "7.3.4"}, {"msgid", "7"}});
  CHECK(through({.text = "t"}, {}, source4).second.empty());
  CHECK(through({.text = "t"}, {.sysdata = {.taskname = "echo"}}, source4).second ==
        pairs{{"taskname", "echo"}});
}

TEST_CASE("netcons_overflow: 256 entries of userdata make one message") {
  std::vector<std::string> keys;
  for (int i = 0; i < 256; ++i) keys.push_back("key" + std::to_string(i));
  const std::string value(198, 'v');
  std::vector<dictionary_entry> userdata;
  for (const auto& key : keys) userdata.push_back({key, value});
  std::vector<std::string> packets;
  const auto [seen, dictionary] = through({.text = "t"}, {.userdata = userdata}, source4, &packets);
  CHECK(packets.size() > 50);
  CHECK(dictionary.size() == 256);
  CHECK(dictionary.back() == std::pair<std::string, std::string>{"key255", value});
}

TEST_CASE("netcons_userdata: a value is updated, emptied, removed between messages") {
  std::vector<dictionary_entry> userdata{{"key", "one"}};
  CHECK(through({.text = "t"}, {.userdata = userdata}, source4).second == pairs{{"key", "one"}});
  userdata[0].value = "two";
  CHECK(through({.text = "t"}, {.userdata = userdata}, source4).second == pairs{{"key", "two"}});
  userdata[0].value = "";
  CHECK(through({.text = "t"}, {.userdata = userdata}, source4).second.empty());
  const std::string value(190, 'x');
  const std::vector<dictionary_entry> eight(8, {"key", value});
  CHECK(through({.text = "t"}, {.userdata = eight}, source4).second.size() == 8);
}
