// SPDX-License-Identifier: MIT
#include "listen/same_place.hpp"

#include "metrics/metrics_exporter.hpp"
#include "options/address.hpp"

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
    out.server = fmt::format("{} {} {}", static_cast<int>(spec.server->how), spec.server->name,
                             to_string(spec.server->to));
  } else {
    const auto& path = spec.server ? spec.server->path : spec.path;
    out.path = resolve(path);
    found = ::stat(path.c_str(), &status);  // what is behind a link may have no path, as a pipe has none
  }
  if (found == 0) out.node = {status.st_dev, status.st_ino};
  return out;
}

identity identity_of_metrics(const std::string& place, server_names names) {
  if (metrics_exporter::is_file(place)) {
    output_spec file;
    file.what = kind::file;
    file.path = place;
    return identity_of(file);
  }
  identity out;
  out.server = "metrics " + place;
  if (names == server_names::as_written) return out;
  if (const auto address = parse_listen_address(place)) out.server = "metrics " + to_string(*address);
  return out;
}

struct named_place {
  std::string name;  // the option and its value
  kind what;
  identity where;

  /// Whether it is a file that the directory would rotate, count and remove as its own.
  bool is_in(const named_place& directory) const {
    return what == kind::file && directory.what == kind::directory &&
           where.path.parent_path() == directory.where.path &&
           log_file_owner(where.path.filename().string()).has_value();
  }
};

}  // namespace

std::optional<std::string> find_same_place(const std::vector<output_spec>& all,
                                           const std::vector<std::string>& texts,
                                           const std::vector<std::string>& metrics, server_names names) {
  std::vector<named_place> places;
  for (std::size_t i = 0; i < texts.size(); ++i)
    places.push_back({fmt::format("--to '{}'", texts[i]), all[i].what, identity_of(all[i])});
  for (const auto& one : metrics)
    places.push_back({fmt::format("--metrics '{}'", one), kind::file, identity_of_metrics(one, names)});
  for (auto last = places.begin(); last != places.end(); ++last)
    for (auto before = places.begin(); before != last; ++before) {
      if (before->where.is_same(last->where))
        return fmt::format("{}: {} writes to the same place: leave one out", last->name, before->name);
      for (const auto& [file, directory] : {std::pair{before, last}, std::pair{last, before}})
        if (file->is_in(*directory))
          return fmt::format("{}: that is a file of {}: write it to another directory", file->name,
                             directory->name);
    }
  return std::nullopt;
}

}  // namespace tool
