// Event and Collector.
#include "collector.hpp"

#include "record.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/os/random_key.hpp>

#include <structmember.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace binding {
namespace {

constexpr const char* kind_names[] = {"record", "partial", "lost", "rebooted",  "duplicate",
                                      "late",   "basic",   "junk", "forgotten", "folded"};
enum : unsigned { record, partial, lost, rebooted, duplicate, late, basic, junk, forgotten, folded };

PyObject* kinds[std::size(kind_names)];
PyObject* causes[4];  // of each netcon::loss

/// What is not there is null, which reads as None.
struct event_object {
  PyObject ob_base;
  PyObject* kind;
  PyObject* sender;
  PyObject* record;
  PyObject* time;
  PyObject* missing;
  PyObject* conflict;
  PyObject* cause;
  PyObject* first_sequence;
  PyObject* count;
  PyObject* last_sequence;
  PyObject* complete;
  PyObject* replayed;
  PyObject* packet;
  PyObject* reason;
};

constexpr Py_ssize_t place(std::size_t at) {
  return static_cast<Py_ssize_t>(offsetof(event_object, kind) + at * sizeof(PyObject*));
}

PyMemberDef event_members[] = {
    {"kind", T_OBJECT, place(0), READONLY,
     "'record', 'partial', 'lost', 'rebooted', 'duplicate', 'late', 'basic', 'junk', 'forgotten' or "
     "'folded'."},
    {"sender", T_OBJECT, place(1), READONLY, "Endpoint(host, port)."},
    {"record", T_OBJECT, place(2), READONLY,
     "The Record of a record, partial, duplicate, late or basic event, else None."},
    {"time", T_OBJECT, place(3), READONLY,
     "When the packet came: the time given to push(); from a Receiver, seconds since 1970 by the kernel's "
     "clock."},
    {"missing", T_OBJECT, place(4), READONLY, "partial: TextRanges of the missing bytes in the body."},
    {"conflict", T_OBJECT, place(5), READONLY,
     "record, partial, late: True when two fragments disagreed about a byte or, of a record, another one "
     "came before with its number and time and another text."},
    {"cause", T_OBJECT, place(6), READONLY,
     "lost: 'sequence_gap' (a hint), 'msgid_gap' or 'announced' (both certain)."},
    {"first_sequence", T_OBJECT, place(7), READONLY, "lost by sequence_gap: the first missing number."},
    {"count", T_OBJECT, place(8), READONLY, "lost: how many."},
    {"last_sequence", T_OBJECT, place(9), READONLY,
     "rebooted: the highest sequence number before the reboot."},
    {"complete", T_OBJECT, place(10), READONLY, "basic: whether the line's newline came."},
    {"replayed", T_OBJECT, place(11), READONLY, "basic: whether the kernel marked the line as a replay."},
    {"packet", T_OBJECT, place(12), READONLY, "junk: the packet."},
    {"reason", T_OBJECT, place(13), READONLY, "junk: the error code, as ParseError has it."},
    {nullptr, 0, 0, 0, nullptr},
};
constexpr std::size_t member_count = std::size(event_members) - 1;

PyTypeObject* event_type = nullptr;

PyObject*& slot(PyObject* event, std::size_t at) {
  return (&reinterpret_cast<event_object*>(event)->kind)[at];
}

PyObject* event_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  if (PyTuple_GET_SIZE(args) > static_cast<Py_ssize_t>(member_count)) {
    PyErr_SetString(PyExc_TypeError, "Event() takes at most 14 arguments");
    return nullptr;
  }
  PyObject* const event = type->tp_alloc(type, 0);
  if (event == nullptr) return nullptr;
  const auto set = [event](std::size_t at, PyObject* value) {
    if (value != Py_None) slot(event, at) = Py_NewRef(value);
  };
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); ++i)
    set(static_cast<std::size_t>(i), PyTuple_GET_ITEM(args, i));
  PyObject *key = nullptr, *value = nullptr;
  for (Py_ssize_t at = 0; kwargs != nullptr && PyDict_Next(kwargs, &at, &key, &value);) {
    std::size_t i = 0;
    while (i < member_count && PyUnicode_CompareWithASCIIString(key, event_members[i].name) != 0) ++i;
    if (i == member_count || slot(event, i) != nullptr) {
      PyErr_Format(PyExc_TypeError, "Event() has no argument %R, or has it twice", key);
      Py_DECREF(event);
      return nullptr;
    }
    set(i, value);
  }
  if (slot(event, 0) == nullptr || !PyUnicode_Check(slot(event, 0)) || slot(event, 1) == nullptr) {
    PyErr_SetString(PyExc_TypeError, "Event() needs kind as str, and sender");
    Py_DECREF(event);
    return nullptr;
  }
  return event;
}

