// SPDX-License-Identifier: MIT
#include <netcon/wire/encode.hpp>
#include <netcon/wire/printk_format.hpp>

#include "support/catch.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace netcon;
using namespace std::string_literals;
using packets = std::vector<std::string>;

namespace {

const auto v61 = kernel_profile{6, 1, 192};
const auto v612 = kernel_profile{6, 12, 117};
const auto v73 = kernel_profile{7, 3, 4};

packets sent(const extended_record& m, const kernel_profile& kernel) {
  packets out;
  const auto count = encode(m, kernel, [&](std::string_view packet) { out.emplace_back(packet); });
  CHECK(count.value() == out.size());
  return out;
}

std::string times(char c, std::size_t count) {
  return std::string(count, c);
}

constexpr std::string_view header = "6,416,1758426,-";

}  // namespace

static_assert([] {
  std::size_t bytes = 0;
  const auto count = encode({.header = "6,1,2,-", .body = "text\n"}, kernel_profile::latest(),
                            [&](std::string_view packet) { bytes += packet.size(); });
  return count == 1u && bytes == 13;
}());

// The worked examples E1 to E18 of what kernels were seen to send.

TEST_CASE("E1 to E4: a record goes out as it is") {
  for (
      const auto& record :
      {"6,339,5140900,-;NET: Registered protocol family 10\n"s,
       "7,160,424069,-;pci_root PNP0A03:00: host bridge window\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n"s,
       R"(13,1,0,-;a\x09b\x0ac\x1bd\x5ce\x7f \xc3\xa9 ;=,"~)"s + "\n", "4,7,1,c,caller=T1234;\n"s}) {
    const auto end = record.find(';');
    for (const auto& kernel : {v61, v612, v73})
      CHECK(sent({.header = std::string_view{record}.substr(0, end),
                  .body = std::string_view{record}.substr(end + 1)},
                 kernel) == packets{record});
  }
}

TEST_CASE("E5 to E7: release, userdata and sysdata, in the kernel's order") {
  CHECK(sent({.header = "6,444,501151268,-",
              .body = "netconsole: network logging started\n",
              .release = "6.4.0"},
             v612) == packets{"6.4.0,6,444,501151268,-;netconsole: network logging started\n"});
  const std::array<dictionary_entry, 3> userdata{{{"foo", "bar"}, {"empty", ""}, {"qux", "baz"}}};
  CHECK(sent({.header = "12,607,22085407756,-", .body = "This is a message\n", .userdata = userdata}, v612) ==
        packets{"12,607,22085407756,-;This is a message\n foo=bar\n qux=baz\n"});
  const std::array<dictionary_entry, 1> cpu{{{"cpu", "1"}}};
  CHECK(sent({.header = "12,607,22085407756,-",
              .body = "This is a message\n",
              .release = "7.3.4",
              .userdata = cpu,
              .sysdata = {.cpu = 42, .taskname = "echo", .release = "7.3.4", .msgid = 42}},
             v73) == packets{"7.3.4,12,607,22085407756,-;This is a message\n cpu=1\n cpu=42\n "
                             "taskname=echo\n release=7.3.4\n msgid=42\n"});
}

TEST_CASE("E8 and E9: 1000 bytes are one packet, 1001 are two") {
  const auto fits = times('A', 983) + "\n", over = times('A', 984) + "\n";
  CHECK(sent({.header = header, .body = fits}, v73) == packets{"6,416,1758426,-;" + fits});
  CHECK(sent({.header = header, .body = over}, v73) ==
        packets{"6,416,1758426,-,ncfrag=0/985;" + times('A', 971),
                "6,416,1758426,-,ncfrag=971/985;" + times('A', 13) + "\n"});
}

