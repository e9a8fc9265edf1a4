// SPDX-License-Identifier: MIT
// Captures of booted kernels: a report for each panic, and none for a boot without one.
#include <netcon/capture.hpp>
#include <netcon/crash.hpp>
#include <netcon/receive.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

TEST_CASE("captures of booted kernels") {
  namespace fs = std::filesystem;
  std::size_t panics = 0, oopses = 0, files = 0;
  for (const auto& entry : fs::directory_iterator{TEST_DATA_DIR "/captures"}) {
    if (entry.path().extension() != ".pcap") continue;
    CAPTURE(entry.path().filename().string());
    ++files;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(entry.path().c_str(), "rb"),
                                                               std::fclose};
    REQUIRE(file);
    netcon::crash::detector detector;
    netcon::collector collector;
    std::vector<netcon::crash::report> reports;
    bool panicked = false, oopsed = false;
    const auto keep = [&]<class Event>(const Event& event) {
      if constexpr (requires { event.report; }) reports.push_back(event.report);
    };
    netcon::time_point now{};
    const auto observe = [&](const auto& event) {
      detector.observe(event.sender, event, now, std::nullopt, keep);
    };
    netcon::pcap_reader reader{netcon::stdio_source{file.get()}};
    REQUIRE(reader.open());
    const auto counts = netcon::read_datagrams(reader, [&](const netcon::captured_datagram& datagram) {
      const auto& payload = datagram.udp.payload;
      if (payload.find("Kernel panic - not syncing") != payload.npos) panicked = true;
      if (payload.find("[#1]") != payload.npos) oopsed = true;
      now = netcon::time_point{
          std::chrono::duration_cast<netcon::time_point::duration>(datagram.time.time_since_epoch())};
      collector.push(datagram.udp.sender, payload, now, observe);
    });
    REQUIRE(counts);
    collector.flush(observe);
    detector.flush(keep);
    if (!panicked) {
      if (!oopsed) {
        CHECK(reports.empty());
        continue;
      }
      ++oopses;
      std::vector<std::string> titles;
      for (const auto& one : reports) titles.push_back(one.title);
      CHECK(titles == std::vector<std::string>{
                          "WARNING in lkdtm_WARNING",
                          "BUG: unable to handle kernel NULL pointer dereference in lkdtm_EXCEPTION",
                          "kernel BUG in lkdtm_BUG"});
      continue;
    }
    ++panics;
    REQUIRE(!reports.empty());
    CHECK(reports.back().panicked);
    CHECK(reports.back().title.starts_with("kernel panic: sysrq triggered crash"));
  }
  CHECK(files > 30);
  CHECK(panics > 1);
  CHECK(oopses == 1);
}
