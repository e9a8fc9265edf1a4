// A guess at the target that somebody meant with a text that no kernel takes.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/parameter/parse.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::detail {

inline constexpr std::string_view parameter_name = "netconsole=";

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool is_quote(char c) noexcept {
  return c == '"' || c == '\'' || c == '`';
}

/// How many bytes at the beginning are a quote that word processors and web pages make of a plain one
/// (UTF-8).
constexpr std::size_t typeset_quote(std::string_view text) noexcept {
  return text.size() >= 3 && text.starts_with("\xe2\x80") && text[2] >= '\x98' && text[2] <= '\x9f' ? 3 : 0;
}

/// How many bytes at the beginning are a blank that nobody sees: no-break, without width, byte order mark.
constexpr std::size_t invisible_blank(std::string_view text) noexcept {
  for (const std::string_view one :
       {"\xc2\xa0", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x81\xa0", "\xef\xbb\xbf"})
    if (text.starts_with(one)) return one.size();
  return 0;
}

constexpr bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Reads a MAC address in any usual spelling: a:b:c:d:e:f, aa-bb-cc-dd-ee-ff, aabb.ccdd.eeff, aabbccddeeff.
/// The result is the kernel's spelling.
inline std::optional<std::string> respelled_mac(std::string_view text) {
  const auto all_hex = [](std::string_view s) {
    return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return hex_value(c) >= 0; });
  };
  std::string digits;
  const char separator = text.find(':') != text.npos ? ':' : text.find('-') != text.npos ? '-' : '.';
  if (text.find(separator) == text.npos) {
    digits = text;
  } else {
    const std::size_t width = separator == '.' ? 4 : 2;
    // Two digits everywhere but at the end: the text is cut off, and no zero was left out.
    if (width == 2 && text.size() == mac_address::max_text - 1 && text[text.size() - 2] == separator)
      return std::nullopt;
    for (std::size_t start = 0; start <= text.size();) {
      const auto end = std::min(text.find(separator, start), text.size());
      const auto group = text.substr(start, end - start);
      if (!all_hex(group) || group.size() > width || (width == 4 && group.size() != width))
        return std::nullopt;
      digits.append(width - group.size(), '0').append(group);
      start = end + 1;
    }
  }
  if (digits.size() != 12 || !all_hex(digits)) return std::nullopt;
  std::string mac;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    if (i != 0) mac += ':';
    mac.append(digits, i, 2);
  }
  return mac;
}

/// One half of a target by the kinds of its parts, wherever they stand in it.
struct target_half {
  std::string port, ip, zone, device, mac;

  bool is_v6() const { return ip.find(':') != ip.npos; }
};

constexpr bool is_kernel_address(std::string_view text) noexcept {
  ipv4_address::bytes_type v4{};
  ipv6_address::bytes_type v6{};
  return read_kernel_ipv4(text, v4) == text.size() || read_kernel_ipv6(text, v6) == text.size();
}

/// Takes brackets and zone off an address; false when what remains is none.
inline bool read_address(std::string_view text, target_half& half) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::string_view zone;
  if (const auto percent = text.find('%'); percent != text.npos && text.find(':') < percent) {
    zone = text.substr(percent + 1);
    text = text.substr(0, percent);
  }
  if (!half.ip.empty() || !is_kernel_address(text)) return false;
  half.ip = text;
  half.zone = zone;
  return true;
}

/// The parts between '@', '/' and ',' by what they look like; nothing when one of them looks like nothing
/// that belongs there, or two look alike.
inline std::optional<target_half> read_half(std::string_view text) {
  target_half half;
  const auto put = [](std::string& to, std::string value) {
    if (!to.empty()) return to == value;
    to = std::move(value);
    return true;
  };
  const auto name_before_alias = [](std::string_view part) {
    return std::count(part.begin(), part.end(), ':') > 1 ? part : part.substr(0, part.find(':'));
  };
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find_first_of("@/,", start), text.size());
    const auto part = text.substr(start, end - start);
    const bool is_last = end == text.size();
    start = end + 1;
    if (part.empty()) continue;
    std::uint16_t number = 0;
    mac_address mac;
    const auto colon = part.rfind(':');
    if (read_kernel_mac(part, mac)) {
      if (!put(half.mac, std::string{part.substr(0, mac_address::max_text)})) return std::nullopt;
    } else if (read_address(part, half)) {
      continue;
    } else if (read_kernel_u16(part, number) == number_state::ok) {
      const bool is_prefix_length = !half.ip.empty() && number <= 128;
      if (!is_prefix_length && !put(half.port, std::to_string(number))) return std::nullopt;
    } else if (auto respelled = respelled_mac(part); respelled && is_last) {
      if (!put(half.mac, std::move(*respelled))) return std::nullopt;
    } else if (colon != part.npos && read_kernel_u16(part.substr(colon + 1), number) == number_state::ok &&
               read_address(part.substr(0, colon), half)) {
      if (!put(half.port, std::to_string(number))) return std::nullopt;
    } else if (const auto name = name_before_alias(part); is_last &&
                                                          std::count(name.begin(), name.end(), '.') < 2 &&
                                                          is_ascii(name) && interface_name::parse(name)) {
      if (!put(half.device, std::string{name})) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return half;
}