TEST_CASE("E10 to E12: the last byte of exactly 1000 is lost before 7.2, and only there") {
  const auto body = times('A', 977) + "\n";
  CHECK(sent({.header = header, .body = body, .release = "6.4.0"}, v612) ==
        packets{"6.4.0,6,416,1758426,-;" + times('A', 977) + '\0'});
  CHECK(sent({.header = header, .body = body, .release = "6.4.0"}, v73) ==
        packets{"6.4.0,6,416,1758426,-;" + body});
  CHECK(sent({.header = header, .body = body, .release = "6.4.0"},
             v612.with(feature::thousand_bytes_intact)) == packets{"6.4.0,6,416,1758426,-;" + body});
  const auto shorter = times('A', 974) + "\n";
  const std::array<dictionary_entry, 1> userdata{{{"key", "val"}}};
  CHECK(sent({.header = header, .body = shorter, .userdata = userdata}, v612) ==
        packets{"6,416,1758426,-;" + shorter + " key=val"});
  CHECK(sent({.header = header, .body = shorter, .userdata = userdata}, v73) ==
        packets{"6,416,1758426,-;" + shorter + " key=val\n"});
}

TEST_CASE("E13: the release is in every fragment and does not count in the offsets") {
  CHECK(sent({.header = header, .body = times('A', 1000) + "\n", .release = "6.4.0"}, v73) ==
        packets{"6.4.0,6,416,1758426,-,ncfrag=0/1001;" + times('A', 964),
                "6.4.0,6,416,1758426,-,ncfrag=964/1001;" + times('A', 36) + "\n"});
}

TEST_CASE("E14 to E16: body, userdata and sysdata are one stream, cut anywhere") {
  const auto v = times('v', 100);
  const std::array<dictionary_entry, 1> one{{{"k", v}}};
  CHECK(sent({.header = header, .body = times('A', 940) + "\n", .userdata = one}, v73) ==
        packets{"6,416,1758426,-,ncfrag=0/1045;" + times('A', 940) + "\n k=" + times('v', 26),
                "6,416,1758426,-,ncfrag=970/1045;" + times('v', 74) + "\n"});
  CHECK(sent({.header = header, .body = times('A', 969) + "\n", .userdata = one}, v73) ==
        packets{"6,416,1758426,-,ncfrag=0/1074;" + times('A', 969) + "\n",
                "6,416,1758426,-,ncfrag=970/1074; k=" + v + "\n"});
  std::array<std::string, 5> values;
  for (std::size_t i = 0; i < 5; ++i) values[i] = times("xyzwv"[i], 199);
  const std::array<dictionary_entry, 5> five{
      {{"a", values[0]}, {"b", values[1]}, {"c", values[2]}, {"d", values[3]}, {"e", values[4]}}};
  CHECK(sent({.header = header,
              .body = times('A', 1024) + "\n",
              .userdata = five,
              .sysdata = {.cpu = 3, .msgid = 7}},
             v73) == packets{"6,416,1758426,-,ncfrag=0/2056;" + times('A', 970),
                             "6,416,1758426,-,ncfrag=970/2056;" + times('A', 54) + "\n a=" + values[0] +
                                 "\n b=" + values[1] + "\n c=" + values[2] + "\n d=" + values[3] +
                                 "\n e=" + times('v', 98),
                             "6,416,1758426,-,ncfrag=1938/2056;" + times('v', 101) + "\n cpu=3\n msgid=7\n"});
}

TEST_CASE("E17: a record is truncated at 2048 bytes, even inside an escape") {
  const auto text = times('\n', 600);
  std::array<char, max_formatted> buffer{};
  const auto record =
      format_extended({.priority = 6, .sequence = 416, .timestamp_us = 1758426, .text = text}, v73, buffer);
  CHECK(record->header == header);
  CHECK(record->header.size() + 1 + record->body.size() == 2048);
  CHECK(record->body.ends_with("\\x0a\\x0\n"));
  const auto fragments = sent({.header = record->header, .body = record->body}, v73);
  REQUIRE(fragments.size() == 3);
  CHECK(fragments[0].ends_with("\\x0a\\x"));
  CHECK(fragments[1].starts_with("6,416,1758426,-,ncfrag=970/2032;0a\\x0a"));
  CHECK(fragments[2].starts_with("6,416,1758426,-,ncfrag=1938/2032;"));
}

