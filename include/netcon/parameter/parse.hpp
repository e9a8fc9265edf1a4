// The netconsole= parameter, read as the kernel of a kernel_profile reads it: neither stricter nor kinder.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/detail/bounded_list.hpp>
#include <netcon/parameter/target.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace netcon {

/// The longest parameter a kernel keeps (a buffer of 256 bytes with its NUL).
inline constexpr std::size_t max_parameter = 255;

namespace detail {

/// What of a text reaches the parser: all before a NUL, and of a built-in netconsole's at most 255 bytes.
/// A module is refused with more.
constexpr std::expected<std::string_view, error> as_received(std::string_view text,
                                                             const kernel_profile& kernel) noexcept {
  text = text.substr(0, text.find('\0'));
  if (text.size() <= max_parameter) return text;
  if (!kernel.supports(feature::module)) return text.substr(0, max_parameter);
  return std::unexpected{error{errc::parameter_too_long, text_range::between(max_parameter, text.size())}};
}

/// One target, field after field: each goes up to the first delimiter, wherever that stands.
class target_parser {
 public:
  constexpr target_parser(std::string_view text, std::size_t base, const kernel_profile& kernel) noexcept
      : text_{text}, base_{base}, profile_{kernel} {}

  constexpr std::expected<target, error> run() noexcept {
    if (text_.empty()) {
      fail(errc::empty_target, 0, 0);
    } else if (flags() && local_port() && local_ip() && local_device() && remote_port() && remote_ip() &&
               remote_mac()) {
      return result_;
    }
    return std::unexpected{problem_};
  }

 private:
  constexpr bool fail(errc code, std::size_t first, std::size_t last) noexcept {
    problem_ = {code, text_range::between(base_ + first, base_ + last)};
    return false;
  }
  constexpr bool fail(errc code) noexcept { return fail(code, field_at_, field_at_ + field_.size()); }

  /// Takes the field before a delimiter, and the delimiter. Without one the whole rest is at fault.
  constexpr bool take(char delimiter, errc missing) noexcept {
    // Fields are short: a loop here is quicker than a call of memchr.
    const char *const first = text_.data() + at_, *const last = text_.data() + text_.size();
    const char* end = first;
    while (end != last && *end != delimiter) ++end;
    field_at_ = at_;
    field_ = {first, end};
    if (end == last) return fail(missing);
    at_ += field_.size() + 1;
    return true;
  }

  constexpr bool flags() noexcept {
    if (profile_.supports(feature::extended) && text_.starts_with('+')) {
      result_.extended = true;
      ++at_;
    }
    if (profile_.supports(feature::release) && text_.substr(at_).starts_with('r')) {
      if (!result_.extended && !profile_.supports(feature::extended_by_default))
        return fail(errc::release_without_extended, at_, at_ + 1);
      result_.release = true;
      ++at_;
    }
    return true;
  }

  constexpr bool read_port(std::optional<port>& to) noexcept {
    if (field_.empty()) return true;
    if (!profile_.supports(feature::strict_numbers)) {
      to = port{read_loose_u16(field_)};
      return true;
    }
    std::uint16_t value = 0;
    switch (read_kernel_u16(field_, value)) {
      case number_state::not_a_number:
        return fail(errc::bad_port);
      case number_state::overflow:
        return fail(errc::port_out_of_range);
      case number_state::ok:
        break;
    }
    to = port{value};
    return true;
  }

  constexpr bool read_ip(ip_address& to) noexcept {
    if (!profile_.supports(feature::strict_addresses)) {
      to = ipv4_address{read_loose_ipv4(field_)};
      return true;
    }
    // A newline ends an address too, and what follows it is not looked at (Linux 6.17, netconsole.c).
    const auto is_end = [&](std::optional<std::size_t> at) {
      return at == field_.size() ||
             (at && field_[*at] == '\n' && profile_.supports(feature::parser_in_netconsole));
    };
    if (ipv4_address::bytes_type v4{}; is_end(read_kernel_ipv4(field_, v4))) {
      to = ipv4_address{v4};
      return true;
    }
    ipv6_address::bytes_type v6{};
    if (!is_end(read_kernel_ipv6(field_, v6)))
      return fail(field_.find(':') == field_.npos ? errc::bad_ip_address : errc::bad_ipv6_address);
    if (!profile_.supports(feature::ipv6)) return fail(errc::ipv6_unsupported);
    to = ipv6_address{v6};
    return true;
  }

