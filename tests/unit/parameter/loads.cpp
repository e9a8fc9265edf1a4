// SPDX-License-Identifier: MIT
// Every load of the module in the corpus: errno, what the parser logged, the files of the targets. Only
// booted kernels answer it, and the library says the same of each.
#include <netcon/core/linux_errno.hpp>

#include "support/catch.hpp"
#include "support/corpus.hpp"
#include "support/load_difference.hpp"

#include <string>

using test::corpus_bytes;

namespace {

/// The number of a name; 0 for none.
int number_of(const std::string& name) {
  if (name.empty()) return 0;
  for (int number = 1; number < 600; ++number)
    if (netcon::name(static_cast<netcon::linux_errno>(number)) == name) return number;
  FAIL("no errno has the name " << name);
  return -1;
}

test::loaded_module read_answer(const nlohmann::json& answer) {
  test::loaded_module read;
  read.error = number_of(corpus_bytes(answer, "errno"));
  if (answer.contains("log"))
    for (const auto& line : answer.at("log")) read.log.push_back(corpus_bytes(line.at(1)));
  if (answer.contains("consoles"))
    for (const auto& name : answer.at("consoles")) read.consoles += corpus_bytes(name) + "\n";
  if (answer.contains("files"))
    for (const auto& files : answer.at("files")) {
      auto& target = read.files.emplace_back();
      for (const auto& [name, content] : files.items()) target[name] = corpus_bytes(content);
    }
  return read;
}

}  // namespace

TEST_CASE("every load of the module has the outcome that each kernel gave") {
  std::size_t loads = 0;
  for (const auto& row : test::corpus_rows("loads")) {
    const auto text = corpus_bytes(row, "parameter");
    for (const auto& answer : row.at("answers")) {
      const auto read = read_answer(answer);
      for (const auto& kernel : test::corpus_kernels(answer)) {
        INFO("Linux " << to_string(kernel.version()) << ": " << netcon::escape(text));
        CHECK(test::load_difference(text, read, kernel) == "");
        ++loads;
      }
    }
  }
  CHECK(loads > 400);
}
