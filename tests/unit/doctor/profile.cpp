// SPDX-License-Identifier: MIT
#include <netcon/doctor/profile.hpp>

#include "support/catch.hpp"

using namespace netcon;
using doctor::kernel_facts;
using doctor::profile_of;

TEST_CASE("the profile is that of the version and of the build") {
  kernel_facts known;
  CHECK(profile_of(known) == kernel_profile::latest());
  known.version = kernel_version{6, 12, 0};
  CHECK(profile_of(known) == kernel_profile{6, 12, 0});
  known.is_built_in = true;
  CHECK(profile_of(known) == kernel_profile{6, 12, 0}.without(feature::module));
  known.is_built_in = false;
  known.build_options = std::vector<std::string>{"CONFIG_NETCONSOLE=m",
                                                 "# CONFIG_NETCONSOLE_DYNAMIC is not set",
                                                 "CONFIG_NETCONSOLE_EXTENDED_LOG=y",
                                                 "# CONFIG_NETCONSOLE_PREPEND_RELEASE is not set",
                                                 "CONFIG_PRINTK_CALLER=y",
                                                 "CONFIG_IPV6=m"};
  CHECK(profile_of(known) == kernel_profile{6, 12, 0}
                                 .without(feature::dynamic)
                                 .with(feature::extended_by_default)
                                 .with(feature::caller_ids));
}
