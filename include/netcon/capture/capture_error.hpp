// SPDX-License-Identifier: MIT
// What can be wrong with a capture file: a rule that it breaks, and the place.
#pragma once

#include <netcon/detail/find_named.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// One enumerator per mistake that a capture file can have.
enum class [[nodiscard]] capture_errc : std::uint8_t {
  empty,                  ///< no byte
  unknown_format,         ///< neither pcap nor pcapng
  truncated_header,       ///< ends inside the header of the file
  unsupported_version,    ///< pcap of another version than 2.4
  unknown_byte_order,     ///< a section of pcapng without a mark of its byte order
  truncated,              ///< ends inside a packet or block
  impossible_block,       ///< a length or interface that cannot be
  too_many_interfaces,    ///< a section with more than 4096 interfaces
  time_out_of_range,      ///< a time that nanoseconds since 1970 do not reach
  unsupported_link_type,  ///< no frame has a type that IP packets are found in
};

namespace detail {

struct capture_error_text {
  std::string_view name;
  std::string_view message;
};

constexpr capture_error_text text_of(capture_errc code) noexcept {
  switch (code) {
    case capture_errc::empty:
      return {"empty", "is empty"};
    case capture_errc::unknown_format:
      return {"unknown-format", "is neither pcap nor pcapng"};
    case capture_errc::truncated_header:
      return {"truncated-header", "ends inside its header"};
    case capture_errc::unsupported_version:
      return {"unsupported-version", "has another version than 2.4"};
    case capture_errc::unknown_byte_order:
      return {"unknown-byte-order", "has a section without a mark of its byte order"};
    case capture_errc::truncated:
      return {"truncated", "is cut inside a packet"};
    case capture_errc::impossible_block:
      return {"impossible-block", "holds a packet or block that cannot be"};
    case capture_errc::too_many_interfaces:
      return {"too-many-interfaces", "has a section with more than 4096 interfaces"};
    case capture_errc::time_out_of_range:
      return {"time-out-of-range", "holds a packet whose time is out of range"};
    case capture_errc::unsupported_link_type:
      return {"unsupported-link-type", "has a link type that IP packets are not found in"};
  }
  return {"unknown", "is damaged"};
}

}  // namespace detail

/// Stable, kebab-case.
[[nodiscard]] constexpr std::string_view name(capture_errc code) noexcept {
  return detail::text_of(code).name;
}

/// The code of that name.
[[nodiscard]] constexpr std::optional<capture_errc> parse_capture_errc(std::string_view text) noexcept {
  return detail::find_named(text, capture_errc::unsupported_link_type);
}

/// The predicate of a sentence whose subject is the file: "is cut inside a packet".
[[nodiscard]] constexpr std::string_view message(capture_errc code) noexcept {
  return detail::text_of(code).message;
}

/// What is wrong, and where.
struct [[nodiscard]] capture_error {
  capture_errc code{};          ///< which mistake; message() has its words
  std::uint64_t offset = 0;     ///< bytes in front of the record or block
  std::uint64_t frames = 0;     ///< frames read before it
  std::uint32_t link_type = 0;  ///< of unsupported_link_type

  friend constexpr bool operator==(const capture_error&, const capture_error&) noexcept = default;
};

}  // namespace netcon::inline v0_1
