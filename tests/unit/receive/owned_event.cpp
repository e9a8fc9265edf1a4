// SPDX-License-Identifier: MIT
// Events outlive their sink when they are made to own what they say.
#include <netcon/core/error_texts.hpp>
#include <netcon/core/overloaded.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/receive/owned_event.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <variant>
#include <vector>

using namespace netcon;

namespace {

template <class Event>
constexpr bool stays = !std::is_copy_constructible_v<Event> && !std::is_move_constructible_v<Event>;

static_assert(stays<event::record> && stays<event::partial> && stays<event::lost> && stays<event::rebooted> &&
              stays<event::duplicate> && stays<event::late> && stays<event::basic> && stays<event::folded> &&
              stays<event::junk> && stays<event::forgotten> && stays<event::truncated> &&
              stays<event::suppressed>);

std::string describe(const event::any& e) {
  return std::visit(
      overloaded{
          [](const owned_event::record& r) { return "record " + std::string{r.record.view().text()}; },
          [](const owned_event::partial& p) {
            return "partial " + std::string{p.record.view().text()} + " of " +
                   std::to_string(p.body().total()) + " without " + std::to_string(p.missing.at(0).begin) +
                   "-" + std::to_string(p.missing.at(0).end);
          },
          [](const owned_event::lost& l) { return "lost " + std::to_string(l.count); },
          [](const owned_event::duplicate& d) { return "duplicate " + std::string{d.record.view().text()}; },
          [](const owned_event::basic& b) { return "basic " + b.text; },
          [](const owned_event::junk& j) { return "junk " + std::string{name(j.reason)} + " " + j.packet; },
          [](const auto&) { return std::string{"other"}; },
      },
      e);
}

}  // namespace

TEST_CASE("kept events say after the sink what they said in it") {
  std::vector<event::any> kept;
  const auto keep = [&](const auto& e) { kept.emplace_back(to_owned(e)); };
  collector all;
  const endpoint from{ipv4_address{10, 0, 0, 1}, port{6665}};
  const auto at = [](int ms) { return time_point{} + std::chrono::milliseconds{ms}; };
  for (const std::string_view packet : {"6,1,10,-;first", "6,3,30,-;third", "6,3,30,-;third", "9999,1,1,-;x",
                                        "plain\n", "6,4,40,-,ncfrag=0/9;12345"}) {
    std::string bytes{packet};  // gone after the call
    all.push(from, bytes, at(1), keep);
    std::fill(bytes.begin(), bytes.end(), '#');
  }
  all.expire(at(100000), keep);
  std::vector<std::string> said;
  for (const auto& one : kept) said.push_back(describe(one));
  CHECK(said == std::vector<std::string>{"record first", "lost 1", "record third", "duplicate third",
                                         "junk bad-priority 9999,1,1,-;x", "basic plain",
                                         "partial 12345 of 9 without 5-9"});
  for (const auto& one : kept) std::visit([&](const auto& e) { CHECK(e.sender == from); }, one);
}

TEST_CASE("an event handed to another thread keeps its bytes") {
  std::optional<event::any> handed;
  {
    std::string packet = "6,1,10,-;text\n key=value\n";
    collector all;
    all.push({ipv4_address{10, 0, 0, 1}, port{6665}}, packet, time_point{},
             overloaded{[&](const event::record& e) { handed = to_owned(e); }, ignore_rest});
  }
  std::string seen;
  std::thread reader{[&] {
    const auto& r = std::get<owned_event::record>(*handed);
    seen = r.record.view().dictionary().find("key").value_or("none");
  }};
  reader.join();
  CHECK(seen == "value");
}

TEST_CASE("ignore_rest takes what nothing else takes") {
  int numbers = 0;
  const auto sink = overloaded{[&](int) { ++numbers; }, ignore_rest};
  sink(1);
  sink("text");
  sink(std::vector<int>{});
  CHECK(numbers == 1);
}
