// SPDX-License-Identifier: MIT
// A slow, plain model of what a kernel's extended target sends for a record, written from its behaviour. It
// shares no code and no type with the library: where the two differ, one of them is wrong.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace reference {

struct wire_message {
  std::array<int, 3> version{7, 3, 4};
  std::string header{};   // "6,339,5140900,-"
  std::string body{};     // all behind the first ';' of the record
  std::string release{};  // empty: not prepended
  bool has_release = false;
  std::vector<std::pair<std::string, std::string>> userdata{};
  std::vector<std::string> sysdata{};  // whole lines: " cpu=0\n"
};

inline std::vector<std::string> packets(const wire_message& m) {
  std::string added;
  for (const auto& [key, value] : m.userdata)
    if (!value.empty()) added += " " + key + "=" + value + "\n";
  for (const auto& line : m.sysdata) added += line;
  const std::string stream = m.body + added;
  const std::string front = (m.has_release ? m.release + "," : "") + m.header;

  const bool body_end_bug = m.version >= std::array{6, 9, 0} && m.version < std::array{6, 11, 4};
  const bool thousand_bug = m.version >= std::array{6, 6, 0} && m.version < std::array{7, 2, 0};
  std::string whole = front + ";" + stream;
  if (whole.size() < 1000) return {whole};
  if (whole.size() == 1000) {
    if (thousand_bug && !added.empty()) {
      whole.pop_back();
    } else if (thousand_bug && m.has_release) {
      whole.back() = '\0';
    }
    return {whole};
  }
  std::vector<std::string> sent;
  for (std::size_t offset = 0; offset < stream.size();) {
    const std::string head =
        front + ",ncfrag=" + std::to_string(offset) + "/" + std::to_string(stream.size()) + ";";
    const auto slice = stream.substr(offset, 1000 - head.size());
    offset += slice.size();
    // The send loop stopped, before it sent, when the body ended together with a packet.
    if (body_end_bug && offset == m.body.size() && !added.empty()) break;
    sent.push_back(head + slice);
  }
  return sent;
}

}  // namespace reference
