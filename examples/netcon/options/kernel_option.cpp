// SPDX-License-Identifier: MIT
#include "options/kernel_option.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/stable_level.hpp>
#include <netcon/os/running_kernel.hpp>

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <utility>

namespace tool {

void kernel_option::add_to(CLI::App& command) {
  command
      .add_option("--kernel", version,
                  "Assume this kernel: a version as uname -r prints it, running or newest")
      ->option_text("VERSION")
      ->capture_default_str();
  command.add_option("--with", with, "Enable a feature this version lacks, as in docs/kernels.md")
      ->option_text("FEATURE")
      ->allow_extra_args(false);
  command
      .add_option("--without", without,
                  "Disable a feature this version has; without module, netconsole is built in")
      ->option_text("FEATURE")
      ->allow_extra_args(false);
}

std::expected<netcon::kernel_profile, std::string> kernel_option::profile() const {
  auto result = netcon::kernel_profile::latest();
  if (version == "running") {
    const auto running = netcon::running_kernel();
    if (!running) return std::unexpected{fmt::format("--kernel running: {}", running.error().message())};
    result = *running;
  } else if (version != "newest") {
    const auto parsed = netcon::kernel_version::parse(version);
    if (!parsed)
      return std::unexpected{fmt::format("--kernel {}: {}; {}", version, message(parsed.error().code),
                                         hint(parsed.error().code))};
    result = *parsed;
  }
  for (const auto* names : {&with, &without})
    for (const auto& name : *names) {
      const auto feature = netcon::find_feature(name);
      if (!feature) {
        std::string known;
        for (const auto& row : netcon::feature_table) known += fmt::format(" {}", row.name);
        return std::unexpected{fmt::format("no feature is named {}; the features are{}", name, known)};
      }
      if (std::ranges::count(with, name) != 0 && std::ranges::count(without, name) != 0)
        return std::unexpected{fmt::format("--with {0} and --without {0} exclude each other", name)};
      result = names == &with ? result.with(*feature) : result.without(*feature);
    }
  return result;
}

namespace {

/// What is assumed of a kernel that the tables do not reach; empty for any other.
std::string assumption_beyond(std::string_view text, netcon::kernel_version version) {
  constexpr netcon::kernel_version oldest{2, 6, 12};
  auto newest = netcon::kernel_profile::latest().version();
  for (const auto& row : netcon::feature_table) newest = std::max(newest, row.since);
  if (version < oldest)
    return fmt::format("{} is older than Linux {}, the first one known, whose rules are assumed", text,
                       to_string(oldest));
  if (std::pair{version.version, version.patchlevel} > std::pair{newest.version, newest.patchlevel})
    return fmt::format("{} is newer than Linux {}.{}, the last one known, whose rules are assumed", text,
                       newest.version, newest.patchlevel);
  return {};
}

}  // namespace

std::string kernel_option::assumption() const {
  std::string text = version;
  auto assumed = netcon::kernel_profile::latest().version();
  if (version == "running") {
    utsname system{};
    if (::uname(&system) == 0) text = system.release;
    if (const auto running = netcon::running_kernel()) assumed = running->version();
  } else if (const auto parsed = netcon::kernel_version::parse(version)) {
    assumed = *parsed;
  }
  if (auto beyond = assumption_beyond(text, assumed); !beyond.empty()) return beyond;
  if (!netcon::hides_stable_level(text) || assumed.sublevel != 0) return {};
  std::string later;
  for (const auto& row : netcon::features_of_later_stable(assumed)) {
    if (std::ranges::count(with, row.name) + std::ranges::count(without, row.name) != 0) continue;
    for (const auto& backport : row.backports)
      if (backport.version == assumed.version && backport.patchlevel == assumed.patchlevel)
        later += fmt::format("{} {} from {}", later.empty() ? "" : ",", row.name, to_string(backport));
  }
  if (later.empty()) return {};
  return fmt::format("{} does not say its stable release, {}.0 is assumed; later ones differ:{}", text,
                     to_string(assumed), later);
}

}  // namespace tool
