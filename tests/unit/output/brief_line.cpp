// SPDX-License-Identifier: MIT
#include <netcon/output/brief_line.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace netcon;
using namespace std::string_literals;

namespace {

const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};
const endpoint other_port{ipv4_address{10, 0, 0, 5}, port{7}};
const endpoint other{ipv4_address{10, 0, 0, 6}, port{6665}};

/// Lines of several events, newlines as '|'.
class screen {
 public:
  explicit screen(bool colour = false, std::size_t columns = 0) : lines_{colour} {
    lines_.set_width(columns);
  }

  screen& record(std::string_view packet, const endpoint& from = sender, std::string_view host = {}) {
    const auto decoded = decode(packet).value();
    lines_.append(out_, {{}, host}, event::record{from, decoded});
    return *this;
  }
  template <class Event>
  screen& event(const Event& event) {
    lines_.append(out_, {}, event);
    return *this;
  }
  brief_lines& lines() { return lines_; }
  std::string& out() { return out_; }
  std::string text() const {
    auto out = out_;
    for (auto& c : out)
      if (c == '\n') c = '|';
    return out;
  }

 private:
  brief_lines lines_;
  std::string out_;
};

}  // namespace

TEST_CASE("time, host and text; the level is a word without colours and a colour with them") {
  CHECK(screen{}.record("4,1,2,-,caller=T1;disk\n host=a\n").text() == "00:00:00 10.0.0.5 warning disk|");
  CHECK(screen{true}.record("4,1,2,-;disk\n", sender, "web").text() ==
        "\x1b[2m00:00:00\x1b[0m \x1b[34mweb\x1b[0m \x1b[33mdisk\x1b[0m|");
  CHECK(screen{true}.record("6,1,2,-;disk\n", sender, "web").text() ==
        "\x1b[2m00:00:00\x1b[0m \x1b[34mweb\x1b[0m disk|");
}

TEST_CASE("an address has its port once it has sent from two") {
  CHECK(screen{}
            .record("6,1,2,-;a\n")
            .record("6,1,2,-;b\n", other_port)
            .record("6,2,2,-;c\n")
            .record("6,1,2,-;d\n", other)
            .record("6,1,2,-;e\n", other, "web")
            .text() ==
        "00:00:00 10.0.0.5 info    a|00:00:00 10.0.0.5:7 info    b|00:00:00 10.0.0.5:6665 info    c|"
        "00:00:00 10.0.0.6      info    d|00:00:00 web           info    e|");
}

TEST_CASE("continuation lines are indented, and what is wider than the terminal goes on") {
  CHECK(screen{}.record("6,1,2,-;first\\x0asecond\n", sender, "web").text() ==
        "00:00:00 web info    first|                       second|");
  // 41 columns: 21 before the text, 2 deeper, and 20 of text in the first line.
  CHECK(screen{false, 43}.record("6,1,2,-;a word after a word and so on\n", sender, "web").text() ==
        "00:00:00 web info    a word after a word|                       and so on|");
  // A symbol without blanks is broken where the line ends; a character of two columns is not.
  CHECK(screen{false, 43}.record("6,1,2,-;abcdefghijklmnopqrstuv0123456789\n", sender, "web").text() ==
        "00:00:00 web info    abcdefghijklmnopqrstuv|                       0123456789|");
  CHECK(screen{false, 43}.record("6,1,2,-;abcdefghijklmnopqrstu\\xe4\\xb8\\xad\n", sender, "web").text() ==
        "00:00:00 web info    abcdefghijklmnopqrstu|                       \xe4\xb8\xad|");
  // A terminal that is too narrow for that wraps by itself.
  CHECK(screen{false, 30}.record("6,1,2,-;a word after a word and so on\n", sender, "web").text() ==
        "00:00:00 web info    a word after a word and so on|");
}

TEST_CASE("every width shows the whole text") {
  const std::string text =
      "one two  three \xc3\xa9\xc3\xa9\xc3\xa9 four-five-six-seven-eight-nine-ten-eleven-twelve";
  const auto letters = [](std::string_view all) {
    std::string out;
    for (const char c : all)
      if (c != ' ' && c != '\n') out += c;
    return out;
  };
  for (std::size_t columns = 0; columns < 120; ++columns) {
    screen one{false, columns};
    one.record("6,1,2,-;" + text + "\n", sender, "web");
    CHECK(letters(one.out()) == letters("00:00:00 web info " + text));
  }
}

TEST_CASE("events without a record, partial records, and crashes") {
  CHECK(screen{}.event(event::lost{sender, loss::msgid_gap, 0, 2}).text() ==
        "00:00:00 10.0.0.5 -       -- 2 records lost: the sender counted them|");
  CHECK(screen{}.event(event::basic{sender, "<4>[    1.000000] text"}).text() ==
        "00:00:00 10.0.0.5 warning text|");
  const auto record = decode("3,1,2,-;x\n").value();
  CHECK(screen{}.event(event::duplicate{sender, record}).text().empty());
  CHECK(screen{}.event(event::late{sender, record}).text() == "00:00:00 10.0.0.5 err     (late) x|");
  const std::string packet = "3,104,2,-,ncfrag=0/12;abcdij\nk";
  const auto whole = decode("3,104,2,-,ncfrag=0/12;x").value().whole(packet);
  const text_range missing[] = {{4, 8}};
  CHECK(screen{}.event(event::partial{sender, whole, missing}).text() ==
        "00:00:00 10.0.0.5 err     abcd[... 4 bytes missing ...]ij|                            k|"
        "00:00:00 10.0.0.5 -       -- partial: 4 of 12 bytes of record 104 are missing|");

  screen crash{true};
  crash.lines().set_apart(true);
  crash.record("6,1,2,-;trace\\x0aline\n", sender, "web");
  crash.lines().append_crash(crash.out(), {{}, "web"}, sender, "crashed: BUG \x1b");
  CHECK(
      crash.text() ==
      "\x1b[2m00:00:00\x1b[0m \x1b[34mweb\x1b[0m \x1b[31m| \x1b[0mtrace|             \x1b[31m| \x1b[0m  line|"
      "\x1b[2m00:00:00\x1b[0m \x1b[34mweb\x1b[0m \x1b[31m| \x1b[0m\x1b[1;41m* crashed: BUG \\x1b\x1b[0m|");
}

TEST_CASE("nothing that a terminal obeys, and none of our marks, comes from a sender") {
  const auto text =
      screen{}.record("6,1,2,-;(late) \\x1b[2J [... 5 bytes\\x0a(conflict) x\n", sender, "web").text();
  CHECK(text.find('\x1b') == text.npos);
  CHECK(text ==
        "00:00:00 web info    \\x28late) \\x1b[2J \\x5b... 5 bytes|                       \\x28conflict) x|");
}
