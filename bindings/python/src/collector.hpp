// SPDX-License-Identifier: MIT
// The log of events that a collector fills while no Python object may be touched.
#pragma once

#include "event.hpp"

#include <netcon/receive/collector.hpp>

#include <array>
#include <optional>
#include <vector>

namespace binding {

/// Collector limits from keyword arguments; TypeError for one that does not exist.
netcon::collector::limits limits_of(const py::kwargs& given);

/// Senders that were seen lately, as Python objects: most events come from few of them.
class sender_cache {
 public:
  py::object get(const netcon::endpoint& end);

 private:
  struct entry {
    netcon::endpoint end;
    py::object object;
  };
  std::array<entry, 64> entries_{};
};

/// A sink of a collector. Takes events without the GIL, gives them as Python objects with it.
class event_log {
 public:
  /// Bytes that stay where they are until take(): views into them are not copied.
  void pin(std::string_view bytes) noexcept { pinned_ = bytes; }
  /// Room for the events of so many packets.
  void reserve(std::size_t packets) {
    pending_.reserve(packets);
    kept_.reserve(packets * 128);
  }
  /// The time of the next events.
  void at(double time) noexcept { time_ = time; }
  /// Less severe records are skipped, basic lines too when their prefix has a level.
  void set_min_level(std::optional<unsigned> level) noexcept { min_level_ = level; }
  /// Whether basic lines are kept.
  void set_basic(bool kept) noexcept { basic_ = kept; }

  void operator()(const netcon::event::record& e) {
    add_record(event_kind::record, e.sender, e.record).conflict = e.conflict;
  }
  void operator()(const netcon::event::partial& e);
  void operator()(const netcon::event::lost& e);
  void operator()(const netcon::event::rebooted& e);
  void operator()(const netcon::event::duplicate& e) {
    add_record(event_kind::duplicate, e.sender, e.record);
  }
  void operator()(const netcon::event::late& e) {
    add_record(event_kind::late, e.sender, e.record).conflict = e.conflict;
  }
  void operator()(const netcon::event::basic& e);
  void operator()(const netcon::event::junk& e);
  void operator()(const netcon::event::forgotten& e);
  void operator()(const netcon::event::folded& e);

  std::size_t size() const noexcept { return pending_.size(); }

  /// Takes the events of a log that has nothing pinned.
  void append(event_log&& later);

  /// All events as Python objects, in order, and empties the log. packet: the object whose bytes are pinned,
  /// or null. When it throws, as for a signal's handler that raised, the events stay.
  py::list take(sender_cache& senders, py::handle packet = {});

 private:
  struct pending {
    event_kind kind{};
    netcon::endpoint sender;
    netcon::record_view view;         // of record, partial, duplicate, late
    std::size_t begin = 0, size = 0;  // the bytes of a record, line or packet, among those pinned or kept
    bool pinned = false;
    bool is_plain = false;  // decoding the bytes gives the record
    bool conflict = false, complete = true, replayed = false;
    netcon::loss cause{};
    netcon::text_errc reason{};
    std::uint64_t first_sequence = 0, last_sequence = 0, count = 0;
    std::vector<netcon::text_range> missing;
    double time = 0;
  };

  pending& add(event_kind kind, const netcon::endpoint& sender);
  pending& add_record(event_kind kind, const netcon::endpoint& sender, const netcon::record_view& view);
  void keep_bytes(pending& event, std::string_view bytes);
  py::list objects_of(const std::vector<pending>& events, std::string_view kept, sender_cache& senders,
                      py::handle packet) const;

  std::vector<pending> pending_;
  std::string kept_;  // the bytes of all events: one allocation, not one each
  std::string_view pinned_;
  double time_ = 0;
  std::optional<unsigned> min_level_;
  bool basic_ = true;
  pending skipped_;
};

/// The counters of a collector, by name.
py::dict stats_of(const netcon::collector::counters& collected,
                  const netcon::reassembler::counters& fragments, std::size_t senders);

}  // namespace binding
