// SPDX-License-Identifier: MIT
// Values checked while compiling: a text that parse refuses does not build, and the compiler's message says
// where it is wrong, why, and what to write.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace netcon::inline v0_1 {

namespace detail {

/// A text as a template argument.
template <std::size_t Size>
struct literal_text {
  char bytes[Size]{};

  consteval literal_text(const char (&text)[Size]) noexcept {  // NOLINT: converts on purpose
    for (std::size_t i = 0; i < Size; ++i) bytes[i] = text[i];
  }
  consteval explicit literal_text(std::string_view text) noexcept {
    for (std::size_t i = 0; i + 1 < Size; ++i) bytes[i] = text[i];
    bytes[Size - 1] = '\0';  // without this Clang prints some sizes as numbers
  }
  constexpr std::string_view view() const noexcept { return {bytes, Size - 1}; }
};

/// Calls put with each part of: at byte 3, '70000': MESSAGE; HINT.
template <class Put>
constexpr void for_each_word(std::string_view text, const error& why, Put&& put) {
  const std::size_t room = 24;
  std::array<char, 10> digits{};
  put(std::string_view{"at byte "});
  put(std::string_view{digits.data(),
                       write_decimal(digits.data(), digits.data() + digits.size(), why.where.begin).ptr});
  if (const auto place = why.where.in(text); !place.empty()) {
    put(std::string_view{", '"});
    put(text_up_to(place, room));
    put(std::string_view{place.size() > room ? "...'" : "'"});
  }
  put(std::string_view{": "});
  put(message(why.code));
  put(std::string_view{"; "});
  put(hint(why.code));
}

/// A line of the words of a refusal. Clang shows no more of a template argument.
struct refusal_line {
  static constexpr std::size_t width = 32;
  char bytes[width + 1]{};
};

/// Breaks the words of a refusal at blanks. Calls line with each.
template <class Line>
constexpr void for_each_line(std::string_view text, const error& why, Line&& line) {
  refusal_line open;
  std::size_t size = 0, word = 0;  // of the line, and where its last word begins
  const auto close = [&](std::size_t end) {
    refusal_line rest;
    std::size_t kept = 0;
    for (std::size_t i = end; i < size; ++i) rest.bytes[kept++] = open.bytes[i];
    for (std::size_t i = end; i < size; ++i) open.bytes[i] = '\0';
    line(open);
    open = rest;
    size = kept;
    word = 0;
  };
  for_each_word(text, why, [&](std::string_view part) {
    for (const char c : part) {
      if (size == refusal_line::width) close(word != 0 ? word : size);
      open.bytes[size++] = c;
      if (c == ' ') word = size;
    }
  });
  close(size);
}

template <literal_text Text, const auto& Parsed>
consteval auto lines_of_refusal() noexcept {
  constexpr auto count = [] {
    std::size_t lines = 0;
    for_each_line(Text.view(), Parsed.error(), [&](const refusal_line&) { ++lines; });
    return lines;
  }();
  std::array<refusal_line, count> lines{};
  std::size_t at = 0;
  for_each_line(Text.view(), Parsed.error(), [&](const refusal_line& line) { lines[at++] = line; });
  return lines;
}

template <literal_text... Words>
inline constexpr bool is_accepted = false;

/// Named with the words of a refusal, so that every compiler prints them.
template <literal_text... Words>
struct refused {
  static_assert(is_accepted<Words...>, "the words say where the text is wrong, why, and what to write");
};

template <literal_text Text, const auto& Parsed, std::size_t... I>
consteval void refuse(std::index_sequence<I...>) noexcept {
  constexpr auto lines = lines_of_refusal<Text, Parsed>();
  refused<literal_text<std::string_view{lines[I].bytes}.size() + 1>{std::string_view{lines[I].bytes}}...>{};
}

template <literal_text Text, const auto& Parsed>
consteval auto value_of() noexcept {
  if constexpr (!Parsed) {
    refuse<Text, Parsed>(std::make_index_sequence<lines_of_refusal<Text, Parsed>().size()>{});
    return typename std::remove_cvref_t<decltype(Parsed)>::value_type{};
  } else {
    return *Parsed;
  }
}

template <literal_text Text, kernel_version Version>
inline constexpr auto parsed_target = parse_target(Text.view(), kernel_profile(Version));
template <literal_text Text>
inline constexpr auto parsed_ip = ip_address::parse(Text.view());
template <literal_text Text>
inline constexpr auto parsed_mac = mac_address::parse(Text.view());

}  // namespace detail

/// A target that the kernel of that version takes: checked<"@/,@10.0.0.2/", kernel_version{6, 1, 0}>.
template <detail::literal_text Text, kernel_version Version = kernel_profile::latest().version()>
inline constexpr target checked = detail::value_of<Text, detail::parsed_target<Text, Version>>();

inline namespace literals {

/// A target as the newest kernel reads it.
template <detail::literal_text Text>
consteval target operator""_netconsole() noexcept {
  return checked<Text>;
}

/// What ip_address::parse takes.
template <detail::literal_text Text>
consteval ip_address operator""_ip() noexcept {
  return detail::value_of<Text, detail::parsed_ip<Text>>();
}

/// What mac_address::parse takes.
template <detail::literal_text Text>
consteval mac_address operator""_mac() noexcept {
  return detail::value_of<Text, detail::parsed_mac<Text>>();
}

}  // namespace literals

}  // namespace netcon::inline v0_1
