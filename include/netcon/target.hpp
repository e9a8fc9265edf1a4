// A netconsole target as written (target), as in force (settings), and the way from one to the other.
#pragma once

#include <netcon/error.hpp>
#include <netcon/interface_name.hpp>
#include <netcon/ip_address.hpp>
#include <netcon/kernel.hpp>
#include <netcon/mac_address.hpp>
#include <netcon/port.hpp>

#include <compare>
#include <cstdint>
#include <optional>

namespace netcon {

/// The local device of a target: not given, an interface name, or (6.15+) a hardware address.
class device {
 public:
  enum class kind : std::uint8_t { none, name, mac };

  constexpr device() noexcept = default;
  constexpr device(const interface_name& name) noexcept : kind_{kind::name}, name_{name} {}  // NOLINT
  constexpr device(const mac_address& mac) noexcept : kind_{kind::mac}, mac_{mac} {}         // NOLINT

  constexpr kind which() const noexcept { return kind_; }
  constexpr bool is_none() const noexcept { return kind_ == kind::none; }
  constexpr bool is_name() const noexcept { return kind_ == kind::name; }
  constexpr bool is_mac() const noexcept { return kind_ == kind::mac; }
  /// Empty unless is_name().
  constexpr const interface_name& name() const noexcept { return name_; }
  /// All zero unless is_mac().
  constexpr const mac_address& mac() const noexcept { return mac_; }

  friend constexpr auto operator<=>(const device&, const device&) noexcept = default;

 private:
  kind kind_ = kind::none;
  interface_name name_;
  mac_address mac_;
};

/// One target as its text says it; what the text leaves out is absent.
struct target {
  bool extended = false;
  bool release = false;
  std::optional<port> local_port;
  std::optional<ip_address> local_ip;
  device local_device;
  std::optional<port> remote_port;
  ip_address remote_ip;
  std::optional<mac_address> remote_mac;

  friend constexpr bool operator==(const target&, const target&) noexcept = default;
};

/// One target as the kernel would use it: every default filled in.
struct settings {
  bool extended = false;
  bool release = false;
  port local_port{6665};
  std::optional<ip_address> local_ip;  // absent: the kernel picks an address of the device
  interface_name dev_name = interface_name::truncated("eth0");
  std::optional<mac_address> dev_mac;  // present: the device is found by it and dev_name is empty
  port remote_port{6666};
  ip_address remote_ip;
  mac_address remote_mac = mac_address::broadcast();

  friend constexpr bool operator==(const settings&, const settings&) noexcept = default;
};

}  // namespace netcon
