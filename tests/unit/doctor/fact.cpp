// SPDX-License-Identifier: MIT
#include <netcon/doctor/fact.hpp>

#include "support/catch.hpp"

using netcon::doctor::fact;

TEST_CASE("a fact is a value or the reason why there is none") {
  const fact<int> looked_up = 4;
  CHECK(looked_up);
  CHECK(looked_up.is_known());
  CHECK(*looked_up == 4);
  CHECK(looked_up.is(4));
  CHECK_FALSE(looked_up.is(0));
  CHECK(looked_up.reason().empty());

  const auto unknown = fact<int>::unknown("no permission");
  CHECK_FALSE(unknown);
  CHECK(unknown.reason() == "no permission");
  // The default value is not one that was seen.
  CHECK(*unknown == 0);
  CHECK_FALSE(unknown.is(0));

  CHECK(fact<int>{}.reason() == "not looked up");
  CHECK(fact<int>{} != unknown);
  CHECK(fact<int>{0} != fact<int>{});
}
