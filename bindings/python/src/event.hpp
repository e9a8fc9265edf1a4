// SPDX-License-Identifier: MIT
// netcon.Event and its kinds as Python objects.
#pragma once

#include "record.hpp"

#include <netcon/receive/loss.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace binding {

enum class event_kind : std::uint8_t {
  record,
  partial,
  lost,
  rebooted,
  duplicate,
  late,
  basic,
  junk,
  forgotten,
  folded
};

/// What an event of its kind has; the rest stays null or false.
struct event_parts {
  py::object sender;              // netcon.Endpoint
  std::optional<double> time;     // seconds
  py::object record;              // of all kinds with one: a Record, or a packet that decode() reads
  py::object missing;             // partial: a tuple of TextRange
  py::object count, first, last;  // lost, folded and rebooted: int
  py::object packet, reason;      // junk: bytes and str
  std::optional<netcon::loss> cause;
  bool conflict = false, complete = true, replayed = false;
};

py::object make_event(event_kind kind, const event_parts& parts);

bool is_event(py::handle object) noexcept;
bool is_basic_event(py::handle event) noexcept;
/// The bytes that the record of an event is made of; null when it has no record, or more than decode() finds
/// in the bytes. Borrowed from the event.
PyObject* packet_of_event(py::handle event) noexcept;
/// The record of an event, or null when its kind has none. Borrowed from the event.
PyObject* record_of_event(py::handle event);

}  // namespace binding
