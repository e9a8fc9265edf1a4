// SPDX-License-Identifier: MIT
// Machines that boot and send, a network that loses, repeats and reorders: what the collector tells is what
// happened.
#include <netcon/receive/collector.hpp>
#include <netcon/wire/encode.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

/// What happens in a run.
struct weather {
  bool hold, loses, repeats, reorders, msgid, release, long_texts, kernel_repeats, gaps;
};

struct message {
  int machine = 0, boot = 0;
  std::uint64_t sequence = 0;
  std::string text;
  std::size_t packets = 0;
  std::set<std::size_t> arrived{};  // of its first sending
  bool repeated = false;            // by the kernel
  int delivered = 0, partial = 0;

  bool whole() const { return arrived.size() == packets; }
};

struct flight {
  time_point at;
  std::size_t of = 0;
  std::size_t part = 0;
  std::string bytes;
};

class run {
 public:
  explicit run(unsigned seed) : random_{seed} {
    for (auto* const flag : {&w_.hold, &w_.loses, &w_.repeats, &w_.reorders, &w_.msgid, &w_.release,
                             &w_.long_texts, &w_.kernel_repeats, &w_.gaps})
      *flag = below(2) == 1;
    machines_ = 1 + static_cast<int>(below(3));
    boots_ = 1 + static_cast<int>(below(3));
    for (int machine = 0; machine < machines_; ++machine) live(machine);
    std::ranges::sort(air_, {}, [](const flight& f) { return std::tie(f.at, f.of, f.part, f.bytes); });
  }

  void check() {
    collector::limits limits;
    if (w_.hold) limits.reorder = 50ms;
    limits.fragments.records_per_sender = 64;
    collector all{limits};
    const auto sink = [this](const auto& event) { tell(event); };
    const bool punctual = below(2) == 1;
    boot_of_.assign(static_cast<std::size_t>(machines_), 0);
    last_.assign(static_cast<std::size_t>(machines_), 0);
    for (const auto& [at, of, part, bytes] : air_) {
      if (part != not_counted) sent_[of].arrived.insert(part);
      if (const auto deadline = all.deadline(); deadline && *deadline <= at && (punctual || below(2) == 1))
        all.expire(at, sink);
      all.push(address(sent_[of].machine), bytes, at, sink);
    }
    auto now = air_.back().at;
    for (int i = 0; i < 4000 && all.deadline(); ++i) all.expire(now = std::max(now, *all.deadline()), sink);
    CHECK(!all.deadline());
    judge(all.stats().lost);
  }

 private:
  static constexpr std::size_t not_counted = ~std::size_t{0};
  static endpoint address(int machine) {
    return {ipv4_address{10, 0, 0, 1}, port{static_cast<std::uint16_t>(machine)}};
  }
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

  /// One machine boots a few times. Numbers and times fall at each boot, and the first messages arrive.
  void live(int machine) {
    auto now = time_point{} + 1h;
    for (int boot = 0; boot < boots_; ++boot) {
      std::uint64_t sequence = boot == 0 ? below(500) : 0;
      const auto uptime = 5s * (boots_ - boot) + std::chrono::microseconds{below(3'000'000)};
      const auto began = now - uptime;
      auto msgid = below(2) == 0 ? 0 : random_();
      const std::string release = "6.12." + std::to_string(below(2));
      const auto messages = 1 + below(below(5) == 0 ? 400 : 60);
      for (std::uint32_t i = 0; i < messages; ++i) {
        now += std::chrono::microseconds{10 + below(below(2) == 0 ? 300 : 2000)};
        const auto stamp = std::chrono::duration_cast<std::chrono::microseconds>(now - began).count();
        const auto header = "6," + std::to_string(sequence) + "," + std::to_string(stamp) + ",-";
        message m{.machine = machine, .boot = boot, .sequence = sequence, .text = {}};
        m.text = std::to_string(boot) + "." + std::to_string(sequence);
        if (w_.long_texts && below(3) == 0) m.text += std::string(below(3000), 'x');
        m.repeated = w_.kernel_repeats && below(15) == 0;
        for (const bool again : {false, true}) {
          if (again && !m.repeated) break;
          if (again) now += 200us;
          const auto front = (again ? std::string{replay_notice} + "\n" : "") + header;
          const auto body = m.text + "\n";
          extended_record out{.header = front, .body = body};
          if (w_.release) out.release = release;
          if (w_.msgid) out.sysdata.msgid = ++msgid;
          std::size_t part = 0;
          encode(out, kernel_profile{7, 3, 4}, [&](std::string_view packet) {
            send({now + std::chrono::microseconds{part}, sent_.size(), again ? not_counted : part,
                  std::string{packet}},
                 i, again);
            ++part;
          }).value();
          if (!again) m.packets = part;
        }
        sent_.push_back(std::move(m));
        sequence += 1 + (w_.gaps && below(5) == 0 ? below(4) : 0);
      }
      now += below(2) == 0 ? 2s : 20s;
    }
  }

