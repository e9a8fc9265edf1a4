// SPDX-License-Identifier: MIT
// The texts of netcon test: the probe in a record, the answer of a receiver, and the opening of the way back;
// and the question of netcon doctor.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/level.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/hash.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/detail/to_string.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/record.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

namespace detail {

/// Reads a text from the front; the first part that differs makes it fail.
class probe_reader {
 public:
  constexpr explicit probe_reader(std::string_view text) noexcept : rest_{text} {}

  constexpr bool take(std::string_view part) noexcept {
    if (!starts_with(rest_, part)) return false;
    rest_.remove_prefix(part.size());
    return true;
  }
  /// 16 digits in lower case.
  constexpr bool take_nonce(std::uint64_t& nonce) noexcept {
    constexpr std::size_t digits = 16;
    if (rest_.size() < digits) return false;
    nonce = 0;
    for (const char c : text_up_to(rest_, digits)) {
      if (c >= 'A' && c <= 'F') return false;
      const int value = hex_value(c);
      if (value < 0) return false;
      nonce = nonce << 4 | static_cast<unsigned>(value);
    }
    rest_.remove_prefix(digits);
    return true;
  }
  /// Up to a byte that must come.
  constexpr std::optional<std::string_view> take_until(char end) noexcept {
    const auto at = rest_.find(end);
    if (at == rest_.npos) return std::nullopt;
    const auto part = text_up_to(rest_, at);
    rest_.remove_prefix(at + 1);
    return part;
  }
  /// A level by its name.
  constexpr bool take_level(char end, level& to) noexcept {
    const auto word = take_until(end);
    const auto found = word && word->size() > 1 ? parse_level(*word) : std::nullopt;
    if (found) to = *found;
    return found.has_value();
  }
  /// As it is written: without leading zeros.
  constexpr bool take_number(std::uint64_t& value) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && is_digit(rest_[size])) ++size;
    const auto digits = text_up_to(rest_, size);
    if ((size > 1 && digits.front() == '0') || read_decimal(digits, value) != number_state::ok) return false;
    rest_.remove_prefix(size);
    return true;
  }
  /// The end, or one newline before it.
  constexpr bool at_end() const noexcept { return rest_.empty() || rest_ == "\n"; }

 private:
  std::string_view rest_;
};

constexpr writer& put_nonce(writer& out, std::uint64_t nonce) noexcept {
  for (int shift = 60; shift >= 0; shift -= 4) out.put(hex_digits[nonce >> shift & 15]);
  return out;
}

inline constexpr std::string_view probe_front = "netcon-probe 1 ", answer_front = "netcon-answer 1 ",
                                  opening_front = "netcon-opening 1 ";
/// For who finds the line in a log. Its length makes every probe longer than its answer.
inline constexpr std::string_view probe_tail =
    ": netcon test asks whether this line reaches its receivers; it is no fault and needs no action";

}  // namespace detail

/// A test record: its text is "netcon-probe 1 NONCE LEVEL: " and a fixed remark. The nonce, 16 hexadecimal
/// digits, is random, so that only who saw the probe can answer it.
struct probe {
  /// Bytes of the longest text of a probe, that of level warning.
  static constexpr std::size_t max_text =
      detail::probe_front.size() + 16 + 1 + name(netcon::level::warning).size() + detail::probe_tail.size();

  std::uint64_t nonce = 0;                    ///< random: who answers with it saw the probe
  netcon::level level = netcon::level::info;  ///< at which the record was written

  /// The text of one record, without a newline; nothing for any other text.
  [[nodiscard]] static constexpr std::optional<probe> parse(std::string_view text) noexcept {
    probe out;
    detail::probe_reader in{text};
    if (!in.take(detail::probe_front) || !in.take_nonce(out.nonce) || !in.take(" ") ||
        !in.take_level(':', out.level))
      return std::nullopt;
    if (!in.take(detail::text_from(detail::probe_tail, 1)) || !in.at_end() || text.ends_with('\n'))
      return std::nullopt;
    return out;
  }

  friend constexpr auto operator<=>(const probe&, const probe&) noexcept = default;
};

/// The text of one record, without a newline.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last, const probe& p) noexcept {
  detail::writer out{first, last};
  detail::put_nonce(out.put(detail::probe_front), p.nonce);
  return out.put(' ').put(name(p.level)).put(detail::probe_tail).result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const probe& p) {
  return detail::to_string_by_to_chars(p);
}

/// What a receiver sends back, one datagram: "netcon-answer 1 NONCE LEVEL seen ENDPOINT lost COUNT". It is
/// never longer than the probe.
struct probe_answer {
  /// Bytes of the longest text of an answer.
  static constexpr std::size_t max_text = detail::answer_front.size() + 16 + 1 +
                                          name(netcon::level::warning).size() + 6 + endpoint::max_text + 6 +
                                          20;

