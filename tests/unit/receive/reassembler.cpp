// SPDX-License-Identifier: MIT
#include <netcon/receive/reassembler.hpp>

#include <netcon/wire/encode.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

const endpoint sender{ipv4_address{10, 0, 0, 1}, port{6665}};

struct outcome {
  std::string text;
  std::string body;
  std::string padded;  // with a '?' for each byte that is missing
  std::vector<text_range> missing;
  bool conflict = false;
};

std::string padded(const assembled& m) {
  std::string out;
  m.body().visit(
      [&](std::size_t offset, std::string_view bytes) {
        CHECK(out.size() == offset);
        out += bytes;
      },
      [&](text_range gap) { out.append(gap.size(), '?'); });
  CHECK(out.size() == m.body().total());
  return out;
}

struct bench {
  explicit bench(const reassembler::limits& limits = {}) : parts{limits} {}

  auto sink() {
    return [this](const assembled& m) {
      got.push_back({std::string{m.record.text()},
                     std::string{m.record.body()},
                     padded(m),
                     {m.missing.begin(), m.missing.end()},
                     m.conflict});
    };
  }
  reassembler::progress push(const std::string& packet, time_point now = {}, const endpoint& from = sender) {
    return parts.push(from, decode(packet).value(), now, sink());
  }

  reassembler parts;
  std::vector<outcome> got;
};

std::vector<std::string> fragments_of(const std::string& body, std::uint64_t sequence = 416) {
  const auto header = "6," + std::to_string(sequence) + ",1758426,-";
  std::vector<std::string> packets;
  encode({.header = header, .body = body}, kernel_profile::latest(), [&](std::string_view packet) {
    packets.emplace_back(packet);
  }).value();
  return packets;
}

std::string part_of(std::size_t offset, std::size_t total, std::string_view bytes) {
  return "6,416,1758426,-,ncfrag=" + std::to_string(offset) + "/" + std::to_string(total) + ";" +
         std::string{bytes};
}

}  // namespace

TEST_CASE("a whole record is delivered as the view that it is") {
  reassembler parts;
  const std::string packet = "6,1,2,-;text\n";
  const char* seen = nullptr;
  const auto became = parts.push(sender, decode(packet).value(), {}, [&](const assembled& m) {
    seen = m.record.wire().data();
    CHECK(m.complete());
    CHECK(!m.conflict);
    CHECK(m.numbering == numbering::pending);
  });
  CHECK(became == reassembler::progress::whole);
  CHECK(seen == packet.data());
  CHECK(!parts.deadline());
}

TEST_CASE("fragments in any order, repeated or not, give the record") {
  const auto body = std::string(2500, 'A') + "\n key=" + std::string(150, 'v') + "\n";
  auto packets = fragments_of(body);
  REQUIRE(packets.size() == 3);
  std::ranges::sort(packets);
  do {
    bench b;
    for (const auto& packet : packets) {
      b.push(packet);
      if (b.got.empty()) CHECK(b.push(packet) == reassembler::progress::repeated);
    }
    REQUIRE(b.got.size() == 1);
    CHECK(b.got[0].body == body);
    CHECK(b.got[0].text == std::string(2500, 'A'));
    CHECK(b.got[0].missing.empty());
    CHECK(!b.got[0].conflict);
    CHECK(b.parts.in_flight() == 0);
    CHECK(b.parts.bytes() == 0);
    for (const auto& packet : packets) CHECK(b.push(packet) == reassembler::progress::repeated);
    CHECK(b.got.size() == 1);
  } while (std::ranges::next_permutation(packets).found);
}

TEST_CASE("what is missing is reported exactly, and after the timeout only") {
  bench b;
  CHECK(b.push(part_of(5, 20, "fghij")) == reassembler::progress::started);
  CHECK(b.push(part_of(15, 20, "pqr")) == reassembler::progress::added);
  REQUIRE(b.parts.deadline() == time_point{} + 1s);
  b.parts.expire(time_point{} + 999ms, b.sink());
  CHECK(b.got.empty());
  b.parts.expire(time_point{} + 1s, b.sink());
  REQUIRE(b.got.size() == 1);
  CHECK(b.got[0].missing == std::vector<text_range>{{0, 5}, {10, 15}, {18, 20}});
  CHECK(b.got[0].body == "fghijpqr");
  CHECK(b.got[0].padded == "?????fghij?????pqr??");
  CHECK(b.parts.stats().incomplete == 1);
  CHECK(b.push(part_of(0, 20, "abcde")) == reassembler::progress::late);
  CHECK(b.parts.in_flight() == 0);
}

