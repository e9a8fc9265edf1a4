// SPDX-License-Identifier: MIT
// The log of events, and Collector.
#include "collector.hpp"

#include "event.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/decode.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace binding {
namespace {

std::size_t size_of(py::handle value, const char* name) {
  require_int(value, name);
  const auto size = PyLong_AsSize_t(value.ptr());
  if (PyErr_Occurred() != nullptr || size == 0) {
    PyErr_Clear();
    int overflow = 0;
    PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    throw py::value_error(std::string{name} +
                          (overflow > 0 ? " must be at most 18446744073709551615" : " must be at least 1") +
                          "; leave it out for the default");
  }
  return size;
}

std::chrono::nanoseconds wait_of(py::handle value, const char* name) {
  const auto wait = duration_of(value, name);
  if (wait < wait.zero())
    throw py::value_error(std::string{name} + " must not be negative; leave it out for the default");
  return wait;
}

/// The collector of Python code that has packets from elsewhere.
class py_collector {
 public:
  explicit py_collector(const py::kwargs& bounds) : collector_{limits_of(bounds), netcon::random_key()} {}

  py::list push(py::handle sender, py::handle packet, py::handle now) {
    static constinit kept_attribute captured{"netcon._columns", "Packet"};
    py::tuple row;
    if (packet.is_none() && now.is_none() && py::isinstance(sender, captured.get())) {
      row = py::reinterpret_borrow<py::tuple>(sender);
      now = PyTuple_GET_ITEM(row.ptr(), 0);
      packet = PyTuple_GET_ITEM(row.ptr(), 3);
      sender = PyTuple_GET_ITEM(row.ptr(), 1);
    }
    if (packet.is_none() || now.is_none())
      throw py::type_error("push() takes sender, packet and now; or one Packet, as read_pcap() gives it");
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
      {"age", [](auto& l, py::handle v, const char* n) { l.fragments.age = wait_of(v, n); }},
      {"reorder", [](auto& l, py::handle v, const char* n) { l.reorder = wait_of(v, n); }},
      {"reorder_bytes", [](auto& l, py::handle v, const char* n) { l.reorder_bytes = size_of(v, n); }},
      {"queued_bytes", [](auto& l, py::handle v, const char* n) { l.queued_bytes = size_of(v, n); }},
      {"line_bytes", [](auto& l, py::handle v, const char* n) { l.line_bytes = size_of(v, n); }},
      {"line_age", [](auto& l, py::handle v, const char* n) { l.line_age = wait_of(v, n); }},
      {"join_continuations",
       [](auto& l, py::handle v, const char* n) {
         if (!PyBool_Check(v.ptr())) throw py::type_error(std::string{n} + " must be True or False");
         l.join_continuations = v.ptr() == Py_True;
       }},
      {"continuation_age", [](auto& l, py::handle v, const char* n) { l.continuation_age = wait_of(v, n); }},
      {"late_age", [](auto& l, py::handle v, const char* n) { l.late_age = wait_of(v, n); }},
  };
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    const auto* const found =
        std::find_if(std::begin(known), std::end(known), [&](const auto& k) { return name == k.first; });
    if (found == std::end(known)) {
      std::string all;
      for (const auto& one : known) all += (all.empty() ? "" : ", ") + std::string{one.first};
      throw py::type_error("there is no argument or limit called '" + name + "'; the limits are " + all);
    }
    found->second(out, value, found->first);
  }
  return out;
}

py::object sender_cache::get(const netcon::endpoint& end) {
  auto& known = entries_[std::hash<netcon::endpoint>{}(end) % entries_.size()];
  if (!known.object || known.end != end) known = {end, to_python(end)};
  return known.object;
}

namespace {

/// Whether decoding the bytes once more gives the same record.
bool is_same(const netcon::record_view& a, const netcon::record_view& b) noexcept {
  return a.is_extended() == b.is_extended() && a.is_replayed() == b.is_replayed() &&
         a.sequence() == b.sequence() && a.priority() == b.priority() && a.fragment() == b.fragment() &&
         a.damage() == b.damage() && a.body().size() == b.body().size() &&
         a.header().size() == b.header().size();
}

}  // namespace

