// SPDX-License-Identifier: MIT
#include <netcon/parameter/parse.hpp>

#include <netcon/core/error_texts.hpp>
#include <netcon/parameter/boot_log.hpp>
#include <netcon/parameter/write.hpp>

#include "support/catch.hpp"
#include "support/corpus.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

using namespace netcon;

namespace {

const kernel_profile linux_3_7 = kernel_profile{3, 7, 0};
const kernel_profile linux_6_1 = kernel_profile{6, 1, 192};
const kernel_profile linux_6_12 = kernel_profile{6, 12, 117};
const kernel_profile linux_7_3 = kernel_profile{7, 3, 4};

/// A refusal as the corpus has it: the errno, and what the log quotes.
std::string refusal_of(std::string_view text, const error& e) {
  const auto number = static_cast<linux_errno>(kernel_errno(e.code));
  return fmt::format("{} {}", name(number), text.substr(e.where.begin, e.where.size()));
}

}  // namespace

static_assert((*parse_target("+4444@10.0.0.1/eth1,9353@10.0.0.2/12:34:56:78:9a:bc")).extended);
static_assert((*parse_parameter("@/,@10.0.0.2/;@/eth1,6892@10.0.0.3/")).size() == 2);
static_assert(noexcept(parse_target("")) && noexcept(parse_parameter("")));
static_assert(std::is_trivially_copyable_v<target> && std::is_trivially_copyable_v<settings>);

TEST_CASE("every answer of the kernels' parsers") {
  std::size_t rows = 0, answers = 0, quoted = 0;
  for (const auto& row : test::corpus_parameters()) {
    CAPTURE(row.text);
    // An exactly sized buffer, so that a sanitizer sees the first byte read beyond the end.
    const auto exact = std::make_unique<char[]>(row.text.size());
    std::copy(row.text.begin(), row.text.end(), exact.get());
    const std::string_view text{exact.get(), row.text.size()};
    for (const auto& [p, expected, refusal, was_run] : row.answers) {
      CAPTURE(to_string(p.version()));
      ++answers;
      const auto t = parse_target(text, p);
      REQUIRE(t.has_value() == expected.has_value());
      if (!t) {
        CHECK(t.error().where.end <= text.size());
        if (refusal) CHECK(refusal_of(text, t.error()) == *refusal);
        quoted += refusal.has_value();
        continue;
      }
      CHECK(resolve(*t, p) == *expected);
      if (!was_run) continue;  // what is printed is read by kernels with strict numbers only
      CHECK(!check(*t, p));
      CHECK(parse_target(to_string(*t), p) == *t);
      CHECK(resolve(shortest(*t, p), p) == *expected);
      CHECK(parse_target(to_string(shortest(*t, p)), p) == shortest(*t, p));
      const auto spelled_out = full(*expected);
      CHECK(!check(spelled_out, p));
      CHECK(resolve(parse_target(to_string(spelled_out), p).value(), p) == *expected);
    }
    rows += !row.answers.empty();
  }
  CHECK(rows == 452);
  CHECK(answers == 1461);
  CHECK(quoted > 150);
}

TEST_CASE("the rules changed from release to release") {
  const auto ok = [](std::string_view text, kernel_version v) {
    return parse_target(text, kernel_profile(v)).has_value();
  };
  CHECK(ok("-1@/,@1.2.3.4/", {3, 7, 0}));
  CHECK(!ok("-1@/,@1.2.3.4/", {3, 8, 0}));
  CHECK(ok("@/,@example.com/", {3, 8, 0}));
  CHECK(!ok("@/,@example.com/", {3, 9, 0}));
  CHECK(ok("@fd00::1/,@fd00::2/", {3, 9, 0}));
  CHECK(!ok("@/,@fd00::2/", {3, 13, 0}));
  CHECK(ok("@/,@fd00::2/", {3, 14, 0}));
  CHECK(!ok("+@/,@1.2.3.4/", {4, 1, 0}));
  CHECK(ok("+@/,@1.2.3.4/", {4, 2, 0}));
  CHECK(ok("+1@/,@1.2.3.4/", {4, 1, 0}));
  CHECK(!ok("+r@/,@1.2.3.4/", {6, 5, 0}));
  CHECK(ok("+r@/,@1.2.3.4/", {6, 6, 0}));
  CHECK(ok("@/eth0:1,@1.2.3.4/", {6, 14, 0}));
  CHECK(!ok("@/eth0:1,@1.2.3.4/", {6, 15, 0}));
  CHECK(!ok("@/,@1.2.3.4\nx/", {6, 17, 13}));
  CHECK(ok("@/,@1.2.3.4\nx/", {6, 18, 0}));
}

