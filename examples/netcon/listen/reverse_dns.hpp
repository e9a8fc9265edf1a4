// SPDX-License-Identifier: MIT
// The names of addresses in DNS, looked up by threads of their own.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace tool {

/// Asks the system's resolver for names of addresses. No call waits: an unknown name is empty, and changed()
/// is called once it has come. Bounded: of more than most_waiting questions the newest are not asked now, and
/// of more than most_known answers all are forgotten.
class reverse_dns {
 public:
  static constexpr std::size_t most_waiting = 1024;
  static constexpr std::size_t most_known = 65536;
  /// Questions at the same time: a server that does not answer holds up so many for its timeout.
  static constexpr unsigned threads = 4;

  /// What asks: an address to a name, empty without one. May take as long as it likes.
  using lookup = std::function<std::string(const netcon::endpoint&)>;

  explicit reverse_dns(std::function<void()> changed, lookup ask = system_name);
  /// Waits for no question in flight.
  ~reverse_dns();
  reverse_dns(const reverse_dns&) = delete;
  reverse_dns& operator=(const reverse_dns&) = delete;

  /// The name of the address, as it is known. Names are asked for again after an hour, and addresses without
  /// one after five minutes.
  std::string name_of(const netcon::endpoint&);

  /// getnameinfo(3) with NI_NAMEREQD.
  static std::string system_name(const netcon::endpoint&);

 private:
  struct state;
  std::shared_ptr<state> state_;  // the threads', which may outlive this
};

}  // namespace tool
