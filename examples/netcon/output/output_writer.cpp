// SPDX-License-Identifier: MIT
#include "output/output_writer.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace tool {
namespace {

using namespace std::chrono_literals;

/// From this size on, joining texts saves nothing.
constexpr std::size_t large_write = 32 * 1024;

/// How many times a reader may keep the end waiting for nearly all of the patience.
constexpr int most_waits = 12;

/// What a destination does beside writing may fail for want of memory; the next time may be better.
template <class Work>
void unless_out_of_memory(const Work& work) noexcept {
  try {
    work();
  } catch (const std::bad_alloc&) {
  }
}

line_counts lines_of(const outgoing& chunk) {
  line_counts out;
  for (const auto& part : chunk.parts) out += part.lines;
  return out;
}

refusal out_of_memory() {
  return {std::make_error_code(std::errc::not_enough_memory), {}};
}

/// What of these lines is in the first bytes of their text. Each ends in the only newline in it.
line_counts lines_in(std::string_view text, const line_counts& all) {
  const auto count = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
  const auto records = std::min(count, all.records);
  return {records, std::min(count - records, all.remarks)};
}

}  // namespace

output_writer::output_writer(std::unique_ptr<destination> to, std::size_t most_bytes,
                             const netcon::hash_key& key)
    : to_{std::move(to)}, hash_{key}, queue_{most_bytes, key}, by_place_{0, hash_}, thread_{[this] {
        run();
      }} {}

output_writer::~output_writer() {
  finish(1s);
}

bool output_writer::push(outgoing& batch) {
  if (batch.parts.empty()) return !broken_;
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    counters_.no_room += queue_.push(batch);
    wake = std::exchange(idle_, false);
  }
  if (wake) wake_.notify_one();
  return !broken_;
}

void output_writer::reopen() {
  {
    const std::lock_guard lock{mutex_};
    reopen_ = true;
    idle_ = false;
  }
  wake_.notify_one();
}

void output_writer::begin_finish() {
  {
    const std::lock_guard lock{mutex_};
    finish_ = true;
    idle_ = false;
    writes_before_end_ = to_->writes();
  }
  wake_.notify_one();
}

/// While others were waited for, this one had the same time.
void output_writer::wait_for_reader(clock::time_point begun, std::chrono::milliseconds patience) {
  const auto last = begun + most_waits * patience;
  auto until = begun + patience;
  std::unique_lock lock{mutex_};
  while (!ended_.wait_until(lock, until, [this] { return is_done_; })) {
    const auto now = to_->writes();
    if (until >= last || now == std::exchange(writes_before_end_, now)) return to_->abandon();
    until = std::min(std::max(until, clock::now()) + patience, last);
  }
}

bool output_writer::end_finish(clock::time_point until) {
  if (!thread_.joinable()) return true;
  std::unique_lock lock{mutex_};
  const bool ended = ended_.wait_until(lock, until, [this] { return is_done_; });
  lock.unlock();
  if (ended) thread_.join();
  return ended;
}

output_writer::counters output_writer::stats() const {
  const std::lock_guard lock{mutex_};
  auto out = counters_;
  out.queued_bytes = queue_.bytes();
  return out;
}

void output_writer::run() {
  auto rest = destination::longest_rest;
  std::unique_lock lock{mutex_};
  for (;;) {
    idle_ = queue_.empty() && !reopen_ && !finish_;
    wake_.wait_for(lock, rest, [this] { return !idle_; });
    const bool last = finish_;
    auto chunks = queue_.take();
    const bool reopen = std::exchange(reopen_, false);
    const bool is_behind = !queue_.empty();
    lock.unlock();
    // Before text that came after the request: a file that was moved away gets nothing more.
    if (reopen) unless_out_of_memory([this] { to_->reopen(); });
    write(chunks);
    unless_out_of_memory([this, &rest] { rest = to_->rest(); });
    // Under load, a pause gathers what would otherwise be many small writes.
    if (!last && !is_behind && !chunks.empty()) std::this_thread::sleep_for(1ms);
    if (last && !is_behind) unless_out_of_memory([this] { to_->finish(); });
    lock.lock();
    queue_.give_back(chunks);
    unless_out_of_memory([this] { counters_.output = to_->stats(); });
    if (last && queue_.empty()) break;
  }
  is_done_ = true;
  ended_.notify_all();
}

void output_writer::write(const std::vector<outgoing>& chunks) {
  const destination::before_move write_held = [this](const std::string& place) {
    if (const auto held = by_place_.find(place); held != by_place_.end()) write_pending(place, held->second);
  };
  for (const auto& chunk : chunks) {
    if (!to_->has_places() && to_->takes_many() && chunk.text.size() >= large_write) {
      write_held({});
      write_text({}, chunk.text, lines_of(chunk));
      continue;
    }
    std::string_view rest = chunk.text;
    for (const auto& part : chunk.parts) {
      const auto text = rest.substr(0, part.size);
      rest.remove_prefix(part.size);
      try {
        auto place = to_->place_of(part, write_held);
        if (!to_->takes_many()) {
          write_text(place, text, part.lines);
          continue;
        }
        auto& [known, one] = *by_place_.try_emplace(std::move(place)).first;
        one.text += text;
        one.lines += part.lines;
        if (one.text.size() >= large_write) write_pending(known, one);
      } catch (const std::bad_alloc&) {
        count({0, out_of_memory()}, {}, part.lines);
      }
    }
  }
  for (auto& [place, one] : by_place_) write_pending(place, one);
  // Few places keep their buffers; those of a flood of names are freed.
  if (by_place_.size() > 16) by_place_.clear();
}

void output_writer::write_pending(const std::string& place, pending& one) {
  if (one.text.empty() && one.lines == line_counts{}) return;
  write_text(place, one.text, one.lines);
  one.text.clear();
  one.lines = {};
}

void output_writer::write_text(const std::string& place, std::string_view text,
                               const line_counts& lines) noexcept {
  if (text.empty()) {  // of empty packets
    const std::lock_guard lock{mutex_};
    counters_.written += lines;
    return;
  }
  destination::result done;
  if (broken_) {
    done.problem.code = std::make_error_code(std::errc::broken_pipe);
  } else {
    try {
      done = to_->write(place, text);
    } catch (const std::bad_alloc&) {
      done = {0, out_of_memory()};
    }
  }
  if (done.problem.code == std::errc::broken_pipe) broken_ = true;
  count(std::move(done), text, lines);
}

void output_writer::count(destination::result done, std::string_view text,
                          const line_counts& lines) noexcept {
  const auto written = done.problem ? lines_in(text.substr(0, done.taken), lines) : lines;
  const std::lock_guard lock{mutex_};
  if (done.problem) {
    counters_.last_problem.code = done.problem.code;
    counters_.last_problem.place.clear();
    unless_out_of_memory([&] { counters_.last_problem.place = done.problem.place; });
  }
  counters_.problem = std::move(done.problem);
  counters_.written += written;
  counters_.not_taken += {lines.records - written.records, lines.remarks - written.remarks};
}

}  // namespace tool
