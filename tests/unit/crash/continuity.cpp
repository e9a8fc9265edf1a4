// SPDX-License-Identifier: MIT
// Which numbers did not come, whatever their order.
#include <netcon/crash/internal/continuity.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

using netcon::crash::missing_range;
using netcon::crash::detail::continuity;

namespace {

std::set<std::uint64_t> numbers_of(const std::vector<missing_range>& ranges) {
  std::set<std::uint64_t> out;
  for (const auto& one : ranges)
    for (auto number = one.begin; number < one.end; ++number) out.insert(number);
  return out;
}

std::vector<missing_range> missing_of(std::initializer_list<std::uint64_t> numbers) {
  continuity out;
  for (const auto number : numbers) out.add(number);
  return out.missing();
}

}  // namespace

TEST_CASE("missing numbers are named as ranges, and late ones taken out") {
  using ranges = std::vector<missing_range>;
  CHECK(missing_of({7, 8, 9}).empty());
  CHECK(missing_of({7, 12}) == ranges{{8, 12}});
  CHECK(missing_of({7, 12, 8}) == ranges{{9, 12}});
  CHECK(missing_of({7, 12, 11}) == ranges{{8, 11}});
  CHECK(missing_of({7, 12, 10}) == ranges{{8, 10}, {11, 12}});
  CHECK(missing_of({7, 12, 10, 11, 8, 9}).empty());
  CHECK(missing_of({7, 12, 3, 7, 12}) == ranges{{8, 12}});
  continuity skipped;
  skipped.skip_to(5);
  CHECK_FALSE(skipped.started());
  for (const std::uint64_t number : {7, 8}) skipped.add(number);
  skipped.skip_to(12);
  skipped.skip_to(10);
  skipped.add(13);
  CHECK(skipped.missing() == ranges{{12, 13}});
}

TEST_CASE("no missing number is left out; with few ranges none is added") {
  std::mt19937_64 random{7};
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const std::uint64_t most = 1 + random() % 600;
    std::vector<std::uint64_t> order;
    for (std::uint64_t number = 1; number <= most; ++number)
      if (random() % 100 < random() % 100) order.push_back(number);
    if (order.empty()) continue;
    // Late by a few, or by any number.
    const std::size_t by = round % 3 == 0 ? order.size() : 1 + random() % 8;
    for (std::size_t i = 0; i < order.size(); ++i)
      std::swap(order[i], order[std::min(order.size() - 1, i + random() % by)]);
    continuity tried;
    std::set<std::uint64_t> come;
    std::size_t ranges = 0;
    for (const auto number : order) {
      tried.add(number);
      come.insert(number);
      ranges = std::max(ranges, tried.missing().size());
    }
    std::set<std::uint64_t> wanted;
    for (auto number = order.front(); number < *come.rbegin(); ++number)
      if (!come.contains(number)) wanted.insert(number);
    const auto named = numbers_of(tried.missing());
    CHECK(std::ranges::includes(named, wanted));
    CHECK(ranges <= continuity::most_ranges);
    if (ranges < continuity::most_ranges) CHECK(named == wanted);
  }
}
