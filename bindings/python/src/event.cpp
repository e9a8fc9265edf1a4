// SPDX-License-Identifier: MIT
// Event: one class for each kind. They are made a million times a minute: plain C API, and a record that is
// made of its packet when somebody looks at it.
#include "event.hpp"

#include <netcon/output/json_line.hpp>
#include <netcon/wire/decode.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace binding {
namespace {

enum class part : std::uint8_t {
  sender,
  record,
  missing,
  conflict,
  cause,
  count,
  first_sequence,
  last_sequence,
  complete,
  replayed,
  packet,
  reason,
  time
};

struct part_text {
  const char* name;
  const char* doc;
};

constexpr std::array<part_text, 13> part_texts{{
    {"sender", "Endpoint(host, port)."},
    {"record", "The Record; None for kinds that have none."},
    {"missing", "partial: TextRanges of the whole body that never came; the record is made of the rest."},
    {"conflict",
     "record, partial, late: True when two fragments disagreed about a byte or, of a record, another one "
     "came before "
     "with its number and time and another text."},
    {"cause",
     "lost: 'sequence_gap' (a hint), 'msgid_gap' or 'announced' (both certain), or 'impossible': more than a "
     "kernel can "
     "have lost."},
    {"count", "lost: how many records; folded: how many lines."},
    {"first_sequence", "lost by sequence_gap: the first missing number."},
    {"last_sequence", "rebooted: the highest sequence number before the reboot."},
    {"complete", "basic: whether the line's newline came."},
    {"replayed", "basic: whether the kernel marked the line as a replay."},
    {"packet", "junk: the packet."},
    {"reason", "junk: the error code, as ParseError has it."},
    {"time",
     "When the packet came: the time given to push(); from a Receiver, seconds since 1970 by the kernel's "
     "clock. None in an event without time."},
}};

constexpr const char* name_of(part which) {
  return part_texts[static_cast<std::size_t>(which)].name;
}

constexpr part record_parts[] = {part::sender, part::record, part::conflict, part::time};
constexpr part partial_parts[] = {part::sender, part::record, part::missing, part::conflict, part::time};
constexpr part folded_parts[] = {part::sender, part::count, part::time};
constexpr part lost_parts[] = {part::sender, part::cause, part::count, part::first_sequence, part::time};
constexpr part rebooted_parts[] = {part::sender, part::last_sequence, part::time};
constexpr part repeated_parts[] = {part::sender, part::record, part::time};
constexpr part basic_parts[] = {part::sender, part::record, part::complete, part::replayed, part::time};
constexpr part junk_parts[] = {part::sender, part::packet, part::reason, part::time};
constexpr part forgotten_parts[] = {part::sender, part::time};

struct kind_text {
  const char* name;
  const char* type;
  std::span<const part> parts;
  const char* doc;
};

const std::array<kind_text, 10> kinds{{
    {"record", "netcon.RecordEvent", record_parts,
     "RecordEvent(sender, record, conflict=False, time=None)\n--\n\nA complete record."},
    {"partial", "netcon.PartialEvent", partial_parts,
     "PartialEvent(sender, record, missing=(), conflict=False, time=None)\n--\n\nWhat came of a record "
     "with missing fragments."},
    {"lost", "netcon.LostEvent", lost_parts,
     "LostEvent(sender, cause='sequence_gap', count=1, first_sequence=None, time=None)\n--\n\nRecords are "
     "missing."},
    {"rebooted", "netcon.RebootedEvent", rebooted_parts,
     "RebootedEvent(sender, last_sequence=0, time=None)\n--\n\nThe sender rebooted; its record comes next."},
    {"duplicate", "netcon.DuplicateEvent", repeated_parts,
     "DuplicateEvent(sender, record, time=None)\n--\n\nA record that was delivered before."},
    {"late", "netcon.LateEvent", record_parts,
     "LateEvent(sender, record, conflict=False, time=None)\n--\n\n"
     "A record that was reported lost before, or older than the sender's first one."},
    {"basic", "netcon.BasicEvent", basic_parts,
     "BasicEvent(sender, record, complete=True, replayed=False, time=None)\n--\n\nA line without header."},
    {"junk", "netcon.JunkEvent", junk_parts,
     "JunkEvent(sender, packet, reason, time=None)\n--\n\nA packet that is not of netconsole."},
    {"forgotten", "netcon.ForgottenEvent", forgotten_parts,
     "ForgottenEvent(sender, time=None)\n--\n\n"
     "The limit of senders was reached: the one idle for longest was removed."},
    {"folded", "netcon.FoldedEvent", folded_parts,
     "FoldedEvent(sender, count, time=None)\n--\n\nEmpty lines of a packet followed two empty ones and are "
     "left out."},
}};

PyTypeObject* base_type = nullptr;
std::array<PyTypeObject*, kinds.size()> types{};
std::array<PyObject*, kinds.size()> kind_names{};
std::array<PyObject*, 4> cause_names{};  // of each netcon::loss

/// Two objects, by kind: record and missing, count and first_sequence, last_sequence, packet and reason.
struct event_object {
  PyObject ob_base;
  PyObject* sender;
  double time;  // NaN: none
  PyObject* first;
  PyObject* second;
  event_kind kind;
  std::int8_t cause;  // -1: none
  bool conflict, complete, replayed;
};

event_object* event_of(PyObject* object) noexcept {
  return reinterpret_cast<event_object*>(object);
}

bool has_record(event_kind kind) noexcept {
  switch (kind) {
    case event_kind::record:
    case event_kind::partial:
    case event_kind::duplicate:
    case event_kind::late:
    case event_kind::basic:
      return true;
    default:
      return false;
  }
}

bool has_part(event_kind kind, part wanted) noexcept {
  for (const auto one : kinds[static_cast<std::size_t>(kind)].parts)
    if (one == wanted) return true;
  return false;
}

PyObject* checked(PyObject* made) {
  if (made == nullptr) throw py::error_already_set();
  return made;
}

/// The record of an event that has one; made now if only its packet is there.
PyObject* record_in(event_object* event) {
  if (PyBytes_CheckExact(event->first)) {
    auto packet = py::reinterpret_borrow<py::bytes>(event->first);
    const auto view = event->kind == event_kind::basic ? netcon::record_view{}.whole(view_of(packet))
                                                       : netcon::decode(view_of(packet)).value();
    Py_SETREF(event->first, checked(make_record(std::move(packet), view)));
  }
  return event->first;
}

py::object value_of(event_object* event, part which) {
  const auto object = [](PyObject* value) {
    return value == nullptr ? py::object(py::none()) : py::reinterpret_borrow<py::object>(value);
  };
  if (!has_part(event->kind, which)) return py::none();
  switch (which) {
    case part::sender:
      return object(event->sender);
    case part::time:
      return std::isnan(event->time) ? py::object(py::none()) : py::float_(event->time);
    case part::record:
      return object(record_in(event));
    case part::missing:
    case part::first_sequence:
    case part::reason:
      return object(event->second);
    case part::count:
    case part::last_sequence:
    case part::packet:
      return object(event->first);
    case part::cause:
      return object(event->cause < 0 ? nullptr : cause_names[static_cast<std::size_t>(event->cause)]);
    case part::conflict:
      return py::bool_(event->conflict);
    case part::complete:
      return py::bool_(event->complete);
    case part::replayed:
      return py::bool_(event->replayed);
  }
  return py::none();
}

PyObject* get_part(PyObject* self, void* which) {
  return guarded([&] {
    return value_of(event_of(self), static_cast<part>(reinterpret_cast<std::uintptr_t>(which)))
        .release()
        .ptr();
  });
}
PyObject* get_kind(PyObject* self, void*) {
  return Py_NewRef(kind_names[static_cast<std::size_t>(event_of(self)->kind)]);
}
PyObject* get_datetime(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    if (std::isnan(event_of(self)->time)) return Py_NewRef(Py_None);
    static constinit kept_attribute datetime{"datetime", "datetime"}, timezone{"datetime", "timezone"};
    return datetime.get()
        .attr("fromtimestamp")(event_of(self)->time, timezone.get().attr("utc"))
        .release()
        .ptr();
  });
}

