#include "output/output_writer.hpp"

#include <chrono>
#include <numeric>
#include <utility>

namespace tool {
namespace {

/// From this size on, joining texts saves nothing.
constexpr std::size_t large_write = 32 * 1024;

}  // namespace

void outgoing::close(std::string_view name, std::uint64_t records, bool join) {
  const auto size = text.size() - std::exchange(closed, text.size());
  if (size == 0) return;
  if (!join || parts.empty() || parts.back().name != name) parts.push_back({std::string{name}, 0, 0});
  parts.back().size += size;
  parts.back().records += records;
}

void outgoing::clear() {
  text.clear();
  parts.clear();
  closed = 0;
}

std::uint64_t outgoing::records() const {
  return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const part& one) { return sum + one.records; });
}

output_writer::output_writer(std::unique_ptr<destination> to, std::size_t most_bytes)
    : to_{std::move(to)}, most_bytes_{most_bytes}, thread_{[this] { run(); }} {}

bool output_writer::push(outgoing& batch) {
  if (batch.parts.empty()) return !broken_;
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    // One batch always has room, so that none is too long for the queue.
    if (queued_bytes_ != 0 && queued_bytes_ + batch.text.size() > most_bytes_) {
      counters_.no_room += batch.records();
    } else {
      queued_bytes_ += batch.text.size();
      queue_.push_back(std::move(batch));
      if (!spare_.empty()) {
        batch = std::move(spare_.back());
        spare_.pop_back();
      } else {
        batch = {};
      }
      wake = std::exchange(idle_, false);
    }
  }
  if (wake) wake_.notify_one();
  batch.clear();
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

void output_writer::finish() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    finish_ = true;
    idle_ = false;
  }
  wake_.notify_one();
  thread_.join();
}

output_writer::counters output_writer::stats() const {
  const std::lock_guard lock{mutex_};
  return counters_;
}

void output_writer::run() {
  std::vector<outgoing> batches;
  std::unique_lock lock{mutex_};
  for (;;) {
    idle_ = queue_.empty() && !reopen_ && !finish_;
    wake_.wait(lock, [this] { return !idle_; });
    const bool last = finish_;
    batches.swap(queue_);
    const bool reopen = std::exchange(reopen_, false);
    lock.unlock();
    // Before text that came after the request: a file that was moved away gets nothing more.
    if (reopen) to_->reopen();
    write(batches);
    // Under load, a pause gathers what would otherwise be many small writes.
    if (!last && !batches.empty()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    lock.lock();
    for (auto& batch : batches) {
      queued_bytes_ -= batch.text.size();
      batch.clear();
      if (spare_.size() < 64) spare_.push_back(std::move(batch));
    }
    batches.clear();
    if (last && queue_.empty()) return;
  }
}

void output_writer::write(std::vector<outgoing>& batches) {
  for (const auto& batch : batches) {
    std::string_view rest = batch.text;
    for (const auto& [name, size, records] : batch.parts) {
      if (!to_->takes_many()) {
        write_part(name, rest.substr(0, size), records);
        rest.remove_prefix(size);
        continue;
      }
      auto& one = by_name_[name];
      const bool is_large = size >= large_write;
      if (!is_large) {
        one.text += rest.substr(0, size);
        one.records += records;
      }
      if (is_large || one.text.size() >= large_write) {
        write_part(name, one.text, one.records);
        one.text.clear();
        one.records = 0;
      }
      if (is_large) write_part(name, rest.substr(0, size), records);
      rest.remove_prefix(size);
    }
  }
  for (const auto& [name, one] : by_name_) write_part(name, one.text, one.records);
  // Few names keep their buffers; those of a flood of names are freed.
  if (by_name_.size() > 16) {
    by_name_.clear();
  } else {
    for (auto& [name, one] : by_name_) {
      one.text.clear();
      one.records = 0;
    }
  }
}

void output_writer::write_part(std::string_view name, std::string_view text, std::uint64_t records) {
  if (text.empty()) return;
  const auto problem = broken_ ? std::make_error_code(std::errc::broken_pipe) : to_->write(name, text);
  if (problem == std::errc::broken_pipe) broken_ = true;
  const std::lock_guard lock{mutex_};
  counters_.problem = problem;
  (problem ? counters_.not_taken : counters_.written) += records;
}

}  // namespace tool
