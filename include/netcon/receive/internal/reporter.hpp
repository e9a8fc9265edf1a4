// The end of the pipeline: each event goes to the sink and is counted.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/receive/basic_lines.hpp>
#include <netcon/receive/collector_limits.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/internal/sender.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace netcon::detail {

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
      this->late(s, record, sink);
    } else {
      ++counters.records;
      sink(event::record{s.address, record, conflict});
    }
  }
  template <class Sink>
  void late(const sender& s, const record_view& record, Sink& sink) {
    ++counters.late;
    sink(event::late{s.address, record});
  }
  template <class Sink>
  void partial(const sender& s, const assembled& part, Sink& sink) {
    ++counters.partial;
    sink(event::partial{s.address, part.record, part.missing});
  }
  template <class Sink>
  void duplicate(const sender& s, const record_view& record, Sink& sink) {
    ++counters.duplicate;
    sink(event::duplicate{s.address, record});
  }
  template <class Sink>
  void lost(const sender& s, const loss_report& found, Sink& sink) {
    if (found.lost != 0) {
      counters.lost += found.lost;
      sink(event::lost{s.address, found.cause, found.first_sequence, found.lost});
    } else if (found.recovered != 0) {
      counters.lost -= std::min(counters.lost, found.recovered);
    }
  }
  template <class Sink>
  void rebooted(const sender& s, Sink& sink) {
    ++counters.rebooted;
    sink(event::rebooted{s.address, s.numbers.sequence().highest()});
  }
  template <class Sink>
  void line(const sender& s, const basic_line& line, Sink& sink) {
    ++counters.basic;
    sink(event::basic{s.address, line.text, line.complete, line.replayed});
  }
  template <class Sink>
  void line(const sender& s, const announced_loss& line, Sink& sink) {
    lost(s, {.cause = loss::announced, .lost = line.count}, sink);
  }
  template <class Sink>
  void junk(const sender& s, std::string_view packet, errc reason, Sink& sink) {
    ++counters.junk;
    sink(event::junk{s.address, packet, reason});
  }
  template <class Sink>
  void forgotten(const sender& s, Sink& sink) {
    ++counters.forgotten;
    sink(event::forgotten{s.address});
  }
};

}  // namespace netcon::detail