py::tuple fields_of(event_object* event) {
  const auto& parts = kinds[static_cast<std::size_t>(event->kind)].parts;
  py::tuple out(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) out[i] = value_of(event, parts[i]);
  return out;
}

// Making one from arguments

[[noreturn]] void refuse(event_kind kind, const std::string& why) {
  throw py::type_error(std::string{kinds[static_cast<std::size_t>(kind)].type + 7} + why);
}

py::object whole_number(py::handle value, const char* name) {
  require_int(value, name);
  PyLong_AsUnsignedLongLong(value.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    throw py::value_error(std::string{name} + " must be from 0 to 18446744073709551615");
  }
  return py::reinterpret_borrow<py::object>(value);
}

py::object ranges_of(py::handle value) {
  py::list ranges;
  for (auto all = items_of(value, "missing", "pairs"); all != py::iterator::sentinel(); ++all) {
    const auto pair = py::reinterpret_steal<py::tuple>(PySequence_Tuple(all->ptr()));
    if (!pair || pair.size() != 2) {
      PyErr_Clear();
      throw py::type_error("missing must be a list of pairs of begin and end");
    }
    const auto begin = whole_number(pair[0], "begin").cast<std::uint64_t>();
    const auto end = whole_number(pair[1], "end").cast<std::uint64_t>();
    if (begin > end || end > 0xffffffffu)
      throw py::value_error("missing must have begin <= end, both from 0 to 4294967295");
    ranges.append(range_object(begin, end));
  }
  return py::tuple(ranges);
}

