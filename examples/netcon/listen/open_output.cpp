// SPDX-License-Identifier: MIT
#include "listen/open_output.hpp"

#include "output/directory_destination.hpp"
#include "output/file_destination.hpp"
#include "output/journal_destination.hpp"
#include "output/output.hpp"
#include "output/stream_destination.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace tool {
namespace {

/// Half of the files that this process may have open, for the files of all directories; the rest is for
/// sockets, other outputs and whoever reads metrics.
std::size_t most_open_files(std::size_t directories) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return directory_settings{}.most_open;
  return std::clamp<std::size_t>(limit.rlim_cur / 2 / std::max<std::size_t>(directories, 1), 1,
                                 directory_settings{}.most_open);
}

std::expected<std::unique_ptr<destination>, std::string> open_directory(const output_spec& spec,
                                                                        const log_names::settings& names,
                                                                        std::size_t directories) {
  if (const auto problem = check_directory(spec.path))
    return std::unexpected{fmt::format("--to {}: {}", spec.place, problem.message())};
  auto out = std::make_unique<directory_destination>(
      directory_settings{.directory = spec.path,
                         .when = spec.when,
                         .limits = spec.limits,
                         .names = names,
                         .most_open = most_open_files(directories),
                         .sync = spec.sync,
                         .format = spec.format.value_or(output_format::full)});
  if (const auto locked = out->lock(); !locked) return std::unexpected{"--to dir:" + locked.error()};
  return out;
}

std::expected<std::unique_ptr<destination>, std::string> open_file(const output_spec& spec) {
  // A FIFO may get its reader later; all else that is wrong with a path is a mistake.
  log_file probe{spec.path, log_file::kind::any};
  if (const auto problem = probe.open(); problem && problem != std::errc::no_such_device_or_address)
    return std::unexpected{fmt::format("--to {}: {}", spec.place, problem.message())};
  return std::make_unique<file_destination>(spec.path, spec.when, spec.sync);
}

}  // namespace

std::error_code check_directory(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode))
    return std::make_error_code(std::errc::not_a_directory);
  return ::access(path.c_str(), W_OK | X_OK) == 0 ? std::error_code{}
                                                  : std::error_code{errno, std::generic_category()};
}

std::expected<void, std::string> create_directory(const output_spec& spec, const std::string& user) {
  if (spec.what != output_spec::kind::directory || ::access(spec.path.c_str(), F_OK) == 0) return {};
  constexpr mode_t of_logs = 0750;
  if (!make_directories(spec.path, of_logs) && errno != EEXIST)
    return std::unexpected{
        fmt::format("--to {}: cannot create the directory: {}", spec.place, std::strerror(errno))};
  const passwd* const owner = user.empty() ? nullptr : ::getpwnam(user.c_str());
  if (owner != nullptr && ::chown(spec.path.c_str(), owner->pw_uid, owner->pw_gid) != 0)
    return std::unexpected{
        fmt::format("--to {}: cannot give the directory to {}: {}", spec.place, user, std::strerror(errno))};
  return {};
}

std::expected<std::unique_ptr<destination>, std::string> open_output(const output_spec& spec,
                                                                     const log_names::settings& names,
                                                                     std::size_t directories) {
  switch (spec.what) {
    case output_spec::kind::standard_output:
      break;
    case output_spec::kind::file:
      return open_file(spec);
    case output_spec::kind::directory:
      return open_directory(spec, names, directories);
    case output_spec::kind::journal:
      return std::make_unique<journal_destination>(spec.path);
    case output_spec::kind::syslog:
      return std::make_unique<syslog_destination>(*spec.server);
  }
  return std::make_unique<stream_destination>(STDOUT_FILENO);
}

}  // namespace tool
