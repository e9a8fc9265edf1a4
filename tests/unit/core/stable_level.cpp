// SPDX-License-Identifier: MIT
#include <netcon/core/stable_level.hpp>

#include "support/catch.hpp"

#include <string_view>
#include <vector>

using namespace netcon;

TEST_CASE("which version texts hide the stable release") {
  for (const auto* text : {"6.8.0-45-generic", "6.1.0-56-cloud-amd64", "5.10.0-32-amd64", "6.12-1-arch"}) {
    CAPTURE(text);
    CHECK(hides_stable_level(text));
  }
  for (const auto* text : {"6.8", "6.8.0", "6.8.0-rc1", "6.12.117+deb13-amd64", "6.12.117-1-lts",
                           "7.4.0-rc1-1-x", "6.8.0-generic", "2.6.32-5-amd64", "six", ""}) {
    CAPTURE(text);
    CHECK(!hides_stable_level(text));
  }
}

TEST_CASE("what later stable releases of a series have") {
  const auto names = [](kernel_version version) {
    std::vector<std::string_view> found;
    for (const auto& row : features_of_later_stable(version)) found.push_back(row.name);
    return found;
  };
  using texts = std::vector<std::string_view>;
  CHECK(names({6, 1, 0}) == texts{"dev_name_length_checked"});
  CHECK(names({6, 1, 174}) == texts{"dev_name_length_checked"});
  CHECK(names({6, 1, 175}).empty());
  CHECK(names({6, 11, 0}) == texts{"clean_setup_failure", "last_fragment_sent"});
  CHECK(names({6, 11, 3}) == texts{"last_fragment_sent"});
  CHECK(names({6, 8, 0}).empty());
}

TEST_CASE("distributions say the stable release elsewhere") {
  constexpr kernel_version debian{6, 1, 0}, ubuntu{6, 8, 0};
  constexpr auto build = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-3 (2026-11-01)";
  CHECK(find_stable_level(debian, build, "") == kernel_version{6, 1, 192});
  CHECK(find_stable_level(ubuntu, "#45-Ubuntu SMP", "Ubuntu 6.8.0-45.45-generic 6.8.12\n") ==
        kernel_version{6, 8, 12});
  // Not of this series, or nothing at all.
  CHECK(!find_stable_level(ubuntu, build, ""));
  CHECK(!find_stable_level(debian, "", "Ubuntu 6.8.0-45.45-generic 6.8.12\n"));
  CHECK(!find_stable_level(debian, "#1 SMP Debian", "x"));
  CHECK(!find_stable_level(debian, "Debian ", "Ubuntu \n"));
}

TEST_CASE("the version of a running kernel, with the stable level where it is said") {
  constexpr auto debian = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-3 (2026-11-01)";
  CHECK(read_kernel_version("6.1.0-56-cloud-amd64", debian, "").value() == kernel_version{6, 1, 192});
  CHECK(read_kernel_version("6.8.0-45-generic", "", "Ubuntu 6.8.0-45.45-generic 6.8.12\n").value() ==
        kernel_version{6, 8, 12});
  CHECK(read_kernel_version("6.8.0-45-generic", "", "").value() == kernel_version{6, 8, 0});
  // What the release itself says is not overruled.
  CHECK(read_kernel_version("6.1.7", debian, "").value() == kernel_version{6, 1, 7});
  CHECK(read_kernel_version("unreleased", debian, "").error().code == text_errc::bad_kernel_version);
}
