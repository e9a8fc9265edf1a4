// SPDX-License-Identifier: MIT
#include "output/output_writer.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

namespace {

using namespace std::chrono_literals;

const netcon::endpoint from{netcon::ipv4_address{10, 0, 0, 1}, netcon::port{6665}};

/// Takes what it is told to: lines that came, and a fault for some writes.
struct medium {
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t lines = 0;
  std::uint64_t writes = 0;
  std::errc fault{};  // of each third write
  std::size_t taken_at_fault = 0;
  bool is_stuck = false;

  void release() {
    const std::lock_guard lock{mutex};
    is_stuck = false;
    changed.notify_all();
  }
};

class faulty_destination : public tool::destination {
 public:
  explicit faulty_destination(std::shared_ptr<medium> of) : medium_{std::move(of)} {}
  bool has_places() const override { return true; }
  std::string place_of(const tool::outgoing_part& part, const before_move&) override { return part.name; }
  result write(const std::string& place, std::string_view text) override {
    std::unique_lock lock{medium_->mutex};
    while (medium_->is_stuck && !abandoned()) medium_->changed.wait_for(lock, 5ms);
    if (abandoned()) return {0, {std::make_error_code(std::errc::timed_out), place}};
    ++progress();
    if (medium_->fault != std::errc{} && ++medium_->writes % 3 == 0) {
      const auto taken = std::min(text.size(), medium_->taken_at_fault);
      medium_->lines += static_cast<std::uint64_t>(std::ranges::count(text.substr(0, taken), '\n'));
      return {taken, {std::make_error_code(medium_->fault), place}};
    }
    medium_->lines += static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    return {text.size(), {}};
  }

 private:
  std::shared_ptr<medium> medium_;
};

/// Pushes so many lines of several senders; every second one is a remark.
void push(tool::output_writer& writer, int lines) {
  tool::outgoing batch;
  for (int i = 0; i < lines; ++i) {
    batch.text += "line " + std::to_string(i) + '\n';
    const bool record = i % 2 == 0;
    batch.close({from, "name" + std::to_string(i % 5), 0, {record ? 1u : 0u, record ? 0u : 1u}, false});
    if (i % 7 == 0) writer.push(batch);
  }
  writer.push(batch);
}

}  // namespace

TEST_CASE("whatever fails: pushed = written + no room + not taken, and what is counted as written was") {
  for (const auto fault : {std::errc{}, std::errc::no_space_on_device, std::errc::io_error,
                           std::errc::too_many_files_open, std::errc::no_buffer_space, std::errc::timed_out})
    for (const std::size_t taken : {0u, 1u, 7u, 20u, 100'000u})
      for (const std::size_t queue : {1u, 500u, 1'000'000u}) {
        const auto of = std::make_shared<medium>();
        of->fault = fault;
        of->taken_at_fault = taken;
        tool::output_writer writer{std::make_unique<faulty_destination>(of), queue, {}};
        push(writer, 1000);
        REQUIRE(writer.finish(5s));
        const auto counts = writer.stats();
        CHECK(counts.written.all() + counts.no_room.all() + counts.not_taken.all() == 1000);
        CHECK(counts.written.records + counts.no_room.records + counts.not_taken.records == 500);
        CHECK(counts.written.all() == of->lines);
      }
}

TEST_CASE("a write that takes nothing is given up, and what waited is counted") {
  const auto of = std::make_shared<medium>();
  of->is_stuck = true;
  tool::output_writer writer{std::make_unique<faulty_destination>(of), 1'000'000, {}};
  push(writer, 100);
  CHECK(writer.finish(20ms));
  const auto counts = writer.stats();
  CHECK(counts.written.all() == 0);
  CHECK(counts.not_taken.all() == 100);
  CHECK(counts.last_problem.code == std::errc::timed_out);
}

TEST_CASE("a gone reader ends the output") {
  const auto of = std::make_shared<medium>();
  of->fault = std::errc::broken_pipe;
  tool::output_writer writer{std::make_unique<faulty_destination>(of), 1'000'000, {}};
  for (int i = 0; i < 1000 && !writer.broken(); ++i) {
    push(writer, 10);
    std::this_thread::sleep_for(1ms);
  }
  CHECK(writer.broken());
  tool::outgoing batch;
  CHECK_FALSE(writer.push(batch));
}
