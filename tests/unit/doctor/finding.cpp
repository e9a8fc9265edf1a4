// SPDX-License-Identifier: MIT
#include <netcon/doctor/finding.hpp>

#include "support/catch.hpp"

#include <cstddef>

using namespace netcon::doctor;

TEST_CASE("a name finds its check, and each row of the table is at its place") {
  for (std::size_t i = 0; i < check_table.size(); ++i) {
    const auto what = static_cast<check>(i);
    CHECK(check_table[i].what == what);
    CHECK(parse_check(name(what)) == what);
    CHECK_FALSE(check_table[i].question.empty());
  }
  CHECK_FALSE(parse_check("no-such-check"));
}

TEST_CASE("severities are in order, and a name finds each") {
  for (const auto value : {severity::ok, severity::unknown, severity::warning, severity::bad})
    CHECK(parse_severity(name(value)) == value);
  CHECK(severity::ok < severity::unknown);
  CHECK(severity::warning < severity::bad);
  CHECK_FALSE(parse_severity("error"));
}
