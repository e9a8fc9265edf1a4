#include "metrics/sender_activity.hpp"

#include "support/catch.hpp"

#include <netcon/core/ip_address.hpp>

#include <chrono>
#include <cstdint>

namespace {

netcon::endpoint sender(unsigned number, std::uint16_t port = 6665) {
  const auto byte = [&](int shift) { return static_cast<std::uint8_t>(number >> shift); };
  return {netcon::ipv4_address{10, byte(16), byte(8), byte(0)}, netcon::port{port}};
}

const netcon::wall_time noon{std::chrono::hours{12}};

void send(tool::sender_activity& to, const netcon::endpoint& from, int records) {
  for (int i = 0; i < records; ++i) to.observe(netcon::event::basic{.sender = from, .text = "x"}, noon);
}

struct totals {
  tool::sender_activity::by_address senders{0, netcon::keyed_hash{}};
  tool::sender_activity::by_kind crashes;

  explicit totals(const tool::sender_activity& of) { of.add_to(senders, crashes); }
};

}  // namespace

TEST_CASE("what a sender sent and lost is counted by its address") {
  tool::sender_activity activity{{}};
  const auto here = sender(7), rebooted = sender(7, 1024);
  send(activity, here, 2);
  activity.observe(netcon::event::lost{.sender = here, .count = 5}, noon);
  activity.observe(netcon::event::rebooted{.sender = rebooted}, noon + std::chrono::hours{1});
  activity.observe(netcon::event::folded{.sender = here}, noon + std::chrono::hours{9});
  activity.add_crash(here, netcon::crash::kind::panic);
  const totals all{activity};
  REQUIRE(all.senders.size() == 1);
  const auto& one = all.senders.begin()->second;
  CHECK(one.records == 2);
  CHECK(one.lost == 5);
  CHECK(one.reboots == 1);
  CHECK(one.crashes == 1);
  CHECK(one.last_seen == noon + std::chrono::hours{1});
  CHECK(all.crashes == tool::sender_activity::by_kind{{netcon::crash::kind::panic, 1}});
}

TEST_CASE("losses of a sender have a largest value, and no jump that is impossible") {
  tool::sender_activity activity{{}};
  constexpr auto most = ~std::uint64_t{0};
  activity.observe(netcon::event::lost{sender(1), netcon::loss::impossible, 2, most}, noon);
  activity.observe(netcon::event::lost{sender(1), netcon::loss::sequence_gap, 2, 3}, noon);
  CHECK(totals{activity}.senders.begin()->second.lost == 3);
  for (int i = 0; i < 2; ++i)
    activity.observe(netcon::event::lost{sender(1), netcon::loss::announced, 0, most - 3}, noon);
  CHECK(totals{activity}.senders.begin()->second.lost == most);
  tool::sender_totals two = totals{activity}.senders.begin()->second;
  two += two;
  CHECK(two.lost == most);
}

TEST_CASE("one link-local address on two links is two senders") {
  tool::sender_activity activity{{}};
  auto here = sender(7), there = here;
  here.scope = 2;
  there.scope = 3;
  send(activity, here, 2);
  activity.add_crash(there, netcon::crash::kind::panic);
  const auto all = tool::most_active(totals{activity}.senders, 10);
  REQUIRE(all.size() == 2);
  CHECK(all[0].first.scope == 2);
  CHECK(all[0].second.crashes == 0);
  CHECK(all[1].first.scope == 3);
  CHECK(all[1].second.crashes == 1);
}

TEST_CASE("any number of senders takes a table of bounded size, and those that send most stay") {
  tool::sender_activity activity{{}};
  for (unsigned i = 0; i < 10; ++i) send(activity, sender(i), 100);
  for (unsigned i = 0; i < 50'000; ++i) {
    send(activity, sender(1000 + i), 1);
    if (i % 1000 == 0) CHECK(totals{activity}.senders.size() <= tool::sender_activity::most_senders);
  }
  const auto most = tool::most_active(totals{activity}.senders, 10);
  REQUIRE(most.size() == 10);
  for (unsigned i = 0; i < 10; ++i) {
    CHECK(most[i].first == sender(i, 0));
    CHECK(most[i].second.records == 100);
  }
}

TEST_CASE("the most active senders are those of most records, in order") {
  tool::sender_activity activity{{}};
  for (unsigned i = 0; i < 5; ++i) send(activity, sender(i), 1 + static_cast<int>(i * 7 % 5));
  const auto most = tool::most_active(totals{activity}.senders, 3);
  REQUIRE(most.size() == 3);
  CHECK(most[0].second.records == 5);
  CHECK(most[1].second.records == 4);
  CHECK(most[2].second.records == 3);
  CHECK(tool::most_active(totals{activity}.senders, 100).size() == 5);
}
