// Many packets at once: columns for numpy and data frames.
#include "text_column.hpp"

#include <netcon/wire/decode.hpp>

#include <cstring>
#include <optional>
#include <vector>

namespace binding {
namespace {

/// A column of numbers over the caller's own memory, which is zero: pages of nothing but zeros are never
/// touched.
template <class T>
class number_column {
 public:
  number_column(const py::dict& arrays, const char* name, std::size_t rows) {
    if (PyObject_GetBuffer(arrays[name].ptr(), &buffer_, PyBUF_WRITABLE) != 0) throw py::error_already_set();
    if (static_cast<std::size_t>(buffer_.len) != rows * sizeof(T)) {
      PyBuffer_Release(&buffer_);
      throw py::value_error(std::string{name} + " has another size than the packets");
    }
  }
  number_column(const number_column&) = delete;
  ~number_column() { PyBuffer_Release(&buffer_); }

  void set(std::size_t row, T value) noexcept {
    if (value != 0) std::memcpy(static_cast<char*>(buffer_.buf) + row * sizeof(T), &value, sizeof(T));
  }

 private:
  Py_buffer buffer_;
};

struct wanted_key {
  py::bytes key;
  text_column column;
  std::string_view name, found;
};

/// One pass over the lines; packets of one sender have them in one order, so the next key is tried first.
void fill_keys(std::vector<wanted_key>& keys, std::size_t row, std::string_view packet,
               const netcon::dictionary_view& lines) {
  for (auto& key : keys) key.found = {};
  std::size_t next = 0;
  for (const auto entry : lines)
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto at = next + i < keys.size() ? next + i : next + i - keys.size();
      if (entry.key != keys[at].name) continue;
      // A line without '=' has an empty value, which differs from no line.
      keys[at].found = entry.value.data() != nullptr ? entry.value : packet.substr(0, 0);
      next = at + 1 == keys.size() ? 0 : at + 1;
      break;
    }
  for (auto& key : keys)
    if (key.found.data() != nullptr) key.column.set(row, packet, key.found);
}

struct packet_columns {
  number_column<std::uint8_t> extended;
  number_column<std::int8_t> level;
  number_column<std::int16_t> facility;
  number_column<std::uint64_t> sequence, timestamp_us;
  number_column<std::uint32_t> fragment_offset, fragment_total;
  text_column release, caller, text;
  std::vector<wanted_key> keys;

  /// Needs no GIL; throws std::bad_alloc.
  void fill(std::size_t row, std::string_view packet) {
    const auto decoded = netcon::decode(packet);
    if (!decoded || !decoded->is_extended()) {
      level.set(row, -1);
      facility.set(row, -1);
      if (!decoded) return;
    } else {
      extended.set(row, 1);
      level.set(row, static_cast<std::int8_t>(decoded->level()));
      facility.set(row, decoded->facility());
      sequence.set(row, decoded->sequence());
      timestamp_us.set(row, decoded->timestamp_us());
      if (const auto fragment = decoded->fragment()) {
        fragment_offset.set(row, fragment->offset);
        fragment_total.set(row, fragment->total);
      }
      if (const auto found = decoded->release()) release.set(row, packet, *found);
      if (const auto found = decoded->caller(); !found.empty()) caller.set(row, packet, found);
      if (!keys.empty()) fill_keys(keys, row, packet, decoded->dictionary());
    }
    text.set(row, packet, decoded->text(), decoded->is_extended());
  }
};

/// arrays: of every column of numbers a writable buffer of zeros. Returns the columns of texts, those of keys
/// in a list under "keys".
py::dict decode_columns(const py::list& packets, py::handle keys, const py::dict& arrays) {
  const std::size_t size = packets.size();
  for (std::size_t i = 0; i < size; ++i) {
    const auto at = static_cast<Py_ssize_t>(i);
    if (PyBytes_CheckExact(PyList_GET_ITEM(packets.ptr(), at)) == 0)
      PyList_SetItem(packets.ptr(), at,
                     as_bytes(PyList_GET_ITEM(packets.ptr(), at), "a packet").release().ptr());
    if (static_cast<std::size_t>(PyBytes_GET_SIZE(PyList_GET_ITEM(packets.ptr(), at))) >=
        text_column::max_packet - 1)
      throw py::value_error("a packet has 2 GiB or more");
  }
  std::vector<wanted_key> wanted;
  for (const auto key : py::iter(keys)) {
    auto name = as_bytes(key, "a key");
    const auto view = view_of(name);
    wanted.push_back({std::move(name), {packets, PyUnicode_Check(key.ptr()) != 0}, view, {}});
  }
  packet_columns columns{
      {arrays, "extended", size},
      {arrays, "level", size},
      {arrays, "facility", size},
      {arrays, "sequence", size},
      {arrays, "timestamp_us", size},
      {arrays, "fragment_offset", size},
      {arrays, "fragment_total", size},
      {packets, true},
      {packets, true},
      {packets, true},
      std::move(wanted),
  };
  {
    const py::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < size; ++i) {
      PyObject* const packet = PyList_GET_ITEM(packets.ptr(), static_cast<Py_ssize_t>(i));
      columns.fill(i, {PyBytes_AS_STRING(packet), static_cast<std::size_t>(PyBytes_GET_SIZE(packet))});
    }
  }
  py::dict out;
  out["release"] = to_python(std::move(columns.release));
  out["caller"] = to_python(std::move(columns.caller));
  out["text"] = to_python(std::move(columns.text));
  py::list found;
  for (auto& key : columns.keys) found.append(to_python(std::move(key.column)));
  out["keys"] = std::move(found);
  return out;
}

}  // namespace

void bind_columns(py::module_& m) {
  m.def("decode_columns", &decode_columns, py::arg("packets"), py::arg("keys"), py::arg("arrays"));
}

}  // namespace binding
