// SPDX-License-Identifier: MIT
// netcon explain --log: lines of a kernel's log about netconsole, explained.
#pragma once

#include <string>

namespace tool {

/// Explains the lines of a file, or of standard input as "-". Returns the exit code.
int explain_log(const std::string& path, bool json);

}  // namespace tool
