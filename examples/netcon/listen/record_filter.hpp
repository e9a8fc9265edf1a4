// SPDX-License-Identifier: MIT
// Which records to show: by level, by a pattern in the text, by sender.
#pragma once

#include "options/address_filter.hpp"

#include <netcon/receive/collector.hpp>

#include <re2/re2.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tool {

/// A regular expression of RE2, over bytes: it takes time in proportion to the text, whatever the pattern.
/// Texts are hostile.
class pattern {
 public:
  /// The error is one line.
  static std::expected<pattern, std::string> compile(const std::string& text);

  bool is_in(std::string_view text) const;

 private:
  std::shared_ptr<const re2::RE2> compiled_;
};

struct record_filter {
  std::optional<std::uint8_t> min_level;  // and all more urgent ones
  std::optional<pattern> match;
  std::optional<address_filter> sender;

  /// Events without a record, such as losses, depend on the sender only.
  template <class Event>
  bool shows(const Event& event) const {
    if (sender && !sender->admits(event.sender.address)) return false;
    if constexpr (std::is_same_v<Event, netcon::event::basic>) {
      return shows_basic(event.text);
    } else if constexpr (requires { event.record; }) {
      return shows_record(event.record);
    }
    return true;
  }

 private:
  bool shows_record(const netcon::record_view&) const;
  bool shows_basic(std::string_view text) const;
};

}  // namespace tool
