// SPDX-License-Identifier: MIT
// What each line that a kernel logs about netconsole, netpoll and the consoles means, and what to do about
// it. Linux, netconsole.c, netpoll.c, printk.c and params.c from 3.9 on.
#pragma once

#include <netcon/configfs/shell.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/doctor/internal/log_texts.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::doctor {

/// A line, understood.
struct log_meaning {
  doctor::severity severity = doctor::severity::ok;  ///< unknown: a text that is not known
  std::string_view name{};                           ///< of the kind of line, as "parameter-refused"
  std::string subject{};  ///< the device, target, address or text that the line names
  std::string meaning{};  ///< one line without a full stop
  std::string remedy{};   ///< as that of a finding
};

namespace internal {

/// The line without what says where it comes from: "netpoll: netconsole: ", "netconsole: ", "printk: "...
constexpr std::string_view without_source(std::string_view text) noexcept {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view source : {"netpoll: ", "netconsole: ", "printk: ", "legacy "})
      if (text.starts_with(source)) {
        text.remove_prefix(source.size());
        again = true;
      }
  }
  return text;
}

constexpr bool is_about_consoles(std::string_view text) noexcept {
  const auto rest = without_source(text);
  return rest.starts_with("console [") || rest.starts_with("bootconsole [") ||
         rest.starts_with("ignoring loglevel setting");
}

/// The form with each '%' replaced.
inline std::string fill_in(std::string_view form, std::string_view subject) {
  std::string out;
  for (const char c : form) {
    if (c == '%') {
      out += subject;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace internal

/// Whether a line of the kernel's log, without its stamp, is one about netconsole, netpoll or a console.
[[nodiscard]] constexpr bool is_netconsole_line(std::string_view text) noexcept {
  return text.starts_with("netconsole: ") || text.starts_with("netpoll: ") ||
         internal::is_about_consoles(text);
}

/// Explains a line without its stamp. Nothing for a line about something else. A line about netconsole of a
/// text that is not known is severity unknown.
[[nodiscard]] inline std::optional<log_meaning> explain_log_line(std::string_view text) {
  if (!is_netconsole_line(text)) return std::nullopt;
  const auto rest = internal::without_source(text);
  for (const auto& row : internal::log_text_table) {
    const auto subject = row.match(rest);
    if (!subject) continue;
    // A log is what others wrote: its words must not become words of a command.
    const auto shown = printable(*subject);
    log_meaning out{row.severity, row.name, std::string{*subject}, internal::fill_in(row.meaning, shown),
                    internal::fill_in(row.remedy, configfs::internal::shell_word(shown))};
    if (row.name == "remote-mac" && *subject == "ff:ff:ff:ff:ff:ff") {
      out.severity = severity::warning;
      out.meaning =
          "no MAC address of the receiver was given: every packet is an Ethernet broadcast, which no "
          "router forwards";
      out.remedy = "netcon suggest RECEIVER";
    }
    return out;
  }
  return log_meaning{severity::unknown, "other", {}, "a line that this version of netcon does not know", {}};
}

}  // namespace netcon::inline v0_1::doctor
