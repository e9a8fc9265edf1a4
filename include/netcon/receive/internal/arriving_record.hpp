// SPDX-License-Identifier: MIT
// A record while its fragments come.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

struct byte_buffer {
  std::unique_ptr<char[]> bytes;
  std::size_t size = 0;
};

/// What came of a record: the front of its first packet, then bytes of its body in the order in which they
/// came, and where each run of them belongs. Costs about what came, whatever total the fragments announce.
class arriving_record {
 public:
  /// Bytes of a buffer for the first fragment and, unless the total is less, for another one like it.
  static std::size_t first_size(const record_view& fragment) noexcept {
    return front_size(fragment) +
           std::min<std::size_t>(fragment.fragment()->total, 2 * fragment.body().size());
  }

  /// Begins with a fragment. The buffer has at least first_size().
  void begin(byte_buffer buffer, const record_view& fragment) noexcept {
    const auto packet = fragment.wire();
    const auto part = *fragment.fragment();
    buffer_ = std::move(buffer);
    std::memcpy(buffer_.bytes.get(), packet.data(), packet.size());
    view_ = fragment.whole({buffer_.bytes.get(), packet.size()});
    front_ = front_size(fragment);
    head_ = static_cast<std::size_t>(fragment.header().data() - packet.data()) + fragment.header().size() +
            std::string_view{",ncfrag="}.size();
    total_ = part.total;
    size_ = static_cast<std::uint32_t>(packet.size() - front_);
    ranges_ = 1;
    runs_.clear();
    last_ = {part.offset, part.offset + size_, 0};
  }

  /// Its numbers and its header; arranged_view() has its body.
  const record_view& view() const noexcept { return view_; }
  /// With the body that came. Precondition: arrange() since the last change.
  record_view arranged_view() const noexcept { return view_.over({buffer_.bytes.get(), front_ + size_}); }
  /// Its packets up to the numbers of ncfrag, when all have the header of the first one.
  std::string_view head() const noexcept { return {buffer_.bytes.get(), head_}; }
  std::uint32_t total() const noexcept { return total_; }
  bool is_whole() const noexcept { return size_ == total_; }
  /// Separate ranges of the body that came.
  std::size_t ranges() const noexcept { return ranges_; }
  /// Bytes that it takes.
  std::size_t memory() const noexcept { return buffer_.size + runs_.capacity() * sizeof(run); }

  /// Adds what is new of a fragment; true when any is. Calls disagree() when an earlier one has other bytes
  /// for its place.
  template <class Disagree>
  bool add(std::uint32_t offset, std::string_view bytes, Disagree&& disagree) {
    const auto before = size_;
    if (!fill(offset, bytes)) disagree();
    if (runs_.size() > 2 * ranges() + most_scattered) arrange();
    return size_ != before;
  }

  /// True when extend() may add what comes at the end of the last range.
  bool is_extensible() const noexcept { return last_.stored_end() == size_; }
  /// Where the last range ends.
  std::uint32_t end() const noexcept { return last_.end; }
  bool has_room_for(std::size_t size) const noexcept { return front_ + size_ + size <= buffer_.size; }
  /// Precondition: is_extensible(), the total leaves bytes.size(), and has_room_for() that.
  void extend(std::string_view bytes) noexcept {
    std::memcpy(body() + size_, bytes.data(), bytes.size());
    const auto size = static_cast<std::uint32_t>(bytes.size());
    last_.end += size;
    size_ += size;
  }

  /// Puts what came in the order of the body.
  void arrange() {
    if (!runs_.empty()) arrange_runs();
  }

  /// The ranges of the body that did not come, in order.
  void missing(std::vector<text_range>& out) const {
    out.clear();
    std::uint32_t at = 0;
    const auto add_before = [&](const run& one) {
      if (at < one.begin) out.push_back({at, one.begin});
      at = one.end;
    };
    for (const auto& one : runs_) add_before(one);
    add_before(last_);
    if (at < total_) out.push_back({at, total_});
  }

  /// Gives its buffer to spare, if that is a larger one of at most so many bytes, and frees its memory. Only
  /// begin() may follow.
  void release(byte_buffer& spare, std::size_t most) noexcept {
    constexpr std::size_t usual_runs = 16;
    runs_.clear();
    if (runs_.capacity() > usual_runs) std::vector<run>{}.swap(runs_);
    if (buffer_.size > spare.size && buffer_.size <= most) std::swap(buffer_, spare);
    buffer_.bytes.reset();
  }

 private:
  /// Bytes [begin, end) of the body, which are stored from at on.
  struct run {
    std::uint32_t begin, end, at;
    std::uint32_t stored_end() const noexcept { return at + (end - begin); }
  };

