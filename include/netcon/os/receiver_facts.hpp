// SPDX-License-Identifier: MIT
// Gathers the facts about a machine that receives: who has the port, drops, filters, firewall. Linux.
#pragma once

#include <netcon/core/port.hpp>
#include <netcon/doctor/receiver_facts.hpp>
#include <netcon/os/internal/firewall_rules.hpp>
#include <netcon/os/internal/kernel_files.hpp>
#include <netcon/os/internal/machine_files.hpp>
#include <netcon/os/internal/udp_tables.hpp>

#include <string>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// Which port, and where to look.
struct receiver_facts_options {
  netcon::port port{6666};  ///< the one in question
  /// "/": this machine. Another directory: a copy of some of a machine's files; its firewall is not known
  /// then.
  std::string root = "/";
};

/// Everything that can be known of a machine that receives. Changes and sends nothing; runs nft and
/// iptables-save, where they are, to read the firewall's rules.
[[nodiscard]] inline doctor::receiver_facts gather_receiver_facts(
    const receiver_facts_options& options = {}) {
  const detail::machine_files files{options.root};
  doctor::receiver_facts out{.port = options.port};
  out.holders = detail::read_holders(files, options.port);
  const auto largest = detail::read_number(files, "/proc/sys/net/core/rmem_max");
  out.largest_buffer = largest ? doctor::fact<std::uint64_t>{static_cast<std::uint64_t>(*largest)}
                               : doctor::fact<std::uint64_t>::unknown(largest.reason());
  out.buffer_errors = detail::read_udp_counter(files, "RcvbufErrors");
  out.checksum_errors = detail::read_udp_counter(files, "InCsumErrors");
  out.no_port = detail::read_udp_counter(files, "NoPorts");
  constexpr std::string_view folder = "/proc/sys/net/ipv4/conf";
  std::vector<doctor::reverse_path_filter> filters;
  for (const auto& device : files.entries(folder))
    if (const auto mode = detail::read_number(files, std::string{folder} + '/' + device + "/rp_filter"))
      filters.push_back({device, *mode});
  using filter_facts = doctor::fact<std::vector<doctor::reverse_path_filter>>;
  out.filters = filters.empty() ? filter_facts::unknown("there is no " + std::string{folder}) : filters;
  out.filter_drops = detail::read_counter(files, "/proc/net/netstat", "TcpExt:", "IPReversePathFilter");
  using rules = doctor::fact<std::vector<std::string>>;
  out.firewall = options.root == "/" ? detail::read_firewall_rules() : rules::unknown("files do not say it");
  return out;
}

}  // namespace netcon::inline v0_1
