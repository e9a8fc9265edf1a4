// SPDX-License-Identifier: MIT
// A netconsole target as written (target), as in force (settings), and the way from one to the other.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/port.hpp>
#include <netcon/detail/hash.hpp>

#include <compare>
#include <cstdint>
#include <optional>

namespace netcon::inline v0_1 {

/// The local device of a target: not given, an interface name, or (6.15+) a hardware address.
class device {
 public:
  /// How a device is given.
  enum class kind : std::uint8_t {
    none,  ///< not at all
    name,  ///< by its interface name
    mac,   ///< by its hardware address (6.15+)
  };

  /// Not given: the kernel uses eth0.
  constexpr device() noexcept = default;
  /// The device of that name.
  constexpr device(const interface_name& name) noexcept : kind_{kind::name}, name_{name} {}  // NOLINT
  /// The device that has this hardware address (6.15+).
  constexpr device(const mac_address& mac) noexcept : kind_{kind::mac}, mac_{mac} {}  // NOLINT

  /// How the device is given.
  [[nodiscard]] constexpr kind which() const noexcept { return kind_; }
  /// True when the text leaves the device out.
  [[nodiscard]] constexpr bool is_none() const noexcept { return kind_ == kind::none; }
  /// True when name() says which device it is.
  [[nodiscard]] constexpr bool is_name() const noexcept { return kind_ == kind::name; }
  /// True when mac() says which device it is.
  [[nodiscard]] constexpr bool is_mac() const noexcept { return kind_ == kind::mac; }
  /// Empty unless is_name().
  [[nodiscard]] constexpr const interface_name& name() const noexcept { return name_; }
  /// All zero unless is_mac().
  [[nodiscard]] constexpr const mac_address& mac() const noexcept { return mac_; }

  /// Bytes of the longest text, a hardware address.
  static constexpr std::size_t max_text = mac_address::max_text;

  friend constexpr auto operator<=>(const device&, const device&) noexcept = default;

 private:
  kind kind_ = kind::none;
  interface_name name_;
  mac_address mac_;
};

/// One target as its text says it; what the text leaves out is absent.
struct target {
  bool extended = false;                 ///< '+': packets have a header (4.2+)
  bool release = false;                  ///< 'r': packets begin with the kernel's release (6.6+); needs '+'
  std::optional<port> local_port{};      ///< sends from this one; absent: 6665
  std::optional<ip_address> local_ip{};  ///< absent: the kernel picks an address of the device
  device local_device{};                 ///< sends through this one; none: eth0
  std::optional<port> remote_port{};     ///< absent: 6666
  ip_address remote_ip{};                ///< the receiver
  std::optional<mac_address> remote_mac{};  ///< the receiver or the router to it; absent: Ethernet broadcast

  /// Bytes of the longest text that to_chars() writes.
  static constexpr std::size_t max_text = 141;

  friend constexpr auto operator<=>(const target&, const target&) noexcept = default;
};

/// One target as the kernel would use it: every default filled in. A local address of 0.0.0.0 or `::` is as
/// good as absent before Linux 7.4: the kernel picks one of the device.
struct settings {
  bool extended = false;                 ///< packets have a header
  bool release = false;                  ///< packets begin with the kernel's release
  port local_port{6665};                 ///< sends from this one
  std::optional<ip_address> local_ip{};  ///< absent: the kernel picks an address of the device
  interface_name dev_name = interface_name::truncated("eth0");  ///< sends through this one; see dev_mac
  std::optional<mac_address> dev_mac{};  ///< present: the device is found by it and dev_name is empty
  port remote_port{6666};                ///< sends to this one
  ip_address remote_ip{};                ///< the receiver
  /// The receiver or the router to it; broadcast reaches all on the link.
  mac_address remote_mac = mac_address::broadcast();

