// SPDX-License-Identifier: MIT
// The files that go into the guest and come out of it: operations, and what the kernel answered.
#pragma once

#include <netcon/wire/escape.hpp>

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace guest {

struct op {
  std::string what;
  std::string first, second;
};

struct answer {
  long ret = 0;
  int error = 0;
  std::string out;
  std::vector<std::string> log;  // texts that the kernel printed, unescaped
  std::vector<int> levels;       // of each of them
};

inline std::string to_hex(std::string_view bytes) {
  if (bytes.empty()) return "-";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

inline std::string from_hex(std::string_view text) {
  std::string out;
  if (text == "-") return out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  return out;
}

inline void write_ops(const std::string& path, const std::vector<op>& ops) {
  std::ofstream file{path, std::ios::binary};
  for (const auto& o : ops) file << o.what << ' ' << to_hex(o.first) << ' ' << to_hex(o.second) << '\n';
  if (!file) throw std::runtime_error{"cannot write " + path};
}

inline std::vector<op> read_ops(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error{"cannot read " + path};
  std::vector<op> ops;
  for (std::string what, first, second; file >> what >> first >> second;)
    ops.push_back({what, from_hex(first), from_hex(second)});
  return ops;
}

inline std::vector<answer> read_answers(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error{"cannot read " + path};
  std::vector<answer> answers;
  long ret = 0;
  int error = 0;
  for (std::string out, log; file >> ret >> error >> out >> log;) {
    answer one{ret, error, from_hex(out), {}, {}};
    const auto records = from_hex(log);
    for (std::size_t at = 0; at < records.size();) {
      const auto end = std::min(records.find('\n', at), records.size());
      const std::string_view line{records.data() + at, end - at};
      // Dictionary lines begin with a blank.
      if (const auto text = line.find(';'); !line.starts_with(' ') && text != line.npos) {
        one.log.push_back(netcon::unescape(line.substr(text + 1)));
        one.levels.push_back(std::atoi(std::string{line}.c_str()) % 8);
      }
      at = end + 1;
    }
    answers.push_back(std::move(one));
  }
  return answers;
}

/// Bytes as a person can read them in a message.
inline std::string visible(std::string_view bytes) {
  return netcon::escape(bytes);
}

}  // namespace guest
