// SPDX-License-Identifier: MIT
// One socket's packets, received, decoded, filtered and formatted by one thread.
#pragma once

#include "listen/crash_watch.hpp"
#include "listen/doubled_senders.hpp"
#include "listen/listen_sockets.hpp"
#include "listen/output_group.hpp"
#include "listen/probe_replies.hpp"
#include "listen/proven_machines.hpp"
#include "listen/sender_hosts.hpp"
#include "metrics/sender_activity.hpp"
#include "options/address_filter.hpp"

#include <netcon/os/fair_receiver.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/receive/silence_watch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tool {

struct listen_settings {
  bool passed_sockets = false;  // by the service manager, which keeps them
  host_names* hosts = nullptr;  // shared by the workers
  std::optional<std::pair<std::string, std::string>>
      required;       // userdata that each extended record must have
  int min_hops = -1;  // fewer: the packet is discarded
  address_filter allowed;
  std::chrono::milliseconds reorder{0};  // how long to hold records for their order
  crash_keeper* keeper = nullptr;        // of crashes; shared by the workers
  probe_replies* replies = nullptr;      // to probes; shared by the workers; none: they are not answered
  doubled_senders* doubled = nullptr;    // machines with two targets; shared by the workers
  proven_machines* proven = nullptr;     // shared by the workers; none: nothing is required
  bool hide_probes = false;
  std::chrono::seconds silent_after{0};  // senders of probes are watched; 0: not
  bool with_metrics = false;             // what counts by sender
};

/// State shared by the workers of one run.
class listen_run {
 public:
  explicit listen_run(std::optional<std::uint64_t> most_records);
  ~listen_run();
  listen_run(const listen_run&) = delete;
  listen_run& operator=(const listen_run&) = delete;

  /// Takes one of the records that --count still allows; false when none is left.
  bool take_record();
  /// Ends the run from within: at the limit of records, or after a failure.
  void end();
  void fail(const std::string& problem);

  /// No record is left to take.
  bool is_full() const { return left_.load(std::memory_order_relaxed) == 0; }
  bool ended() const { return ended_.load(std::memory_order_relaxed); }
  std::optional<std::string> problem() const;
  /// Readable after end().
  int fd() const { return fd_; }

 private:
  std::atomic<std::uint64_t> left_;
  std::atomic<bool> ended_ = false;
  mutable std::mutex mutex_;
  std::optional<std::string> problem_;
  int fd_;
};

class listen_worker {
 public:
  struct counters {
    netcon::collector::counters collected{};
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    line_counts events;  // records, basic lines included, and all others; packets if nothing is decoded
    std::vector<output_counts> outputs;
    std::uint64_t denied = 0;         // packets, by --allow and --deny
    std::uint64_t after_end = 0;      // packets, taken with the last one wanted from a socket that stays
    std::uint64_t far = 0;            // packets, by --min-ttl
    std::uint64_t unproven = 0;       // records, by --require
    std::uint64_t truncated = 0;      // packets
    std::uint64_t dropped = 0;        // packets, by the kernel
    std::uint64_t backlog_drops = 0;  // packets of the busiest addresses, for want of time

    counters& operator+=(const counters&);
  };

  listen_worker(netcon::udp_receiver socket, const listen_settings&, listen_run&,
                const std::vector<output_group_settings>&);
  ~listen_worker() { finish(); }
  listen_worker(const listen_worker&) = delete;
  listen_worker& operator=(const listen_worker&) = delete;

  void start();
  /// Delivers the packets in the socket and the records still held, then ends.
  void finish();
  void stop() const { packets_.socket().stop(); }
  /// From any thread.
  bool has_lost_interface() const { return tool::has_lost_interface(packets_.socket().native_handle()); }
  counters stats() const;
  /// Empty without metrics.
  const sender_activity& activity() const { return activity_; }
  /// From another thread: groups and allowed senders change before the next packets are looked at.
  void regroup(std::vector<output_group_settings> groups, address_filter allowed);

  /// The collector's sink.
  template <class Event>
  void operator()(const Event&);
  template <class Event>
  void show(const Event&);

  // For crashes_:
  template <class Event>
  void show_crash(const Event&);
  crash_host host_of(const netcon::endpoint& sender);

 private:
  using clock = std::chrono::steady_clock;

  void run();
  event_context context(const line_counts& lines) const;
  void name_sender(event_context&, const netcon::endpoint& sender, const netcon::record_view* record);
  bool is_proven(const netcon::record_view& record) const;
  bool receive(std::chrono::milliseconds wait);
  void take(const netcon::datagram&, netcon::time_point now);
  void answer(const netcon::datagram&);
  void watch(const netcon::datagram&);
  void make_groups(const std::vector<output_group_settings>& groups);
  void replace_groups();
  void show_raw(const netcon::datagram& packet);
  void push_large();
  void push();
  void expire_crashes();
  void expire();
  void publish();
  std::chrono::milliseconds patience() const;

  netcon::fair_receiver packets_;
  listen_settings settings_;
  listen_run& run_;
  netcon::collector collector_;
  sender_hosts hosts_;
  std::optional<netcon::silence_watch> silence_;
  crash_watch crashes_;
  sender_activity activity_{netcon::random_key()};
  std::deque<output_group> groups_;
  std::vector<output_group*> admitting_;  // of the event in hand
  bool decodes_ = false;                  // something wants events, not packets
  bool is_raw_ = true;                    // no output wants events
  bool has_limits_ = false;
  netcon::wall_time time_{};
  clock::time_point now_{}, next_tick_{}, next_crash_check_{};
  counters counters_;
  std::vector<output_counts> retired_;  // of groups that were replaced, by output
  std::atomic<bool> has_next_groups_ = false;
  mutable std::mutex mutex_;
  std::vector<output_group_settings> next_groups_;
  address_filter next_allowed_;
  counters published_;
  std::thread thread_;
};

}  // namespace tool
