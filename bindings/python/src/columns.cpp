// Many packets at once: columns for numpy and data frames, and the packets of a capture file.
#include "record.hpp"

#include <netcon/decode.hpp>
#include <netcon/escape.hpp>

#include "ip_packet.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace binding {
namespace {

/// A column of numbers: filled without the GIL, handed over as a bytearray that numpy looks into.
template <class T>
class number_column {
 public:
  explicit number_column(std::size_t size) {
    object_ = py::reinterpret_steal<py::object>(
        PyByteArray_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size * sizeof(T))));
    if (!object_) throw py::error_already_set();
    bytes_ = PyByteArray_AS_STRING(object_.ptr());
  }
  void set(std::size_t at, T value) noexcept { std::memcpy(bytes_ + at * sizeof(T), &value, sizeof(T)); }
  py::object take() { return std::move(object_); }

 private:
  py::object object_;
  char* bytes_;
};

py::list empty_list(std::size_t size) {
  auto* const list = PyList_New(static_cast<Py_ssize_t>(size));
  if (list == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::list>(list);
}

void put(py::list& column, std::size_t at, py::object value) {
  PyList_SET_ITEM(column.ptr(), static_cast<Py_ssize_t>(at), value.release().ptr());
}

/// What a decoded packet needs for the columns that only the GIL can fill. Null data: not there.
struct text_row {
  std::string_view text, lines, release, caller;
  bool is_escaped = false;
};

/// The same few values over and over: of neighbours in a column that are equal one object is made.
class repeated_value {
 public:
  repeated_value(std::size_t size, bool as_text) : column_{empty_list(size)}, as_text_{as_text} {}

  /// bytes must stay where they are as long as this lives.
  void put(std::size_t row, std::string_view bytes) {
    if (bytes.data() == nullptr) {
      binding::put(column_, row, py::none());
      return;
    }
    if (!last_object_ || last_ != bytes) {
      last_ = bytes;
      last_object_ = as_text_ ? shown_text(bytes) : py::object(py::bytes(bytes.data(), bytes.size()));
    }
    binding::put(column_, row, last_object_);
  }
  py::list take() { return std::move(column_); }

 private:
  py::list column_;
  std::string_view last_;
  py::object last_object_;
  bool as_text_;
};

struct wanted_key {
  py::bytes key;
  std::string_view name;
  repeated_value column;
  std::string_view found;
};

/// One pass over the lines; packets of one sender have them in one order, so the next key is tried first.
void fill_keys(std::vector<wanted_key>& keys, std::string_view lines, std::size_t row) {
  for (auto& key : keys) key.found = {};
  std::size_t next = 0;
  for (const auto entry : netcon::dictionary_view{lines})
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto at = next + i < keys.size() ? next + i : next + i - keys.size();
      if (entry.key != keys[at].name) continue;
      // A line without '=' has an empty value, which is not the same as no line.
      keys[at].found = entry.value.data() != nullptr ? entry.value : std::string_view{""};
      next = at + 1 == keys.size() ? 0 : at + 1;
      break;
    }
  for (auto& key : keys) key.column.put(row, key.found);
}

/// All that needs no Python object: the numbers into their columns, the texts into out.
class packet_columns {
 public:
  explicit packet_columns(std::size_t size)
      : extended_{size},
        level_{size},
        facility_{size},
        sequence_{size},
        timestamp_us_{size},
        fragment_offset_{size},
        fragment_total_{size} {}

  void fill(std::size_t row, std::string_view packet, text_row& out) noexcept {
    const auto decoded = netcon::decode(packet);
    out = {};
    const bool is_extended = decoded && decoded->is_extended();
    extended_.set(row, is_extended);
    level_.set(row, is_extended ? static_cast<std::int8_t>(decoded->level()) : std::int8_t{-1});
    facility_.set(row, is_extended ? std::int16_t{decoded->facility()} : std::int16_t{-1});
    sequence_.set(row, is_extended ? decoded->sequence() : 0);
    timestamp_us_.set(row, is_extended ? decoded->timestamp_us() : 0);
    const auto slice = is_extended ? decoded->fragment() : std::nullopt;
    fragment_offset_.set(row, slice ? slice->offset : 0);
    fragment_total_.set(row, slice ? slice->total : 0);
    if (!decoded) return;
    out.text = decoded->text();
    out.is_escaped = is_extended && out.text.find('\\') != out.text.npos;
    out.lines = decoded->dictionary().raw();
    out.release = decoded->release().value_or(std::string_view{});
    if (!decoded->caller().empty()) out.caller = decoded->caller();
  }

