// SPDX-License-Identifier: MIT
// A slow, plain model of how one packet is to be read: split at the first ';', then at every comma. It shares
// no code and no type with the library: where the two differ, one of them is wrong.
#pragma once

#include "field_reference.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reference {

struct packet {
  std::string error{};  // the name of what is wrong with an extended header
  bool extended = false, replayed = false;
  std::optional<std::string> release{};
  std::uint64_t priority = 0, sequence = 0, timestamp_us = 0;
  std::string flag{}, caller{};
  text_list fields{};  // behind the flag, but for ncfrag
  std::optional<std::pair<std::uint64_t, std::uint64_t>> fragment{};
  std::string damage = "none";
  std::string body{}, text{};
  std::vector<std::pair<std::string, std::string>> dictionary{};
};

packet read_packet(const std::string& bytes);

}  // namespace reference
