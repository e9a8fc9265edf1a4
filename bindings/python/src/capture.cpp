// The UDP datagrams of a capture file.
#include "core.hpp"

#include <netcon/capture/datagrams.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace binding {
namespace {

/// A netcon.Packet, without a call of Python.
py::object make_packet(PyTypeObject* type, double time, const py::object& from, const py::object& to,
                       const std::string_view payload) {
  auto packet = py::reinterpret_steal<py::object>(type->tp_alloc(type, 4));
  if (!packet) throw py::error_already_set();
  PyTuple_SET_ITEM(packet.ptr(), 0, py::float_(time).release().ptr());
  PyTuple_SET_ITEM(packet.ptr(), 1, Py_NewRef(from.ptr()));
  PyTuple_SET_ITEM(packet.ptr(), 2, Py_NewRef(to.ptr()));
  PyTuple_SET_ITEM(packet.ptr(), 3, py::bytes(payload.data(), payload.size()).release().ptr());
  return packet;
}

/// None of a million new packets is garbage, and searching them for it again and again takes time.
class without_garbage_collection {
 public:
  without_garbage_collection() : was_enabled_{PyGC_Disable()} {}
  without_garbage_collection(const without_garbage_collection&) = delete;
  ~without_garbage_collection() {
    if (was_enabled_ != 0) PyGC_Enable();
  }

 private:
  int was_enabled_;
};

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Whole seconds and their parts apart: a double has no room for nanoseconds since 1970.
double seconds_of(netcon::capture_time time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return static_cast<double>(whole.time_since_epoch().count()) +
         std::chrono::duration<double>{time - whole}.count();
}

/// The packets, what is wrong with the file or None, and how many packets the capture had truncated.
py::tuple read_pcap(py::handle path, py::handle port) {
  const auto file = py::module_::import("os").attr("fsencode")(path).cast<std::string>();
  std::optional<std::uint16_t> wanted;
  if (!port.is_none()) wanted = port.cast<std::uint16_t>();
  static PyObject* const type = from_package("netcon._columns", "Packet").release().ptr();
  const without_garbage_collection paused;
  const std::unique_ptr<std::FILE, close_file> opened{std::fopen(file.c_str(), "rbe")};
  if (!opened) throw_os_error(errno, file);
  const auto check_system = [&] {
    if (std::ferror(opened.get()) != 0) throw_os_error(errno, file);
  };
  netcon::pcap_reader capture{netcon::stdio_source{opened.get()}};
  const auto header = capture.open();
  check_system();
  if (!header) throw py::value_error(file + " " + std::string{message(header.error().code)});
  std::size_t truncated = 0;
  py::list out;
  std::array<std::pair<netcon::endpoint, py::object>, 64> ends;
  const auto end_object = [&](const netcon::endpoint& end) {
    auto& known = ends[std::hash<netcon::endpoint>{}(end) % ends.size()];
    if (!known.second || known.first != end) known = {end, to_python(end)};
    return known.second;
  };
  const auto done = netcon::read_datagrams(capture, [&](const netcon::captured_datagram& one) {
    if (wanted && one.udp.receiver.port.value() != *wanted) return;
    if (one.udp.truncated) {
      ++truncated;
      return;
    }
    out.append(make_packet(reinterpret_cast<PyTypeObject*>(type), seconds_of(one.time),
                           end_object(one.udp.sender), end_object(one.udp.receiver), one.udp.payload));
  });
  check_system();
  py::object problem = py::none();
  if (!done && done.error().code == netcon::capture_errc::unsupported_link_type)
    throw py::value_error(file + ": link type " + std::to_string(done.error().link_type) +
                          " is not one that IP packets are found in");
  if (!done)
    problem = py::str(std::string{message(done.error().code)} + " after " +
                      std::to_string(done.error().frames) + " frames");
  return py::make_tuple(out, problem, truncated);
}

}  // namespace

void bind_capture(py::module_& m) {
  m.def("read_pcap", &read_pcap, py::arg("path"), py::arg("port"));
}

}  // namespace binding
