// SPDX-License-Identifier: MIT
// Why a wanted state cannot be planned: the rule that it breaks, and the words for it.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/detail/find_named.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::configfs {

/// Why this kernel cannot be brought to the wanted state.
enum class [[nodiscard]] plan_problem : std::uint8_t {
  bad_target_name,           ///< not 1 to 255 bytes without '/'
  device_by_mac,             ///< configfs has no attribute for a device's hardware address
  bad_device_name,           ///< a NUL, or a newline that the kernel would drop
  family_mismatch,           ///< one address is IPv4 and the other IPv6
  ipv6_unsupported,          ///< this kernel has no netconsole over IPv6
  release_without_extended,  ///< the kernel enables no such target
  unsupported,               ///< a file that this kernel has not
  bad_key,                   ///< a userdata key that cannot be a directory
  key_too_long,              ///< more than max_userdata_key bytes
  reserved_key,              ///< a userdata key that is the name of a file
  duplicate_key,             ///< the same userdata key twice
  too_many_entries,          ///< more than max_userdata_entries(), with the sysdata switches up to 6.18
  bad_value,                 ///< a userdata value with a NUL
  value_too_long,  ///< more than max_userdata_value bytes, or one less when the value ends in a newline
};

/// "bad-target-name" and so on, as netcon's other codes are written.
[[nodiscard]] constexpr std::string_view name(plan_problem code) noexcept {
  constexpr std::string_view names[] = {"bad-target-name", "device-by-mac",    "bad-device-name",
                                        "family-mismatch", "ipv6-unsupported", "release-without-extended",
                                        "unsupported",     "bad-key",          "key-too-long",
                                        "reserved-key",    "duplicate-key",    "too-many-entries",
                                        "bad-value",       "value-too-long"};
  const auto index = static_cast<std::size_t>(code);
  return index < std::size(names) ? names[index] : "unknown-problem";
}

/// The problem of that name.
[[nodiscard]] constexpr std::optional<plan_problem> parse_plan_problem(std::string_view text) noexcept {
  return netcon::detail::find_named(text, plan_problem::value_too_long);
}

/// Which rule the wanted state breaks.
struct [[nodiscard]] plan_error {
  plan_problem code{};    ///< the rule; message() has its words
  std::string subject{};  ///< the name, key or attribute that is at fault

  friend bool operator==(const plan_error&, const plan_error&) = default;
};

/// One line: the reason, and what to do instead. Rules that the parameter has too share its text.
[[nodiscard]] inline std::string message(const plan_error& problem) {
  const auto about = [&](std::string_view text) { return "'" + problem.subject + "' " + std::string{text}; };
  const auto shared = [](text_errc code) {
    return std::string{netcon::message(code)}.append(": ").append(hint(code));
  };
  switch (problem.code) {
    case plan_problem::bad_target_name:
      return about("cannot name a target: 1 to 255 bytes without '/'");
    case plan_problem::device_by_mac:
      return "configfs has no attribute for a device's MAC: name the device, or use the parameter";
    case plan_problem::bad_device_name:
      return about("cannot be a device name in configfs");
    case plan_problem::family_mismatch:
      return shared(text_errc::family_mismatch);
    case plan_problem::ipv6_unsupported:
      return shared(text_errc::ipv6_unsupported);
    case plan_problem::release_without_extended:
      return "release needs extended: the kernel refuses to enable the target otherwise";
    case plan_problem::unsupported:
      return about("does not exist in this kernel's configfs");
    case plan_problem::bad_key:
      return about("cannot be a userdata key: at least one byte, no '/', not '.' or '..'");
    case plan_problem::key_too_long:
      return about("is too long for a userdata key: at most 53 bytes");
    case plan_problem::reserved_key:
      return about("is the name of a file in userdata/: choose another key");
    case plan_problem::duplicate_key:
      return about("is there twice: userdata keys are directories");
    case plan_problem::too_many_entries:
      return "too many userdata entries: 256 since Linux 6.19, before 16 together with the sysdata switches";
    case plan_problem::bad_value:
      return about("has a value with a NUL, which the kernel takes for its end");
    case plan_problem::value_too_long:
      return about("has too long a value: at most 199 bytes, 198 when it ends in a newline");
  }
  return "unknown problem";
}

}  // namespace netcon::inline v0_1::configfs
