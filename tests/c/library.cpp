// SPDX-License-Identifier: MIT
// The C library answers what the C++ one does, and touches nothing that the caller does not know of.
#include <netcon/lint/lint.hpp>
#include <netcon/parameter.hpp>
#include <netcon/wire.hpp>

#include "support/catch.hpp"
#include "support/corpus.hpp"

#include <netcon.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using namespace netcon;

namespace {

netcon_text text_of(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view view_of(const netcon_text& text) {
  return {text.data, text.size};
}

netcon_kernel kernel_of(const kernel_profile& profile) {
  const auto version = profile.version();
  return {sizeof(netcon_kernel), version.version, version.patchlevel, version.sublevel,
          !profile.supports(feature::module)};
}

template <class Struct>
Struct sized() {
  Struct value{};
  value.size = sizeof value;
  return value;
}

template <class Value>
std::string text_or_empty(const std::optional<Value>& value) {
  return value ? to_string(*value) : "";
}

}  // namespace

TEST_CASE("lint finds what the C++ library finds") {
  for (const auto& row : test::corpus_parameters()) {
    CAPTURE(row.text);
    for (const auto& answer : row.answers) {
      const auto& profile = answer.kernel;
      const auto kernel = kernel_of(profile);
      const auto expected = lint(row.text, profile);
      std::vector<netcon_finding> found(expected.size(), sized<netcon_finding>());
      REQUIRE(netcon_lint(text_of(row.text), &kernel, found.data(), found.size()) ==
              static_cast<ptrdiff_t>(expected.size()));
      for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].size == sizeof(netcon_finding));
        CHECK(found[i].problem.code == static_cast<std::uint32_t>(expected[i].code));
        CHECK(text_range{found[i].problem.begin, found[i].problem.end} == expected[i].where);
        CHECK(found[i].problem.name == name(expected[i].code));
        CHECK(found[i].problem.message == message(expected[i].code));
        CHECK(found[i].problem.hint == hint(expected[i].code));
        CHECK(found[i].severity == static_cast<std::uint32_t>(expected[i].severity));
        REQUIRE((found[i].has_fix != 0) == expected[i].fix.has_value());
        if (!expected[i].fix) continue;
        CHECK(text_range{found[i].fix_begin, found[i].fix_end} == expected[i].fix->where);
        CHECK(std::string_view{found[i].fix, found[i].fix_size} == expected[i].fix->text);
      }
    }
  }
}

TEST_CASE("explain resolves the targets that this kernel keeps") {
  for (const auto& row : test::corpus_parameters()) {
    CAPTURE(row.text);
    for (const auto& answer : row.answers) {
      const auto& profile = answer.kernel;
      const auto kernel = kernel_of(profile);
      const auto expected = parse_parameter(row.text, profile);
      std::array<netcon_target, 50> targets;
      targets.fill(sized<netcon_target>());
      auto problem = sized<netcon_problem>();
      const auto count = netcon_explain(text_of(row.text), &kernel, targets.data(), targets.size(), &problem);
      if (!expected) {
        CHECK(count == NETCON_REFUSED);
        CHECK(problem.code == static_cast<std::uint32_t>(expected.error().code));
        CHECK(text_range{problem.begin, problem.end} == expected.error().where);
        continue;
      }
      REQUIRE(count == static_cast<ptrdiff_t>(expected->size()));
      for (std::size_t i = 0; i < expected->size(); ++i) {
        const auto s = resolve((*expected)[i].value, profile);
        CHECK(text_range{targets[i].begin, targets[i].end} == (*expected)[i].where);
        CHECK((targets[i].extended != 0) == s.extended);
        CHECK((targets[i].release != 0) == s.release);
        CHECK(targets[i].local_port == s.local_port.value());
        CHECK(targets[i].remote_port == s.remote_port.value());
        CHECK(targets[i].local_ip == text_or_empty(s.local_ip));
        CHECK(targets[i].remote_ip == to_string(s.remote_ip));
        CHECK(targets[i].device == to_string(s.dev_name).substr(0, std::strlen(targets[i].device)));
        CHECK(std::equal(s.remote_mac.bytes().begin(), s.remote_mac.bytes().end(), targets[i].remote_mac));
        CHECK((targets[i].has_device_mac != 0) == s.dev_mac.has_value());
      }
    }
  }
}

TEST_CASE("decode points into the packet") {
  const std::string packet =
      "6.4.0,6,416,1758426,c,caller=T7,ncfrag=5/400;text\\x0a here\n SUBSYSTEM=usb\nodd\n key=a=b";
  auto record = sized<netcon_record>();
  REQUIRE(netcon_decode(text_of(packet), &record, nullptr) == NETCON_OK);
  CHECK(record.extended == 1);
  CHECK(record.level == 6);
  CHECK(record.facility == 0);
  CHECK(record.flag == 'c');
  CHECK(record.sequence == 416);
  CHECK(record.timestamp_us == 1758426);
  CHECK(record.is_fragment == 1);
  CHECK(record.fragment_offset == 5);
  CHECK(record.fragment_total == 400);
  CHECK(view_of(record.release) == "6.4.0");
  CHECK(view_of(record.caller) == "T7");
  CHECK(view_of(record.text) == "text\\x0a here");
  CHECK(record.text.data > packet.data());
  netcon_text key{}, value{};
  std::string entries;
  while (netcon_next_entry(&record.dictionary, &key, &value) == 1)
    entries += std::string{view_of(key)} + "|" + std::string{view_of(value)} + "\n";
  CHECK(entries == "SUBSYSTEM|usb\nodd|\nkey|a=b\n");

  auto problem = sized<netcon_problem>();
  CHECK(netcon_decode({nullptr, 0}, &record, &problem) == NETCON_REFUSED);
  CHECK(problem.code == static_cast<std::uint32_t>(text_errc::empty_packet));
  CHECK(std::string_view{problem.name} == "empty-packet");
}