  std::uint64_t nonce = 0;                    ///< of the probe
  netcon::level level = netcon::level::info;  ///< of the probe
  endpoint seen;                              ///< the probe's sender, as the receiver saw it; without a scope
  std::uint64_t lost = 0;                     ///< records of that sender so far

  /// A datagram, with or without its newline; nothing for any other text.
  [[nodiscard]] static constexpr std::optional<probe_answer> parse(std::string_view text) noexcept {
    probe_answer out;
    detail::probe_reader in{text};
    if (!in.take(detail::answer_front) || !in.take_nonce(out.nonce) || !in.take(" ") ||
        !in.take_level(' ', out.level) || !in.take("seen "))
      return std::nullopt;
    const auto seen = in.take_until(' ');
    const auto sender = seen ? endpoint::parse(*seen) : std::unexpected{error{}};
    if (!sender || sender->scope != 0 || !in.take("lost ") || !in.take_number(out.lost) || !in.at_end())
      return std::nullopt;
    out.seen = *sender;
    return out;
  }

  friend constexpr auto operator<=>(const probe_answer&, const probe_answer&) noexcept = default;
};

/// Without a newline. The scope of the sender, an index of the receiver's own interfaces, is left out.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const probe_answer& a) noexcept {
  detail::writer out{first, last};
  detail::put_nonce(out.put(detail::answer_front), a.nonce);
  out.put(' ').put(name(a.level)).put(" seen ").put_value(endpoint{a.seen.address, a.seen.port});
  return out.put(" lost ").put_decimal(a.lost).result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const probe_answer& a) {
  return detail::to_string_by_to_chars(a);
}

/// The first datagram of a test, sent by its socket: "netcon-opening 1 NONCE". A firewall that keeps state
/// does not see what netpoll sends; this opens the way for the answer. It is never empty, since an empty
/// datagram ends nc -u -l, and no receiver answers it.
struct probe_opening {
  /// Bytes of every text of an opening.
  static constexpr std::size_t max_text = detail::opening_front.size() + 16;

  std::uint64_t nonce = 0;  ///< the 16 hexadecimal digits of the text

  /// A datagram, with or without its newline; nothing for any other text.
  [[nodiscard]] static constexpr std::optional<probe_opening> parse(std::string_view text) noexcept {
    probe_opening out;
    detail::probe_reader in{text};
    if (!in.take(detail::opening_front) || !in.take_nonce(out.nonce) || !in.at_end()) return std::nullopt;
    return out;
  }

  friend constexpr auto operator<=>(const probe_opening&, const probe_opening&) noexcept = default;
};

/// Without a newline.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const probe_opening& o) noexcept {
  detail::writer out{first, last};
  return detail::put_nonce(out.put(detail::opening_front), o.nonce).result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const probe_opening& o) {
  return detail::to_string_by_to_chars(o);
}

/// The datagram of netcon doctor, which waits for an ICMP message: a receiver need not answer it.
inline constexpr std::string_view contact_question = "netcon doctor: does anything listen here?\n";

/// Whether a line comes from a socket of netcon test or netcon doctor, with or without its newline. It shows
/// that the machine runs, and nothing of its netconsole, whose address and port the socket may have.
[[nodiscard]] constexpr bool is_from_socket(std::string_view line) noexcept {
  return probe_opening::parse(line) ||
         (detail::starts_with(contact_question, line) && line.size() + 1 >= contact_question.size());
}

/// The probe in a line of a basic target, whose prefix may have a time, a caller and the probe's own level.
[[nodiscard]] constexpr std::optional<probe> find_probe(std::string_view basic_line) noexcept {
  const auto prefix = split_basic_prefix(basic_line);
  const auto found = probe::parse(prefix.text);
  if (found && prefix.priority && static_cast<netcon::level>(*prefix.priority & 7) != found->level)
    return std::nullopt;
  return found;
}

/// The probe in a packet or record: its whole text, at the level that it says. A fragment has it when it is
/// the first one; a basic packet in its first line.
[[nodiscard]] constexpr std::optional<probe> find_probe(const record_view& record) noexcept {
  const auto text = record.text();
  if (record.is_basic()) return find_probe(detail::text_up_to(text, text.find('\n')));
  if (const auto fragment = record.fragment(); fragment && fragment->offset != 0) return std::nullopt;
  const auto found = probe::parse(text);
  if (found && found->level != record.level()) return std::nullopt;
  return found;
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::probe> {
  std::size_t operator()(const netcon::probe& p) const noexcept {
    return netcon::detail::hash_of(p.nonce, p.level);
  }
};

template <>
struct std::hash<netcon::probe_answer> {
  std::size_t operator()(const netcon::probe_answer& a) const noexcept {
    return netcon::detail::hash_of(a.nonce, a.level, a.seen, a.lost);
  }
};

template <>
struct std::hash<netcon::probe_opening> {
  std::size_t operator()(const netcon::probe_opening& o) const noexcept {
    return netcon::detail::hash_of(o.nonce);
  }
};
