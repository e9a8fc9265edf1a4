// SPDX-License-Identifier: MIT
// The end of the pipeline: each event goes to the sink and is counted.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/time.hpp>
#include <netcon/receive/basic_lines.hpp>
#include <netcon/receive/collector_limits.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/internal/sender.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

class reporter {
 public:
  collector_counters counters;

  void count_packet(std::size_t bytes) noexcept {
    ++counters.packets;
    counters.bytes += bytes;
  }
  template <class Sink>
  void record(const sender& s, const record_view& record, bool late, bool conflict, Sink& sink) {
    if (late) {
      this->late(s, record, conflict, sink);
    } else {
      ++counters.records;
      sink(event::record{s.address, record, conflict});
    }
  }
  template <class Sink>
  void late(const sender& s, const record_view& record, bool conflict, Sink& sink) {
    ++counters.late;
    sink(event::late{s.address, record, conflict});
  }
  template <class Sink>
  void partial(const sender& s, const assembled& part, Sink& sink) {
    ++counters.partial;
    sink(event::partial{s.address, part.record, part.missing, part.conflict});
  }
  template <class Sink>
  void duplicate(const sender& s, const record_view& record, Sink& sink) {
    ++counters.duplicate;
    sink(event::duplicate{s.address, record});
  }
  /// now: of the record that tells, when it is new.
  template <class Sink>
  [[gnu::always_inline]] void lost(const sender& s, const loss_report& found, std::optional<time_point> now,
                                   Sink& sink) {
    if (found.lost != 0 || found.recovered != 0) count_lost(s, found, now, sink);
  }
  template <class Sink>
  void rebooted(const sender& s, Sink& sink) {
    ++counters.rebooted;
    sink(event::rebooted{s.address, s.numbers.sequence().highest()});
  }
  template <class Sink>
  void line(const sender& s, const basic_line& line, std::optional<time_point>, Sink& sink) {
    ++counters.basic;
    sink(event::basic{s.address, line.text, line.complete, line.replayed});
  }
  template <class Sink>
  void line(const sender& s, const folded_lines& lines, std::optional<time_point>, Sink& sink) {
    counters.folded += lines.count;
    sink(event::folded{s.address, lines.count});
  }
  template <class Sink>
  void line(const sender& s, const announced_loss& line, std::optional<time_point> now, Sink& sink) {
    lost(s, {.cause = loss::announced, .lost = line.count}, now, sink);
  }
  /// What a fragment was, unless it became part of a record.
  template <class Sink>
  void fragment(const sender& s, const record_view& record, reassembler::progress became, Sink& sink) {
    using progress = reassembler::progress;
    if (became == progress::declined || became == progress::repeated) {
      duplicate(s, record, sink);
    } else if (became == progress::late) {
      late(s, record, false, sink);
    } else if (became == progress::refused) {
      junk(s, record.wire(), text_errc::fragment_too_large, sink);
    }
  }
  template <class Sink>
  void junk(const sender& s, std::string_view packet, text_errc reason, Sink& sink) {
    ++counters.junk;
    sink(event::junk{s.address, packet, reason});
  }
  template <class Sink>
  void forgotten(const sender& s, Sink& sink) {
    ++counters.forgotten;
    sink(event::forgotten{s.address});
  }

 private:
  template <class Sink>
  [[gnu::noinline]] void count_lost(const sender& s, loss_report found, std::optional<time_point> now,
                                    Sink& sink) {
    if (is_impossible(s, found.lost, now)) found = {.cause = loss::impossible, .lost = found.lost};
    auto* const total = counters.total_of(found.cause);
    if (found.lost == 0) {
      if (auto* const recovered = counters.recovered_of(found.cause))
        add(*recovered, std::min(*total, found.recovered));
      for (auto* const of : {&counters.lost, total}) *of -= std::min(*of, found.recovered);
      return;
    }
    if (total == nullptr) {
      ++counters.impossible;
    } else {
      add(counters.lost, found.lost);
      add(*total, found.lost);
    }
    sink(event::lost{s.address, found.cause, found.first_sequence, found.lost});
  }

  /// The largest number stands for all above it.
  static void add(std::uint64_t& to, std::uint64_t count) noexcept {
    to = count > ~to ? ~std::uint64_t{0} : to + count;
  }
};

}  // namespace netcon::inline v0_1::detail
