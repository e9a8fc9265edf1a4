// SPDX-License-Identifier: MIT
// The two addresses of a target as a kernel keeps them: what their files show, what a write does to them, and
// how the kernel chooses a local one. Linux, netconsole.c and netpoll.c of the profile's version.
#pragma once

#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/model/interface.hpp>
#include <netcon/configfs/model/kernel_log.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/parameter/target.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::configfs {

/// Both addresses of one target, with the flag that says how the kernel reads them.
class address_model {
 public:
  /// Neither address is set.
  explicit address_model(const kernel_profile& kernel) : kernel_{kernel} {}

  /// As the parameter makes them.
  address_model(const kernel_profile& kernel, const settings& from)
      : kernel_{kernel}, ipv6_{from.remote_ip.is_v6()} {
    if (from.local_ip) local_ = {from.local_ip->raw(), from.local_ip->family()};
    remote_ = {from.remote_ip.raw(), from.remote_ip.family()};
  }

  /// With the newline.
  [[nodiscard]] std::string show_local() const { return show(local_); }
  /// With the newline.
  [[nodiscard]] std::string show_remote() const { return show(remote_); }

  /// Whether the remote address is one of IPv6, which decides how the kernel speaks of both.
  [[nodiscard]] bool is_ipv6() const noexcept { return is_v6(remote_); }

  /// 0 or EINVAL; a refused text may have been stored.
  linux_errno store_local(std::string_view text, kernel_log& log) { return store(text, local_, log); }
  /// 0 or EINVAL; a refused text may have been stored.
  linux_errno store_remote(std::string_view text, kernel_log& log) { return store(text, remote_, log); }

  /// Nothing that the kernel would take for an address of its own.
  [[nodiscard]] bool is_local_unset() const noexcept {
    if (kernel_.supports(feature::per_address_family)) return !local_.family;
    const std::size_t counted = ipv6_ && kernel_.supports(feature::zero_prefixed_source_kept) ? 16 : 4;
    return std::ranges::all_of(std::span{local_.bytes}.first(counted), [](auto byte) { return byte == 0; });
  }

  /// 0 or an errno: takes the first address of the interface that suits the remote one.
  linux_errno choose_local(const interface& device) {
    const bool v6 = is_v6(remote_);
    if (!v6) {
      if (device.ipv4.empty()) return linux_errno::edestaddrreq;
      std::ranges::copy(device.ipv4.front().bytes(), local_.bytes.begin());
      local_.family = ip_family::v4;
      return no_error;
    }
    if (!kernel_.supports(feature::ipv6)) return linux_errno::einval;
    const bool link_local =
        kernel_.supports(feature::link_local_source) && ipv6_address{remote_.bytes}.is_link_local();
    const auto chosen = std::ranges::find_if(
        device.ipv6, [link_local](const auto& a) { return a.is_link_local() == link_local; });
    if (chosen == device.ipv6.end()) return linux_errno::edestaddrreq;
    local_ = {chosen->bytes(), ip_family::v6};
    return no_error;
  }

  /// Forgets the address that choose_local() took.
  void clear_local() noexcept { local_ = {}; }

  /// 7.4 (seen as patches only): the remote address must be set, and of the local one's family.
  [[nodiscard]] linux_errno check() const noexcept {
    if (!kernel_.supports(feature::per_address_family)) return no_error;
    if (!remote_.family || (local_.family && local_.family != remote_.family)) return linux_errno::einval;
    return no_error;
  }

 private:
  // The kernel keeps an address as 16 bytes whose meaning one flag for both addresses gives (until 7.4).
  struct address {
    std::array<std::uint8_t, 16> bytes{};
    std::optional<ip_family> family;
  };

  bool is_v6(const address& a) const noexcept {
    return kernel_.supports(feature::per_address_family) ? a.family == ip_family::v6 : ipv6_;
  }

  std::string show(const address& a) const {
    if (kernel_.supports(feature::per_address_family) && !a.family) return "\n";
    if (!is_v6(a)) return to_string(ipv4_address{a.bytes[0], a.bytes[1], a.bytes[2], a.bytes[3]}) + '\n';
    return detail::kernel_ip_text(ipv6_address{a.bytes}) + '\n';
  }

  linux_errno store(std::string_view text, address& to, kernel_log& log) {
    return kernel_.supports(feature::checked_addresses) ? store_checked(text, to)
                                                        : store_loose(text, to, log);
  }

  // 6.18 and later. A text that begins with an address and goes on wrongly has been stored by the time it is
  // refused; the family then stays.
  linux_errno store_checked(std::string_view text, address& to) {
    auto body = text;
    if (body.ends_with('\n')) body.remove_suffix(1);
    if (text.empty()) return linux_errno::einval;
    const auto ends_well = [&](std::optional<std::size_t> end) {
      return end && (*end == text.size() || text[*end] == '\n');
    };
    if (ends_well(read_v4(body, to))) return set_family(to, ip_family::v4);
    if (kernel_.supports(feature::ipv6) && ends_well(detail::read_kernel_ipv6(body, to.bytes)))
      return set_family(to, ip_family::v6);
    return linux_errno::einval;
  }

  // Up to 6.17. A ':' makes it IPv6, stored even when what follows is wrong; without one any bytes are IPv4,
  // unless the target is IPv6 already.
  linux_errno store_loose(std::string_view text, address& to, kernel_log& log) {
    const bool knows_v6 = kernel_.supports(feature::strict_addresses);
    if (!knows_v6 || text.find(':') == text.npos) {
      if (ipv6_) return linux_errno::einval;
      const auto v4 = detail::read_loose_ipv4(text, !kernel_.supports(feature::unsigned_char));
      std::ranges::copy(v4, to.bytes.begin());
      return no_error;
    }
    const auto end = detail::read_kernel_ipv6(text, to.bytes);
    if (!end) return linux_errno::einval;
    if (*end < text.size() && text[*end] != '\n') {
      log.put(level::err, std::string{"invalid IPv6 address at: <"} + text[*end] + '>');
      return linux_errno::einval;
    }
    return set_family(to, ip_family::v6);
  }

  static std::optional<std::size_t> read_v4(std::string_view text, address& to) noexcept {
    std::array<std::uint8_t, 4> v4{};
    const auto end = detail::read_kernel_ipv4(text, v4);
    if (end) std::ranges::copy(v4, to.bytes.begin());
    return end;
  }

  linux_errno set_family(address& to, ip_family family) noexcept {
    to.family = family;
    ipv6_ = family == ip_family::v6;
    return no_error;
  }

  kernel_profile kernel_;
  bool ipv6_ = false;  // family of both addresses, until 7.4
  address local_, remote_;
};

}  // namespace netcon::inline v0_1::configfs
