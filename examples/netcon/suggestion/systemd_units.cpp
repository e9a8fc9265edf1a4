// SPDX-License-Identifier: MIT
#include "suggestion/systemd_units.hpp"

#include <netcon/core/printable.hpp>

#include <fmt/format.h>

#include <string_view>

namespace tool {
namespace {

/// One word of ExecStart=, whatever bytes it has (systemd.service(5), COMMAND LINES).
std::string exec_word(std::string_view word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@+,-=[]";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return std::string{word};
  std::string out = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '$') {
      (out += c) += c;
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string description(std::string_view text) {
  std::string out;
  for (const char c : netcon::printable(text)) out.append(c == '%' ? 2 : 1, c);
  return out;
}

/// As systemd-escape, but '-' stays: no path is meant.
std::string escape_unit_name(std::string_view name) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.-";
  std::string out;
  for (const char c : name) {
    if (plain.find(c) != plain.npos)
      out += c;
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

systemd_units make_units(const std::string& name, std::span<const std::string> command,
                         const std::string& receivers) {
  std::string line;
  for (const auto& word : command) line += (line.empty() ? "" : " ") + exec_word(word);
  return {.name = escape_unit_name(name),
          .service = fmt::format(R"([Unit]
Description=netconsole to {}
Wants=network-online.target sys-kernel-config.mount
After=network-online.target sys-kernel-config.mount

[Service]
Type=oneshot
ExecStart={}

[Install]
WantedBy=multi-user.target
)",
                                 description(receivers), line),
          // By the calendar: the other clocks of timers stand still after a start that failed.
          .timer = fmt::format(R"([Unit]
Description=Corrects netconsole to {} when MAC address, device or source have changed

[Timer]
OnCalendar=*:0/15
RandomizedDelaySec=60

[Install]
WantedBy=timers.target
)",
                               description(receivers))};
}

}  // namespace tool
