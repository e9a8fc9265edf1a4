// SPDX-License-Identifier: MIT
#include <netcon/receive/double_watch.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <string>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

const time_point start{1h};

endpoint sender(unsigned last, std::uint16_t from = 6665) {
  return {ipv4_address{10, 0, static_cast<std::uint8_t>(last >> 8), static_cast<std::uint8_t>(last & 255)},
          port{from}};
}

/// A watch whose reports are counted.
struct counted : double_watch {
  using double_watch::double_watch;

  void basic(const endpoint& from, const std::string& text, time_point now = start) {
    observe(event::basic{from, text}, now, [&](const event::doubled&) { ++reports; });
  }
  void extended(const endpoint& from, const std::string& text, time_point now = start) {
    const auto packet = "6,1,1,-;" + text + "\n";
    const auto record = decode(packet).value();
    observe(event::record{from, record}, now, [&](const event::doubled&) { ++reports; });
  }
  /// The same line in both forms.
  void both(const endpoint& from, const std::string& text, time_point now = start) {
    extended(from, text, now);
    basic(from, "[    1.000001] " + text, now);
  }

  unsigned reports = 0;
};

std::string line(unsigned number) {
  return "usb 1-1: new device number " + std::to_string(number);
}

}  // namespace

TEST_CASE("the same lines in both forms are reported once") {
  counted watch;
  for (unsigned i = 0; i < 100; ++i) {
    CHECK(watch.reports == (i <= double_watch::needed ? 0 : 1));
    watch.both(sender(1), line(i));
  }
  CHECK(watch.reports == 1);
}

TEST_CASE("whatever the ports are, and which form comes first") {
  counted watch;
  for (unsigned i = 0; i <= double_watch::needed; ++i) {
    watch.basic(sender(1, 6665), "<6>[    1.000001][    T1] " + line(i));
    watch.extended(sender(1, 6666), line(i), start + 1s);
  }
  CHECK(watch.reports == 1);
}

TEST_CASE("of a record with several lines the first counts, and escapes are undone") {
  counted watch;
  for (unsigned i = 0; i <= double_watch::needed; ++i) {
    watch.extended(sender(1), line(i) + "\\x09tab\\x0asecond line");
    watch.basic(sender(1), line(i) + "\ttab");
    watch.basic(sender(1), "second line");
  }
  CHECK(watch.reports == 1);
}

TEST_CASE("two machines, other texts, one form and short lines are no reason") {
  counted watch;
  for (unsigned i = 0; i < 100; ++i) {
    watch.extended(sender(1), line(i));
    watch.basic(sender(2), line(i));
    watch.both(sender(3), "short");
    watch.extended(sender(4), line(i));
    watch.basic(sender(4), line(i + 1000));
    watch.extended(sender(5), line(1));
    watch.basic(sender(6), line(1));
  }
  CHECK(watch.reports == 0);
}

TEST_CASE("what comes much later is another line") {
  counted watch;
  for (unsigned i = 0; i < 100; ++i) {
    const auto now = start + i * 1min;
    watch.extended(sender(1), line(i), now);
    watch.basic(sender(1), line(i), now + double_watch::apart + 1ms);
  }
  CHECK(watch.reports == 0);
  for (unsigned i = 0; i < double_watch::needed; ++i) {
    const auto now = start + 24h + i * 1min;
    watch.extended(sender(1), line(i), now);
    watch.basic(sender(1), line(i), now + double_watch::apart);
  }
  CHECK(watch.reports == 1);
}

TEST_CASE("a line has one counterpart") {
  counted watch;
  watch.both(sender(1), line(0));
  watch.extended(sender(1), line(1));
  for (unsigned i = 0; i < 100; ++i) watch.basic(sender(1), line(1));
  CHECK(watch.reports == 0);
  SECTION("nor does it wait once it has met it") {
    watch = counted{};
    watch.both(sender(1), line(0));
    for (unsigned i = 1; i < double_watch::needed; ++i) {
      watch.both(sender(1), line(i));
      watch.extended(sender(1), line(i));
    }
    CHECK(watch.reports == 0);
  }
}

TEST_CASE("a backslash of the text is escaped in the extended form only, and eight characters are enough") {
  counted watch;
  for (unsigned i = 0; i <= double_watch::needed; ++i) {
    const auto number = std::to_string(i);
    watch.extended(sender(1), "C:\\x5cx41." + number);
    watch.basic(sender(1), "C:\\x41." + number);
  }
  CHECK(watch.reports == 1);
}

TEST_CASE("what the kernel repeats, and lines that are cut, do not count") {
  counted watch;
  const auto from = sender(1);
  for (unsigned i = 0; i < 100; ++i) {
    watch.extended(from, line(i));
    const auto text = line(i);
    const auto report = [&](const event::doubled&) { ++watch.reports; };
    watch.observe(event::basic{from, text, false}, start, report);
    watch.observe(event::basic{from, text, true, true}, start, report);
  }
  CHECK(watch.reports == 0);
}

TEST_CASE("of more addresses than may be known the one silent for longest is forgotten") {
  counted watch{hash_key{}, 2};
  for (unsigned i = 1; i <= double_watch::needed; ++i) watch.both(sender(1), line(i));
  watch.both(sender(2), line(1));
  watch.both(sender(3), line(1));
  CHECK(watch.size() == 2);
  watch.both(sender(1), line(0));
  CHECK(watch.reports == 0);
}

TEST_CASE("who sends is not forgotten") {
  counted watch{hash_key{}, 2};
  for (unsigned i = 0; i < double_watch::needed; ++i) watch.both(sender(1), line(i));
  watch.both(sender(2), line(0));
  watch.basic(sender(1), "short");
  watch.both(sender(3), line(0));
  watch.both(sender(1), line(100));
  CHECK(watch.reports == 1);
}
