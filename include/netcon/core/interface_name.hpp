// SPDX-License-Identifier: MIT
// The name of a network interface, inline: at most 15 bytes (IFNAMSIZ less the NUL).
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/lifetime.hpp>
#include <netcon/detail/to_string.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// The name of a network device, as `ip link` shows it. It owns its bytes and never allocates.
class interface_name {
 public:
  /// Bytes of the longest name: IFNAMSIZ less the NUL.
  static constexpr std::size_t max_text = 15;

  /// The empty name.
  constexpr interface_name() noexcept = default;

  /// Any bytes, cut to 15 as netconsole cuts them: what it may then look up, though no device bears it.
  [[nodiscard]] static constexpr interface_name truncated(std::string_view text) noexcept {
    interface_name name;
    const std::size_t size = text.size() < max_text ? text.size() : max_text;
    for (std::size_t i = 0; i < size; ++i) name.bytes_[i] = text[i];
    name.size_ = static_cast<std::uint8_t>(size);
    return name;
  }

  /// A name that a device can have (Linux, dev_valid_name): 1 to 15 bytes, not "." or "..", no '/', ':' or
  /// white space. Errors: interface_name_too_long, bad_interface_name.
  [[nodiscard]] static constexpr std::expected<interface_name, error> parse(std::string_view text) noexcept {
    const text_range all{0, static_cast<std::uint32_t>(text.size())};
    if (text.size() > max_text) return std::unexpected{error{text_errc::interface_name_too_long, all}};
    const error wrong{text_errc::bad_interface_name, all};
    if (text.empty() || text == "." || text == "..") return std::unexpected{wrong};
    for (const char c : text)
      if (c == '/' || c == ':' || c == ' ' || (c >= '\t' && c <= '\r') || c == '\0' || c == '\xa0')
        return std::unexpected{wrong};
    return truncated(text);
  }

  /// The bytes, valid as long as this object.
  [[nodiscard]] constexpr std::string_view view() const& noexcept NETCON_LIFETIMEBOUND {
    return {bytes_.data(), size_};
  }
  void view() const&& = delete;
  /// True unless a name was given: every device has one.
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

  friend constexpr bool operator==(const interface_name& a, const interface_name& b) noexcept {
    return a.view() == b.view();
  }
  friend constexpr auto operator<=>(const interface_name& a, const interface_name& b) noexcept {
    return a.view() <=> b.view();
  }

 private:
  std::array<char, max_text> bytes_{};
  std::uint8_t size_ = 0;
};

/// The bytes as they are: not quoted, not escaped.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const interface_name& name) noexcept {
  return detail::writer{first, last}.put(name.view()).result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const interface_name& name) {
  return std::string{name.view()};
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::interface_name> {
  std::size_t operator()(const netcon::interface_name& name) const noexcept {
    return std::hash<std::string_view>{}(name.view());
  }
};