  // What nearly every text holds is read in one pass; all kernels agree about it.

  /// At most five digits and '@'.
  constexpr bool take_plain_port(std::optional<port>& to) noexcept {
    const char *const first = text_.data() + at_, *const last = text_.data() + text_.size();
    const char* at = first;
    std::uint32_t value = 0;
    for (; at != last && is_digit(*at) && at != first + 5; ++at)
      value = value * 10 + static_cast<std::uint32_t>(*at - '0');
    if (at == first || at == last || *at != '@' || value > 0xffff) return false;
    to = port{static_cast<std::uint16_t>(value)};
    at_ += static_cast<std::size_t>(at - first) + 1;
    return true;
  }

  /// A dotted quad and '/'.
  constexpr bool take_plain_ipv4(ip_address& to) noexcept {
    ipv4_address::bytes_type v4{};
    const auto length = read_kernel_ipv4(text_.substr(at_), v4);
    if (!length || at_ + *length == text_.size() || text_[at_ + *length] != '/') return false;
    to = ipv4_address{v4};
    field_at_ = at_;
    field_ = text_.substr(at_, *length);
    at_ += *length + 1;
    return true;
  }

  constexpr bool local_port() noexcept {
    return take_plain_port(result_.local_port) ||
           (take('@', errc::missing_first_at) && read_port(result_.local_port));
  }

  constexpr bool local_ip() noexcept {
    ip_address address;
    if (!take_plain_ipv4(address)) {
      if (!take('/', errc::missing_first_slash)) return false;
      if (field_.empty()) return true;
      if (!read_ip(address)) return false;
    }
    result_.local_ip = address;
    return true;
  }

  constexpr bool local_device() noexcept {
    if (!take(',', errc::missing_comma)) return false;
    if (field_.empty()) return true;
    if (profile_.supports(feature::device_by_mac) && std::count(field_.begin(), field_.end(), ':') != 0) {
      mac_address mac;
      if (!read_kernel_mac(field_, mac)) return fail(errc::bad_device_mac);
      result_.local_device = mac;
    } else {
      result_.local_device = interface_name::truncated(field_);
    }
    return true;
  }

  constexpr bool remote_port() noexcept {
    return take_plain_port(result_.remote_port) ||
           (take('@', errc::missing_second_at) && read_port(result_.remote_port));
  }

  constexpr bool remote_ip() noexcept {
    if (!take_plain_ipv4(result_.remote_ip)) {
      if (!take('/', errc::missing_second_slash))
        return fail(field_.empty() ? errc::missing_remote_address : errc::missing_second_slash);
      if (field_.empty() && profile_.supports(feature::strict_addresses))
        return fail(errc::missing_remote_address);
      if (!read_ip(result_.remote_ip)) return false;
    }
    if (result_.local_ip && result_.local_ip->family() != result_.remote_ip.family())
      return fail(errc::family_mismatch);
    if (!result_.local_ip && result_.remote_ip.is_v6() && !profile_.supports(feature::ipv6_without_source))
      return fail(errc::ipv6_needs_source);
    return true;
  }

  constexpr bool remote_mac() noexcept {
    field_at_ = at_;
    field_ = text_.substr(at_);
    if (field_.empty()) return true;
    mac_address mac;
    if (!read_kernel_mac(field_, mac)) return fail(errc::bad_mac_address);
    result_.remote_mac = mac;
    return true;
  }

  std::string_view text_;
  std::size_t base_;
  const kernel_profile& profile_;
  std::size_t at_ = 0;
  std::string_view field_;
  std::size_t field_at_ = 0;
  target result_;
  error problem_;
};

}  // namespace detail

