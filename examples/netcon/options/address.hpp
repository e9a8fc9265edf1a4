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

/// A receiver as it is written: with an address, or with a name in front of the port.
struct written_destination {
  std::string name;  // to be looked up; empty: the address is in `end`
  netcon::endpoint end;
};

/// HOST[:PORT] as above. No name is looked up, so that nothing waits for a server of names.
std::expected<written_destination, std::string> read_destination(std::string_view text,
                                                                 netcon::port without = default_port);

/// The address of a destination. Waits for the system's resolver.
std::expected<netcon::endpoint, std::string> look_up(const written_destination&);

/// [ADDRESS:]PORT to listen on; without an address any of both families.
std::expected<netcon::endpoint, std::string> parse_listen_address(std::string_view text);

/// Whether an address as above has a port of its own.
bool has_port(std::string_view text);

}  // namespace tool
