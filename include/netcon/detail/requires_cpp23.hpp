// SPDX-License-Identifier: MIT
// One line for a compiler that is asked for an older C++. Every header without an include of netcon's begins
// with it.
#pragma once

#if __cplusplus <= 202002L && !(defined(_MSVC_LANG) && _MSVC_LANG > 202002L)
#error netcon needs C++23: compile with -std=c++23
// A missing file ends the compilation: no other error of the headers follows.
#include <netcon needs C++23: compile with -std=c++23>
#endif
