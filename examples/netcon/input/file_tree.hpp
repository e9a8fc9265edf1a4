// SPDX-License-Identifier: MIT
// The files of a directory, to read one after the other.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace tool {

/// The regular files below a directory in the order of their paths. Links are not followed, the directories
/// of version control (.git, .hg, .svn) are left out. The error is one line.
std::expected<std::vector<std::string>, std::string> files_below(const std::string& directory);

}  // namespace tool
