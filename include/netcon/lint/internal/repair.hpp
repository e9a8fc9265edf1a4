// SPDX-License-Identifier: MIT
// A guess at the target that was meant with a text that no kernel takes. Delimiters of such a text are
// missing or in the wrong places, so that its fields would mislead: the parts count by what they look like.
#pragma once

#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/held_addresses.hpp>
#include <netcon/lint/internal/respelled_mac.hpp>
#include <netcon/parameter/fields.hpp>
#include <netcon/parameter/parse.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::detail {

/// One half of a target by the kinds of its parts, in whatever order they were written.
struct target_half {
  std::string port, ip, zone, device, mac;

  bool is_v6() const { return ip.find(':') != ip.npos; }
};

/// Takes brackets and zone off an address; false when what remains is none.
inline bool read_address(std::string_view text, target_half& half) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::string_view zone;
  if (const auto percent = text.find('%'); percent != text.npos && text.find(':') < percent) {
    zone = text.substr(percent + 1);
    text = text.substr(0, percent);
  }
  if (!half.ip.empty() || !kernel_address(text)) return false;
  half.ip = text;
  half.zone = zone;
  return true;
}

/// A part of one half into the place for its kind; false when it looks like nothing that belongs there, or
/// the place is taken by something else.
class half_reader {
 public:
  /// `beside_blank`: a blank parts it from another field.
  bool put(std::string_view part, bool is_last, bool beside_blank) {
    std::uint16_t number = 0;
    mac_address mac;
    const bool ends = part.size() <= mac_address::max_text ||
                      (hex_value(part[mac_address::max_text]) < 0 && part[mac_address::max_text] != ':');
    if (ends && read_kernel_mac(part, mac)) return set(half.mac, part.substr(0, mac_address::max_text));
    if (read_address(part, half)) return true;
    if (read_kernel_u16(part, number) == number_state::ok) {
      if (beside_blank && number < 256) return false;  // perhaps of an address that is torn
      const bool is_prefix_length = !half.ip.empty() && number <= 128;
      return is_prefix_length || set(half.port, std::to_string(number));
    }
    if (const auto respelled = is_last ? respelled_mac(part) : std::nullopt) return set(half.mac, *respelled);
    if (const auto colon = part.rfind(':');
        colon != part.npos && read_kernel_u16(part.substr(colon + 1), number) == number_state::ok &&
        read_address(part.substr(0, colon), half))
      return set(half.port, std::to_string(number));
    const auto name = count_byte(part, ':') > 1 ? part : part.substr(0, part.find(':'));
    return is_last && count_byte(name, '.') < 2 && is_ascii(name) && interface_name::parse(name) &&
           set(half.device, name);
  }

  target_half half;

 private:
  static bool set(std::string& to, std::string_view value) {
    if (!to.empty()) return to == value;
    to = value;
    return true;
  }
};

/// The parts between '@', '/', ',' and blanks by what they look like; nothing when one of them does not
/// belong there.
inline std::optional<target_half> read_half(std::string_view text) {
  half_reader reader;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = find_or_end(text, "@/, ", start);
    const auto part = text.substr(start, end - start);
    const bool beside_blank =
        (start > 0 && text[start - 1] == ' ') || (end < text.size() && text[end] == ' ');
    if (!part.empty() && !reader.put(part, end == text.size(), beside_blank)) return std::nullopt;
    start = end + 1;
  }
  return std::move(reader.half);
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

/// Two halves and flags as a target that this kernel takes.
inline std::optional<std::string> repaired_halves(std::string_view flags, std::string_view left,
                                                  std::string_view right, const kernel_profile& kernel) {
  const auto source = read_half(left), target = read_half(right);
  if (!source || !target) return std::nullopt;
  auto whole = join_halves(*source, *target, flags);
  if (!whole || !parse_target(*whole, kernel)) return std::nullopt;
  return whole;
}

/// One word, with the shell's quotes and backslashes taken off, as a target.
inline std::optional<std::string> repaired_word(std::string_view word, const kernel_profile& kernel) {
  const auto text = without_quoting(word);
  std::size_t start = 0;
  bool extended = false, release = false;
  for (; start < text.size() && (text[start] == '+' || text[start] == 'r'); ++start)
    (text[start] == '+' ? extended : release) = true;
  std::string flags;
  if ((extended || release) && kernel.supports(feature::extended)) flags = "+";
  if (release && kernel.supports(feature::release)) flags += "r";
  const auto body = std::string_view{text}.substr(start);

  for (auto comma = body.find(','); comma != body.npos; comma = body.find(',', comma + 1))
    if (auto whole = repaired_halves(flags, body.substr(0, comma), body.substr(comma + 1), kernel))
      return whole;
  const auto first = body.find('@'), second = first == body.npos ? first : body.find('@', first + 1);
  if (second == body.npos) return repaired_halves(flags, "", body, kernel);
  // Two '@' without ',' between them: the second half begins with the digits before its '@'.
  auto port = second;
  while (is_digit(body[port - 1])) --port;
  if (std::string_view{"@/;|: "}.find(body[port - 1]) != std::string_view::npos)
    return repaired_halves(flags, body.substr(0, port - 1), body.substr(port), kernel);
  // One or two digits after letters are the end of a name such as eth0, not a port.
  if (second - port > 2) return std::nullopt;
  return repaired_halves(flags, body.substr(0, second), body.substr(second), kernel);
}

