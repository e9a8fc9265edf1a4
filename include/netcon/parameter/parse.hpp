// SPDX-License-Identifier: MIT
// The netconsole= parameter, read as the kernel of a kernel_profile reads it: neither stricter nor kinder.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/parsed.hpp>
#include <netcon/detail/bounded_list.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/parameter/fields.hpp>
#include <netcon/parameter/target.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace netcon::inline v0_1 {

namespace detail {

/// What of a text reaches the parser: all before a NUL, and of a built-in netconsole's at most 255 bytes.
/// A module is refused with more.
constexpr std::expected<std::string_view, error> as_received(std::string_view text,
                                                             const kernel_profile& kernel) noexcept {
  text = text_up_to(text, text.find('\0'));
  if (text.size() <= max_parameter) return text;
  if (!kernel.supports(feature::module)) return text_up_to(text, max_parameter);
  return std::unexpected{
      error{text_errc::parameter_too_long, text_range::between(max_parameter, text.size())}};
}

/// Converts the fields of one target. What nearly every text holds, a plain port or a dotted quad, is read in
/// one pass with the search for its delimiter; all kernels agree about those.
class target_parser {
 public:
  /// Places in errors count from `base` before the text.
  constexpr target_parser(std::string_view text, std::size_t base, const kernel_profile& kernel) noexcept
      : is_empty_{text.empty()}, base_{base}, kernel_{kernel}, fields_{text, kernel} {}

 private:
  constexpr bool fail(text_errc code, text_range where) noexcept {
    problem_ = {code, text_range::between(base_ + where.begin, base_ + where.end)};
    return false;
  }
  constexpr bool fail(text_errc code) noexcept { return fail(code, fields_.where()); }

  template <target_field Field>
  constexpr bool take() noexcept {
    return fields_.take<Field>() || fail(missing_after(Field));
  }

  constexpr bool flags() noexcept {
    result_.extended = fields_.extended();
    result_.release = fields_.release();
    if (result_.release && !result_.extended && !kernel_.supports(feature::extended_by_default))
      return fail(text_errc::release_without_extended, {0, 1});
    return true;
  }

  template <target_field Field>
  constexpr bool port_field(std::optional<port>& to) noexcept {
    const auto text = fields_.rest();
    const char *const first = text.data(), *const last = first + text.size();
    const char* at = first;
    std::uint32_t value = 0;
    for (; at != last && is_digit(*at) && at != first + 5; ++at)
      value = value * 10 + static_cast<std::uint32_t>(*at - '0');
    if (value > 0xffff || !fields_.take_read<Field>(static_cast<std::size_t>(at - first)))
      return take<Field>() && read_port(to);
    if (at != first) to = port{static_cast<std::uint16_t>(value)};
    return true;
  }
  constexpr bool read_port(std::optional<port>& to) noexcept {
    const auto text = fields_.field();
    if (text.empty()) return true;
    if (!kernel_.supports(feature::strict_numbers)) {
      to = port{read_loose_u16(text)};
      return true;
    }
    std::uint16_t value = 0;
    switch (read_kernel_u16(text, value)) {
      case number_state::not_a_number:
        return fail(text_errc::bad_port);
      case number_state::overflow:
        return fail(text_errc::port_out_of_range);
      case number_state::ok:
        break;
    }
    to = port{value};
    return true;
  }

