// SPDX-License-Identifier: MIT
#include "core.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/os/running_kernel.hpp>
#include <netcon/wire/escape.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace binding {

py::bytes as_bytes(py::handle value, const char* argument) {
  PyObject* const object = value.ptr();
  if (PyBytes_CheckExact(object)) return py::reinterpret_borrow<py::bytes>(value);
  if (PyUnicode_Check(object)) {
    auto* const encoded = PyUnicode_AsEncodedString(object, "utf-8", "surrogateescape");
    if (encoded == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::bytes>(encoded);
  }
  if (PyObject_CheckBuffer(object)) {
    auto* const copy = PyBytes_FromObject(object);
    if (copy == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::bytes>(copy);
  }
  throw py::type_error(std::string{argument} + " must be bytes or str, not " + Py_TYPE(object)->tp_name);
}

py::iterator items_of(py::handle value, const char* argument, const char* of) {
  auto* const items =
      PyUnicode_Check(value.ptr()) || PyBytes_Check(value.ptr()) ? nullptr : PyObject_GetIter(value.ptr());
  if (items != nullptr) return py::reinterpret_steal<py::iterator>(items);
  PyErr_Clear();
  throw py::type_error(std::string{argument} + " must be a list of " + of + ", not " +
                       Py_TYPE(value.ptr())->tp_name);
}

void refuse_other_arguments(py::handle type) {
  const auto shown = type.attr("__name__").cast<std::string>();
  const auto members = py::reinterpret_steal<py::dict>(PyDict_Copy(py::dict(type.attr("__dict__")).ptr()));
  for (const auto& [key, value] : members) {
    const auto name = key.cast<std::string>();
    if (!PyInstanceMethod_Check(value.ptr()) || (name.starts_with("__") && name != "__init__")) continue;
    const py::object method = type.attr(name.c_str());
    const py::object known = py::getattr(method, "__text_signature__", py::none());
    auto signature = known.is_none() ? "(...)" : known.cast<std::string>();
    if (signature.starts_with("(self, ")) signature.erase(1, 6);
    if (signature == "(self)") signature = "()";
    const auto refuse = [signature](const std::string& called) {
      throw py::type_error("these are not the arguments of " + called + signature);
    };
    if (name == "__init__") {
      py::setattr(type, name.c_str(),
                  py::cpp_function([refuse, shown](py::detail::value_and_holder&, const py::args&,
                                                   const py::kwargs&) { refuse(shown); },
                                   py::name(name.c_str()), py::is_method(type), py::sibling(method),
                                   py::detail::is_new_style_constructor{}));
    } else {
      py::setattr(type, name.c_str(),
                  py::cpp_function(
                      [refuse, name](py::handle self, const py::args&, const py::kwargs&) {
                        refuse(py::type::of(self).attr("__name__").cast<std::string>() + '.' + name);
                      },
                      py::name(name.c_str()), py::is_method(type), py::sibling(method)));
    }
  }
}

bool flag_of(py::handle value, const char* argument) {
  if (!PyBool_Check(value.ptr()))
    throw py::type_error(std::string{argument} + " must be True or False, not " +
                         Py_TYPE(value.ptr())->tp_name);
  return value.ptr() == Py_True;
}

void require_int(py::handle value, const std::string& argument) {
  if (!PyLong_Check(value.ptr()) || PyBool_Check(value.ptr()))
    throw py::type_error(argument + " must be an int, not " + Py_TYPE(value.ptr())->tp_name);
}

namespace {

bool is_ascii(std::string_view bytes) noexcept {
  constexpr std::uint64_t high = 0x8080808080808080u;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    if ((word & high) != 0) return false;
  }
  for (; at < bytes.size(); ++at)
    if ((bytes[at] & 0x80) != 0) return false;
  return true;
}

}  // namespace

py::object shown_text(std::string_view bytes) {
  const auto size = static_cast<Py_ssize_t>(bytes.size());
  if (is_ascii(bytes)) {
    auto* const ascii = PyUnicode_New(size, 127);
    if (ascii == nullptr) throw py::error_already_set();
    std::memcpy(PyUnicode_1BYTE_DATA(ascii), bytes.data(), bytes.size());
    return py::reinterpret_steal<py::object>(ascii);
  }
  auto* text = PyUnicode_DecodeUTF8(bytes.data(), size, "strict");
  if (text == nullptr) {
    PyErr_Clear();
    std::string valid;
    valid.reserve(bytes.size() * 2);
    netcon::append_utf8(valid, bytes);
    text = PyUnicode_DecodeUTF8(valid.data(), static_cast<Py_ssize_t>(valid.size()), "strict");
    if (text == nullptr) throw py::error_already_set();
  }
  return py::reinterpret_steal<py::object>(text);
}

py::object name_text(std::string_view bytes) {
  auto* const text =
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "surrogateescape");
  if (text == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(text);
}

py::object from_package(const char* module, const char* name) {
  return py::module_::import(module).attr(name);
}

void set_parse_error(const netcon::error& problem, py::handle text) {
  try {
    static constinit kept_attribute type{"netcon._errors", "ParseError"};
    const auto name = netcon::name(problem.code), message = netcon::message(problem.code),
               hint = netcon::hint(problem.code);
    const auto made = type.get().attr("at_bytes")(
        py::str(name.data(), name.size()), py::str(message.data(), message.size()),
        py::str(hint.data(), hint.size()), text, problem.where.begin, problem.where.end);
    PyErr_SetObject(type.get().ptr(), made.ptr());
  } catch (py::error_already_set& failure) {
    failure.restore();
  }
}

void throw_parse_error(const netcon::error& problem, py::handle text) {
  set_parse_error(problem, text);
  throw py::error_already_set();
}

void throw_encode_error(netcon::text_errc code) {
  static constinit kept_attribute type{"netcon._errors", "EncodeError"};
  const auto name = netcon::name(code), message = netcon::message(code), hint = netcon::hint(code);
  const auto made = type.get()(py::str(name.data(), name.size()), py::str(message.data(), message.size()),
                               py::str(hint.data(), hint.size()));
  PyErr_SetObject(type.get().ptr(), made.ptr());
  throw py::error_already_set();
}

void throw_os_error(int number, const std::string& file) {
  errno = number;
  if (file.empty()) {
    PyErr_SetFromErrno(PyExc_OSError);
  } else {
    PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name_text(file).ptr());
  }
  throw py::error_already_set();
}

