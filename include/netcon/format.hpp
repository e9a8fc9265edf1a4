// fmt::formatter for the values that have a text; who does not include this header needs no fmt.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/port.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>
#include <netcon/wire/record.hpp>

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace netcon::detail {

/// Writes as to_chars does; width, fill and alignment are those of a string.
template <class T>
struct text_formatter : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const T& value, Context& context) const {
    std::array<char, T::max_text> text;
    const auto end = to_chars(text.data(), text.data() + text.size(), value).ptr;
    return fmt::formatter<fmt::string_view>::format(
        {text.data(), static_cast<std::size_t>(end - text.data())}, context);
  }
};

/// Writes what name() says.
template <class T>
struct name_formatter : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const T& value, Context& context) const {
    const std::string_view text = name(value);
    return fmt::formatter<fmt::string_view>::format({text.data(), text.size()}, context);
  }
};

}  // namespace netcon::detail

template <>
struct fmt::formatter<netcon::ipv4_address> : netcon::detail::text_formatter<netcon::ipv4_address> {};
template <>
struct fmt::formatter<netcon::ipv6_address> : netcon::detail::text_formatter<netcon::ipv6_address> {};
template <>
struct fmt::formatter<netcon::ip_address> : netcon::detail::text_formatter<netcon::ip_address> {};
template <>
struct fmt::formatter<netcon::mac_address> : netcon::detail::text_formatter<netcon::mac_address> {};
template <>
struct fmt::formatter<netcon::port> : netcon::detail::text_formatter<netcon::port> {};
template <>
struct fmt::formatter<netcon::interface_name> : netcon::detail::text_formatter<netcon::interface_name> {};
template <>
struct fmt::formatter<netcon::endpoint> : netcon::detail::text_formatter<netcon::endpoint> {};
template <>
struct fmt::formatter<netcon::kernel_version> : netcon::detail::text_formatter<netcon::kernel_version> {};
template <>
struct fmt::formatter<netcon::device> : netcon::detail::text_formatter<netcon::device> {};
template <>
struct fmt::formatter<netcon::target> : netcon::detail::text_formatter<netcon::target> {};
template <>
struct fmt::formatter<netcon::level> : netcon::detail::name_formatter<netcon::level> {};
template <>
struct fmt::formatter<netcon::errc> : netcon::detail::name_formatter<netcon::errc> {};
