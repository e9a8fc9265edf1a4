// SPDX-License-Identifier: MIT
// The part of TOML that a configuration file of one command needs.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct toml_key {
  std::string name;
  std::vector<std::string> values;  // one, or those of an array
  std::size_t line = 0;             // where the key is
};

struct toml_mistake {
  std::size_t line = 0;
  std::string what;  // one line
};

/// Reads keys with strings in either kind of quotes, words without quotes and blanks such as true and 6666,
/// and arrays of these, also over several lines. A key that is given twice is a mistake, and so are tables,
/// dots in keys, strings of several lines and all that is no TOML, but for one thing: words need not be a
/// TOML value.
std::expected<std::vector<toml_key>, toml_mistake> read_toml_keys(std::string_view text);

}  // namespace tool
