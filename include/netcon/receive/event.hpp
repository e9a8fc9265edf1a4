// SPDX-License-Identifier: MIT
// The events that the collector reports.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/detail/not_copyable.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/receive/partial_body.hpp>
#include <netcon/wire/record.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace netcon::inline v0_1 {

/// Events of the collector. They and their views are valid during the call of the sink only, so they cannot
/// be copied: to_owned() keeps one.
namespace event {

/// A whole record. conflict: fragments of it disagreed about a byte, or another record came before with its
/// number and time and another text; one of the two may be forged.
struct record {
  const endpoint& sender;     ///< address and port that the packet came from
  const record_view& record;  ///< over the packet or the reassembled bytes
  bool conflict = false;      ///< fragments disagreed, or another text came with the same number and time
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// A record of which fragments are missing. It costs what came: nothing stands for the missing bytes, so two
/// bytes of its text may not have been neighbours. body() tells where the gaps are.
struct partial {
  const endpoint& sender;               ///< address and port that its fragments came from
  const record_view& record;            ///< made of the bytes that came
  std::span<const text_range> missing;  ///< ranges of the whole body, in order, at least one
  bool conflict = false;                ///< fragments disagreed about a byte
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies

  /// The body with its gaps.
  [[nodiscard]] partial_body body() const noexcept { return {record.body(), missing}; }
};

/// count records did not come. For a sequence gap, first_sequence is the number of the first one.
struct lost {
  const endpoint& sender;            ///< whose records they were
  loss cause = loss::sequence_gap;   ///< how it is known, and how certain it is
  std::uint64_t first_sequence = 0;  ///< number of the first lost record; 0 for every other cause
  std::uint64_t count = 0;           ///< records, at least 1
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// The sender rebooted: its numbers restarted, or its release changed. The record comes next.
struct rebooted {
  const endpoint& sender;                                     ///< of the old boot and of the new one
  std::uint64_t last_sequence = 0;                            ///< the highest of the boot before
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// A record that was delivered whole before with the same text, or a fragment of one.
struct duplicate {
  const endpoint& sender;                                     ///< address and port that the repeat came from
  const record_view& record;                                  ///< the repeat, or the fragment of one
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// A record that was reported lost or partial before, or that the first one of its boot overtook. Also a
/// fragment of a record that was reported partial.
struct late {
  const endpoint& sender;                                     ///< address and port that the packet came from
  const record_view& record;                                  ///< whole, or the fragment that came late
  bool conflict = false;                                      ///< fragments of it disagreed about a byte
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// A line of a sender that sends no header, without its newline; raw bytes. complete: its newline came.
struct basic {
  const endpoint& sender;  ///< address and port that the line came from
  std::string_view text;   ///< raw bytes; split_basic_prefix() takes time and level off
  bool complete = true;    ///< false: cut at limits::line_bytes, or its newline did not come in time
  bool replayed = false;   ///< after "** replaying previous printk message **"
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// count empty lines of a packet followed two empty ones and are left out.
struct folded {
  const endpoint& sender;                                     ///< address and port that the packet came from
  std::uint64_t count = 0;                                    ///< empty lines, at least 1
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// A packet that netconsole does not send, and why.
struct junk {
  const endpoint& sender;   ///< address and port that the packet came from
  std::string_view packet;  ///< all its bytes; may be empty
  text_errc reason{};       ///< the error of decode(), or fragment_too_large
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// The limit of senders was reached: all that was known of this one, silent for longest, is forgotten.
struct forgotten {
  const endpoint& sender;                                     ///< counts as new when it sends again
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// A packet was longer than the receiver's buffer; what it was made of came before, without its end. Reported
/// by who received it.
struct truncated {
  const endpoint& sender;                                     ///< address and port that the packet came from
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

/// count lines of the sender, or of several at its address, were over the rate limit and left out.
struct suppressed {
  const endpoint& sender;   ///< the sender, or one of several at its address
  std::uint64_t count = 0;  ///< lines, at least 1
  [[no_unique_address]] detail::not_copyable not_copyable{};  ///< to_owned() copies
};

}  // namespace event

}  // namespace netcon::inline v0_1