TEST_CASE("a kernel before 3.9 makes an address of any text") {
  const auto read = [](std::string_view ip) {
    return to_string(parse_target(fmt::format("@/,@{}/", ip), linux_3_7).value().remote_ip);
  };
  CHECK(read("1\n2\n3\n4") == "1.2.3.4");
  CHECK(read("1.2.3.260") == "1.2.3.4");
  CHECK(read("0.0.256.0") == "0.1.0.0");
  CHECK(read("\xff.0.0.0") == "207.0.0.0");
  CHECK((*parse_target("-32769@/,70000@1.2.3.4/", linux_3_7)).local_port == port{32767});
  CHECK((*parse_target("@/,70000@1.2.3.4/", linux_3_7)).remote_port == port{4464});
}

TEST_CASE("the way a kernel was built decides too") {
  const auto extended = linux_7_3.with(feature::extended_by_default);
  CHECK((*parse_target("r@/,@1.2.3.4/", extended)).release);
  CHECK(!(*parse_target("r@/,@1.2.3.4/", extended)).extended);
  CHECK(resolve(parse_target("r@/,@1.2.3.4/", extended).value(), extended).extended);
  CHECK(resolve(parse_target("@/,@1.2.3.4/", linux_7_3.with(feature::release_by_default)).value(),
                linux_7_3.with(feature::release_by_default))
            .release);
  CHECK(to_string(shortest(parse_target("+@/eth0,6666@1.2.3.4/ff:ff:ff:ff:ff:ff", extended).value(),
                           extended)) == "@/,@1.2.3.4/");
  CHECK(check(target{.release = true}, extended) == std::nullopt);
  CHECK(check(target{.release = true}, linux_7_3) == text_errc::release_without_extended);

  const auto no_v6 = linux_7_3.without(feature::ipv6);
  CHECK(parse_target("@/,@fd00::1/", no_v6).error() == error{text_errc::ipv6_unsupported, {4, 11}});
  CHECK(parse_target("@/,@fd00:::1/", no_v6).error().code == text_errc::bad_ipv6_address);
  CHECK(check(target{.remote_ip = ipv6_address{}}, no_v6) == text_errc::ipv6_unsupported);
}

TEST_CASE("check refuses exactly what the text of that kernel cannot carry") {
  const auto named = [](std::string_view name) {
    return target{.local_device = interface_name::truncated(name)};
  };
  CHECK(!check(target{}));
  CHECK(check(target{.extended = true}, linux_3_7) == text_errc::extended_unsupported);
  CHECK(check(target{.extended = true, .release = true}, linux_6_1) == text_errc::release_unsupported);
  CHECK(check(target{.local_device = mac_address{}}, linux_6_1) == text_errc::device_mac_unsupported);
  CHECK(check(target{.local_ip = ipv6_address{}}) == text_errc::family_mismatch);
  CHECK(check(target{.remote_ip = ipv6_address{}}, linux_3_7) == text_errc::ipv6_unsupported);
  CHECK(check(target{.remote_ip = ipv6_address{}}, kernel_profile{3, 13, 0}) == text_errc::ipv6_needs_source);
  CHECK(check(named("")) == text_errc::bad_interface_name);
  CHECK(check(named("a,b")) == text_errc::bad_interface_name);
  CHECK(check(named("a;b")) == text_errc::bad_interface_name);
  CHECK(hint(text_errc::bad_interface_name).find("without ',' and ';'") != std::string_view::npos);
  CHECK(check(named(std::string_view{"a\0b", 3})) == text_errc::bad_interface_name);
  CHECK(check(named("eth0:1")) == text_errc::bad_device_mac);
  CHECK(!check(named("eth0:1"), linux_6_1));
  CHECK(!check(named("a;b"), kernel_profile{2, 6, 12}));
  CHECK(!check(named("a/b@c \"\n")));
}