TEST_CASE("E18: basic text, cut every 1000 bytes") {
  packets out;
  CHECK(encode_basic(times('x', 1500), [&](std::string_view packet) { out.emplace_back(packet); }) == 2);
  CHECK(out == packets{times('x', 1000), times('x', 500)});
}

TEST_CASE("6.9 to 6.11.3 stop before they send when the body exactly fills a packet and userdata follows") {
  const auto value = times('v', 100);
  const std::array<dictionary_entry, 1> userdata{{{"k", value}}};
  std::size_t stopped = 0, behind_one = 0;
  for (std::size_t size = 950; size < 1000; ++size) {
    const auto body = times('A', size) + "\n";
    const extended_record m{.header = header, .body = body, .userdata = userdata};
    const auto right = sent(m, kernel_profile{6, 11, 4}), wrong = sent(m, kernel_profile{6, 11, 3});
    REQUIRE(right.size() == 2);
    const bool exactly = right[1].find("; k=") != std::string::npos;
    CHECK(wrong == (exactly ? packets{} : right));
    stopped += exactly;
    // Where the body takes two packets, the first one is sent.
    const auto longer = body.substr(0, size) + times('B', 969) + "\n";
    const extended_record second{.header = header, .body = longer, .userdata = userdata};
    const auto all = sent(second, kernel_profile{6, 11, 4});
    if (all.size() == 3 && all[2].find("; k=") != std::string::npos) {
      CHECK(sent(second, kernel_profile{6, 11, 3}) == packets{all[0]});
      ++behind_one;
    }
    // Without userdata there is no rest to lose.
    const extended_record alone{.header = header, .body = body};
    CHECK(sent(alone, kernel_profile{6, 11, 3}) == sent(alone, kernel_profile{6, 11, 4}));
  }
  CHECK(stopped == 1);
  CHECK(behind_one == 1);
}

TEST_CASE("what a kernel cannot send is refused, and nothing goes out") {
  std::size_t calls = 0;
  const auto sink = [&](std::string_view) { ++calls; };
  const std::array<dictionary_entry, 1> userdata{{{"k", "v"}}};
  CHECK(encode({.header = header, .body = "x\n"}, kernel_profile{4, 1, 0}, sink).error().code ==
        text_errc::not_sent_by_kernel);
  CHECK(encode({.header = header, .body = "x\n", .release = "6.1"}, v61, sink).error().code ==
        text_errc::not_sent_by_kernel);
  CHECK(encode({.header = header, .body = "x\n", .userdata = userdata}, v61, sink).error().code ==
        text_errc::not_sent_by_kernel);
  CHECK(encode({.header = header, .body = "x\n", .sysdata = {.cpu = 1}}, v612, sink).error().code ==
        text_errc::not_sent_by_kernel);
  CHECK(encode({.header = header, .body = "x\n", .sysdata = {.taskname = "a"}}, v612, sink).error().code ==
        text_errc::not_sent_by_kernel);
  CHECK(encode({.header = header, .body = "x\n", .sysdata = {.release = "a"}}, v612, sink).error().code ==
        text_errc::not_sent_by_kernel);
  CHECK(encode({.header = header, .body = "x\n", .sysdata = {.msgid = 1}}, kernel_profile{6, 16, 0}, sink)
            .error()
            .code == text_errc::not_sent_by_kernel);
  const auto release = times('r', 990), longer = times('r', 968), fits = times('r', 967),
             body = times('A', 100);
  CHECK(encode({.header = header, .body = body, .release = release}, v73, sink).error().code ==
        text_errc::header_too_long);
  CHECK(encode({.header = header, .body = body, .release = longer}, v73, sink).error().code ==
        text_errc::header_too_long);
  CHECK(calls == 0);
  const auto sent_now = encode({.header = header, .body = body, .release = fits}, v73, sink);
  CHECK(sent_now.value() == calls);
}

