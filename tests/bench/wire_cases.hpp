// SPDX-License-Identifier: MIT
// The work that the wire benchmarks time and count: the collector and, for the same packets, two baselines.
#pragma once

#include <netcon/receive/collector.hpp>
#include <netcon/wire/encode.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

inline netcon::endpoint sender(std::uint32_t number) {
  return {netcon::ipv4_address{10, static_cast<std::uint8_t>(number >> 16),
                               static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
          netcon::port{6665}};
}

/// A stream of packets whose sequence number is counted up in place, so that making them costs the work next
/// to nothing.
class stream {
 public:
  explicit stream(const std::string& body, std::span<const netcon::dictionary_entry> userdata = {}) {
    netcon::encode({.header = "6,100000000,1234567890,-", .body = body, .userdata = userdata},
                   netcon::kernel_profile::latest(),
                   [this](std::string_view packet) { packets_.emplace_back(packet); })
        .value();
  }

  std::span<const std::string> packets() const { return packets_; }

  /// Adds to the sequence number, whose nine digits do not end within any benchmark.
  void advance(char step) {
    for (auto& packet : packets_) {
      char* digit = packet.data() + 10;
      *digit = static_cast<char>(*digit + step);
      for (; *digit > '9'; --digit) {
        *digit = static_cast<char>(*digit - 10);
        ++digit[-1];
      }
    }
  }

 private:
  std::vector<std::string> packets_;
};

/// What a sink looks at: that there is a record, its text, or its pairs.
enum class look { count, text, pairs };

struct reader {
  look depth = look::count;
  std::size_t sum = 0;

  void operator()(const netcon::event::record& e) {
    ++sum;
    if (depth == look::count) return;
    if (depth == look::text) sum += e.record.text().size();
    if (depth == look::pairs)
      for (const auto [key, value] : e.record.dictionary()) sum += key.size() + value.size();
  }
  void operator()(const netcon::event::lost& e) { sum += e.count; }
  template <class Event>
  void operator()(const Event&) {
    ++sum;
  }
};

inline stream short_record() {  // 114 bytes
  return stream{"usb 1-1.4: new high-speed USB device number 7 using xhci_hcd, product 8153 by 0bda there\n"};
}

inline stream userdata_record() {  // 226 bytes
  static constexpr std::array<netcon::dictionary_entry, 7> userdata{{{"host", "web17.example.net"},
                                                                     {"rack", "r42b"},
                                                                     {"team", "storage"},
                                                                     {"site", "ams3"},
                                                                     {"role", "frontend"},
                                                                     {"serial", "CZ3017ABCD"},
                                                                     {"build", "2026.11.3-rc4+debug"}}};
  return stream{"usb 1-1.4: new high-speed USB device number 7 using xhci_hcd, idVendor=0bda, pr\n",
                userdata};
}

inline stream long_record() {
  return stream{std::string(2499, 'x') + "\n"};
}  // 3 fragments

struct work {
  std::string_view name;
  std::size_t (*run)(std::uint64_t messages);
};

inline std::size_t collect(stream stream, look depth, std::uint64_t messages, std::uint32_t senders = 1,
                           std::uint64_t missing_every = 0) {
  netcon::collector all;
  reader sink{.depth = depth};
  const auto now = netcon::time_point{} + std::chrono::hours{1};
  std::vector<netcon::endpoint> from;
  for (std::uint32_t i = 0; i < senders; ++i) from.push_back(sender(i));
  std::uint64_t until_missing = missing_every;
  for (std::uint64_t i = 0; i < messages;) {
    for (std::uint32_t s = 0; s < senders && i < messages; ++s, ++i)
      for (const auto& packet : stream.packets()) all.push(from[s], packet, now, sink);
    const bool gap = missing_every != 0 && --until_missing == 0;
    if (gap) until_missing = missing_every;
    stream.advance(gap ? 2 : 1);
  }
  return sink.sum;
}

/// The least that any receiver does with a packet: copy it and look for the end of header and text.
inline std::size_t copy_and_search(stream stream, std::uint64_t messages) {
  std::array<char, 2048> buffer{};
  std::size_t sum = 0;
  for (std::uint64_t i = 0; i < messages; ++i) {
    for (const auto& packet : stream.packets()) {
      std::memcpy(buffer.data(), packet.data(), packet.size());
      const auto* const header = static_cast<const char*>(std::memchr(buffer.data(), ';', packet.size()));
      const auto rest = packet.size() - static_cast<std::size_t>(header - buffer.data());
      const auto* const text = static_cast<const char*>(std::memchr(header, '\n', rest));
      sum += text == nullptr ? rest : static_cast<std::size_t>(text - header);
    }
    stream.advance(1);
  }
  return sum;
}

/// What people write: split at separators into strings, convert, put the pairs into a vector. No reassembly,
/// no order.
inline std::size_t split_strings(stream stream, std::uint64_t messages) {
  const auto split = [](const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (auto end = text.find(separator); end != text.npos; end = text.find(separator, begin)) {
      parts.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    parts.push_back(text.substr(begin));
    return parts;
  };
  std::size_t sum = 0;
  for (std::uint64_t i = 0; i < messages; ++i, stream.advance(1))
    for (const auto& packet : stream.packets()) {
      const auto end = packet.find(';');
      const auto fields = split(packet.substr(0, end), ',');
      const auto lines = split(packet.substr(end + 1), '\n');
      const auto priority = std::stoul(fields[0]);
      sum += std::stoull(fields[1]) + std::stoull(fields[2]) + priority % 8 + lines[0].size();
      std::vector<std::pair<std::string, std::string>> pairs;
      for (std::size_t at = 1; at + 1 < lines.size(); ++at) {
        const auto equals = lines[at].find('=');
        if (equals != std::string::npos)
          pairs.emplace_back(lines[at].substr(1, equals - 1), lines[at].substr(equals + 1));
      }
      sum += pairs.size();
    }
  return sum;
}

/// The loop around the work and the making of packets, which every other row has in it.
inline std::size_t loop_only(stream stream, std::uint64_t messages) {
  std::size_t sum = 0;
  for (std::uint64_t i = 0; i < messages; ++i) {
    for (const auto& packet : stream.packets()) sum += static_cast<unsigned char>(packet[10]);
    stream.advance(1);
  }
  return sum;
}

inline constexpr std::array works{
    work{"loop only", [](std::uint64_t n) { return loop_only(short_record(), n); }},
    work{"short", [](std::uint64_t n) { return collect(short_record(), look::count, n); }},
    work{"short, text read", [](std::uint64_t n) { return collect(short_record(), look::text, n); }},
    work{"short/memcpy+memchr", [](std::uint64_t n) { return copy_and_search(short_record(), n); }},
    work{"short/split", [](std::uint64_t n) { return split_strings(short_record(), n); }},
    work{"userdata", [](std::uint64_t n) { return collect(userdata_record(), look::pairs, n); }},
    work{"userdata/memcpy+memchr", [](std::uint64_t n) { return copy_and_search(userdata_record(), n); }},
    work{"userdata/split", [](std::uint64_t n) { return split_strings(userdata_record(), n); }},
    work{"long", [](std::uint64_t n) { return collect(long_record(), look::count, n); }},
    work{"long/memcpy+memchr", [](std::uint64_t n) { return copy_and_search(long_record(), n); }},
    work{"long/split", [](std::uint64_t n) { return split_strings(long_record(), n); }},
    work{"gaps: every second missing",
         [](std::uint64_t n) { return collect(short_record(), look::count, n, 1, 1); }},
    work{"gaps: every 300th missing",
         [](std::uint64_t n) { return collect(short_record(), look::count, n, 1, 299); }},
    work{"10,000 senders", [](std::uint64_t n) { return collect(short_record(), look::count, n, 10'000); }},
};

}  // namespace bench
