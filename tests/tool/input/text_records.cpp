// SPDX-License-Identifier: MIT
#include "input/text_records.hpp"

#include "support/catch.hpp"

#include <unistd.h>

#include <string>
#include <vector>

TEST_CASE("a <N> in front of a line is its priority, as in writes to /dev/kmsg") {
  struct row {
    std::string_view line;
    unsigned priority;
    std::string_view text;
  };
  constexpr std::uint8_t user = 1, info = 6;
  const row rows[] = {
      {"plain", 14, "plain"},   {"<3>x", 11, "x"},
      {"<0>x", 8, "x"},         {"<30>x", 30, "x"},
      {"<2047>x", 2047, "x"},   {"<2051>x", 11, "x"},
      {"<>x", 14, "<>x"},       {"<3x", 14, "<3x"},
      {"< 3>x", 14, "< 3>x"},   {"<-3>x", 14, "<-3>x"},
      {"<3> x", 11, " x"},      {"", 14, ""},
      {"<6>", 14, ""},          {"<3><4>x", 11, "<4>x"},
      {"a <3>b", 14, "a <3>b"}, {"<99999999999999999999999>x", 14, "<99999999999999999999999>x"},
  };
  for (const auto& [line, priority, text] : rows) {
    INFO(line);
    const auto read = tool::read_priority(line, user, info);
    CHECK(read.priority == priority);
    CHECK(read.text == text);
  }
  CHECK(tool::read_priority("x", 0, 3).priority == 3);
  CHECK(tool::read_priority("<5>x", 0, 3).priority == 5);
}

TEST_CASE("a line is cut so that every piece fits a record") {
  CHECK(tool::record_length("") == 0);
  CHECK(tool::record_length(std::string(1023, 'x')) == 1023);
  CHECK(tool::record_length(std::string(5000, 'x')) == 1023);
  CHECK(tool::record_length(std::string(5000, '\x01')) == 474);  // four bytes each on the wire
  std::string accents;
  for (int i = 0; i < 600; ++i) accents += "\xc3\xa9";
  CHECK(tool::record_length(accents) == 474);  // 237 characters, none in two
  CHECK(tool::record_length("x" + accents) == 475);
}

TEST_CASE("lines come as they are written, the last one without a newline too") {
  int ends[2], stop[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::pipe(stop) == 0);
  const std::string input = "one\n\ntwo\nthree";
  REQUIRE(::write(ends[1], input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  ::close(ends[1]);
  std::vector<std::string> lines;
  CHECK(tool::read_lines(ends[0], "a pipe", stop[0], [&](std::string_view line) {
          lines.emplace_back(line);
        }).has_value());
  CHECK(lines == std::vector<std::string>{"one", "", "two", "three"});
  for (const int fd : {ends[0], stop[0], stop[1]}) ::close(fd);
}
