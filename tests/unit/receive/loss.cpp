// SPDX-License-Identifier: MIT
#include <netcon/receive/loss.hpp>

#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

const time_point start{time_point{} + 1h};

struct bench {
  loss_tracker numbers;
  std::string bytes;

  record_view view(std::uint64_t sequence, int msgid = 0, std::uint64_t time = 0) {
    bytes = "6," + std::to_string(sequence) + "," + std::to_string(time == 0 ? 1000 + sequence : time) +
            ",-;t\n" + (msgid == 0 ? "" : " msgid=" + std::to_string(msgid) + "\n");
    return decode(bytes).value();
  }
  arrival classify(std::uint64_t sequence, std::optional<time_point> now = start, std::uint32_t release = 0,
                   std::uint64_t time = 0) {
    return numbers.classify(view(sequence, 0, time), release, now, 10s);
  }
  loss_report accept(std::uint64_t sequence, std::uint32_t release = 0) {
    const auto kind = classify(sequence, start, release);
    numbers.arrived(start);
    return numbers.accept(kind, view(sequence), release);
  }
  loss_report msgid(std::uint64_t sequence, int id, bool repeat = false, std::uint32_t stopped = 0) {
    return numbers.note_msgid(view(sequence, id), repeat, stopped);
  }
};

loss_report lost(std::uint64_t count) {
  return {.cause = loss::msgid_gap, .lost = count};
}
loss_report recovered(std::uint64_t count) {
  return {.cause = loss::msgid_gap, .recovered = count};
}
const loss_report nothing{};

}  // namespace

TEST_CASE("a gap is lost, and what fills it recovers one") {
  bench b;
  CHECK(b.accept(5) == nothing);
  CHECK(b.accept(6) == nothing);
  CHECK(b.accept(9) == loss_report{.first_sequence = 7, .lost = 2});
  CHECK(b.accept(8) == loss_report{.recovered = 1});
  CHECK(b.accept(8) == nothing);
  CHECK(b.accept(4) == nothing);
  CHECK(b.accept(1) == loss_report{.first_sequence = 2, .lost = 2});
}

TEST_CASE("the fast ways accept what they are for, and nothing else") {
  bench b;
  loss_report found;
  CHECK(!b.numbers.accept_next(b.view(1), 0));
  CHECK(!b.numbers.accept_after_gap(b.view(2), 0, found));
  b.accept(5, 77);
  CHECK(b.numbers.accept_next(b.view(6), 77));
  CHECK(b.numbers.accept_next(b.view(7), 0));
  CHECK(!b.numbers.accept_next(b.view(8), 78));
  CHECK(!b.numbers.accept_next(b.view(9), 77));
  CHECK(!b.numbers.accept_after_gap(b.view(8), 77, found));
  CHECK(!b.numbers.accept_after_gap(b.view(7), 77, found));
  CHECK(!b.numbers.accept_after_gap(b.view(10), 78, found));
  CHECK(!b.numbers.accept_after_gap(b.view(7 + 2 + sequence_tracker::window), 77, found));
  CHECK(b.numbers.accept_after_gap(b.view(10), 77, found));
  CHECK(found == loss_report{.first_sequence = 8, .lost = 2});
  CHECK(b.numbers.sequence().highest() == 10);
  b.numbers.accept_next(b.view(11, 0, 90'000'000), 77);
  CHECK(!b.numbers.accept_after_gap(b.view(13, 0, 5), 77, found));
}

TEST_CASE("another release is a reboot, no release is none") {
  bench b;
  b.accept(5, 77);
  CHECK(b.classify(6, start, 78) == arrival::rebooted);
  CHECK(b.classify(6, start, 77) == arrival::next);
  CHECK(b.classify(6, start, 0) == arrival::next);
  CHECK(b.numbers.is_of_other_release(78));
  b.numbers.reboot();
  CHECK(!b.numbers.is_of_other_release(78));
}

TEST_CASE("what comes after a long silence is not late, what has no time may be") {
  bench b;
  b.accept(5);
  b.accept(7);
  CHECK(b.classify(6, start + 10s) == arrival::late);
  CHECK(b.classify(6, start + 10s + 1ns) == arrival::rebooted);
  CHECK(b.classify(6, std::nullopt) == arrival::late);
  CHECK(b.classify(8, start + 1h) == arrival::next);
}

