// SPDX-License-Identifier: MIT
// The UDP datagrams of a capture file.
#include "core.hpp"

#include <netcon/capture/datagrams.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
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

/// None of thousands of new packets is garbage, and searching them for it again and again takes time. While
/// one is made: other threads may run between two.
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

/// The file of a name, or what read(size) of a file object gives, which may be fewer bytes.
class capture_source {
 public:
  capture_source(const std::string& file, py::handle read) {
    if (!read.is_none()) {
      read_ = py::reinterpret_borrow<py::object>(read);
      return;
    }
    opened_.reset(std::fopen(file.c_str(), "rbe"));
    if (!opened_) throw_os_error(errno, file);
  }

  std::size_t operator()(char* to, std::size_t size) {
    if (since_look_ >= most_at_once) pause();
    const auto got = opened_ ? std::fread(to, 1, size, opened_.get()) : read_object(to, size);
    since_look_ += got;
    return got;
  }

  /// OSError when the file could not be read.
  void check(const std::string& file) const {
    if (opened_ && std::ferror(opened_.get()) != 0) throw_os_error(errno, file);
  }

 private:
  using clock = std::chrono::steady_clock;
  static constexpr std::size_t most_at_once = std::size_t{1} << 18;
  /// Longer than a thread waits before it demands the GIL, 5 ms: one that is woken more often than that finds
  /// the GIL taken again each time, and demands nothing.
  static constexpr std::chrono::milliseconds longest{8};

  /// Handlers of signals run, and other threads: the next packet that is wanted may be gigabytes away.
  void pause() {
    since_look_ = 0;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    const auto now = clock::now();
    if (now - paused_ < longest) return;
    {
      const py::gil_scoped_release unlocked;
    }
    paused_ = clock::now();
  }

  std::size_t read_object(char* to, std::size_t size) const {
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

  std::unique_ptr<std::FILE, close_file> opened_;
  py::object read_;
  std::size_t since_look_ = 0;
  clock::time_point paused_ = clock::now();
};

/// The packets of a capture, a batch at a time: a file may be larger than memory.
class capture_reader {
 public:
  /// read: of a file object, or None for the file of this name.
  capture_reader(const std::string& file, py::handle read, py::handle port)
      : name_{file}, source_{name_, read}, capture_{std::ref(source_)}, datagrams_{capture_} {
    if (!port.is_none()) wanted_ = port.cast<std::uint16_t>();
    const auto header = capture_.open();
    source_.check(name_);
    if (!header) throw py::value_error(name_ + " " + std::string{message(header.error().code)});
  }
  capture_reader(const capture_reader&) = delete;
  capture_reader& operator=(const capture_reader&) = delete;

  /// Packets until they hold this many bytes, or the file ends: then done() is true.
  py::list read(std::size_t bytes) {
    if (reading_) throw py::value_error("another thread reads " + name_);
    const flag_for_now reading{reading_};
    static constinit kept_attribute type{"netcon._columns", "Packet"};
    py::list packets;
    for (std::size_t held = 0; held < bytes && !done_;) {
      const auto next = datagrams_.next();
      source_.check(name_);
      if (!next) problem_ = next.error();
      done_ = !next || !*next;
      if (done_) break;
      const auto& [time, udp] = **next;
      ++ports_[udp.receiver.port.value()];
      if (wanted_ && udp.receiver.port.value() != *wanted_) continue;
      if (udp.truncated) {
        ++truncated_;
        continue;
      }
      held += udp.payload.size() + packet_overhead;
      const without_garbage_collection paused;
      packets.append(make_packet(reinterpret_cast<PyTypeObject*>(type.get().ptr()), seconds_of(time),
                                 end_object(udp.sender), end_object(udp.receiver), udp.payload));
    }
    if (problem_ && problem_->code == netcon::capture_errc::unsupported_link_type)
      throw py::value_error(name_ + ": link type " + std::to_string(problem_->link_type) +
                            " is not one that IP packets are found in");
    return packets;
  }

  bool done() const noexcept { return done_; }

  /// What is wrong with the file or None, how many packets the capture had truncated, and how many datagrams
  /// went to each port.
  py::tuple found() const {
    py::object problem = py::none();
    if (problem_)
      problem = py::str(std::string{message(problem_->code)} + " after " + std::to_string(problem_->frames) +
                        " frames");
    py::dict ports;
    for (const auto& [number, count] : ports_) ports[py::int_(number)] = count;
    return py::make_tuple(problem, truncated_, ports);
  }

 private:
  static constexpr std::size_t packet_overhead = 128;  // of the objects of a packet

  class flag_for_now {
   public:
    explicit flag_for_now(bool& flag) noexcept : flag_{flag} { flag_ = true; }
    flag_for_now(const flag_for_now&) = delete;
    flag_for_now& operator=(const flag_for_now&) = delete;
    ~flag_for_now() { flag_ = false; }

   private:
    bool& flag_;
  };

  /// Most packets of a capture come from few senders.
  py::object end_object(const netcon::endpoint& end) {
    auto& known = ends_[std::hash<netcon::endpoint>{}(end) % ends_.size()];
    if (!known.second || known.first != end) known = {end, to_python(end)};
    return known.second;
  }

  std::string name_;
  capture_source source_;
  netcon::pcap_reader<std::reference_wrapper<capture_source>> capture_;
  netcon::datagram_reader<std::reference_wrapper<capture_source>> datagrams_;
  std::optional<std::uint16_t> wanted_;
  std::array<std::pair<netcon::endpoint, py::object>, 64> ends_;
  std::map<std::uint16_t, std::uint64_t> ports_;  // of receivers
  std::size_t truncated_ = 0;
  std::optional<netcon::capture_error> problem_;
  bool done_ = false, reading_ = false;
};

}  // namespace

void bind_capture(py::module_& m) {
  py::class_<capture_reader>(m, "CaptureReader",
                             doc("The packets of a capture; netcon.read_pcap() is what to use."))
      .def(py::init([](py::handle path, py::handle read, py::handle port) {
             const auto file = py::module_::import("os").attr("fsencode")(path).cast<std::string>();
             return std::make_unique<capture_reader>(file, read, port);
           }),
           py::arg("path"), py::arg("read"), py::arg("port"))
      .def("read", &capture_reader::read, py::arg("bytes"))
      .def("found", &capture_reader::found)
      .def_property_readonly("done", &capture_reader::done);
}

}  // namespace binding
