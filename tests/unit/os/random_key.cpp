// SPDX-License-Identifier: MIT
#include <netcon/os/random_key.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <set>

using namespace netcon;

TEST_CASE("each key is another one, in each of its words, and not the fixed one") {
  std::set<std::uint64_t> words;
  for (const auto& key : {hash_key{}, random_key(), random_key(), random_key()})
    for (const auto word : key.words) words.insert(word);
  CHECK(words.size() == 4 * hash_key{}.words.size());
}
