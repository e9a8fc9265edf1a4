// What the collector tells of the packets it takes.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/receive/reassembler.hpp>
#include <netcon/wire/record.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace netcon {

/// Why records are known, or thought, to be missing.
enum class loss : std::uint8_t {
  sequence_gap,  // only a hint: the kernel numbers records that it never sends (log level, target disabled)
  msgid_gap,     // certain: the target counts what it sends (6.17+)
  announced,     // certain: "** N printk messages dropped **" in a legacy stream
};

constexpr std::string_view name(loss cause) noexcept {
  switch (cause) {
    case loss::sequence_gap:
      return "sequence_gap";
    case loss::msgid_gap:
      return "msgid_gap";
    case loss::announced:
      return "announced";
  }
  return "unknown";
}

/// What the collector tells. Views are valid during the call of the sink only.
namespace event {

/// A message in whole.
struct record {
  const endpoint& sender;
  const record_view& record;
  bool conflict = false;  // slices of it disagreed about a byte
};

/// A message of which slices are missing; their bytes are NUL in it.
struct partial {
  const endpoint& sender;
  const record_view& record;
  std::span<const text_range> missing;
};

/// count messages did not come. For a sequence gap, first_sequence is the number of the first one.
struct lost {
  const endpoint& sender;
  loss cause = loss::sequence_gap;
  std::uint64_t first_sequence = 0;
  std::uint64_t count = 0;
};

/// The sender booted anew: its numbers began again, or its release changed. The record comes next.
struct rebooted {
  const endpoint& sender;
  std::uint64_t last_sequence = 0;  // the highest of the boot before
};

/// A message, or slice of one, that was delivered before.
struct duplicate {
  const endpoint& sender;
  const record_view& record;
};

/// A message that was reported lost before, or that the first one of its boot overtook; its record.
struct late {
  const endpoint& sender;
  const record_view& record;
};

/// A line of a sender that sends no header, without its newline; raw bytes. complete: its newline came.
struct basic {
  const endpoint& sender;
  std::string_view text;
  bool complete = true;
  bool replayed = false;  // "** replaying previous printk message **" stood in front
};

/// A packet that is no netconsole message, and why.
struct junk {
  const endpoint& sender;
  std::string_view packet;
  errc reason{};
};

/// The limit of senders was reached: all that was known of this one, which was silent for longest, is
/// forgotten.
struct forgotten {
  const endpoint& sender;
};

/// count records of the sender's address were over the rate limit and left out.
struct suppressed {
  const endpoint& sender;
  std::uint64_t count = 0;
};

}  // namespace event

}  // namespace netcon