/// What people write between two targets.
inline constexpr std::string_view target_separators = ", |\t";

/// Where a text goes on after separators, and after the name of the parameter where that is repeated.
constexpr std::size_t after_separators(std::string_view text) noexcept {
  auto at = text.find_first_not_of(target_separators);
  if (at == text.npos || at == 0) return 0;
  for (const std::string_view name : {"netconsole.netconsole=", "netconsole="})
    if (text.substr(at).starts_with(name)) return at + name.size();
  return at;
}

/// Several targets with something else than ';' between them, each one as the kernel takes it.
inline std::optional<std::string> repaired_list(std::string_view text, const kernel_profile& kernel) {
  for (auto cut = text.find_first_of(target_separators); cut != text.npos;
       cut = text.find_first_of(target_separators, cut + 1)) {
    const auto next = after_separators(text.substr(cut));
    if (next == 0 || !parse_target(text.substr(0, cut), kernel)) continue;
    const auto rest = text.substr(cut + next);
    const auto head = std::string{text.substr(0, cut)} + ";";
    if (parse_target(rest, kernel)) return head + std::string{rest};
    if (auto more = repaired_list(rest, kernel)) return head + *more;
    return std::nullopt;
  }
  return std::nullopt;
}

/// Whether the kernel takes a target, and nothing in it but what belongs into its fields.
inline bool is_plain_target(std::string_view text, const kernel_profile& kernel) {
  const auto parsed = parse_target(text, kernel);
  if (!parsed) return false;
  const auto fields = split_target(text, kernel);
  const auto device = fields.local_device.in(text);
  mac_address mac;
  const bool is_mac = device.size() == mac_address::max_text && read_kernel_mac(device, mac);
  return (device.empty() || is_mac || (interface_name::parse(device) && device.find('@') == device.npos)) &&
         (fields.remote_mac.empty() || fields.remote_mac.size() == mac_address::max_text);
}

/// One field delimiter, typed as a blank.
inline std::optional<std::string> with_delimiter_for_blank(std::string_view target,
                                                           const kernel_profile& kernel) {
  for (auto cut = target.find_first_of(" \t"); cut != target.npos; cut = target.find_first_of(" \t", cut + 1))
    for (const char delimiter : {',', '/', '@'}) {
      std::string whole{target};
      whole[cut] = delimiter;
      if (is_plain_target(whole, kernel) && keeps_addresses(target, whole)) return whole;
    }
  return std::nullopt;
}

/// A target that the kernel takes, or nothing where the meaning cannot be recovered. No address of the text
/// is lost, and none is made up.
inline std::optional<std::string> repaired(std::string_view target, const kernel_profile& kernel) {
  if (auto whole = with_delimiter_for_blank(target, kernel)) return whole;
  if (auto list = repaired_list(target, kernel); list && keeps_addresses(target, *list)) return list;

  if (const auto at = target.rfind(parameter_name); at != target.npos) {
    if (holds_target(target.substr(0, at))) return std::nullopt;
    target.remove_prefix(at + parameter_name.size());
    if (auto list = repaired_list(target, kernel); list && keeps_addresses(target, *list)) return list;
  }
  const auto of_word = [&](std::string_view word) {
    auto whole = repaired_word(word, kernel);
    if (whole && !keeps_addresses(target, *whole, true)) whole.reset();
    return whole;
  };
  if (auto whole = of_word(target)) return whole;
  while (!target.empty() && is_blank(target.front())) target.remove_prefix(1);
  // What follows a blank is no part of a target, unless it is another half or a further one, with a mistake
  // of its own.
  const auto word = target.substr(0, target.find_first_of(" \t\n"));
  return target.find('@', word.size()) == target.npos ? of_word(word) : std::nullopt;
}

/// The same as the smallest replacement in the target.
inline std::optional<fix> repair_of(std::string_view target, const kernel_profile& kernel) {
  const auto better = repaired(target, kernel);
  if (!better) return std::nullopt;
  const auto shorter = target.size() < better->size() ? target.size() : better->size();
  std::size_t head = 0, tail = 0;
  while (head < shorter && target[head] == (*better)[head]) ++head;
  while (tail < shorter - head && target[target.size() - 1 - tail] == (*better)[better->size() - 1 - tail])
    ++tail;
  return fix{text_range::between(head, target.size() - tail),
             better->substr(head, better->size() - tail - head)};
}

}  // namespace netcon::inline v0_1::detail
