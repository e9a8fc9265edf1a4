// SPDX-License-Identifier: MIT
#include "input/capture.hpp"

#include <netcon/wire/decode.hpp>

#include <fmt/format.h>

#include <utility>

namespace tool {
namespace {

std::string describe(const std::string& name, const netcon::capture_error& error) {
  if (error.code == netcon::capture_errc::empty) return fmt::format("{}: the file is empty", name);
  if (error.code == netcon::capture_errc::unknown_format)
    return fmt::format("{} {}", name, message(error.code));
  if (error.code != netcon::capture_errc::unsupported_link_type)
    return fmt::format("{}: damaged after {} frames: it {}, at byte {}", name, error.frames,
                       message(error.code), error.offset);
  const auto type = netcon::name(static_cast<netcon::link_type>(error.link_type));
  return fmt::format("{}: link type {} is not one that IP packets are found in", name,
                     type.empty() ? std::to_string(error.link_type) : type);
}

}  // namespace

std::expected<netcon::capture_counts, std::string> read_capture(byte_source& bytes, const std::string& name,
                                                                const capture_sink& sink) {
  netcon::pcap_reader reader{[&](char* to, std::size_t size) { return bytes.read(to, size); }};
  const auto opened = reader.open();
  netcon::datagram_reader datagrams{reader};
  for (;;) {
    const auto one = opened ? datagrams.next() : std::unexpected{opened.error()};
    if (!one && !bytes.stopped()) {
      if (auto problem = bytes.problem(); !problem.empty()) return std::unexpected{std::move(problem)};
      return std::unexpected{describe(name, one.error())};
    }
    if (!one || !*one) {
      // What is packed may be damaged between two frames.
      if (auto problem = bytes.problem(); !problem.empty()) return std::unexpected{std::move(problem)};
      return datagrams.counts();
    }
    sink(**one);
  }
}

std::vector<std::string> what_is_missing(const std::string& name, const netcon::capture_counts& counts) {
  std::vector<std::string> remarks;
  if (counts.truncated != 0)
    remarks.push_back(fmt::format("{}: {} datagrams were truncated by the capture", name, counts.truncated));
  if (counts.invalid != 0)
    remarks.push_back(
        fmt::format("{}: {} datagrams were dropped: their IP fragments overlap", name, counts.invalid));
  return remarks;
}

std::string_view payload_for_collector(const netcon::udp_datagram& datagram, std::string& room) {
  if (!datagram.truncated || datagram.payload.empty()) return datagram.payload;
  if (const auto record = netcon::decode(datagram.payload); record && record->is_extended())
    return datagram.payload;
  room.assign(datagram.payload).append(1, '\n');
  return room;
}

}  // namespace tool
