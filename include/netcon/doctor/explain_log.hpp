// SPDX-License-Identifier: MIT
// A whole log explained: each line about netconsole, and the target that it is about.
#pragma once

#include <netcon/core/printable.hpp>
#include <netcon/doctor/log_meaning.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::doctor {

/// A line, and what it is about.
struct explained_line {
  log_meaning meaning{};  ///< of the line by itself
  /// "cmdline0", "10.0.0.2:6666 through eth0" or as much as the lines so far say; empty: it is about no
  /// target, or about one that the log does not name.
  std::string target{};
};

/// Takes the lines of a kernel's log in their order. The banner of a target names it for the lines that
/// follow.
class log_explainer {
 public:
  /// text: a line without its stamp. Nothing for a line about something else.
  [[nodiscard]] std::optional<explained_line> push(std::string_view text) {
    auto meaning = explain_log_line(text);
    if (!meaning) return std::nullopt;
    const auto& kind = meaning->name;
    if (kind == "local-port") receiver_ = port_ = device_ = {};
    if (kind == "interface") device_ = printable(meaning->subject);
    if (kind == "remote-port") port_ = printable(meaning->subject);
    if (kind == "remote-address") receiver_ = printable(meaning->subject);
    const bool is_named = kind == "target-not-enabled" || kind == "locked";
    explained_line out{*std::move(meaning), {}};
    if (is_named) {
      out.target = printable(out.meaning.subject);
    } else if (is_about_one_target(out.meaning.name)) {
      out.target = label();
    }
    if (out.meaning.name == "started" || out.meaning.name == "load-failed") receiver_ = port_ = device_ = {};
    return out;
  }

 private:
  /// Lines of the banner and of the set-up that follows it.
  static bool is_about_one_target(std::string_view kind) {
    for (const std::string_view one :
         {"local-port", "local-address", "interface", "local-mac", "remote-port", "remote-address",
          "remote-mac", "source-chosen", "no-device", "enslaved", "no-netpoll", "no-source", "no-ipv6",
          "device-not-opened", "device-brought-up", "no-carrier", "carrier-distrusted", "no-remote-address"})
      if (kind == one) return true;
    return false;
  }

  std::string label() const {
    std::string out;
    if (!receiver_.empty()) {
      const bool is_v6 = receiver_.find(':') != receiver_.npos;
      out = is_v6 ? '[' + receiver_ + ']' : receiver_;
      if (!port_.empty()) out += ':' + port_;
    }
    if (!device_.empty()) out += (out.empty() ? "through " : " through ") + device_;
    return out;
  }

  std::string receiver_{}, port_{}, device_{};
};

}  // namespace netcon::inline v0_1::doctor