TEST_CASE("msgid gaps are lost for certain, and record numbers then say nothing") {
  bench b;
  b.accept(5);
  CHECK(b.msgid(5, 0) == nothing);
  CHECK(b.msgid(5, 1) == lost(0));
  CHECK(b.accept(9) == nothing);
  CHECK(b.msgid(9, 5) == lost(3));
  CHECK(b.accept(7) == nothing);
  CHECK(b.msgid(7, 3) == recovered(1));
  CHECK(b.msgid(10, 0) == nothing);  // the target no longer counts
  CHECK(b.accept(12) == loss_report{.first_sequence = 10, .lost = 2});
}

TEST_CASE("a repeat says nothing, but one of the kernel has a msgid of its own") {
  bench b;
  b.accept(5);
  b.msgid(5, 1);
  CHECK(b.msgid(5, 900, true) == nothing);
  b.bytes = std::string{replay_notice} + "\n6,5,1005,-;t\n msgid=2\n";
  CHECK(b.numbers.note_msgid(decode(b.bytes).value(), true, 0) == lost(0));
  CHECK(b.msgid(6, 3) == lost(0));
  b.numbers.skip_msgids(2);
  CHECK(b.msgid(7, 6) == lost(0));
}

TEST_CASE("copies that were stopped have msgids that are not lost") {
  bench b;
  b.accept(5);
  b.msgid(5, 1);
  CHECK(b.msgid(6, 3, false, 1) == lost(0));
  CHECK(b.msgid(7, 6, false, 1) == lost(1));
  CHECK(b.msgid(8, 7, false, 1) == lost(0));
  CHECK(b.msgid(10, 10) == lost(2));
  CHECK(b.msgid(9, 9, false, 1) == recovered(2));
  CHECK(b.msgid(11, 13) == lost(2));
  CHECK(b.msgid(9, 12, false, 9) == recovered(3));
}

TEST_CASE("a record in part has a place, and a whole one after it is not a duplicate") {
  bench b;
  b.accept(5);
  const auto part = b.view(7);
  CHECK(b.numbers.give_up(b.classify(7), part, 0) == loss_report{.first_sequence = 6, .lost = 1});
  CHECK(b.classify(7) == arrival::completes);
  CHECK(b.accept(7) == nothing);
  CHECK(b.classify(7) == arrival::duplicate);
  CHECK(b.numbers.give_up(arrival::duplicate, b.view(7), 0) == nothing);
  CHECK(b.classify(7) == arrival::duplicate);

  b.accept(8);
  b.numbers.mark_partial(b.view(8));
  CHECK(b.classify(8) == arrival::completes);
  b.numbers.mark_whole(b.view(8));
  CHECK(b.classify(8) == arrival::duplicate);
}

TEST_CASE("a record given up too far back was reported missing, and triggers no reboot") {
  bench b;
  b.accept(5);
  for (std::uint64_t i = 7; i <= 3000; ++i) b.accept(i);
  CHECK(b.classify(6) == arrival::rebooted);
  CHECK(b.numbers.give_up(arrival::rebooted, b.view(6), 0).recovered == 1);
  CHECK(b.numbers.give_up(arrival::rebooted, b.view(5000), 0) == nothing);
  CHECK(b.numbers.sequence().highest() == 3000);

  // Of a target that counts, the msgid says what is lost; of a number before the first one nothing was
  // reported.
  CHECK(b.numbers.give_up(arrival::rebooted, b.view(4), 0) == nothing);
  b.msgid(3000, 1);
  CHECK(b.numbers.give_up(arrival::rebooted, b.view(6), 0) == nothing);
}

TEST_CASE("the msgid of a record in part may have come, or counts as the next") {
  bench b;
  b.accept(5);
  b.msgid(5, 1);
  const auto note = [&](const record_view& record) {
    return b.numbers.note_partial_msgid(record, record.body());
  };
  CHECK(note(b.view(6)) == lost(0));
  CHECK(b.msgid(7, 3) == lost(0));
  CHECK(note(b.view(8, 6)) == lost(2));
  CHECK(note(b.view(4)) == recovered(1));
  // A gap within the line: its digits are not those of one number.
  CHECK(b.numbers.note_partial_msgid(b.view(9, 999), "99\n") == lost(0));
}

TEST_CASE("a stream begins with a record that is yet to come") {
  bench b;
  b.numbers.begin(b.view(7), 77);
  CHECK(b.classify(7) == arrival::next);
  CHECK(b.classify(8) == arrival::after_gap);
  CHECK(b.numbers.is_of_other_release(78));
}
