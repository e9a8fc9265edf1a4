// SPDX-License-Identifier: MIT
#include "listen/check_places.hpp"

#include "listen/listen_sockets.hpp"
#include "listen/privileges.hpp"
#include "metrics/metrics_exporter.hpp"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

namespace tool {
namespace {

namespace fs = std::filesystem;
using kind = output_spec::kind;

fs::path whole_path(const fs::path& path) {
  std::error_code none;
  auto out = fs::absolute(path, none).lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

/// Why there is no such directory; nothing where only its owner can tell.
std::error_code find_directory(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return errno == EACCES ? std::error_code{} : std::error_code{errno, std::generic_category()};
  return S_ISDIR(status.st_mode) ? std::error_code{} : std::make_error_code(std::errc::not_a_directory);
}

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path{"."};
}

class places {
 public:
  explicit places(const std::vector<output_spec>& outputs) {
    for (const auto& one : outputs)
      if (one.what == kind::directory) created_.push_back(whole_path(one.path));
  }

  /// As above, of one that is there before anything is written.
  std::error_code find(const fs::path& path) const {
    const auto problem = find_directory(path);
    const auto inside = whole_path(path) / "";
    const auto leads_to = [&](const fs::path& one) {
      return (one / "").string().starts_with(inside.string());
    };
    const bool is_created =
        problem == std::errc::no_such_file_or_directory && std::ranges::any_of(created_, leads_to);
    return is_created ? std::error_code{} : problem;
  }

 private:
  std::vector<fs::path> created_;  // the directories of outputs
};

/// What keeps an output from being opened; empty for nothing.
std::string find_problem(const output_spec& output, const places& all) {
  struct stat status{};
  const bool is_there = ::stat(output.path.c_str(), &status) == 0;
  std::error_code problem;
  if (output.what == kind::file) {
    problem = is_there && S_ISDIR(status.st_mode) ? std::make_error_code(std::errc::is_a_directory)
                                                  : all.find(parent_of(output.path));
  } else if (output.what == kind::directory) {
    problem = find_directory(output.path);
    // It is created with all that lead to it.
    for (auto path = whole_path(output.path);
         problem == std::errc::no_such_file_or_directory && path.has_relative_path();) {
      path = path.parent_path();
      problem = find_directory(path);
    }
    if (problem && !is_there) return "cannot create the directory: " + problem.message();
  }
  return problem ? problem.message() : std::string{};
}

}  // namespace

std::expected<void, std::string> check_places(const listen_plan& plan) {
  const auto& options = plan.options;
  const auto fail = [](const char* option, std::string_view value, const std::string& problem) {
    return std::unexpected{fmt::format("{} {}: {}", option, value, problem)};
  };
  if (!options.user.empty())
    if (auto found = find_user(options.user); !found) return std::unexpected{std::move(found.error())};
  // A sandbox may have no socket to ask with.
  if (!options.interface.empty() && ::if_nametoindex(options.interface.c_str()) == 0 && errno == ENODEV)
    return std::unexpected{no_interface(options.interface)};
  const places all{plan.outputs};
  for (const auto& one : plan.outputs)
    if (const auto problem = find_problem(one, all); !problem.empty())
      return fail("--to", one.place, problem);
  if (const auto& path = options.crashes.directory; !path.empty())
    if (const auto problem = all.find(path)) return fail("--crash-dir", path, problem.message());
  if (auto good = metrics_exporter::check(options.metrics); !good) return good;
  for (const auto& one : options.metrics)
    if (metrics_exporter::is_file(one))
      if (const auto problem = all.find(parent_of(one))) return fail("--metrics", one, problem.message());
  return {};
}

}  // namespace tool
