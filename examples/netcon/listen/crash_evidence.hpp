// SPDX-License-Identifier: MIT
// What may tell of a crash when --require is given: nothing that lacks the secret touches the crash of a
// machine that has it.
#pragma once

#include "listen/proven_machines.hpp"

#include <netcon/receive/event.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/receive/sequence.hpp>

#include <cstddef>
#include <map>
#include <type_traits>

namespace tool {

/// Lines without numbers cannot have a secret. They count where the machine has never proven that it could
/// have sent one.
class crash_evidence {
 public:
  enum class verdict { none, line, line_of_new_boot };

  explicit crash_evidence(proven_machines& machines) : machines_{machines} {}

  /// Takes an event of the collector. Losses and reboots that the collector reports may follow from forged
  /// numbers. The detector sees gaps by itself, and a new boot is one among the proven records alone.
  template <class Event>
  verdict judge(const Event& event, bool is_unproven) {
    namespace kinds = netcon::event;
    constexpr bool is_line = std::is_same_v<Event, kinds::record> || std::is_same_v<Event, kinds::partial> ||
                             std::is_same_v<Event, kinds::late>;
    if constexpr (is_line) {
      if (is_unproven) return verdict::none;
      if constexpr (std::is_same_v<Event, kinds::record>)
        if (begins_boot(event)) return verdict::line_of_new_boot;
      return verdict::line;
    } else if constexpr (std::is_same_v<Event, kinds::basic>) {
      return machines_.has(event.sender) ? verdict::none : verdict::line;
    } else if constexpr (std::is_same_v<Event, kinds::lost>) {
      return event.cause != netcon::loss::announced || machines_.has(event.sender) ? verdict::none
                                                                                   : verdict::line;
    } else {
      return verdict::none;
    }
  }

 private:
  /// The first proven record of a sender too: what came before was no proof.
  bool begins_boot(const netcon::event::record& event) {
    constexpr std::size_t most = 4096;  // as the detector remembers
    auto known = numbers_.find(event.sender);
    if (known == numbers_.end()) {
      if (numbers_.size() >= most) numbers_.clear();
      known = numbers_.try_emplace(event.sender).first;
      machines_.add(event.sender);
    }
    const auto kind = known->second.push(event.record.sequence(), event.record.timestamp_us()).kind;
    return kind == netcon::arrival::first || kind == netcon::arrival::rebooted;
  }

  proven_machines& machines_;
  std::map<netcon::endpoint, netcon::sequence_tracker> numbers_;  // of the proven records
};

}  // namespace tool
