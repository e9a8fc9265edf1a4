// SPDX-License-Identifier: MIT
#include <netcon/core/kernel.hpp>

#include "support/catch.hpp"

#include <set>

using namespace netcon;

static_assert(kernel_profile{} == kernel_profile::latest());
static_assert(kernel_profile{6, 12, 117}.supports(feature::device_by_mac));

TEST_CASE("kernel versions are read as uname prints them") {
  CHECK(kernel_version::parse("6.12").value() == kernel_version{6, 12, 0});
  CHECK(kernel_version::parse("6.12.117+deb12-amd64").value() == kernel_version{6, 12, 117});
  CHECK(kernel_version::parse("6.1.0-40-cloud-amd64").value() == kernel_version{6, 1, 0});
  CHECK(kernel_version::parse("7.4.0-rc1").value() == kernel_version{7, 4, 0});
  CHECK(kernel_version::parse("2.6.32.71").value() == kernel_version{2, 6, 32});
  CHECK(kernel_version::parse("5.15-generic").value() == kernel_version{5, 15, 0});
  for (const auto* text : {"", "6", "6.", "v6.12", "6.12x", "6.12.1a", ".6.1", "6..1", "999999.1", "six"})
    CHECK(!kernel_version::parse(text));
  CHECK(to_string(kernel_version{6, 12, 0}) == "6.12");
  CHECK(to_string(kernel_version{6, 12, 117}) == "6.12.117");
  CHECK(to_string(kernel_version{2, 6, 24}) == "2.6.24");
}

TEST_CASE("a stable backport holds in its own series only") {
  CHECK(!kernel_profile{6, 12, 90}.supports(feature::device_by_mac));
  CHECK(kernel_profile{6, 12, 91}.supports(feature::device_by_mac));
  CHECK(!kernel_profile{6, 13, 200}.supports(feature::device_by_mac));
  CHECK(!kernel_profile{6, 14, 0}.supports(feature::device_by_mac));
  CHECK(kernel_profile{6, 15, 0}.supports(feature::device_by_mac));
  CHECK(kernel_profile{6, 11, 4}.supports(feature::last_fragment_sent));
  CHECK(!kernel_profile{6, 11, 3}.supports(feature::last_fragment_sent));
}

TEST_CASE("a feature has any number of backports") {
  constexpr auto checked = feature::dev_name_length_checked;
  for (const kernel_version v : {kernel_version{6, 1, 175}, {6, 12, 91}, {7, 0, 10}, {7, 1, 0}})
    CHECK(kernel_profile{v}.supports(checked));
  for (const kernel_version v :
       {kernel_version{6, 1, 174}, {6, 12, 90}, {6, 18, 99}, {7, 0, 9}, {5, 10, 999}})
    CHECK(!kernel_profile{v}.supports(checked));
}

TEST_CASE("the way a kernel was built is with and without") {
  const auto p = kernel_profile{6, 12, 0};
  CHECK(p.supports(feature::ipv6));
  CHECK(!p.without(feature::ipv6).supports(feature::ipv6));
  CHECK(p.with(feature::extended_by_default).supports(feature::extended_by_default));
  CHECK(p.version() == kernel_version{6, 12, 0});
}

TEST_CASE("the table names each feature once, and 7.3 has all but the development row") {
  std::set<feature> seen;
  for (const auto& row : feature_table) {
    CHECK(seen.insert(row.what).second);
    CHECK(kernel_profile::latest().supports(row.what) == (row.since < kernel_version{7, 4, 0}));
    CHECK(kernel_profile(row.since).supports(row.what));
  }
}
