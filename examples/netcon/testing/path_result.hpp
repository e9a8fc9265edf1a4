// SPDX-License-Identifier: MIT
// What netcon test tries and finds: targets, and the answers at each level.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/level.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/os/icmp_error.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/wire/probe.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace tool {

/// A receiver to test, and from where.
struct tested_target {
  std::string name;  // in configfs, or what was typed
  netcon::endpoint local, remote;
  std::optional<netcon::settings> settings{};  // of the kernel's target; none: a receiver by its address
  std::optional<std::string> problem{};        // why it cannot be tested, in one line
};

enum class probe_outcome : std::uint8_t {
  answered,
  silent,
  refused,   // by the receiver itself
  not_sent,  // the kernel's log did not take the record, or this machine not the datagram of the socket
};

constexpr std::string_view name(probe_outcome outcome) noexcept {
  constexpr std::string_view names[] = {"answered", "silent", "refused", "not_sent"};
  return names[static_cast<std::size_t>(outcome)];
}

struct level_result {
  netcon::level level = netcon::level::info;
  bool asked = true;  // by the user; otherwise to find the console level
  probe_outcome outcome = probe_outcome::silent;
  std::chrono::microseconds round_trip{0};
  std::optional<netcon::probe_answer> answer{};
};

struct path_result {
  tested_target target;
  std::vector<level_result> levels{};
  std::vector<netcon::icmp_error> errors{};  // each kind once
  std::error_code not_let_out{};             // why the test's own socket could not send its last datagram
  std::vector<netcon::doctor::finding>
      findings{};                      // of doctor: those that explain why levels were not answered
  std::vector<std::string> reasons{};  // the same and what the test itself saw, one line each

  bool is_answered() const {
    const auto failed = [](const level_result& one) {
      return one.asked && one.outcome != probe_outcome::answered;
    };
    return !target.problem && !levels.empty() && std::ranges::none_of(levels, failed);
  }
};

}  // namespace tool
