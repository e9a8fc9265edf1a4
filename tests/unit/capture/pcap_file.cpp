// SPDX-License-Identifier: MIT
#include <netcon/capture.hpp>

#include "support/base64.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace netcon;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

const fs::path captures = fs::path{TEST_DATA_DIR} / "captures";

struct found {
  std::string payload;
  std::uint16_t port;
  friend auto operator<=>(const found&, const found&) = default;
};

std::string whole_file(const fs::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream{path, std::ios::binary}.rdbuf();
  return bytes.str();
}

struct outcome {
  std::expected<capture_counts, capture_error> counts;
  std::vector<found> datagrams;
  std::vector<std::int64_t> times;
};

outcome read(const std::string& bytes) {
  outcome out;
  pcap_reader file{memory_source{bytes}};
  out.counts = read_datagrams(file, [&](const captured_datagram& one) {
    out.datagrams.push_back({std::string{one.udp.payload}, one.udp.receiver.port.value()});
    out.times.push_back(one.time.time_since_epoch().count());
  });
  if (!out.counts) {
    const auto again = file.next();  // an error is final
    CHECK_FALSE((out.counts.error().code != capture_errc::unsupported_link_type && again.has_value()));
  }
  return out;
}

/// Numbers in the byte order of a file.
struct writer {
  bool big = false;
  std::string out{};

  writer& number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) {
      const int place = big ? size - 1 - i : i;
      out += place < 8 ? static_cast<char>(value >> 8 * place & 0xff) : '\0';
    }
    return *this;
  }
  writer& text(std::string_view bytes) {
    out += bytes;
    return *this;
  }
};

std::string pcap_header(bool big, std::uint32_t magic = 0xa1b2c3d4, std::uint32_t snap = 65535,
                        std::uint32_t link = 1, int minor = 4) {
  return writer{big}
      .number(magic, 4)
      .number(2, 2)
      .number(static_cast<std::uint64_t>(minor), 2)
      .number(0, 8)
      .number(snap, 4)
      .number(link, 4)
      .out;
}

std::string classic_record(bool big, std::uint32_t seconds, std::uint32_t part, const std::string& frame) {
  return writer{big}
      .number(seconds, 4)
      .number(part, 4)
      .number(frame.size(), 4)
      .number(frame.size(), 4)
      .text(frame)
      .out;
}

std::string block(bool big, std::uint32_t type, std::string body) {
  body.resize((body.size() + 3) / 4 * 4);
  return writer{big}.number(type, 4).number(body.size() + 12, 4).text(body).number(body.size() + 12, 4).out;
}

std::string section(bool big) {
  return block(big, 0x0a0d0d0a,
               writer{big}.number(0x1a2b3c4d, 4).number(1, 2).number(0, 2).number(~0ull, 8).out);
}

std::string interface(bool big, std::uint32_t link, int resolution = 6, std::int64_t offset = 0,
                      std::uint32_t snap = 0) {
  return block(big, 1,
               writer{big}
                   .number(link, 2)
                   .number(0, 2)
                   .number(snap, 4)
                   .number(9, 2)
                   .number(1, 2)
                   .number(static_cast<std::uint64_t>(resolution), 1)
                   .text({"\0\0\0", 3})
                   .number(14, 2)
                   .number(8, 2)
                   .number(static_cast<std::uint64_t>(offset), 8)
                   .number(0, 4)
                   .out);
}

std::string packet(bool big, std::uint32_t interface, std::uint64_t ticks, const std::string& frame) {
  return block(big, 6,
               writer{big}
                   .number(interface, 4)
                   .number(ticks >> 32, 4)
                   .number(ticks & 0xffffffff, 4)
                   .number(frame.size(), 4)
                   .number(frame.size(), 4)
                   .text(frame)
                   .out);
}

/// 10.0.0.1:4660 to 10.0.0.2, without Ethernet.
std::string ip(const std::string& payload, std::uint16_t port = 6666) {
  return writer{true}
      .number(0x4500, 2)
      .number(28 + payload.size(), 2)
      .number(0, 4)
      .number(0x4011, 2)
      .number(0, 2)
      .number(0x0a000001, 4)
      .number(0x0a000002, 4)
      .number(4660, 2)
      .number(port, 2)
      .number(8 + payload.size(), 2)
      .number(0, 2)
      .text(payload)
      .out;
}