void event_dealloc(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  for (std::size_t i = 0; i < member_count; ++i) Py_XDECREF(slot(self, i));
  type->tp_free(self);
  Py_DECREF(type);
}

py::tuple values(PyObject* self) {
  py::tuple row(member_count);
  for (std::size_t i = 0; i < member_count; ++i)
    row[i] = slot(self, i) == nullptr ? py::none() : py::reinterpret_borrow<py::object>(slot(self, i));
  return row;
}

PyObject* event_repr(PyObject* self) {
  return guarded([&] {
    std::string text = "Event(" + py::repr(slot(self, 0)).cast<std::string>();
    for (std::size_t i = 1; i < member_count; ++i)
      if (slot(self, i) != nullptr)
        text += std::string{", "} + event_members[i].name + '=' + py::repr(slot(self, i)).cast<std::string>();
    return py::str(text + ')').release().ptr();
  });
}

PyObject* event_compare(PyObject* a, PyObject* b, int op) {
  if ((op != Py_EQ && op != Py_NE) || !PyObject_TypeCheck(b, event_type)) return Py_NewRef(Py_NotImplemented);
  return guarded([&] { return PyObject_RichCompare(values(a).ptr(), values(b).ptr(), op); });
}

Py_hash_t event_hash(PyObject* self) {
  try {
    return PyObject_Hash(values(self).ptr());
  } catch (py::error_already_set& raised) {
    raised.restore();
    return -1;
  }
}

PyObject* event_reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    return py::make_tuple(py::handle(reinterpret_cast<PyObject*>(event_type)), values(self)).release().ptr();
  });
}

PyMethodDef event_methods[] = {{"__reduce__", event_reduce, METH_NOARGS, nullptr},
                               {nullptr, nullptr, 0, nullptr}};

const char event_doc[] =
    R"(Event(kind, sender, record=None, time=None, missing=None, conflict=None, cause=None, first_sequence=None, count=None, last_sequence=None, complete=None, replayed=None, packet=None, reason=None)
--

One event of a Collector or Receiver. kind names it; attributes that another kind uses are None.

record     a complete record (record, conflict)
partial    a record with missing fragments, their bytes NUL (record, missing, conflict)
lost       records are missing (cause, count, first_sequence)
rebooted   the sender rebooted; its record comes next (last_sequence)
duplicate  a record that was delivered before (record)
late       a record that was reported lost before, or older than the sender's first one (record, conflict)
basic      a line without header (record, complete, replayed)
junk       a packet that is not of netconsole (packet, reason)
forgotten  the limit of senders was reached: the one idle for longest was removed
folded     empty lines followed an empty one and are left out (count)
)";

PyType_Slot event_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(event_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(event_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(event_repr)},
    {Py_tp_hash, reinterpret_cast<void*>(event_hash)},
    {Py_tp_richcompare, reinterpret_cast<void*>(event_compare)},
    {Py_tp_members, event_members},
    {Py_tp_methods, event_methods},
    {Py_tp_doc, const_cast<char*>(event_doc)},
    {0, nullptr},
};

PyType_Spec event_spec = {"netcon.Event", sizeof(event_object), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, event_slots};

PyObject* checked(PyObject* made) {
  if (made == nullptr) throw py::error_already_set();
  return made;
}

std::size_t size_of(py::handle value, const char* name) {
  if (!PyLong_Check(value.ptr())) throw py::type_error(std::string{name} + " must be an int");
  const auto size = PyLong_AsSize_t(value.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    throw py::value_error(std::string{name} + " is out of range");
  }
  return size;
}

/// The collector of Python code that has packets from elsewhere.
class py_collector {
 public:
  explicit py_collector(const py::kwargs& bounds) : collector_{limits_of(bounds), netcon::random_key()} {}

