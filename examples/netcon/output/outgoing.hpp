// SPDX-License-Identifier: MIT
// Lines on their way from a receiving thread to the output: of which sender they are, and where they go.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// Records, and all other lines: losses, reboots, duplicates, junk. What is not written is counted by both.
struct line_counts {
  std::uint64_t records = 0;
  std::uint64_t remarks = 0;

  line_counts& operator+=(const line_counts& more) {
    records += more.records;
    remarks += more.remarks;
    return *this;
  }
  line_counts& operator-=(const line_counts& less) {
    records -= less.records;
    remarks -= less.remarks;
    return *this;
  }
  std::uint64_t all() const { return records + remarks; }
  friend bool operator==(const line_counts&, const line_counts&) = default;
};

/// The text of one or more events in a row that go to the same place.
struct outgoing_part {
  netcon::endpoint from;  // whose share of the queue it takes
  std::string name;       // what the sender says about itself
  std::size_t size = 0;
  line_counts lines;
  bool unproven = false;  // not to be mixed with the sender's other lines
};

struct outgoing {
  /// The capacity of texts under load, so that buffers can be exchanged.
  static constexpr std::size_t room = 64 * 1024;

  std::string text;
  std::vector<outgoing_part> parts;
  std::size_t closed = 0;  // of text, by parts

  /// Makes the text appended since the last call a part, of that size. An empty packet has none, and is a
  /// line all the same. Joins the part to the last one when that is of the same sender and still short,
  /// unless each event is to stand alone.
  void close(outgoing_part part, bool join = true);
  void clear();
};

}  // namespace tool
