// SPDX-License-Identifier: MIT
// Many packets at once: columns for numpy and data frames.
#include "event.hpp"
#include "text_column.hpp"

#include <netcon/wire/basic.hpp>
#include <netcon/wire/decode.hpp>

#include <algorithm>
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
  std::size_t first;  // the first key of this name, which may be wanted as text and as bytes
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
      keys[keys[at].first].found = entry.value.data() != nullptr ? entry.value : packet.substr(0, 0);
      next = at + 1 == keys.size() ? 0 : at + 1;
      break;
    }
  for (auto& key : keys)
    if (const auto found = keys[key.first].found; found.data() != nullptr) key.column.set(row, packet, found);
}

struct packet_columns {
  number_column<std::uint8_t> extended;
  number_column<std::int8_t> level;
  number_column<std::int16_t> facility;
  number_column<std::uint64_t> sequence, timestamp_us;
  number_column<std::uint32_t> fragment_offset, fragment_total;
  text_column release, caller, text;
  std::vector<wanted_key> keys;

  std::size_t fragments = 0;

  // These need no GIL, and throw std::bad_alloc.
  void fill(std::size_t row, std::string_view packet) {
    if (const auto decoded = netcon::decode(packet)) {
      fill(row, packet, *decoded);
    } else {
      fill_nothing(row);
    }
  }
  void fill_nothing(std::size_t row) {
    level.set(row, -1);
    facility.set(row, -1);
  }
  void fill(std::size_t row, std::string_view packet, const netcon::record_view& record) {
    if (record.is_basic()) {
      const auto line = record.text();
      const auto prefix = netcon::split_basic_prefix(line.substr(0, line.find('\n')));
      level.set(row, static_cast<std::int8_t>(prefix.priority ? *prefix.priority & 7 : -1));
      facility.set(row, static_cast<std::int16_t>(prefix.priority ? *prefix.priority >> 3 : -1));
      timestamp_us.set(row, prefix.timestamp_us.value_or(0));
      if (!prefix.caller.empty()) caller.set(row, packet, prefix.caller);
    } else {
      extended.set(row, 1);
      level.set(row, static_cast<std::int8_t>(record.level()));
      facility.set(row, record.facility());
      sequence.set(row, record.sequence());
      timestamp_us.set(row, record.timestamp_us());
      if (const auto fragment = record.fragment()) {
        fragment_offset.set(row, fragment->offset);
        fragment_total.set(row, fragment->total);
        ++fragments;
      }
      if (const auto found = record.release()) release.set(row, packet, *found);
      if (const auto found = record.caller(); !found.empty()) caller.set(row, packet, found);
      if (!keys.empty()) fill_keys(keys, row, packet, record.dictionary());
    }
    text.set(row, packet, record.text(), record.is_extended());
  }
};

/// What a row is made of, beside its packet.
enum class row_kind : std::uint8_t { packet, line, record, nothing };

/// Puts the packets of events and records in their places; what each row is, and the records that are not
/// what their packet decodes to. Empty when all are packets.
struct row_sources {
  std::vector<row_kind> kinds;
  py::list records;
};

row_sources find_sources(const py::list& rows) {
  row_sources out;
  const auto size = static_cast<Py_ssize_t>(rows.size());
  for (Py_ssize_t at = 0; at < size; ++at) {
    PyObject* const one = PyList_GET_ITEM(rows.ptr(), at);
    if (PyBytes_CheckExact(one) != 0) continue;
    const auto kind = [&]() -> row_kind& {
      if (out.kinds.empty()) {
        out.kinds.resize(rows.size());
        out.records = py::list(rows.size());
        for (Py_ssize_t i = 0; i < size; ++i) PyList_SET_ITEM(out.records.ptr(), i, Py_NewRef(Py_None));
      }
      return out.kinds[static_cast<std::size_t>(at)];
    };
    PyObject* record = one;
    if (is_event(one)) {
      if (PyObject* const packet = packet_of_event(one); packet != nullptr) {
        kind() = is_basic_event(one) ? row_kind::line : row_kind::packet;
        PyList_SetItem(rows.ptr(), at, Py_NewRef(packet));
        continue;
      }
      record = record_of_event(one);
      if (record == nullptr) {
        kind() = row_kind::nothing;
        PyList_SetItem(rows.ptr(), at, py::bytes().release().ptr());
        continue;
      }
    }
    if (is_record(record)) {
      kind() = row_kind::record;
      PyList_SetItem(out.records.ptr(), at, Py_NewRef(record));
      PyList_SetItem(rows.ptr(), at, Py_NewRef(packet_of(record)));
      continue;
    }
    PyList_SetItem(rows.ptr(), at, as_bytes(one, "a packet").release().ptr());
  }
  return out;
}

/// packets: bytes, texts, Records and Events; becomes a list of bytes. arrays: of every column of numbers a
/// writable buffer of zeros. Returns the columns of texts, those of keys in a list under "keys", and how many
/// rows are fragments.
py::dict decode_columns(const py::list& packets, py::handle keys, const py::dict& arrays) {
  const std::size_t size = packets.size();
  const auto sources = find_sources(packets);
  for (std::size_t i = 0; i < size; ++i)
    if (static_cast<std::size_t>(PyBytes_GET_SIZE(
            PyList_GET_ITEM(packets.ptr(), static_cast<Py_ssize_t>(i)))) >= text_column::max_packet - 1)
      throw py::value_error("a packet has 2 GiB or more");
  std::vector<wanted_key> wanted;
  for (const auto key : py::iter(keys)) {
    auto name = as_bytes(key, "a key");
    const auto view = view_of(name);
    const auto first = std::ranges::find(wanted, view, &wanted_key::name) - wanted.begin();
    wanted.push_back({std::move(name),
                      {packets, PyUnicode_Check(key.ptr()) != 0},
                      view,
                      {},
                      static_cast<std::size_t>(first)});
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
      const auto at = static_cast<Py_ssize_t>(i);
      PyObject* const object = PyList_GET_ITEM(packets.ptr(), at);
      const std::string_view packet{PyBytes_AS_STRING(object),
                                    static_cast<std::size_t>(PyBytes_GET_SIZE(object))};
      switch (sources.kinds.empty() ? row_kind::packet : sources.kinds[i]) {
        case row_kind::packet:
          columns.fill(i, packet);
          break;
        case row_kind::line:
          columns.fill(i, packet, netcon::record_view{}.whole(packet));
          break;
        case row_kind::record:
          columns.fill(i, packet, record_of(PyList_GET_ITEM(sources.records.ptr(), at)));
          break;
        case row_kind::nothing:
          columns.fill_nothing(i);
          break;
      }
    }
  }
  py::dict out;
  out["fragments"] = columns.fragments;
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
