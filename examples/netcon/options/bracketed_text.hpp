// SPDX-License-Identifier: MIT
// Arguments in brackets, which the option parser would take apart: it reads "[a,b]" as a list of two.
#pragma once

#include <string>

namespace tool {

/// The argument with a NUL byte, which no argument holds, before its brackets: the parser leaves it whole.
inline std::string protect_brackets(std::string argument) {
  if (argument.starts_with('[') && argument.ends_with(']')) argument.insert(0, 1, '\0');
  return argument;
}

/// The argument as it was given.
inline std::string unprotected(std::string argument) {
  if (argument.starts_with('\0')) argument.erase(0, 1);
  return argument;
}

}  // namespace tool
