// SPDX-License-Identifier: MIT
// The marks that lines for people and syslog messages have in their text, and texts of strangers that look
// so.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/output/internal/append.hpp>

#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

inline constexpr std::string_view late_mark = "(late) ", conflict_mark = "(conflict) ",
                                  partial_mark = "(partial) ", gap_mark = "[... ";

/// Appends printable text. Where it could be taken for a mark, the bracket that begins it is escaped.
inline void append_unmarked(std::string& out, std::string_view text) {
  for (const auto mark : {late_mark, conflict_mark, partial_mark})
    if (text.starts_with(mark)) {
      append_hex_escape(out, text.front());
      text.remove_prefix(1);
      break;
    }
  for (auto at = text.find(gap_mark); at != text.npos; at = text.find(gap_mark)) {
    append_printable(out, text.substr(0, at));
    append_hex_escape(out, text[at]);
    text.remove_prefix(at + 1);
  }
  append_printable(out, text);
}

/// The address of a sender, with the zone of a link-local one: "fe80::1%2".
inline void append_address(std::string& out, const endpoint& sender) {
  append_value(out, sender.address);
  if (sender.scope == 0) return;
  out += '%';
  append_decimal(out, sender.scope);
}

}  // namespace netcon::inline v0_1::detail