namespace {

/// (6, 12) or (6, 12, 117).
netcon::kernel_version version_of(const py::tuple& numbers) {
  if (numbers.size() != 2 && numbers.size() != 3)
    throw py::value_error("a kernel version has two or three numbers, as (6, 12) or (6, 12, 117)");
  std::uint16_t parts[3] = {};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const py::object number = numbers[i];
    if (!PyLong_Check(number.ptr()) || PyBool_Check(number.ptr()))
      throw py::type_error(std::string{"a kernel version has ints, not "} + Py_TYPE(number.ptr())->tp_name);
    int overflow = 0;
    const long value = PyLong_AsLongAndOverflow(number.ptr(), &overflow);
    if (overflow != 0 || value < 0 || value > 0xffff)
      throw py::value_error("the numbers of a kernel version are from 0 to 65535");
    parts[i] = static_cast<std::uint16_t>(value);
  }
  return {parts[0], parts[1], parts[2]};
}

}  // namespace

netcon::kernel_profile profile_of(py::handle value) {
  if (value.is_none()) return netcon::kernel_profile::latest();
  if (py::isinstance<netcon::kernel_profile>(value)) return value.cast<netcon::kernel_profile>();
  if (PyTuple_Check(value.ptr())) return netcon::kernel_profile(version_of(value.cast<py::tuple>()));
  if (!PyUnicode_Check(value.ptr()))
    throw py::type_error(std::string{"kernel must be a version such as '6.12.117' or (6, 12), 'running', "
                                     "'newest', a KernelProfile or None, not "} +
                         Py_TYPE(value.ptr())->tp_name);
  const auto text = as_bytes(value, "kernel");
  if (view_of(text) == "newest") return netcon::kernel_profile::latest();
  if (view_of(text) == "running") {
    const auto running = netcon::running_kernel();
    if (!running) throw py::value_error("the version of the running kernel: " + running.error().message());
    return *running;
  }
  const auto version = netcon::kernel_version::parse(view_of(text));
  if (!version) throw_parse_error(version.error(), value);
  return netcon::kernel_profile(*version);
}

namespace {

std::uint32_t scope_of(std::string_view text) {
  std::uint32_t scope = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), scope);
  if (code != std::errc{} || end != text.data() + text.size())
    throw py::value_error("the scope of a link-local host must be an interface index, as in 'fe80::1%2'");
  return scope;
}

