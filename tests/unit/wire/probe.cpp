// SPDX-License-Identifier: MIT
#include <netcon/wire/probe.hpp>

#include <netcon/wire/decode.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/escape.hpp>

#include "support/catch.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace netcon;
using namespace std::string_literals;

namespace {

constexpr std::string_view probe_text =
    "netcon-probe 1 0123456789abcdef info: netcon test asks whether this line reaches its receivers; it is "
    "no "
    "fault and needs no action";
constexpr std::string_view answer_text = "netcon-answer 1 0123456789abcdef info seen 10.0.0.7:6665 lost 3";
constexpr std::string_view opening_text = "netcon-opening 1 0123456789abcdef";
constexpr std::uint64_t nonce = 0x0123456789abcdef;

constexpr endpoint widest = *endpoint::parse("[1111:1111:1111:1111:1111:1111:1111:1111]:65535");

template <class T>
constexpr std::size_t written_size(const T& value) {
  std::array<char, 512> out{};
  const auto [end, code] = to_chars(out.data(), out.data() + out.size(), value);
  return code == std::errc{} ? static_cast<std::size_t>(end - out.data()) : 0;
}

// The promise of docs/wire.md: whatever a receiver has to say, it says in fewer bytes than it was asked with.
static_assert([] {
  for (unsigned value = 0; value < 8; ++value) {
    const auto at = static_cast<level>(value);
    const probe_answer longest{nonce, at, widest, std::numeric_limits<std::uint64_t>::max()};
    if (written_size(longest) >= written_size(probe{nonce, at})) return false;
  }
  return true;
}());
static_assert(probe::parse(probe_text) == probe{nonce, level::info});
static_assert(probe_opening::parse(opening_text) == probe_opening{nonce});
static_assert(probe_answer::parse(answer_text) ==
              probe_answer{nonce, level::info, {ipv4_address{10, 0, 0, 7}, port{6665}}, 3});

}  // namespace

TEST_CASE("each text is written as it is read") {
  CHECK(to_string(probe{nonce, level::info}) == probe_text);
  CHECK(to_string(probe_opening{nonce}) == opening_text);
  CHECK(to_string(probe_answer{nonce, level::info, {ipv4_address{10, 0, 0, 7}, port{6665}}, 3}) ==
        answer_text);
  for (unsigned value = 0; value < 8; ++value) {
    const probe one{~std::uint64_t{0} - value, static_cast<level>(value)};
    CHECK(probe::parse(to_string(one)) == one);
    CHECK(to_string(one).size() <= probe::max_text);
    const probe_answer most{one.nonce, one.level, widest, std::numeric_limits<std::uint64_t>::max()};
    CHECK(probe_answer::parse(to_string(most)) == most);
    CHECK(to_string(most).size() <= probe_answer::max_text);
  }
  CHECK(escape(probe_text) == probe_text);  // an extended record has it unchanged
}

TEST_CASE("a scope, which means something to the receiver only, is not sent") {
  const probe_answer here{nonce, level::err, {*ip_address::parse("fe80::2"), port{6665}, 3}, 0};
  CHECK(to_string(here) == "netcon-answer 1 0123456789abcdef err seen [fe80::2]:6665 lost 0");
}

TEST_CASE("a buffer may be too small") {
  std::array<char, 100> small{};
  CHECK(to_chars(small.data(), small.data() + small.size(), probe{}).ec == std::errc::value_too_large);
  CHECK(to_chars(small.data(), small.data() + 20, probe_answer{}).ec == std::errc::value_too_large);
  CHECK(to_chars(small.data(), small.data() + 32, probe_opening{}).ec == std::errc::value_too_large);
}

TEST_CASE("any other text is no probe") {
  const std::string good{probe_text};
  const auto with = [&](std::string_view part, std::string_view other) {
    auto text = good;
    text.replace(text.find(part), part.size(), other);
    return text;
  };
  for (const auto& text :
       {""s, good + ' ', good + '\n', ' ' + good, good.substr(0, good.size() - 1), with("probe 1", "probe 2"),
        with("abcdef", "ABCDEF"), with("abcdef", "abcde"), with("abcdef", "abcdefa"),
        with("abcdef", "abcdeg"), with("info", "6"), with("info", "INFO"), with("info", "inform"),
        with("info: ", "info:"), with("no fault", "no  fault"), std::string{opening_text},
        std::string{answer_text}})
    CHECK_FALSE(probe::parse(text));
}

