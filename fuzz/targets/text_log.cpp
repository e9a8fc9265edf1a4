// SPDX-License-Identifier: MIT
// Hostile text logs: pieces of any size give the same lines, no line is longer than the limit, and what they
// hold is scanned for crashes.
//
// Input: a byte of the piece's size, then the log.
#include "fuzz.hpp"

#include <netcon/capture/text_log.hpp>
#include <netcon/crash/log_scanner.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using fuzz::check;

namespace {

using kept = std::tuple<std::string, std::string, std::string, bool, std::optional<std::uint64_t>>;

std::vector<kept> read(std::string_view text, std::size_t piece) {
  constexpr std::size_t longest = 512;
  std::vector<kept> out;
  netcon::text_log log{{.longest_line = longest}};
  const auto keep = [&](const netcon::log_line& line) {
    check(line.is_packet || line.text.size() <= 6 * longest, "a line keeps to its limit");
    out.emplace_back(line.text, line.host, line.caller, line.is_packet, line.timestamp_us);
  };
  while (!text.empty()) {
    log.push(text.substr(0, piece), keep);
    text.remove_prefix(std::min(piece, text.size()));
  }
  log.finish(keep);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  const std::size_t piece = 1 + in.byte();
  const auto text = in.rest();
  check(read(text, std::string_view::npos) == read(text, piece), "pieces of any size give the same lines");

  std::uint64_t begun = 0, ended = 0;
  const auto sink = [&]<class Event>(const Event&) {
    if constexpr (requires(const Event& e) { e.report; }) {
      ++ended;
    } else {
      ++begun;
    }
  };
  netcon::crash::log_scanner scanner;
  netcon::text_log log;
  const auto scan = [&](const netcon::log_line& line) { scanner.push(line, sink); };
  log.push(text, scan);
  log.finish(scan);
  scanner.finish(sink);
  check(begun == ended, "each crash that begins ends once");
  return 0;
}
