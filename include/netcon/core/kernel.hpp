// SPDX-License-Identifier: MIT
// Which kernel: a version, and a profile of what netconsole does there. The table below is the only
// place where versions are compared; all other code asks kernel_profile::supports(feature).
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/hash.hpp>
#include <netcon/detail/to_string.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Three numbers, named as in the kernel's Makefile (major and minor are macros in old C headers).
struct kernel_version {
  /// Bytes of the longest text, "65535.65535.65535".
  static constexpr std::size_t max_text = 17;

  std::uint16_t version = 0;     ///< 6 of 6.12.117
  std::uint16_t patchlevel = 0;  ///< 12 of 6.12.117
  std::uint16_t sublevel = 0;    ///< 117 of 6.12.117; 0 where the text has two numbers

  /// "6.12", "6.12.117" or what uname -r prints ("6.12.117+deb12-amd64", "7.4.0-rc1", "5.15-generic"): two or
  /// three numbers, then anything that does not begin with a digit or a letter. Error: bad_kernel_version.
  [[nodiscard]] static constexpr std::expected<kernel_version, error> parse(std::string_view text) noexcept {
    const error wrong{text_errc::bad_kernel_version, {0, static_cast<std::uint32_t>(text.size())}};
    std::array<std::uint16_t, 3> numbers{};
    std::size_t at = 0, count = 0;
    while (count < 3) {
      const std::size_t start = at;
      unsigned value = 0;
      while (at < text.size() && detail::is_digit(text[at]) && at - start < 5)
        value = value * 10 + static_cast<unsigned>(text[at++] - '0');
      if (at == start || value > 0xffff) return std::unexpected{wrong};
      numbers[count++] = static_cast<std::uint16_t>(value);
      if (at + 1 >= text.size() || text[at] != '.' || !detail::is_digit(text[at + 1])) break;
      if (count < 3) ++at;
    }
    if (count < 2) return std::unexpected{wrong};
    if (at < text.size()) {
      const char lower = static_cast<char>(text[at] | 0x20);
      if (detail::is_digit(text[at]) || (lower >= 'a' && lower <= 'z')) return std::unexpected{wrong};
    }
    return kernel_version{numbers[0], numbers[1], numbers[2]};
  }

  friend constexpr auto operator<=>(const kernel_version&, const kernel_version&) noexcept = default;
};

/// "6.12" when the sublevel is 0, otherwise "6.12.117"; 2.6 kernels always with three numbers.
[[nodiscard]] constexpr std::to_chars_result to_chars(char* first, char* last,
                                                      const kernel_version& v) noexcept {
  detail::writer out{first, last};
  out.put_decimal(v.version).put('.').put_decimal(v.patchlevel);
  if (v.sublevel != 0 || v.version < 3) out.put('.').put_decimal(v.sublevel);
  return out.result();
}

/// As to_chars().
[[nodiscard]] inline std::string to_string(const kernel_version& v) {
  return detail::to_string_by_to_chars(v);
}

/// What a netconsole does or does not do: first what came with a release, then how a kernel was built. The
/// tables below say what each one is.
enum class feature : std::uint8_t {
  multiple_targets,          ///< several targets separated by ';'
  dynamic,                   ///< configfs tree (CONFIG_NETCONSOLE_DYNAMIC)
  enable_once,               ///< enabling an enabled target is EINVAL
  strict_numbers,            ///< ports are read by kstrtou16
  strict_addresses,          ///< addresses are validated, IPv6 is read
  ipv6_without_source,       ///< an IPv6 target without a local address is taken
  extended,                  ///< '+', attribute extended, ncfrag
  link_local_source,         ///< a link-local remote gets a link-local source
  empty_write_refused,       ///< a write of no bytes is EFAULT (was 0)
  absent_console_silent,     ///< unloading says 'disabled' only of consoles that were registered
  unsigned_char,             ///< the kernel's char is unsigned: loosely read addresses
  short_records,             ///< a formatted record has at most 2048 bytes
  carrier_trusted,           ///< a carrier that comes at once is believed (was 4 seconds of waiting)
  kstrtobool_switches,       ///< enabled and extended read by kstrtobool
  release,                   ///< 'r', attribute release, release prefix
  boot_targets_in_configfs,  ///< cmdlineN targets in configfs
  legacy_console_named,      ///< printk says 'legacy console' of old consoles
  userdata,                  ///< userdata/ groups
  bad_target_skipped,        ///< a bad target does not stop the others
  clean_setup_failure,       ///< a refused setup leaves no device and no chosen address set
  last_fragment_sent,        ///< fix: rest of a record whose body exactly fills a packet
  transmit_errors,           ///< attribute transmit_errors
  device_by_mac,             ///< a MAC address as local device
  sysdata,                   ///< cpu, taskname and release lines
  wide_kstrtobool,           ///< kstrtobool reads e/E and d/D too
  sysdata_msgid,             ///< msgid line
  parser_in_netconsole,      ///< lines of the parser begin with 'netconsole:' (was 'netpoll:')
  needed_consoles_only,      ///< a console is registered only when a target is of its kind
  unneeded_console_removed,  ///< a console goes when the last target of its kind is disabled
  checked_addresses,  ///< IPv4 is tried first, a newline ends an address, configfs addresses are validated
  separate_sysdata,   ///< 256 userdata entries (was 16, shared)
  release_enabled_shown,  ///< release_enabled shows its own switch (was that of taskname_enabled)
  resumable,              ///< a target whose device left resumes when it returns
  threaded_console,  ///< a thread sends: nothing of a panic before a reboot or with a crash kernel, nothing
                     ///< of an oops with oops_only
  full_write_count,  ///< a store answers the full count
  checked_userdata_value,     ///< a userdata value of 200 bytes or more is EMSGSIZE and not stored
  dev_name_length_checked,    ///< dev_name longer than 15 bytes is ENAMETOOLONG
  zero_prefixed_source_kept,  ///< an IPv6 source that begins with four zero bytes is kept
  full_mac_in_messages,       ///< messages name a MAC device in full (was its first 16 characters)
  thousand_bytes_intact,      ///< fix: last byte of a payload of exactly 1000 bytes (c0ebe492329a)
  setup_in_netconsole,        ///< lines of setting up begin with 'netconsole:' (was 'netpoll:')
  per_address_family,         ///< each address has its own family (development)

