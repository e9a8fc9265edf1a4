// SPDX-License-Identifier: MIT
// Random records against the plain model of the kernels' senders, and back through the collector.
#include <netcon/receive/collector.hpp>
#include <netcon/wire/encode.hpp>

#include "reference/wire_reference.hpp"
#include "support/catch.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace netcon;

namespace {

struct collected {
  std::vector<std::string> bodies;

  void operator()(const event::record& e) { bodies.emplace_back(e.record.body()); }
  template <class Other>
  void operator()(const Other&) {
    FAIL("every packet came, once and in order");
  }
};

}  // namespace

TEST_CASE("random records go out as the model sends them, and come back whole") {
  std::mt19937 random{1};
  const auto up_to = [&](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{0, most}(random);
  };
  const auto bytes = [&](std::size_t size, bool escaped) {
    std::string out;
    while (out.size() < size) out += static_cast<char>(escaped ? 'a' + up_to(25) : 1 + up_to(254));
    return out;
  };
  const std::array<std::array<int, 3>, 7> versions{
      {{4, 2, 0}, {6, 1, 192}, {6, 6, 0}, {6, 11, 3}, {6, 12, 117}, {6, 17, 0}, {7, 3, 4}}};
  for (int round = 0; round < 20000; ++round) {
    const auto& version = versions[up_to(versions.size() - 1)];
    const auto number = [&](std::size_t i) { return static_cast<std::uint16_t>(version[i]); };
    const auto kernel = kernel_profile{number(0), number(1), number(2)};
    const auto header = "6," + std::to_string(up_to(100000)) + "," + std::to_string(up_to(1u << 30)) + ",-";
    // Mostly around the sizes where something happens.
    const std::size_t size = up_to(2) == 0 ? up_to(3000) : 900 + up_to(120);
    extended_record m{.header = header};
    const auto body = bytes(size, true) + "\n";
    m.body = body;
    reference::wire_message model{.version = version, .header = header, .body = body};
    const auto release = bytes(1 + up_to(30), true);
    if (kernel.supports(feature::release) && up_to(1) == 0) {
      m.release = release;
      model.release = release;
      model.has_release = true;
    }
    std::vector<dictionary_entry> userdata;
    if (kernel.supports(feature::userdata))
      for (std::size_t i = up_to(3); i-- > 0;)
        model.userdata.emplace_back(bytes(1 + up_to(10), true), bytes(up_to(100), false));
    for (const auto& [key, value] : model.userdata) userdata.push_back({key, value});
    m.userdata = userdata;
    const auto task = bytes(1 + up_to(14), false);
    if (kernel.supports(feature::sysdata) && up_to(1) == 0) {
      m.sysdata.cpu = 7;
      m.sysdata.taskname = task;
      model.sysdata = {" cpu=7\n", " taskname=" + task + "\n"};
    }
    std::vector<std::string> sent;
    encode(m, kernel, [&](std::string_view packet) { sent.emplace_back(packet); }).value();
    const auto expected = reference::packets(model);
    CAPTURE(round, version[0], version[1], version[2]);
    REQUIRE(sent == expected);

    if (sent.empty()) continue;  // the fault of 6.9 to 6.11.3, in the first packet
    std::string whole = body;
    for (const auto& [key, value] : model.userdata)
      if (!value.empty()) whole += " " + key + "=" + value + "\n";
    for (const auto& line : model.sysdata) whole += line;
    const auto last = decode(sent.back()).value();
    if (last.is_fragment() && last.fragment()->offset + last.body().size() != whole.size())
      continue;  // in a later one
    collector all;
    collected got;
    for (const auto& packet : sent) all.push({}, packet, time_point{} + std::chrono::hours{1}, got);
    REQUIRE(got.bodies.size() == 1);
    const bool damaged = sent.size() == 1 && sent[0].size() >= max_packet - 1 && got.bodies[0] != whole;
    if (damaged) {
      CHECK(decode(sent[0])->damage() != damage::none);
      got.bodies[0].pop_back();
      CHECK(whole.starts_with(got.bodies[0]));
    } else {
      CHECK(got.bodies[0] == whole);
    }
  }
}