event_log::pending& event_log::add(event_kind kind, const netcon::endpoint& sender) {
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
  event.begin = event.pinned ? static_cast<std::size_t>(bytes.data() - pinned_.data()) : kept_.size();
  event.size = bytes.size();
  if (!event.pinned) kept_ += bytes;
}

event_log::pending& event_log::add_record(event_kind kind, const netcon::endpoint& sender,
                                          const netcon::record_view& view) {
  if (min_level_ && view.is_extended() && static_cast<unsigned>(view.level()) > *min_level_) return skipped_;
  auto& event = add(kind, sender);
  const auto packet = as_one_packet(view);
  const bool is_rebuilt = !packet.empty();
  const auto bytes = is_rebuilt ? std::string_view{packet} : view.wire();
  const auto again = netcon::decode(bytes);
  event.is_plain = again && (is_rebuilt || is_same(*again, view));
  if (!event.is_plain) event.view = view;  // take() says over which bytes
  keep_bytes(event, bytes);
  return event;
}

void event_log::operator()(const netcon::event::partial& e) {
  auto& event = add_record(event_kind::partial, e.sender, e.record);
  event.missing.assign(e.missing.begin(), e.missing.end());
  event.conflict = e.conflict;
}
void event_log::operator()(const netcon::event::lost& e) {
  auto& event = add(event_kind::lost, e.sender);
  event.cause = e.cause;
  event.first_sequence = e.first_sequence;
  event.count = e.count;
}
void event_log::operator()(const netcon::event::rebooted& e) {
  add(event_kind::rebooted, e.sender).last_sequence = e.last_sequence;
}
void event_log::operator()(const netcon::event::basic& e) {
  if (!basic_) return;
  if (min_level_)
    if (const auto priority = netcon::split_basic_prefix(e.text).priority;
        priority && (*priority & 7u) > *min_level_)
      return;
  auto& event = add(event_kind::basic, e.sender);
  keep_bytes(event, e.text);
  event.is_plain = true;
  event.complete = e.complete;
  event.replayed = e.replayed;
}
void event_log::operator()(const netcon::event::junk& e) {
  auto& event = add(event_kind::junk, e.sender);
  keep_bytes(event, e.packet);
  event.reason = e.reason;
}
void event_log::operator()(const netcon::event::forgotten& e) {
  add(event_kind::forgotten, e.sender);
}
void event_log::operator()(const netcon::event::folded& e) {
  add(event_kind::folded, e.sender).count = e.count;
}

void event_log::append(event_log&& later) {
  for (auto& event : later.pending_) {
    if (!event.pinned) event.begin += kept_.size();
    pending_.push_back(std::move(event));
  }
  kept_ += later.kept_;
  later.pending_.clear();
  later.kept_.clear();
}

py::list event_log::take(sender_cache& senders, py::handle packet) {
  // Making objects may run other code, which may come back here.
  std::vector<pending> events;
  std::string kept;
  events.swap(pending_);
  kept.swap(kept_);
  const auto pinned = pinned_;
  try {
    auto out = objects_of(events, kept, senders, packet);
    // The last moment: between the return and the caller's assignment a handler that raises would lose them.
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (pending_.empty() && kept_.empty()) {
      events.clear();
      kept.clear();
      pending_.swap(events);
      kept_.swap(kept);
    }
    return out;
  } catch (...) {
    for (auto& event : events) {
      if (!event.pinned) continue;
      const auto bytes = pinned.substr(event.begin, event.size);
      event.pinned = false;
      event.begin = kept.size();
      kept += bytes;
    }
    event_log later;
    later.pending_.swap(pending_);
    later.kept_.swap(kept_);
    pending_.swap(events);
    kept_.swap(kept);
    append(std::move(later));
    throw;
  }
}