netcon::loss cause_of(py::handle value) {
  for (std::size_t i = 0; i < cause_names.size(); ++i)
    if (PyUnicode_Check(value.ptr()) && PyUnicode_Compare(value.ptr(), cause_names[i]) == 0)
      return static_cast<netcon::loss>(i);
  throw py::value_error("cause must be 'sequence_gap', 'msgid_gap', 'announced' or 'impossible'");
}

void set_part(event_kind kind, event_parts& to, part which, py::handle value) {
  switch (which) {
    case part::sender:
      to.sender = to_python(endpoint_of(value, "sender"));
      break;
    case part::time: {
      if (value.is_none()) break;
      to.time = PyFloat_AsDouble(value.ptr());
      if (PyErr_Occurred() != nullptr || !std::isfinite(*to.time)) {
        PyErr_Clear();
        throw py::type_error("time must be seconds as a number, or None");
      }
      break;
    }
    case part::record:
      if (!is_record(value))
        throw py::type_error(std::string{"record must be a Record, as decode() gives it, not "} +
                             Py_TYPE(value.ptr())->tp_name);
      if (record_of(value).is_basic() != (kind == event_kind::basic))
        throw py::value_error(kind == event_kind::basic
                                  ? "record must be a basic one: Record(line, basic=True)"
                                  : "record must have a header: a basic one belongs to a BasicEvent");
      to.record = py::reinterpret_borrow<py::object>(value);
      break;
    case part::missing:
      to.missing = ranges_of(value);
      break;
    case part::conflict:
      to.conflict = flag_of(value, "conflict");
      break;
    case part::cause:
      to.cause = cause_of(value);
      break;
    case part::count:
      to.count = whole_number(value, "count");
      break;
    case part::first_sequence:
      if (!value.is_none()) to.first = whole_number(value, "first_sequence");
      break;
    case part::last_sequence:
      to.last = whole_number(value, "last_sequence");
      break;
    case part::complete:
      to.complete = flag_of(value, "complete");
      break;
    case part::replayed:
      to.replayed = flag_of(value, "replayed");
      break;
    case part::packet:
      to.packet = as_bytes(value, "packet");
      break;
    case part::reason:
      if (!PyUnicode_Check(value.ptr())) throw py::type_error("reason must be str, as 'bad-priority'");
      to.reason = py::reinterpret_borrow<py::object>(value);
      break;
  }
}

std::string known_parts(event_kind kind) {
  std::string text;
  for (const auto one : kinds[static_cast<std::size_t>(kind)].parts)
    text += (text.empty() ? "" : ", ") + std::string{name_of(one)};
  return text;
}

