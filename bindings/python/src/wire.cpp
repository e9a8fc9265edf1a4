// SPDX-License-Identifier: MIT
// One packet to a Record and a record to packets. Record is written in plain C API: it is made a million
// times a minute.
#include "record.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/escape.hpp>
#include <netcon/wire/printk_format.hpp>

#include <structmember.h>

#include <array>
#include <cstring>
#include <deque>
#include <vector>

namespace binding {
namespace {

struct record_object {
  PyObject ob_base;
  PyObject* packet;
  PyObject* text;  // made once
  netcon::record_view view;
};

PyTypeObject* record_type = nullptr;

record_object* self_of(PyObject* object) {
  return reinterpret_cast<record_object*>(object);
}
PyObject* none() {
  return Py_NewRef(Py_None);
}

PyObject* bytes_from(std::string_view text) {
  return PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
}

PyObject* shown(std::string_view text) {
  return guarded([&] { return shown_text(text).release().ptr(); });
}

/// The prefix of the first line of a basic record.
netcon::basic_prefix prefix_of(PyObject* self) noexcept {
  const auto text = record_of(self).text();
  return netcon::split_basic_prefix(text.substr(0, text.find('\n')));
}

/// As the header has it, and in a basic record as the line's prefix has it.
std::optional<std::uint16_t> priority_of(PyObject* self) noexcept {
  if (record_of(self).is_basic()) return prefix_of(self).priority;
  return record_of(self).priority();
}
std::optional<std::uint64_t> timestamp_of(PyObject* self) noexcept {
  if (record_of(self).is_basic()) return prefix_of(self).timestamp_us;
  return record_of(self).timestamp_us();
}

PyObject* get_release(PyObject* self, void*) {
  const auto release = record_of(self).release();
  return release ? shown(*release) : none();
}
PyObject* get_facility(PyObject* self, void*) {
  const auto priority = priority_of(self);
  return priority ? PyLong_FromLong(*priority >> 3) : none();
}
PyObject* get_level(PyObject* self, void*) {
  const auto priority = priority_of(self);
  if (!priority) return none();
  return guarded([&] { return level_object(*priority).release().ptr(); });
}
PyObject* get_priority(PyObject* self, void*) {
  const auto priority = priority_of(self);
  return priority ? PyLong_FromLong(*priority) : none();
}
PyObject* get_sequence(PyObject* self, void*) {
  return record_of(self).is_basic() ? none() : PyLong_FromUnsignedLongLong(record_of(self).sequence());
}
PyObject* get_timestamp_us(PyObject* self, void*) {
  const auto time = timestamp_of(self);
  return time ? PyLong_FromUnsignedLongLong(*time) : none();
}
PyObject* get_timestamp(PyObject* self, void*) {
  const auto time = timestamp_of(self);
  return time ? PyFloat_FromDouble(static_cast<double>(*time) / 1e6) : none();
}
PyObject* get_flag(PyObject* self, void*) {
  if (record_of(self).is_basic()) return none();
  const char flag = static_cast<char>(record_of(self).flag());
  return PyUnicode_FromStringAndSize(&flag, 1);
}
PyObject* get_caller(PyObject* self, void*) {
  const auto caller = record_of(self).is_basic() ? prefix_of(self).caller : record_of(self).caller();
  return caller.empty() ? none() : shown(caller);
}
PyObject* get_fragment(PyObject* self, void*) {
  const auto fragment = record_of(self).fragment();
  return fragment ? Py_BuildValue("(II)", fragment->offset, fragment->total) : none();
}
PyObject* get_text(PyObject* self, void*) {
  auto* const record = self_of(self);
  if (record->text == nullptr) record->text = text_of(record->view);
  return Py_XNewRef(record->text);
}
PyObject* get_raw_text(PyObject* self, void*) {
  return bytes_from(record_of(self).text());
}

/// Keys are the same few in every packet: one object for each.
PyObject* key_object(std::string_view key) {
  static std::array<PyObject*, 256> known{};
  if (key.empty() || key.size() > 64) return bytes_from(key);
  auto*& entry = known[(static_cast<unsigned char>(key.front()) * 31u +
                        static_cast<unsigned char>(key.back()) + key.size() * 17u) %
                       known.size()];
  const auto same = [&] {
    return static_cast<std::size_t>(PyBytes_GET_SIZE(entry)) == key.size() &&
           std::memcmp(PyBytes_AS_STRING(entry), key.data(), key.size()) == 0;
  };
  if (entry == nullptr || !same()) {
    PyObject* const made = bytes_from(key);
    if (made == nullptr) return nullptr;
    Py_XSETREF(entry, made);
  }
  return Py_NewRef(entry);
}

PyObject* get_dictionary(PyObject* self, void*) {
  const auto dictionary = record_of(self).dictionary();
  Py_ssize_t size = 0;
  for (auto at = dictionary.begin(); at != dictionary.end(); ++at) ++size;
  PyObject* const list = PyList_New(size);
  if (list == nullptr) return nullptr;
  Py_ssize_t at = 0;
  for (const auto entry : dictionary) {
    PyObject* const pair = PyTuple_New(2);
    if (pair != nullptr) PyList_SET_ITEM(list, at++, pair);
    PyObject* const key = pair != nullptr ? key_object(entry.key) : nullptr;
    if (key != nullptr) PyTuple_SET_ITEM(pair, 0, key);
    PyObject* const value = key != nullptr ? bytes_from(entry.value) : nullptr;
    if (value == nullptr) {
      Py_DECREF(list);
      return nullptr;
    }
    PyTuple_SET_ITEM(pair, 1, value);
  }
  return list;
}

PyObject* get_userdata(PyObject* self, void*) {
  return guarded([&] {
    py::dict lines;
    for (const auto [key, value] : record_of(self).dictionary()) lines[shown_text(key)] = shown_text(value);
    return lines.release().ptr();
  });
}

PyObject* get_fields(PyObject* self, void*) {
  return guarded([&] {
    py::list fields;
    for (const auto field : record_of(self).fields()) fields.append(shown_text(field));
    return fields.release().ptr();
  });
}
PyObject* get_header(PyObject* self, void*) {
  return bytes_from(record_of(self).header());
}
PyObject* get_body(PyObject* self, void*) {
  return bytes_from(record_of(self).body());
}
PyObject* get_packet(PyObject* self, void*) {
  return Py_NewRef(self_of(self)->packet);
}
PyObject* get_is_basic(PyObject* self, void*) {
  return PyBool_FromLong(record_of(self).is_basic());
}
PyObject* get_is_replayed(PyObject* self, void*) {
  return PyBool_FromLong(record_of(self).is_replayed());
}
PyObject* get_is_damaged(PyObject* self, void*) {
  return PyBool_FromLong(record_of(self).damage() != netcon::damage::none);
}

/// get(key, default=None): the value of the last line with that key.
PyObject* record_get(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  if (count < 1 || count > 2) {
    PyErr_Format(PyExc_TypeError, "get() takes a key and a default, not %zd arguments", count);
    return nullptr;
  }
  return guarded([&] {
    const auto key = as_bytes(args[0], "key");
    if (const auto value = record_of(self).dictionary().find(view_of(key))) return bytes_from(*value);
    return count == 2 ? Py_NewRef(args[1]) : none();
  });
}

PyObject* record_repr(PyObject* self) {
  return PyUnicode_FromFormat(record_of(self).is_basic() ? "Record(%R, basic=True)" : "Record(%R)",
                              self_of(self)->packet);
}

/// As dmesg shows it, safe for a terminal.
PyObject* record_str(PyObject* self) {
  return guarded([&] {
    const auto& view = record_of(self);
    std::string line;
    if (view.is_extended()) {
      const auto micros = std::to_string(view.timestamp_us() % 1000000);
      const auto seconds = std::to_string(view.timestamp_us() / 1000000);
      line += '[';
      if (seconds.size() < 5) line.append(5 - seconds.size(), ' ');
      line += seconds + '.' + std::string(6 - micros.size(), '0') + micros + "] ";
      netcon::append_printable(line, netcon::unescape(view.text()));
    } else {
      netcon::append_printable(line, view.text());
    }
    return PyUnicode_DecodeUTF8(line.data(), static_cast<Py_ssize_t>(line.size()), "strict");
  });
}

PyObject* record_compare(PyObject* a, PyObject* b, int op) {
  if ((op != Py_EQ && op != Py_NE) || !PyObject_TypeCheck(b, record_type))
    return Py_NewRef(Py_NotImplemented);
  const auto& x = record_of(a);
  const auto& y = record_of(b);
  const bool equal = x.wire() == y.wire() && x.is_basic() == y.is_basic();
  return PyBool_FromLong(equal == (op == Py_EQ));
}

Py_hash_t record_hash(PyObject* self) {
  return PyObject_Hash(self_of(self)->packet);
}

PyObject* record_reduce(PyObject* self, PyObject*) {
  return Py_BuildValue("(O(OO))", reinterpret_cast<PyObject*>(record_type), self_of(self)->packet,
                       record_of(self).is_basic() ? Py_True : Py_False);
}

void record_dealloc(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  Py_XDECREF(self_of(self)->packet);
  Py_XDECREF(self_of(self)->text);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* decode_packet(PyObject* packet) {
  return guarded([&]() -> PyObject* {
    auto bytes = as_bytes(packet, "packet");
    const auto decoded = netcon::decode(view_of(bytes));
    if (!decoded) {
      set_parse_error(decoded.error(), packet);
      return nullptr;
    }
    return make_record(std::move(bytes), *decoded);
  });
}

PyObject* record_new(PyTypeObject*, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"packet", "basic", nullptr};
  PyObject* packet = nullptr;
  int basic = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|p:Record", const_cast<char**>(names), &packet, &basic))
    return nullptr;
  if (basic == 0) return decode_packet(packet);
  return guarded([&] {
    auto bytes = as_bytes(packet, "packet");
    const auto view = netcon::record_view{}.whole(view_of(bytes));
    return make_record(std::move(bytes), view);
  });
}

PyGetSetDef record_attributes[] = {
    {"release", get_release, nullptr, "The sending kernel's release, or None.", nullptr},
    {"facility", get_facility, nullptr, "Syslog facility, or None in a basic record without \"<N>\".",
     nullptr},
    {"level", get_level, nullptr, "Level, or None in a basic record without \"<N>\".", nullptr},
    {"priority", get_priority, nullptr, "facility * 8 + level, or None in a basic record without \"<N>\".",
     nullptr},
    {"sequence", get_sequence, nullptr, "The record's number since boot, or None in a basic record.",
     nullptr},
    {"timestamp_us", get_timestamp_us, nullptr,
     "Microseconds since the sender's boot, or None in a basic record without \"[SECONDS]\".", nullptr},
    {"timestamp", get_timestamp, nullptr, "The same in seconds.", nullptr},
    {"flag", get_flag, nullptr, "'-', 'c' (continued) or '+' (continuation before Linux 4.10), or None.",
     nullptr},
    {"caller", get_caller, nullptr, "'T123' (task) or 'C0' (processor), or None.", nullptr},
    {"fragment", get_fragment, nullptr, "(offset, total) in bytes of a fragment of a longer record, or None.",
     nullptr},
    {"text", get_text, nullptr, "The text, unescaped; bytes that are not UTF-8 as \\xNN.", nullptr},
    {"raw_text", get_raw_text, nullptr, "The text as on the wire, without its newline.", nullptr},
    {"dictionary", get_dictionary, nullptr,
     "The lines after the text as (key, value) pairs of bytes: dictionary, userdata, sysdata.", nullptr},
    {"userdata", get_userdata, nullptr,
     "The same lines as a dict of str: of a key that comes twice, the last value.", nullptr},
    {"fields", get_fields, nullptr, "The header fields after the flag, except ncfrag.", nullptr},
    {"header", get_header, nullptr, "The header without release and ncfrag, as on the wire.", nullptr},
    {"body", get_body, nullptr, "Everything after the header, as on the wire.", nullptr},
    {"packet", get_packet, nullptr,
     "The whole packet; of a reassembled record, as one packet would carry it.", nullptr},
    {"is_basic", get_is_basic, nullptr, "True for text without a header.", nullptr},
    {"is_replayed", get_is_replayed, nullptr, "True when the kernel marked this record as a replay.",
     nullptr},
    {"is_damaged", get_is_damaged, nullptr,
     "True when a kernel from 6.6 to 7.1 lost the last byte (payload of exactly 1000 bytes).", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef record_methods[] = {
    {"get", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(record_get)), METH_FASTCALL,
     doc("get($self, key, default=None, /)\n--\n\nThe value of the last line with that key, as bytes.")},
    {"__reduce__", record_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

const char record_doc[] =
    R"(Record(packet, basic=False)
--

One record, as its packet holds it. Made by decode() and by the events of a receiver.

Extended records have all attributes. Basic ones have text, raw_text and packet; level, facility, timestamp and caller when
the line's prefix has them; the others are None or empty. Records are immutable, hashable, and equal when their bytes are.

>>> import netcon
>>> r = netcon.decode(b"6,339,5140900,-,caller=T1;usb 1-1: new device\n SUBSYSTEM=usb\n")
>>> r.level, r.sequence, r.timestamp, r.caller, r.text
(Level.INFO, 339, 5.1409, 'T1', 'usb 1-1: new device')
>>> r.dictionary
[(b'SUBSYSTEM', b'usb')]
>>> print(r)
[    5.140900] usb 1-1: new device
)";

PyType_Slot record_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(record_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(record_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(record_repr)},
    {Py_tp_str, reinterpret_cast<void*>(record_str)},
    {Py_tp_hash, reinterpret_cast<void*>(record_hash)},
    {Py_tp_richcompare, reinterpret_cast<void*>(record_compare)},
    {Py_tp_getset, record_attributes},
    {Py_tp_methods, record_methods},
    {Py_tp_doc, const_cast<char*>(record_doc)},
    {0, nullptr},
};

PyType_Spec record_spec = {"netcon.Record", sizeof(record_object), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, record_slots};

PyObject* decode_call(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* names) {
  const Py_ssize_t named = names == nullptr ? 0 : PyTuple_GET_SIZE(names);
  if (count + named != 1 ||
      (named == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "packet") != 0)) {
    PyErr_SetString(PyExc_TypeError, "decode() takes one argument, packet");
    return nullptr;
  }
  return decode_packet(args[0]);
}

PyMethodDef functions[] = {
    {"decode", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(decode_call)),
     METH_FASTCALL | METH_KEYWORDS,
     R"(decode(packet)
--

Reads one packet: an extended record, or else basic text.

Raises ParseError for an empty packet, and for an extended header that no kernel sends.

>>> import netcon
>>> netcon.decode(b"3,12,98000000,-;Kernel panic\n").level
Level.ERR
>>> netcon.decode(b"9999,12,98000000,-;x\n")
Traceback (most recent call last):
...
netcon.ParseError: the priority is larger than 2047
  9999,12,98000000,-;x\x0a
  ^~~~
hint: facility x 8 + level is at most 2047: another program sent this
)"},
    {nullptr, nullptr, 0, nullptr},
};

// encode

struct owned_sysdata {
  std::deque<py::bytes> held;
  netcon::sysdata values;
};

std::uint32_t counter_of(py::handle value, const char* name) {
  require_int(value, std::string{"sysdata "} + name);
  const auto number = PyLong_AsUnsignedLongLong(value.ptr());
  if (PyErr_Occurred() != nullptr || number > 0xffffffffu) {
    PyErr_Clear();
    throw py::value_error(std::string{"sysdata "} + name + " must be from 0 to 4294967295");
  }
  return static_cast<std::uint32_t>(number);
}

void read_sysdata(py::handle given, owned_sysdata& out) {
  if (given.is_none()) return;
  if (!PyDict_Check(given.ptr()))
    throw py::type_error(std::string{"sysdata must be a dict, not "} + Py_TYPE(given.ptr())->tp_name);
  for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(given)) {
    const auto name = as_bytes(key, "a key of sysdata");
    const auto which = view_of(name);
    if (value.is_none()) continue;
    if (which == "cpu") {
      out.values.cpu = counter_of(value, "cpu");
    } else if (which == "msgid") {
      out.values.msgid = counter_of(value, "msgid");
    } else if (which == "taskname") {
      out.values.taskname = view_of(out.held.emplace_back(as_bytes(value, "sysdata taskname")));
    } else if (which == "release") {
      out.values.release = view_of(out.held.emplace_back(as_bytes(value, "sysdata release")));
    } else {
      throw py::value_error("sysdata has cpu, taskname, release and msgid, not '" + std::string{which} + "'");
    }
  }
}

py::list encode(py::handle header, py::handle body, py::handle kernel, py::handle release,
                py::handle userdata, py::handle sysdata) {
  const auto header_bytes = as_bytes(header, "header"), body_bytes = as_bytes(body, "body");
  std::deque<py::bytes> held;
  netcon::extended_record message{.header = view_of(header_bytes), .body = view_of(body_bytes)};
  if (!release.is_none()) message.release = view_of(held.emplace_back(as_bytes(release, "release")));
  std::vector<netcon::dictionary_entry> entries;
  const auto rows = PyDict_Check(userdata.ptr())
                        ? py::object(py::reinterpret_borrow<py::object>(userdata).attr("items")())
                        : py::reinterpret_borrow<py::object>(userdata);
  for (const auto row : py::iter(rows)) {
    const auto pair =
        py::reinterpret_steal<py::object>(PySequence_Fast(row.ptr(), "userdata must hold pairs"));
    if (!pair) throw py::error_already_set();
    if (PyUnicode_Check(row.ptr()) || PySequence_Fast_GET_SIZE(pair.ptr()) != 2)
      throw py::type_error("userdata must hold pairs of key and value");
    PyObject* const* items = PySequence_Fast_ITEMS(pair.ptr());
    const auto key = view_of(held.emplace_back(as_bytes(items[0], "a key of userdata")));
    entries.push_back({key, view_of(held.emplace_back(as_bytes(items[1], "a value of userdata")))});
  }
  message.userdata = entries;
  owned_sysdata sys;
  read_sysdata(sysdata, sys);
  message.sysdata = sys.values;
  py::list packets;
  const auto sent = netcon::encode(message, profile_of(kernel), [&](std::string_view packet) {
    packets.append(py::bytes(packet.data(), packet.size()));
  });
  if (!sent) throw_encode_error(sent.error().code);
  return packets;
}

py::list encode_basic(py::handle text) {
  const auto bytes = as_bytes(text, "text");
  py::list packets;
  netcon::encode_basic(view_of(bytes), [&](std::string_view packet) {
    packets.append(py::bytes(packet.data(), packet.size()));
  });
  return packets;
}

struct log_text {
  py::bytes text, caller, subsystem, device;
};

netcon::log_record log_record_of(const log_text& held, unsigned priority, std::uint64_t sequence,
                                 std::uint64_t timestamp_us, const std::string& flag) {
  if (priority > 2047) throw py::value_error("priority must be from 0 to 2047");
  if (flag != "-" && flag != "c" && flag != "+") throw py::value_error("flag must be '-', 'c' or '+'");
  return {.priority = static_cast<std::uint16_t>(priority),
          .sequence = sequence,
          .timestamp_us = timestamp_us,
          .flag = static_cast<netcon::continuation>(flag[0]),
          .caller = view_of(held.caller),
          .text = view_of(held.text),
          .subsystem = view_of(held.subsystem),
          .device = view_of(held.device)};
}

/// Header and body as printk gives them to an extended console.
py::tuple format_extended(py::handle text, unsigned priority, std::uint64_t sequence,
                          std::uint64_t timestamp_us, const std::string& flag, py::handle caller,
                          py::handle subsystem, py::handle device, py::handle kernel) {
  const log_text held{as_bytes(text, "text"), as_bytes(caller, "caller"), as_bytes(subsystem, "subsystem"),
                      as_bytes(device, "device")};
  std::array<char, netcon::max_formatted> buffer{};
  const auto made = netcon::format_extended(log_record_of(held, priority, sequence, timestamp_us, flag),
                                            profile_of(kernel), buffer);
  if (!made) throw_encode_error(made.error());
  return py::make_tuple(py::bytes(made->header.data(), made->header.size()),
                        py::bytes(made->body.data(), made->body.size()));
}

py::bytes format_basic(py::handle text, unsigned priority, std::uint64_t timestamp_us, py::handle caller,
                       bool time, bool syslog) {
  const log_text held{as_bytes(text, "text"), as_bytes(caller, "caller"), py::bytes(), py::bytes()};
  std::string out;
  netcon::format_basic(log_record_of(held, priority, 0, timestamp_us, "-"),
                       {.time = time, .caller = !view_of(held.caller).empty(), .syslog = syslog}, out);
  return py::bytes(out);
}

}  // namespace