TEST_CASE("encode makes the kernel's packets, or none") {
  std::vector<std::string> packets;
  const auto sink = [](void* context, const char* bytes, std::size_t size) {
    static_cast<std::vector<std::string>*>(context)->emplace_back(bytes, size);
  };
  auto record = sized<netcon_log_record>();
  record.priority = 6;
  record.sequence = 416;
  record.timestamp_us = 1758426;
  const std::string text(1000, 'A');
  record.text = text_of(text);
  record.release = text_of("6.4.0");
  const netcon_text userdata[] = {text_of("host"), text_of("web17")};
  record.userdata = userdata;
  record.userdata_entries = 1;
  REQUIRE(netcon_encode(&record, nullptr, sink, &packets, nullptr) == 2);
  CHECK(packets[0].starts_with("6.4.0,6,416,1758426,-,ncfrag=0/1013;AAA"));
  CHECK(packets[1].ends_with("\n host=web17\n"));

  packets.clear();
  netcon_kernel old = {sizeof old, 6, 1, 192, 0};
  auto problem = sized<netcon_problem>();
  CHECK(netcon_encode(&record, &old, sink, &packets, &problem) == NETCON_REFUSED);
  CHECK(problem.code == static_cast<std::uint32_t>(text_errc::not_sent_by_kernel));
  CHECK(packets.empty());

  // A place in the header, which the caller does not have, would be past the end of the text that is wrong.
  record.caller = text_of("T1,x=1");
  CHECK(netcon_encode(&record, nullptr, sink, &packets, &problem) == NETCON_REFUSED);
  CHECK(problem.code == static_cast<std::uint32_t>(text_errc::bad_header));
  CHECK((problem.begin == 0 && problem.end == 0));
  CHECK(packets.empty());
}

TEST_CASE("a call that cannot be right is refused") {
  const auto text = text_of("@/,@10.0.0.2/");
  netcon_kernel kernel = {sizeof kernel, 6, 12, 0, 0};
  auto target = sized<netcon_target>();
  auto record = sized<netcon_record>();
  auto log = sized<netcon_log_record>();
  const auto sink = [](void*, const char*, std::size_t) {};
  netcon_kernel without_version = {sizeof without_version, 0, 12, 0, 0};
  CHECK(netcon_lint(text, &without_version, nullptr, 0) == NETCON_BAD_CALL);
  CHECK(netcon_lint({nullptr, 5}, &kernel, nullptr, 0) == NETCON_BAD_CALL);
  CHECK(netcon_lint(text, &kernel, nullptr, 1) == NETCON_BAD_CALL);
  CHECK(netcon_explain(text, &kernel, nullptr, 1, nullptr) == NETCON_BAD_CALL);
  CHECK(netcon_decode(text, nullptr, nullptr) == NETCON_BAD_CALL);
  CHECK(netcon_encode(nullptr, &kernel, sink, nullptr, nullptr) == NETCON_BAD_CALL);
  CHECK(netcon_encode(&log, &kernel, nullptr, nullptr, nullptr) == NETCON_BAD_CALL);
  log.userdata_entries = 1;
  CHECK(netcon_encode(&log, &kernel, sink, nullptr, nullptr) == NETCON_BAD_CALL);
  CHECK(netcon_next_entry(nullptr, nullptr, nullptr) == 0);
  kernel.size = 3;
  CHECK(netcon_lint(text, &kernel, nullptr, 0) == NETCON_BAD_CALL);
  target.size = 4;
  CHECK(netcon_explain(text, nullptr, &target, 1, nullptr) == NETCON_BAD_CALL);
  record.size = 0;
  CHECK(netcon_decode(text, &record, nullptr) == NETCON_BAD_CALL);
}

TEST_CASE("structs of a later version keep what this one does not know") {
  struct later_record {
    netcon_record known;
    std::uint64_t unknown[4];
  };
  later_record later[1];
  std::memset(&later, 0x5a, sizeof later);
  later[0].known.size = sizeof(later_record);
  REQUIRE(netcon_decode(text_of("6,1,2,-;x\n"), &later[0].known, nullptr) == NETCON_OK);
  CHECK(later[0].known.size == sizeof(later_record));
  for (const auto word : later[0].unknown) CHECK(word == 0x5a5a5a5a5a5a5a5a);

  struct later_finding {
    netcon_finding known;
    std::uint64_t unknown;
  };
  std::vector<later_finding> findings(3);
  for (auto& one : findings) one.unknown = 7;
  findings[0].known.size = sizeof(later_finding);
  REQUIRE(netcon_lint(text_of("@/,@10.0.0.2/;@/,@10.0.0.3/"), nullptr, &findings[0].known, 3) == 2);
  CHECK(findings[1].known.problem.begin > findings[0].known.problem.begin);
  CHECK(findings[1].known.size == sizeof(later_finding));
  for (const auto& one : findings) CHECK(one.unknown == 7);
}