/// positional: in the order of the kind's parts.
py::object event_from(event_kind kind, const py::tuple& positional, const py::dict& named) {
  const auto parts = kinds[static_cast<std::size_t>(kind)].parts;
  if (positional.size() > parts.size()) refuse(kind, "() takes " + known_parts(kind));
  event_parts made;
  if (kind == event_kind::lost) {
    made.cause = netcon::loss::sequence_gap;
    made.count = py::int_(1);
  }
  if (kind == event_kind::rebooted) made.last = py::int_(0);
  if (kind == event_kind::partial) made.missing = py::tuple();
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < positional.size(); ++i) {
    set_part(kind, made, parts[i], positional[i]);
    given |= 1u << static_cast<unsigned>(parts[i]);
  }
  for (const auto& [key, value] : named) {
    const auto name = key.cast<std::string>();
    const part* found = nullptr;
    for (const auto& one : parts)
      if (name == name_of(one)) found = &one;
    if (found == nullptr) refuse(kind, " has no " + name + ", but " + known_parts(kind));
    const auto bit = 1u << static_cast<unsigned>(*found);
    if ((given & bit) != 0) refuse(kind, "() has " + name + " twice");
    given |= bit;
    set_part(kind, made, *found, value);
  }
  if (!made.sender) refuse(kind, "() needs sender");
  if (has_record(kind) && !made.record) refuse(kind, "() needs record");
  if (kind == event_kind::folded && !made.count) refuse(kind, "() needs count");
  if (kind == event_kind::junk && (!made.packet || !made.reason)) refuse(kind, "() needs packet and reason");
  return make_event(kind, made);
}

PyObject* kind_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&] {
    std::size_t kind = 0;
    while (types[kind] != type) ++kind;
    const auto named = kwargs == nullptr ? py::dict() : py::reinterpret_borrow<py::dict>(kwargs);
    return event_from(static_cast<event_kind>(kind), py::reinterpret_borrow<py::tuple>(args), named)
        .release()
        .ptr();
  });
}

/// Event(kind, sender, ...) makes one of that kind. None stands for an argument that is not given.
PyObject* base_new(PyTypeObject*, PyObject* args, PyObject* kwargs) {
  static constexpr const char* names[] = {"kind",     "sender",   "record",         "time",  "missing",
                                          "conflict", "cause",    "first_sequence", "count", "last_sequence",
                                          "complete", "replayed", "packet",         "reason"};
  return guarded([&] {
    const auto positional = py::reinterpret_borrow<py::tuple>(args);
    if (positional.size() > std::size(names)) throw py::type_error("Event() takes at most 14 arguments");
    py::dict named;
    for (std::size_t i = 0; i < positional.size(); ++i)
      if (!py::object(positional[i]).is_none()) named[names[i]] = positional[i];
    if (kwargs != nullptr)
      for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(kwargs)) {
        if (named.contains(key)) throw py::type_error("Event() has " + key.cast<std::string>() + " twice");
        if (!value.is_none()) named[key] = value;
      }
    if (!named.contains("kind") || !named.contains("sender"))
      throw py::type_error("Event() needs kind and sender");
    const py::object kind = named["kind"];
    PyDict_DelItemString(named.ptr(), "kind");
    std::string known;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (PyUnicode_Check(kind.ptr()) && PyUnicode_Compare(kind.ptr(), kind_names[i]) == 0)
        return event_from(static_cast<event_kind>(i), py::tuple(), named).release().ptr();
      known += (known.empty() ? "" : ", ") + std::string{kinds[i].name};
    }
    const auto shown = py::repr(kind).cast<std::string>();
    throw py::value_error("no kind of event is called " + shown + ": " + known);
  });
}

// Methods

