// SPDX-License-Identifier: MIT
#include "input/file_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace tool {

std::expected<std::vector<std::string>, std::string> files_below(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code problem;
  const auto failed = [&] { return std::unexpected{fmt::format("{}: {}", directory, problem.message())}; };
  std::vector<std::string> files;
  fs::recursive_directory_iterator at{directory, fs::directory_options::skip_permission_denied, problem};
  if (problem) return failed();
  for (; at != fs::recursive_directory_iterator{}; at.increment(problem)) {
    if (problem) return failed();
    const auto name = at->path().filename();
    const auto status = at->symlink_status(problem);
    if (fs::is_directory(status) && (name == ".git" || name == ".hg" || name == ".svn"))
      at.disable_recursion_pending();
    else if (fs::is_regular_file(status))
      files.push_back(at->path().string());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace tool
