// SPDX-License-Identifier: MIT
// Settings of a command line that decide what netconsole sends of a crash: panic=, crashkernel=, oops_only.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// One of them, as it stands in a command line.
struct panic_setting {
  text_errc code;      // what a kernel with a threaded console makes of it
  bool is_on = false;  // whether its value does so
  text_range where{};  // name and value, in the file
  std::size_t group = 0;
};

/// Kernels take '-' for '_' in names.
constexpr bool is_kernel_name(std::string_view text, std::string_view name) noexcept {
  return std::ranges::equal(text, name, {}, [](char c) { return c == '-' ? '_' : c; });
}

/// panic=N reboots after N seconds, at once when negative. Base 8, 10 or 16, as kstrtoint with base 0.
constexpr bool is_nonzero_number(std::string_view text) noexcept {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const bool is_hex = text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
  if (is_hex) text.remove_prefix(2);
  const auto is_own = [is_hex](char c) { return is_hex ? hex_value(c) >= 0 : is_digit(c); };
  return !text.empty() && std::ranges::all_of(text, is_own) &&
         std::ranges::any_of(text, [](char c) { return c != '0'; });
}

/// crashkernel=SIZE reserves memory unless the size is 0; RANGE:SIZE forms may.
constexpr bool reserves_memory(std::string_view text) noexcept {
  const auto rest = text.find_first_not_of('0');
  return !text.empty() && rest != text.npos &&
         !(rest > 0 && std::string_view{"kKmMgG@"}.find(text[rest]) != text.npos);
}

/// The setting that an argument is, without its place; the value is nothing where there is no '='.
constexpr std::optional<panic_setting> panic_setting_of(std::string_view name,
                                                        std::optional<std::string_view> value,
                                                        bool module_options) noexcept {
  if (module_options ? is_kernel_name(name, "oops_only") : is_kernel_name(name, "netconsole.oops_only"))
    return panic_setting{.code = text_errc::oops_only_silent,
                         .is_on = !value || read_kernel_bool(*value, true).value_or(false)};
  if (module_options || !value) return std::nullopt;
  if (name == "panic")
    return panic_setting{.code = text_errc::panic_reboots, .is_on = is_nonzero_number(*value)};
  if (name == "crashkernel")
    return panic_setting{.code = text_errc::crash_kernel_silent, .is_on = reserves_memory(*value)};
  return std::nullopt;
}

/// A warning for each setting that is in force beside a netconsole parameter, last one first. Of panic= and
/// oops_only the last one of a command line counts. Both lists are in the order of the file.
inline std::vector<finding> warn_of_panic_settings(std::span<const panic_setting> settings,
                                                   std::span<const std::size_t> groups_with_target,
                                                   const kernel_profile& kernel) {
  std::vector<finding> found;
  if (!kernel.supports(feature::threaded_console)) return found;
  std::array<std::optional<std::size_t>, 2> later;  // the group of a later panic= and oops_only
  for (auto one = settings.rbegin(); one != settings.rend(); ++one) {
    if (one->code != text_errc::crash_kernel_silent) {
      auto& group = later[one->code == text_errc::panic_reboots ? 0 : 1];
      if (std::exchange(group, one->group) == one->group) continue;
    }
    if (one->is_on && std::ranges::binary_search(groups_with_target, one->group))
      found.push_back({one->code, severity::warning, one->where, std::nullopt});
  }
  return found;
}

}  // namespace netcon::inline v0_1::detail
