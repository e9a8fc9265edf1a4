// SPDX-License-Identifier: MIT
#include <netcon/receive/partial_body.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace netcon;

namespace {

std::string story(const partial_body& body) {
  std::string out;
  body.visit(
      [&](std::size_t offset, std::string_view bytes) {
        out += std::to_string(offset) + ":" + std::string{bytes} + " ";
      },
      [&](text_range gap) { out += "[" + std::to_string(gap.begin) + "-" + std::to_string(gap.end) + "] "; });
  return out;
}

}  // namespace

TEST_CASE("runs of bytes and gaps come in order, each with its place") {
  struct row {
    std::string_view came;
    std::vector<text_range> missing;
    std::string_view story;
    std::size_t total;
    std::string_view last_run;
  };
  const std::vector<row> rows{
      {"abcdef", {}, "0:abcdef ", 6, "abcdef"},
      {"abcdef", {{2, 5}}, "0:ab [2-5] 5:cdef ", 9, "cdef"},
      {"abcdef", {{0, 3}, {7, 8}}, "[0-3] 3:abcd [7-8] 8:ef ", 10, "ef"},
      {"abc", {{3, 70000}}, "0:abc [3-70000] ", 70000, ""},
      {"", {{0, 9}}, "[0-9] ", 9, ""},
  };
  for (const auto& [came, missing, wanted, total, last_run] : rows) {
    CAPTURE(wanted);
    const partial_body body{came, missing};
    CHECK(story(body) == wanted);
    CHECK(body.total() == total);
    CHECK(body.missing() == total - came.size());
    CHECK(body.last_run() == last_run);
  }
}

TEST_CASE("ranges that belong to no such body lose no byte") {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  const std::vector<text_range> beyond{{90, 100}}, backwards{{4, 5}, {1, 2}}, huge{{0, most}, {0, most}};
  CHECK(story({"abcdef", beyond}) == "0:abcdef [90-100] ");
  CHECK(story({"abcdef", backwards}) == "0:abcd [4-5] [1-2] 5:ef ");
  CHECK(story({"abcdef", huge}) == "[0-4294967295] [0-4294967295] 4294967295:abcdef ");
  CHECK(partial_body{"abcdef", beyond}.last_run().empty());
  CHECK(partial_body{"abcdef", huge}.total() == 2 * std::uint64_t{most} + 6);
  CHECK(partial_body{"abcdef", huge}.last_run() == "abcdef");
}