bool is_record(py::handle object) noexcept {
  return PyObject_TypeCheck(object.ptr(), record_type) != 0;
}
const netcon::record_view& record_of(py::handle record) noexcept {
  return self_of(record.ptr())->view;
}
PyObject* packet_of(py::handle record) noexcept {
  return self_of(record.ptr())->packet;
}

PyObject* text_of(const netcon::record_view& view) {
  return guarded([&] {
    const auto text = view.text();
    if (view.is_basic() || text.find('\\') == text.npos) return shown_text(text).release().ptr();
    std::array<char, 1024> small;
    if (text.size() <= small.size()) {
      const auto end = netcon::unescape_to(small.data(), small.data() + small.size(), text).ptr;
      return shown_text({small.data(), end}).release().ptr();
    }
    return shown_text(netcon::unescape(text)).release().ptr();
  });
}

std::string as_one_packet(const netcon::record_view& view) {
  if (view.is_basic() || view.is_fragment()) return {};
  const auto gap = view.body().data() - (view.header().data() + view.header().size());
  if (static_cast<std::size_t>(gap) == view.header_tail().size() + 1) return {};
  std::string packet(view.wire().size(), '\0');
  const auto end = netcon::encode_to(packet.data(), packet.data() + packet.size(), view).ptr;
  packet.resize(static_cast<std::size_t>(end - packet.data()));
  return packet;
}

