// SPDX-License-Identifier: MIT
#include "output/output_queue.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace tool {
namespace {

/// The buffers that are kept for the next lines, beside the queue: chunks of at most this size.
constexpr std::size_t largest_chunk = outgoing::room;
constexpr std::size_t most_spare = 32;
/// What is taken at once: so many bytes, and so many chunks.
constexpr std::size_t largest_write = 16 * largest_chunk;
constexpr std::size_t most_taken = 64;

/// The size above which the largest are cut so that all together have at most so many bytes.
std::size_t fair_share(std::vector<std::size_t>& sizes, std::size_t bytes) {
  std::ranges::sort(sizes);
  for (std::size_t at = 0; at < sizes.size(); ++at) {
    const auto share = bytes / (sizes.size() - at);
    if (sizes[at] > share) return share;
    bytes -= sizes[at];
  }
  return bytes;
}

bool is_dropped(const outgoing_part& part) {
  return part.lines.all() == 0;
}

void remove_dropped(outgoing& chunk) {
  std::size_t from = 0, to = 0;
  for (const auto& part : chunk.parts) {
    if (!is_dropped(part)) {
      std::memmove(chunk.text.data() + to, chunk.text.data() + from, part.size);
      to += part.size;
    }
    from += part.size;
  }
  chunk.text.resize(to);
  std::erase_if(chunk.parts, is_dropped);
}

}  // namespace

output_queue::output_queue(std::size_t most_bytes, const netcon::hash_key& key)
    : most_bytes_{most_bytes},
      chunk_bytes_{std::clamp<std::size_t>(most_bytes / 16, 1024, largest_chunk)},
      hash_{key} {
  taken_.reserve(most_taken);
  spare_.reserve(most_spare);
}

line_counts output_queue::push(outgoing& batch) {
  auto dropped = adopt(batch) ? line_counts{} : append_all(batch);
  batch.clear();
  if (bytes_ <= most_bytes_) return dropped;
  try {
    dropped += make_room();
  } catch (const std::bad_alloc&) {
    // Without memory to share fairly, the newest go.
    while (bytes_ > most_bytes_ && !chunks_.empty()) dropped += drop_last();
  }
  return dropped;
}

/// Makes a batch that fills a chunk one, without a copy. False, and nothing has changed, when it is to be
/// copied: a small one would keep a large buffer, and a larger one be too much at once for a small queue.
bool output_queue::adopt(outgoing& batch) {
  if (batch.text.size() < chunk_bytes_ / 4 * 3 || batch.text.capacity() > chunk_bytes_) return false;
  try {
    chunks_.emplace_back();
  } catch (const std::bad_alloc&) {
    return false;
  }
  auto& chunk = chunks_.back();
  if (!spare_.empty()) {
    chunk = std::move(spare_.back());
    spare_.pop_back();
  }
  std::swap(chunk, batch);
  for (auto& part : chunk.parts) {
    part.from.port = {};
    bytes_ += size_of(part);
  }
  return true;
}

line_counts output_queue::append_all(outgoing& batch) {
  line_counts dropped;
  std::string_view rest = batch.text;
  for (auto& part : batch.parts) {
    const auto size = part.size;
    const auto lines = part.lines;
    try {
      append(rest.substr(0, size), std::move(part));
    } catch (const std::bad_alloc&) {
      dropped += lines;
    }
    rest.remove_prefix(size);
  }
  return dropped;
}

line_counts output_queue::drop_last() {
  line_counts dropped;
  for (const auto& part : chunks_.back().parts) {
    dropped += part.lines;
    bytes_ -= size_of(part);
  }
  chunks_.pop_back();
  return dropped;
}

void output_queue::append(std::string_view text, outgoing_part&& part) {
  part.from.port = {};
  if (chunks_.empty() || chunks_.back().text.size() + text.size() > chunk_bytes_) {
    if (spare_.empty()) {
      chunks_.emplace_back();
    } else {
      chunks_.push_back(std::move(spare_.back()));
      spare_.pop_back();
    }
    chunks_.back().text.reserve(std::max(chunk_bytes_, text.size()));
  }
  auto& last = chunks_.back();
  last.text.reserve(last.text.size() + text.size());
  const auto size = size_of(part);
  last.parts.push_back(std::move(part));
  last.text += text;
  bytes_ += size;
}

std::vector<outgoing> output_queue::take() {
  const auto enough = std::min(largest_write, most_bytes_ / 4);
  auto out = std::move(taken_);  // with its room: what is taken here is not lost for want of memory
  std::size_t size = 0;
  while (!chunks_.empty() && out.size() < out.capacity() && (out.empty() || size < enough)) {
    for (const auto& part : chunks_.front().parts) size += size_of(part);
    out.push_back(std::move(chunks_.front()));
    chunks_.pop_front();
  }
  taken_bytes_ += size;
  return out;
}

void output_queue::give_back(std::vector<outgoing>& taken) {
  for (auto& chunk : taken) {
    if (spare_.size() >= most_spare || chunk.text.capacity() > chunk_bytes_) continue;
    chunk.clear();
    if (chunk.parts.capacity() * sizeof(outgoing_part) > chunk_bytes_) chunk.parts = {};
    spare_.push_back(std::move(chunk));
  }
  taken.clear();
  taken_ = std::move(taken);
  bytes_ -= std::exchange(taken_bytes_, 0);
}

line_counts output_queue::make_room() {
  sizes of_sender{0, hash_};
  std::size_t parts = 0;
  for (const auto& chunk : chunks_) {
    parts += chunk.parts.size();
    for (const auto& part : chunk.parts) of_sender[part.from] += size_of(part);
  }
  if (parts <= 1 && taken_bytes_ == 0) return {};
  std::vector<std::size_t> all;
  all.reserve(of_sender.size());
  for (const auto& [sender, size] : of_sender) all.push_back(size);
  // A sixteenth more than needed, so that the next lines do not look at the whole queue again.
  const auto wanted = most_bytes_ - most_bytes_ / 16;
  const auto share = fair_share(all, wanted - std::min(wanted, taken_bytes_));
  line_counts dropped;
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    bool is_cut = false;
    for (auto part = chunk->parts.rbegin(); part != chunk->parts.rend(); ++part) {
      auto& size = of_sender[part->from];
      if (size <= share) continue;
      size -= size_of(*part);
      bytes_ -= size_of(*part);
      dropped += part->lines;
      part->lines = {};
      is_cut = true;
    }
    if (is_cut) remove_dropped(*chunk);
  }
  std::erase_if(chunks_, [](const outgoing& chunk) { return chunk.parts.empty(); });
  return dropped;
}

}  // namespace tool