TEST_CASE("every packet decodes back to its parts, and encode_to gives the same bytes") {
  const std::vector<std::string> all{
      "6,1,2,-;text\n",
      "7.3.4,6,1,2,c,caller=T1,new=field;text\n k=v\n",
      "7.3.4,6,1,2,-,ncfrag=0/9;abc",
      "** replaying previous printk message **\n6,1,2,-;x\n",
      "7.3.4,** replaying previous printk message **\n6,1,2,-,ncfrag=4/9;x\n",
      "6,1,2,-,a=b,ncfrag=4/9,c=d;x\n",
      "[    1.000000] legacy\n",
      "6.4.0,6,416,1758426,-;" + times('A', 977) + '\0',
  };
  for (const auto& packet : all) {
    std::array<char, 2048> buffer{};
    const auto decoded = decode(packet);
    REQUIRE(decoded);
    CHECK(std::string(buffer.data(), encode_to(buffer.data(), buffer.data() + buffer.size(), *decoded).ptr) ==
          packet);
    CHECK(encode_to(buffer.data(), buffer.data() + packet.size() - 1, *decoded).ec ==
          std::errc::value_too_large);
  }
}

TEST_CASE("what printk and configfs do not accept is refused with its place") {
  const auto refusal = [](const extended_record& m, const kernel_profile& kernel) {
    const auto sent = encode(m, kernel, [](std::string_view) { FAIL("a packet of a refused record"); });
    return sent ? encode_error{} : sent.error();
  };
  using part = record_part;
  const auto header_refusal = [&](std::string_view text, const kernel_profile& kernel = v73) {
    return refusal({.header = text, .body = "x\n"}, kernel);
  };
  CHECK(header_refusal("") == encode_error{text_errc::bad_header, part::header, 0, {0, 0}});
  CHECK(header_refusal("6,1,2") == encode_error{text_errc::bad_header, part::header, 0, {5, 5}});
  CHECK(header_refusal("06,1,2,-") == encode_error{text_errc::bad_header, part::header, 0, {0, 2}});
  CHECK(header_refusal("6,1,2,-;") == encode_error{text_errc::bad_header, part::header, 0, {7, 8}});
  CHECK(header_refusal("6,x,2,-") == encode_error{text_errc::bad_header, part::header, 0, {2, 3}});
  CHECK(header_refusal("6,1,2,x") == encode_error{text_errc::bad_header, part::header, 0, {6, 7}});
  CHECK(header_refusal("6,1,2,-,ncfrag=0/9") ==
        encode_error{text_errc::bad_header, part::header, 0, {7, 18}});
  CHECK(header_refusal("6,1,2,-,caller=X1") ==
        encode_error{text_errc::bad_header, part::header, 0, {15, 17}});
  CHECK(header_refusal("6,1,2,-,caller=T1,x=1") ==
        encode_error{text_errc::bad_header, part::header, 0, {17, 21}});
  CHECK(header_refusal("6,1,2,-,caller=T") == encode_error{text_errc::bad_header, part::header, 0, {16, 16}});
  CHECK(header_refusal("2048,1,2,-") == encode_error{text_errc::bad_priority, part::header, 0, {0, 4}});
  CHECK(header_refusal("6,18446744073709551616,2,-") ==
        encode_error{text_errc::number_out_of_range, part::header, 0, {2, 22}});
  // By version: '+' up to 4.9.194, callers from 5.1 on, the notice of a repeated record from 7.0 on.
  CHECK(header_refusal("6,1,2,+", {4, 9, 195}) ==
        encode_error{text_errc::not_sent_by_kernel, part::header, 0, {6, 7}});
  CHECK(encode({.header = "6,1,2,+", .body = "x\n"}, {4, 9, 194}, [](std::string_view) {}) == 1u);
  CHECK(header_refusal("6,1,2,-,caller=T1", {5, 0, 0}) ==
        encode_error{text_errc::not_sent_by_kernel, part::header, 0, {8, 17}});
  CHECK(encode({.header = "6,1,2,-,caller=T1", .body = "x\n"}, {5, 1, 0}, [](std::string_view) {}) == 1u);
  const auto repeated = std::string{replay_notice} + "\n6,1,2,-";
  CHECK(header_refusal(repeated, {6, 19, 0}).code == text_errc::not_sent_by_kernel);
  CHECK(encode({.header = repeated, .body = "x\n"}, {7, 0, 0}, [](std::string_view) {}) == 1u);

  for (const std::string_view release : {"", "6,1", "6;1", "6\n1"})
    CHECK(refusal({.header = header, .body = "x\n", .release = release}, v73).code == text_errc::bad_release);

  const auto entry_refusal = [&](std::string_view key, std::string_view value) {
    const std::array<dictionary_entry, 2> entries{{{"ok", "1"}, {key, value}}};
    return refusal({.header = header, .body = "x\n", .userdata = entries}, v73);
  };
  const auto long_key = times('k', 54), long_value = times('v', 200);
  CHECK(entry_refusal("", "1") == encode_error{text_errc::bad_userdata_key, part::userdata, 1, {0, 0}});
  CHECK(entry_refusal(long_key, "1") ==
        encode_error{text_errc::bad_userdata_key, part::userdata, 1, {0, 54}});
  CHECK(entry_refusal("a/b", "1") == encode_error{text_errc::bad_userdata_key, part::userdata, 1, {1, 2}});
  CHECK(entry_refusal("..", "1") == encode_error{text_errc::bad_userdata_key, part::userdata, 1, {0, 2}});
  CHECK(entry_refusal("k", long_value) ==
        encode_error{text_errc::bad_userdata_value, part::userdata, 1, {199, 200}});
  CHECK(entry_refusal("k", {"a\0b", 3}) ==
        encode_error{text_errc::bad_userdata_value, part::userdata, 1, {1, 2}});

  // 16 entries up to 6.18, with those of sysdata; 256 from 6.19 on.
  const std::vector<dictionary_entry> many(257, {"k", "v"});
  const auto first = [&](std::size_t count) { return std::span{many}.first(count); };
  const auto with = [&](std::size_t count) {
    return extended_record{.header = header, .body = "x\n", .userdata = first(count)};
  };
  CHECK(encode(with(16), {6, 18, 0}, [](std::string_view) {}));
  CHECK(refusal(with(17), {6, 18, 0}) == encode_error{text_errc::too_many_userdata, part::userdata, 16, {}});
  auto shared = with(16);
  shared.sysdata.cpu = 1;
  CHECK(refusal(shared, {6, 18, 0}) == encode_error{text_errc::too_many_userdata, part::userdata, 15, {}});
  CHECK(encode(shared, {6, 19, 0}, [](std::string_view) {}));
  CHECK(encode(with(256), v73, [](std::string_view) {}));
  CHECK(refusal(with(257), v73) == encode_error{text_errc::too_many_userdata, part::userdata, 256, {}});

  const auto long_task = times('t', 16);
  CHECK(refusal({.header = header, .body = "x\n", .sysdata = {.taskname = long_task}}, v73) ==
        encode_error{text_errc::bad_task_name, part::sysdata, 0, {15, 16}});
}

TEST_CASE("one call makes the packets of a record of the log") {
  const std::array<dictionary_entry, 1> userdata{{{"host", "web17"}}};
  packets out;
  const auto count = encode({.priority = 3, .sequence = 7, .timestamp_us = 9, .text = "a\tb"},
                            {.release = "7.3.4", .userdata = userdata}, v73,
                            [&](std::string_view p) { out.emplace_back(p); });
  CHECK(count == 1u);
  CHECK(out == packets{"7.3.4,3,7,9,-;a\\x09b\n host=web17\n"});
  CHECK(encode({.priority = 2048}, {}, v73, [](std::string_view) {}).error().code == text_errc::bad_priority);
}