/// The event as the library's own, for its writer.
template <class Fn>
void with_library_event(event_object* self, Fn&& use) {
  // Events in a row are mostly of one sender.
  static py::object* const last = new py::object;
  static netcon::endpoint sender;
  if (last->ptr() != self->sender) {
    sender = endpoint_of(self->sender, "sender");
    *last = py::reinterpret_borrow<py::object>(self->sender);
  }
  netcon::record_view view;
  if (has_record(self->kind)) view = record_of(record_in(self));
  switch (self->kind) {
    case event_kind::record:
      return use(netcon::event::record{sender, view, self->conflict});
    case event_kind::partial: {
      std::vector<netcon::text_range> missing;
      const auto rows = py::reinterpret_borrow<py::tuple>(self->second);
      for (const auto row : rows) {
        const auto pair = py::reinterpret_borrow<py::tuple>(row);
        missing.push_back({pair[0].cast<std::uint32_t>(), pair[1].cast<std::uint32_t>()});
      }
      return use(netcon::event::partial{sender, view, missing, self->conflict});
    }
    case event_kind::lost:
      return use(
          netcon::event::lost{sender, static_cast<netcon::loss>(self->cause),
                              self->second == nullptr ? 0 : py::handle(self->second).cast<std::uint64_t>(),
                              py::handle(self->first).cast<std::uint64_t>()});
    case event_kind::rebooted:
      return use(netcon::event::rebooted{sender, py::handle(self->first).cast<std::uint64_t>()});
    case event_kind::duplicate:
      return use(netcon::event::duplicate{sender, view});
    case event_kind::late:
      return use(netcon::event::late{sender, view, self->conflict});
    case event_kind::basic:
      return use(netcon::event::basic{sender, view.body(), self->complete, self->replayed});
    case event_kind::junk: {
      const auto name = as_bytes(self->second, "reason");
      const auto reason = netcon::parse_text_errc(view_of(name));
      if (!reason)
        throw py::value_error("reason is no code of an error, as ParseError has it: " +
                              std::string{view_of(name)});
      return use(
          netcon::event::junk{sender, view_of(py::reinterpret_borrow<py::bytes>(self->first)), *reason});
    }
    case event_kind::forgotten:
      return use(netcon::event::forgotten{sender});
    case event_kind::folded:
      return use(netcon::event::folded{sender, py::handle(self->first).cast<std::uint64_t>()});
  }
}

/// One line, without its newline.
std::string json_of(event_object* self) {
  namespace chrono = std::chrono;
  static netcon::json_lines writer;  // under the GIL
  const bool is_timed = !std::isnan(self->time);
  netcon::wall_time time{};
  if (is_timed) {
    // To the year 9999, which RFC 3339 ends with.
    if (self->time < 0 || self->time >= 253402300800.0)
      throw py::value_error("time is not seconds since 1970: replace(time=...) sets another");
    // As datetime rounds.
    double seconds = 0;
    const double part = std::modf(self->time, &seconds);
    time += chrono::seconds{static_cast<std::int64_t>(seconds)} +
            chrono::microseconds{static_cast<std::int64_t>(std::nearbyint(part * 1e6))};
  }
  std::string line;
  line.reserve(512);
  with_library_event(self, [&](const auto& event) { writer.append(line, time, event); });
  line.pop_back();
  if (!is_timed) {
    // What does not apply is absent.
    const auto begin = line.find(R"(,"time":")");
    line.erase(begin, line.find(R"(,"sender")", begin) - begin);
  }
  return line;
}

PyObject* to_json(PyObject* self, PyObject*) {
  return guarded([&] {
    const auto line = json_of(event_of(self));
    return checked(PyUnicode_DecodeUTF8(line.data(), static_cast<Py_ssize_t>(line.size()), "strict"));
  });
}

PyObject* to_dict(PyObject* self, PyObject*) {
  return guarded([&] {
    static constinit kept_attribute loads{"json", "loads"};
    const auto line = json_of(event_of(self));
    return loads.get()(py::bytes(line)).release().ptr();
  });
}

PyObject* event_replace(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&] {
    if (PyTuple_GET_SIZE(args) != 0) throw py::type_error("replace() takes its arguments by name only");
    auto* const event = event_of(self);
    py::dict named;
    const auto fields = fields_of(event);
    for (std::size_t i = 0; i < fields.size(); ++i)
      named[name_of(kinds[static_cast<std::size_t>(event->kind)].parts[i])] = fields[i];
    if (kwargs != nullptr && PyDict_Update(named.ptr(), kwargs) != 0) throw py::error_already_set();
    return event_from(event->kind, py::tuple(), named).release().ptr();
  });
}

PyObject* event_reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    return py::make_tuple(py::handle(reinterpret_cast<PyObject*>(Py_TYPE(self))), fields_of(event_of(self)))
        .release()
        .ptr();
  });
}