  py::list push(py::handle sender, py::handle packet, py::handle now) {
    const auto end = endpoint_of(sender, "sender");
    const auto bytes = as_bytes(packet, "packet");
    const auto time = time_of(now, "now");
    log_.pin(view_of(bytes));
    log_.at(PyFloat_AsDouble(now.ptr()));
    collector_.push(end, view_of(bytes), time, log_);
    return log_.take(senders_, bytes);
  }
  py::list expire(py::handle now) {
    const auto time = time_of(now, "now");
    log_.pin({});
    log_.at(PyFloat_AsDouble(now.ptr()));
    collector_.expire(time, log_);
    return log_.take(senders_);
  }
  py::list flush() {
    log_.pin({});
    log_.at(std::nan(""));
    collector_.flush(log_);
    return log_.take(senders_);
  }
  py::object deadline() const {
    const auto time = collector_.deadline();
    if (!time) return py::none();
    return py::float_(std::chrono::duration<double>(time->time_since_epoch()).count());
  }
  py::object stats() const {
    return from_package("netcon._values", "Stats")(
        stats_of(collector_.stats(), collector_.fragment_stats(), collector_.senders()));
  }
  std::size_t senders() const { return collector_.senders(); }

 private:
  netcon::collector collector_;
  event_log log_;
  sender_cache senders_;
};

}  // namespace

netcon::collector::limits limits_of(const py::kwargs& given) {
  netcon::collector::limits out;
  using setter = void (*)(netcon::collector::limits&, py::handle, const char*);
  static constexpr std::pair<const char*, setter> known[] = {
      {"senders", [](auto& l, py::handle v, const char* n) { l.senders = size_of(v, n); }},
      {"record_bytes",
       [](auto& l, py::handle v, const char* n) {
         l.fragments.record_bytes =
             static_cast<std::uint32_t>(std::min<std::size_t>(size_of(v, n), 0xffffffffu));
       }},
      {"records_per_sender",
       [](auto& l, py::handle v, const char* n) { l.fragments.records_per_sender = size_of(v, n); }},
      {"records", [](auto& l, py::handle v, const char* n) { l.fragments.records = size_of(v, n); }},
      {"bytes", [](auto& l, py::handle v, const char* n) { l.fragments.bytes = size_of(v, n); }},
      {"holes", [](auto& l, py::handle v, const char* n) { l.fragments.holes = size_of(v, n); }},
      {"age", [](auto& l, py::handle v, const char* n) { l.fragments.age = duration_of(v, n); }},
      {"reorder", [](auto& l, py::handle v, const char* n) { l.reorder = duration_of(v, n); }},
      {"reorder_bytes", [](auto& l, py::handle v, const char* n) { l.reorder_bytes = size_of(v, n); }},
      {"queued_bytes", [](auto& l, py::handle v, const char* n) { l.queued_bytes = size_of(v, n); }},
      {"line_bytes", [](auto& l, py::handle v, const char* n) { l.line_bytes = size_of(v, n); }},
      {"line_age", [](auto& l, py::handle v, const char* n) { l.line_age = duration_of(v, n); }},
      {"join_continuations",
       [](auto& l, py::handle v, const char* n) {
         if (!PyBool_Check(v.ptr())) throw py::type_error(std::string{n} + " must be True or False");
         l.join_continuations = v.ptr() == Py_True;
       }},
      {"continuation_age",
       [](auto& l, py::handle v, const char* n) { l.continuation_age = duration_of(v, n); }},
      {"late_age", [](auto& l, py::handle v, const char* n) { l.late_age = duration_of(v, n); }},
  };
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    const auto* const found =
        std::find_if(std::begin(known), std::end(known), [&](const auto& k) { return name == k.first; });
    if (found == std::end(known)) throw py::type_error("there is no limit called '" + name + "'");
    found->second(out, value, found->first);
  }
  return out;
}

py::object sender_cache::get(const netcon::endpoint& end) {
  auto& known = entries_[std::hash<netcon::endpoint>{}(end) % entries_.size()];
  if (!known.object || known.end != end) known = {end, to_python(end)};
  return known.object;
}

event_log::pending& event_log::add(unsigned kind, const netcon::endpoint& sender) {
  auto& event = pending_.emplace_back();
  event.kind = kind;
  event.sender = sender;
  event.time = time_;
  return event;
}

void event_log::keep_bytes(pending& event, std::string_view bytes) {
  const std::less_equal<const char*> before;
  event.pinned = !pinned_.empty() && before(pinned_.data(), bytes.data()) &&
                 before(bytes.data() + bytes.size(), pinned_.data() + pinned_.size());
  if (!event.pinned) event.copy = bytes;
}

