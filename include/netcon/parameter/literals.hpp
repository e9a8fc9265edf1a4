// Values checked while compiling: a text that parse refuses does not build, and the compiler's message names
// the errc and the offset.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace netcon {

namespace detail {

/// The text of a literal as a template argument.
template <std::size_t Size>
struct literal_text {
  char bytes[Size]{};

  consteval literal_text(const char (&text)[Size]) noexcept {  // NOLINT: converts on purpose
    for (std::size_t i = 0; i < Size; ++i) bytes[i] = text[i];
  }
  constexpr std::string_view view() const noexcept { return {bytes, Size - 1}; }
};

/// Named with the code and the offset of a refusal, so that every compiler prints both.
template <errc Code, std::uint32_t Offset>
struct text_refused {
  static_assert(Code == errc{},
                "the text is refused: the template arguments are the errc and the offset in the text");
};

template <const auto& Parsed>
consteval auto value_of() noexcept {
  if constexpr (!Parsed) {
    text_refused<Parsed.error().code, Parsed.error().where.begin>{};
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
inline constexpr target checked = detail::value_of<detail::parsed_target<Text, Version>>();

namespace literals {

/// A target as the newest kernel reads it.
template <detail::literal_text Text>
consteval target operator""_netconsole() noexcept {
  return checked<Text>;
}

/// What ip_address::parse takes.
template <detail::literal_text Text>
consteval ip_address operator""_ip() noexcept {
  return detail::value_of<detail::parsed_ip<Text>>();
}

/// What mac_address::parse takes.
template <detail::literal_text Text>
consteval mac_address operator""_mac() noexcept {
  return detail::value_of<detail::parsed_mac<Text>>();
}

}  // namespace literals

}  // namespace netcon
