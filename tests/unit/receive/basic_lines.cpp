// SPDX-License-Identifier: MIT
#include <netcon/receive/basic_lines.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;
using told = std::vector<std::string>;

namespace {

struct bench {
  basic_lines lines;
  told got;
  time_point now{time_point{} + 1h};

  auto sink() {
    return [this](const auto& line) {
      if constexpr (std::is_same_v<decltype(line), const folded_lines&>) {
        got.push_back("folded " + std::to_string(line.count));
      } else if constexpr (requires { line.count; }) {
        got.push_back("lost " + std::to_string(line.count));
      } else {
        got.push_back(std::string{line.text} + (line.complete ? "|" : "...") +
                      (line.replayed ? " replayed" : ""));
      }
    };
  }
  told push(std::string_view text, std::size_t most = 100) {
    lines.push(text, now, most, sink());
    return std::exchange(got, {});
  }
  told flush() {
    lines.flush(sink());
    return std::exchange(got, {});
  }
};

}  // namespace

TEST_CASE("lines inside one packet are views into it, and nothing waits") {
  const std::string packet = "one\n\ntwo\n";
  std::vector<const char*> places;
  basic_lines lines;
  lines.push(packet, {}, 100, [&](const auto& line) {
    if constexpr (requires { line.text; }) places.push_back(line.text.data());
  });
  CHECK(places == std::vector<const char*>{packet.data(), packet.data() + 4, packet.data() + 5});
  CHECK(lines.empty());
  CHECK(lines.bytes() == 0);
}

TEST_CASE("a line waits for its newline since its first part came") {
  bench b;
  CHECK(b.push("one\ntw") == told{"one|"});
  CHECK(!b.lines.empty());
  CHECK(b.lines.bytes() == 2);
  CHECK(b.lines.since() == b.now);
  b.now += 1s;
  CHECK(b.push("o").empty());
  CHECK(b.lines.since() == b.now - 1s);
  CHECK(b.push("!\n\nthree") == told{"two!|", "|"});
  CHECK(b.lines.since() == b.now);
  CHECK(b.flush() == told{"three..."});
  CHECK(b.lines.empty());
  CHECK(b.flush().empty());
}

TEST_CASE("a line above the limit comes in parts; one of exactly the limit does not") {
  bench b;
  CHECK(b.push("12345\n", 5) == told{"12345|"});
  CHECK(b.push("123456\n", 5) == told{"12345...", "6|"});
  CHECK(b.push("1234", 5).empty());
  CHECK(b.push("5\n", 5) == told{"12345|"});
  CHECK(b.push("123", 5).empty());
  CHECK(b.push("456789\n", 5) == told{"12345...", "6789|"});
  CHECK(b.push("1234567890123", 5) == told{"12345...", "67890..."});
  CHECK(b.lines.bytes() == 3);
  CHECK(b.push("\n", 5) == told{"123|"});
}

TEST_CASE("notices are what they say, also in two packets") {
  bench b;
  CHECK(b.push("** 3 printk messages dropped **\nx\n") == told{"lost 3", "x|"});
  CHECK(b.push("** 4 printk mess").empty());
  CHECK(b.push("ages dropped **\n") == told{"lost 4"});
  CHECK(b.push("** something else **\n") == told{"** something else **|"});
  CHECK(b.push(std::string{replay_notice} + "\nx\ny\n") == told{"x| replayed", "y|"});
}

TEST_CASE("a notice of a replay waits for its line, and no longer than until flush()") {
  bench b;
  CHECK(b.push(std::string{replay_notice} + "\n").empty());
  CHECK(!b.lines.empty());
  CHECK(b.lines.bytes() == 0);
  CHECK(b.lines.since() == b.now);
  b.now += 1s;
  CHECK(b.push("x").empty());
  CHECK(b.lines.since() == b.now);
  CHECK(b.flush() == told{"x... replayed"});
  b.push(std::string{replay_notice} + "\n");
  CHECK(b.flush().empty());
  CHECK(b.lines.empty());
  CHECK(b.push("x\n") == told{"x|"});
}
