// SPDX-License-Identifier: MIT
// Rows of tests/data/vectors/configfs_*.jsonl.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

/// A string of a row: the recordings hold one byte a character.
inline std::string recorded_bytes(const nlohmann::json& row, const char* key) {
  if (!row.contains(key)) return {};
  std::string narrow;
  const auto utf8 = row.at(key).get<std::string>();
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80) {
      narrow += utf8[i];
    } else {
      const auto next = static_cast<unsigned char>(utf8[++i]);
      narrow += static_cast<char>((lead & 3) << 6 | (next & 0x3f));
    }
  }
  return narrow;
}

/// The name of a row's errno; empty when the operation succeeded.
inline std::string recorded_error(const nlohmann::json& row) {
  const auto error = row.at("errno").is_string() ? row.at("errno").get<std::string>() : std::string{};
  return error == "E524" ? "ENOTSUPP" : error;
}