  void send(flight one, std::uint32_t index, bool again) {
    if (w_.loses && index > 8 && !again && below(12) == 0) return;
    if (w_.reorders && index > 0) one.at += std::chrono::microseconds{below(1500)};
    air_.push_back(one);
    if (!w_.repeats || below(10) != 0) return;
    one.at += std::chrono::microseconds{below(1500)};
    air_.push_back(one);
  }

  message& find(const endpoint& from, const record_view& told) {
    const int machine = from.port.value();
    const int boot = boot_of_[static_cast<std::size_t>(machine)];
    const auto found = std::ranges::find_if(sent_, [&](const message& m) {
      return m.machine == machine && m.boot == boot && m.sequence == told.sequence();
    });
    REQUIRE(found != sent_.end());
    return *found;
  }

  void tell(const event::record& e) {
    auto& m = find(e.sender, e.record);
    CHECK(e.record.text() == m.text);
    ++m.delivered;
    auto& last = last_[static_cast<std::size_t>(m.machine)];
    if (w_.hold) CHECK(last <= m.sequence);
    last = m.sequence;
  }
  void tell(const event::late& e) {
    CHECK(w_.reorders);
    auto& m = find(e.sender, e.record);
    CHECK(e.record.text() == m.text);
    ++m.delivered;
  }
  void tell(const event::partial& e) {
    CHECK(w_.loses);
    ++find(e.sender, e.record).partial;
  }
  void tell(const event::duplicate&) { CHECK((w_.repeats || w_.kernel_repeats)); }
  void tell(const event::rebooted& e) {
    ++boot_of_[e.sender.port.value()];
    last_[e.sender.port.value()] = 0;
  }
  void tell(const event::lost& e) {
    CHECK((w_.loses || w_.reorders || (w_.gaps && e.cause == loss::sequence_gap)));
  }
  template <class Other>
  void tell(const Other&) {
    FAIL("no junk, no legacy line, nobody forgotten");
  }

  void judge(std::uint64_t lost) const {
    for (const int boot : boot_of_) CHECK(boot == boots_ - 1);
    std::uint64_t least = 0, most = 0;
    for (std::size_t i = 0; i < sent_.size();) {
      const auto of_boot = [&](const message& m) {
        return std::tie(m.machine, m.boot) == std::tie(sent_[i].machine, sent_[i].boot);
      };
      const auto end =
          std::ranges::find_if_not(sent_.begin() + static_cast<std::ptrdiff_t>(i), sent_.end(), of_boot);
      // A msgid that stood in what did not come of the last messages tells nothing.
      std::uint64_t absent = 0, told = 0, told_for_certain = 0, came = 0, highest = 0;
      const auto first = sent_[i].sequence;
      for (; i < static_cast<std::size_t>(end - sent_.begin()); ++i) {
        const auto& m = sent_[i];
        CAPTURE(m.machine, m.boot, m.sequence);
        if (m.repeated) {
          CHECK(m.delivered <= 1);
          if (m.whole()) CHECK(m.delivered == 1);
        } else {
          CHECK(m.delivered == (m.whole() ? 1 : 0));
          CHECK(m.partial == (!m.whole() && !m.arrived.empty() ? 1 : 0));
        }
        if (m.arrived.empty()) {
          ++absent;
          continue;
        }
        ++came;
        highest = m.sequence;
        told = absent;
        if (m.whole()) told_for_certain = absent;
      }
      const auto numbers = highest - first + 1 - came;
      least += w_.msgid ? told_for_certain : numbers;
      most += w_.msgid ? told : numbers;
    }
    // What the kernel sends twice, and loses once, has a msgid too many.
    if (w_.kernel_repeats && (w_.loses || (w_.msgid && w_.reorders))) return;
    CHECK(lost >= least);
    CHECK(lost <= most);
  }

  std::mt19937 random_;
  weather w_{};
  int machines_ = 0, boots_ = 0;
  std::vector<message> sent_;
  std::vector<flight> air_;
  std::vector<int> boot_of_;
  std::vector<std::uint64_t> last_;
};

}  // namespace

TEST_CASE("what is told of random streams is what happened to them") {
  for (unsigned seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    run{seed}.check();
  }
}
