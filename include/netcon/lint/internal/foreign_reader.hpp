// SPDX-License-Identifier: MIT
// Configurations of other programs that are about netconsole and have fields of their own: RHEL's service,
// Debian's package and the boot loader of the Raspberry Pi.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/port.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/text_reader.hpp>
#include <netcon/lint/internal/value_reader.hpp>
#include <netcon/parameter/fields.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1::detail {

class foreign_reader {
 public:
  foreign_reader(std::string_view text, config_format format, found_list& to)
      : text_{text}, format_{format}, to_{to}, lines_{text, {}, to} {}

  void read() {
    for (std::size_t start = 0; start < text_.size();) {
      const auto end = find_or_end(text_, "\n", start);
      line(start, end);
      start = end + 1;
    }
  }

 private:
  void report(text_errc code, severity level, std::size_t first, std::size_t last) {
    to_.problems.push_back({code, level, text_range::between(first, last), std::nullopt});
  }

  void line(std::size_t start, std::size_t end) {
    auto at = start;
    while (at < end && is_blank(text_[at])) ++at;
    const auto name = text_.substr(at, prefix_size(text_.substr(at, end - at), is_word_byte));
    at += name.size();
    if (name.empty() || at >= end || text_[at] != '=') return;
    if (name == "netconsole") {
      report(text_errc::not_read, severity::warning, at - name.size(), value_end(at + 1, end));
      return;
    }
    auto first = at + 1, last = value_end(first, end);
    if (first < last && is_quote(text_[first])) {
      last = find_or_end(text_.substr(0, end), text_.substr(first, 1), first + 1);
      ++first;
    }
    field(name, first, last);
  }
  std::size_t value_end(std::size_t first, std::size_t end) const {
    if (first < end && is_quote(text_[first])) return end;
    const auto blank = find_or_end(text_, " \t\r\n#", first);
    return blank < end ? blank : end;
  }

  void field(std::string_view name, std::size_t first, std::size_t last) {
    const auto text = text_.substr(first, last - first);
    const bool is_unexpanded = has_placeholder(text);
    switch (format_) {
      case config_format::sysconfig:
        if (name != "SYSLOGADDR" && name != "SYSLOGPORT" && name != "SYSLOGMACADDR" && name != "LOCALPORT" &&
            name != "LOCALADDR" && name != "DEV" && name != "NETCONSOLE")
          return;
        note(name);
        if (text.empty() || is_unexpanded) return;
        if (text.find_first_of("@,") != text.npos)
          return report(text_errc::foreign_value, severity::warning, first, last);
        if (name.ends_with("PORT")) return port_field(text, first, last);
        if (name == "SYSLOGMACADDR") return mac_field(text, first, last);
        if (name.ends_with("ADDR")) return address_field(text, first, last);
        return;
      case config_format::netconsole_setup:
        if (name != "NETCONSOLE_OPTS") return;
        note(name);
        if (!is_unexpanded) hosts(first, last);
        return;
      default:
        if (name != "NETCONSOLE") return;
        note(name);
        if (!is_unexpanded && !text.empty()) eeprom(text, first, last);
        return;
    }
  }
  /// Once for a file: whose format it is.
  void note(std::string_view name) {
    const auto first = static_cast<std::size_t>(name.data() - text_.data());
    if (!is_noted_) report(text_errc::other_format, severity::note, first, first + name.size());
    is_noted_ = true;
  }

  void port_field(std::string_view text, std::size_t first, std::size_t last) {
    std::uint16_t value = 0;
    const auto state = read_kernel_u16(text, value);
    if (state != number_state::ok)
      report(state == number_state::overflow ? text_errc::port_out_of_range : text_errc::bad_port,
             severity::error, first, last);
    else if (value == 0)
      report(text_errc::port_zero, severity::warning, first, last);
  }
  void mac_field(std::string_view text, std::size_t first, std::size_t last) {
    if (!mac_address::parse(text)) report(text_errc::bad_mac_address, severity::error, first, last);
  }
  /// A host name is looked up by these programs; what looks like an address must be one.
  void address_field(std::string_view text, std::size_t first, std::size_t last) {
    const bool is_number = text.find_first_not_of("0123456789.") == text.npos;
    if ((is_number || text.find(':') != text.npos || text.find('/') != text.npos) && !ip_address::parse(text))
      report(text.find(':') != text.npos ? text_errc::bad_ipv6_address : text_errc::bad_ip_address,
             severity::error, first, last);
  }

  /// Words of the form [[+][port]@]host.
  void hosts(std::size_t first, std::size_t last) {
    while (first < last) {
      if (is_blank(text_[first])) {
        ++first;
        continue;
      }
      const auto end = find_or_end(text_.substr(0, last), " \t", first);
      host(first, end);
      first = end;
    }
  }
  void host(std::size_t first, std::size_t last) {
    const auto text = text_.substr(first, last - first);
    if (text.find_first_of("/,;") != text.npos)
      return report(text_errc::foreign_value, severity::warning, first, last);
    const auto at = text.find('@');
    if (at == text.npos) return address_field(text, first, last);
    const std::size_t sign = text.starts_with('+') ? 1 : 0;
    if (at > sign) port_field(text.substr(sign, at - sign), first + sign, first + at);
    if (at + 1 == text.size()) return report(text_errc::missing_remote_address, severity::error, last, last);
    address_field(text.substr(at + 1), first + at + 1, last);
  }

  /// src_port@src_ip/dev_name,dst_port@dst_ip/dst_mac: every separator and the source, in 32 bytes.
  void eeprom(std::string_view text, std::size_t first, std::size_t last) {
    constexpr std::size_t most = 32;
    if (text.size() > most) report(text_errc::foreign_value, severity::warning, first + most, last);
    const auto fields = split_target(text, kernel_profile{3, 9});
    if (!fields.is_complete()) return report(*fields.missing, severity::error, first, last);
    const auto place = [&](text_range where) { return std::pair{first + where.begin, first + where.end}; };
    const auto check = [&](text_range where, auto judge) {
      if (where.empty()) return;
      const auto [begin, end] = place(where);
      (this->*judge)(where.in(text), begin, end);
    };
    if (fields.local_ip.empty()) {
      const auto [begin, end] = place(fields.local_ip);
      report(text_errc::foreign_value, severity::warning, begin, end);
    }
    check(fields.local_port, &foreign_reader::port_field);
    check(fields.local_ip, &foreign_reader::strict_address);
    check(fields.remote_port, &foreign_reader::port_field);
    check(fields.remote_ip, &foreign_reader::strict_address);
    check(fields.remote_mac, &foreign_reader::mac_field);
  }
  void strict_address(std::string_view text, std::size_t first, std::size_t last) {
    if (!ipv4_address::parse(text)) report(text_errc::bad_ipv4_address, severity::error, first, last);
  }

  std::string_view text_;
  config_format format_;
  found_list& to_;
  text_reader lines_;
  bool is_noted_ = false;
};

}  // namespace netcon::inline v0_1::detail
