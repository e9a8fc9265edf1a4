// SPDX-License-Identifier: MIT
// Any bytes as a capture file. Every datagram is handed on, an error has its place, and a file that ends
// early gives the first datagrams of the whole one.
#include "fuzz.hpp"

#include <netcon/capture.hpp>
#include <netcon/wire/decode.hpp>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

using fuzz::check;

namespace {

struct outcome {
  std::expected<netcon::capture_counts, netcon::capture_error> counts;
  std::vector<std::string> payloads;
};

outcome read(std::string_view bytes) {
  outcome out;
  const fuzz::exact_copy file{bytes};
  netcon::pcap_reader reader{netcon::memory_source{file.view()}};
  out.counts = netcon::read_datagrams(reader, [&](const netcon::captured_datagram& one) {
    out.payloads.emplace_back(one.udp.payload);
    (void)netcon::decode(one.udp.payload);
  });
  const auto again = reader.next();
  if (!out.counts) {
    const auto& error = out.counts.error();
    check(error.offset <= bytes.size() && error.frames == reader.frames(), "an error has its place");
    check(!message(error.code).empty() && name(error.code) != "unknown", "an error has its words");
    if (error.code != netcon::capture_errc::unsupported_link_type)
      check(!again && again.error() == error, "an error is final");
  } else {
    check(again && !*again, "the end is the end");
    check(out.counts->datagrams == out.payloads.size(), "every datagram is handed on");
    check(out.counts->datagrams + out.counts->other_frames == reader.frames(), "every frame is counted");
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto whole = read(bytes);
  const auto part = read(bytes.substr(0, size - size / 4));
  check(part.payloads.size() <= whole.payloads.size(),
        "a part of a file has no more datagrams than all of it");
  for (std::size_t i = 0; i < part.payloads.size(); ++i)
    check(part.payloads[i] == whole.payloads[i], "a part of a file begins as all of it does");
  return 0;
}