PyObject* event_repr(PyObject* self) {
  return guarded([&] {
    auto* const event = event_of(self);
    const auto& kind = kinds[static_cast<std::size_t>(event->kind)];
    std::string text{kind.type + 7};
    const auto fields = fields_of(event);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (py::object(fields[i]).is_none()) continue;
      text += std::string{i == 0 ? "(" : ", "} + name_of(kind.parts[i]) + '=' +
              py::repr(fields[i]).cast<std::string>();
    }
    return py::str(text + ')').release().ptr();
  });
}

PyObject* event_compare(PyObject* a, PyObject* b, int op) {
  if ((op != Py_EQ && op != Py_NE) || !PyObject_TypeCheck(b, base_type)) return Py_NewRef(Py_NotImplemented);
  if (Py_TYPE(a) != Py_TYPE(b)) return PyBool_FromLong(op == Py_NE);
  return guarded(
      [&] { return PyObject_RichCompare(fields_of(event_of(a)).ptr(), fields_of(event_of(b)).ptr(), op); });
}

Py_hash_t event_hash(PyObject* self) {
  try {
    return PyObject_Hash(fields_of(event_of(self)).ptr());
  } catch (py::error_already_set& raised) {
    raised.restore();
    return -1;
  }
}

void event_dealloc(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  Py_XDECREF(event_of(self)->sender);
  Py_XDECREF(event_of(self)->first);
  Py_XDECREF(event_of(self)->second);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef event_methods[] = {
    {"to_json", to_json, METH_NOARGS,
     "to_json($self, /)\n--\n\nThe event as one line of JSON: what `netcon listen --json` prints, see "
     "docs/json.md."},
    {"to_dict", to_dict, METH_NOARGS, "to_dict($self, /)\n--\n\nThe members of to_json() as a dict."},
    {"replace", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(event_replace)),
     METH_VARARGS | METH_KEYWORDS,
     "replace($self, /, **changes)\n--\n\nThe same event with other values: replace(time=0.0)."},
    {"__replace__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(event_replace)),
     METH_VARARGS | METH_KEYWORDS, nullptr},
    {"__reduce__", event_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

std::array<PyGetSetDef, part_texts.size() + 3> attributes{};

const char base_doc[] =
    R"(Event(kind, sender, record=None, time=None, missing=None, conflict=None, cause=None, first_sequence=None, count=None, last_sequence=None, complete=None, replayed=None, packet=None, reason=None)
--

One event of a Collector or Receiver, of the class of its kind: RecordEvent, LostEvent and so on.

Attributes that another kind has are None. Event(kind, ...) makes one of that kind.

kind       class           meaning (attributes)
record     RecordEvent     a complete record (record, conflict)
partial    PartialEvent    what came of a record with missing fragments (record, missing, conflict)
lost       LostEvent       records are missing (cause, count, first_sequence)
rebooted   RebootedEvent   the sender rebooted; its record comes next (last_sequence)
duplicate  DuplicateEvent  a record that was delivered before (record)
late       LateEvent       a record that was reported lost before, or older than the sender's first one (record, conflict)
basic      BasicEvent      a line without header (record, complete, replayed)
junk       JunkEvent       a packet that is not of netconsole (packet, reason)
forgotten  ForgottenEvent  the limit of senders was reached: the one idle for longest was removed
folded     FoldedEvent     empty lines of a packet followed two empty ones and are left out (count)

>>> import netcon
>>> (event,) = netcon.Collector().push(("10.0.0.1", 6665), b"6,7,1000,-;up\n", 1700000000.0)
>>> match event:
...     case netcon.RecordEvent(sender, record):
...         print(sender, record.text, event.datetime)
10.0.0.1:6665 up 2023-11-14 22:13:20+00:00
>>> event.to_dict()["time"], event.to_json().startswith('{"event":"record",')
('2023-11-14T22:13:20.000000Z', True)
)";

void set_match_args(PyTypeObject* type, const py::tuple& names) {
  // An immutable type takes no further attributes once made, but its dictionary can still be filled here.
  if (PyDict_SetItemString(type->tp_dict, "__match_args__", names.ptr()) != 0) throw py::error_already_set();
  PyType_Modified(type);
}

}  // namespace

