// SPDX-License-Identifier: MIT
#include <netcon/output/wall_time.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

std::string utc(wall_time time) {
  std::string out;
  wall_time_writer{}.append(out, time);
  return out;
}

int asked = 0;

std::chrono::seconds half_past_five(wall_time) {
  ++asked;
  return 5h + 30min;
}

std::chrono::seconds behind(wall_time) {
  return -3h;
}

}  // namespace

TEST_CASE("UTC as RFC 3339 writes it, before 1970 too") {
  const wall_time start{};
  CHECK(utc(start) == "1970-01-01T00:00:00.000000Z");
  CHECK(utc(start + 1700000000s + 123456us) == "2023-11-14T22:13:20.123456Z");
  CHECK(utc(start - 1us) == "1969-12-31T23:59:59.999999Z");
  CHECK(utc(start + 951782400s) == "2000-02-29T00:00:00.000000Z");
  CHECK(utc(start + 951782400s + 999999us) == "2000-02-29T00:00:00.999999Z");
}

TEST_CASE("any second of the clock is what the C library says") {
  std::mt19937_64 random{1};
  wall_time_writer writer;
  for (int i = 0; i < 20000; ++i) {
    const auto second =
        static_cast<std::time_t>(static_cast<std::int64_t>(random() % 16'000'000'000) - 8'000'000'000);
    const std::tm parts = *std::gmtime(&second);
    char want[64];
    std::snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d.000007Z", parts.tm_year + 1900,
                  parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    std::string got;
    writer.append(got, std::chrono::system_clock::from_time_t(second) + 7us);
    CHECK(got == want);
  }
}

TEST_CASE("local time is UTC and an offset, asked once a second") {
  wall_time_writer writer{half_past_five};
  const wall_time start{};
  std::string out;
  writer.append(out, start + 23h + 7ms);
  CHECK(out == "1970-01-02 04:30:00.007");
  for (const auto more : {8ms, 999ms}) {
    out.clear();
    writer.append(out, start + 23h + more);
  }
  CHECK(out == "1970-01-02 04:30:00.999");
  CHECK(asked == 1);
  out.clear();
  writer.append(out, start + 23h + 1s);
  CHECK(out == "1970-01-02 04:30:01.000");
  CHECK(asked == 2);
  out.clear();
  wall_time_writer{behind}.append(out, start);
  CHECK(out == "1969-12-31 21:00:00.000");
  out.clear();
  wall_time_writer{nullptr}.append(out, start);
  CHECK(out == "1970-01-01 00:00:00.000");
}