TEST_CASE("overlapping fragments fill what is missing; a disagreement is flagged and the first byte kept") {
  bench b;
  b.push(part_of(2, 10, "CD"));
  b.push(part_of(6, 10, "GH"));
  CHECK(b.push(part_of(1, 10, "BCDEFGHI")) == reassembler::progress::added);
  CHECK(b.push(part_of(3, 10, "DEF")) == reassembler::progress::repeated);
  b.push(part_of(8, 10, "IJ"));
  b.push(part_of(0, 10, "AB"));
  REQUIRE(b.got.size() == 1);
  CHECK(b.got[0].body == "ABCDEFGHIJ");
  CHECK(!b.got[0].conflict);

  bench c;
  c.push(part_of(0, 10, "ABCDE"));
  c.push(part_of(3, 10, "xEFGHIJ"));
  REQUIRE(c.got.size() == 1);
  CHECK(c.got[0].body == "ABCDEFGHIJ");
  CHECK(c.got[0].conflict);
  CHECK(c.parts.stats().conflicts == 1);
}

TEST_CASE("records are distinguished by sender, release, sequence, time, header and total") {
  const std::vector<std::string> fronts{"6,1,1,-", "6,2,1,-",           "6,1,2,-",    "7,1,1,-",
                                        "6,1,1,c", "6,1,1,-,caller=T1", "r1,6,1,1,-", "r2,6,1,1,-"};
  reassembler::limits limits;
  limits.records_per_sender = 100;
  bench b{limits};
  for (const auto& front : fronts) CHECK(b.push(front + ",ncfrag=0/4;ab") == reassembler::progress::started);
  CHECK(b.push("6,1,1,-,ncfrag=0/5;ab") == reassembler::progress::started);
  CHECK(b.push("6,1,1,-,ncfrag=0/4;ab", {}, {sender.address, port{1}}) == reassembler::progress::started);
  for (const auto& front : fronts) CHECK(b.push(front + ",ncfrag=2/4;cd") == reassembler::progress::finished);
  CHECK(b.got.size() == fronts.size());
  CHECK(b.parts.in_flight() == 2);
}

TEST_CASE("the published overflow of offset and length is refused before anything is copied") {
  CHECK(!decode("6,1,1,-,ncfrag=4294967290/4294967295;0123456789"));
  bench b;
  CHECK(b.push("6,1,1,-,ncfrag=0/4294967295;0123456789") == reassembler::progress::refused);
  CHECK(b.push("6,1,1,-,ncfrag=0/131073;0123456789") == reassembler::progress::refused);
  CHECK(b.push("6,1,1,-,ncfrag=0/131072;0123456789") == reassembler::progress::started);
  CHECK(b.parts.stats().refused == 2);
}

TEST_CASE("a sender's oldest record makes room for its newest, and no other sender's") {
  bench b;
  b.push("6,1,1,-,ncfrag=0/4;ab", {}, {sender.address, port{1}});
  for (int i = 0; i < 20; ++i) b.push("6," + std::to_string(i) + ",1,-,ncfrag=0/4;ab");
  CHECK(b.parts.in_flight() == 9);
  CHECK(b.got.size() == 12);
  for (const auto& given_up : b.got) CHECK(given_up.missing == std::vector<text_range>{{2, 4}});
}

TEST_CASE("bytes and records in flight stay within their limits") {
  reassembler::limits limits;
  limits.bytes = 300'000;
  limits.records = 50;
  bench b{limits};
  for (int i = 0; i < 500; ++i) {
    b.push("6,1,1,-,ncfrag=0/100000;ab", {}, {sender.address, port{static_cast<std::uint16_t>(i)}});
    CHECK(b.parts.bytes() <= limits.bytes);
  }
  for (int i = 0; i < 500; ++i) {
    b.push("6,1,1,-,ncfrag=0/10;ab", {}, {sender.address, port{static_cast<std::uint16_t>(i)}});
    CHECK(b.parts.in_flight() <= limits.records);
  }
  CHECK(b.got.size() + b.parts.in_flight() == 1000);
  b.parts.flush(b.sink());
  CHECK(b.got.size() == 1000);
  CHECK(b.parts.bytes() == 0);
}

