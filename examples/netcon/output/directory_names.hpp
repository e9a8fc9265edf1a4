// SPDX-License-Identifier: MIT
// The names in a directory.
#pragma once

#include <dirent.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tool {

/// What a directory holds, name by name and without "." and ".."; of one that cannot be read, nothing. A
/// listener reads with this where it must go on without memory: std::filesystem's iterator ends the program.
class directory_names {
 public:
  explicit directory_names(const std::string& path) : directory_{::opendir(path.c_str())} {}

  /// Valid until the next call; none at the end.
  std::optional<std::string_view> next() {
    while (const auto* const entry = directory_ ? ::readdir(directory_.get()) : nullptr)
      if (const std::string_view name = entry->d_name; name != "." && name != "..") return name;
    return std::nullopt;
  }

 private:
  struct closer {
    void operator()(DIR* directory) const { ::closedir(directory); }
  };

  std::unique_ptr<DIR, closer> directory_;
};

}  // namespace tool
