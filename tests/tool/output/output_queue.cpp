// SPDX-License-Identifier: MIT
#include "output/output_queue.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>

namespace {

netcon::endpoint endpoint_of(unsigned number, std::uint16_t port = 6665) {
  return {
      netcon::ipv4_address{10, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
      netcon::port{port}};
}

/// A queue, and what it should hold.
struct bench {
  explicit bench(std::size_t bytes) : queue{bytes, {}} {}

  /// One event of that sender.
  tool::line_counts push(unsigned sender, std::size_t size, std::uint16_t port = 6665,
                         const std::string& name = {}) {
    batch.text += std::to_string(sender) + ' ' + std::string(size, 'x') + '\n';
    batch.close({endpoint_of(sender, port), name, 0, {.records = 1}, false}, false);
    return queue.push(batch);
  }

  /// How many lines of each sender come out.
  std::map<std::string, int> take_all() {
    std::map<std::string, int> out;
    while (!queue.empty()) {
      auto chunks = queue.take();
      for (const auto& chunk : chunks) {
        std::size_t at = 0;
        for (const auto& part : chunk.parts) {
          const auto line = chunk.text.substr(at, part.size);
          CHECK(line.find('\n') + 1 == line.size());
          out[line.substr(0, line.find(' '))] += static_cast<int>(part.lines.records);
          at += part.size;
        }
        CHECK(at == chunk.text.size());
      }
      queue.give_back(chunks);
    }
    return out;
  }

  /// All that comes out, in order.
  std::string take_text() {
    std::string out;
    while (!queue.empty()) {
      auto chunks = queue.take();
      for (const auto& chunk : chunks) out += chunk.text;
      queue.give_back(chunks);
    }
    return out;
  }

  tool::output_queue queue;
  tool::outgoing batch;
};

}  // namespace

TEST_CASE("what goes in comes out in order") {
  bench b{1 << 20};
  std::string in;
  for (unsigned i = 0; i < 1000; ++i) {
    in += std::to_string(i) + '\n';
    b.batch.text += std::to_string(i) + '\n';
    b.batch.close({endpoint_of(i % 3), {}, 0, {.records = 1}, false});
    if (i % 7 == 0) CHECK(b.queue.push(b.batch).all() == 0);
  }
  CHECK(b.queue.push(b.batch).all() == 0);
  CHECK(b.take_text() == in);
  CHECK(b.queue.bytes() == 0);
}

TEST_CASE("batches that fill a chunk are not copied, come out in order and are bounded like others") {
  bench b{1 << 20};
  const auto fill = [&](unsigned sender) {
    std::uint64_t lines = 0;
    b.batch.text.reserve(tool::outgoing::room);
    for (; b.batch.text.size() < tool::outgoing::room - 4096; ++lines) {
      b.batch.text += std::to_string(sender) + ' ' + std::string(900, 'x') + '\n';
      b.batch.close({endpoint_of(sender), {}, 0, {.records = 1}, false}, false);
    }
    return lines;
  };
  // Twice, so that buffers come back.
  for (int round = 0; round < 2; ++round) {
    std::string in;
    for (unsigned i = 0; i < 10; ++i) {
      fill(i);
      in += b.batch.text;
      const auto* const text = b.batch.text.data();
      CHECK(b.queue.push(b.batch).all() == 0);
      CHECK(b.batch.text.empty());
      CHECK(b.batch.text.data() != text);
    }
    CHECK(b.queue.bytes() >= in.size());
    CHECK(b.take_text() == in);
    CHECK(b.queue.bytes() == 0);
  }
  std::uint64_t pushed = 0, dropped = b.push(1, 100).records;
  for (int i = 0; i < 40; ++i) {
    pushed += fill(0);
    dropped += b.queue.push(b.batch).records;
    CHECK(b.queue.bytes() <= 1 << 20);
  }
  auto left = b.take_all();
  CHECK(left["1"] == 1);
  CHECK(dropped > 0);
  CHECK(static_cast<std::uint64_t>(left["0"]) + dropped == pushed);
}

TEST_CASE("a full queue takes from who has most, its newest first; a quiet sender loses nothing") {
  bench b{100'000};
  std::uint64_t dropped = 0;
  constexpr int loud = 5000, quiet = 100;
  for (int i = 0; i < loud; ++i) {
    dropped += b.push(0, 200).records;
    if (i % (loud / quiet) == 0) dropped += b.push(1 + static_cast<unsigned>(i) % 2, 100).records;
    CHECK(b.queue.bytes() <= 100'000 + 1000);
  }
  auto left = b.take_all();
  CHECK(left["1"] + left["2"] == quiet);
  CHECK(left["0"] > 50);
  CHECK(static_cast<std::uint64_t>(left["0"]) + dropped == loud);
}

TEST_CASE("the ports of one address are no senders of their own") {
  bench b{100'000};
  for (std::uint16_t port = 1; port <= 2000; ++port) b.push(0, 200, port);
  for (int i = 0; i < 20; ++i) b.push(1, 200);
  for (std::uint16_t port = 1; port <= 2000; ++port) b.push(0, 200, port);
  CHECK(b.take_all()["1"] == 20);
}

TEST_CASE("one event has room in an empty queue, however long it is") {
  bench b{100};
  CHECK(b.push(1, 1'000'000).all() == 0);
  CHECK(b.push(2, 10).all() + b.push(2, 10).all() != 0);
  CHECK(b.take_all()["1"] <= 1);
}

TEST_CASE("what is being written counts, and is not taken back") {
  bench b{100'000};
  for (int i = 0; i < 400; ++i) b.push(0, 200);
  auto chunks = b.queue.take();
  const auto held = b.queue.bytes();
  CHECK(held > 0);
  std::uint64_t dropped = 0;
  for (int i = 0; i < 2000; ++i) dropped += b.push(0, 200).records;
  CHECK(b.queue.bytes() <= 100'000 + 1000);
  CHECK(dropped > 0);
  b.queue.give_back(chunks);
  CHECK(static_cast<std::uint64_t>(b.take_all()["0"]) + dropped < 2400);
}

TEST_CASE("whatever senders and sizes: pushed = came out + dropped, and the bound holds") {
  std::mt19937 random{7};
  for (int run = 0; run < 20; ++run) {
    const std::size_t bound = 1000u << random() % 8;
    bench b{bound};
    std::uint64_t pushed = 0, dropped = 0, came = 0;
    for (int i = 0; i < 3000; ++i) {
      dropped += b.push(static_cast<unsigned>(random() % 50), random() % 300).records;
      ++pushed;
      CHECK(b.queue.bytes() <= bound + 1000);
    }
    for (const auto& [sender, count] : b.take_all()) came += static_cast<std::uint64_t>(count);
    CHECK(pushed == came + dropped);
  }
}

TEST_CASE("an empty queue has no bytes, whatever names were dropped") {
  bench b{1 << 16};
  const std::string longer(100, 'n');
  // Of the one with the long name most is dropped, and the others take the places of its lines.
  for (unsigned i = 0; i < 2000; ++i) {
    b.push(1, 200, 6665, longer);
    if (i % 10 == 0) b.push(2 + i, 20);
  }
  b.take_all();
  CHECK(b.queue.empty());
  CHECK(b.queue.bytes() == 0);
}
