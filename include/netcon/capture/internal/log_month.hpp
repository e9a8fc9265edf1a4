// SPDX-License-Identifier: MIT
// Months as journalctl and others write them in the language of the user.
#pragma once

#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/detail/digits.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// The month of a name that the C library abbreviates in German, French, Spanish, Italian, Portuguese, Dutch,
/// Polish, Czech, Swedish, Danish, Norwegian, Finnish or Russian, or of the number that Japanese, Chinese and
/// Korean have. 0: none of these, or the name of another month in another language ("lip", "lis" and "srp",
/// which Croatian has a month earlier).
constexpr unsigned month_of(std::string_view word) noexcept {
  constexpr std::string_view names[] = {
      " jan jän janv ene gen sty led tammi янв ",
      " feb fév févr fev lut úno helmi фев ",
      " mar mär mars mrt bře maalis мар ",
      " apr avr avril april abr kwi dub huhti апр ",
      " mai maj may mag mei kvě touko мая май ",
      " jun juin juni giu cze čen kesä июн ",
      " jul juil juli lug čec heinä июл ",
      " aug ago août aoû sie elo авг ",
      " sep sept set wrz zář syys сен ",
      " okt oct ott out paź říj loka окт ",
      " nov marras ноя ",
      " dec déc dez des dic gru pro joulu дек ",
  };
  for (const std::string_view ending : {"月", "월"})
    if (word.ends_with(ending)) {
      stamp_reader number{word.substr(0, word.size() - ending.size())};
      const auto month = number.digits(1, 2).value_or(0);
      return number.rest.empty() && month <= 12 ? month : 0;
    }
  if (word.ends_with('.')) word.remove_suffix(1);
  constexpr std::size_t longest = 8;
  if (word.size() < 3 || word.size() > longest) return 0;
  char spaced[longest + 2] = {' '};
  std::size_t size = 1;
  for (const char c : word) spaced[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  spaced[size++] = ' ';
  unsigned month = 1;
  for (const auto& one : names) {
    if (one.find(std::string_view{spaced, size}) != one.npos) return month;
    ++month;
  }
  return 0;
}

/// The month of the line before: the next one mostly has the same.
struct repeated_month {
  std::string word;
  unsigned number = 0;
};

inline constexpr auto letters_of_months = [] {
  std::array<bool, 256> letters{};
  for (std::size_t c = 0; c < letters.size(); ++c)
    letters[c] = c >= 0x80 || c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letters;
}();

/// Whether a word, a day and a clock may be at the front: cheap, for lines without a stamp.
constexpr bool may_begin_with_month(std::string_view text) noexcept {
  constexpr std::size_t rest = 10;  // of a stamp, behind the word
  if (text.size() <= rest) return false;
  std::size_t at = 0;
  for (const auto end = text.size() - rest;
       at < end && letters_of_months[static_cast<unsigned char>(text[at])];)
    ++at;
  return at != 0 && text[at] == ' ' && (text[at + 6] == ':' || text[at + 5] == ':');
}

/// "Dez 28 07:40:32", "janv. 03 07:40:32", "1月 03 07:40:32". False: it is none. No time: it is one, of a
/// month that month_of() does not know.
constexpr bool read_foreign_time(stamp_reader& from, std::optional<log_time>& out, const log_clock& clock,
                                 repeated_month& last) {
  constexpr std::size_t longest_name = 24;
  auto at = from;
  const auto word = at.rest.substr(0, at.rest.substr(0, longest_name).find(' '));
  at.rest.remove_prefix(word.size());
  at.skip_spaces();
  const auto day = at.digits(1, 2);
  if (!day || *day == 0 || *day > 31 || !at.skip(' ')) return false;
  const auto time = read_clock(at);
  if (!time || !at.rest.starts_with(' ')) return false;
  if (word != last.word) {
    last.word = word;
    last.number = month_of(word);
  }
  if (last.number != 0) {
    out = make_syslog_time(clock, last.number, *day, *time);
    if (!out) return false;
  }
  from = at;
  return true;
}

}  // namespace netcon::inline v0_1::detail