inline std::optional<std::string> join_halves(target_half source, target_half target,
                                              std::string_view flags) {
  if (!target.device.empty()) {
    if (source.mac.empty() || source.ip.empty() || !source.device.empty() || !target.mac.empty())
      return std::nullopt;
    std::swap(source, target);
  }
  // The family follows the receiver; the kernel finds a source of that family by itself.
  if (!source.ip.empty() && source.is_v6() != target.is_v6()) source.ip.clear();
  if (source.device.empty() && source.mac.empty() && interface_name::parse(target.zone))
    source.device = target.zone;
  if (target.ip.empty() || (!source.mac.empty() && !source.device.empty())) return std::nullopt;
  return std::string{flags} + source.port + "@" + source.ip + "/" + source.device + source.mac + "," +
         target.port + "@" + target.ip + "/" + target.mac;
}

/// One word, with the shell's quotes and backslashes taken off, as a target.
inline std::optional<std::string> repaired_word(std::string_view word, const kernel_profile& kernel) {
  std::string text;
  while (!word.empty()) {
    auto skipped = std::max(typeset_quote(word), invisible_blank(word));
    if (const char c = word.front(); skipped == 0 && !is_blank(c) && !is_quote(c) && c != '\\') text += c;
    word.remove_prefix(std::max<std::size_t>(skipped, 1));
  }
  std::size_t start = 0;
  bool extended = false, release = false;
  for (; start < text.size() && (text[start] == '+' || text[start] == 'r'); ++start)
    (text[start] == '+' ? extended : release) = true;
  std::string flags;
  if ((extended || release) && kernel.supports(feature::extended)) flags = "+";
  if (release && kernel.supports(feature::release)) flags += "r";
  const auto body = std::string_view{text}.substr(start);

  const auto attempt = [&](std::string_view left, std::string_view right) -> std::optional<std::string> {
    const auto source = read_half(left), target = read_half(right);
    if (!source || !target) return std::nullopt;
    auto whole = join_halves(*source, *target, flags);
    if (!whole || !parse_target(*whole, kernel)) return std::nullopt;
    return whole;
  };
  for (auto comma = body.find(','); comma != body.npos; comma = body.find(',', comma + 1))
    if (auto whole = attempt(body.substr(0, comma), body.substr(comma + 1))) return whole;
  const auto first = body.find('@'), second = first == body.npos ? first : body.find('@', first + 1);
  if (second == body.npos) return attempt("", body);
  // Two '@' without ',' between them: the second half begins with the digits before its '@'.
  auto port = second;
  while (is_digit(body[port - 1])) --port;
  if (std::string_view{"@/;|:"}.find(body[port - 1]) != std::string_view::npos)
    return attempt(body.substr(0, port - 1), body.substr(port));
  // One or two digits behind letters are the end of a name such as eth0, not a port.
  return second - port <= 2 ? attempt(body.substr(0, second), body.substr(second)) : std::nullopt;
}

/// What the kernel takes, or nothing where the meaning cannot be recovered.
inline std::optional<std::string> repaired(std::string_view piece, const kernel_profile& kernel) {
  for (auto cut = piece.find(' '); cut != piece.npos; cut = piece.find(' ', cut + 1)) {
    auto whole = std::string{piece};
    whole[cut] = ',';
    if (parse_target(whole, kernel)) return whole;
  }
  for (auto cut = piece.find_first_of(", |"); cut != piece.npos; cut = piece.find_first_of(", |", cut + 1))
    if (parse_target(piece.substr(0, cut), kernel) && parse_target(piece.substr(cut + 1), kernel))
      return std::string{piece.substr(0, cut)} + ";" + std::string{piece.substr(cut + 1)};

  if (const auto at = piece.rfind(parameter_name); at != piece.npos)
    piece.remove_prefix(at + parameter_name.size());
  if (auto whole = repaired_word(piece, kernel)) return whole;
  while (!piece.empty() && is_blank(piece.front())) piece.remove_prefix(1);
  return repaired_word(piece.substr(0, piece.find_first_of(" \t\n")), kernel);
}

}  // namespace netcon::detail