  template <target_field Field>
  constexpr bool plain_ipv4(ip_address& to) noexcept {
    ipv4_address::bytes_type v4{};
    const auto length = read_kernel_ipv4(fields_.rest(), v4);
    if (!length || !fields_.take_read<Field>(*length)) return false;
    to = ipv4_address{v4};
    return true;
  }
  constexpr bool read_ip(ip_address& to) noexcept {
    const auto text = fields_.field();
    if (!kernel_.supports(feature::strict_addresses)) {
      to = ipv4_address{read_loose_ipv4(text)};
      return true;
    }
    // A newline ends an address too, and what follows it is not looked at (Linux 6.18, netconsole.c).
    const auto is_end = [&](std::optional<std::size_t> at) {
      return at == text.size() || (at && text[*at] == '\n' && kernel_.supports(feature::checked_addresses));
    };
    if (ipv4_address::bytes_type v4{}; is_end(read_kernel_ipv4(text, v4))) {
      to = ipv4_address{v4};
      return true;
    }
    ipv6_address::bytes_type v6{};
    if (!is_end(read_kernel_ipv6(text, v6)))
      return fail(text.find(':') == text.npos ? text_errc::bad_ip_address : text_errc::bad_ipv6_address);
    if (!kernel_.supports(feature::ipv6)) return fail(text_errc::ipv6_unsupported);
    to = ipv6_address{v6};
    return true;
  }

  constexpr bool local_ip() noexcept {
    ip_address address;
    if (!plain_ipv4<target_field::local_ip>(address)) {
      if (!take<target_field::local_ip>()) return false;
      if (fields_.field().empty()) return true;
      if (!read_ip(address)) return false;
    }
    result_.local_ip = address;
    return true;
  }
  constexpr bool local_device() noexcept {
    if (!take<target_field::local_device>()) return false;
    const auto text = fields_.field();
    if (text.empty()) return true;
    // As in field_reader: quicker than a call of memchr.
    const char *colon = text.data(), *const last = colon + text.size();
    while (colon != last && *colon != ':') ++colon;
    if (colon != last && kernel_.supports(feature::device_by_mac)) {
      mac_address mac;
      if (!read_kernel_mac(text, mac)) return fail(text_errc::bad_device_mac);
      result_.local_device = mac;
    } else {
      result_.local_device = interface_name::truncated(text);
    }
    return true;
  }
  constexpr bool remote_ip() noexcept {
    if (!plain_ipv4<target_field::remote_ip>(result_.remote_ip)) {
      if (!fields_.take<target_field::remote_ip>())
        return fail(fields_.field().empty() ? text_errc::missing_remote_address
                                            : text_errc::missing_second_slash);
      if (fields_.field().empty() && kernel_.supports(feature::strict_addresses))
        return fail(text_errc::missing_remote_address);
      if (!read_ip(result_.remote_ip)) return false;
    }
    if (result_.local_ip && result_.local_ip->family() != result_.remote_ip.family())
      return fail(text_errc::family_mismatch);
    if (!result_.local_ip && result_.remote_ip.is_v6() && !kernel_.supports(feature::ipv6_without_source))
      return fail(text_errc::ipv6_needs_source);
    return true;
  }
  constexpr bool remote_mac() noexcept {
    fields_.take_rest();
    const auto text = fields_.field();
    if (text.empty()) return true;
    mac_address mac;
    if (!read_kernel_mac(text, mac)) return fail(text_errc::bad_mac_address);
    result_.remote_mac = mac;
    return true;
  }

 public:
  // After the templates that it calls: only then has Clang their bodies in a constant expression.
  constexpr parsed<target> run() noexcept {
    if (is_empty_) {
      fail(text_errc::empty_target, {});
    } else if (flags() && port_field<target_field::local_port>(result_.local_port) && local_ip() &&
               local_device() && port_field<target_field::remote_port>(result_.remote_port) && remote_ip() &&
               remote_mac()) {
      return result_;
    }
    return std::unexpected{problem_};
  }

 private:
  bool is_empty_;
  std::size_t base_;
  const kernel_profile& kernel_;
  field_reader fields_;
  target result_;
  error problem_;
};

}  // namespace detail

