// SPDX-License-Identifier: MIT
#include "pasted_packets.hpp"

#include <netcon/capture/ip_packet.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace checker {
namespace {

constexpr std::string_view blanks = " \t\r";

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a' + 10);
  return std::nullopt;
}

/// Pairs of digits, perhaps with blanks, colons or \x between them.
std::optional<std::string> read_hex(std::string_view line) {
  std::string bytes;
  std::optional<unsigned> high;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (!high && (c == ' ' || c == '\t' || c == ':' || c == ',')) continue;
    const bool is_prefix = !high && i + 1 < line.size() && line[i + 1] == 'x' && (c == '\\' || c == '0');
    if (is_prefix) {
      ++i;
      continue;
    }
    const auto digit = hex_digit(c);
    if (!digit) return std::nullopt;
    if (high) {
      bytes += static_cast<char>(*high << 4 | *digit);
      high.reset();
    } else {
      high = digit;
    }
  }
  if (high) return std::nullopt;
  return bytes;
}

std::optional<std::string> read_base64(std::string_view line) {
  constexpr std::size_t shortest = 8;  // a shorter word is a word
  if (line.size() < shortest || line.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && line.ends_with('='); ++i) line.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : line) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto value = alphabet.find(c);
    if (value == alphabet.npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xff);
    }
  }
  return bytes;
}

struct dump_line {
  std::size_t offset = 0;
  std::string bytes;
};

/// "0x0010:  4500 003c ...  E..<", "00000010: ..." and "00000010  45 00 ...  |E..<|".
std::optional<dump_line> read_dump_line(std::string_view line) {
  constexpr std::size_t in_a_line = 16;
  if (line.starts_with("0x")) line.remove_prefix(2);
  dump_line out;
  std::size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const auto digit = hex_digit(line[digits]);
    if (!digit) break;
    out.offset = out.offset << 4 | *digit;
  }
  if (digits < 4 || digits > 8) return std::nullopt;
  line.remove_prefix(digits);
  const bool has_colon = line.starts_with(':');
  if (has_colon) line.remove_prefix(1);
  if (!has_colon && !line.starts_with("  ")) {
    // The last line of hexdump is the size alone.
    return line.empty() && out.offset != 0 ? std::optional{out} : std::nullopt;
  }
  while (!line.empty() && out.bytes.size() < in_a_line) {
    const auto start = line.find_first_not_of(' ');
    if (start == line.npos) break;
    // A wide gap begins the text column, except in the middle of hexdump's line.
    if (start > 1 && !out.bytes.empty() && out.bytes.size() != in_a_line / 2) break;
    line.remove_prefix(start);
    const auto word = line.substr(0, line.find(' '));
    const auto bytes = read_hex(word);
    if (!bytes || word.size() > 2 * in_a_line) break;
    out.bytes += *bytes;
    line.remove_prefix(word.size());
  }
  return out;
}

/// The payload of a UDP datagram, or the bytes themselves where there is none in them.
std::string payload_of(const std::string& bytes) {
  for (const auto type : {netcon::link_type::raw, netcon::link_type::ethernet}) {
    netcon::ip_reader reader;
    const auto packet = find_ip_packet(type, bytes);
    const auto datagram = packet ? reader.read(*packet) : std::nullopt;
    if (datagram) return std::string{datagram->payload};
  }
  return bytes;
}

std::string_view trimmed(std::string_view line) {
  const auto start = line.find_first_not_of(blanks);
  if (start == line.npos) return {};
  return line.substr(start, line.find_last_not_of(blanks) - start + 1);
}

}  // namespace

std::vector<std::string> read_pasted_packets(std::string_view text) {
  std::vector<std::string> packets;
  bool in_dump = false;
  while (!text.empty()) {
    const auto raw = text.substr(0, text.find('\n'));
    text.remove_prefix(raw.size() == text.size() ? raw.size() : raw.size() + 1);
    const auto line = trimmed(raw);
    if (line.empty()) continue;
    if (auto dumped = read_dump_line(line)) {
      if (dumped->offset == 0) {
        packets.push_back(std::move(dumped->bytes));
      } else if (in_dump && dumped->offset == packets.back().size()) {
        packets.back() += dumped->bytes;
      } else {
        return {};
      }
      in_dump = true;
      continue;
    }
    // tcpdump puts a line of its own before each packet.
    if (in_dump || (packets.empty() && line.find(" IP") != line.npos && !text.empty())) {
      in_dump = false;
      if (line.find(" IP") != line.npos) continue;
    }
    auto bytes = read_hex(line);
    if (!bytes) bytes = read_base64(line);
    if (!bytes || bytes->empty()) return {};
    packets.push_back(*std::move(bytes));
  }
  for (auto& one : packets) one = payload_of(one);
  return packets;
}

}  // namespace checker
