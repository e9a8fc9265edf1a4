// SPDX-License-Identifier: MIT
// What a version text does not say: the stable release that a distribution's kernel is at.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>

#include <expected>
#include <optional>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1 {

/// Whether what uname -r printed hides the stable release, as "6.8.0-45-generic" and "6.1.0-56-cloud-amd64"
/// do: a third number of 0, or none, before a distribution's own number. "6.8.0", "6.8.0-rc1" and "6.8.12" do
/// not.
[[nodiscard]] constexpr bool hides_stable_level(std::string_view text) noexcept {
  const auto version = kernel_version::parse(text);
  if (!version || version->version < 3 || version->sublevel != 0) return false;
  const auto dash = text.find('-');
  return dash != text.npos && dash + 1 < text.size() && detail::is_digit(text[dash + 1]);
}

/// The features that later stable releases of the version's own series have and that it has not: what differs
/// when a kernel is at a later one than its text says.
[[nodiscard]] inline std::vector<feature_row> features_of_later_stable(kernel_version version) {
  std::vector<feature_row> rows;
  for (const auto& row : feature_table)
    for (const auto& backport : row.backports)
      if (backport.version == version.version && backport.patchlevel == version.patchlevel &&
          backport > version)
        rows.push_back(row);
  return rows;
}

/// The stable release that a running kernel says elsewhere than in its release: Debian in `uname -v` ("#1 SMP
/// Debian 6.1.192-3 (2026-11-01)"), Ubuntu as the last word of /proc/version_signature
/// ("Ubuntu 6.8.0-45.45-generic 6.8.12"). Nothing where neither names one of the release's series.
[[nodiscard]] constexpr std::optional<kernel_version> find_stable_level(kernel_version release,
                                                                        std::string_view build,
                                                                        std::string_view signature) noexcept {
  const auto of_series = [&](std::string_view text) -> std::optional<kernel_version> {
    const auto found = kernel_version::parse(detail::text_up_to(text, text.find_first_of(" \n")));
    if (!found || found->version != release.version || found->patchlevel != release.patchlevel)
      return std::nullopt;
    return *found;
  };
  constexpr std::string_view debian = "Debian ";
  if (const auto at = build.find(debian); at != build.npos)
    if (const auto found = of_series(detail::text_from(build, at + debian.size()))) return found;
  while (signature.ends_with('\n')) signature.remove_suffix(1);
  if (const auto blank = signature.rfind(' '); blank != signature.npos)
    return of_series(detail::text_from(signature, blank + 1));
  return std::nullopt;
}

/// The version of a running kernel from what it says of itself: `uname -r`, `uname -v` and
/// /proc/version_signature, of which the last two may be empty. Error: bad_kernel_version for a release that
/// no version can be read from.
[[nodiscard]] constexpr std::expected<kernel_version, error> read_kernel_version(
    std::string_view release, std::string_view build, std::string_view signature) noexcept {
  const auto version = kernel_version::parse(release);
  if (!version || !hides_stable_level(release)) return version;
  return find_stable_level(*version, build, signature).value_or(*version);
}

}  // namespace netcon::inline v0_1
