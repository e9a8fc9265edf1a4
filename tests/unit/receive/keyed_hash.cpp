// SPDX-License-Identifier: MIT
#include <netcon/receive/keyed_hash.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

using namespace netcon;

TEST_CASE("texts that differ have different hashes, under every key") {
  for (const auto& key : {hash_key{}, hash_key{{1, 2, 3, 4, 5, 6, 7}}}) {
    const keyed_hash hash{key};
    std::set<std::size_t> seen;
    std::string text;
    for (int i = 0; i < 100; ++i, text += '\0') seen.insert(hash(text));
    for (int i = 0; i < 10000; ++i) seen.insert(hash(std::to_string(i)));
    CHECK(seen.size() == 10100);
    CHECK(hash("name") == hash(std::string{"name"}));
  }
}

TEST_CASE("another key spreads the same texts and senders differently") {
  const keyed_hash one, other{{{1, 2, 3, 4, 5, 6, 7}}};
  const endpoint from{ipv4_address{10, 0, 0, 1}, port{6665}};
  CHECK(one("name") != other("name"));
  CHECK(one(from) != other(from));
  CHECK(one(from) == keyed_hash{}(from));
}
