// SPDX-License-Identifier: MIT
#include "output/file_destination.hpp"

#include "output/output.hpp"

#include <filesystem>

namespace tool {

destination::result file_destination::write(const std::string&, std::string_view text) {
  const auto refused = [](const std::error_code& problem, std::size_t taken = 0) {
    // Another reader of the FIFO may come; a broken pipe would end the output.
    const bool is_gone = problem == std::errc::broken_pipe;
    return result{taken, {is_gone ? std::make_error_code(std::errc::not_connected) : problem, {}}};
  };
  if (abandoned()) return refused(std::make_error_code(std::errc::timed_out));
  if (const auto problem = file_.open()) return refused(problem);
  if (file_.is_due(when_, text.size(), when_.bytes == 0 ? ~std::uint64_t{0} : when_.bytes)) {
    if (sync_) sync();
    if (const auto rotated = file_.rotate(when_.keep); !rotated) {
      ++counters_.rotation_errors;
      counters_.problem = rotated.error();
    }
    if (const auto problem = file_.open()) return refused(problem);
  }
  std::size_t taken = 0;
  if (const auto problem = file_.write(text, abandoned(), progress(), taken)) return refused(problem, taken);
  return {taken, {}};
}

void file_destination::reopen() {
  if (sync_) sync();
  file_.close();
}

std::chrono::milliseconds file_destination::rest() {
  return sync_.rest(!file_.unsynced(), [this] { sync(); });
}

void file_destination::sync() {
  auto problem = file_.sync();
  // The name of a link may be in another directory than the file.
  if (!problem && file_.take_new_name()) {
    const auto directory = std::filesystem::canonical(file_.path(), problem).parent_path();
    if (!problem) problem = sync_directory(directory);
  }
  if (problem) {
    ++counters_.rotation_errors;
    counters_.problem = {problem, file_.path()};
  }
}

}  // namespace tool
