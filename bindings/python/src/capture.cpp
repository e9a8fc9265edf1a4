// The UDP datagrams of a capture file.
#include "capture_file.hpp"
#include "core.hpp"

#include "input/ip_packet.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>

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

/// The packets, what is wrong with the file or None, and how many packets the capture had cut short.
py::tuple read_pcap(py::handle path, py::handle port) {
  const auto file = py::module_::import("os").attr("fsencode")(path).cast<std::string>();
  std::optional<std::uint16_t> wanted;
  if (!port.is_none()) wanted = port.cast<std::uint16_t>();
  static PyObject* const type = from_package("netcon._columns", "Packet").release().ptr();
  const without_garbage_collection paused;
  file_handle opened{std::fopen(file.c_str(), "rbe")};
  if (!opened) throw_os_error(errno, file);
  capture_file capture{std::move(opened)};
  if (capture.failed()) throw_os_error(errno, file);
  if (!capture.problem().empty()) throw py::value_error(file + " " + std::string{capture.problem()});
  std::size_t frames = 0, cut_short = 0;
  tool::ip_reader reader;
  py::list out;
  std::array<std::pair<netcon::endpoint, py::object>, 64> ends;
  const auto end_object = [&](const netcon::endpoint& end) {
    auto& known = ends[std::hash<netcon::endpoint>{}(end) % ends.size()];
    if (!known.second || known.first != end) known = {end, to_python(end)};
    return known.second;
  };
  while (const auto frame = capture.next()) {
    ++frames;
    if (!tool::is_known_link_type(frame->link_type))
      throw py::value_error(file + ": link type " + std::to_string(frame->link_type) +
                            " is not one that IP packets are found in");
    const auto inside = tool::find_network_header(frame->link_type, frame->bytes);
    if (!inside) continue;
    const auto datagram = reader.read(*inside);
    if (!datagram || (wanted && datagram->to.port.value() != *wanted)) continue;
    if (datagram->cut_short) {
      ++cut_short;
      continue;
    }
    out.append(make_packet(reinterpret_cast<PyTypeObject*>(type), frame->time, end_object(datagram->from),
                           end_object(datagram->to), datagram->payload));
  }
  if (capture.failed()) throw_os_error(errno, file);
  py::object problem = py::none();
  if (!capture.problem().empty())
    problem = py::str(std::string{capture.problem()} + " after " + std::to_string(frames) + " frames");
  return py::make_tuple(out, problem, cut_short);
}

}  // namespace

void bind_capture(py::module_& m) {
  m.def("read_pcap", &read_pcap, py::arg("path"), py::arg("port"));
}

}  // namespace binding
