// SPDX-License-Identifier: MIT
// The texts of netcon test as str and tuples; _probe.py makes values of them.
#include "core.hpp"
#include "record.hpp"

#include <netcon/wire/decode.hpp>
#include <netcon/wire/probe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace binding {
namespace {

netcon::level level_of(unsigned level) {
  return static_cast<netcon::level>(level & 7);
}

py::object find_probe(py::handle packet) {
  std::optional<netcon::probe> found;
  if (is_record(packet)) {
    found = netcon::find_probe(record_of(packet));
  } else {
    const auto bytes = as_bytes(packet, "packet");
    if (const auto record = netcon::decode(view_of(bytes))) found = netcon::find_probe(*record);
  }
  if (!found) return py::none();
  return py::make_tuple(found->nonce, level_object(static_cast<unsigned>(found->level)));
}

py::object read_answer(py::handle datagram) {
  const auto bytes = as_bytes(datagram, "datagram");
  const auto read = netcon::probe_answer::parse(view_of(bytes));
  if (!read) return py::none();
  return py::make_tuple(read->nonce, level_object(static_cast<unsigned>(read->level)), to_python(read->seen),
                        read->lost);
}

py::object read_opening(py::handle datagram) {
  const auto bytes = as_bytes(datagram, "datagram");
  const auto read = netcon::probe_opening::parse(view_of(bytes));
  return read ? py::cast(read->nonce) : py::none();
}

}  // namespace

void bind_probe(py::module_& m) {
  m.def(
      "probe_text",
      +[](std::uint64_t nonce, unsigned level) { return to_string(netcon::probe{nonce, level_of(level)}); },
      py::arg("nonce"), py::arg("level"));
  m.def(
      "probe_answer_text",
      +[](std::uint64_t nonce, unsigned level, py::handle seen, std::uint64_t lost) {
        return to_string(netcon::probe_answer{nonce, level_of(level), endpoint_of(seen, "seen"), lost});
      },
      py::arg("nonce"), py::arg("level"), py::arg("seen"), py::arg("lost"));
  m.def(
      "probe_opening_text", +[](std::uint64_t nonce) { return to_string(netcon::probe_opening{nonce}); },
      py::arg("nonce"));
  m.def("find_probe", &find_probe, py::arg("packet"));
  m.def("read_probe_answer", &read_answer, py::arg("datagram"));
  m.def("read_probe_opening", &read_opening, py::arg("datagram"));
}

}  // namespace binding