  friend constexpr auto operator<=>(const settings&, const settings&) noexcept = default;
};

/// Why that kernel could not be given this target as text, or nothing: then to_string(t) parses there, back
/// to t. Codes: those of parse_target that a value can have, bad_interface_name for a name the text cannot
/// carry, and extended_unsupported, release_unsupported, device_mac_unsupported for what an older kernel does
/// not know.
[[nodiscard]] constexpr std::optional<text_errc> check(
    const target& t, const kernel_profile& kernel = kernel_profile::latest()) noexcept {
  if (t.extended && !kernel.supports(feature::extended)) return text_errc::extended_unsupported;
  if (t.release && !kernel.supports(feature::release)) return text_errc::release_unsupported;
  if (t.release && !t.extended && !kernel.supports(feature::extended_by_default))
    return text_errc::release_without_extended;

  const bool has_v6 = t.remote_ip.is_v6() || (t.local_ip && t.local_ip->is_v6());
  if (has_v6 && !(kernel.supports(feature::ipv6) && kernel.supports(feature::strict_addresses)))
    return text_errc::ipv6_unsupported;
  if (t.local_ip && t.local_ip->family() != t.remote_ip.family()) return text_errc::family_mismatch;
  if (has_v6 && !t.local_ip && !kernel.supports(feature::ipv6_without_source))
    return text_errc::ipv6_needs_source;

  if (t.local_device.is_mac() && !kernel.supports(feature::device_by_mac))
    return text_errc::device_mac_unsupported;
  if (t.local_device.is_name()) {
    const auto name = t.local_device.name().view();
    if (name.empty()) return text_errc::bad_interface_name;
    for (const char c : name)
      if (c == ',' || c == '\0' || (c == ';' && kernel.supports(feature::multiple_targets)))
        return text_errc::bad_interface_name;
    if (kernel.supports(feature::device_by_mac) && name.find(':') != name.npos)
      return text_errc::bad_device_mac;
  }
  return std::nullopt;
}

/// What the kernel makes of a target that passes check: every default filled in, those of the build included.
[[nodiscard]] constexpr settings resolve(const target& t,
                                         const kernel_profile& kernel = kernel_profile::latest()) noexcept {
  settings s;
  s.extended = t.extended || kernel.supports(feature::extended_by_default);
  s.release = t.release || kernel.supports(feature::release_by_default);
  if (t.local_port) s.local_port = *t.local_port;
  s.local_ip = t.local_ip;
  if (t.local_device.is_name()) s.dev_name = t.local_device.name();
  if (t.local_device.is_mac()) {
    s.dev_name = {};
    s.dev_mac = t.local_device.mac();
  }
  if (t.remote_port) s.remote_port = *t.remote_port;
  s.remote_ip = t.remote_ip;
  if (t.remote_mac) s.remote_mac = *t.remote_mac;
  return s;
}

/// The target with the same settings and the shortest text: whatever equals the kernel's default is left out.
[[nodiscard]] constexpr target shortest(target t,
                                        const kernel_profile& kernel = kernel_profile::latest()) noexcept {
  const settings defaults;
  if (kernel.supports(feature::extended_by_default)) t.extended = false;
  if (kernel.supports(feature::release_by_default)) t.release = false;
  if (t.local_port == defaults.local_port) t.local_port.reset();
  if (t.local_device.is_name() && t.local_device.name() == defaults.dev_name) t.local_device = {};
  if (t.remote_port == defaults.remote_port) t.remote_port.reset();
  if (t.remote_mac == defaults.remote_mac) t.remote_mac.reset();
  return t;
}

/// The target that spells settings out: every field given, but for a local address that the kernel picks.
[[nodiscard]] constexpr target full(const settings& s) noexcept {
  target t;
  t.extended = s.extended;
  t.release = s.release;
  t.local_port = s.local_port;
  t.local_ip = s.local_ip;
  if (s.dev_mac) {
    t.local_device = *s.dev_mac;
  } else {
    t.local_device = s.dev_name;
  }
  t.remote_port = s.remote_port;
  t.remote_ip = s.remote_ip;
  t.remote_mac = s.remote_mac;
  return t;
}

}  // namespace netcon::inline v0_1

template <>
struct std::hash<netcon::device> {
  std::size_t operator()(const netcon::device& device) const noexcept {
    return netcon::detail::hash_of(device.name(), device.mac());
  }
};

template <>
struct std::hash<netcon::settings> {
  std::size_t operator()(const netcon::settings& s) const noexcept {
    return netcon::detail::hash_of(s.extended, s.release, s.local_port, s.local_ip, s.dev_name, s.dev_mac,
                                   s.remote_port, s.remote_ip, s.remote_mac);
  }
};