TEST_CASE("any other text is no answer and no opening") {
  const std::string good{answer_text};
  CHECK(probe_answer::parse(good + '\n'));
  CHECK(probe_opening::parse(std::string{opening_text} + '\n'));
  for (const auto& text :
       {""s, good + ' ', good + "\n\n", good + "0x", good + "00000000000000000000",
        good.substr(0, good.size() - 1), "netcon-answer 1 0123456789abcdef info seen 10.0.0.7:6665 lost 03"s,
        "netcon-answer 1 0123456789abcdef info seen 10.0.0.7 lost 3"s,
        "netcon-answer 1 0123456789abcdef info seen [fe80::1%2]:6665 lost 3"s,
        "netcon-answer 1 0123456789abcdef info seen 10.0.0.7:66650 lost 3"s,
        "netcon-answer 1 0123456789abcdef loud seen 10.0.0.7:6665 lost 3"s, std::string{probe_text}})
    CHECK_FALSE(probe_answer::parse(text));
  for (const auto& text : {""s, std::string{opening_text} + "0", std::string{opening_text} + "\n\n",
                           "netcon-opening 1 0123456789abcde"s})
    CHECK_FALSE(probe_opening::parse(text));
}

TEST_CASE("what the sockets of the tool send is told from what a kernel sends") {
  const auto opening = to_string(probe_opening{0x0123456789abcdef});
  const auto question = std::string{contact_question};
  for (const auto& text : {opening, opening + '\n', question, question.substr(0, question.size() - 1)}) {
    INFO(text);
    CHECK(is_from_socket(text));
    CHECK_FALSE(is_from_socket(text + "x"));
    CHECK_FALSE(is_from_socket("x" + text));
  }
  for (const auto* text : {"", "\n", "netcon doctor", "netcon doctor: does anything listen here"})
    CHECK_FALSE(is_from_socket(text));
}

TEST_CASE("a probe is found in both forms, at the level that it says") {
  const auto in = [](std::string_view packet) { return find_probe(*decode(packet)); };
  const std::string text{probe_text};
  const probe wanted{nonce, level::info};
  CHECK(in("14,339,5140900,-;" + text + "\n") == wanted);
  CHECK(in("6.12.117,14,339,5140900,-,caller=T1;" + text + "\n host=web17\n") == wanted);
  CHECK(in(text + "\n") == wanted);
  CHECK(in("[    5.140900] " + text + "\n") == wanted);
  CHECK(in("<14>[    5.140900][    T1] " + text + "\n[    5.2] more\n") == wanted);
  CHECK(find_probe("[    5.140900] " + text) == wanted);

  CHECK_FALSE(in("11,339,5140900,-;" + text + "\n"));  // err, where the text says info
  CHECK_FALSE(in("<11>[    5.140900] " + text + "\n"));
  CHECK_FALSE(in("14,339,5140900,-;a " + text + "\n"));
  CHECK_FALSE(in("a\n" + text + "\n"));
}

TEST_CASE("of a fragmented probe the first fragment has it, and no other") {
  const std::string value(190, 'x'), body{std::string{probe_text} + '\n'};
  std::vector<dictionary_entry> userdata;
  const std::array keys{"a"s, "b"s, "c"s, "d"s, "e"s, "f"s};
  for (const auto& key : keys) userdata.push_back({key, value});
  std::vector<std::string> packets;
  const auto sent =
      encode({.header = "14,339,5140900,-", .body = body, .userdata = userdata}, kernel_profile::latest(),
             [&](std::string_view packet) { packets.emplace_back(packet); });
  REQUIRE(sent);
  REQUIRE(packets.size() == 2);
  CHECK(find_probe(*decode(packets[0])) == probe{nonce, level::info});
  CHECK_FALSE(find_probe(*decode(packets[1])));
}

TEST_CASE("the texts are ordered and hashed as values are") {
  CHECK(probe{1, level::info} < probe{2, level::err});
  CHECK(probe_opening{1} < probe_opening{2});
  CHECK(std::hash<probe>{}(probe{1}) != std::hash<probe>{}(probe{2}));
  CHECK(std::hash<probe_opening>{}(probe_opening{1}) == std::hash<probe_opening>{}(probe_opening{1}));
  const auto answer = [](std::uint64_t of) { return probe_answer{.nonce = of, .seen = {}}; };
  CHECK(std::hash<probe_answer>{}(answer(1)) != std::hash<probe_answer>{}(answer(2)));
}