  ipv6,                 ///< IPv6 targets (CONFIG_IPV6)
  module,               ///< a module, not built in (CONFIG_NETCONSOLE=m)
  extended_by_default,  ///< '+' is on without being written (CONFIG_NETCONSOLE_EXTENDED_LOG, 6.6)
  release_by_default,   ///< 'r' is on without being written (CONFIG_NETCONSOLE_PREPEND_RELEASE, 6.6)
  caller_ids,           ///< records name their caller (CONFIG_PRINTK_CALLER, 5.1)
};

/// One row of the feature table: the first mainline release and the stable releases that got it too. A stable
/// backport holds for its own series (version and patchlevel) from that sublevel on.
struct feature_row {
  feature what;                               ///< the key of the row
  std::string_view name;                      ///< the enumerator's name; find_feature() reads it
  kernel_version since;                       ///< the first mainline release
  std::span<const kernel_version> backports;  ///< the first release of each stable series that has it too
  std::string_view note;                      ///< what a kernel with it does, one line
};

namespace detail {

template <kernel_version... releases>
inline constexpr std::array<kernel_version, sizeof...(releases)> backported_to{releases...};

}  // namespace detail

// clang-format off: one row a line.
/// One row for each feature that came with a release, in the order of releases.
inline constexpr auto feature_table = std::to_array<feature_row>({
    {feature::multiple_targets, "multiple_targets", {2, 6, 24}, {}, "several targets separated by ';'"},
    {feature::dynamic, "dynamic", {2, 6, 24}, {}, "configfs tree (CONFIG_NETCONSOLE_DYNAMIC)"},
    {feature::enable_once, "enable_once", {3, 2, 0}, {}, "enabling an enabled target is EINVAL"},
    {feature::strict_numbers, "strict_numbers", {3, 8, 0}, {}, "ports are read by kstrtou16"},
    {feature::strict_addresses, "strict_addresses", {3, 9, 0}, {}, "addresses are validated, IPv6 is read"},
    {feature::ipv6_without_source, "ipv6_without_source", {3, 14, 0}, {},
     "an IPv6 target without a local address is taken"},
    {feature::extended, "extended", {4, 2, 0}, {}, "'+', attribute extended, ncfrag"},
    {feature::link_local_source, "link_local_source", {5, 0, 0}, {}, "a link-local remote gets a link-local source"},
    {feature::empty_write_refused, "empty_write_refused", {5, 14, 0}, {}, "a write of no bytes is EFAULT (was 0)"},
    {feature::absent_console_silent, "absent_console_silent", {6, 2, 0}, {},
     "unloading says 'disabled' only of consoles that were registered"},
    {feature::unsigned_char, "unsigned_char", {6, 2, 0}, {}, "the kernel's char is unsigned: loosely read addresses"},
    {feature::short_records, "short_records", {6, 3, 0}, {}, "a formatted record has at most 2048 bytes"},
    {feature::carrier_trusted, "carrier_trusted", {6, 3, 0}, {},
     "a carrier that comes at once is believed (was 4 seconds of waiting)"},
    {feature::kstrtobool_switches, "kstrtobool_switches", {6, 6, 0}, {}, "enabled and extended read by kstrtobool"},
    {feature::release, "release", {6, 6, 0}, {}, "'r', attribute release, release prefix"},
    {feature::boot_targets_in_configfs, "boot_targets_in_configfs", {6, 7, 0}, {}, "cmdlineN targets in configfs"},
    {feature::legacy_console_named, "legacy_console_named", {6, 7, 0}, {}, "printk says 'legacy console' of old consoles"},
    {feature::userdata, "userdata", {6, 9, 0}, {}, "userdata/ groups"},
    {feature::bad_target_skipped, "bad_target_skipped", {6, 11, 0}, {}, "a bad target does not stop the others"},
    {feature::clean_setup_failure, "clean_setup_failure", {6, 12, 0}, detail::backported_to<kernel_version{6, 11, 3}>,
     "a refused setup leaves no device and no chosen address set"},
    {feature::last_fragment_sent, "last_fragment_sent", {6, 12, 0}, detail::backported_to<kernel_version{6, 11, 4}>,
     "fix: rest of a record whose body exactly fills a packet"},
    {feature::transmit_errors, "transmit_errors", {6, 13, 0}, {}, "attribute transmit_errors"},
    {feature::device_by_mac, "device_by_mac", {6, 15, 0}, detail::backported_to<kernel_version{6, 12, 91}>,
     "a MAC address as local device"},
    {feature::sysdata, "sysdata", {6, 15, 0}, {}, "cpu, taskname and release lines"},
    {feature::wide_kstrtobool, "wide_kstrtobool", {6, 16, 0}, {}, "kstrtobool reads e/E and d/D too"},
    {feature::sysdata_msgid, "sysdata_msgid", {6, 17, 0}, {}, "msgid line"},
    {feature::parser_in_netconsole, "parser_in_netconsole", {6, 17, 0}, {},
     "lines of the parser begin with 'netconsole:' (was 'netpoll:')"},
    {feature::needed_consoles_only, "needed_consoles_only", {6, 17, 0},
     detail::backported_to<kernel_version{6, 15, 10}, kernel_version{6, 16, 1}>,
     "a console is registered only when a target is of its kind"},
    {feature::unneeded_console_removed, "unneeded_console_removed", {6, 17, 0}, {},
     "a console goes when the last target of its kind is disabled"},
    {feature::checked_addresses, "checked_addresses", {6, 18, 0}, {},
     "IPv4 is tried first, a newline ends an address, configfs addresses are validated"},
    {feature::separate_sysdata, "separate_sysdata", {6, 19, 0}, {}, "256 userdata entries (was 16, shared)"},
    {feature::release_enabled_shown, "release_enabled_shown", {7, 0, 0},
     detail::backported_to<kernel_version{6, 18, 20}, kernel_version{6, 19, 10}>,
     "release_enabled shows its own switch (was that of taskname_enabled)"},
    {feature::resumable, "resumable", {7, 0, 0}, {}, "a target whose device left resumes when it returns"},
    {feature::threaded_console, "threaded_console", {7, 0, 0}, {},
     "a thread sends: nothing of a panic before a reboot or with a crash kernel, nothing of an oops with oops_only"},
    {feature::full_write_count, "full_write_count", {7, 1, 0}, detail::backported_to<kernel_version{7, 0, 10}>,
     "a store answers the full count"},
    {feature::checked_userdata_value, "checked_userdata_value", {7, 1, 0},
     detail::backported_to<kernel_version{7, 0, 10}>,
     "a userdata value of 200 bytes or more is EMSGSIZE and not stored"},
    {feature::dev_name_length_checked, "dev_name_length_checked", {7, 1, 0},
     detail::backported_to<kernel_version{6, 1, 175}, kernel_version{6, 12, 91}, kernel_version{7, 0, 10}>,
     "dev_name longer than 15 bytes is ENAMETOOLONG"},
    {feature::zero_prefixed_source_kept, "zero_prefixed_source_kept", {7, 1, 0},
     detail::backported_to<kernel_version{6, 12, 91}>, "an IPv6 source that begins with four zero bytes is kept"},
    {feature::full_mac_in_messages, "full_mac_in_messages", {7, 1, 0}, detail::backported_to<kernel_version{6, 12, 91}>,
     "messages name a MAC device in full (was its first 16 characters)"},
    {feature::thousand_bytes_intact, "thousand_bytes_intact", {7, 2, 0}, {},
     "fix: last byte of a payload of exactly 1000 bytes (c0ebe492329a)"},
    {feature::setup_in_netconsole, "setup_in_netconsole", {7, 3, 0}, {},
     "lines of setting up begin with 'netconsole:' (was 'netpoll:')"},
    {feature::per_address_family, "per_address_family", {7, 4, 0}, {}, "each address has its own family (development)"},
});
// clang-format on

