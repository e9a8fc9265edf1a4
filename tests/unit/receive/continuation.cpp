// SPDX-License-Identifier: MIT
#include <netcon/receive/continuation.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <string>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

const time_point start{time_point{} + 1h};

record_view view(const std::string& packet) {
  return decode(packet).value();
}

}  // namespace

TEST_CASE("'c' continues, until '+' shows that it marks first records") {
  continuation_flags flags;
  CHECK(!flags.continues(continuation::none));
  CHECK(flags.continues(continuation::piece));
  CHECK(flags.continues(continuation::piece));
  CHECK(flags.continues(continuation::following));
  CHECK(!flags.continues(continuation::piece));
  CHECK(flags.continues(continuation::following));
  CHECK(!flags.continues(continuation::none));
}

TEST_CASE("nothing is appended while nothing is open") {
  continuation_joiner joiner;
  const std::string packet = "6,2,2,c;two";
  CHECK(joiner.empty());
  CHECK(joiner.bytes() == 0);
  CHECK(!joiner.append(view(packet), false, start, 100));
  CHECK(!joiner.close());
}

TEST_CASE("the text of a continuation is inserted before the dictionary") {
  continuation_joiner joiner;
  {
    const std::string first = "6,1,7,-,caller=T1;one \n k=v\n", second = "4,2,8,c,caller=T1;two\n x=y\n";
    joiner.open(view(first), false, false, start);
    CHECK(joiner.bytes() == first.size());
    CHECK(joiner.append(view(second), false, start + 1s, 100));
    CHECK(joiner.bytes() == first.size() + 3);
  }
  CHECK(joiner.since() == start + 1s);
  const auto joined = joiner.close();
  REQUIRE(joined);
  CHECK(joined->record.view().wire() == "6,1,7,-,caller=T1;one two\n k=v\n");
  CHECK(joined->record.view().text() == "one two");
  CHECK(joined->record.view().sequence() == 1);
  CHECK(!joined->late);
  CHECK(!joined->conflict);
  CHECK(joiner.empty());
}

TEST_CASE("another caller does not continue, nor does a record that makes it too long") {
  const std::string first = "6,1,7,-,caller=T1;one", other = "6,2,8,c,caller=T2;two",
                    same = "6,2,8,c,caller=T1;two";
  continuation_joiner joiner;
  joiner.open(view(first), false, false, start);
  CHECK(!joiner.append(view(other), false, start, 100));
  CHECK(!joiner.append(view(same), false, start, first.size() + 2));
  CHECK(joiner.append(view(same), false, start, first.size() + 3));
}

TEST_CASE("late is what the first record was, a conflict that of any") {
  const std::string first = "6,1,7,-;one", more = "6,2,8,c;two";
  for (const int conflict : {0, 1, 2}) {
    continuation_joiner joiner;
    joiner.open(view(first), true, conflict == 1, start);
    joiner.append(view(more), conflict == 2, start, 100);
    const auto joined = joiner.close();
    CHECK(joined->late);
    CHECK(joined->conflict == (conflict != 0));
  }
}
