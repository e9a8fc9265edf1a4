// SPDX-License-Identifier: MIT
// The kernel's lines in a text log. Its extended records pass a collector, which joins fragments and counts
// losses.
#pragma once

#include <netcon/capture/text_log.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/receive/hash_key.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tool {

/// Takes the lines of logs, gives lines and losses.
class log_records {
 public:
  /// Gets a line; with a loss, its host and time. Valid during the call.
  using sink = std::function<void(const netcon::log_line&, const netcon::event::lost*)>;

  /// The hash's key is one that senders must not know.
  log_records(const netcon::hash_key& key, sink to) : to_{std::move(to)}, collector_{{}, key} {}

  void push(const netcon::log_line& line);
  /// After the last line of a file: gives what is not whole as it is.
  void finish();

  /// That were no extended records.
  std::uint64_t lines() const { return lines_; }
  const netcon::collector::counters& stats() const { return collector_.stats(); }

 private:
  template <class Event>
  void show(const Event& event);
  netcon::endpoint sender_of(std::string_view host);

  sink to_;
  netcon::collector collector_;
  netcon::time_point now_{};
  std::optional<netcon::log_time> time_;
  std::map<std::string, netcon::endpoint, std::less<>> senders_;
  std::map<netcon::ip_address, std::string> names_;
  std::string text_;
  std::uint64_t numbered_ = 0, lines_ = 0;
};

}  // namespace tool
