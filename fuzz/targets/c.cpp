// SPDX-License-Identifier: MIT
// The C library: any bytes in any of its four functions; what it writes stays inside the caller's structs,
// and what it answers is what the C++ library answers.
#include "fuzz.hpp"

#include <netcon/parameter.hpp>
#include <netcon/wire.hpp>

#include <netcon.h>

#include <string>
#include <vector>

using fuzz::check;

namespace {

netcon_text text_of(std::string_view text) {
  return {text.data(), text.size()};
}

bool lies_in(const netcon_text& part, std::string_view whole) {
  return part.size == 0 ||
         (part.data >= whole.data() && part.data + part.size <= whole.data() + whole.size());
}

void lint_and_explain(std::string_view text, const netcon_kernel& kernel) {
  // In the heap, of exactly the size that is promised.
  std::vector<netcon_finding> findings(3);
  findings[0].size = sizeof(netcon_finding);
  const auto found = netcon_lint(text_of(text), &kernel, findings.data(), findings.size());
  check(found >= 0, "every text is judged");
  for (std::size_t i = 0; i < findings.size() && i < static_cast<std::size_t>(found); ++i) {
    const auto& one = findings[i];
    check(one.problem.begin <= one.problem.end && one.problem.end <= text.size(), "a place lies in the text");
    check(one.has_fix == 0 ||
              (one.fix_begin <= one.fix_end && one.fix_end <= text.size() && one.fix_size <= NETCON_MAX_FIX),
          "a fix lies in the text");
    check(one.problem.name[0] != '\0' && one.problem.hint[0] != '\0', "a problem has words");
  }
  std::vector<netcon_target> targets(2);
  targets[0].size = sizeof(netcon_target);
  netcon_problem problem{};
  problem.size = sizeof problem;
  const auto kept = netcon_explain(text_of(text), &kernel, targets.data(), targets.size(), &problem);
  netcon::kernel_profile profile = netcon::kernel_version{kernel.version, kernel.patchlevel, kernel.sublevel};
  if (kernel.built_in != 0) profile = profile.without(netcon::feature::module);
  const auto parsed = netcon::parse_parameter(text, profile);
  check(parsed ? kept == static_cast<ptrdiff_t>(parsed->size()) : kept == NETCON_REFUSED,
        "explain keeps what the parser keeps");
}

void decode(std::string_view packet) {
  netcon_record record{};
  record.size = sizeof record;
  const auto answer = netcon_decode(text_of(packet), &record, nullptr);
  const auto decoded = netcon::decode(packet);
  check((answer == NETCON_OK) == decoded.has_value(), "decode agrees");
  if (answer != NETCON_OK) return;
  for (const auto* part : {&record.release, &record.caller, &record.text, &record.dictionary, &record.body})
    check(lies_in(*part, packet), "a text points into the packet");
  netcon_text key{}, value{};
  for (const auto entry : decoded->dictionary()) {
    check(netcon_next_entry(&record.dictionary, &key, &value) == 1, "there are as many entries");
    check(std::string_view{key.data, key.size} == entry.key &&
              std::string_view{value.data, value.size} == entry.value,
          "an entry is the C++ library's");
  }
  check(netcon_next_entry(&record.dictionary, &key, &value) == 0, "there are no more entries");
}

void encode(fuzz::input& in, const netcon_kernel& kernel) {
  netcon_log_record record{};
  record.size = sizeof record;
  record.priority = in.u16();
  record.flag = static_cast<char>(in.byte());
  record.sequence = in.u64();
  record.timestamp_us = in.u64();
  const auto part = [&in](std::uint32_t limit) { return std::string{in.text(in.below(limit))}; };
  const std::string caller = part(12), release = part(70), subsystem = part(20), device = part(20),
                    key = part(60), value = part(210), text = part(3000);
  record.caller = text_of(caller);
  record.release = text_of(release);
  record.subsystem = text_of(subsystem);
  record.device = text_of(device);
  record.text = text_of(text);
  const netcon_text userdata[] = {text_of(key), text_of(value)};
  record.userdata = userdata;
  record.userdata_entries = in.below(2);
  std::vector<std::string> packets;
  const auto sink = [](void* to, const char* bytes, std::size_t size) {
    static_cast<std::vector<std::string>*>(to)->emplace_back(bytes, size);
  };
  const auto sent = netcon_encode(&record, &kernel, sink, &packets, nullptr);
  check(sent >= 0 ? static_cast<std::size_t>(sent) == packets.size() : packets.empty(),
        "all packets or none");
  for (const auto& packet : packets) {
    check(packet.size() <= netcon::max_packet, "a packet has at most 1000 bytes");
    const auto decoded = netcon::decode(packet);
    check(decoded && decoded->is_extended() && decoded->sequence() == record.sequence, "a packet decodes");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  netcon_kernel kernel{};
  kernel.size = sizeof kernel;
  constexpr std::uint16_t versions[][3] = {{2, 6, 24},  {3, 7, 0},    {4, 9, 0},
                                           {6, 1, 192}, {6, 12, 117}, {7, 3, 4}};
  const auto& version = versions[in.below(6)];
  kernel.version = version[0];
  kernel.patchlevel = version[1];
  kernel.sublevel = version[2];
  const auto what = in.byte();
  kernel.built_in = what >> 7;
  if (what % 3 == 0) {
    encode(in, kernel);
  } else {
    const fuzz::exact_copy rest{in.rest()};
    if (what % 3 == 1) {
      lint_and_explain(rest.view(), kernel);
    } else {
      decode(rest.view());
    }
  }
  return 0;
}