TEST_CASE("a record in too many parts is given up") {
  reassembler::limits limits;
  limits.holes = 10;
  bench b{limits};
  for (std::size_t i = 0; i <= 10; ++i) b.push(part_of(i * 3, 100, "x"));
  REQUIRE(b.got.size() == 1);
  CHECK(b.got[0].missing.size() == 11);
}

TEST_CASE("flush of one sender leaves the others") {
  bench b;
  const endpoint other{sender.address, port{1}};
  for (int i = 0; i < 3; ++i) {
    b.push("6," + std::to_string(i) + ",1,-,ncfrag=0/4;" + std::to_string(i) + "b");
    b.push("6," + std::to_string(i) + ",1,-,ncfrag=0/4;ab", {}, other);
  }
  b.parts.flush(sender, b.sink());
  REQUIRE(b.got.size() == 3);
  CHECK(b.parts.in_flight() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(b.got[i].text[0] == static_cast<char>('0' + i));  // oldest first
}

TEST_CASE("after a flush of its sender a record may come again, as of a new boot") {
  bench b;
  b.push(part_of(0, 4, "ab"));
  b.parts.flush(sender, b.sink());
  CHECK(b.got.size() == 1);
  CHECK(b.push(part_of(0, 4, "ab")) == reassembler::progress::started);
  CHECK(b.push(part_of(2, 4, "cd")) == reassembler::progress::finished);
}

TEST_CASE("push_next takes the next fragment of the same record, and nothing else") {
  const auto body = std::string(2500, 'A') + "\n";
  const auto packets = fragments_of(body);
  bench b;
  // A record leaves its buffer to the next, which needs no more memory then.
  for (const auto& packet : fragments_of(body, 100)) b.push(packet);
  REQUIRE(b.got.size() == 1);
  b.got.clear();
  CHECK(!b.parts.expects_next());
  CHECK(!b.parts.push_next(sender, packets[0], b.sink()));
  b.push(packets[0]);
  CHECK(b.parts.expects_next());
  CHECK(b.parts.push_next(sender, packets[1], b.sink()));
  CHECK(!b.parts.push_next(sender, packets[1], b.sink()));
  CHECK(b.got.empty());
  CHECK(b.parts.push_next(sender, packets[2], b.sink()));
  REQUIRE(b.got.size() == 1);
  CHECK(b.got[0].body == body);
  CHECK(b.got[0].missing.empty());
  CHECK(!b.parts.expects_next());
  CHECK(b.parts.stats().completed == 2);

  b.push("6,417,1,-,ncfrag=0/20;abcde");
  const std::string front = "6,417,1,-,ncfrag=";
  for (const auto& other : {
           front + "4/20;x",                           // not where the one before ended
           front + "6/20;x",                           //
           front + "5/21;x",                           // another total
           front + "5/20;",                            // no text
           front + "5/20;0123456789abcdef",            // more than the total
           front + "5/20;fgh1",                        // a digit at the end is for decode()
           front + "/20;fgh",                          // no offset
           front + "5,20;fgh",                         // no total
           front + "5/",                               //
           front + "5/20,fgh",                         //
           front,                                      //
           front.substr(0, 5),                         //
           front + "0000000005/20;x",                  // so many digits are for decode()
           front + "5/000000020;x",                    //
           std::string{"6,418,1,-,ncfrag=5/20;fgh"},   // another record
           std::string{"[    1.000000] legacy text"},  //
       }) {
    CAPTURE(other);
    CHECK(!b.parts.push_next(sender, other, b.sink()));
  }
  CHECK(!b.parts.push_next({sender.address, port{1}}, front + "5/20;x", b.sink()));
  // The end of the packet counts, not what follows it in memory.
  const std::string longer = front + "5/20;x";
  for (std::size_t size = 0; size < longer.size(); ++size)
    CHECK(!b.parts.push_next(sender, std::string_view{longer}.substr(0, size), b.sink()));
  CHECK(b.parts.push_next(sender, front + "000000005/20;f", b.sink()));
  CHECK(b.parts.push_next(sender, front + "6/00000020;gh", b.sink()));
  CHECK(b.parts.push_next(sender, front + "8/20;ijklmnopqrst", b.sink()));
  REQUIRE(b.got.size() == 2);
  CHECK(b.got[1].body == "abcdefghijklmnopqrst");

  // A gap stays a gap.
  b.push("6,419,1,-,ncfrag=2/9;cd");
  CHECK(b.parts.push_next(sender, "6,419,1,-,ncfrag=4/9;efghi", b.sink()));
  CHECK(b.got.size() == 2);
  b.parts.flush(b.sink());
  REQUIRE(b.got.size() == 3);
  CHECK(b.got[2].missing == std::vector<text_range>{{0, 2}});
}

TEST_CASE("a record in flight costs what came, whatever total it announces") {
  bench b;
  const auto one = part_of(0, 131072, "abcd");
  b.push(one);
  CHECK(b.parts.bytes() < one.size() + 32);
  std::size_t came = 4;
  for (; came + 1000 <= 131072; came += 1000) {
    b.push(part_of(came, 131072, std::string(1000, 'x')));
    CHECK(b.parts.bytes() <= 2 * (came + 1000) + 100);
  }
  CHECK(b.parts.bytes() <= 131072 + 100);
  b.parts.flush(b.sink());
  REQUIRE(b.got.size() == 1);
  CHECK(b.got[0].body == "abcd" + std::string(came - 4, 'x'));
  CHECK(b.got[0].missing == std::vector<text_range>{text_range::between(came, 131072)});
}

TEST_CASE("as many fragments as there are bytes, in orders that sorted storage would not like") {
  constexpr std::size_t total = 4000;
  std::string body;
  for (std::size_t i = 0; i < total; ++i) body += static_cast<char>('a' + i * i % 26);
  const auto backwards = [](std::size_t i) { return total - 1 - i; };
  const auto from_both_ends = [](std::size_t i) { return i % 2 == 0 ? i / 2 : total - 1 - i / 2; };
  const auto pairs_swapped = [](std::size_t i) { return i ^ 1; };
  const auto in_strides = [](std::size_t i) { return i % 20 * 200 + i / 20; };
  const auto check = [&](auto&& place) {
    bench b;
    for (std::size_t i = 0; i < total; ++i) {
      const auto at = place(i);
      b.push(part_of(at, total, std::string_view{body}.substr(at, 1)));
      // Of its fragments a few hundred are in the order in which they came.
      CHECK(b.parts.bytes() <= 2 * (i + 1) + 24 * std::min<std::size_t>(i + 1, 600) + 100);
    }
    REQUIRE(b.got.size() == 1);
    CHECK(b.got[0].body == body);
    CHECK(b.parts.bytes() == 0);
  };
  check(backwards);
  check(from_both_ends);
  check(pairs_swapped);
  check(in_strides);
}

TEST_CASE("a fragment that fills several gaps and repeats what is between them") {
  bench b;
  for (const auto* const one : {"ef", "ij", "ab"})
    b.push(part_of(static_cast<std::size_t>(one[0] - 'a'), 14, one));
  CHECK(b.push(part_of(1, 14, "bcdefghijkl")) == reassembler::progress::added);
  CHECK(b.parts.expects_next());
  CHECK(b.parts.push_next(sender, part_of(12, 14, "mn"), b.sink()));
  REQUIRE(b.got.size() == 1);
  CHECK(b.got[0].body == "abcdefghijklmn");
  CHECK(!b.got[0].conflict);
}

TEST_CASE("push_next leaves a fragment that needs memory to push") {
  bench b;
  b.push(part_of(0, 100, "abcd"));
  CHECK(!b.parts.push_next(sender, part_of(4, 100, "efghi"), b.sink()));
  CHECK(b.push(part_of(4, 100, "efghi")) == reassembler::progress::added);
  CHECK(b.parts.push_next(sender, part_of(9, 100, "j"), b.sink()));
}

TEST_CASE("the end of a body that is not the last to come is no place for push_next") {
  bench b;
  b.push(part_of(6, 12, "ghi"));
  b.push(part_of(0, 12, "abc"));
  CHECK(!b.parts.push_next(sender, part_of(9, 12, "jk"), b.sink()));
  CHECK(b.push(part_of(9, 12, "jk")) == reassembler::progress::added);
  CHECK(b.parts.push_next(sender, part_of(11, 12, "l"), b.sink()));
  CHECK(b.push(part_of(3, 12, "def")) == reassembler::progress::finished);
  REQUIRE(b.got.size() == 1);
  CHECK(b.got[0].body == "abcdefghijkl");
}

TEST_CASE("a record that grows pushes out the oldest, and alone it may take more") {
  reassembler::limits limits;
  limits.bytes = 5000;
  const std::string part(1000, 'x');
  const endpoint other{sender.address, port{1}};
  for (const bool next : {false, true}) {
    bench b{limits};
    b.push(part_of(0, 60000, part), {}, other);
    b.push(part_of(0, 60000, part));
    CHECK(b.parts.in_flight() == 2);
    for (std::size_t at = 1000; at < 60000; at += 1000) {
      const auto packet = part_of(at, 60000, part);
      if (!next || !b.parts.push_next(sender, packet, b.sink())) b.push(packet);
      CHECK((b.parts.in_flight() < 2 || b.parts.bytes() <= limits.bytes));
    }
    REQUIRE(b.got.size() == 2);
    CHECK(b.got[0].missing == std::vector<text_range>{{1000, 60000}});
    CHECK(b.got[1].missing.empty());
    CHECK(b.got[1].body == std::string(60000, 'x'));
  }
}

TEST_CASE("limits hold to the byte") {
  const reassembler::limits usual;
  CHECK(usual.records == 1024);
  CHECK(usual.bytes == 16u << 20);
  CHECK(usual.holes == 256);
  const std::string front = "6,1,1,-,ncfrag=0/100;", one = front + "ab";
  const auto port_of = [](int i) { return endpoint{sender.address, port{static_cast<std::uint16_t>(i)}}; };
  reassembler::limits limits;
  {
    bench alone;
    alone.push(one);
    limits.bytes = 3 * alone.parts.bytes();
  }
  bench b{limits};
  for (int i = 0; i < 3; ++i) b.push(one, {}, port_of(i));
  CHECK(b.parts.in_flight() == 3);
  CHECK(b.parts.bytes() == limits.bytes);
  b.push(one, {}, port_of(3));
  CHECK(b.parts.in_flight() == 3);
  CHECK(b.parts.stats().incomplete == 1);
  CHECK(b.parts.stats().completed == 0);

  limits = {};
  limits.records = 3;
  bench c{limits};
  for (int i = 0; i < 4; ++i) c.push(one, time_point{} + std::chrono::milliseconds{i}, port_of(i));
  CHECK(c.parts.in_flight() == 3);
  CHECK(c.got.size() == 1);
  CHECK(c.parts.deadline() == time_point{} + 1ms + limits.age);  // the oldest went

  limits = {};
  limits.records_per_sender = 2;
  bench d{limits};
  for (int i = 0; i < 3; ++i) d.push("6," + std::to_string(i) + ",1,-,ncfrag=" + std::to_string(i) + "/9;x");
  REQUIRE(d.got.size() == 1);
  CHECK(d.got[0].missing == std::vector<text_range>{{1, 9}});
  CHECK(d.parts.in_flight() == 2);

  limits = {};
  limits.holes = 3;
  bench e{limits};
  for (std::size_t i = 0; i < 3; ++i) CHECK(e.push(part_of(i * 2, 100, "x")) != reassembler::progress::late);
  CHECK(e.got.empty());
  CHECK(e.push(part_of(50, 100, "x")) == reassembler::progress::added);
  CHECK(e.got.size() == 1);
  CHECK(e.push(part_of(51, 100, "x")) == reassembler::progress::late);
}

TEST_CASE("a declined record leaves nothing, an admitted one keeps its numbering") {
  bench b;
  auto told = numbering::pending;
  const auto sink = [&](const assembled& m) { told = m.numbering; };
  const auto first = part_of(0, 4, "ab"), second = part_of(2, 4, "cd");
  CHECK(b.parts.push(sender, decode(first).value(), {}, sink, [] { return std::optional<numbering>{}; }) ==
        reassembler::progress::declined);
  CHECK(b.parts.in_flight() == 0);
  CHECK(b.parts.bytes() == 0);
  CHECK(b.parts.push(sender, decode(first).value(), {}, sink,
                     [] { return std::optional{numbering::late}; }) == reassembler::progress::started);
  b.parts.push(sender, decode(second).value(), {}, sink, [] { return std::optional<numbering>{}; });
  CHECK(told == numbering::late);
}

TEST_CASE("what is done is known by sender, release, sequence, time, priority and total") {
  bench b;
  b.push("r1,6,1,1,-,ncfrag=0/4;abcd");
  CHECK(b.push("r1,6,1,1,-,ncfrag=0/4;ab") == reassembler::progress::repeated);
  for (const std::string other :
       {"r2,6,1,1,-,ncfrag=0/4;ab", "6,1,1,-,ncfrag=0/4;ab", "r1,7,1,1,-,ncfrag=0/4;ab",
        "r1,6,65,1,-,ncfrag=0/4;ab", "r1,6,1,2,-,ncfrag=0/4;ab", "r1,6,1,1,-,ncfrag=0/5;ab"}) {
    CAPTURE(other);
    CHECK(b.push(other) == reassembler::progress::started);
  }
  CHECK(b.push("r1,6,1,1,-,ncfrag=0/4;ab", {}, {sender.address, port{1}}) == reassembler::progress::started);
}

TEST_CASE("a conflict stays with its record") {
  bench b;
  b.push("6,1,1,-,ncfrag=0/4;abc");
  b.push("6,1,1,-,ncfrag=2/4;xd");
  b.push("6,2,1,-,ncfrag=0/4;abc");
  b.push("6,2,1,-,ncfrag=2/4;cd");
  REQUIRE(b.got.size() == 2);
  CHECK(b.got[0].conflict);
  CHECK(!b.got[1].conflict);
}

TEST_CASE("counters count what came") {
  bench b;
  b.push(part_of(0, 6, "ab"));
  b.push(part_of(0, 6, "ab"));
  b.push(part_of(1, 6, "b"));
  b.push(part_of(1, 6, "xc"));
  b.push(part_of(3, 6, "def"));
  b.push(part_of(3, 6, "def"));
  const auto& s = b.parts.stats();
  CHECK(s.completed == 1);
  CHECK(s.incomplete == 0);
  CHECK(s.repeated == 3);
  CHECK(s.conflicts == 1);
  CHECK(s.refused == 0);
  CHECK(b.got.at(0).conflict);
  CHECK(b.got.at(0).body == "abcdef");
}

TEST_CASE("more records than there were buckets for") {
  reassembler::limits limits;
  limits.records = 1000;
  limits.records_per_sender = 2;
  bench b{limits};
  const auto port_of = [](int i) {
    const auto low = static_cast<std::uint8_t>(i), high = static_cast<std::uint8_t>(i * i >> 8);
    return endpoint{ipv4_address{10, high, low, static_cast<std::uint8_t>(i * i)},
                    port{static_cast<std::uint16_t>(i * 7919)}};
  };
  for (int i = 0; i < 300; ++i) b.push(part_of(0, 4, "ab"), {}, port_of(i));
  for (int i = 0; i < 300; ++i) b.push("6,417,1,-,ncfrag=0/4;ab", {}, port_of(i));
  CHECK(b.parts.in_flight() == 600);
  for (int i = 0; i < 300; ++i) b.push("6,418,1,-,ncfrag=0/4;ab", {}, port_of(i));
  CHECK(b.got.size() == 300);
  for (int i = 0; i < 300; ++i)
    CHECK(b.push("6,417,1,-,ncfrag=2/4;cd", {}, port_of(i)) == reassembler::progress::finished);
  CHECK(b.parts.in_flight() == 300);
  for (int i = 0; i < 300; ++i) {
    b.got.clear();
    b.parts.flush(port_of(i), b.sink());
    CHECK(b.got.size() == 1);
  }
  CHECK(b.parts.in_flight() == 0);
}

TEST_CASE("random fragments agree with a map of bytes") {
  std::mt19937 random{42};
  const auto up_to = [&](std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>{0, most}(random);
  };
  for (int round = 0; round < 400; ++round) {
    const std::uint32_t total = 1 + up_to(200);
    std::string body;
    for (std::uint32_t i = 0; i < total; ++i) body += static_cast<char>('a' + up_to(25));
    std::set<std::uint32_t> covered;
    bench b;
    for (int i = 0; i < 60 && b.got.empty(); ++i) {
      const auto offset = up_to(total - 1), size = 1 + up_to(std::min<std::uint32_t>(40, total - offset) - 1);
      b.push(part_of(offset, total, std::string_view{body}.substr(offset, size)));
      for (std::uint32_t at = offset; at < offset + size; ++at) covered.insert(at);
      REQUIRE(b.got.empty() == (covered.size() < total));
    }
    b.parts.flush(b.sink());
    REQUIRE(b.got.size() == 1);
    CHECK(!b.got[0].conflict);
    std::set<std::uint32_t> missing;
    for (const auto& hole : b.got[0].missing)
      for (auto at = hole.begin; at < hole.end; ++at) missing.insert(at);
    for (std::uint32_t at = 0; at < total; ++at) {
      CHECK(missing.contains(at) == !covered.contains(at));
      CHECK(b.got[0].padded[at] == (covered.contains(at) ? body[at] : '?'));
    }
  }
}

TEST_CASE("copies of a record with other totals are found and discarded, oldest first") {
  reassembler::limits limits;
  limits.records_per_sender = 100;
  bench b{limits};
  const endpoint other{sender.address, port{1}};
  const auto push = [&](const std::string& packet, numbering as, const endpoint& from = sender) {
    return b.parts.push(from, decode(packet).value(), {}, b.sink(), [&] { return std::optional{as}; });
  };
  const std::string whole = "r1,6,1,1,-,caller=T1;abcd\n";
  const assembled record{sender, decode(whole).value(), {}};
  CHECK(!b.parts.numbering_of_copy(sender, record.record));
  CHECK(b.parts.discard_copies(record).stopped == 0);
  for (const std::string front : {"6,1,1,-,caller=T1", "r1,6,2,1,-,caller=T1", "r1,6,1,2,-,caller=T1",
                                  "r1,7,1,1,-,caller=T1", "r1,6,1,1,-,caller=T2", "r1,6,1,1,c,caller=T1"})
    push(front + ",ncfrag=0/4;ab", numbering::on_time);
  push("r1,6,1,1,-,caller=T1,ncfrag=0/4;ab", numbering::on_time, other);
  CHECK(!b.parts.numbering_of_copy(sender, record.record));
  push("r1,6,1,1,-,caller=T1,ncfrag=0/4;ab", numbering::late);
  push("r1,6,1,1,-,caller=T1,ncfrag=0/5;ab", numbering::on_time);
  push(std::string{"r1,"} + std::string{replay_notice} + "\n6,1,1,-,caller=T1,ncfrag=0/6;ab",
       numbering::on_time);
  REQUIRE(b.parts.in_flight() == 10);
  CHECK(b.parts.numbering_of_copy(sender, record.record) == numbering::late);
  CHECK(b.parts.expects_next());
  const auto gone = b.parts.discard_copies(record);
  CHECK(gone.stopped == 3);
  CHECK(gone.repeats == 0);
  CHECK(gone.numbering == numbering::late);
  CHECK(b.parts.in_flight() == 7);
  CHECK(!b.parts.expects_next());
  CHECK(b.parts.stats().discarded == 3);
  CHECK(b.parts.stats().incomplete == 0);
  CHECK(b.got.empty());
  b.parts.flush(b.sink());
  CHECK(b.got.size() == 7);
  CHECK(b.parts.bytes() == 0);
}

TEST_CASE("a replay that began after the record is a repeat, one before it a stopped copy") {
  bench b;
  const std::string notice = std::string{replay_notice} + "\n";
  discarded_copies gone;
  const auto sink = [&](const assembled& m) { gone = b.parts.discard_copies(m); };
  const auto push = [&](const std::string& packet) {
    b.parts.push(sender, decode(packet).value(), {}, sink);
  };
  push(notice + "6,1,1,-,ncfrag=0/3;a");
  push("6,1,1,-,ncfrag=0/4;ab");
  push(notice + "6,1,1,-,ncfrag=0/5;ab");
  push("6,1,1,-,ncfrag=0/6;ab");
  push("6,1,1,-,ncfrag=2/4;cd");
  CHECK(gone.stopped == 2);
  CHECK(gone.repeats == 1);
  CHECK(b.parts.in_flight() == 0);
}

TEST_CASE("a replay of a record that was delivered in part may become whole, once") {
  bench b;
  const std::string notice = std::string{replay_notice} + "\n";
  b.push(part_of(0, 4, "ab"));
  b.parts.flush(b.sink());
  CHECK(b.push(part_of(2, 4, "cd")) == reassembler::progress::late);
  CHECK(b.push(notice + part_of(0, 4, "ab")) == reassembler::progress::started);
  CHECK(b.push(notice + part_of(2, 4, "cd")) == reassembler::progress::finished);
  CHECK(b.push(notice + part_of(2, 4, "cd")) == reassembler::progress::repeated);
  CHECK(b.push(notice + part_of(2, 4, "cd").replace(2, 3, "417")) == reassembler::progress::started);
  b.parts.flush(b.sink());
  CHECK(b.push(notice + part_of(2, 4, "cd").replace(2, 3, "417")) == reassembler::progress::late);
}
