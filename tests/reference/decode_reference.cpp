// SPDX-License-Identifier: MIT
#include "decode_reference.hpp"

namespace reference {

namespace {

const std::string notice = "** replaying previous printk message **";

/// Takes "** replaying ... **\n" away where the text begins with it.
bool take_notice(std::string& text) {
  if (text.rfind(notice + "\n", 0) != 0) return false;
  text.erase(0, notice.size() + 1);
  return true;
}

bool is_decimal(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// Nothing above the limit.
std::optional<std::uint64_t> number(const std::string& digits, std::uint64_t most) {
  std::uint64_t value = 0;
  for (const char digit : digits) {
    const auto added = static_cast<std::uint64_t>(digit - '0');
    if (value > (most - added) / 10) return std::nullopt;
    value = value * 10 + added;
  }
  return value;
}

bool is_header(const text_list& fields, std::size_t first) {
  if (fields.size() < first + 4) return false;
  for (std::size_t i = first; i < first + 3; ++i)
    if (!is_decimal(fields[i])) return false;
  const auto& flag = fields[first + 3];
  return flag == "-" || flag == "c" || flag == "+";
}

/// What an ncfrag field says; the name of what is wrong with it.
std::string read_fragment(const std::string& value, packet& p) {
  const auto parts = split(value, '/');
  if (parts.size() != 2 || !is_decimal(parts[0]) || !is_decimal(parts[1])) return "bad-fragment";
  const auto offset = number(parts[0], 0xffffffff), total = number(parts[1], 0xffffffff);
  if (!offset || !total) return "number-out-of-range";
  if (*total == 0) return "fragment-empty";
  p.fragment = {*offset, *total};
  return "";
}

void read_body(packet& p, std::size_t packet_size) {
  std::string content = p.body;
  if (!p.fragment && packet_size == 1000 && p.release && content.back() == '\0') {
    p.damage = "nul_for_newline";
    content.pop_back();
  }
  if (!p.fragment && packet_size == 999 && content.find('\n') != std::string::npos && content.back() != '\n')
    p.damage = "last_byte_missing";
  auto lines = split(content, '\n');
  p.text = lines[0];
  lines.erase(lines.begin());
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (auto& line : lines) {
    if (line.rfind(" ", 0) == 0) line.erase(0, 1);
    const auto equals = line.find('=');
    p.dictionary.emplace_back(line.substr(0, equals),
                              equals == std::string::npos ? "" : line.substr(equals + 1));
  }
}

}  // namespace

packet read_packet(const std::string& bytes) {
  packet p;
  std::string rest = bytes;
  p.replayed = take_notice(rest);
  packet legacy;
  legacy.replayed = p.replayed;
  legacy.body = bytes;
  legacy.text = bytes;
  if (legacy.text.back() == '\n') legacy.text.pop_back();

  const auto semicolon = rest.find(';');
  if (semicolon == std::string::npos) return legacy;
  auto fields = split(rest.substr(0, semicolon), ',');
  if (!is_header(fields, 0)) {
    if (fields.size() < 2 || (p.replayed && fields[0].rfind(notice, 0) == 0)) return legacy;
    if (take_notice(fields[1])) p.replayed = true;
    if (!is_header(fields, 1)) return legacy;
    p.release = fields[0];
    fields.erase(fields.begin());
  }
  p.extended = true;
  p.body = rest.substr(semicolon + 1);
  p.flag = fields[3];

  for (std::size_t i = 4; i < fields.size(); ++i) {
    if (fields[i].rfind("ncfrag=", 0) == 0) {
      // Two are one too many.
      const auto wrong = p.fragment ? "bad-fragment" : read_fragment(fields[i].substr(7), p);
      if (p.error.empty()) p.error = wrong;
      continue;
    }
    if (p.caller.empty() && fields[i].rfind("caller=", 0) == 0) p.caller = fields[i].substr(7);
    p.fields.push_back(fields[i]);
  }

  // Numbers are more than fields, and the place of a slice is more than numbers.
  const auto priority = number(fields[0], UINT64_MAX), sequence = number(fields[1], UINT64_MAX),
             timestamp = number(fields[2], UINT64_MAX);
  if (!priority) {
    p.error = "number-out-of-range";
  } else if (*priority > 2047) {
    p.error = "bad-priority";
  } else if (!sequence || !timestamp) {
    p.error = "number-out-of-range";
  }
  p.priority = priority.value_or(0);
  p.sequence = sequence.value_or(0);
  p.timestamp_us = timestamp.value_or(0);
  if (p.fragment) {
    const auto [offset, total] = *p.fragment;
    if (p.body.empty()) {
      p.error = "fragment-empty";
    } else if (offset > total || p.body.size() > total - offset) {
      p.error = "fragment-out-of-bounds";
    }
  }
  if (p.error.empty()) read_body(p, bytes.size());
  return p;
}

}  // namespace reference
