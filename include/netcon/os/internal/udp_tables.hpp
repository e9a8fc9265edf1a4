// SPDX-License-Identifier: MIT
// The UDP sockets and counters of a machine, from /proc. Linux.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/number.hpp>
#include <netcon/core/port.hpp>
#include <netcon/doctor/receiver_facts.hpp>
#include <netcon/os/internal/boot_files.hpp>
#include <netcon/os/internal/machine_files.hpp>

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

inline std::optional<std::uint64_t> parse_hex(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [at, code] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (code != std::errc{} || at != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "0100007F:1A0A": each 32 bits of the address as a number of this machine's byte order.
inline std::optional<endpoint> parse_socket_name(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (colon == text.npos || (colon != 8 && colon != 32)) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t at = 0; at < colon; at += 8) {
    const auto word = parse_hex(text.substr(at, 8));
    if (!word) return std::nullopt;
    const auto number = static_cast<std::uint32_t>(*word);
    std::memcpy(bytes.data() + at / 2, &number, sizeof number);
  }
  const auto number = parse_hex(text.substr(colon + 1));
  if (!number || *number > 0xffff) return std::nullopt;
  const port at{static_cast<std::uint16_t>(*number)};
  if (colon == 32) return endpoint{ipv6_address{bytes}, at};
  return endpoint{ipv4_address{bytes[0], bytes[1], bytes[2], bytes[3]}, at};
}

struct socket_owner {
  std::uint64_t pid = 0;
  std::string program{};
};

/// The process that has the socket of that inode; of other users' processes only root sees it. systemd keeps
/// the sockets that it passes to services: it is the owner where no service has one.
inline socket_owner find_owner(const machine_files& files, std::string_view inode) {
  const auto wanted = "socket:[" + std::string{inode} + ']';
  socket_owner keeper;
  for (const auto& name : files.entries("/proc")) {
    const auto pid = parse_decimal(name);
    if (!pid) continue;
    const auto folder = "/proc/" + name;
    for (const auto& fd : files.entries(folder + "/fd")) {
      std::array<char, 64> link{};
      const auto path = files.place(folder + "/fd/" + fd);
      const auto size = ::readlink(path.c_str(), link.data(), link.size());
      if (size <= 0 || wanted != std::string_view{link.data(), static_cast<std::size_t>(size)}) continue;
      socket_owner owner{*pid, *files.read_line(folder + "/comm")};
      if (owner.program != doctor::socket_keeper) return owner;
      keeper = std::move(owner);
      break;
    }
  }
  return keeper;
}

inline doctor::fact<std::vector<doctor::port_holder>> read_holders(const machine_files& files, port wanted) {
  using answer = doctor::fact<std::vector<doctor::port_holder>>;
  std::vector<doctor::port_holder> holders;
  bool was_read = false;
  std::string reason;
  for (const std::string_view path : {"/proc/net/udp", "/proc/net/udp6"}) {
    const auto text = files.read(path);
    if (!text) {
      if (reason.empty()) reason = text.reason();
      continue;
    }
    was_read = true;
    each_line(*text, [&](std::string_view line) {
      const auto local = parse_socket_name(word_at(line, 1));
      if (!local || local->port != wanted) return;
      doctor::port_holder one{.local = *local};
      if (const auto peer = parse_socket_name(word_at(line, 2)); peer && !peer->address.is_unspecified())
        one.peer = *peer;
      const auto queues = word_at(line, 4);
      if (const auto queued = parse_hex(queues.substr(queues.find(':') + 1))) one.queued_bytes = *queued;
      if (const auto drops = parse_decimal(word_at(line, 12))) one.drops = *drops;
      const auto owner = find_owner(files, word_at(line, 9));
      one.pid = owner.pid;
      one.program = owner.program;
      holders.push_back(std::move(one));
    });
  }
  return was_read ? answer{std::move(holders)} : answer::unknown(reason);
}

/// A counter of a group of a file such as /proc/net/snmp, by name: of two lines that begin with the group,
/// the first has the names and the second the values.
inline doctor::fact<std::uint64_t> read_counter(const machine_files& files, std::string_view path,
                                                std::string_view group, std::string_view name) {
  using answer = doctor::fact<std::uint64_t>;
  const auto text = files.read(path);
  if (!text) return answer::unknown(text.reason());
  std::string names;
  std::optional<std::uint64_t> value;
  each_line(*text, [&](std::string_view line) {
    if (word_at(line, 0) != group) return;
    if (names.empty()) {
      names = line;
      return;
    }
    for (std::size_t i = 1; !word_at(names, i).empty(); ++i)
      if (word_at(names, i) == name) value = parse_decimal(word_at(line, i));
  });
  if (!value) return answer::unknown(std::string{path} + " has no " + std::string{name});
  return *value;
}

/// A counter of UDP over IPv4.
inline doctor::fact<std::uint64_t> read_udp_counter(const machine_files& files, std::string_view name) {
  return read_counter(files, "/proc/net/snmp", "Udp:", name);
}

}  // namespace netcon::inline v0_1::detail