/// A choice of who builds the kernel, not of a release; dynamic, in the table above, is one more.
struct build_option_row {
  feature what;           ///< the key of the row
  std::string_view name;  ///< the enumerator's name; find_feature() reads it
  bool usual;             ///< whether a kernel_profile of a version has it
  std::string_view note;  ///< what it is, with the option of the kernel's configuration
};

// clang-format off: one row a line.
/// One row for each way to build a kernel that changes what netconsole does.
inline constexpr auto build_option_table = std::to_array<build_option_row>({
    {feature::ipv6, "ipv6", true, "IPv6 targets (CONFIG_IPV6)"},
    {feature::module, "module", true, "a module, not built in (CONFIG_NETCONSOLE=m)"},
    {feature::extended_by_default, "extended_by_default", false,
     "'+' is on without being written (CONFIG_NETCONSOLE_EXTENDED_LOG, 6.6)"},
    {feature::release_by_default, "release_by_default", false,
     "'r' is on without being written (CONFIG_NETCONSOLE_PREPEND_RELEASE, 6.6)"},
    {feature::caller_ids, "caller_ids", false, "records name their caller (CONFIG_PRINTK_CALLER, 5.1)"},
});
// clang-format on

/// The feature of that name in one of the two tables.
[[nodiscard]] constexpr std::optional<feature> find_feature(std::string_view name) noexcept {
  for (const auto& row : feature_table)
    if (row.name == name) return row.what;
  for (const auto& row : build_option_table)
    if (row.name == name) return row.what;
  return std::nullopt;
}

