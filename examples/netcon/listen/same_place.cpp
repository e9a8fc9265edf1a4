// SPDX-License-Identifier: MIT
#include "listen/same_place.hpp"

#include <netcon/core/endpoint.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tool {
namespace {

namespace fs = std::filesystem;
using kind = output_spec::kind;

/// Follows all links, also one to a file that the output would create.
fs::path resolve(fs::path path) {
  constexpr int most_links = 40;
  std::error_code problem;
  for (int links = 0; links < most_links; ++links) {
    auto to = fs::read_symlink(path, problem);
    if (problem) break;
    path = to.is_absolute() ? std::move(to) : path.parent_path() / to;
  }
  // A relative path of which nothing exists yet stays relative otherwise.
  auto out = fs::weakly_canonical(fs::absolute(path, problem), problem);
  if (problem) out = fs::absolute(path, problem).lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

struct identity {
  fs::path path;                                // none for a server and standard output
  std::string server;                           // with its protocol
  std::optional<std::pair<dev_t, ino_t>> node;  // what is there now

  bool is_same(const identity& other) const {
    return (!path.empty() && path == other.path) || (!server.empty() && server == other.server) ||
           (node && node == other.node);
  }
};

identity identity_of(const output_spec& spec) {
  identity out;
  struct stat status{};
  int found = -1;
  if (spec.what == kind::standard_output) {
    out.server = "-";
    found = ::fstat(STDOUT_FILENO, &status);
  } else if (spec.server && spec.server->how != syslog_address::kind::unix_socket) {
    out.server = fmt::format("{} {}", static_cast<int>(spec.server->how), to_string(spec.server->to));
  } else {
    const auto& path = spec.server ? spec.server->path : spec.path;
    out.path = resolve(path);
    found = ::stat(path.c_str(), &status);  // what is behind a link may have no path, as a pipe has none
  }
  if (found == 0) out.node = {status.st_dev, status.st_ino};
  return out;
}

/// Whether the file is one that the directory would rotate, count and remove as its own.
bool is_in(const output_spec& file, const identity& of_file, const output_spec& directory,
           const identity& of_directory) {
  return file.what == kind::file && directory.what == kind::directory &&
         of_file.path.parent_path() == of_directory.path &&
         log_file_owner(of_file.path.filename().string()).has_value();
}

}  // namespace

std::optional<std::string> find_same_place(const std::vector<output_spec>& all,
                                           const std::vector<std::string>& texts) {
  std::vector<identity> known;
  for (std::size_t last = 0; last < all.size(); ++last) {
    known.push_back(identity_of(all[last]));
    for (std::size_t i = 0; i < last; ++i) {
      if (known[i].is_same(known[last]))
        return fmt::format("--to '{}': --to '{}' writes to the same place: leave one out", texts[last],
                           texts[i]);
      for (const auto& [file, directory] : {std::pair{i, last}, std::pair{last, i}})
        if (is_in(all[file], known[file], all[directory], known[directory]))
          return fmt::format("--to '{}': that is a file of --to '{}': write it to another directory",
                             texts[file], texts[directory]);
    }
  }
  return std::nullopt;
}

}  // namespace tool
