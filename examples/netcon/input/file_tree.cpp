// SPDX-License-Identifier: MIT
#include "input/file_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tool {

namespace fs = std::filesystem;

void visit_tree(const std::string& directory, const tree_visitor& visitor) {
  std::vector<fs::path> waiting{directory};
  while (!waiting.empty()) {
    const auto one = std::move(waiting.back());
    waiting.pop_back();
    std::error_code problem;
    fs::directory_iterator at{one, problem};
    for (; !problem && at != fs::directory_iterator{}; at.increment(problem))
      if (visitor.enters(*at)) waiting.push_back(at->path());
    if (problem) visitor.fails(one, problem);
  }
}

std::expected<file_tree, std::string> files_below(const std::string& directory) {
  file_tree tree;
  std::error_code unreadable;  // the directory itself
  const auto enters = [&](const fs::directory_entry& entry) {
    const auto name = entry.path().filename();
    std::error_code vanished;
    const auto status = entry.symlink_status(vanished);
    if (fs::is_regular_file(status)) tree.files.push_back(entry.path().string());
    return fs::is_directory(status) && name != ".git" && name != ".hg" && name != ".svn";
  };
  visit_tree(directory, {enters, [&](const fs::path& one, std::error_code problem) {
                           if (one == directory)
                             unreadable = problem;
                           else
                             ++tree.unreadable;
                         }});
  if (unreadable) return std::unexpected{fmt::format("{}: {}", directory, unreadable.message())};
  std::ranges::sort(tree.files);
  return tree;
}

}  // namespace tool
