// SPDX-License-Identifier: MIT
// Judges one target of a parameter, field by field.
#pragma once

#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/device_name.hpp>
#include <netcon/lint/internal/held_addresses.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/repair.hpp>
#include <netcon/lint/internal/respelled_mac.hpp>
#include <netcon/parameter/fields.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// Appends its findings to `found`, the parser's error first. Places count from `base` before the text.
class target_linter {
 public:
  target_linter(std::string_view text, std::size_t base, const kernel_profile& kernel,
                std::vector<finding>& found)
      : text_{text},
        base_{base},
        kernel_{kernel},
        found_{found},
        parsed_{target_parser{text, base, kernel}.run()},
        fields_{split_target(text, kernel)} {}

  void run() {
    if (!parsed_) refused();
    if (text_.empty()) return;
    name_inside();
    characters();
    flags();
    if (fields_.is_complete()) every_field();
    if (!parsed_) shape();
  }

  const std::expected<target, error>& parsed() const { return parsed_; }

 private:
  std::string_view in(text_range where) const { return where.in(text_); }
  static text_range part(std::size_t first, std::size_t size) {
    return text_range::between(first, first + size);
  }
  text_range moved(text_range where) const {
    return text_range::between(base_ + where.begin, base_ + where.end);
  }

  /// Fixes for details are only on a target that the kernel takes; on another one the error has the whole
  /// fix.
  void add(text_errc code, severity level, text_range where,
           std::optional<std::string> replacement = std::nullopt) {
    finding one{code, level, moved(where), std::nullopt};
    if (replacement && parsed_ && is_harmless(where, *replacement))
      one.fix = netcon::fix{one.where, std::move(*replacement)};
    found_.push_back(std::move(one));
  }
  /// Whether no address goes with what is replaced, and no two words become one.
  bool is_harmless(text_range where, std::string_view replacement) const {
    if (replacement.empty() && invisible_blank(in(where)) != 3 && joins_words(text_, where)) return false;
    const auto whole = std::string{text_.substr(0, where.begin)}.append(replacement).append(text_, where.end);
    return keeps_addresses(text_, whole);
  }
  void warn(text_errc code, text_range where, std::optional<std::string> replacement = std::nullopt) {
    add(code, severity::warning, where, std::move(replacement));
  }
  void note(text_errc code, text_range where) { add(code, severity::note, where); }
  /// A further field that the kernel would refuse if it read so far.
  void refuse_too(text_errc code, text_range where) {
    if (!parsed_ && base_ + where.begin > parsed_.error().where.begin) add(code, severity::error, where);
  }

  void refused() {
    found_.push_back(
        {parsed_.error().code, severity::error, parsed_.error().where, repair_of(text_, kernel_)});
    if (auto& fix = found_.back().fix) fix->where = moved(fix->where);
  }

  void name_inside() {
    const auto name = text_.find(parameter_name);
    if (name == text_.npos) return;
    constexpr std::string_view module = "netconsole.";
    const auto first = text_.substr(0, name).ends_with(module) ? name - module.size() : name;
    warn(text_errc::parameter_name_inside, text_range::between(first, name + parameter_name.size()));
  }

  /// Where the text after a complete MAC address begins: mac_field judges it as a whole.
  std::size_t tail() const {
    mac_address mac;
    return fields_.is_complete() && read_kernel_mac(in(fields_.remote_mac), mac)
               ? fields_.remote_mac.begin + mac_address::max_text
               : text_.size();
  }

  void characters() {
    const auto end = tail();
    for (std::size_t i = 0; i < end;) i += character(i);
  }
  /// How many bytes were judged together.
  std::size_t character(std::size_t at) {
    const auto rest = text_.substr(at);
    if (const auto size = typeset_quote(rest); size != 0) {
      warn(text_errc::quote_character, part(at, size), "");
      return size;
    }
    if (const auto size = invisible_blank(rest); size != 0) {
      warn(text_errc::stray_blank, part(at, size), "");
      return size;
    }
    if (rest.front() == '\n') {
      // In a field that the kernel reads up to the newline nothing after it counts.
      const auto size = find_or_end(rest, "@/", 0);
      warn(text_errc::stray_newline, part(at, size), "");
      return size + 1;
    }
    if (is_blank(rest.front())) {
      std::size_t size = 1;
      while (size < rest.size() && is_blank(rest[size]) && rest[size] != '\n') ++size;
      warn(text_errc::stray_blank, part(at, size), "");
      return size;
    }
    if (is_quote(rest.front())) warn(text_errc::quote_character, part(at, 1), "");
    if (rest.front() == '\\') warn(text_errc::backslash, part(at, 1), "");
    return 1;
  }

