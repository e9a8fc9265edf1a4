// SPDX-License-Identifier: MIT
// Addresses as people type them: HOST, HOST:PORT, [IPV6]:PORT, a zone after '%', names looked up.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace tool {

inline constexpr netcon::port default_port{6666};

/// HOST[:PORT] of a receiver to send to. A name is looked up; its first address counts. The error is one line
/// that says what to write.
std::expected<netcon::endpoint, std::string> parse_destination(std::string_view text,
                                                               netcon::port without = default_port);

/// [ADDRESS:]PORT to listen on; without an address any of both families.
std::expected<netcon::endpoint, std::string> parse_listen_address(std::string_view text);

/// Whether an address as above has a port of its own.
bool has_port(std::string_view text);

}  // namespace tool
