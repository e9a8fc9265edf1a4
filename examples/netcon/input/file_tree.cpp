// SPDX-License-Identifier: MIT
#include "input/file_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tool {

std::expected<file_tree, std::string> files_below(const std::string& directory) {
  namespace fs = std::filesystem;
  file_tree tree;
  std::vector<fs::path> waiting{directory};
  while (!waiting.empty()) {
    const auto one = std::move(waiting.back());
    waiting.pop_back();
    std::error_code problem;
    fs::directory_iterator at{one, problem};
    for (; !problem && at != fs::directory_iterator{}; at.increment(problem)) {
      const auto name = at->path().filename();
      std::error_code vanished;
      const auto status = at->symlink_status(vanished);
      if (fs::is_directory(status) && name != ".git" && name != ".hg" && name != ".svn")
        waiting.push_back(at->path());
      else if (fs::is_regular_file(status))
        tree.files.push_back(at->path().string());
    }
    if (!problem) continue;
    if (one == directory) return std::unexpected{fmt::format("{}: {}", directory, problem.message())};
    ++tree.unreadable;
  }
  std::ranges::sort(tree.files);
  return tree;
}

}  // namespace tool