  void flags() {
    const bool has_plus = text_.starts_with('+');
    if (has_plus && !kernel_.supports(feature::extended)) warn(text_errc::flag_too_old, part(0, 1), "");
    const std::size_t at = has_plus ? 1 : 0;
    if (text_.substr(at).starts_with('r') && !kernel_.supports(feature::release))
      warn(text_errc::flag_too_old, part(at, 1), "");
  }

  void every_field() {
    port_field(fields_.local_port, false);
    address_field(fields_.local_ip, false);
    device_field(fields_.local_device);
    port_field(fields_.remote_port, true);
    address_field(fields_.remote_ip, true);
    mac_field(fields_.remote_mac);
    if (parsed_ && parsed_->local_port == port{6666} && parsed_->remote_port == port{6665})
      note(text_errc::swapped_ports, fields_.remote_port);
    if (parsed_) source_network();
  }

  /// The receiver is in a private network and the source is not: where half of the first two numbers agrees a
  /// digit slipped, 192.163 for 192.168. Otherwise there may be a router, whose MAC address is then the right
  /// one.
  void source_network() {
    if (!parsed_->local_ip || !parsed_->local_ip->is_v4() || !parsed_->remote_ip.is_v4()) return;
    const auto source = parsed_->local_ip->v4(), receiver = parsed_->remote_ip.v4();
    if (source.is_unspecified() || source.is_link_local() || source.is_loopback()) return;
    if (private_network(receiver) == 0 || private_network(source) == private_network(receiver)) return;
    const auto a = source.bytes(), b = receiver.bytes();
    const bool is_near = b[0] == 192 ? (a[0] == 192 && a[1] != 0) || a[1] == 168 : b[0] == 172 && a[0] == 172;
    const bool is_slip = private_network(source) == 0 && is_near;
    if (is_slip)
      warn(text_errc::source_network, fields_.local_ip);
    else if (parsed_->remote_mac)
      note(text_errc::source_network, fields_.local_ip);
  }
  /// Which of the private networks of RFC 1918 an address is in, or 0.
  static unsigned private_network(const ipv4_address& address) {
    const auto bytes = address.bytes();
    if (bytes[0] == 10) return 10;
    if (bytes[0] == 172 && bytes[1] >= 16 && bytes[1] < 32) return 172;
    return bytes[0] == 192 && bytes[1] == 168 ? 192 : 0;
  }

  void port_field(text_range where, bool remote) {
    const auto text = in(where);
    if (text.empty()) return;
    std::uint16_t value = 0;
    const auto state = read_kernel_u16(text, value);
    if (state != number_state::ok) {
      if (parsed_) warn(text_errc::misread_port, where);
      refuse_too(state == number_state::overflow ? text_errc::port_out_of_range : text_errc::bad_port, where);
      return;
    }
    if (text.starts_with('+')) {
      const bool is_misread = !kernel_.supports(feature::strict_numbers);
      if (!is_misread) warn(text_errc::plus_in_port, where, std::to_string(value));
      if (is_misread && where.begin != 0) warn(text_errc::misread_port, where, std::to_string(value));
    } else if (text.starts_with('0') && value != 0) {
      warn(text_errc::leading_zeros, where, std::to_string(value));
    }
    if (value == 0) warn(text_errc::port_zero, where);
    if (remote && value != 0 && value < 1024)
      note(value == 514 ? text_errc::syslog_port : text_errc::low_remote_port, where);
  }

