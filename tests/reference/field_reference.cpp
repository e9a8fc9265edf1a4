// SPDX-License-Identifier: MIT
#include "field_reference.hpp"

#include <algorithm>

namespace reference {

namespace {

bool consists_of(const std::string& text, const std::string& alphabet) {
  return !text.empty() && text.find_first_not_of(alphabet) == std::string::npos;
}

std::string without_leading_zeros(const std::string& digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

std::optional<int> small_number(const std::string& text, int base, std::size_t most_digits, int limit) {
  if (!consists_of(text, base == 10 ? "0123456789" : "0123456789abcdefABCDEF")) return std::nullopt;
  const auto digits = without_leading_zeros(text);
  if (digits.size() > most_digits) return std::nullopt;
  const int value = std::stoi(digits, nullptr, base);
  if (value > limit) return std::nullopt;
  return value;
}

/// The bytes of "a:b:c", with a dotted quad allowed as the last group.
std::optional<std::vector<int>> groups(const std::string& text, bool quad_allowed) {
  std::vector<int> bytes;
  if (text.empty()) return bytes;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (quad_allowed && i + 1 == parts.size() && parts[i].find('.') != std::string::npos) {
      const auto quad = strict_v4(parts[i]);
      if (!quad) return std::nullopt;
      bytes.insert(bytes.end(), quad->begin(), quad->end());
      continue;
    }
    const auto group = small_number(parts[i], 16, 4, 0xffff);
    if (!group) return std::nullopt;
    bytes.push_back(*group / 256);
    bytes.push_back(*group % 256);
  }
  return bytes;
}

}  // namespace

bool since(const version& v, const version& mainline, const std::vector<version>& stable) {
  for (const auto& series : stable)
    if (v[0] == series[0] && v[1] == series[1] && v[2] >= series[2]) return true;
  return v >= mainline;
}

text_list split(const std::string& text, char separator) {
  text_list parts;
  std::size_t at = 0;
  for (auto end = text.find(separator); end != std::string::npos; end = text.find(separator, at)) {
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  parts.push_back(text.substr(at));
  return parts;
}

integer strict_integer(const std::string& text, bool may_be_negative, long long least, long long most) {
  std::string rest = text;
  const bool minus = may_be_negative && rest.rfind("-", 0) == 0;
  if (minus || rest.rfind("+", 0) == 0) rest.erase(0, 1);
  const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
  if (digits.empty()) return {einval};
  const auto number = without_leading_zeros(digits);
  const std::string largest = "18446744073709551615";
  const bool too_large =
      number.size() > largest.size() || (number.size() == largest.size() && number > largest);
  if (too_large) return {erange};  // said before anything behind the digits is looked at
  rest.erase(0, digits.size());
  if (!rest.empty() && rest != "\n") return {einval};
  if (number.size() > 18) return {erange};  // beyond every range that is asked for
  const long long value = (minus ? -1 : 1) * std::stoll(number);
  if (value < least || value > most) return {erange};
  return {0, value};
}

std::optional<std::vector<int>> strict_v4(const std::string& text) {
  std::vector<int> bytes;
  for (const auto& part : split(text, '.')) {
    const auto byte = small_number(part, 10, 3, 255);
    if (!byte) return std::nullopt;
    bytes.push_back(*byte);
  }
  if (bytes.size() != 4) return std::nullopt;
  return bytes;
}

std::optional<std::vector<int>> strict_v6(const std::string& text) {
  const auto gap = text.find("::");
  if (gap == std::string::npos) {
    if (text.empty()) return std::nullopt;
    auto all = groups(text, true);
    if (!all || all->size() != 16) return std::nullopt;
    return all;
  }
  const auto head = groups(text.substr(0, gap), false), tail = groups(text.substr(gap + 2), true);
  if (!head || !tail || head->size() + tail->size() > 14) return std::nullopt;
  std::vector<int> bytes(16, 0);
  std::copy(head->begin(), head->end(), bytes.begin());
  std::copy_backward(tail->begin(), tail->end(), bytes.end());
  return bytes;
}

std::vector<int> loose_v4(const std::string& text, bool char_is_signed) {
  std::string dotted = text;
  std::replace(dotted.begin(), dotted.end(), '\n', '.');
  auto parts = split(dotted, '.');
  parts.resize(4);
  unsigned long long address = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    long long value = 0;
    for (const char c : parts[i]) {
      int byte = static_cast<unsigned char>(c);
      if (char_is_signed && byte >= 128) byte -= 256;
      value = (value * 10 + byte - 48) % 0x100000000LL;
    }
    if (value < 0) value += 0x100000000LL;
    address |= static_cast<unsigned long long>(value) << 8 * (3 - i);
  }
  std::vector<int> bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<int>(address >> shift & 255));
  return bytes;
}

std::vector<int> leading_mac(const std::string& text) {
  if (text.size() < 17) return {};
  const auto parts = split(text.substr(0, 17), ':');
  if (parts.size() != 6) return {};
  std::vector<int> bytes;
  for (const auto& part : parts) {
    if (part.size() != 2 || !consists_of(part, "0123456789abcdefABCDEF")) return {};
    bytes.push_back(std::stoi(part, nullptr, 16));
  }
  return bytes;
}

}  // namespace reference
