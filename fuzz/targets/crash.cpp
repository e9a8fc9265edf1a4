// SPDX-License-Identifier: MIT
// The crash detector with hostile lines of a few senders under tight limits: each crash that begins ends
// once, a report keeps to its limits and to its own sender, and what is shown of it acts on no terminal.
//
// Input: 4 bytes of limits; then lines, each a byte of sender, caller and number, a byte of time, a byte of
// size, and its bytes.
#include "packets.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/crash.hpp>
#include <netcon/output/crash_json.hpp>
#include <netcon/output/crash_text.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

using fuzz::check;

const fuzz::framing fuzz::packets{
    .head = 4,
    .packet_size = 0xff,
    .read = [](fuzz::input& in) -> std::optional<fuzz::packet> {
      if (in.at_end()) return std::nullopt;
      fuzz::packet out;
      out.about = in.byte();
      out.step = in.byte();
      out.bytes = in.text(in.byte());
      return out;
    },
    .write =
        [](std::string& out, const fuzz::packet& one) {
          out += static_cast<char>(one.about);
          out += static_cast<char>(one.step.value_or(0));
          out += static_cast<char>(one.bytes.size());
          out += one.bytes;
        },
};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  netcon::crash::limits limits;
  limits.lines = 1 + in.below(64);
  limits.bytes = 256 + 64 * in.byte();
  limits.senders = 1 + in.below(3);
  limits.at_once = 1 + in.below(4);
  limits.all_bytes = 4096;
  netcon::crash::basic_detector<unsigned> detector{limits};
  std::uint64_t begun = 0, ended = 0;
  const auto sink = [&]<class Event>(const Event& event) {
    if constexpr (requires { event.report; }) {
      ++ended;
      const auto& report = event.report;
      check(report.text.size() <= limits.lines, "a report keeps to its lines");
      check(!report.title.empty(), "a report has a title");
      check(report.complete != netcon::crash::completeness::complete || report.missing.empty(),
            "what is complete misses nothing");
      std::string shown;
      netcon::append_crash_text(shown, "host", "", report);
      for (const char c : shown)
        check(c == '\n' || static_cast<unsigned char>(c) >= 0x20, "nothing acts on a terminal");
      std::string json;
      netcon::append_crash_json(json, "host", report);
      const auto parsed = nlohmann::json::parse(json, nullptr, false);
      check(!parsed.is_discarded() && json.find('\n') == json.size() - 1, "JSON of one line");
    } else {
      ++begun;
    }
  };
  netcon::time_point now{};
  std::uint64_t sequence = 0;
  constexpr std::string_view callers[] = {"", "T1", "C0", "T2"};
  while (const auto next = fuzz::packets.read(in)) {
    const auto flags = next->about;
    if (const auto path = netcon::crash::rust_path(next->bytes))
      check(!path->empty() && path->size() <= 512, "a name of Rust is short");
    now += std::chrono::milliseconds{100 * (next->step.value_or(0) % 80)};
    sequence += flags >> 6;
    netcon::crash::line line{.text = next->bytes, .caller = callers[flags >> 2 & 3]};
    if ((flags & 16) != 0) line.sequence = sequence;
    line.whole = (flags & 32) == 0;
    detector.push(flags & 3, line, now, sink);
    if (flags == 0xff) detector.rebooted(3, sink);
    if (flags == 0xfe) detector.lost(2);
    detector.expire(now, sink);
    const auto deadline = detector.deadline();
    check(!deadline || *deadline > now, "nothing waits beyond its time");
  }
  detector.flush(sink);
  check(begun == ended, "each crash that begins ends once");
  check(detector.stats().begun == begun && detector.stats().ended == ended, "the counters agree");
  return 0;
}
