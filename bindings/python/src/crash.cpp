// SPDX-License-Identifier: MIT
// Lines of logs and records in, crash reports out; the package makes Crash of them.
#include "crash.hpp"

#include "record.hpp"

#include <netcon/capture/log_line.hpp>
#include <netcon/capture/text_log.hpp>
#include <netcon/core/time.hpp>
#include <netcon/crash/detector.hpp>
#include <netcon/crash/log_scanner.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/receive/event.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binding {
namespace {

py::tuple texts(const std::vector<std::string>& from) {
  py::tuple out(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) out[i] = shown_text(from[i]);
  return out;
}

template <class T>
py::object number_or_none(const std::optional<T>& value) {
  if (!value) return py::none();
  return py::int_(*value);
}

/// The keyword arguments of Crash.
py::dict report_row(const std::string& host, const netcon::crash::report& report) {
  using netcon::crash::completeness;
  py::dict out;
  out["kind"] = shown_text(name(report.kind));
  out["type"] = shown_text(type(report.kind));
  out["title"] = shown_text(report.title);
  out["titles"] = texts(report.titles);
  out["function"] = shown_text(report.function);
  out["module"] = shown_text(report.module);
  py::tuple frames(report.frames.size());
  for (std::size_t i = 0; i < report.frames.size(); ++i) {
    const auto& one = report.frames[i];
    frames[i] =
        py::make_tuple(shown_text(one.function), one.offset, one.size, shown_text(one.module), one.certain);
  }
  out["frames"] = frames;
  py::dict registers;
  for (const auto& one : report.registers) registers[shown_text(one.name)] = shown_text(one.value);
  out["registers"] = registers;
  out["cpu"] = number_or_none(report.cpu);
  out["pid"] = number_or_none(report.pid);
  out["task"] = shown_text(report.task);
  out["taint"] = shown_text(report.taint);
  out["release"] = shown_text(report.release);
  out["hardware"] = shown_text(report.hardware);
  out["chain"] = texts(report.chain);
  out["panicked"] = report.panicked;
  out["doubt"] = report.corrupted() ? shown_text(name(report.doubt)) : py::none();
  out["complete"] = report.complete == completeness::unknown
                        ? py::object{py::none()}
                        : py::object{py::bool_(report.complete == completeness::complete)};
  py::tuple missing(report.missing.size());
  for (std::size_t i = 0; i < report.missing.size(); ++i)
    missing[i] = py::make_tuple(report.missing[i].begin, report.missing[i].end);
  out["missing"] = missing;
  std::array<char, 16> digits;
  const auto* const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), report.signature, 16).ptr;
  const std::string hex(digits.data(), static_cast<std::size_t>(end - digits.data()));
  out["signature"] = py::str(std::string(16 - hex.size(), '0') + hex);
  out["host"] = shown_text(host);
  out["time"] =
      report.time
          ? py::object{py::float_(std::chrono::duration<double>{report.time->time_since_epoch()}.count())}
          : py::object{py::none()};
  out["before"] = texts(report.before);
  out["text"] = texts(report.text);
  return out;
}

std::chrono::duration<double> since_1970(double seconds) {
  const std::chrono::duration<double> out{seconds};
  if (!(out >= netcon::first_log_time.time_since_epoch() && out <= netcon::last_wall_time.time_since_epoch()))
    throw py::value_error("the time of an event must be in the years from 1970 to 2255");
  return out;
}

/// Two ways in, one way out: bytes of a text log, and the records of events.
class crash_scanner {
 public:
  crash_scanner() : scanner_{netcon::crash::log_scanner::patient_limits(), netcon::random_key()} {}

  /// A piece of a log, of any size.
  py::list add_log(py::handle piece) {
    const auto bytes = as_bytes(piece, "line");
    found_ = py::list{};
    log_.push(view_of(bytes), scan());
    return found_;
  }

  /// A record of an event of that kind, or one that was decoded by itself; a basic one may have many lines.
  py::list add_record(const std::string& host, py::handle record, const std::string& kind, py::handle time) {
    if (!is_record(record)) throw py::type_error("add_record() takes a Record");
    const auto& view = record_of(record);
    netcon::crash::optional_time at;
    if (!time.is_none()) {
      const auto since = since_1970(time.cast<double>());
      at = netcon::log_time{std::chrono::duration_cast<std::chrono::microseconds>(since)};
      pass(since);
    }
    found_ = py::list{};
    detector_.expire(now_, keep());
    const auto observe = [&](const auto& event) { detector_.observe(host, event, now_, at, keep()); };
    const netcon::endpoint unknown{};
    if (view.is_basic()) {
      for (auto rest = view.text();;) {
        const auto end = rest.find('\n');
        observe(netcon::event::basic{unknown, rest.substr(0, end), kind != "partial"});
        if (end == rest.npos) break;
        rest.remove_prefix(end + 1);
      }
    } else if (kind == "partial") {
      observe(netcon::event::partial{unknown, view, {}});
    } else if (kind == "late") {
      observe(netcon::event::late{unknown, view});
    } else {
      observe(netcon::event::record{unknown, view});
    }
    return found_;
  }

  /// So late is it: what has been silent for long enough has ended.
  py::list expire(double time) {
    found_ = py::list{};
    pass(since_1970(time));
    detector_.expire(now_, keep());
    return found_;
  }

  /// The sender dropped records.
  void lost(const std::string& host) { detector_.lost(host); }

  py::list rebooted(const std::string& host) {
    found_ = py::list{};
    detector_.rebooted(host, keep());
    return found_;
  }

  /// The end: what has begun has ended.
  py::list finish() {
    found_ = py::list{};
    log_.finish(scan());
    scanner_.finish(keep());
    detector_.flush(keep());
    return found_;
  }

 private:
  struct scanned_line {
    crash_scanner* self;
    void operator()(const netcon::log_line& line) const { self->scanner_.push(line, self->keep()); }
  };
  struct keeper {
    crash_scanner* self;
    template <class Event>
    void operator()(const Event& event) const {
      if constexpr (requires { event.report; }) self->found_.append(report_row(event.sender, event.report));
    }
  };
  keeper keep() { return {this}; }
  scanned_line scan() { return {this}; }

  void pass(std::chrono::duration<double> since) {
    const netcon::time_point then{std::chrono::duration_cast<netcon::time_point::duration>(since)};
    now_ = std::max(now_, then);
  }

  netcon::text_log log_;
  netcon::crash::log_scanner scanner_;
  netcon::crash::basic_detector<std::string> detector_;
  netcon::time_point now_{};
  py::list found_;
};

}  // namespace

void bind_crash(py::module_& m) {
  py::class_<crash_scanner>(m, "CrashScanner", "Finds crashes; netcon.crashes() is what to use.")
      .def(py::init<>())
      .def("add_log", &crash_scanner::add_log, py::arg("piece"))
      .def("add_record", &crash_scanner::add_record, py::arg("host"), py::arg("record"), py::arg("kind"),
           py::arg("time"))
      .def("expire", &crash_scanner::expire, py::arg("time"))
      .def("lost", &crash_scanner::lost, py::arg("host"))
      .def("rebooted", &crash_scanner::rebooted, py::arg("host"))
      .def("finish", &crash_scanner::finish);
}

}  // namespace binding
