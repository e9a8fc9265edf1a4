// SPDX-License-Identifier: MIT
// Any packet as a probe, an answer and an opening: what is read is written back, and no answer is longer than
// its probe.
#include "fuzz.hpp"

#include <netcon/wire/decode.hpp>
#include <netcon/wire/probe.hpp>

#include <limits>
#include <optional>
#include <string>

using fuzz::check;

namespace {

template <class Text>
void round_trip(std::string_view text) {
  const auto read = Text::parse(text);
  if (!read) return;
  const auto written = to_string(*read);
  check(written.size() <= Text::max_text, "max_text holds every value");
  check(Text::parse(written) == read, "parse(to_string(value)) is the value");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::exact_copy packet{{reinterpret_cast<const char*>(data), size}};
  const auto text = packet.view();
  round_trip<netcon::probe>(text);
  round_trip<netcon::probe_answer>(text);
  round_trip<netcon::probe_opening>(text);
  if (const auto one = netcon::probe::parse(text)) check(to_string(*one) == text, "a probe has one text");

  const auto record = netcon::decode(text);
  const auto found = record ? netcon::find_probe(*record) : std::nullopt;
  if (!found) return 0;
  check(text.find(to_string(*found)) != text.npos, "the packet has the text of the probe");
  netcon::probe_answer longest{found->nonce, found->level, {}, std::numeric_limits<std::uint64_t>::max()};
  longest.seen = {*netcon::ip_address::parse("1000:1000:1000:1000:1000:1000:1000:1000"), netcon::port{65535}};
  const auto answer = to_string(longest);
  check(answer.size() < size, "an answer is shorter than its probe");
  check(!netcon::find_probe(*netcon::decode(answer)), "an answer is no probe: two receivers never talk");
  return 0;
}
