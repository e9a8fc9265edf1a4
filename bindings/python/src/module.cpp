// SPDX-License-Identifier: MIT
// netcon._core: the extension under the package.
#include "core.hpp"
#include "crash.hpp"

#include <netcon/version.hpp>

#include <string>

namespace py = binding::py;

#ifdef Py_GIL_DISABLED
#error "netcon relies on the GIL: build it for an interpreter that is not free-threaded"
#endif

PYBIND11_MODULE(_core, m) {
  if (PyInterpreterState_Get() != PyInterpreterState_Main())
    throw py::import_error("netcon works in the main interpreter only, not in a subinterpreter");
  m.doc() = "The compiled part of netcon. Use the package, not this module.";
  m.attr("VERSION") = std::to_string(NETCON_VERSION_MAJOR) + "." + std::to_string(NETCON_VERSION_MINOR) +
                      "." + std::to_string(NETCON_VERSION_PATCH);
  binding::bind_kernel(m);
  binding::bind_parameter(m);
  binding::bind_wire(m);
  binding::bind_probe(m);
  binding::bind_event(m);
  binding::bind_collector(m);
  binding::bind_configfs(m);
  binding::bind_text_column(m);
  binding::bind_columns(m);
  binding::bind_capture(m);
  binding::bind_crash(m);
  binding::bind_udp(m);
  binding::bind_route(m);
}
