// The events that the collector reports.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/detail/not_copyable.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/wire/record.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace netcon {

/// Events of the collector. They and their views are valid during the call of the sink only, so they cannot
/// be copied: to_owned() keeps one.
namespace event {

/// A whole record. conflict: fragments of it disagreed about a byte, or another record came before with its
/// number and time and another text; one of the two may be forged.
struct record {
  const endpoint& sender;
  const record_view& record;
  bool conflict = false;
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// A record of which fragments are missing; their bytes are NUL in it.
struct partial {
  const endpoint& sender;
  const record_view& record;
  std::span<const text_range> missing;
  bool conflict = false;  // fragments disagreed about a byte
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// count records did not come. For a sequence gap, first_sequence is the number of the first one.
struct lost {
  const endpoint& sender;
  loss cause = loss::sequence_gap;
  std::uint64_t first_sequence = 0;
  std::uint64_t count = 0;
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// The sender rebooted: its numbers restarted, or its release changed. The record comes next.
struct rebooted {
  const endpoint& sender;
  std::uint64_t last_sequence = 0;  // the highest of the boot before
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// A record that was delivered whole before with the same text, or a fragment of one.
struct duplicate {
  const endpoint& sender;
  const record_view& record;
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// A record that was reported lost or partial before, or that the first one of its boot overtook. Also a
/// fragment of a record that was reported partial.
struct late {
  const endpoint& sender;
  const record_view& record;
  bool conflict = false;  // fragments of it disagreed about a byte
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// A line of a sender that sends no header, without its newline; raw bytes. complete: its newline came.
struct basic {
  const endpoint& sender;
  std::string_view text;
  bool complete = true;
  bool replayed = false;  // after "** replaying previous printk message **"
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// count empty lines of a packet followed two empty ones and are left out.
struct folded {
  const endpoint& sender;
  std::uint64_t count = 0;
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// A packet that netconsole does not send, and why.
struct junk {
  const endpoint& sender;
  std::string_view packet;
  errc reason{};
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// The limit of senders was reached: all that was known of this one, silent for longest, is forgotten.
struct forgotten {
  const endpoint& sender;
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// A packet was longer than the receiver's buffer; what it was made of came before, without its end. Reported
/// by who received it.
struct truncated {
  const endpoint& sender;
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

/// count lines of the sender, or of several at its address, were over the rate limit and left out.
struct suppressed {
  const endpoint& sender;
  std::uint64_t count = 0;
  [[no_unique_address]] detail::not_copyable not_copyable{};
};

}  // namespace event

}  // namespace netcon
