// SPDX-License-Identifier: MIT
// netcon.KernelProfile: a version and what its netconsole does.
#include "core.hpp"

#include <netcon/core/kernel.hpp>

#include <pybind11/operators.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace binding {
namespace {

using netcon::feature;
using netcon::kernel_profile;

std::vector<std::pair<std::string_view, feature>> all_features() {
  std::vector<std::pair<std::string_view, feature>> all;
  all.reserve(std::size(netcon::feature_table) + std::size(netcon::build_option_table));
  for (const auto& row : netcon::feature_table) all.emplace_back(row.name, row.what);
  for (const auto& row : netcon::build_option_table) all.emplace_back(row.name, row.what);
  return all;
}

feature feature_of(const std::string& name) {
  if (const auto what = netcon::find_feature(name)) return *what;
  throw py::value_error("no feature is called '" + name + "'; KernelProfile.FEATURES lists them");
}

std::vector<std::string> names_of(py::handle value, const char* argument) {
  std::vector<std::string> names;
  for (auto items = items_of(value, argument, "feature names"); items != py::iterator::sentinel(); ++items) {
    const auto item = *items;
    if (!PyUnicode_Check(item.ptr())) throw py::type_error(std::string{argument} + " must hold str");
    names.push_back(item.cast<std::string>());
  }
  return names;
}

kernel_profile make(py::handle version, py::handle having, py::handle without) {
  kernel_profile p = profile_of(version);
  const auto wanted = names_of(having, "having");
  for (const auto& name : wanted) p = p.with(feature_of(name));
  for (const auto& name : names_of(without, "without")) {
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end())
      throw py::value_error("having and without both hold '" + name + "'");
    p = p.without(feature_of(name));
  }
  return p;
}

struct differences {
  py::list having, without;
};

differences against_version(const kernel_profile& p) {
  const auto plain = kernel_profile(p.version());
  differences out;
  for (const auto& [name, what] : all_features()) {
    if (p.supports(what) && !plain.supports(what)) out.having.append(py::str(name.data(), name.size()));
    if (!p.supports(what) && plain.supports(what)) out.without.append(py::str(name.data(), name.size()));
  }
  return out;
}

py::str repr(const kernel_profile& p) {
  std::string text = "KernelProfile('" + to_string(p.version()) + "'";
  const auto changed = against_version(p);
  if (!changed.having.empty()) text += ", having=" + py::repr(changed.having).cast<std::string>();
  if (!changed.without.empty()) text += ", without=" + py::repr(changed.without).cast<std::string>();
  return py::str(text + ")");
}

}  // namespace

void bind_kernel(py::module_& m) {
  py::options options;
  options.disable_function_signatures();  // the docstrings begin with them, where inspect looks
  py::class_<kernel_profile> kernel(m, "KernelProfile",
                                    doc(R"(A kernel: its version, and what its netconsole does.

Takes a version as uname -r prints it or as a tuple of numbers, "running" for this machine's, or "newest". Features that the
distribution or the build changed are given by name: having=[...] and without=[...]. Every kernel= argument takes what this
constructor takes.

>>> import netcon
>>> netcon.KernelProfile("6.12.117+deb12-amd64")
KernelProfile('6.12.117')
>>> netcon.KernelProfile((6, 1), without=["ipv6"]).supports("ipv6")
False
)"));
  kernel
      .def(py::init(&make), py::arg("version") = py::none(), py::kw_only(), py::arg("having") = py::tuple(),
           py::arg("without") = py::tuple(),
           doc("__init__(self, version=None, *, having=(), without=())\n--\n\n"))
      .def_property_readonly(
          "version",
          +[](const kernel_profile& p) {
            return py::make_tuple(p.version().version, p.version().patchlevel, p.version().sublevel);
          },
          doc("Three numbers: (6, 12, 117)."))
      .def(
          "supports",
          +[](const kernel_profile& p, py::handle name) {
            if (!PyUnicode_Check(name.ptr()))
              throw py::type_error(std::string{"feature must be str, not "} + Py_TYPE(name.ptr())->tp_name);
            return p.supports(feature_of(std::string{view_of(as_bytes(name, "feature"))}));
          },
          py::arg("feature"),
          doc("supports(self, feature)\n--\n\n"
              "Whether this kernel has the feature of that name."))
      .def_property_readonly(
          "features",
          +[](const kernel_profile& p) {
            py::set names;
            for (const auto& [name, what] : all_features())
              if (p.supports(what)) names.add(py::str(name.data(), name.size()));
            return py::frozenset(names);
          },
          doc("The names of its features."))
      .def(
          "__eq__",
          +[](const kernel_profile& a, py::handle b) -> py::object {
            if (!py::isinstance<kernel_profile>(b))
              return py::reinterpret_borrow<py::object>(Py_NotImplemented);
            return py::bool_(a == b.cast<const kernel_profile&>());
          })
      .def(
          "__hash__", +[](const kernel_profile& p) { return py::hash(repr(p)); })
      .def("__repr__", &repr)
      .def(
          "__str__", +[](const kernel_profile& p) { return to_string(p.version()); })
      .def(
          "__reduce__", +[](const py::object& self) {
            const auto& p = self.cast<const kernel_profile&>();
            const auto changed = against_version(p);
            return py::make_tuple(from_package("netcon._values", "make_kernel_profile"),
                                  py::make_tuple(to_string(p.version()), py::tuple(changed.having),
                                                 py::tuple(changed.without)));
          });
  py::list names;
  for (const auto& [name, what] : all_features()) names.append(py::str(name.data(), name.size()));
  kernel.attr("FEATURES") = py::tuple(names);
  kernel.attr("__match_args__") = py::make_tuple("version");
  refuse_other_arguments(kernel);
}

}  // namespace binding
