// SPDX-License-Identifier: MIT
// netcon.Record: the packet as a bytes object, and what was found in it. Attributes are made on demand.
#pragma once

#include "core.hpp"

#include <netcon/wire/record.hpp>

namespace binding {

/// A record over a bytes object whose bytes the view points into. New reference, or null with an exception.
PyObject* make_record(py::bytes packet, const netcon::record_view& view);

bool is_record(py::handle object) noexcept;
/// What a Record holds. Precondition: is_record().
const netcon::record_view& record_of(py::handle record) noexcept;
/// Its packet, a bytes object; borrowed.
PyObject* packet_of(py::handle record) noexcept;

/// Everything after the header as str: unescaped where the kernel escapes, NUL-safe. New reference or null.
PyObject* text_of(const netcon::record_view& view);

/// The bytes of a record as one packet would carry them: of a reassembled record the header
/// loses its ncfrag. Empty when the view's own bytes are just that.
std::string as_one_packet(const netcon::record_view& view);

}  // namespace binding
