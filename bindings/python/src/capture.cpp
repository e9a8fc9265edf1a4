// SPDX-License-Identifier: MIT
// The UDP datagrams of a capture file.
#include "core.hpp"

#include <netcon/capture/datagrams.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
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

/// A source that calls read(size) of a file object, which may give fewer bytes.
class python_source {
 public:
  explicit python_source(py::object read) : read_{std::move(read)} {}

  std::size_t operator()(char* to, std::size_t size) {
    std::size_t got = 0;
    while (got < size) {
      const py::object piece = read_(size - got);
      if (!PyBytes_Check(piece.ptr()))
        throw py::type_error(std::string{"the file must be opened in binary mode: read() gave "} +
                             Py_TYPE(piece.ptr())->tp_name);
      const auto bytes = view_of(py::reinterpret_borrow<py::bytes>(piece));
      if (bytes.empty()) break;
      if (bytes.size() > size - got) throw py::value_error("read() gave more bytes than it was asked for");
      std::memcpy(to + got, bytes.data(), bytes.size());
      got += bytes.size();
    }
    return got;
  }

 private:
  py::object read_;
};

struct capture_result {
  py::list packets;
  std::map<std::uint16_t, std::uint64_t> ports;  // of receivers
  std::size_t truncated = 0;
  std::optional<netcon::capture_error> problem;
};

template <class Source, class Check>
capture_result read_from(Source source, const std::string& name, std::optional<std::uint16_t> wanted,
                         Check check) {
  static PyObject* const type = from_package("netcon._columns", "Packet").release().ptr();
  const without_garbage_collection paused;
  netcon::pcap_reader capture{std::move(source)};
  const auto header = capture.open();
  check();
  if (!header) throw py::value_error(name + " " + std::string{message(header.error().code)});
  capture_result out;
  std::array<std::pair<netcon::endpoint, py::object>, 64> ends;
  const auto end_object = [&](const netcon::endpoint& end) {
    auto& known = ends[std::hash<netcon::endpoint>{}(end) % ends.size()];
    if (!known.second || known.first != end) known = {end, to_python(end)};
    return known.second;
  };
  const auto done = netcon::read_datagrams(capture, [&](const netcon::captured_datagram& one) {
    ++out.ports[one.udp.receiver.port.value()];
    if (wanted && one.udp.receiver.port.value() != *wanted) return;
    if (one.udp.truncated) {
      ++out.truncated;
      return;
    }
    out.packets.append(make_packet(reinterpret_cast<PyTypeObject*>(type), seconds_of(one.time),
                                   end_object(one.udp.sender), end_object(one.udp.receiver),
                                   one.udp.payload));
  });
  check();
  if (!done) out.problem = done.error();
  return out;
}

/// The packets, what is wrong with the file or None, how many packets the capture had truncated, and how many
/// datagrams went to each port. read: of a file object, or None for the file of this name.
py::tuple read_pcap(py::handle path, py::handle read, py::handle port) {
  const auto file = py::module_::import("os").attr("fsencode")(path).cast<std::string>();
  std::optional<std::uint16_t> wanted;
  if (!port.is_none()) wanted = port.cast<std::uint16_t>();
  capture_result got;
  if (read.is_none()) {
    const std::unique_ptr<std::FILE, close_file> opened{std::fopen(file.c_str(), "rbe")};
    if (!opened) throw_os_error(errno, file);
    got = read_from(netcon::stdio_source{opened.get()}, file, wanted, [&] {
      if (std::ferror(opened.get()) != 0) throw_os_error(errno, file);
    });
  } else {
    got = read_from(python_source{py::reinterpret_borrow<py::object>(read)}, file, wanted, [] {});
  }
  py::object problem = py::none();
  if (got.problem && got.problem->code == netcon::capture_errc::unsupported_link_type)
    throw py::value_error(file + ": link type " + std::to_string(got.problem->link_type) +
                          " is not one that IP packets are found in");
  if (got.problem)
    problem = py::str(std::string{message(got.problem->code)} + " after " +
                      std::to_string(got.problem->frames) + " frames");
  py::dict ports;
  for (const auto& [number, count] : got.ports) ports[py::int_(number)] = count;
  return py::make_tuple(std::move(got.packets), problem, got.truncated, std::move(ports));
}

}  // namespace

void bind_capture(py::module_& m) {
  m.def("read_pcap", &read_pcap, py::arg("path"), py::arg("read"), py::arg("port"));
}

}  // namespace binding
