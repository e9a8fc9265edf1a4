// SPDX-License-Identifier: MIT
// Records that contradict each other or cannot be: what a forger sends beside a kernel.
#include <netcon/core/overloaded.hpp>
#include <netcon/receive/collector.hpp>

#include "support/catch.hpp"
#include "support/event_log.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

const endpoint box{ipv4_address{10, 0, 0, 1}, port{6665}};
const endpoint other{ipv4_address{10, 0, 0, 2}, port{6665}};

std::string rec(std::uint64_t sequence, const std::string& text, const std::string& userdata = {}) {
  return "6," + std::to_string(sequence) + "," + std::to_string(1000 + sequence) + ",-;" + text + "\n" +
         userdata;
}

struct bench {
  explicit bench(const collector::limits& limits = {}) : all{limits} {}

  lines push(const std::string& packet, const endpoint& from = box) {
    all.push(from, packet, now, log);
    return log.take();
  }

  collector all;
  time_point now{time_point{} + 1h};
  test::event_log log;
};

}  // namespace

TEST_CASE("another text with the number and time of a record is no duplicate") {
  bench b;
  CHECK(b.push(rec(1, "forged")) == lines{"record 1 forged"});
  CHECK(b.push(rec(1, "honest")) == lines{"record 1 honest conflict"});
  CHECK(b.push(rec(1, "forged")) == lines{"duplicate 1 forged"});
  CHECK(b.push(rec(2, "next")) == lines{"record 2 next"});
  CHECK(b.all.stats().records == 3);
}

TEST_CASE("a text is compared to its end, and without what comes behind it") {
  bench b;
  const std::string text(3000, 'x');
  b.push(rec(1, text + "a", " cpu=1\n"));
  CHECK(b.push(rec(1, text + "a", " cpu=2\n msgid=7\n")).front().starts_with("duplicate"));
  CHECK(b.push(rec(1, text + "b", " cpu=1\n")).front().ends_with(" conflict"));
  CHECK(b.push(rec(1, text, " cpu=1\n")).front().ends_with(" conflict"));
}

TEST_CASE("a kernel's NUL for the newline is no part of the text") {
  // Linux 6.6 to 7.1, packets of exactly 1,000 bytes that begin with the release.
  const std::string head = "6.12.1,6,1,1001,-;";
  const std::string text(1000 - head.size() - 1, 'x');
  bench b;
  CHECK(b.push(head + text + '\0') == lines{"record 1 " + text});
  CHECK(b.push(head + text + '\0') == lines{"duplicate 1 " + text});
  CHECK(b.push(head + "y" + text.substr(1) + '\0') == lines{"record 1 y" + text.substr(1) + " conflict"});
}

TEST_CASE("a text that was pushed out by others is not taken for a repeat") {
  bench b;
  b.push(rec(1, "text"));
  for (std::uint64_t i = 0; i < 2000; ++i) b.push(rec(i, std::string(900, 'x')), other);
  CHECK(b.push(rec(1, "text")) == lines{"record 1 text conflict"});
}

TEST_CASE("a queued record does not pre-empt another text") {
  collector::limits limits;
  limits.reorder = 50ms;
  bench b{limits};
  b.push(rec(1, "one"));
  CHECK(b.push(rec(3, "forged")).empty());
  CHECK(b.push(rec(3, "honest")) == lines{"record 3 honest conflict"});
  CHECK(b.push(rec(3, "forged")) == lines{"duplicate 3 forged"});
}

TEST_CASE("a long record is put together though a short one has its number") {
  bench b;
  b.push(rec(1, "forged"));
  CHECK(b.push("6,1,1001,-,ncfrag=0/12;honest") == lines{"duplicate 1 honest"});
  CHECK(b.push("6,1,1001,-,ncfrag=6/12; text\n") ==
        lines{"record 1 honest text conflict", "duplicate 1  text"});
  // The same again, and one that never becomes whole.
  b.push(rec(2, "text"));
  b.push("6,2,1002,-,ncfrag=0/5;te");
  CHECK(b.push("6,2,1002,-,ncfrag=2/5;xt\n") == lines{"duplicate 2 xt"});
  b.push("6,2,1002,-,ncfrag=0/9;te");
  b.now += 5s;
  b.all.expire(b.now, b.log);
  CHECK(b.log.take().empty());
}

