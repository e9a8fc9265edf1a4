// SPDX-License-Identifier: MIT
#include "input/log_records.hpp"

#include <netcon/capture/log_line.hpp>
#include <netcon/wire/escape.hpp>

#include <algorithm>
#include <chrono>
#include <type_traits>

namespace tool {
namespace {

/// The collector's clock: the log's, or where it has none that of the machine that sent.
netcon::time_point steady_time(const netcon::log_line& line) {
  using duration = netcon::time_point::duration;
  if (line.time)
    return netcon::time_point{std::chrono::duration_cast<duration>(line.time->time_since_epoch())};
  constexpr std::uint64_t most = (std::uint64_t{1} << 48) - 1;  // nanoseconds of it fit into the clock
  return netcon::time_point{
      std::chrono::microseconds{static_cast<std::int64_t>(line.timestamp_us.value_or(0) & most)}};
}

}  // namespace

void log_records::push(const netcon::log_line& line) {
  if (!line.from_kernel) return;
  if (!line.is_packet) {
    if (line.text.empty()) return;
    ++lines_;
    to_(line, nullptr);
    return;
  }
  now_ = std::max(now_, steady_time(line));
  time_ = line.time;
  const auto observe = [this](const auto& event) { show(event); };
  collector_.expire(now_, observe);
  collector_.push(sender_of(line.host), line.text, now_, observe);
}

void log_records::finish() {
  collector_.flush([this](const auto& event) { show(event); });
}

template <class Event>
void log_records::show(const Event& event) {
  netcon::log_line line;
  if (const auto named = names_.find(event.sender.address); named != names_.end()) line.host = named->second;
  line.time = time_;
  if constexpr (std::is_same_v<Event, netcon::event::duplicate>) {
    return;
  } else if constexpr (requires { event.record; }) {
    const auto& record = event.record;
    text_ = netcon::unescape(record.text());
    line.text = text_;
    line.priority = static_cast<std::uint16_t>(record.facility() * 8 + static_cast<unsigned>(record.level()));
    line.sequence = record.sequence();
    line.timestamp_us = record.timestamp_us();
    line.caller = record.caller();
    line.release = record.release().value_or(std::string_view{});
    line.whole = !std::is_same_v<Event, netcon::event::partial>;
    to_(line, nullptr);
  } else if constexpr (std::is_same_v<Event, netcon::event::basic>) {
    line.text = event.text;
    to_(line, nullptr);
  } else if constexpr (std::is_same_v<Event, netcon::event::junk>) {
    line.text = event.packet;  // a damaged record is still a line
    while (line.text.ends_with('\n')) line.text.remove_suffix(1);
    to_(line, nullptr);
  } else if constexpr (std::is_same_v<Event, netcon::event::lost>) {
    to_(line, &event);
  }
}

/// An address for each host of the log, as names have none.
netcon::endpoint log_records::sender_of(std::string_view host) {
  constexpr std::size_t most_hosts = 100000;
  if (const auto known = senders_.find(host); known != senders_.end()) return known->second;
  if (senders_.size() >= most_hosts) {
    senders_.clear();
    names_.clear();
  }
  const auto out = netcon::address_of_host(++numbered_);
  senders_.emplace(std::string{host}, out);
  names_.emplace(out.address, std::string{host});
  return out;
}

}  // namespace tool
