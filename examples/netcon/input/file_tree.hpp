// SPDX-License-Identifier: MIT
// The files of a directory, to read one after the other.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace tool {

struct file_tree {
  std::vector<std::string> files;  // in the order of their paths
  std::size_t unreadable = 0;      // directories
};

/// The regular files below a directory. Links are not followed, the directories of version control (.git,
/// .hg, .svn) are left out. The error is one line, about the directory itself.
std::expected<file_tree, std::string> files_below(const std::string& directory);

}  // namespace tool
