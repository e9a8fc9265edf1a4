// SPDX-License-Identifier: MIT
#include "options/did_you_mean.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

TEST_CASE("a word is near when a third of its letters at most is wrong") {
  const std::vector<std::string> known{"listen", "lint", "--rotate-size", "--json"};
  CHECK(tool::nearest("lisetn", known) == "listen");
  CHECK(tool::nearest("listne", known) == "listen");
  CHECK(tool::nearest("lnt", known) == "lint");
  CHECK(tool::nearest("--rotatesize", known) == "--rotate-size");
  CHECK(tool::nearest("--jsn", known) == "--json");
  CHECK(tool::nearest("xyzzy", known).empty());
  CHECK(tool::nearest("", known).empty());
  CHECK(tool::nearest(std::string(1000, 'x'), known).empty());
  CHECK(tool::did_you_mean("lisetn", known) == "; did you mean listen?");
  CHECK(tool::did_you_mean("xyzzy", known).empty());
}
