// netcon._core: the extension under the package. Needs the GIL: a free-threaded interpreter takes it for the
// time this module is loaded.
#include "core.hpp"

#include <netcon/version.hpp>

#include <string>

PYBIND11_MODULE(_core, m) {
  m.doc() = "The compiled part of netcon. Use the package, not this module.";
  m.attr("VERSION") = std::to_string(NETCON_VERSION_MAJOR) + "." + std::to_string(NETCON_VERSION_MINOR) + "." +
                      std::to_string(NETCON_VERSION_PATCH);
  binding::bind_kernel(m);
  binding::bind_parameter(m);
  binding::bind_wire(m);
  binding::bind_collector(m);
  binding::bind_configfs(m);
  binding::bind_columns(m);
  binding::bind_udp(m);
  binding::bind_route(m);
}