TEST_CASE("more than a kernel can have made is reported as impossible, and is in no total") {
  bench b;
  b.push(rec(1, "a", " msgid=1\n"));
  CHECK(b.push(rec(2, "b", " msgid=2000000001\n")).front() == "lost impossibly 1999999999");
  CHECK(b.push("** 18446744073709551615 printk messages dropped **\n") ==
        lines{"lost impossibly 18446744073709551615"});
  CHECK(b.push(rec(1ull << 40, "c"), other) == lines{"record 1099511627776 c"});
  CHECK(b.push(rec(1ull << 50, "d"), other).front().starts_with("lost impossibly "));
  CHECK(b.all.stats().impossible == 3);
  CHECK(b.all.stats().lost == 0);
  // After an hour's silence a billion is possible.
  b.now += 1h;
  CHECK(b.push("** 1000000000 printk messages dropped **\n") == lines{"lost announced 1000000000"});
  CHECK(b.all.stats().lost == 1000000000);
  CHECK(b.all.stats().lost_announced == 1000000000);
}

TEST_CASE("only a sequence gap has a first number") {
  bench b;
  b.push(rec(1, "a"));
  const auto first_of = [&](std::uint64_t number) {
    std::uint64_t first = 7;
    const auto sink = overloaded{[&](const event::lost& e) { first = e.first_sequence; }, ignore_rest};
    b.all.push(other, rec(number, "a"), b.now, sink);
    return first;
  };
  CHECK(first_of(1) == 7);
  CHECK(first_of(4) == 2);
  CHECK(first_of(1ull << 50) == 0);
}

TEST_CASE("totals stop at their largest value") {
  bench b;
  b.now = time_point{} + std::chrono::hours{24 * 365 * 250};
  const std::string most = "** 7000000000000000 printk messages dropped **\n";
  for (int i = 0; i < 4000; ++i)
    b.push(most,
           {ipv4_address{10, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}, port{1}});
  CHECK(b.all.stats().lost == ~std::uint64_t{0});
  b.push(rec(1, "a"));
  b.push(rec(5, "b"));
  CHECK(b.all.stats().lost == ~std::uint64_t{0});
  CHECK(b.all.stats().lost_inferred == 3);
}

TEST_CASE("a msgid that a task's name may hold is believed only from a target that counts") {
  bench b;
  b.push(rec(1, "a", " taskname=x\n msgid=9\n"));
  CHECK(b.push(rec(4, "b", " taskname=x\n msgid=9\n")) == lines{"lost 2+2", "record 4 b"});
  // The name of a task has 15 bytes at most: this line is the kernel's.
  b.push(rec(5, "c", " taskname=kworker/0:1\n msgid=10\n"));
  CHECK(b.push(rec(6, "d", " taskname=x\n msgid=12\n")) == lines{"lost certainly 1", "record 6 d"});
}

TEST_CASE("empty lines in a row of one packet are folded") {
  bench b;
  CHECK(b.push("\n\n") == lines{"legacy ", "legacy "});
  CHECK(b.push("\n\n\n\n\nx\n\n") == lines{"legacy ", "legacy ", "folded 3", "legacy x", "legacy "});
  CHECK(b.push("begun").empty());
  CHECK(b.push("\n\n\n\n") == lines{"legacy begun", "legacy ", "legacy ", "folded 1"});
  CHECK(b.all.stats().folded == 4);
}

TEST_CASE("a packet of many lines is cut into a bounded number of events, and no byte is lost") {
  bench b;
  std::string packet;
  for (int i = 0; i < 500; ++i) packet += "x\n";
  std::vector<std::string> got;
  b.all.push(box, packet, b.now, [&](const auto& event) {
    if constexpr (requires { event.complete; })
      got.push_back(std::string{event.text} + (event.complete ? "\n" : ""));
  });
  CHECK(got.size() == basic_lines::most_lines + 1);
  std::string all;
  for (const auto& line : got) all += line;
  CHECK(all == packet);
}