py::object make_event(event_kind kind, const event_parts& parts) {
  PyTypeObject* const type = types[static_cast<std::size_t>(kind)];
  auto made = py::reinterpret_steal<py::object>(checked(type->tp_alloc(type, 0)));
  auto& event = *event_of(made.ptr());
  const auto share = [](const py::object& object) { return Py_XNewRef(object.ptr()); };
  event.kind = kind;
  event.sender = share(parts.sender);
  event.time = parts.time.value_or(std::nan(""));
  event.cause = parts.cause ? static_cast<std::int8_t>(*parts.cause) : std::int8_t{-1};
  event.conflict = parts.conflict;
  event.complete = parts.complete;
  event.replayed = parts.replayed;
  event.first = share(parts.record  ? parts.record
                      : parts.count ? parts.count
                      : parts.last  ? parts.last
                                    : parts.packet);
  event.second = share(parts.missing ? parts.missing : parts.first ? parts.first : parts.reason);
  return made;
}

bool is_event(py::handle object) noexcept {
  return PyObject_TypeCheck(object.ptr(), base_type) != 0;
}

bool is_basic_event(py::handle event) noexcept {
  return event_of(event.ptr())->kind == event_kind::basic;
}

PyObject* packet_of_event(py::handle event) noexcept {
  auto* const self = event_of(event.ptr());
  return has_record(self->kind) && PyBytes_CheckExact(self->first) ? self->first : nullptr;
}

PyObject* record_of_event(py::handle event) {
  auto* const self = event_of(event.ptr());
  return has_record(self->kind) ? record_in(self) : nullptr;
}

void bind_event(py::module_& m) {
  for (std::size_t i = 0; i < kinds.size(); ++i)
    kind_names[i] = checked(PyUnicode_InternFromString(kinds[i].name));
  for (std::size_t i = 0; i < cause_names.size(); ++i)
    cause_names[i] = shown_text(netcon::name(static_cast<netcon::loss>(i))).release().ptr();

  std::size_t at = 0;
  attributes[at++] = {"kind", get_kind, nullptr, "The kind's name, as 'record'.", nullptr};
  for (std::size_t i = 0; i < part_texts.size(); ++i)
    attributes[at++] = {part_texts[i].name, get_part, nullptr, part_texts[i].doc, reinterpret_cast<void*>(i)};
  attributes[at++] = {"datetime", get_datetime, nullptr,
                      "time as a datetime in UTC, or None. Of times since 1970 only.", nullptr};

  PyType_Slot base_slots[] = {
      {Py_tp_new, reinterpret_cast<void*>(base_new)},
      {Py_tp_dealloc, reinterpret_cast<void*>(event_dealloc)},
      {Py_tp_repr, reinterpret_cast<void*>(event_repr)},
      {Py_tp_hash, reinterpret_cast<void*>(event_hash)},
      {Py_tp_richcompare, reinterpret_cast<void*>(event_compare)},
      {Py_tp_getset, attributes.data()},
      {Py_tp_methods, event_methods},
      {Py_tp_doc, const_cast<char*>(base_doc)},
      {0, nullptr},
  };
  PyType_Spec base_spec = {"netcon.Event", sizeof(event_object), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE, base_slots};
  base_type = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpec(&base_spec)));
  set_match_args(base_type, py::make_tuple("kind", "sender", "record"));
  m.add_object("Event", reinterpret_cast<PyObject*>(base_type));

  const auto bases = py::make_tuple(py::handle(reinterpret_cast<PyObject*>(base_type)));
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    PyType_Slot slots[] = {
        {Py_tp_new, reinterpret_cast<void*>(kind_new)},
        {Py_tp_dealloc, reinterpret_cast<void*>(event_dealloc)},
        {Py_tp_doc, const_cast<char*>(kinds[i].doc)},
        {0, nullptr},
    };
    PyType_Spec spec = {kinds[i].type, sizeof(event_object), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
                        slots};
    types[i] = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpecWithBases(&spec, bases.ptr())));
    py::tuple names(kinds[i].parts.size());
    for (std::size_t k = 0; k < names.size(); ++k) names[k] = name_of(kinds[i].parts[k]);
    set_match_args(types[i], names);
    m.add_object(kinds[i].type + 7, reinterpret_cast<PyObject*>(types[i]));
  }
  // Code in Python cannot add kinds.
  base_type->tp_flags &= ~static_cast<unsigned long>(Py_TPFLAGS_BASETYPE);
  PyType_Modified(base_type);
}

}  // namespace binding