PyObject* make_record(py::bytes packet, const netcon::record_view& view) {
  auto* const object = record_type->tp_alloc(record_type, 0);
  if (object == nullptr) return nullptr;
  auto* const record = self_of(object);
  record->packet = packet.release().ptr();
  new (&record->view) netcon::record_view{view};
  return object;
}

void bind_wire(py::module_& m) {
  auto* const type = PyType_FromSpec(&record_spec);
  if (type == nullptr) throw py::error_already_set();
  record_type = reinterpret_cast<PyTypeObject*>(type);
  // An immutable type takes no further attributes once made, but its dictionary can still be filled here.
  const py::tuple shown = py::make_tuple("level", "sequence", "timestamp_us", "text");
  if (PyDict_SetItemString(record_type->tp_dict, "__match_args__", shown.ptr()) != 0)
    throw py::error_already_set();
  PyType_Modified(record_type);
  m.add_object("Record", type);
  if (PyModule_AddFunctions(m.ptr(), functions) != 0) throw py::error_already_set();

  m.def("encode", &encode, py::arg("header"), py::arg("body"), py::kw_only(), py::arg("kernel") = py::none(),
        py::arg("release") = py::none(), py::arg("userdata") = py::tuple(), py::arg("sysdata") = py::none());
  m.def("encode_basic", &encode_basic, py::arg("text"));
  m.def("format_extended", &format_extended, py::arg("text"), py::kw_only(), py::arg("priority") = 6,
        py::arg("sequence") = 0, py::arg("timestamp_us") = 0, py::arg("flag") = "-", py::arg("caller") = "",
        py::arg("subsystem") = "", py::arg("device") = "", py::arg("kernel") = py::none());
  m.def("format_basic", &format_basic, py::arg("text"), py::kw_only(), py::arg("priority") = 6,
        py::arg("timestamp_us") = 0, py::arg("caller") = "", py::arg("time") = true,
        py::arg("syslog") = false);
  m.def(
      "escape",
      +[](py::handle text) {
        const auto bytes = as_bytes(text, "text");
        return py::bytes(netcon::escape(view_of(bytes)));
      },
      py::arg("text"));
  m.def(
      "unescape",
      +[](py::handle text) {
        const auto bytes = as_bytes(text, "text");
        return py::bytes(netcon::unescape(view_of(bytes)));
      },
      py::arg("text"));
  m.def(
      "printable",
      +[](py::handle text) {
        const auto bytes = as_bytes(text, "text");
        return py::str(netcon::printable(view_of(bytes)));
      },
      py::arg("text"));
}

}  // namespace binding