/// A kernel version plus everything that follows from it, from the distribution's backports and from the way
/// the kernel was built. Distribution differences are .with(feature) and .without(feature).
class kernel_profile {
 public:
  /// The newest release read in whole.
  constexpr kernel_profile() noexcept : kernel_profile{latest()} {}

  /// What mainline and stable kernels of that version do: as a module, with IPv6 and configfs, extended and
  /// release off, caller ids off. Any function that takes a profile takes a version too.
  constexpr kernel_profile(kernel_version version) noexcept : version_{version} {  // NOLINT
    for (const auto& row : feature_table) {
      bool has = version >= row.since;
      for (const auto& backport : row.backports)
        has = has || (version.version == backport.version && version.patchlevel == backport.patchlevel &&
                      version.sublevel >= backport.sublevel);
      if (has) features_ |= bit(row.what);
    }
    for (const auto& row : build_option_table)
      if (row.usual) features_ |= bit(row.what);
  }
  /// As from kernel_version{version, patchlevel, sublevel}.
  constexpr kernel_profile(std::uint16_t version, std::uint16_t patchlevel,
                           std::uint16_t sublevel = 0) noexcept
      : kernel_profile{kernel_version{version, patchlevel, sublevel}} {}

  /// The newest release read in whole: 7.3.4. 7.4 is development (seen as patches only).
  [[nodiscard]] static constexpr kernel_profile latest() noexcept;

  /// As given; what with() and without() changed does not show in it.
  [[nodiscard]] constexpr kernel_version version() const noexcept { return version_; }
  /// Whether this kernel does what the row of the feature says.
  [[nodiscard]] constexpr bool supports(feature f) const noexcept { return (features_ & bit(f)) != 0; }

  /// The same kernel, but with that feature: a backport or a way of building.
  [[nodiscard]] constexpr kernel_profile with(feature f) const noexcept {
    return changed(features_ | bit(f));
  }
  /// The same kernel, but without that feature.
  [[nodiscard]] constexpr kernel_profile without(feature f) const noexcept {
    return changed(features_ & ~bit(f));
  }

  friend constexpr auto operator<=>(const kernel_profile&, const kernel_profile&) noexcept = default;
  friend struct std::hash<kernel_profile>;

 private:
  constexpr kernel_profile changed(std::uint64_t features) const noexcept {
    auto other = *this;
    other.features_ = features;
    return other;
  }
  static constexpr std::uint64_t bit(feature f) noexcept {
    return std::uint64_t{1} << static_cast<unsigned>(f);
  }

  kernel_version version_;
  std::uint64_t features_ = 0;
};

namespace detail {

// Computed once: latest() is the default argument of much that has to be fast.
inline constexpr kernel_profile latest_profile{7, 3, 4};

}  // namespace detail

constexpr kernel_profile kernel_profile::latest() noexcept {
  return detail::latest_profile;
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::kernel_version> {
  std::size_t operator()(const netcon::kernel_version& version) const noexcept {
    return netcon::detail::hash_of(version.version, version.patchlevel, version.sublevel);
  }
};

template <>
struct std::hash<netcon::kernel_profile> {
  std::size_t operator()(const netcon::kernel_profile& profile) const noexcept {
    return netcon::detail::hash_of(profile.version_, profile.features_);
  }
};
