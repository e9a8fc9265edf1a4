// SPDX-License-Identifier: MIT
#include "text_column.hpp"

#include <netcon/wire/escape.hpp>

#include <array>
#include <memory>

namespace binding {

void text_column::set(std::size_t row, std::string_view packet, std::string_view text, bool is_escaped) {
  // A column that is missing altogether takes no memory.
  if (places_.capacity() == 0) places_.reserve(size());
  if (places_.size() < row) places_.resize(row);
  places_.push_back({static_cast<std::uint32_t>(text.data() - packet.data()),
                     static_cast<std::uint32_t>(text.size()) & missing, is_escaped});
}

py::object text_column::object_of(std::string_view bytes, place where) const {
  if (!as_text_) return py::bytes(bytes.data(), bytes.size());
  if (where.is_escaped != 0 && bytes.find('\\') != bytes.npos) return shown_text(netcon::unescape(bytes));
  return shown_text(bytes);
}

py::object text_column::at(std::size_t row) const {
  const auto where = row < places_.size() ? places_[row] : place{};
  if (where.size == missing) return py::none();
  const char* const packet = PyBytes_AS_STRING(PyList_GET_ITEM(packets_.ptr(), static_cast<Py_ssize_t>(row)));
  return object_of({packet + where.begin, where.size}, where);
}

py::list text_column::all() const {
  auto list = py::reinterpret_steal<py::list>(PyList_New(static_cast<Py_ssize_t>(size())));
  if (!list) throw py::error_already_set();
  struct known {
    std::string_view bytes;
    py::object object;
  };
  std::array<known, 256> seen;
  for (std::size_t row = 0; row < size(); ++row) {
    constexpr std::size_t short_text = 32;
    const auto where = row < places_.size() ? places_[row] : place{};
    py::object value;
    if (where.size == 0 || where.size > short_text) {
      value = at(row);
    } else {
      const char* const packet =
          PyBytes_AS_STRING(PyList_GET_ITEM(packets_.ptr(), static_cast<Py_ssize_t>(row)));
      const std::string_view bytes{packet + where.begin, where.size};
      auto& slot = seen[(static_cast<unsigned char>(bytes.front()) * 31u +
                         static_cast<unsigned char>(bytes.back()) + bytes.size() * 17u + where.is_escaped) %
                        seen.size()];
      if (!slot.object || slot.bytes != bytes) slot = {bytes, object_of(bytes, where)};
      value = slot.object;
    }
    PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(row), value.release().ptr());
  }
  return list;
}

namespace {

struct column_object {
  PyObject ob_base;
  text_column column;
};

PyTypeObject* column_type = nullptr;

const text_column& column_of(PyObject* self) {
  return reinterpret_cast<column_object*>(self)->column;
}

Py_ssize_t column_length(PyObject* self) {
  return static_cast<Py_ssize_t>(column_of(self).size());
}

PyObject* column_item(PyObject* self, Py_ssize_t at) {
  if (at < 0 || at >= column_length(self)) {
    PyErr_SetString(PyExc_IndexError, "there is no such row");
    return nullptr;
  }
  return guarded([&] { return column_of(self).at(static_cast<std::size_t>(at)).release().ptr(); });
}

PyObject* column_list(PyObject* self, PyObject*) {
  return guarded([&] { return column_of(self).all().release().ptr(); });
}

void column_dealloc(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  std::destroy_at(&reinterpret_cast<column_object*>(self)->column);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef column_methods[] = {{"tolist", column_list, METH_NOARGS, nullptr},
                                {nullptr, nullptr, 0, nullptr}};

PyType_Slot column_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(column_dealloc)},
    {Py_sq_length, reinterpret_cast<void*>(column_length)},
    {Py_sq_item, reinterpret_cast<void*>(column_item)},
    {Py_tp_iter, reinterpret_cast<void*>(PySeqIter_New)},
    {Py_tp_methods, column_methods},
    {0, nullptr},
};

PyType_Spec column_spec = {"netcon._core.TextRows", sizeof(column_object), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                           column_slots};

}  // namespace

py::object to_python(text_column&& column) {
  PyObject* const made = column_type->tp_alloc(column_type, 0);
  if (made == nullptr) throw py::error_already_set();
  std::construct_at(&reinterpret_cast<column_object*>(made)->column, std::move(column));
  return py::reinterpret_steal<py::object>(made);
}

void bind_text_column(py::module_& m) {
  column_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&column_spec));
  if (column_type == nullptr) throw py::error_already_set();
  m.attr("TextRows") = py::handle(reinterpret_cast<PyObject*>(column_type));
}

}  // namespace binding
