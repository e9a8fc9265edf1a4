// SPDX-License-Identifier: MIT
// A directory for one test, removed at its end, and files in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace test {

namespace fs = std::filesystem;

class temporary_directory {
 public:
  temporary_directory() {
    auto pattern = (fs::temp_directory_path() / "netcon-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~temporary_directory() { fs::remove_all(path_); }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline std::string contents(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

inline void put(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << text;
}

}  // namespace test