  /// While it lives, the last run is among the others.
  class all_runs {
   public:
    explicit all_runs(arriving_record& of) : of_{of} { of_.runs_.push_back(of_.last_); }
    ~all_runs() {
      of_.last_ = of_.runs_.back();
      of_.runs_.pop_back();
    }
    all_runs(const all_runs&) = delete;
    all_runs& operator=(const all_runs&) = delete;

   private:
    arriving_record& of_;
  };

  /// So many runs more than ranges, and those are stored in order: what a fragment costs stays bounded.
  static constexpr std::size_t most_scattered = 256;

  static std::size_t front_size(const record_view& r) noexcept { return r.wire().size() - r.body().size(); }
  char* body() const noexcept { return buffer_.bytes.get() + front_; }

  void keep_in(byte_buffer buffer) noexcept {
    buffer_ = std::move(buffer);
    view_ = arranged_view();
  }

  /// Room doubles, but not beyond the total.
  [[gnu::noinline]] void make_room(std::size_t size) {
    const auto more = std::max<std::size_t>(size_ + size, (buffer_.size - front_) * 2);
    const auto most = front_ + std::min<std::size_t>(total_, more);
    byte_buffer larger{std::make_unique_for_overwrite<char[]>(most), most};
    std::memcpy(larger.bytes.get(), buffer_.bytes.get(), front_ + size_);
    keep_in(std::move(larger));
  }

  /// Stores bytes that are new, before runs_[index]. Returns the index of the run after them.
  std::size_t put(std::size_t index, std::uint32_t begin, std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const bool follows = index != 0 && runs_[index - 1].end == begin;
    const bool precedes = index != runs_.size() && runs_[index].begin == begin + size;
    // What may run out of memory comes first.
    if (!has_room_for(size)) make_room(size);
    if (follows && runs_[index - 1].stored_end() == size_) {
      runs_[index - 1].end += size;
    } else {
      runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(index), {begin, begin + size, size_});
      ++index;
    }
    std::memcpy(body() + size_, bytes.data(), size);
    size_ += size;
    ranges_ += 1u - follows - precedes;  // may be -1
    return index;
  }

  /// Stores what is new of a fragment; false when any other byte of it disagrees.
  [[gnu::noinline]] bool fill(std::uint32_t offset, std::string_view bytes) {
    const all_runs with_last{*this};
    bool agrees = true;
    const auto end = static_cast<std::uint32_t>(offset + bytes.size());
    const auto found = std::ranges::upper_bound(runs_, offset, {}, &run::end);
    auto index = static_cast<std::size_t>(found - runs_.begin());
    for (auto at = offset; at < end; ++index) {
      const auto known = index == runs_.size() ? end : std::min(runs_[index].begin, end);
      if (at < known) index = put(index, at, bytes.substr(at - offset, known - at));
      if (known == end) break;
      const auto from = std::max(at, known);
      const auto& one = runs_[index];
      at = std::min(one.end, end);
      if (std::memcmp(body() + one.at + (from - one.begin), bytes.data() + (from - offset), at - from) != 0)
        agrees = false;
    }
    return agrees;
  }

  bool is_arranged() const noexcept {
    std::uint32_t at = 0;
    for (const auto& one : runs_) {
      if (one.at != at) return false;
      at = one.stored_end();
    }
    return true;
  }

  [[gnu::noinline]] void arrange_runs() {
    const all_runs with_last{*this};
    if (is_arranged()) return;
    byte_buffer ordered{std::make_unique_for_overwrite<char[]>(buffer_.size), buffer_.size};
    std::memcpy(ordered.bytes.get(), buffer_.bytes.get(), front_);
    std::uint32_t at = 0;
    std::size_t kept = 0;
    for (const auto one : runs_) {
      const auto size = one.end - one.begin;
      std::memcpy(ordered.bytes.get() + front_ + at, body() + one.at, size);
      if (kept != 0 && runs_[kept - 1].end == one.begin) {
        runs_[kept - 1].end = one.end;
      } else {
        runs_[kept++] = {one.begin, one.end, at};
      }
      at += size;
    }
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(kept), runs_.end());
    keep_in(std::move(ordered));
  }

  record_view view_;  // of the packet that the record would have been, over the buffer
  byte_buffer buffer_;
  std::size_t front_ = 0;
  std::size_t head_ = 0;
  std::uint32_t total_ = 0;
  std::uint32_t size_ = 0;  // of the body, what came
  std::uint32_t ranges_ = 0;
  std::vector<run> runs_;  // in the order of the body, without the last; they may touch
  run last_{};
};

}  // namespace netcon::inline v0_1::detail
