// SPDX-License-Identifier: MIT
// Everything that is known of a machine that receives, about one UDP port.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/port.hpp>
#include <netcon/doctor/fact.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::doctor {

/// A socket that is bound to the port.
struct port_holder {
  endpoint local{};                ///< an unspecified address: every one
  std::optional<endpoint> peer{};  ///< of a connected socket: only what comes from there is taken
  std::string program{};           ///< empty: not known, as of other users' programs
  std::uint64_t pid = 0;           ///< 0: not known
  std::uint64_t queued_bytes = 0;  ///< waiting to be read
  std::uint64_t drops = 0;         ///< packets that found its buffer full

  friend bool operator==(const port_holder&, const port_holder&) = default;
};

/// The program that keeps sockets open for services.
inline constexpr std::string_view socket_keeper = "systemd";

/// rp_filter of a device: 0 off, 1 strict, 2 loose. The larger one of the device's and of "all" holds.
struct reverse_path_filter {
  std::string device{};  ///< a device, "all" or "default"
  int mode = 0;          ///< 0, 1 or 2

  friend bool operator==(const reverse_path_filter&, const reverse_path_filter&) = default;
};

/// A machine that receives, or shall.
struct receiver_facts {
  netcon::port port{6666};                   ///< the one in question
  fact<std::vector<port_holder>> holders{};  ///< sockets that are bound to it, at any address
  fact<std::uint64_t> largest_buffer{};      ///< net.core.rmem_max, bytes
  // Of all UDP sockets over IPv4, since boot:
  fact<std::uint64_t> buffer_errors{};               ///< packets that found a buffer full
  fact<std::uint64_t> checksum_errors{};             ///< packets that came damaged
  fact<std::uint64_t> no_port{};                     ///< packets to ports that nothing was bound to
  fact<std::vector<reverse_path_filter>> filters{};  ///< of each device
  fact<std::uint64_t> filter_drops{};                ///< packets that rp_filter has dropped, since boot
  fact<std::vector<std::string>> firewall{};         ///< rules as nft or iptables-save print them

  friend bool operator==(const receiver_facts&, const receiver_facts&) = default;
};

}  // namespace netcon::inline v0_1::doctor