TEST_CASE("several targets, good and bad") {
  struct row {
    std::string_view text;
    std::vector<std::string> kept;
    std::vector<error> skipped;
  };
  const std::vector<row> rows{
      {"@/,@10.0.0.2/;@/eth1,6892@10.0.0.3/", {"@/,@10.0.0.2/", "@/eth1,6892@10.0.0.3/"}, {}},
      {"@/,@10.0.0.2/;", {"@/,@10.0.0.2/"}, {{text_errc::empty_target, {14, 14}}}},
      {";@/,@10.0.0.2/", {"@/,@10.0.0.2/"}, {{text_errc::empty_target, {0, 0}}}},
      {"bad;@/,@10.0.0.2/", {"@/,@10.0.0.2/"}, {{text_errc::missing_first_at, {0, 3}}}},
      {"@/nodev,@10.0.0.2/;@/,@10.0.0.3/", {"@/nodev,@10.0.0.2/", "@/,@10.0.0.3/"}, {}},
      {"r@/,@10.0.0.2/;+@/,@10.0.0.3/", {"+@/,@10.0.0.3/"}, {{text_errc::release_without_extended, {0, 1}}}},
      {"@/,@10.0.0.2/ ;@/,@10.0.0.3/", {"@/,@10.0.0.3/"}, {{text_errc::bad_mac_address, {13, 14}}}},
      {"@/,@10.0.0.2/00:11:22:33:44:55 ;@/,@10.0.0.3/",
       {"@/,@10.0.0.2/00:11:22:33:44:55", "@/,@10.0.0.3/"},
       {}},
      {"", {}, {}},
      {";", {}, {{text_errc::empty_target, {0, 0}}, {text_errc::empty_target, {1, 1}}}},
  };
  for (const auto& [text, kept, skipped] : rows) {
    CAPTURE(text);
    for (const auto& p : {linux_6_12, linux_7_3}) {
      const auto all = parse_parameter(text, p).value();
      REQUIRE(all.size() == kept.size());
      for (std::size_t i = 0; i < kept.size(); ++i) {
        CHECK(to_string(all[i].value) == kept[i]);
        CHECK(parse_target(text.substr(all[i].where.begin, all[i].where.size()), p) == all[i].value);
      }
      CHECK(all.empty() == kept.empty());
      CHECK(std::equal(all.begin(), all.end(), all.targets().begin(), all.targets().end()));
      CHECK(std::vector<error>(all.skipped().begin(), all.skipped().end()) == skipped);
    }
    for (const auto& p : {linux_6_1, linux_7_3.without(feature::dynamic)}) {
      const auto all = parse_parameter(text, p);
      REQUIRE(all.has_value() == skipped.empty());
      if (!all) {
        CHECK(all.error().where == skipped[0].where);
      }
    }
  }
  CHECK(parse_parameter("@/,@1.2.3.4/;@/,@1.2.3.5/", kernel_profile{2, 6, 23}).error().code ==
        text_errc::bad_mac_address);
  CHECK(parse_target("@/,@1.2.3.4/;@/,@1.2.3.5/").error() == error{text_errc::several_targets, {12, 13}});
}

TEST_CASE("255 bytes are the limit, and a built-in netconsole cuts") {
  const std::string start = "@/,@1.2.3.4/00:11:22:33:44:55";
  const auto filled = [&](std::size_t size) { return start + std::string(size - start.size(), 'x'); };
  const auto built_in = linux_6_12.without(feature::module);
  for (const auto& p : {linux_6_12, built_in}) {
    CHECK(parse_target(filled(255), p));
    CHECK(parse_parameter(filled(255), p));
  }
  CHECK(parse_target(filled(256), linux_6_12).error() == error{text_errc::parameter_too_long, {255, 256}});
  CHECK(parse_parameter(filled(300), linux_6_12).error() == error{text_errc::parameter_too_long, {255, 300}});
  CHECK(parse_target(filled(300), built_in));
  const auto cut = filled(250) + ";@/,@10.0.0.2/";
  CHECK((*parse_parameter(cut, built_in)).size() == 1);
  const auto kept = parse_parameter(cut, built_in);
  CHECK(kept->skipped()[0] == error{text_errc::missing_remote_address, {255, 255}});

  std::string most = "@/,@::/";
  while (most.size() + 8 <= max_parameter) most += ";@/,@::/";
  CHECK((*parse_parameter(most)).size() == 32);
  most = "@/,@/";
  while (most.size() + 6 <= max_parameter) most += ";@/,@/";
  CHECK((*parse_parameter(most, linux_3_7)).size() == parameter::max_targets);
  const auto skipped = parse_parameter(std::string(255, ';'));
  CHECK(skipped->skipped().size() == 256);
}

TEST_CASE("a NUL ends the text for the kernel") {
  const std::string_view text{"@/,@1.2.3.4/\0;junk", 18};
  CHECK(parse_target(text) == parse_target("@/,@1.2.3.4/"));
  CHECK((*parse_parameter(text)).size() == 1);
}