  void address_field(text_range where, bool remote) {
    if (where.empty()) {
      if (remote) refuse_too(text_errc::missing_remote_address, where);
      return;
    }
    const auto text = in(where).substr(0, in(where).find('\n'));
    const auto line = part(where.begin, text.size());
    ipv4_address::bytes_type v4{};
    ipv6_address::bytes_type v6{};
    const bool is_v4 = read_kernel_ipv4(text, v4) == text.size();
    const bool is_v6 = read_kernel_ipv6(text, v6) == text.size();
    if (!is_v4 && !is_v6) return bad_address(where);
    if (is_v6 && !kernel_.supports(feature::strict_addresses)) {
      if (parsed_) warn(text_errc::misread_address, where);
      return;
    }
    const ip_address address = is_v4 ? ip_address{ipv4_address{v4}} : ip_address{ipv6_address{v6}};
    if (is_padded(text, is_v4 ? 1 : 4)) warn(text_errc::leading_zeros, line, to_string(address));
    if (remote && address.is_unspecified()) warn(text_errc::unspecified_remote, line);
    if (remote && address.is_loopback()) warn(text_errc::loopback_remote, line);
    if (!remote && address.is_unspecified()) unspecified_source(line, is_v6);
  }
  /// Whether a group of an address begins with a zero and has more digits than it needs.
  static bool is_padded(std::string_view address, std::size_t most) {
    for (std::size_t start = 0; start <= address.size();) {
      const auto end = find_or_end(address, ".:", start);
      if (end - start > most && address[start] == '0') return true;
      start = end + 1;
    }
    return false;
  }
  void unspecified_source(text_range where, bool is_v6) {
    const bool counts =
        kernel_.supports(feature::per_address_family) || !parsed_ || parsed_->remote_ip.is_v6() != is_v6;
    warn(text_errc::unspecified_source, where, counts ? std::nullopt : std::optional{std::string{}});
  }

  void bad_address(text_range where) {
    if (parsed_) return warn(text_errc::misread_address, where);
    const auto text = in(where);
    const bool has_colon = text.find(':') != text.npos;
    refuse_too(has_colon ? text_errc::bad_ipv6_address : text_errc::bad_ip_address, where);
    if (text.starts_with('[')) warn(text_errc::bracketed_address, where);
    if (const auto zone = text.find('%'); zone != text.npos)
      warn(text_errc::address_zone, text_range::between(where.begin + zone, where.end));
    const auto is_label = [](char c) {
      return is_digit(c) || c == '-' || c == '.' || c == '_' || is_letter(c);
    };
    if (!has_colon && all_bytes(text, is_label) && is_letter(text.front()) && is_letter(text.back()))
      warn(text_errc::host_name, where);
  }

  void device_field(text_range where) {
    const auto text = in(where);
    if (text.empty()) return;
    if (mac_address mac; read_kernel_mac(text, mac)) return device_by_mac(where, mac);
    if (text.find(':') != text.npos) device_with_colon(where);
    device_name(where);
    if (looks_wireless(text)) warn(text_errc::wireless_device, where);
    if (looks_like_tunnel(text)) warn(text_errc::tunnel_device, where);
    if (looks_compound(text)) note(text_errc::compound_device, where);
  }
  void device_by_mac(text_range where, const mac_address& mac) {
    if (!kernel_.supports(feature::device_by_mac)) return warn(text_errc::device_mac_too_old, where);
    if (where.size() > mac_address::max_text)
      rest_after_mac(text_range::between(where.begin + mac_address::max_text, where.end));
    if (mac.is_zero() || mac.is_multicast()) warn(text_errc::device_never_found, where);
  }
  void device_with_colon(text_range where) {
    if (kernel_.supports(feature::device_by_mac)) return refuse_too(text_errc::bad_device_mac, where);
    if (where.size() > interface_name::max_text) return;
    const auto name = name_before_alias(in(where));
    if (name.empty()) return warn(text_errc::unusable_name, where);
    warn(text_errc::device_alias, where, std::string{name});
  }
  void device_name(text_range where) {
    const auto text = in(where);
    if (const auto name = name_before_parent(text); !name.empty())
      return warn(text_errc::name_with_parent, where, std::string{name});
    if (text.size() > interface_name::max_text) return warn(text_errc::name_cut, where);
    if (text.find(':') != text.npos || interface_name::parse(text)) return;
    // What wraps a name, and blanks, were reported as characters.
    if (!all_bytes(text, [](char c) { return !is_quote(c) && !is_blank(c) && c != '\\'; })) return;
    if (const auto size = prefix_length_before_name(text); size != 0)
      return warn(text_errc::prefix_length, part(where.begin - 1, size), "");
    const bool has_one_slash_more = text.rfind('/') == 0 && interface_name::parse(text.substr(1));
    warn(text_errc::unusable_name, where,
         has_one_slash_more ? std::optional{std::string{text.substr(1)}} : std::nullopt);
  }