event_log::pending& event_log::add_record(unsigned kind, const netcon::endpoint& sender,
                                          const netcon::record_view& view) {
  if (min_level_ && view.is_extended() && static_cast<unsigned>(view.level()) > *min_level_) return skipped_;
  auto& event = add(kind, sender);
  event.view = view;
  if (auto packet = as_one_packet(view); !packet.empty()) {
    event.copy = std::move(packet);
    event.view = netcon::decode(event.copy).value_or(view.over(event.copy));
  } else {
    keep_bytes(event, view.wire());
  }
  return event;
}

void event_log::operator()(const netcon::event::partial& e) {
  auto& event = add_record(partial, e.sender, e.record);
  event.missing.assign(e.missing.begin(), e.missing.end());
  event.conflict = e.conflict;
}
void event_log::operator()(const netcon::event::lost& e) {
  auto& event = add(lost, e.sender);
  event.cause = e.cause;
  event.first_sequence = e.first_sequence;
  event.count = e.count;
}
void event_log::operator()(const netcon::event::rebooted& e) {
  add(rebooted, e.sender).last_sequence = e.last_sequence;
}
void event_log::operator()(const netcon::event::basic& e) {
  auto& event = add(basic, e.sender);
  event.view = netcon::record_view{}.whole(e.text);
  keep_bytes(event, e.text);
  event.complete = e.complete;
  event.replayed = e.replayed;
}
void event_log::operator()(const netcon::event::junk& e) {
  auto& event = add(junk, e.sender);
  event.copy = e.packet;
  event.reason = e.reason;
}
void event_log::operator()(const netcon::event::forgotten& e) {
  add(forgotten, e.sender);
}
void event_log::operator()(const netcon::event::folded& e) {
  add(folded, e.sender).count = e.count;
}

py::list event_log::take(sender_cache& senders, py::handle packet) {
  // Making objects may run other code, which may come back here.
  std::vector<pending> events;
  events.swap(pending_);
  py::list out(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& e = events[i];
    PyObject* const event = checked(event_type->tp_alloc(event_type, 0));
    PyList_SET_ITEM(out.ptr(), static_cast<Py_ssize_t>(i), event);
    auto& to = *reinterpret_cast<event_object*>(event);
    to.kind = Py_NewRef(kinds[e.kind]);
    to.sender = senders.get(e.sender).release().ptr();
    if (!std::isnan(e.time)) to.time = checked(PyFloat_FromDouble(e.time));
    switch (e.kind) {
      case record:
      case partial:
      case duplicate:
      case late:
      case basic: {
        const auto wire = e.pinned ? e.view.wire() : std::string_view{e.copy};
        auto bytes = packet && e.pinned && wire.size() == pinned_.size()
                         ? py::reinterpret_borrow<py::bytes>(packet)
                         : py::bytes(wire.data(), wire.size());
        const auto view = e.view.over(view_of(bytes));
        to.record = checked(make_record(std::move(bytes), view));
        break;
      }
      default:
        break;
    }
    switch (e.kind) {
      case record:
      case late:
        to.conflict = Py_NewRef(e.conflict ? Py_True : Py_False);
        break;
      case partial: {
        to.conflict = Py_NewRef(e.conflict ? Py_True : Py_False);
        py::tuple missing(e.missing.size());
        for (std::size_t k = 0; k < e.missing.size(); ++k)
          missing[k] = range_object(e.missing[k].begin, e.missing[k].end);
        to.missing = missing.release().ptr();
        break;
      }
      case lost:
        to.cause = Py_NewRef(causes[static_cast<unsigned>(e.cause)]);
        if (e.cause == netcon::loss::sequence_gap)
          to.first_sequence = checked(PyLong_FromUnsignedLongLong(e.first_sequence));
        to.count = checked(PyLong_FromUnsignedLongLong(e.count));
        break;
      case folded:
        to.count = checked(PyLong_FromUnsignedLongLong(e.count));
        break;
      case rebooted:
        to.last_sequence = checked(PyLong_FromUnsignedLongLong(e.last_sequence));
        break;
      case basic:
        to.complete = Py_NewRef(e.complete ? Py_True : Py_False);
        to.replayed = Py_NewRef(e.replayed ? Py_True : Py_False);
        break;
      case junk: {
        const auto name = netcon::name(e.reason);
        to.packet = py::bytes(e.copy).release().ptr();
        to.reason = py::str(name.data(), name.size()).release().ptr();
        break;
      }
      default:
        break;
    }
  }
  events.clear();
  if (pending_.empty()) pending_.swap(events);
  return out;
}

