// SPDX-License-Identifier: MIT
// The files of a directory, to read one after the other.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace tool {

struct tree_visitor {
  /// For each entry; true: it is a directory to look into.
  std::function<bool(const std::filesystem::directory_entry&)> enters;
  /// For each directory that cannot be read to its end.
  std::function<void(const std::filesystem::path&, std::error_code)> fails;
};

/// Visits all that is in a directory, and in those below it that the visitor enters.
void visit_tree(const std::string& directory, const tree_visitor& visitor);

struct file_tree {
  std::vector<std::string> files;  // in the order of their paths
  std::size_t unreadable = 0;      // directories
};

/// The regular files below a directory. Links are not followed, the directories of version control (.git,
/// .hg, .svn) are left out. The error is one line, about the directory itself.
std::expected<file_tree, std::string> files_below(const std::string& directory);

}  // namespace tool
