// SPDX-License-Identifier: MIT
// The addresses that a text has, whatever is between them: a fix neither makes one up nor loses one.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/respelled_mac.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// The address that the whole text is, to a kernel that knows both families.
inline std::optional<ip_address> kernel_address(std::string_view text) {
  ipv4_address::bytes_type v4{};
  ipv6_address::bytes_type v6{};
  if (read_kernel_ipv4(text, v4) == text.size()) return ip_address{ipv4_address{v4}};
  if (read_kernel_ipv6(text, v6) == text.size()) return ip_address{ipv6_address{v6}};
  return std::nullopt;
}

/// A word without the shell's quotes and backslashes. A blank stays, as one ' ', where it is all that parts
/// two fields; so does a quote or a backslash between hexadecimal digits.
inline std::string without_quoting(std::string_view word) {
  constexpr std::string_view delimiters = " @/,;|";
  std::string text;
  bool has_blank = false, has_mark = false;
  while (!word.empty()) {
    const char c = word.front();
    // What has no width parts nothing; a no-break space is one blank more.
    const auto unseen = invisible_blank(word), mark = typeset_quote(word);
    if (unseen != 0 || mark != 0 || is_blank(c) || is_quote(c) || c == '\\') {
      has_blank = has_blank || is_blank(c) || word.starts_with("\xc2\xa0");
      has_mark = has_mark || mark != 0 || is_quote(c) || c == '\\';
      word.remove_prefix(unseen + mark != 0 ? unseen + mark : 1);
      continue;
    }
    const bool parts =
        has_blank || (has_mark && !text.empty() && hex_value(text.back()) >= 0 && hex_value(c) >= 0);
    if (parts && !text.empty() && delimiters.find(text.back()) == delimiters.npos &&
        delimiters.find(c) == delimiters.npos)
      text += ' ';
    has_blank = has_mark = false;
    text += c;
    word.remove_prefix(1);
  }
  return text;
}

/// What addresses a text has as parts of its own, each in one spelling.
struct held_addresses {
  std::vector<std::string> ips, macs;
  std::vector<std::string> digits;  // twelve of them may be a MAC address

  explicit held_addresses(std::string_view text) {
    const auto plain = without_quoting(text);
    for (std::size_t start = 0; start <= plain.size();) {
      const auto end = find_or_end(plain, "@/,;| =", start);
      take(std::string_view{plain}.substr(start, end - start));
      start = end + 1;
    }
  }

 private:
  void take(std::string_view part) {
    const auto bare = part.substr(0, find_or_end(part, "%", 0));
    const auto port = bare.rfind(':');
    if (!put(bare) && port != bare.npos) put(bare.substr(0, port));
    mac_address mac;
    if (read_kernel_mac(part, mac))
      macs.push_back(to_string(mac));
    else if (auto respelled = respelled_mac(part))
      (part.find_first_of(":-.") == part.npos ? digits : macs).push_back(*std::move(respelled));
  }
  /// 0.0.0.0 and :: are written for "none".
  bool put(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    const auto address = kernel_address(text);
    if (address && !address->is_unspecified()) ips.push_back(to_string(*address));
    return address.has_value();
  }
};

/// Whether two words become one without these bytes, and without the blanks and quotes beside them.
constexpr bool joins_words(std::string_view text, text_range where) noexcept {
  const auto is_between = [](char c) { return is_blank(c) || is_quote(c) || c == '\\' || (c & 0x80) != 0; };
  std::size_t left = where.begin, right = where.end;
  while (left > 0 && is_between(text[left - 1])) --left;
  while (right < text.size() && is_between(text[right])) ++right;
  return left > 0 && right < text.size() && is_word_byte(text[left - 1]) && is_word_byte(text[right]);
}

/// Whether a text has a part of a target, so that it must not be dropped.
inline bool holds_target(std::string_view text) {
  const held_addresses held{text};
  return text.find('@') != text.npos || !held.ips.empty() || !held.macs.empty();
}

/// Whether a better text has the addresses of the other one and no further ones. `drops_source`: one of
/// another family than the only one that is left may go, for no kernel takes such a source.
inline bool keeps_addresses(std::string_view text, std::string_view better, bool drops_source = false) {
  const held_addresses before{text}, after{better};
  const auto has = [](const std::vector<std::string>& list, const std::string& one) {
    return std::ranges::find(list, one) != list.end();
  };
  const auto is_v6 = [](const std::string& ip) { return ip.find(':') != ip.npos; };
  for (const auto& ip : after.ips)
    if (!has(before.ips, ip)) return false;
  for (const auto& ip : before.ips)
    if (!has(after.ips, ip) && !(drops_source && after.ips.size() == 1 && is_v6(ip) != is_v6(after.ips[0])))
      return false;
  for (const auto& mac : after.macs)
    if (!has(before.macs, mac) && !has(before.digits, mac)) return false;
  return std::ranges::all_of(before.macs, [&](const auto& mac) { return has(after.macs, mac); });
}

}  // namespace netcon::inline v0_1::detail