py::dict stats_of(const netcon::collector::counters& c, const netcon::reassembler::counters& f,
                  std::size_t senders) {
  py::dict out;
  out["packets"] = c.packets;
  out["bytes"] = c.bytes;
  out["records"] = c.records;
  out["partial"] = c.partial;
  out["lost"] = c.lost;
  out["lost_inferred"] = c.lost_inferred;
  out["lost_counted"] = c.lost_counted;
  out["lost_announced"] = c.lost_announced;
  out["impossible"] = c.impossible;
  out["rebooted"] = c.rebooted;
  out["duplicate"] = c.duplicate;
  out["late"] = c.late;
  out["basic"] = c.basic;
  out["folded"] = c.folded;
  out["junk"] = c.junk;
  out["forgotten"] = c.forgotten;
  out["senders"] = senders;
  out["fragments_repeated"] = f.repeated;
  out["fragments_refused"] = f.refused;
  out["fragments_conflicting"] = f.conflicts;
  return out;
}

void bind_collector(py::module_& m) {
  for (std::size_t i = 0; i < std::size(kinds); ++i)
    kinds[i] = checked(PyUnicode_InternFromString(kind_names[i]));
  for (std::size_t i = 0; i < std::size(causes); ++i)
    causes[i] = shown_text(netcon::name(static_cast<netcon::loss>(i))).release().ptr();
  event_type = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpec(&event_spec)));
  const py::tuple shown = py::make_tuple("kind", "sender", "record");
  if (PyDict_SetItemString(event_type->tp_dict, "__match_args__", shown.ptr()) != 0)
    throw py::error_already_set();
  PyType_Modified(event_type);
  m.add_object("Event", reinterpret_cast<PyObject*>(event_type));

  py::options options;
  options.disable_function_signatures();  // the docstrings begin with them, where inspect looks
  py::class_<py_collector>(m, "Collector",
                           R"(Packets of many senders in, events out; bounded whatever arrives.

Has no socket, no clock and no thread. The caller passes the current time in seconds, of a clock that never steps.
The arguments are limits; durations are seconds or a timedelta. reorder: how long a record waits for missing ones before
it. age: how long a record waits for its fragments. bytes: what all records that wait for fragments take.

>>> import netcon
>>> c = netcon.Collector()
>>> for e in c.push(("10.0.0.1", 6665), b"6,7,1000,-;one\n", 0.0): print(e.kind, e.record.text)
record one
>>> for e in c.push(("10.0.0.1", 6665), b"6,9,1200,-;three\n", 0.1): print(e.kind, e.count, e.record)
lost 1 None
record None [    0.001200] three
>>> c.stats.lost
1
)")
      .def(py::init([](const py::args& nameless, const py::kwargs& limits) {
             if (!nameless.empty()) throw py::type_error("Collector() takes its arguments by name only");
             return py_collector{limits};
           }),
           "__init__(self, *, senders=65536, record_bytes=131072, records_per_sender=8, records=1024, "
           "bytes=16777216, "
           "holes=256, age=1.0, reorder=0.0, reorder_bytes=262144, queued_bytes=16777216, line_bytes=8192, "
           "line_age=1.0, "
           "join_continuations=False, continuation_age=0.1, late_age=10.0)\n--\n\n")
      .def("push", &py_collector::push, py::arg("sender"), py::arg("packet"), py::arg("now"),
           "push(self, sender, packet, now)\n--\n\n"
           "Takes one packet as it came from the socket and returns its events.")
      .def("expire", &py_collector::expire, py::arg("now"),
           "expire(self, now)\n--\n\n"
           "Delivers what waited for too long, and returns the events.")
      .def("flush", &py_collector::flush,
           "flush(self)\n--\n\n"
           "Delivers everything that waits, as at the end of a run.")
      .def_property_readonly("deadline", &py_collector::deadline, "When to call expire() next, or None.")
      .def_property_readonly("stats", &py_collector::stats, "Stats: counters since the start.")
      .def_property_readonly("senders", &py_collector::senders, "How many senders are known.");
}

}  // namespace binding
