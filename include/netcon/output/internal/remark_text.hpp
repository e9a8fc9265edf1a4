// SPDX-License-Identifier: MIT
// What lines for people say about events that are not records.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/output/internal/append.hpp>
#include <netcon/receive/double_watch.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/silence_watch.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

inline void append_remark_text(std::string& out, const event::lost& event) {
  const std::string_view records = event.count == 1 ? " record " : " records ";
  switch (event.cause) {
    case loss::sequence_gap:
      append_all(out, event.count, records, "missing from number ", event.first_sequence,
                 " on: lost, or below the sender's console level");
      break;
    case loss::msgid_gap:
      append_all(out, event.count, records, "lost: the sender counted them");
      break;
    case loss::announced:
      append_all(out, event.count, records, "lost: the sender says so");
      break;
    case loss::impossible:
      append_all(out, "the numbers jump over ", event.count,
                 " records: more than a kernel can have made; forged, or of another machine");
      break;
  }
}

inline void append_remark_text(std::string& out, const event::rebooted& event) {
  append_all(out, "rebooted: the last record before was number ", event.last_sequence);
}

inline void append_remark_text(std::string& out, const event::folded& event) {
  append_all(out, event.count, event.count == 1 ? " more empty line" : " more empty lines");
}

inline void append_remark_text(std::string& out, const event::junk& event) {
  constexpr std::size_t shown = 64;
  append_all(out, "not netconsole: ", message(event.reason), " (", event.packet.size(),
             " bytes): ", printable(event.packet.substr(0, shown)), event.packet.size() > shown ? "..." : "");
}

inline void append_remark_text(std::string& out, const event::forgotten&) {
  out += "forgotten: too many senders, and this one was silent for longest";
}

inline void append_remark_text(std::string& out, const event::truncated&) {
  out += "truncated: the packet was longer than the receive buffer";
}

inline void append_remark_text(std::string& out, const event::suppressed& event) {
  append_all(out, event.count, event.count == 1 ? " record" : " records", " over the rate limit left out");
}

inline void append_remark_text(std::string& out, const event::silent& event) {
  append_all(out, "silent: it sent probes, and nothing for ",
             static_cast<std::uint64_t>(event.duration.count()), " s");
}

inline void append_remark_text(std::string& out, const event::returned& event) {
  append_all(out, "returned after ", static_cast<std::uint64_t>(event.duration.count()), " s of silence");
}

inline void append_remark_text(std::string& out, const event::doubled&) {
  out += "sends every record twice, to a basic and to an extended target: remove one of them";
}

/// Within the text of a partial record.
inline void append_gap(std::string& out, text_range gap) {
  append_all(out, "[... ", gap.size(), " bytes missing ...]");
}

inline void append_remark_text(std::string& out, const event::partial& event) {
  const auto body = event.body();
  append_all(out, "partial: ", body.missing(), " of ", body.total(), " bytes of record ",
             event.record.sequence(), " are missing", event.conflict ? ", and fragments of it disagree" : "");
}

}  // namespace netcon::inline v0_1::detail