py::list event_log::objects_of(const std::vector<pending>& events, std::string_view kept,
                               sender_cache& senders, py::handle packet) const {
  const auto pinned = pinned_;
  py::list out(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& e = events[i];
    const auto wire = (e.pinned ? pinned : kept).substr(e.begin, e.size);
    event_parts parts;
    parts.sender = senders.get(e.sender);
    if (!std::isnan(e.time)) parts.time = e.time;
    parts.conflict = e.conflict;
    parts.complete = e.complete;
    parts.replayed = e.replayed;
    switch (e.kind) {
      case event_kind::record:
      case event_kind::partial:
      case event_kind::duplicate:
      case event_kind::late:
      case event_kind::basic: {
        auto bytes = packet && e.pinned && wire.size() == pinned.size()
                         ? py::reinterpret_borrow<py::bytes>(packet)
                         : py::bytes(wire.data(), wire.size());
        if (e.is_plain) {
          parts.record = std::move(bytes);
        } else {
          const auto view = e.view.over(view_of(bytes));
          parts.record = py::reinterpret_steal<py::object>(make_record(std::move(bytes), view));
          if (!parts.record) throw py::error_already_set();
        }
        break;
      }
      default:
        break;
    }
    switch (e.kind) {
      case event_kind::partial: {
        py::tuple missing(e.missing.size());
        for (std::size_t k = 0; k < e.missing.size(); ++k)
          missing[k] = range_object(e.missing[k].begin, e.missing[k].end);
        parts.missing = std::move(missing);
        break;
      }
      case event_kind::lost:
        parts.cause = e.cause;
        if (e.cause == netcon::loss::sequence_gap) parts.first = py::int_(e.first_sequence);
        parts.count = py::int_(e.count);
        break;
      case event_kind::folded:
        parts.count = py::int_(e.count);
        break;
      case event_kind::rebooted:
        parts.last = py::int_(e.last_sequence);
        break;
      case event_kind::junk:
        parts.packet = py::bytes(wire.data(), wire.size());
        parts.reason = shown_text(netcon::name(e.reason));
        break;
      default:
        break;
    }
    PyList_SET_ITEM(out.ptr(), static_cast<Py_ssize_t>(i), make_event(e.kind, parts).release().ptr());
  }
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
  out["recovered_inferred"] = c.recovered_inferred;
  out["recovered_counted"] = c.recovered_counted;
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
  py::options options;
  options.disable_function_signatures();  // the docstrings begin with them, where inspect looks
  py::class_<py_collector> collector(m, "Collector",
                                     doc(R"(Packets of many senders in, events out; bounded whatever arrives.

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
)"));
  collector
      .def(py::init(+[](const py::args& nameless, const py::kwargs& limits) {
             if (!nameless.empty()) throw py::type_error("Collector() takes its arguments by name only");
             return py_collector{limits};
           }),
           doc("__init__(self, *, senders=65536, record_bytes=131072, records_per_sender=8, records=1024, "
               "bytes=16777216, "
               "holes=256, age=1.0, reorder=0.0, reorder_bytes=262144, queued_bytes=16777216, "
               "line_bytes=8192, "
               "line_age=1.0, "
               "join_continuations=False, continuation_age=0.1, late_age=10.0)\n--\n\n"))
      .def("push", &py_collector::push, py::arg("sender"), py::arg("packet") = py::none(),
           py::arg("now") = py::none(),
           doc("push(self, sender, packet, now)\n--\n\n"
               "Takes one packet as it came from the socket and returns its events.\n\n"
               "push(packet) takes a Packet of read_pcap()."))
      .def("expire", &py_collector::expire, py::arg("now"),
           doc("expire(self, now)\n--\n\n"
               "Delivers what waited for too long, and returns the events."))
      .def("flush", &py_collector::flush,
           doc("flush(self)\n--\n\n"
               "Delivers everything that waits, as at the end of a run."))
      .def_property_readonly("deadline", &py_collector::deadline, doc("When to call expire() next, or None."))
      .def_property_readonly("stats", &py_collector::stats, doc("Stats: counters since the start."))
      .def_property_readonly("senders", &py_collector::senders, doc("How many senders are known."));
  refuse_other_arguments(collector);
}

}  // namespace binding
