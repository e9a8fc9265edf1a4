// SPDX-License-Identifier: MIT
// How a target that takes many packets cuts them out of its input. packet_mutator.cpp changes whole packets
// by the same rules.
#pragma once

#include "fuzz.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fuzz {

struct packet {
  std::uint8_t about = 0;            // who sent it, and what else the target keeps in a byte
  std::optional<std::uint8_t> step;  // time that passes before it
  std::string_view bytes;
};

struct framing {
  std::size_t head;         // bytes in front of the packets: limits and options
  std::size_t packet_size;  // of the largest packet
  /// Nothing at the end of the input.
  std::optional<packet> (*read)(input&);
  /// Appends what read() reads. about and step are as read() gives them.
  void (*write)(std::string&, const packet&);
};

inline void append_u16(std::string& out, std::size_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>(value >> 8 & 0xff);
}

/// Defined by each target that takes packets.
extern const framing packets;

}  // namespace fuzz