/// One target:
///
///     ["+"] ["r"] [local-port] "@" [local-ip] "/" [device] "," [remote-port] "@" remote-ip "/" [remote-mac]
///
/// or why that kernel refuses it. The text_range of an error is the text that the kernel's log quotes: the
/// field, or where a delimiter is missing all the rest. Errors: empty_target, missing_*, bad_port,
/// port_out_of_range, bad_ip_address, bad_ipv6_address, bad_mac_address, bad_device_mac, family_mismatch,
/// ipv6_*, release_without_extended, several_targets, parameter_too_long.
[[nodiscard]] constexpr parsed<target> parse_target(
    std::string_view text, const kernel_profile& kernel = kernel_profile::latest()) noexcept {
  const auto received = detail::as_received(text, kernel);
  if (!received) return std::unexpected{received.error()};
  if (const auto first = *target_ranges{*received, kernel}.begin(); first.end != received->size())
    return std::unexpected{error{text_errc::several_targets, {first.end, first.end + 1}}};
  return detail::target_parser{*received, 0, kernel}.run();
}

/// A target of the parameter and its place there.
struct boot_target {
  target value;      ///< as the kernel read it
  text_range where;  ///< its place in the parameter

  friend constexpr bool operator==(const boot_target&, const boot_target&) noexcept = default;
};

/// The targets of a parameter that the kernel keeps, in the order of the text: the one at index N is named
/// cmdlineN. Records go to the last one first.
class parameter {
 public:
  /// As many as fit in 255 bytes on a kernel that takes "@/,@/"; of targets with an address at most 32 fit.
  static constexpr std::size_t max_targets = (max_parameter + 1) / 6;

  /// Valid as long as this object.
  [[nodiscard]] constexpr std::span<const boot_target> targets() const& noexcept NETCON_LIFETIMEBOUND {
    return targets_.view();
  }
  void targets() const&& = delete;
  /// Why the kernel skips the other targets, in the order of the text.
  [[nodiscard]] constexpr std::span<const error> skipped() const& noexcept NETCON_LIFETIMEBOUND {
    return skipped_.view();
  }
  void skipped() const&& = delete;

  /// True when the kernel makes no target.
  [[nodiscard]] constexpr bool empty() const noexcept { return targets_.size() == 0; }
  /// How many targets the kernel makes, without the skipped ones.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return targets_.size(); }
  /// The target that is named cmdline`index`. Precondition: index < size().
  constexpr const boot_target& operator[](std::size_t index) const noexcept NETCON_LIFETIMEBOUND {
    return targets()[index];
  }
  /// As targets().begin(): `for (const auto& one : parameter)`.
  [[nodiscard]] constexpr auto begin() const noexcept NETCON_LIFETIMEBOUND { return targets().begin(); }
  /// As targets().end().
  [[nodiscard]] constexpr auto end() const noexcept NETCON_LIFETIMEBOUND { return targets().end(); }

 private:
  friend constexpr parsed<parameter> parse_parameter(std::string_view, const kernel_profile&) noexcept;

  detail::bounded_list<boot_target, max_targets> targets_;
  detail::bounded_list<error, max_parameter + 1> skipped_;
};

/// A whole parameter: targets separated by ';' (2.6.24+). An empty text has no target and is no error; an
/// empty target before, after or between ';' is an error. From Linux 6.11 on a kernel with configfs skips a
/// bad target; any other refuses the whole parameter, and the result is that error. A module refuses more
/// than 255 bytes, a built-in netconsole cuts them off.
constexpr parsed<parameter> parse_parameter(std::string_view text, const kernel_profile& kernel) noexcept {
  const auto received = detail::as_received(text, kernel);
  if (!received) return std::unexpected{received.error()};
  parsed<parameter> result;
  const bool skips = kernel.supports(feature::bad_target_skipped) && kernel.supports(feature::dynamic);
  for (const text_range where : target_ranges{*received, kernel}) {
    const auto one = detail::target_parser{where.in(*received), where.begin, kernel}.run();
    if (one) {
      result->targets_.push_back({*one, where});
    } else if (skips) {
      result->skipped_.push_back(one.error());
    } else {
      return std::unexpected{one.error()};
    }
  }
  return result;
}

/// As above, for kernel_profile::latest().
[[nodiscard]] constexpr parsed<parameter> parse_parameter(std::string_view text) noexcept {
  return parse_parameter(text, kernel_profile::latest());
}

}  // namespace netcon::inline v0_1
