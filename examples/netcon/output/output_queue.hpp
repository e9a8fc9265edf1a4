// SPDX-License-Identifier: MIT
// What waits for a slow output: bounded, and fair among the senders.
#pragma once

#include "output/outgoing.hpp"

#include <netcon/receive/keyed_hash.hpp>

#include <cstddef>
#include <deque>
#include <unordered_map>
#include <vector>

namespace tool {

/// First in, first out. When the queue is full, the senders that take most of it lose their newest lines,
/// down to a share that is the same for all of them; a sender below that share loses nothing. Senders are
/// addresses: another port is no other share. One event always has room in an empty queue, however long it
/// is.
class output_queue {
 public:
  /// The hash's key is one that senders must not know.
  output_queue(std::size_t most_bytes, const netcon::hash_key& key);

  /// Takes the batch and leaves it empty. Returns what was dropped for it, of this sender or of others.
  line_counts push(outgoing& batch);

  /// Takes about so much from the front as is written at once; it counts as queued until give_back(),
  /// which comes before the next take(). Neither throws.
  std::vector<outgoing> take();
  void give_back(std::vector<outgoing>& taken);

  bool empty() const { return chunks_.empty(); }
  /// Text and its bookkeeping, with what was taken.
  std::size_t bytes() const { return bytes_; }

 private:
  /// The same as long as the part is queued; the room of its name is another one after a move.
  static std::size_t size_of(const outgoing_part& part) { return part.size + sizeof part + part.name.size(); }
  bool adopt(outgoing& batch);
  line_counts append_all(outgoing& batch);
  void append(std::string_view text, outgoing_part&& part);
  line_counts make_room();
  line_counts drop_last();

  using sizes = std::unordered_map<netcon::endpoint, std::size_t, netcon::keyed_hash>;

  std::size_t most_bytes_;
  std::size_t chunk_bytes_;
  netcon::keyed_hash hash_;
  std::deque<outgoing> chunks_;
  std::vector<outgoing> spare_, taken_;
  std::size_t bytes_ = 0;
  std::size_t taken_bytes_ = 0;
};

}  // namespace tool