  void take(py::dict& out) {
    out["extended"] = extended_.take();
    out["level"] = level_.take();
    out["facility"] = facility_.take();
    out["sequence"] = sequence_.take();
    out["timestamp_us"] = timestamp_us_.take();
    out["fragment_offset"] = fragment_offset_.take();
    out["fragment_total"] = fragment_total_.take();
  }

 private:
  number_column<std::uint8_t> extended_;
  number_column<std::int8_t> level_;
  number_column<std::int16_t> facility_;
  number_column<std::uint64_t> sequence_, timestamp_us_;
  number_column<std::uint32_t> fragment_offset_, fragment_total_;
};

py::dict decode_columns(py::handle packets, py::handle keys) {
  if (PyUnicode_Check(packets.ptr()) || PyBytes_Check(packets.ptr()))
    throw py::type_error("packets must be a list of packets, not one");
  // A tuple of our own: the caller's list may change while the GIL is given up.
  const auto rows = py::reinterpret_steal<py::tuple>(PySequence_Tuple(packets.ptr()));
  if (!rows) throw py::error_already_set();
  const std::size_t size = rows.size();
  if (PyUnicode_Check(keys.ptr()) || PyBytes_Check(keys.ptr()))
    throw py::type_error("keys must be a list of keys, not one");
  std::vector<wanted_key> wanted;
  for (const auto key : py::iter(keys)) {
    auto name = as_bytes(key, "a key");
    const auto view = view_of(name);
    wanted.push_back({std::move(name), view, {size, PyUnicode_Check(key.ptr()) != 0}, {}});
  }

  packet_columns numbers{size};
  repeated_value release{size, true}, caller{size, true};
  auto text = empty_list(size);

  // Few enough that other threads are not asked for the GIL all the time, and that the cache holds them.
  constexpr std::size_t chunk = 8192;
  std::deque<py::bytes> converted;
  std::vector<std::string_view> views(std::min(chunk, size));
  std::vector<text_row> texts(views.size());
  for (std::size_t begin = 0; begin < size; begin += chunk) {
    const std::size_t count = std::min(chunk, size - begin);
    for (std::size_t i = 0; i < count; ++i) {
      PyObject* const packet = PyTuple_GET_ITEM(rows.ptr(), static_cast<Py_ssize_t>(begin + i));
      views[i] = PyBytes_CheckExact(packet) != 0
                     ? std::string_view{PyBytes_AS_STRING(packet), static_cast<std::size_t>(PyBytes_GET_SIZE(packet))}
                     : view_of(converted.emplace_back(as_bytes(packet, "a packet")));
    }
    {
      const py::gil_scoped_release unlocked;
      for (std::size_t i = 0; i < count; ++i) numbers.fill(begin + i, views[i], texts[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = begin + i;
      const auto& one = texts[i];
      release.put(row, one.release);
      caller.put(row, one.caller);
      if (one.text.data() == nullptr) {
        put(text, row, py::none());
      } else {
        put(text, row, one.is_escaped ? shown_text(netcon::unescape(one.text)) : shown_text(one.text));
      }
      if (!wanted.empty()) fill_keys(wanted, one.lines, row);
    }
  }

  py::dict out;
  numbers.take(out);
  out["release"] = release.take();
  out["caller"] = caller.take();
  out["text"] = std::move(text);
  py::list key_columns;
  for (auto& key : wanted) key_columns.append(key.column.take());
  out["keys"] = std::move(key_columns);
  return out;
}

// pcap and pcapng

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

/// (time, sender, receiver, packet) of each UDP datagram.
py::list read_pcap(py::handle path, py::handle port) {
  const auto file = py::module_::import("os").attr("fsencode")(path).cast<std::string>();
  std::optional<std::uint16_t> wanted;
  if (!port.is_none()) wanted = port.cast<std::uint16_t>();
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
    out.append(py::make_tuple(frame->time, end_object(datagram->from), end_object(datagram->to),
                              py::bytes(datagram->payload)));
  }
  return out;
}

}  // namespace

void bind_columns(py::module_& m) {
  m.def("decode_columns", &decode_columns, py::arg("packets"), py::arg("keys"));
  m.def("read_pcap", &read_pcap, py::arg("path"), py::arg("port"));
}

}  // namespace binding