std::string ethernet(const std::string& payload) {
  return std::string(12, '\2') + std::string{"\x08\x00", 2} + ip(payload);
}

std::int64_t time_of(int resolution, std::uint64_t ticks, std::int64_t offset = 0) {
  const auto got =
      read(section(false) + interface(false, 1, resolution, offset) + packet(false, 0, ticks, ethernet("x")));
  if (!got.counts) {
    CHECK(got.counts.error().code == capture_errc::time_out_of_range);
    return -1;
  }
  return got.times.at(0);
}

capture_error error_of(const std::string& bytes) {
  const auto got = read(bytes);
  REQUIRE_FALSE(got.counts.has_value());
  return got.counts.error();
}

}  // namespace

TEST_CASE("the pcap of every capture holds what arrived on the socket") {
  std::size_t compared = 0;
  for (const auto& entry : fs::directory_iterator{captures}) {
    if (entry.path().extension() != ".pcap") continue;
    auto json = entry.path();
    json.replace_extension(".jsonl");
    if (!fs::exists(json)) continue;  // the two boots of the restart
    INFO(entry.path());
    const auto got = read(whole_file(entry.path()));
    REQUIRE(got.counts.has_value());
    CHECK(got.counts->datagrams == got.datagrams.size());
    CHECK(got.counts->truncated == 0);
    // On the wire, but not on the socket: what came before the listener, and other services of the guest.
    std::multiset<found> on_wire{got.datagrams.begin(), got.datagrams.end()};
    std::ifstream lines{json};
    for (std::string line; std::getline(lines, line);) {
      const auto row = nlohmann::json::parse(line);
      const auto place = on_wire.find({test::base64_decode(row.at("payload_b64").get<std::string>()),
                                       row.at("dport").get<std::uint16_t>()});
      CHECK(place != on_wire.end());
      if (place != on_wire.end()) on_wire.erase(place);
    }
    ++compared;
  }
  CHECK(compared >= 65);
}

TEST_CASE("a damaged capture gives what came before, and the place") {
  const auto good = whole_file(captures / "panic_612.pcap");
  const auto all = read(good).datagrams;
  for (std::size_t size = 0; size < good.size(); size += 97) {
    const auto got = read(good.substr(0, size));
    REQUIRE(got.datagrams.size() <= all.size());
    CHECK(std::equal(got.datagrams.begin(), got.datagrams.end(), all.begin()));
    if (!got.counts) CHECK(got.counts.error().offset <= size);
  }
  // Every byte turned over once: nothing crashes, whatever comes out.
  for (std::size_t at = 0; at < good.size(); at += 31) {
    auto bad = good;
    bad[at] = static_cast<char>(~bad[at]);
    static_cast<void>(read(bad));
  }
}

