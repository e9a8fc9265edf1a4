// SPDX-License-Identifier: MIT
// The files of a target's directory, per kernel profile: name, folder, mode, default, accepted and shown
// forms.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/core/userdata_limits.hpp>
#include <netcon/detail/find_named.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::configfs {

/// The files of a target, wherever they lie; attribute_table has a row for each.
enum class attribute : std::uint8_t {
  enabled,      ///< 1 while the target sends; writing 1 sets it up, and every other setting is then locked
  extended,     ///< whether packets have a header (4.2+)
  release,      ///< whether packets begin with the kernel's release (6.6+)
  dev_name,     ///< interface to send through
  local_port,   ///< UDP port to send from
  remote_port,  ///< UDP port to send to
  local_ip,     ///< address to send from; the kernel chooses one where it is unset
  remote_ip,    ///< address to send to
  local_mac,    ///< of the interface, read-only
  remote_mac,   ///< of the receiver or the router to it
  transmit_errors,   ///< packets that could not be sent, read-only (6.13+)
  cpu_nr_enabled,    ///< whether a line says which processor printed (6.15+)
  taskname_enabled,  ///< whether a line says which task printed (6.15+)
  release_enabled,   ///< whether a line says the kernel's release (6.15+)
  msgid_enabled,     ///< whether a line counts the sent records (6.17+)
  value,             ///< of one userdata entry (6.9+)
};

/// Where a file lies.
enum class folder : std::uint8_t {
  target,    ///< TARGET/
  userdata,  ///< TARGET/userdata/
  entry,     ///< TARGET/userdata/KEY/
};

/// A row of the table of files.
struct attribute_description {
  attribute what;                ///< the key of the row
  std::string_view name;         ///< of the file
  folder where;                  ///< the directory that it lies in
  bool writable;                 ///< for root
  bool locked;                   ///< refused while the target is enabled
  std::optional<feature> needs;  ///< kernels without it have no such file; absent: all have it
  std::string_view shown;        ///< what reading gives, beside a newline

  /// Permissions as stat(2) gives them.
  [[nodiscard]] constexpr unsigned mode() const noexcept { return writable ? 0644u : 0444u; }
};

/// One row for each attribute, in the order of the enumerators.
inline constexpr auto attribute_table = std::to_array<attribute_description>({
    {attribute::enabled, "enabled", folder::target, true, false, {}, "0 or 1"},
    {attribute::extended, "extended", folder::target, true, true, feature::extended, "0 or 1"},
    {attribute::release, "release", folder::target, true, true, feature::release, "0 or 1"},
    {attribute::dev_name, "dev_name", folder::target, true, true, {}, "the name"},
    {attribute::local_port, "local_port", folder::target, true, true, {}, "decimal number"},
    {attribute::remote_port, "remote_port", folder::target, true, true, {}, "decimal number"},
    {attribute::local_ip, "local_ip", folder::target, true, true, {}, "IPv4 dotted, or compressed IPv6"},
    {attribute::remote_ip, "remote_ip", folder::target, true, true, {}, "IPv4 dotted, or compressed IPv6"},
    {attribute::local_mac, "local_mac", folder::target, false, false, {}, "MAC in lower case"},
    {attribute::remote_mac, "remote_mac", folder::target, true, true, {}, "MAC in lower case"},
    {attribute::transmit_errors, "transmit_errors", folder::target, false, false, feature::transmit_errors,
     "decimal number"},
    {attribute::cpu_nr_enabled, "cpu_nr_enabled", folder::userdata, true, false, feature::sysdata, "0 or 1"},
    {attribute::taskname_enabled, "taskname_enabled", folder::userdata, true, false, feature::sysdata,
     "0 or 1"},
    {attribute::release_enabled, "release_enabled", folder::userdata, true, false, feature::sysdata,
     "0 or 1"},
    {attribute::msgid_enabled, "msgid_enabled", folder::userdata, true, false, feature::sysdata_msgid,
     "0 or 1"},
    {attribute::value, "value", folder::entry, true, false, feature::userdata, "the text"},
});

/// The row of attribute_table.
[[nodiscard]] constexpr const attribute_description& describe(attribute what) noexcept {
  return attribute_table[static_cast<std::size_t>(what)];
}

/// The name of the file.
[[nodiscard]] constexpr std::string_view name(attribute what) noexcept {
  return describe(what).name;
}

/// The attribute of that name; every name is that of one attribute.
[[nodiscard]] constexpr std::optional<attribute> parse_attribute(std::string_view text) noexcept {
  return netcon::detail::find_named(text, attribute::value);
}

/// The enumerator's name.
[[nodiscard]] constexpr std::string_view name(folder where) noexcept {
  constexpr std::string_view names[] = {"target", "userdata", "entry"};
  return names[static_cast<std::size_t>(where)];
}

/// The folder of that name.
[[nodiscard]] constexpr std::optional<folder> parse_folder(std::string_view text) noexcept {
  return netcon::detail::find_named(text, folder::entry);
}

/// Whether this kernel has such a file.
[[nodiscard]] constexpr bool exists(const attribute_description& file,
                                    const kernel_profile& kernel) noexcept {
  return !file.needs || kernel.supports(*file.needs);
}

/// The file of that name in that folder; nothing when this kernel has none.
[[nodiscard]] constexpr std::optional<attribute> find_attribute(std::string_view name, folder where,
                                                                const kernel_profile& kernel) noexcept {
  for (const auto& file : attribute_table)
    if (file.where == where && file.name == name && exists(file, kernel)) return file.what;
  return std::nullopt;
}

/// The text of a target just made, without the newline that every file ends in.
[[nodiscard]] constexpr std::string_view initial_text(attribute what, const kernel_profile& kernel) noexcept {
  switch (what) {
    case attribute::extended:
      return kernel.supports(feature::extended_by_default) ? "1" : "0";
    case attribute::release:
      return kernel.supports(feature::release_by_default) ? "1" : "0";
    case attribute::dev_name:
      return "eth0";
    case attribute::local_port:
      return "6665";
    case attribute::remote_port:
      return "6666";
    case attribute::local_ip:
    case attribute::remote_ip:
      return kernel.supports(feature::per_address_family) ? "" : "0.0.0.0";
    case attribute::local_mac:
    case attribute::remote_mac:
      return "ff:ff:ff:ff:ff:ff";
    case attribute::value:
      return "";
    default:
      return "0";
  }
}

// Limits of names and values.
inline constexpr std::size_t max_write = 4095;  ///< bytes taken of one write
inline constexpr std::size_t max_name = 255;    ///< any directory

}  // namespace netcon::inline v0_1::configfs