/// A part of a pair of host and port.
template <class Number>
Number number_of(py::handle value, const std::string& what) {
  require_int(value, what);
  constexpr auto most = std::numeric_limits<Number>::max();
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow != 0 || number < 0 || number > most)
    throw py::value_error(what + " must be from 0 to " + std::to_string(most));
  return static_cast<Number>(number);
}

}  // namespace

netcon::endpoint endpoint_of(py::handle value, const char* argument) {
  const auto wrong = [&] {
    return py::type_error(std::string{argument} + " must be a pair of host and port, not " +
                          Py_TYPE(value.ptr())->tp_name);
  };
  if (!PyTuple_Check(value.ptr()) && !PyList_Check(value.ptr())) throw wrong();
  const auto row = py::reinterpret_steal<py::tuple>(PySequence_Tuple(value.ptr()));
  if (!row) throw py::error_already_set();
  if (row.size() < 2 || row.size() > 4) throw wrong();
  const auto host = py::str(py::handle(PyTuple_GET_ITEM(row.ptr(), 0)));
  Py_ssize_t size = 0;
  const char* const data = PyUnicode_AsUTF8AndSize(host.ptr(), &size);
  if (data == nullptr) throw py::error_already_set();
  std::string_view text{data, static_cast<std::size_t>(size)};
  netcon::endpoint end;
  if (const auto percent = text.find('%'); percent != text.npos) {
    end.scope = scope_of(text.substr(percent + 1));
    text = text.substr(0, percent);
  } else if (row.size() == 4) {
    end.scope =
        number_of<std::uint32_t>(PyTuple_GET_ITEM(row.ptr(), 3), std::string{"the scope of "} + argument);
  }
  const auto address = netcon::ip_address::parse(text);
  if (!address) throw_parse_error(address.error(), host);
  end.address = address->unmapped();
  if (!end.address.is_link_local() || end.address.is_v4()) end.scope = 0;
  end.port = netcon::port{
      number_of<std::uint16_t>(PyTuple_GET_ITEM(row.ptr(), 1), std::string{"the port of "} + argument)};
  return end;
}

py::object to_python(const netcon::endpoint& end) {
  static constinit kept_attribute type{"netcon._values", "Endpoint"};
  auto host = to_string(end.address);
  if (end.scope != 0) host += '%' + std::to_string(end.scope);
  return type.get()(py::str(host), end.port.value());
}

py::object level_object(unsigned level) {
  static constinit PyObject* members = nullptr;
  if (members == nullptr) {
    const auto type = from_package("netcon._values", "Level");
    py::tuple row(8);
    for (int i = 0; i < 8; ++i) row[static_cast<std::size_t>(i)] = type(i);
    if (members == nullptr) members = row.release().ptr();
  }
  return py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(members, static_cast<Py_ssize_t>(level & 7)));
}

py::object range_object(std::size_t begin, std::size_t end) {
  static constinit kept_attribute type{"netcon._errors", "TextRange"};
  return type.get()(begin, end);
}

namespace {

std::chrono::nanoseconds nanoseconds_of(py::handle seconds, const char* argument, const char* wanted) {
  const double value = PyFloat_AsDouble(seconds.ptr());
  if (value == -1.0 && PyErr_Occurred() != nullptr) {
    const bool is_too_large = PyErr_ExceptionMatches(PyExc_OverflowError) != 0;  // of an int
    PyErr_Clear();
    if (is_too_large) throw py::value_error(std::string{argument} + " is out of range");
    throw py::type_error(std::string{argument} + wanted + Py_TYPE(seconds.ptr())->tp_name);
  }
  // About 146 years either way: sums of two stay inside 64 bits of nanoseconds.
  if (!(std::abs(value) <= 4.6e9)) throw py::value_error(std::string{argument} + " is out of range");
  return std::chrono::nanoseconds{static_cast<std::int64_t>(value * 1e9)};
}

}  // namespace

std::chrono::nanoseconds duration_of(py::handle value, const char* argument) {
  static constinit kept_attribute timedelta{"datetime", "timedelta"};
  constexpr const char* wanted = " must be seconds as a number, or a timedelta, not ";
  if (py::isinstance(value, timedelta.get()))
    return nanoseconds_of(value.attr("total_seconds")(), argument, wanted);
  return nanoseconds_of(value, argument, wanted);
}

netcon::time_point time_of(py::handle seconds, const char* argument) {
  return netcon::time_point{std::chrono::duration_cast<netcon::time_point::duration>(
      nanoseconds_of(seconds, argument, " must be seconds as a number, not "))};
}

}  // namespace binding
