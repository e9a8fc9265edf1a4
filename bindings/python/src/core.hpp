// SPDX-License-Identifier: MIT
// What the parts of the extension share: arguments as bytes, errors as exceptions, kernels and addresses.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/receive/reassembler.hpp>

#include <pybind11/pybind11.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>

namespace binding {

namespace py = pybind11;

void bind_configfs(py::module_& m);
void bind_kernel(py::module_& m);
void bind_parameter(py::module_& m);
void bind_wire(py::module_& m);
void bind_probe(py::module_& m);
void bind_text_column(py::module_& m);
void bind_columns(py::module_& m);
void bind_capture(py::module_& m);
void bind_event(py::module_& m);
void bind_collector(py::module_& m);
void bind_route(py::module_& m);
void bind_udp(py::module_& m);

/// For functions that CPython calls: what fn returns, or null with the exception set.
template <class Fn>
// NOLINTNEXTLINE(bugprone-exception-escape): restore() throws when it is called twice.
PyObject* guarded(Fn&& fn) noexcept {
  try {
    return fn();
  } catch (py::error_already_set& raised) {
    raised.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const py::builtin_exception& raised) {
    raised.set_error();
  } catch (const std::exception& raised) {
    PyErr_SetString(PyExc_RuntimeError, raised.what());
  }
  return nullptr;
}

/// A docstring whose type has no length in it. pybind11 makes code for every list of types that it is given:
/// functions instead of lambdas (+[]) and docstrings of one type share it.
constexpr const char* doc(const char* text) noexcept {
  return text;
}

/// The bytes of a str (UTF-8, surrogateescape), of bytes or of any buffer; a bytes object is not copied.
/// TypeError names the argument.
py::bytes as_bytes(py::handle value, const char* argument);

/// Gives every method of a class a refusal in its own words: which arguments it takes. Of methods whose
/// arguments need no conversion.
void refuse_other_arguments(py::handle type);

/// Iterates over anything but str and bytes. TypeError names the argument, and what it must hold.
py::iterator items_of(py::handle value, const char* argument, const char* of);
bool flag_of(py::handle value, const char* argument);
/// TypeError names the argument, unless it is an int; a bool is none.
void require_int(py::handle value, const std::string& argument);

inline std::string_view view_of(const py::bytes& bytes) noexcept {
  return {PyBytes_AS_STRING(bytes.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

/// Text for people: UTF-8, what is not becomes \xNN.
py::object shown_text(std::string_view bytes);
/// Text that is a name: bytes that are not UTF-8 become surrogates, so that it can be given back.
py::object name_text(std::string_view bytes);

/// An attribute of the package, as "netcon._errors", "ParseError".
py::object from_package(const char* module, const char* name);

/// The same, found when it is first needed and kept for ever. Make it static constinit. A static of a
/// function that imports has a lock: an import lets other threads run, and one of them that waits for that
/// lock keeps the GIL, so that the import never ends.
class kept_attribute {
 public:
  constexpr kept_attribute(const char* module, const char* name) noexcept : module_{module}, name_{name} {}

  py::handle get() {
    if (object_ == nullptr) {
      auto found = from_package(module_, name_);
      if (object_ == nullptr) object_ = found.release().ptr();
    }
    return object_;
  }

 private:
  const char* module_;
  const char* name_;
  PyObject* object_ = nullptr;
};

/// netcon.ParseError for a place in the caller's own object; sets the exception only.
void set_parse_error(const netcon::error& problem, py::handle text);
[[noreturn]] void throw_parse_error(const netcon::error& problem, py::handle text);
/// netcon.EncodeError.
[[noreturn]] void throw_encode_error(netcon::text_errc code);
/// OSError with errno; the file name is left out when null.
[[noreturn]] void throw_os_error(int number, const std::string& file = {});

/// None (the newest), a version as str or as a tuple of numbers, or a KernelProfile.
netcon::kernel_profile profile_of(py::handle value);

/// (host, port), (host, port, flow, scope) or an Endpoint; the host as str or address object.
netcon::endpoint endpoint_of(py::handle value, const char* argument);
/// netcon.Endpoint.
py::object to_python(const netcon::endpoint& end);
/// netcon.Level.
py::object level_object(unsigned level);

/// netcon.TextRange.
py::object range_object(std::size_t begin, std::size_t end);

/// Seconds of a clock that never steps.
netcon::time_point time_of(py::handle seconds, const char* argument);
/// Seconds as a number, or a datetime.timedelta.
std::chrono::nanoseconds duration_of(py::handle value, const char* argument);

}  // namespace binding
