// SPDX-License-Identifier: MIT
#include <netcon/crash/detector.hpp>
#include <netcon/crash/end_of_panic.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

using namespace netcon;

namespace {

/// Whether the report of a panic with that line has its end, and whether the line ended it.
struct ending {
  bool has_end = false, at_once = false;

  friend bool operator==(const ending&, const ending&) = default;
};

ending end_with(std::string_view last, std::optional<std::uint64_t> timestamp_us) {
  crash::basic_detector<int> detector;
  ending out;
  const auto sink = [&](const auto& event) {
    if constexpr (requires { event.report; }) out.has_end = crash::has_end_of_panic(event.report);
  };
  detector.push(1, {.text = "Kernel panic - not syncing: dry", .timestamp_us = timestamp_us}, {}, sink);
  detector.push(1, {.text = last, .timestamp_us = timestamp_us}, {}, sink);
  out.at_once = !detector.is_crashing(1);
  detector.flush(sink);
  return out;
}

}  // namespace

TEST_CASE("the last line of a panic ends its report, which has it with and without a time stamp") {
  for (const auto timestamp_us : {std::optional<std::uint64_t>{}, std::optional<std::uint64_t>{4754007}}) {
    for (const std::string_view last : {"---[ end Kernel panic - not syncing: dry ]---",
                                        "Rebooting in 10 seconds..", " Rebooting in 1 seconds.."})
      CHECK(end_with(last, timestamp_us) == ending{true, true});
    for (const std::string_view other : {"Kernel Offset: disabled", "---[ end trace 0000000000000000 ]---",
                                         "foo: Rebooting in 10 seconds..", ""})
      CHECK(end_with(other, timestamp_us) == ending{false, false});
  }
  CHECK(!crash::has_end_of_panic({}));
}

TEST_CASE("a line is the end of a panic from its first byte on") {
  CHECK(crash::is_end_of_panic("---[ end Kernel panic"));
  CHECK(!crash::is_end_of_panic(" ---[ end Kernel panic"));
  CHECK(!crash::is_end_of_panic("[    1.000000] Rebooting in 10 seconds.."));
  CHECK(!crash::is_end_of_panic(""));
}
