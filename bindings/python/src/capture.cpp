// The packets of a capture file: pcap and pcapng.
#include "core.hpp"

#include "ip_packet.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

namespace binding {
namespace {

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Frames of a capture file one after the other; numbers in the file's own byte order.
class capture_file {
 public:
  struct frame {
    double time = 0;
    int link_type = 0;
    std::string_view bytes;
  };

  explicit capture_file(const std::string& path) : file_{std::fopen(path.c_str(), "rbe")} {
    if (!file_) throw_os_error(errno, path);
    // Bytes as written by a machine of little and of big end.
    const auto magic = take(4);
    if (magic == "\xd4\xc3\xb2\xa1" || magic == "\x4d\x3c\xb2\xa1") {
      big_ = false;
    } else if (magic == "\xa1\xb2\xc3\xd4" || magic == "\xa1\xb2\x3c\x4d") {
      big_ = true;
    } else if (magic == "\x0a\x0d\x0d\x0a") {
      next_generation_ = true;
      begin_section();
      return;
    } else {
      throw py::value_error(path + " is neither pcap nor pcapng");
    }
    tick_ = magic.find('\x4d') != magic.npos ? 1e-9 : 1e-6;
    if (take(20).size() != 20) throw py::value_error(path + " ends inside its header");
    link_type_ = static_cast<int>(number(buffer_, 16) & 0xffffu);
  }

  /// The next frame; nothing at the end, or where the file is cut.
  std::optional<frame> next() { return next_generation_ ? next_block() : next_record(); }

 private:
  struct interface {
    int link_type;
    double tick;
  };
  static constexpr std::size_t most = 16u << 20;

  std::string_view take(std::size_t size) {
    if (size > most) return {};
    buffer_.resize(size);
    const auto got = std::fread(buffer_.data(), 1, size, file_.get());
    return got == size ? std::string_view{buffer_} : std::string_view{};
  }
  std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size = 4) const noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes[big_ ? at + i : at + size - 1 - i]);
    return value;
  }

  std::optional<frame> next_record() {
    const auto header = take(16);
    if (header.empty()) return std::nullopt;
    const double time = number(header, 0) + number(header, 4) * tick_;
    const std::size_t size = number(header, 8);
    const auto bytes = take(size);
    if (bytes.size() != size) return std::nullopt;
    return frame{time, link_type_, bytes};
  }

  /// Behind the block type of a section header: its length, and the mark of the byte order.
  bool begin_section() {
    const auto head = take(8);
    if (head.size() != 8) return false;
    const auto mark = head.substr(4);
    if (mark == "\x4d\x3c\x2b\x1a") {
      big_ = false;
    } else if (mark == "\x1a\x2b\x3c\x4d") {
      big_ = true;
    } else {
      return false;
    }
    interfaces_.clear();
    const std::size_t length = number(head, 0);
    return length >= 28 && length % 4 == 0 && take(length - 12).size() == length - 12;
  }

  std::optional<frame> next_block() {
    for (;;) {
      const auto type_bytes = take(4);
      if (type_bytes.empty()) return std::nullopt;
      if (type_bytes == "\x0a\x0d\x0d\x0a") {
        if (!begin_section()) return std::nullopt;
        continue;
      }
      const auto type = number(type_bytes, 0);
      const auto length_bytes = take(4);
      if (length_bytes.empty()) return std::nullopt;
      const std::size_t length = number(length_bytes, 0);
      if (length < 12 || length % 4 != 0) return std::nullopt;
      auto body = take(length - 8);
      if (body.size() != length - 8) return std::nullopt;
      body.remove_suffix(4);
      if (type == 1 && body.size() >= 8) add_interface(body);
      if (type != 6 || body.size() < 20) continue;
      const std::size_t which = number(body, 0), size = number(body, 12);
      if (which >= interfaces_.size() || size > body.size() - 20) continue;
      const auto ticks = static_cast<double>(std::uint64_t{number(body, 4)} << 32 | number(body, 8));
      return frame{ticks * interfaces_[which].tick, interfaces_[which].link_type, body.substr(20, size)};
    }
  }

  void add_interface(std::string_view body) {
    interface added{static_cast<int>(number(body, 0, 2)), 1e-6};
    for (auto options = body.substr(8); options.size() >= 4;) {
      const auto code = number(options, 0, 2), size = number(options, 2, 2);
      const std::size_t padded = (size + 3u) & ~3u;
      if (code == 0 || options.size() < 4 + padded) break;
      if (code == 9 && size >= 1) {
        const auto exponent = static_cast<unsigned char>(options[4]);
        const double base = (exponent & 0x80) != 0 ? 0.5 : 0.1;
        added.tick = 1;
        for (int i = exponent & 0x7f; i > 0; --i) added.tick *= base;
      }
      options.remove_prefix(4 + padded);
    }
    interfaces_.push_back(added);
  }

  std::unique_ptr<std::FILE, close_file> file_;
  std::string buffer_;
  bool big_ = false;
  bool next_generation_ = false;
  double tick_ = 1e-6;
  int link_type_ = 0;
  std::vector<interface> interfaces_;
};

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

py::list read_pcap(py::handle path, py::handle port) {
  const auto file = py::module_::import("os").attr("fsencode")(path).cast<std::string>();
  std::optional<std::uint16_t> wanted;
  if (!port.is_none()) wanted = port.cast<std::uint16_t>();
  static PyObject* const type = from_package("netcon._columns", "Packet").release().ptr();
  const without_garbage_collection paused;
  capture_file capture{file};
  tool::ip_reader reader;
  py::list out;
  std::array<std::pair<netcon::endpoint, py::object>, 64> ends;
  const auto end_object = [&](const netcon::endpoint& end) {
    auto& known = ends[std::hash<netcon::endpoint>{}(end) % ends.size()];
    if (!known.second || known.first != end) known = {end, to_python(end)};
    return known.second;
  };
  while (const auto frame = capture.next()) {
    if (!tool::is_known_link_type(frame->link_type))
      throw py::value_error(file + ": link type " + std::to_string(frame->link_type) +
                            " is not one that IP packets are found in");
    const auto inside = tool::find_network_header(frame->link_type, frame->bytes);
    if (!inside) continue;
    const auto datagram = reader.read(*inside);
    if (!datagram || datagram->cut_short || (wanted && datagram->to.port.value() != *wanted)) continue;
    out.append(make_packet(reinterpret_cast<PyTypeObject*>(type), frame->time, end_object(datagram->from),
                           end_object(datagram->to), datagram->payload));
  }
  return out;
}

}  // namespace

void bind_capture(py::module_& m) {
  m.def("read_pcap", &read_pcap, py::arg("path"), py::arg("port"));
}

}  // namespace binding