/// One target:
///
///     ["+"] ["r"] [local-port] "@" [local-ip] "/" [device] "," [remote-port] "@" remote-ip "/" [remote-mac]
///
/// or why that kernel refuses it. The text_range of an error is the text that the kernel's log quotes: the field,
/// or where a delimiter is missing all the rest. Errors: empty_target, missing_*, bad_port,
/// port_out_of_range, bad_ip_address, bad_ipv6_address, bad_mac_address, bad_device_mac, family_mismatch,
/// ipv6_*, release_without_extended, several_targets, parameter_too_long.
constexpr std::expected<target, error> parse_target(std::string_view text,
                                                    const kernel_profile& kernel = kernel_profile::latest()) noexcept {
  const auto received = detail::as_received(text, kernel);
  if (!received) return std::unexpected{received.error()};
  if (kernel.supports(feature::multiple_targets))
    if (const auto end = received->find(';'); end != received->npos)
      return std::unexpected{error{errc::several_targets, text_range::between(end, end + 1)}};
  return detail::target_parser{*received, 0, kernel}.run();
}

/// A target of the parameter and where it stands there.
struct boot_target {
  target value;
  text_range where;

  friend constexpr bool operator==(const boot_target&, const boot_target&) noexcept = default;
};

/// The targets of a parameter that the kernel keeps, in the order of the text: the one at index N is named
/// cmdlineN. Records go to the last one first.
class parameter {
 public:
  /// As many as fit in 255 bytes on a kernel that takes "@/,@/"; of targets with an address at most 32 fit.
  static constexpr std::size_t max_targets = (max_parameter + 1) / 6;

  constexpr std::span<const boot_target> targets() const noexcept { return targets_.view(); }
  /// Why the pieces that are no target were passed over, in the order of the text.
  constexpr std::span<const error> skipped() const noexcept { return skipped_.view(); }

  constexpr bool empty() const noexcept { return targets_.size() == 0; }
  constexpr std::size_t size() const noexcept { return targets_.size(); }
  constexpr const boot_target& operator[](std::size_t index) const noexcept { return targets()[index]; }
  constexpr auto begin() const noexcept { return targets().begin(); }
  constexpr auto end() const noexcept { return targets().end(); }

 private:
  friend constexpr std::expected<parameter, error> parse_parameter(std::string_view, const kernel_profile&) noexcept;

  detail::bounded_list<boot_target, max_targets> targets_;
  detail::bounded_list<error, max_parameter + 1> skipped_;
};

/// A whole parameter: targets separated by ';' (2.6.24+). An empty text is no target; an empty piece is a bad
/// one. A bad target is skipped from Linux 6.12 on where configfs is built in; elsewhere it fails the whole
/// parameter and its error comes back. A module also refuses more than 255 bytes, a built-in netconsole cuts
/// them.
constexpr std::expected<parameter, error> parse_parameter(std::string_view text, const kernel_profile& kernel) noexcept {
  const auto received = detail::as_received(text, kernel);
  if (!received) return std::unexpected{received.error()};
  std::expected<parameter, error> result;
  if (received->empty()) return result;
  const bool skips = kernel.supports(feature::bad_target_skipped) && kernel.supports(feature::dynamic);
  for (std::size_t start = 0; start <= received->size();) {
    auto end = kernel.supports(feature::multiple_targets) ? received->find(';', start) : received->npos;
    if (end == received->npos) end = received->size();
    const auto one = detail::target_parser{received->substr(start, end - start), start, kernel}.run();
    if (one) {
      result->targets_.push_back({*one, text_range::between(start, end)});
    } else if (skips) {
      result->skipped_.push_back(one.error());
    } else {
      return std::unexpected{one.error()};
    }
    start = end + 1;
  }
  return result;
}

constexpr std::expected<parameter, error> parse_parameter(std::string_view text) noexcept {
  return parse_parameter(text, kernel_profile::latest());
}

}  // namespace netcon
