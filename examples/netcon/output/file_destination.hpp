// A directory with one file per sender, rotated by size and age.
#pragma once

#include "output/output_writer.hpp"

#include <netcon/os/descriptor.hpp>

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tool {

/// Any text as a file name: letters, digits and "-_.:@" stay, all else becomes %XX, and so does a leading
/// dot. Different texts give different names. Empty when the text is, or when the name would be too long.
std::string safe_file_name(std::string_view text);

struct rotation {
  std::uint64_t bytes = 0;           // of one file; 0: any size
  std::chrono::milliseconds age{0};  // of one file; 0: any age
  unsigned keep = 5;                 // NAME.log.1 to NAME.log.keep
};

/// Writes to DIRECTORY/NAME.log. Creates a file that was removed or moved away again, with its directory.
class file_destination : public destination {
 public:
  /// most_files: of different names; those beyond share one file.
  file_destination(std::string directory, const rotation& when, std::size_t most_files = 10000)
      : directory_{std::move(directory)}, when_{when}, most_files_{most_files} {}

  std::error_code write(std::string_view name, std::string_view text) override;
  void reopen() override;

 private:
  using clock = std::chrono::steady_clock;  // setting the wall clock must not age files

  struct file {
    std::string path;
    netcon::descriptor fd;
    std::uint64_t size = 0;
    clock::time_point since;
  };

  std::error_code open(file&);
  void rotate(file&);

  std::string directory_;
  rotation when_;
  std::size_t most_files_;
  std::unordered_map<std::string, bool> names_;
  std::list<std::pair<std::string, file>> open_;  // the most recently written first
  std::unordered_map<std::string, std::list<std::pair<std::string, file>>::iterator> by_name_;
};

}  // namespace tool
