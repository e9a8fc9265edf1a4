// SPDX-License-Identifier: MIT
// A row of packets with times, senders and limits, against a model that keeps every message in a map.
//
// Input: 8 bytes of limits; then packets, each a byte for sender and time, two bytes of size (11 bits), and
// its bytes.
#include "packets.hpp"

#include <netcon/receive/reassembler.hpp>
#include <netcon/wire/decode.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using fuzz::check;

namespace {

struct model_message {
  std::vector<std::optional<char>> bytes;
};
using key =
    std::tuple<netcon::endpoint, std::uint64_t, std::uint64_t, std::string, std::string, std::uint32_t>;

key key_of(const netcon::endpoint& from, const netcon::record_view& r, std::uint32_t total) {
  return {from,
          r.sequence(),
          r.timestamp_us(),
          std::string{r.header()},
          r.release() ? "r" + std::string{*r.release()} : "",
          total};
}

constexpr std::size_t most_bytes = 0x7ff;

}  // namespace

const fuzz::framing fuzz::packets{
    .head = 8,
    .packet_size = most_bytes,
    .read = [](fuzz::input& in) -> std::optional<fuzz::packet> {
      if (in.at_end()) return std::nullopt;
      fuzz::packet out;
      out.about = in.byte();
      out.bytes = in.text(in.u16() & most_bytes);
      return out;
    },
    .write =
        [](std::string& out, const fuzz::packet& one) {
          out += static_cast<char>(one.about);
          fuzz::append_u16(out, one.bytes.size());
          out += one.bytes;
        },
};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  netcon::reassembler::limits limits;
  limits.record_bytes = 1 + in.below(4096);
  limits.records_per_sender = 1 + in.below(4);
  limits.records = 1 + in.below(8);
  limits.bytes = 64 + in.below(8192);
  limits.holes = 1 + in.below(16);
  limits.age = std::chrono::milliseconds{1 + in.below(8)};
  netcon::reassembler parts{limits};

  std::map<key, model_message> model;
  std::uint64_t handed_on = 0, partial = 0, refused = 0;
  std::size_t whole = 0, came = 0;
  netcon::time_point now{};

  const auto sink = [&](const netcon::assembled& done) {
    check(!done.record.is_fragment(), "what is handed on is whole");
    if (whole != 0) return;  // not a slice
    const auto total = static_cast<std::uint32_t>(done.body().total());
    std::string body;
    done.body().visit(
        [&](std::size_t offset, std::string_view bytes) {
          check(offset == body.size(), "runs and gaps leave nothing out");
          body += bytes;
        },
        [&](netcon::text_range gap) { body.append(gap.size(), '\0'); });
    check(body.size() == total, "with its gaps the body is as long as announced");
    check(done.record.body().size() + done.body().missing() == total, "nothing stands for what is missing");
    const auto found = model.find(key_of(done.sender, done.record, total));
    check(found != model.end(), "only what was begun is handed on");
    std::size_t hole = 0;
    for (std::uint32_t i = 0; i < total; ++i) {
      while (hole < done.missing.size() && done.missing[hole].end <= i) ++hole;
      const bool missing = hole < done.missing.size() && done.missing[hole].begin <= i;
      const auto& expected = found->second.bytes[i];
      check(missing == !expected.has_value(), "missing is what never came");
      check(body[i] == expected.value_or('\0'), "each byte is the first that came for its place");
    }
    for (std::size_t i = 0; i < done.missing.size(); ++i) {
      check(done.missing[i].begin < done.missing[i].end && done.missing[i].end <= total, "a hole has bytes");
      check(i == 0 || done.missing[i - 1].end < done.missing[i].begin, "holes are in order and apart");
    }
    if (!done.complete()) ++partial;
    ++handed_on;
    model.erase(found);
  };

  while (const auto next = fuzz::packets.read(in)) {
    const auto step = next->about;
    now += std::chrono::milliseconds{step >> 6};
    const netcon::endpoint from{netcon::ipv4_address{10, 0, 0, static_cast<std::uint8_t>(step >> 4 & 3)},
                                netcon::port{6665}};
    const fuzz::exact_copy packet{next->bytes};
    const auto view = netcon::decode(packet.view());
    if (!view || view->is_basic()) continue;

    parts.expire(now, sink);
    const auto slice = view->fragment();
    const bool fits = slice && slice->total <= limits.record_bytes;
    const auto k = key_of(from, *view, slice ? slice->total : 0);
    const bool begun = fits && model.contains(k);
    const auto fill = [&] {
      auto& bytes = model[k].bytes;
      bytes.resize(slice->total);
      for (std::size_t i = 0; i < view->body().size(); ++i)
        if (!bytes[slice->offset + i]) bytes[slice->offset + i] = view->body()[i];
    };
    if (begun) fill();
    const auto before = parts.stats();
    if ((step & 4) != 0 && parts.push_next(from, packet.view(), sink)) {
      check(begun, "only a message in flight has a next slice");
      came += packet.view().size();
      check(parts.in_flight() == model.size(), "what is in flight is what was begun and not handed on");
      continue;
    }
    if (!slice) whole = 1;
    came += packet.view().size();
    const auto became = parts.push(from, *view, now, sink, [&] {
      check(fits && !begun, "only a new message is begun");
      fill();
      return std::optional{netcon::numbering::pending};
    });
    using progress = netcon::reassembler::progress;
    check((became == progress::whole) == !slice, "what is no slice is whole");
    check((became == progress::refused) == (slice && !fits),
          "what is above the limit is refused, and only that");
    if (became == progress::refused) ++refused;
    whole = 0;
    check(parts.in_flight() == model.size(), "what is in flight is what was begun and not handed on");
    check(parts.in_flight() <= limits.records, "the limit of messages holds");
    // A record alone may take more: its packet's front, its body, and where each run belongs.
    check(parts.bytes() <= std::max<std::size_t>(limits.bytes, limits.record_bytes + 2048 + 24 * 300),
          "the limit of bytes holds");
    // Twice what came: the first packet of each and the room to grow; and a spare buffer.
    check(parts.bytes() <= 2 * came + 24 * 300 * parts.in_flight() + 16384, "memory is for what came");
    check(parts.deadline().has_value() == (parts.in_flight() != 0),
          "there is a deadline as long as something waits");
    check(!parts.deadline() || *parts.deadline() > now || before.completed > parts.stats().completed,
          "nothing is older than the age");
    check(parts.stats().completed + parts.stats().incomplete == handed_on &&
              parts.stats().incomplete == partial,
          "messages handed on are counted");
    check(parts.stats().refused == refused, "slices refused are counted");
  }
  if (in.at_end() && size % 2 == 0) {
    for (const auto last : {0, 1, 2, 3})
      parts.flush({netcon::ipv4_address{10, 0, 0, static_cast<std::uint8_t>(last)}, netcon::port{6665}},
                  sink);
  } else {
    parts.flush(sink);
  }
  check(parts.in_flight() == 0 && parts.bytes() == 0 && model.empty(), "a flush leaves nothing");
  return 0;
}
