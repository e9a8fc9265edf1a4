// SPDX-License-Identifier: MIT
// Every enumerator with a name is found by it.
#include <netcon/netcon.hpp>

#include "support/catch.hpp"

#include <string_view>

using namespace netcon;

namespace {

// Every value from 0 to last.
template <class Enum, class Parse>
void check_round_trip(Enum last, Parse parse) {
  for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
    const auto value = static_cast<Enum>(i);
    INFO(i << " " << name(value));
    CHECK(parse(name(value)) == value);
  }
  CHECK_FALSE(parse(""));
  CHECK_FALSE(parse("no such name"));
}

}  // namespace

TEST_CASE("a name finds its enumerator") {
  check_round_trip(level::debug, parse_level);
  check_round_trip(loss::announced, parse_loss);
  check_round_trip(severity::error, parse_severity);
  check_round_trip(capture_errc::unsupported_link_type, parse_capture_errc);
  check_round_trip(configfs::operation::write, configfs::parse_operation);
  check_round_trip(configfs::plan_problem::value_too_long, configfs::parse_plan_problem);
  check_round_trip(configfs::attribute::value, configfs::parse_attribute);
  check_round_trip(configfs::folder::entry, configfs::parse_folder);
}

TEST_CASE("the name of a link type finds the type that a capture file has") {
  for (const auto type :
       {link_type::null, link_type::ethernet, link_type::raw_in_files, link_type::loop,
        link_type::linux_cooked, link_type::ipv4, link_type::ipv6, link_type::linux_cooked_2})
    CHECK(parse_link_type(name(type)) == type);
  CHECK_FALSE(parse_link_type("NFLOG"));
  CHECK_FALSE(parse_link_type(""));
}
