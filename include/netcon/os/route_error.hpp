// SPDX-License-Identifier: MIT
// Why a route cannot be completed: codes, messages, hints.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1 {

/// Why a target cannot be completed. Never renumbered.
enum class [[nodiscard]] route_errc : std::uint8_t {
  no_route = 1,          ///< nothing in the routing table leads to the remote address
  no_neighbour = 2,      ///< the next hop did not answer in route_options::neighbour_timeout
  no_device = 3,         ///< no device has this name, index or hardware address
  no_source = 4,         ///< the device has no address of the remote one's family
  source_not_local = 5,  ///< the local address is not one of this machine
  family_mismatch = 6,   ///< one address is IPv4 and the other IPv6
  needs_device = 7,      ///< a link-local address is reached through several devices
  loopback = 8,          ///< the remote address is this machine itself
  enslaved = 9,          ///< the device belongs to a bridge, bond or other master
  device_down = 10,      ///< the device is down
  no_netpoll = 11,       ///< a kind of device that netconsole cannot send through
};

/// The code's name in reports: "no-route".
[[nodiscard]] constexpr std::string_view name(route_errc code) noexcept {
  constexpr std::array<std::string_view, 12> names{
      "",          "no-route",         "no-neighbour",    "no-device",
      "no-source", "source-not-local", "family-mismatch", "needs-device",
      "loopback",  "enslaved",         "device-down",     "no-netpoll"};
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names[index] : "";
}

/// What is wrong, one line without a full stop.
[[nodiscard]] constexpr std::string_view message(route_errc code) noexcept {
  switch (code) {
    case route_errc::no_route:
      return "this machine has no route to the remote address";
    case route_errc::no_neighbour:
      return "the next hop does not answer: its MAC address is unknown";
    case route_errc::no_device:
      return "there is no such device";
    case route_errc::no_source:
      return "the device has no address to send from";
    case route_errc::source_not_local:
      return "the local address is not one of this machine";
    case route_errc::family_mismatch:
      return message(text_errc::family_mismatch);
    case route_errc::needs_device:
      return "a link-local address is reached through several devices";
    case route_errc::loopback:
      return "the remote address is this machine itself";
    case route_errc::enslaved:
      return "the device belongs to a bridge, bond or other master";
    case route_errc::device_down:
      return "the device is down";
    case route_errc::no_netpoll:
      return "netconsole cannot send through a device of this kind";
  }
  return "unknown error";
}

/// What to do about it, one line without a full stop.
[[nodiscard]] constexpr std::string_view hint(route_errc code) noexcept {
  switch (code) {
    case route_errc::no_route:
      return "look at ip route get ADDRESS; a named device needs a route of its own";
    case route_errc::no_neighbour:
      return "is the receiver, or the router in front of it, on and connected? Otherwise write its MAC "
             "address";
    case route_errc::no_device:
      return "ip link lists the devices";
    case route_errc::no_source:
      return "give the device an address, or write the local address";
    case route_errc::source_not_local:
      return "ip address lists them; leave it out to have it chosen";
    case route_errc::family_mismatch:
      return hint(text_errc::family_mismatch);
    case route_errc::needs_device:
      return "name the device: fe80::1%eth0";
    case route_errc::loopback:
      return "netconsole sends to another machine, through an Ethernet device";
    case route_errc::enslaved:
      return "name the master instead: the bridge or bond itself";
    case route_errc::device_down:
      return "ip link set DEVICE up";
    case route_errc::no_netpoll:
      return "use an Ethernet device, or a bridge, bond or VLAN of such";
  }
  return "";
}

/// The portable condition that a code equals: `route.error() == std::errc::network_unreachable`.
[[nodiscard]] constexpr std::errc condition(route_errc code) noexcept {
  switch (code) {
    case route_errc::no_route:
      return std::errc::network_unreachable;
    case route_errc::no_neighbour:
      return std::errc::host_unreachable;
    case route_errc::no_device:
      return std::errc::no_such_device;
    case route_errc::no_source:
    case route_errc::source_not_local:
      return std::errc::address_not_available;
    case route_errc::family_mismatch:
      return std::errc::address_family_not_supported;
    case route_errc::device_down:
      return std::errc::network_down;
    case route_errc::needs_device:
      return std::errc::destination_address_required;
    case route_errc::loopback:
    case route_errc::enslaved:
    case route_errc::no_netpoll:
      return std::errc::operation_not_supported;
  }
  return std::errc::invalid_argument;
}

/// The category that makes a route_errc a std::error_code.
[[nodiscard]] inline const std::error_category& route_category() noexcept {
  static const struct final : std::error_category {
    const char* name() const noexcept override { return "netcon.route"; }
    std::string message(int value) const override {
      return std::string{netcon::message(static_cast<route_errc>(value))};
    }
    std::error_condition default_error_condition(int value) const noexcept override {
      return condition(static_cast<route_errc>(value));
    }
  } category;
  return category;
}

/// Found by std::error_code's constructor: `error == route_errc::no_route`.
[[nodiscard]] inline std::error_code make_error_code(route_errc code) noexcept {
  return {static_cast<int>(code), route_category()};
}

}  // namespace netcon::inline v0_1

template <>
struct std::is_error_code_enum<netcon::route_errc> : std::true_type {};