TEST_CASE("pcap in both byte orders and both resolutions") {
  for (const bool big : {false, true}) {
    const auto micro = read(pcap_header(big) + classic_record(big, 100, 5, ethernet("one")) +
                            classic_record(big, 4294967295, 999999, ethernet("two")));
    REQUIRE(micro.counts.has_value());
    CHECK(micro.datagrams == std::vector<found>{{"one", 6666}, {"two", 6666}});
    CHECK(micro.times == std::vector<std::int64_t>{100'000'005'000, 4294967295'999999000});
    CHECK(*micro.counts == capture_counts{2, 0, 0});
    const auto nano = read(pcap_header(big, 0xa1b23c4d) + classic_record(big, 100, 5, ethernet("one")));
    CHECK(nano.times == std::vector<std::int64_t>{100'000'000'005});
    // The file's own limit of frame lengths counts; 0 is none.
    CHECK(read(pcap_header(big, 0xa1b2c3d4, 44) + classic_record(big, 1, 0, ethernet("hello"))).datagrams ==
          std::vector<found>{{"he", 6666}});
    CHECK(read(pcap_header(big, 0xa1b2c3d4, 0) + classic_record(big, 1, 0, ethernet("hello"))).datagrams ==
          std::vector<found>{{"hello", 6666}});
  }
}

TEST_CASE("pcapng: sections in any byte order, interfaces with link type and clock of their own") {
  std::string file;
  std::vector<found> want;
  for (const bool big : {false, true}) {
    file += section(big) + block(big, 5, "statistics..") + interface(big, 1, 9) + interface(big, 101, 3, -5) +
            packet(big, 0, 2'000'000'000, ethernet("ethernet")) + packet(big, 1, 7'000, ip("raw")) +
            block(big, 2,
                  writer{big}
                      .number(0, 2)
                      .number(0, 2)
                      .number(0, 4)
                      .number(2'000'000'000, 4)
                      .number(ethernet("old").size(), 4)
                      .number(0, 4)
                      .text(ethernet("old"))
                      .out) +
            block(big, 3, writer{big}.number(ethernet("simple").size(), 4).text(ethernet("simple")).out);
    for (const auto* text : {"ethernet", "raw", "old", "simple"}) want.push_back({text, 6666});
  }
  const auto got = read(file);
  REQUIRE(got.counts.has_value());
  CHECK(got.datagrams == want);
  CHECK(got.times == std::vector<std::int64_t>{2'000'000'000, 2'000'000'000, 2'000'000'000, 0, 2'000'000'000,
                                               2'000'000'000, 2'000'000'000, 0});
  // A simple packet has no length of its own: the limit of the interface says it.
  CHECK(read(section(false) + interface(false, 1, 6, 0, 44) +
             block(false, 3, writer{}.number(99, 4).text(ethernet("he")).out))
            .datagrams == std::vector<found>{{"he", 6666}});
}

TEST_CASE("every resolution of time") {
  CHECK(time_of(0, 7) == 7'000'000'000);
  CHECK(time_of(6, 1'500'000) == 1'500'000'000);
  CHECK(time_of(9, 1'700'000'000'123'456'789) == 1'700'000'000'123'456'789);
  CHECK(time_of(12, 1'234'567'890'123) == 1'234'567'890);
  CHECK(time_of(19, 15'000'000'000'000'000'000u) == 1'500'000'000);
  CHECK(time_of(21, 10'000'000'000'000'000'000u) == 10'000'000);
  CHECK(time_of(127, ~0ull) == 0);
  constexpr int binary = 0x80;
  CHECK(time_of(binary, 7) == 7'000'000'000);
  CHECK(time_of(binary | 1, 3) == 1'500'000'000);
  CHECK(time_of(binary | 32, 0x2'8000'0000) == 2'500'000'000);
  CHECK(time_of(binary | 40, 5ull << 39) == 2'500'000'000);
  CHECK(time_of(binary | 63, 3ull << 62) == 1'500'000'000);
  CHECK(time_of(binary | 64, 1ull << 63) == 500'000'000);
  CHECK(time_of(binary | 127, ~0ull) == 0);
  CHECK(time_of(6, 1'000'000, 1'000) == 1'001'000'000'000);
  CHECK(time_of(6, 1'000'000, -2) == -1'000'000'000);
  // Beyond what the clock holds.
  CHECK(time_of(6, ~0ull) == -1);
  CHECK(time_of(0, 9'000'000'001) == -1);
  CHECK(time_of(0, 9'000'000'000) == 9'000'000'000'000'000'000);
  CHECK(time_of(0, ~0ull) == -1);
  CHECK(time_of(6, 0, INT64_MIN) == -1);
  CHECK(time_of(6, 0, INT64_MAX) == -1);
}

TEST_CASE("each rule that a file can break, and where") {
  using enum capture_errc;
  const auto one = classic_record(false, 1, 0, ethernet("one"));
  const auto good = pcap_header(false) + one;
  CHECK(error_of("") == capture_error{empty});
  CHECK(error_of("no capture at all, just text") == capture_error{unknown_format});
  CHECK(error_of(good.substr(0, 2)) == capture_error{unknown_format});
  CHECK(error_of(good.substr(0, 23)) == capture_error{truncated_header});
  CHECK(error_of(pcap_header(false, 0xa1b2c3d4, 65535, 1, 3)) == capture_error{unsupported_version});
  CHECK(error_of(good + one.substr(0, 15)) == capture_error{truncated, good.size(), 1});
  CHECK(error_of(good + one.substr(0, one.size() - 1)) == capture_error{truncated, good.size(), 1});
  CHECK(error_of(good + writer{}.number(1, 8).number((16 << 20) + 1, 4).number(0, 4).out) ==
        capture_error{impossible_block, good.size(), 1});

  const auto start = section(false) + interface(false, 1) + packet(false, 0, 1, ethernet("one"));
  const auto after = [&](const std::string& more) {
    const auto error = error_of(start + more);
    CHECK(error.offset == start.size());
    CHECK(error.frames == 1);
    return error.code;
  };
  CHECK(after("\1") == truncated);
  CHECK(after(writer{}.number(7, 4).out) == truncated);
  CHECK(after(writer{}.number(7, 4).number(16, 4).out) == truncated);
  CHECK(after(writer{}.number(7, 4).number(13, 4).out) == impossible_block);
  CHECK(after(writer{}.number(7, 4).number(8, 4).out) == impossible_block);
  CHECK(after(writer{}.number(7, 4).number((16 << 20) + 4, 4).out) == impossible_block);
  CHECK(after(block(false, 6, std::string(16, '\0'))) == impossible_block);
  CHECK(after(block(false, 6, "")) == impossible_block);
  CHECK(after(block(false, 2, "")) == impossible_block);
  CHECK(after(block(false, 3, "")) == impossible_block);
  CHECK(after(block(false, 1, std::string(4, '\0'))) == impossible_block);
  CHECK(after(packet(false, 1, 1, "")) == impossible_block);  // of no interface
  CHECK(after(block(false, 6, writer{}.number(0, 12).number(5, 4).number(5, 4).text("abcd").out)) ==
        impossible_block);
  CHECK(after(block(false, 3, writer{}.number(5, 4).text("abcd").out)) == impossible_block);
  CHECK(after(packet(false, 0, ~0ull, "")) == time_out_of_range);
  CHECK(after(std::string{"\x0a\x0d\x0d\x0a"} + std::string(8, '\0')) == unknown_byte_order);
  CHECK(after(writer{}.number(0x0a0d0d0a, 4).number(24, 4).number(0x1a2b3c4d, 4).out) == impossible_block);
  CHECK(after(writer{}.number(0x0a0d0d0a, 4).number(28, 4).number(0x1a2b3c4d, 4).out) == truncated);
  // A section has interfaces of its own.
  CHECK(error_of(start + section(false) + packet(false, 0, 1, "")) ==
        capture_error{impossible_block, start.size() + section(false).size(), 1});
}

TEST_CASE("memory stays bounded whatever a file says") {
  auto file = section(false);
  for (int i = 0; i < 4096; ++i) file += interface(false, 1);
  CHECK(read(file + packet(false, 4095, 1, ethernet("one"))).datagrams.size() == 1);
  CHECK(error_of(file + interface(false, 1)) ==
        capture_error{capture_errc::too_many_interfaces, file.size(), 0});
  CHECK(read(file + section(false) + interface(false, 1)).counts.has_value());
}

TEST_CASE("frames of link types that hold no IP packets are counted, and are an error when all are such") {
  const auto error =
      error_of(pcap_header(false, 0xa1b2c3d4, 65535, 105) + classic_record(false, 1, 0, ethernet("one")));
  CHECK(error == capture_error{capture_errc::unsupported_link_type, 0, 1, 105});
  CHECK(read(pcap_header(false, 0xa1b2c3d4, 65535, 105)).counts.has_value());
  const auto mixed = read(section(false) + interface(false, 105) + interface(false, 1) +
                          packet(false, 0, 1, ethernet("one")) + packet(false, 1, 1, ethernet("two")) +
                          packet(false, 1, 1, "ARP"));
  REQUIRE(mixed.counts.has_value());
  CHECK(*mixed.counts == capture_counts{1, 0, 2});
  CHECK(mixed.datagrams == std::vector<found>{{"two", 6666}});
}

TEST_CASE("a file that stdio reads is the same as its bytes") {
  const auto path = captures / "panic_612.pcap";
  const auto want = read(whole_file(path)).datagrams;
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  REQUIRE(file != nullptr);
  pcap_reader reader{stdio_source{file}};
  std::vector<found> got;
  const auto counts = read_datagrams(reader, [&](const captured_datagram& one) {
    got.push_back({std::string{one.udp.payload}, one.udp.receiver.port.value()});
  });
  std::fclose(file);
  CHECK(counts.has_value());
  CHECK(got == want);
}

TEST_CASE("each error has a name and a message of its own") {
  std::set<std::string_view> names, messages;
  for (unsigned code = 0; code <= static_cast<unsigned>(capture_errc::unsupported_link_type); ++code) {
    names.insert(name(static_cast<capture_errc>(code)));
    messages.insert(message(static_cast<capture_errc>(code)));
  }
  CHECK(names.size() == 10);
  CHECK(messages.size() == 10);
  CHECK_FALSE(names.contains("unknown"));
}
