// SPDX-License-Identifier: MIT
// Events that own what they say: to be kept, or handed to another thread.
#pragma once

#include <netcon/detail/lifetime.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/partial_body.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace netcon::inline v0_1 {

/// As the events of the same names, with copies of what those borrow. record.view() gives the record.
namespace owned_event {

/// A whole record, see event::record.
struct record {
  endpoint sender;        ///< address and port that it came from
  netcon::record record;  ///< with bytes of its own
  bool conflict = false;  ///< as in event::record
};

/// A record without some of its fragments, see event::partial.
struct partial {
  endpoint sender;                  ///< address and port that it came from
  netcon::record record;            ///< made of the bytes that came
  std::vector<text_range> missing;  ///< ranges of the whole body, in order
  bool conflict = false;            ///< fragments disagreed about a byte

  /// The body with its gaps, as long as this object stays as it is.
  [[nodiscard]] partial_body body() const& noexcept NETCON_LIFETIMEBOUND {
    return {record.view().body(), missing};
  }
  void body() const&& = delete;
};

/// Records that did not come, see event::lost.
struct lost {
  endpoint sender;                   ///< whose records they were
  loss cause = loss::sequence_gap;   ///< how it is known, and how certain it is
  std::uint64_t first_sequence = 0;  ///< number of the first lost record; 0 for every cause but sequence_gap
  std::uint64_t count = 0;           ///< records, at least 1
};

/// The sender rebooted, see event::rebooted.
struct rebooted {
  endpoint sender;                  ///< of the old boot and of the new one
  std::uint64_t last_sequence = 0;  ///< the highest of the boot before
};

/// A record that came before, see event::duplicate.
struct duplicate {
  endpoint sender;        ///< address and port that the repeat came from
  netcon::record record;  ///< the repeat, or the fragment of one
};

/// A record that came after it was reported lost or partial, see event::late.
struct late {
  endpoint sender;        ///< address and port that it came from
  netcon::record record;  ///< whole, or the fragment that came late
  bool conflict = false;  ///< fragments disagreed about a byte
};

/// A line without header, see event::basic.
struct basic {
  endpoint sender;        ///< address and port that it came from
  std::string text;       ///< raw bytes without the newline
  bool complete = true;   ///< its newline came
  bool replayed = false;  ///< the notice of a replay came before it
};

/// Empty lines that were left out, see event::folded.
struct folded {
  endpoint sender;          ///< address and port that they came from
  std::uint64_t count = 0;  ///< empty lines, at least 1
};

/// A packet that netconsole does not send, see event::junk.
struct junk {
  endpoint sender;     ///< address and port that it came from
  std::string packet;  ///< all its bytes; may be empty
  text_errc reason{};  ///< the error of decode(), or fragment_too_large
};

/// A sender that the limit pushed out, see event::forgotten.
struct forgotten {
  endpoint sender;  ///< counts as new when it sends again
};

/// A packet that was longer than the buffer, see event::truncated.
struct truncated {
  endpoint sender;  ///< address and port that it came from
};

/// Lines over the rate limit, see event::suppressed.
struct suppressed {
  endpoint sender;          ///< the sender, or one of several at its address
  std::uint64_t count = 0;  ///< lines, at least 1
};

}  // namespace owned_event

namespace event {

/// One event of any kind: std::visit with netcon::overloaded tells them apart.
using any =
    std::variant<owned_event::record, owned_event::partial, owned_event::lost, owned_event::rebooted,
                 owned_event::duplicate, owned_event::late, owned_event::basic, owned_event::folded,
                 owned_event::junk, owned_event::forgotten, owned_event::truncated, owned_event::suppressed>;

/// Copies what the event borrows.
[[nodiscard]] inline owned_event::record to_owned(const record& e) {
  return {e.sender, netcon::record{e.record}, e.conflict};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::partial to_owned(const partial& e) {
  return {e.sender, netcon::record{e.record}, {e.missing.begin(), e.missing.end()}, e.conflict};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::lost to_owned(const lost& e) {
  return {e.sender, e.cause, e.first_sequence, e.count};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::rebooted to_owned(const rebooted& e) {
  return {e.sender, e.last_sequence};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::duplicate to_owned(const duplicate& e) {
  return {e.sender, netcon::record{e.record}};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::late to_owned(const late& e) {
  return {e.sender, netcon::record{e.record}, e.conflict};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::basic to_owned(const basic& e) {
  return {e.sender, std::string{e.text}, e.complete, e.replayed};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::folded to_owned(const folded& e) {
  return {e.sender, e.count};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::junk to_owned(const junk& e) {
  return {e.sender, std::string{e.packet}, e.reason};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::forgotten to_owned(const forgotten& e) {
  return {e.sender};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::truncated to_owned(const truncated& e) {
  return {e.sender};
}
/// Copies what the event borrows.
[[nodiscard]] inline owned_event::suppressed to_owned(const suppressed& e) {
  return {e.sender, e.count};
}

}  // namespace event

}  // namespace netcon::inline v0_1
