// SPDX-License-Identifier: MIT
// Crash reports for Python.
#pragma once

#include "core.hpp"

namespace binding {

void bind_crash(py::module_& m);

}  // namespace binding
