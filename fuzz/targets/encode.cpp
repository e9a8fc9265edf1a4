// SPDX-License-Identifier: MIT
// A record and what a target adds to it, sent as a kernel of any version sends it, against the reference, and
// put together again from packets in any order.
#include "fuzz.hpp"
#include "wire_reference.hpp"

#include <netcon/receive/reassembler.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/printk_format.hpp>

#include <string>
#include <vector>

using fuzz::check;

namespace {

constexpr std::array<int, 3> versions[] = {{4, 2, 0},  {5, 15, 0}, {6, 1, 192},  {6, 6, 0},  {6, 9, 0},
                                           {6, 11, 3}, {6, 11, 4}, {6, 12, 117}, {6, 15, 0}, {6, 17, 0},
                                           {7, 1, 0},  {7, 2, 0},  {7, 3, 4}};

/// Long texts from few bytes: a size, and what repeats in it.
std::string long_text(fuzz::input& in, std::uint32_t limit) {
  const auto size = in.below(limit);
  const auto seed = in.text(1 + in.below(8));
  std::string text;
  while (text.size() < size) text += seed.empty() ? "x" : seed;
  text.resize(size);
  return text;
}

std::string without(std::string text, std::string_view bytes) {
  for (auto& c : text)
    if (bytes.find(c) != bytes.npos) c = '_';
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  const auto version = versions[in.below(std::size(versions))];
  const auto number = [](int value) { return static_cast<std::uint16_t>(value); };
  const auto kernel = netcon::kernel_profile{number(version[0]), number(version[1]), number(version[2])};

  const auto text = long_text(in, 2200);
  const std::string subsystem = without(long_text(in, 16), std::string_view{"\0", 1});
  const std::string device = without(long_text(in, 48), std::string_view{"\0", 1});
  const bool has_callers = kernel.version() >= netcon::kernel_version{5, 1, 0};
  const std::string caller = in.flag() && has_callers ? "T" + std::to_string(in.u32() >> 1) : "";
  const netcon::log_record log{.priority = static_cast<std::uint16_t>(in.below(2048)),
                               .sequence = in.u64(),
                               .timestamp_us = in.u64() / 1000,
                               .flag = in.flag() ? netcon::continuation::piece : netcon::continuation::none,
                               .caller = caller,
                               .text = text,
                               .subsystem = subsystem,
                               .device = device};
  std::vector<char> buffer(netcon::formatted_limit(kernel));
  const auto formatted = netcon::format_extended(log, kernel, buffer);
  check(formatted->header.size() + 1 + formatted->body.size() <= buffer.size(), "a record fits its limit");

  // The record itself, formatted once more without a limit.
  std::string full = std::to_string(log.priority) + "," + std::to_string(log.sequence) + "," +
                     std::to_string(log.timestamp_us) + "," + static_cast<char>(log.flag) +
                     (caller.empty() ? "" : ",caller=" + caller);
  check(formatted->header == full, "the header is as printk writes it");
  full = netcon::escape(text) + "\n";
  if (!subsystem.empty()) full += " SUBSYSTEM=" + netcon::escape(subsystem) + "\n";
  if (!device.empty()) full += " DEVICE=" + netcon::escape(device) + "\n";
  const bool clipped = formatted->header.size() + 1 + full.size() > buffer.size();
  if (!clipped) check(formatted->body == full, "the body is as printk writes it");

  reference::wire_message expected{.version = version,
                                   .header = std::string{formatted->header},
                                   .body = std::string{formatted->body},
                                   .release = {},
                                   .has_release = false,
                                   .userdata = {},
                                   .sysdata = {}};
  netcon::extended_record message{.header = expected.header, .body = expected.body};
  if (kernel.supports(netcon::feature::release) && in.flag()) {
    expected.has_release = true;
    expected.release = "6" + without(long_text(in, 64), {",;\n\0", 4});
    message.release = expected.release;
  }
  std::vector<netcon::dictionary_entry> userdata;
  if (kernel.supports(netcon::feature::userdata))
    for (auto entries = in.below(17); entries != 0; --entries) {
      auto key = without(long_text(in, 54), {"/\0", 2});
      auto value = without(long_text(in, 200), {"\0", 1});
      if (key.empty() || key == "." || key == "..") key = "k";
      expected.userdata.emplace_back(std::move(key), std::move(value));
    }
  for (const auto& [key, value] : expected.userdata) userdata.push_back({key, value});
  message.userdata = userdata;
  std::string task;
  if (kernel.supports(netcon::feature::sysdata)) {
    const auto which = in.byte();
    if ((which & 1) != 0) {
      message.sysdata.cpu = in.u32();
      expected.sysdata.push_back(" cpu=" + std::to_string(*message.sysdata.cpu) + "\n");
    }
    if ((which & 2) != 0) {
      task = long_text(in, 16);
      message.sysdata.taskname = task;
      expected.sysdata.push_back(" taskname=" + task + "\n");
    }
    if ((which & 4) != 0) {
      message.sysdata.release = "7.3.4";
      expected.sysdata.push_back(" release=7.3.4\n");
    }
    if ((which & 8) != 0 && kernel.supports(netcon::feature::sysdata_msgid)) {
      message.sysdata.msgid = in.u32();
      expected.sysdata.push_back(" msgid=" + std::to_string(*message.sysdata.msgid) + "\n");
    }
  }

  // Up to 6.18 they share 16 places.
  if (!kernel.supports(netcon::feature::separate_sysdata) && userdata.size() + expected.sysdata.size() > 16) {
    userdata.resize(16 - expected.sysdata.size());
    expected.userdata.resize(userdata.size());
    message.userdata = userdata;
  }

  std::vector<std::string> sent;
  const auto count =
      netcon::encode(message, kernel, [&](std::string_view packet) { sent.emplace_back(packet); });
  check(count.has_value() && *count == sent.size(), "what a kernel can have is sent");
  check(sent == reference::packets(expected), "the packets are those of the reference");

  std::string stream = expected.body;
  for (const auto& [key, value] : expected.userdata)
    if (!value.empty()) stream += " " + key + "=" + value + "\n";
  for (const auto& line : expected.sysdata) stream += line;

  // In any order, with repeats.
  std::vector<std::size_t> order(sent.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t i = 0; i + 1 < order.size(); ++i)
    std::swap(order[i], order[i + in.below(static_cast<std::uint32_t>(order.size() - i))]);
  if (in.flag() && !order.empty()) order.push_back(order[in.below(static_cast<std::uint32_t>(order.size()))]);

  netcon::reassembler parts;
  const netcon::endpoint from{netcon::ipv4_address{10, 0, 0, 1}, netcon::port{6665}};
  std::size_t whole = 0, slices = 0, sliced_bytes = 0;
  for (const auto& packet : sent)
    if (const auto view = netcon::decode(packet); view && view->is_fragment()) {
      ++slices;
      sliced_bytes += view->body().size();
    }
  check(slices == 0 || slices == sent.size(), "all packets of a message are slices, or none");
  for (const auto index : order) {
    const fuzz::exact_copy packet{sent[index]};
    check(packet.view().size() <= netcon::max_packet, "a packet has at most 1000 bytes");
    const auto view = netcon::decode(packet.view());
    // A header alone is no header to the decoder when it is cut short by the limit: never here.
    check(view.has_value() && view->is_extended(), "what is sent can be decoded");
    check(view->release() == message.release, "the release comes back");
    check(view->sequence() == log.sequence && view->timestamp_us() == log.timestamp_us &&
              view->priority() == log.priority && view->flag() == log.flag && view->caller() == caller,
          "the header comes back");
    parts.push(from, *view, {}, [&](const netcon::assembled& done) {
      ++whole;
      check(done.complete() && !done.conflict, "a message is put together without conflict");
      const auto body = done.record.body();
      if (done.record.damage() == netcon::damage::none && slices == 0 && sent[0].size() < 999)
        check(body == stream, "the message is what was sent");
      if (slices != 0) check(body == stream, "the message is what was cut");
      if (!clipped && slices != 0) check(netcon::unescape(done.record.text()) == text, "the text comes back");
    });
  }
  if (slices == 0) check(whole == order.size(), "a whole packet is handed on as it is");
  // Kernels that lose the rest of a message send less than all of it.
  if (slices != 0 && sliced_bytes == stream.size()) check(whole == 1, "all slices make one message");
  return 0;
}