  void mac_field(text_range where) {
    if (where.empty()) {
      if (parsed_ && !parsed_->remote_ip.is_loopback() && !is_for_all(parsed_->remote_ip))
        note(text_errc::broadcast_mac, where);
      return;
    }
    mac_address mac;
    if (!read_kernel_mac(in(where), mac)) return bad_mac(where);
    const auto address = part(where.begin, mac_address::max_text);
    if (mac.is_zero()) warn(text_errc::zero_mac, address);
    if (mac.is_multicast() && !mac.is_broadcast() && !(parsed_ && parsed_->remote_ip.is_multicast()))
      warn(text_errc::multicast_mac, address);
    if (address.end != where.end) after_mac({address.end, where.end});
  }
  /// 255.255.255.255, and what is the broadcast address of most networks: the frame must be a broadcast.
  static bool is_for_all(const ip_address& address) {
    return address.is_v4() && address.v4().bytes()[3] == 255;
  }
  /// ",6666" or ":6666" after the MAC address.
  bool is_port_after_mac(std::string_view rest) const {
    std::uint16_t value = 0;
    return rest.size() > 1 && std::string_view{",:@/"}.find(rest.front()) != std::string_view::npos &&
           read_kernel_u16(rest.substr(1), value) == number_state::ok && value > 99;
  }
  void after_mac(text_range where) {
    const auto rest = in(where);
    if (is_port_after_mac(rest)) {
      // Moved where none is written, removed where it says the same.
      const auto written = in(fields_.remote_port), port = rest.substr(1);
      if (written == port || (written.empty() && port == "6666"))
        return warn(text_errc::port_after_mac, where, "");
      if (!written.empty()) return warn(text_errc::port_after_mac, where);
      warn(text_errc::port_after_mac, where);
      const text_range from{fields_.remote_port.begin, where.end};
      const auto kept = text_range::between(fields_.remote_port.end, where.begin).in(text_);
      if (parsed_) found_.back().fix = netcon::fix{moved(from), std::string{port} + std::string{kept}};
      return;
    }
    if (all_bytes(rest, is_quote)) return warn(text_errc::quote_character, where, "");
    if (rest.front() == '\n' && all_bytes(rest, is_blank)) return warn(text_errc::stray_newline, where, "");
    if (const auto next = after_separators(rest);
        next != 0 && target_parser{rest.substr(next), 0, kernel_}.run())
      return warn(text_errc::comma_between_targets, part(where.begin, next), ";");
    rest_after_mac(where);
  }
  /// It goes where it is no part of a target, nor of the last number.
  void rest_after_mac(text_range where) {
    const auto rest = in(where);
    const bool is_number = hex_value(rest.front()) >= 0 || rest.front() == ':';
    warn(text_errc::text_after_mac, where,
         is_number || holds_target(rest) ? std::nullopt : std::optional{std::string{}});
  }

  void bad_mac(text_range where) {
    refuse_too(text_errc::bad_mac_address, where);
    const auto text = in(where);
    if (respelled_mac(text)) return warn(text_errc::mac_spelling, where);
    if (is_prefix_length(text)) return warn(text_errc::prefix_length, {where.begin - 1, where.end});
    if (text.size() < mac_address::max_text) return;
    // Of the right shape, so that single bytes are to blame.
    std::vector<std::size_t> wrong;
    for (std::size_t i = 0; i < mac_address::max_text; ++i) {
      if ((i % 3 == 2) != (text[i] == ':')) return;
      if (i % 3 != 2 && hex_value(text[i]) < 0) wrong.push_back(i);
    }
    if (wrong.size() > 4) return;
    for (const auto i : wrong) warn(text_errc::not_hexadecimal, part(where.begin + i, 1));
  }

  /// What a refused text as a whole looks like.
  void shape() {
    const auto whole = part(0, text_.size());
    if (!fields_.is_complete()) {
      if (text_.find(',') == text_.npos && text_.find('@') == text_.rfind('@') &&
          text_.find_first_of(".:") != text_.npos)
        warn(text_errc::half_missing, whole);
      return;
    }
    if (kernel_address(in(fields_.local_ip)) && fields_.remote_ip.empty() && fields_.remote_mac.empty() &&
        !text_.starts_with('@'))
      warn(text_errc::raspberry_dialect, whole);
    const auto last = in(fields_.remote_mac);
    mac_address mac;
    if (read_kernel_mac(in(fields_.local_device), mac) && interface_name::parse(last) && !respelled_mac(last))
      warn(text_errc::swapped_halves, whole);
  }

  std::string_view text_;
  std::size_t base_;
  const kernel_profile& kernel_;
  std::vector<finding>& found_;
  std::expected<target, error> parsed_;
  target_fields fields_;
};

}  // namespace netcon::inline v0_1::detail
