// SPDX-License-Identifier: MIT
#include <netcon/core/error_texts.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/render.hpp>

#include "reference/param_strings.hpp"
#include "support/catch.hpp"
#include "support/corpus.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace netcon;

namespace {

const std::vector<kernel_profile> kernels{kernel_profile{2, 6, 12},
                                          kernel_profile{3, 7, 0},
                                          kernel_profile{3, 8, 0},
                                          kernel_profile{3, 13, 0},
                                          kernel_profile{4, 2, 0},
                                          kernel_profile{6, 1, 192},
                                          kernel_profile{6, 12, 117},
                                          kernel_profile{7, 3, 4},
                                          kernel_profile{7, 3, 4}.without(feature::dynamic),
                                          kernel_profile{7, 3, 4}.without(feature::module),
                                          kernel_profile{7, 3, 4}.without(feature::ipv6),
                                          kernel_profile{7, 3, 4}.with(feature::extended_by_default)};

/// The first refusal among all targets of the text.
std::optional<error> first_refusal(std::string_view text, const kernel_profile& p) {
  const auto all = parse_parameter(text, p);
  if (!all) return all.error();
  if (!all->skipped().empty()) return all->skipped().front();
  return std::nullopt;
}

void check_invariants(std::string_view text, const kernel_profile& p) {
  const auto found = lint(text, p);
  const auto refusal = first_refusal(text, p);
  const auto first =
      std::find_if(found.begin(), found.end(), [](const auto& d) { return d.severity == severity::error; });
  REQUIRE((first != found.end()) == refusal.has_value());
  if (refusal) REQUIRE(error{first->code, first->where} == *refusal);
  const bool nothing = text.substr(0, text.find('\0')).empty();
  REQUIRE(nothing ==
          std::ranges::any_of(found, [](const auto& d) { return d.code == text_errc::no_target; }));
  for (const auto& d : found) {
    REQUIRE(d.where.end <= text.size());
    REQUIRE(name(d.code) != "unknown-error");
    if (d.fix) REQUIRE(d.fix->where.end <= text.size());
    REQUIRE(!render(text, d).empty());
  }
  const auto better = apply_fixes(text, found);
  const auto again = lint(better, p);
  REQUIRE(apply_fixes(better, again) == better);
  if (!refusal) REQUIRE(!first_refusal(better, p));
}

std::string fixed_once(std::string_view text, const kernel_profile& p = kernel_profile::latest()) {
  return apply_fixes(text, lint(text, p));
}

std::vector<text_errc> codes(std::string_view text, const kernel_profile& p = kernel_profile::latest()) {
  std::vector<text_errc> all;
  for (const auto& d : lint(text, p)) all.push_back(d.code);
  return all;
}

}  // namespace

TEST_CASE("lint agrees with parse, and its suggestions are final") {
  for (const auto& row : test::corpus_parameters())
    for (const auto& p : kernels) {
      CAPTURE(row.text, to_string(p.version()));
      check_invariants(row.text, p);
    }
  reference::param_strings source{2024};
  for (int i = 0; i < 4000; ++i) {
    const auto text = source.parameter();
    const auto& p = kernels[static_cast<std::size_t>(i) % kernels.size()];
    CAPTURE(text, to_string(p.version()));
    check_invariants(text, p);
  }
}

TEST_CASE("a fine target has nothing but notes") {
  CHECK(codes("+6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56").empty());
  CHECK(codes("@/,@10.0.0.2/") == std::vector{text_errc::broadcast_mac});
  CHECK(lint("@/,@10.0.0.2/")[0].severity == severity::note);
}

TEST_CASE("the strings of a well known guide are diagnosed as an expert would") {
  using enum text_errc;
  CHECK(codes("6665@192.168.1.28/eth0,6666@192.168.1.19/00:13:32:20:r9:a5'") ==
        std::vector{bad_mac_address, quote_character, not_hexadecimal});
  CHECK(codes("6666@192.168.1.28/eth0,6666@192.168.1.19/00:13:32:20:r9:a5") ==
        std::vector{bad_mac_address, not_hexadecimal});
  const auto half = lint("514@10.0.0.2/12:34:56:78:9a:bc");
  CHECK(codes("514@10.0.0.2/12:34:56:78:9a:bc") == std::vector{missing_comma, half_missing});
  CHECK(half[0].fix == fix{{0, 0}, "@/,"});
  CHECK(codes("@/,6666@") == std::vector{missing_remote_address});
  CHECK(codes("1234@/,6666@") == std::vector{missing_remote_address});
}

TEST_CASE("what was meant is recovered") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"514@10.0.0.2/12:34:56:78:9a:bc", "@/,514@10.0.0.2/12:34:56:78:9a:bc"},
      {"6666@10.0.0.2", "@/,6666@10.0.0.2/"},
      {"@10.0.0.1/;eth0,@10.0.0.2/", "@10.0.0.1/eth0,@10.0.0.2/"},
      {"@10.0.0.1/et;h0,@10.0.0.2/", "@10.0.0.1/eth0,@10.0.0.2/"},
      {"10.0.0.2", "@/,@10.0.0.2/"},
      {"10.0.0.2:6666", "@/,6666@10.0.0.2/"},
      {"[fd00::2]:6666", "@/,6666@fd00::2/"},
      {"@/,@10.0.0.2", "@/,@10.0.0.2/"},
      {"@/@10.0.0.2/", "@/,@10.0.0.2/"},
      {"6665@10.0.0.1/eth0/6666@10.0.0.2/", "6665@10.0.0.1/eth0,6666@10.0.0.2/"},
      {"/,@10.0.0.2/", "@/,@10.0.0.2/"},
      {"@/eth0@10.0.0.2/", "@/eth0,@10.0.0.2/"},
      {"eth0,6666@10.0.0.2/", "@/eth0,6666@10.0.0.2/"},
      {"@/,6666@10.0.0.2,52:54:00:12:34:56", "@/,6666@10.0.0.2/52:54:00:12:34:56"},
      {"r@/,@10.0.0.2/", "+r@/,@10.0.0.2/"},
      {"r+@/,@10.0.0.2/", "+r@/,@10.0.0.2/"},
      {"++@/,@10.0.0.2/", "+@/,@10.0.0.2/"},
      {" +@/,@10.0.0.2/", "+@/,@10.0.0.2/"},
      {"\"@/,@10.0.0.2/\"", "@/,@10.0.0.2/"},
      {"'@/,@10.0.0.2/'", "@/,@10.0.0.2/"},
      {"@\\/,@10.0.0.2\\/", "@/,@10.0.0.2/"},
      {"netconsole=@/,@10.0.0.2/", "@/,@10.0.0.2/"},
      {"netconsole.netconsole=@/,@10.0.0.2/", "@/,@10.0.0.2/"},
      {"options netconsole netconsole=@/,@10.0.0.2/", "@/,@10.0.0.2/"},
      {"netconsole=@/,@10.0.0.2/ quiet splash", "@/,@10.0.0.2/"},
      {"@/,@10.0.0.2/\n", "@/,@10.0.0.2/"},
      {"@/, 6666@10.0.0.2/", "@/,6666@10.0.0.2/"},
      {"@/,@[fd00::1]/", "@/,@fd00::1/"},
      {"@/,@fe80::1%eth1/", "@/eth1,@fe80::1/"},
      {"@/,@fd00::1/64", "@/,@fd00::1/"},
      {"@/,@10.0.0.2/24", "@/,@10.0.0.2/"},
      {"@10.0.0.1/,@fd00::2/", "@/,@fd00::2/"},
      {"@/eth0:1,@10.0.0.2/", "@/eth0,@10.0.0.2/"},
      {"@/,@10.0.0.2/aa-bb-cc-dd-ee-ff", "@/,@10.0.0.2/aa:bb:cc:dd:ee:ff"},
      {"@/,@10.0.0.2/aabb.ccdd.eeff", "@/,@10.0.0.2/aa:bb:cc:dd:ee:ff"},
      {"@/,@10.0.0.2/aabbccddeeff", "@/,@10.0.0.2/aa:bb:cc:dd:ee:ff"},
      {"@/,@10.0.0.2/a:b:c:d:e:f", "@/,@10.0.0.2/0a:0b:0c:0d:0e:0f"},
      {"6666@10.0.0.2/52:54:00:12:34:56,6665@10.0.0.1/eth0",
       "6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"},
      {"@/,@10.0.0.2/,@/,@10.0.0.3/", "@/,@10.0.0.2/;@/,@10.0.0.3/"},
      {"@/,@10.0.0.2/52:54:00:12:34:56,@/,@10.0.0.3/", "@/,@10.0.0.2/52:54:00:12:34:56;@/,@10.0.0.3/"},
      {"@/,@10.0.0.2/;", "@/,@10.0.0.2/"},
      {";;@/,@10.0.0.2/;;@/,@10.0.0.3/;", "@/,@10.0.0.2/;@/,@10.0.0.3/"},
      {"@/,@10.0.0.2/ ;@/,@10.0.0.3/", "@/,@10.0.0.2/;@/,@10.0.0.3/"},
      {"@/\"eth0\",@010.0.0.2/52:54:00:12:34:56'", "@/eth0,@10.0.0.2/52:54:00:12:34:56"},
      {"006665@/,+6666@10.0.0.2/", "6665@/,6666@10.0.0.2/"},
      {"6666\n@/,@10.0.0.2\nx/", "6666@/,@10.0.0.2/"},
      {"@0.0.0.0/,@10.0.0.2/", "@/,@10.0.0.2/"},
      {"@/52:54:00:12:34:56x,@10.0.0.2/", "@/52:54:00:12:34:56,@10.0.0.2/"},
      {"6665@10.0.0.1/eth0;6666@10.0.0.2/52:54:00:12:34:56",
       "6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"},
      {"@/eth0;@10.0.0.2/;@/eth1,@10.0.0.3/", "@/eth0,@10.0.0.2/;@/eth1,@10.0.0.3/"},
      {"514@10.0.0.2/12:34:56:78:9a:bc;514@10.0.0.3/12:34:56:78:9a:bd",
       "@/,514@10.0.0.2/12:34:56:78:9a:bc;@/,514@10.0.0.3/12:34:56:78:9a:bd"},
      {"6665@10.0.0.1/eth0 6666@10.0.0.2/52:54:00:12:34:56",
       "6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"},
      {"@/eth 6@10.0.0.2/", "@/eth,6@10.0.0.2/"},
      {"6665@10.0.0.1,eth0,6666@10.0.0.2,52:54:00:12:34:56",
       "6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"},
      {"6665@10.0.0.1/24/eth0,@10.0.0.2/", "6665@10.0.0.1/eth0,@10.0.0.2/"},
      {"@//eth0,@10.0.0.2/", "@/eth0,@10.0.0.2/"},
      {"@/eth0.100@eth0,@10.0.0.2/", "@/eth0.100,@10.0.0.2/"},
      {"@/veth0123456@if14,@10.0.0.2/", "@/veth0123456,@10.0.0.2/"},
      {"6666@10.0.0.2:6666", "@/,6666@10.0.0.2/"},
      {"\xe2\x80\x9c@/eth0,@10.0.0.2/\xe2\x80\x9d", "@/eth0,@10.0.0.2/"},
      {"@/\xe2\x80\x98"
       "eth0\xe2\x80\x99,@10.0.0.2/",
       "@/eth0,@10.0.0.2/"},
      {"\xef\xbb\xbf@/eth0,@10.0.0.2/\xc2\xa0", "@/eth0,@10.0.0.2/"},
      {"6665@10.0.0.1 eth0,6666@10.0.0.2/52:54:00:12:34:56",
       "6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"},
      {"6665@fd00::1/eth0,6666@fd00::2 52:54:00:12:34:56",
       "6665@fd00::1/eth0,6666@fd00::2/52:54:00:12:34:56"},
      {"6665@10.0.0.1/eth0,6666@10.0.0.2 52:54:00:12:34:56",
       "6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"},
      {"6665 10.0.0.1/eth0,6666@10.0.0.2/", "6665@10.0.0.1/eth0,6666@10.0.0.2/"},
      {"6665@10.0.0.1 eth0 6666@10.0.0.2\t52:54:00:12:34:56",
       "6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"},
      {"6665@10.0.0.1;eth0,6666@10.0.0.2/", "6665@10.0.0.1/eth0,6666@10.0.0.2/"},
      {"6665@10.0.0.1/eth0,6666@10.0.0.2;52:54:00:12:34:56",
       "6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"},
      {"@/eth0,@10.0.0.2/,netconsole=@/eth1,@10.0.0.3/", "@/eth0,@10.0.0.2/;@/eth1,@10.0.0.3/"},
      {"@/eth0,@10.0.0.2/52:54:00:12:34:56,netconsole.netconsole=@/eth1,@10.0.0.3/",
       "@/eth0,@10.0.0.2/52:54:00:12:34:56;@/eth1,@10.0.0.3/"},
      {"@/eth0,@10.0.0.2/\t@/eth1,@10.0.0.3/", "@/eth0,@10.0.0.2/;@/eth1,@10.0.0.3/"},
      {"@/eth0,@10.0.0.2/ @/eth1,@10.0.0.3/, @/eth2,@10.0.0.4/",
       "@/eth0,@10.0.0.2/;@/eth1,@10.0.0.3/;@/eth2,@10.0.0.4/"},
      {"@/eth0\xe2\x80\x8b,@10.0.0.2/", "@/eth0,@10.0.0.2/"},
  };
  for (const auto& [text, better] : rows) {
    CAPTURE(text);
    CHECK(fixed_once(text) == better);
    CHECK(!first_refusal(better, kernel_profile::latest()));
  }
}

TEST_CASE("nothing is suggested where the meaning cannot be known") {
  for (const auto* text : {"@/,@10.0.0.2/00:13:32:20:r9:a5",
                           "@/,6666@",
                           "1234@/,6666@",
                           "6665@169.254.1.1/,6666@/",
                           "@/,@example.com/",
                           "@/,@10.0.0.256/",
                           "@/,@10.0.0.2/52:54:00:12:34:5",
                           "@/eth06666@10.0.0.2/",
                           "66666@/,@10.0.0.2/",
                           "@/22:33:44:55:66,@10.0.0.2/",
                           "@",
                           "hello",
                           "rmnet0",
                           "6665@example.com/,@10.0.0.2/",
                           "@eth0/,6666@10.0.0.2/",
                           "@/eth0\xef\xbc\x8c@10.0.0.2/",
                           "@\xe2\x88\x95"
                           "eth0,@10.0.0.2/",
                           "@/eth0;@/eth1",
                           "@10.0.0.1;eth0,@10.0.0.256/",
                           "@10.0.0.1/ eth0,@10.0.0.256/",
                           "@/,@10.0.0.2 @/eth1,@10.0.0.256/",
                           "@/,@1 0.0.0.2/",
                           "@/,@10.0.0. 2/",
                           "@/,@10.0.0.1\"0/",
                           "@/,@fd0\xc2\xa0"
                           "0::2/",
                           "@/,@10.0.0.2/ 10.0.0.3",
                           "@/,@10.0.0.2/ quiet ip=10.0.0.9",
                           "6665 @10.0.0.9 netconsole=@/,@10.0.0.2/"}) {
    CAPTURE(text);
    CHECK(fixed_once(text) == text);
    CHECK(count_errors(lint(text)) != 0);
  }
}

TEST_CASE("what is left after a field is dropped only where it is no part of a target") {
  for (const auto* text :
       {"@/,@10.0.0.2/52:54:00:12:34:56/@/eth1,@10.0.0.3/", "@/,@10.0.0.2/52:54:00:12:34:56 10.0.0.3",
        "@/52:54:00:12:34:56/fd00::2,@10.0.0.2/52:54:00:12:34:57", "@/,@10.0.0.2\n10.0.0.3/",
        "@/eth1 0,@10.0.0.2/52:54:00:12:34:56", "@/52:54:00:00:00:0a6666@fd00::2/,@fd00::2/52:54:00:12:34:56",
        "@/52:54:00:00:00:0a\xc2\xa0\xc2\xa0"
        "10.0.0.2/52:54:00:12:34:57,@10.0.0.2/52:54:00:12:34:56"}) {
    CAPTURE(text);
    CHECK(fixed_once(text) == text);
  }
}

namespace {

/// The addresses of a text, or its MAC addresses, in one spelling each. "" and 0.0.0.0 are none.
struct addresses {
  std::set<std::string> ips, macs;

  explicit addresses(std::string_view text) {
    for (std::size_t start = 0; start <= text.size();) {
      const auto end = std::min(text.find_first_of("@/,;| \t\n\"'`\\[]%=\xc2\xa0", start), text.size());
      const auto part = text.substr(start, end - start);
      if (const auto ip = ip_address::parse(part); ip && !ip->is_unspecified()) ips.insert(to_string(*ip));
      if (const auto mac = mac_address::parse(part)) macs.insert(to_string(*mac));
      start = end + 1;
    }
  }
};

}  // namespace

TEST_CASE("a fix makes no address up and loses none") {
  std::mt19937 random{11};
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  const auto pick = [&](std::vector<std::string> list) { return list[below(list.size())]; };
  int changed = 0;
  for (int i = 0; i < 6000; ++i) {
    const bool is_v6 = below(3) == 0;
    std::string text;
    for (auto targets = 1 + below(3); targets > 0; --targets) {
      // In place of a delimiter there may be what people type for it.
      const auto delimiter = [&](const char* right) {
        return below(5) != 0
                   ? std::string{right}
                   : pick({" ", "\t", ",", "/", "@", ";", "|", "  ", "", "\"", "\\", "\xc2\xa0", "\n"});
      };
      const auto ip = [&](const char* last) { return (is_v6 ? "fd00::" : "10.0.0.") + std::string{last}; };
      text += pick({"", "", "6665"}) + delimiter("@") + pick({"", ip("1")}) + delimiter("/") +
              pick({"", "eth0", "eth1 ", "52:54:00:00:00:0a"}) + delimiter(",") + pick({"", "6666"}) +
              delimiter("@") + ip("2") + delimiter("/") + pick({"", "52:54:00:12:34:56"});
      if (targets > 1) text += pick({";", ";", ",", " ", "\t", ", ", "; ", ",netconsole=", " netconsole="});
    }
    CAPTURE(text);
    const addresses before{text}, after{netcon::fixed(text)};
    REQUIRE(before.ips == after.ips);
    REQUIRE(before.macs == after.macs);
    changed += netcon::fixed(text) != text ? 1 : 0;
  }
  CHECK(changed > 1000);
}

TEST_CASE("an empty parameter is a warning of its own, for the kernel takes it") {
  const finding expected{text_errc::no_target, severity::warning, {0, 0}, std::nullopt};
  for (const auto& p : kernels) CHECK(lint("", p) == std::vector{expected});
  CHECK((*parse_parameter("")).empty());
  CHECK(codes(std::string_view{"\0x", 2}) == std::vector{text_errc::nul_byte, text_errc::no_target});
  // Between ';' it is a bad target, and the kernel says so.
  CHECK(codes(";") == std::vector{text_errc::empty_target, text_errc::empty_target});
  CHECK(fixed_once(";").empty());
}

TEST_CASE("fixed() goes on until nothing is left to fix") {
  CHECK(netcon::fixed("@/,@10.0.0.2") == "@/,@10.0.0.2/");
  CHECK(netcon::fixed("@/,@10.0.0.2/") == "@/,@10.0.0.2/");
  CHECK(netcon::fixed("+r@/,@10.0.0.2/", kernels[5]) == "+@/,@10.0.0.2/");

  // One 'x' at a time, as a lint whose findings come one after the other.
  int looked = 0;
  const auto look = [&](std::string_view text) {
    ++looked;
    std::vector<finding> found;
    if (const auto at = text.find('x'); at != text.npos) {
      const auto where = text_range::between(at, at + 1);
      found.push_back({text_errc::stray_blank, severity::warning, where, fix{where, ""}});
    }
    return found;
  };
  const auto result = fix_all("axbxc", look);
  CHECK(result.text == "abc");
  CHECK(result.left.empty());
  CHECK(result.rounds == 2);
  CHECK(looked == 3);
  CHECK(fix_all("abc", look).rounds == 0);

  // Fixes that undo each other end too.
  const auto swap = [](std::string_view text) {
    return std::vector<finding>{
        {text_errc::stray_blank, severity::warning, {0, 1}, fix{{0, 1}, text == "a" ? "b" : "a"}}};
  };
  CHECK(fix_all("a", swap).rounds == 16);
  // And so does one that changes nothing.
  const auto same = [](std::string_view text) {
    return std::vector<finding>{
        {text_errc::stray_blank, severity::warning, {0, 1}, fix{{0, 1}, std::string{text}}}};
  };
  CHECK(fix_all("a", same).rounds == 0);
}

TEST_CASE("of fixes that overlap the first one of the list is applied, and all in the order of the text") {
  const auto one = [](std::uint32_t begin, std::uint32_t end, std::string text) {
    return finding{
        text_errc::stray_blank, severity::warning, {begin, end}, fix{{begin, end}, std::move(text)}};
  };
  CHECK(apply_fixes("abcdef", std::vector{one(4, 5, "E"), one(0, 1, "A"), one(2, 3, "C")}) == "AbCdEf");
  CHECK(apply_fixes("abcdef", std::vector{one(1, 4, "-"), one(3, 5, "+"), one(4, 6, "*")}) == "a-*");
  CHECK(apply_fixes("abc", std::vector{one(1, 1, "x"), one(1, 1, "x")}) == "axbc");
  CHECK(apply_fixes("abc", std::vector{finding{
                               text_errc::bad_port, severity::error, {0, 1}, std::nullopt}}) == "abc");
}

TEST_CASE("severities have names, and names are read") {
  for (const auto value : {severity::note, severity::warning, severity::error})
    CHECK(parse_severity(name(value)) == value);
  CHECK(name(severity::note) == "note");
  CHECK(!parse_severity("fatal"));
  for (const auto& row : error_texts) CHECK(parse_text_errc(row.name) == row.code);
  CHECK(!parse_text_errc("no-such-code"));
}

TEST_CASE("a finding covers what is at fault") {
  const auto covered = [](std::string_view text, text_errc code) {
    for (const auto& d : lint(text))
      if (d.code == code) return std::string{d.where.in(text)};
    return std::string{"none"};
  };
  CHECK(covered("netconsole.netconsole=@/,@10.0.0.2/", text_errc::parameter_name_inside) ==
        "netconsole.netconsole=");
  CHECK(covered("options netconsole netconsole=@/,@10.0.0.2/", text_errc::parameter_name_inside) ==
        "netconsole=");
  CHECK(covered("@10.0.0.1/24/eth0,@10.0.0.2/", text_errc::prefix_length) == "/24");
  CHECK(covered("@10.0.0.1/129/eth0,@10.0.0.2/", text_errc::prefix_length) == "none");
  CHECK(covered("@10.0.0.1/129/eth0,@10.0.0.2/", text_errc::unusable_name) == "129/eth0");
  CHECK(covered("@/eth/0,@10.0.0.2/", text_errc::unusable_name) == "eth/0");
  CHECK(covered("\xe2\x80\x9c@/,@10.0.0.2/", text_errc::quote_character) == "\xe2\x80\x9c");
  CHECK(covered("@/,@10.0.0.2/\xc2\xa0", text_errc::stray_blank) == "\xc2\xa0");
  // A group has a multicast MAC of its own; a single receiver has not.
  CHECK(covered("@/,@239.1.1.1/01:00:5e:01:01:01", text_errc::multicast_mac) == "none");
  CHECK(covered("@/,@ff02::1/33:33:00:00:00:01", text_errc::multicast_mac) == "none");
  CHECK(covered("@/,@10.0.0.2/01:00:5e:01:01:01", text_errc::multicast_mac) == "01:00:5e:01:01:01");
}

TEST_CASE("an '@' in a device name is told where ip link puts it") {
  const auto of = [](std::string_view name) {
    return codes("@/" + std::string{name} + ",@10.0.0.2/52:54:00:12:34:56");
  };
  CHECK(of("eth0@if5") == std::vector{text_errc::name_with_parent});
  CHECK(of("veth0123456@if14") == std::vector{text_errc::name_with_parent});  // and not name_cut
  for (const auto* name : {"eth@0", "eth0@", "eth0@10.0.0.1", "@eth0"}) CHECK(of(name).empty());
}

TEST_CASE("wireless devices are known by their names") {
  for (const auto* name :
       {"wlan0", "wlp2s0", "wlP4p1s0", "wlx84fc144a256c", "wlo1", "wls1", "wlu1u2", "ath0", "wifi0"})
    CHECK(codes("@/" + std::string{name} + ",@10.0.0.2/52:54:00:12:34:56") ==
          std::vector{text_errc::wireless_device});
  for (const auto* name : {"eth0", "enp3s0", "enP2p1s0", "wan", "wifi", "atheros", "w1"})
    CHECK(codes("@/" + std::string{name} + ",@10.0.0.2/52:54:00:12:34:56").empty());
}

TEST_CASE("every field is looked at, also behind the first mistake") {
  using enum text_errc;
  CHECK(codes("x@y/eth:1:2,70000@10.0.0.256/zz") == std::vector{bad_port, bad_ip_address, host_name,
                                                                bad_device_mac, port_out_of_range,
                                                                bad_ip_address, bad_mac_address});
}

TEST_CASE("what a kernel does depends on the kernel") {
  using enum text_errc;
  CHECK(codes("@/52:54:00:12:34:56,@10.0.0.2/", kernels[5]) ==
        std::vector{device_mac_too_old, broadcast_mac});
  CHECK(codes("@/eth0:1,@10.0.0.2/", kernels[5]) == std::vector{device_alias, broadcast_mac});
  CHECK(fixed_once("@/eth0:1,@10.0.0.2/", kernels[5]) == "@/eth0,@10.0.0.2/");
  CHECK(codes("+r@/,@10.0.0.2/", kernels[5]) == std::vector{bad_port, flag_too_old});
  CHECK(fixed_once("+r@/,@10.0.0.2/", kernels[5]) == "+@/,@10.0.0.2/");
  CHECK(codes("@/,@example.com/", kernels[1]) == std::vector{misread_address, broadcast_mac});
  CHECK(codes("x@/,@10.0.0.2/", kernels[1]) == std::vector{misread_port, broadcast_mac});
  const std::string much = "@/,@10.0.0.2/52:54:00:12:34:56" + std::string(300, ' ');
  CHECK(lint(much)[0].code == parameter_too_long);
  CHECK(lint(much, kernels[9])[0].code == cut_at_limit);
  CHECK(codes("@/,@10.0.0.2/" + std::string(242, ';') + ";")[0] == parameter_too_long);
  CHECK(codes(std::string(1020, ';')).size() == 1 + 1021);
  CHECK(codes(std::string(1021, ';')) == std::vector{parameter_too_long});
  CHECK(codes(std::string(1000000, ',')) == std::vector{parameter_too_long});
  CHECK(codes("@/,@10.0.0.2/" + std::string(300, ' ') + '\0' + "x")[0] == nul_byte);
  CHECK(codes("@/,@10.0.0.2/52:54:00:12:34:56" + std::string(1, '\0') + "x", kernels[9]) ==
        std::vector{nul_byte});
}

TEST_CASE("a finding is rendered with its place, control bytes and wide characters included") {
  const auto text = std::string_view{"@/,66666@10.0.0.2/"};
  CHECK(render(text, lint(text)[0]) ==
        "error: the port number is larger than 65535 [port-out-of-range]\n"
        "  @/,66666@10.0.0.2/\n"
        "     ^~~~~\n"
        "  hint: write a decimal number from 0 to 65535");
  const finding at_end{text_errc::missing_remote_address, severity::error, {8, 8}, std::nullopt};
  CHECK(render("@/,6666@", at_end) ==
        "error: the remote address is missing [missing-remote-address]\n"
        "  @/,6666@\n"
        "          ^\n"
        "  hint: write the address of the machine that receives, as in @/,@10.0.0.2/");
  const finding odd{text_errc::stray_newline, severity::warning, {9, 10}, fix{{9, 10}, ""}};
  CHECK(render("\t\xc3\xa9\xff\xe6\x97\xa5\x1bx\n!", {odd.code, odd.severity, {8, 9}, fix{{8, 9}, ""}}) ==
        "warning: there is a newline in the text [stray-newline]\n"
        "  \\x09\xc3\xa9\\xff\xe6\x97\xa5\\x1bx\\x0a!\n"
        "                 ^\n"
        "  hint: leave it and what follows it in the field out\n"
        "  fix: \\x09\xc3\xa9\\xff\xe6\x97\xa5\\x1b\\x0a!");
  CHECK(render("a\xe2\x80\xae"
               "b",
               {text_errc::bad_port, severity::note, {4, 5}, std::nullopt})
            .find("a\\xe2\\x80\\xaeb\n") != std::string::npos);
}

TEST_CASE("a refusal is rendered with its place, whoever refuses") {
  const std::string_view bad = "@/,66666@10.0.0.2/", two = "@/,@10.0.0.2/;@/,@10.0.0.3/";
  const kernel_profile old = kernel_version{6, 1, 0};  // a newer one skips what is bad
  CHECK(render_refusal(bad, parse_parameter(bad, old).error(), old) == render(bad, lint(bad, old)[0]));
  // The kernel takes two; who wants one target does not.
  CHECK(render_refusal(two, parse_target(two).error()) ==
        "error: a ';' begins another target [several-targets]\n"
        "  @/,@10.0.0.2/;@/,@10.0.0.3/\n"
        "               ^\n"
        "  hint: give one target at a time");
}

TEST_CASE("a fix that makes a further error is none") {
  const auto old = kernel_profile{2, 6, 12};
  const auto text = "@254.254.184.254/" + std::string(229, 'x') + "\n,@255.192.255.1/";
  const auto found = lint(text, old);
  const auto errors = [](const auto& list) {
    return std::ranges::count(list, severity::error, &finding::severity);
  };
  CHECK(errors(found) == 1);
  CHECK(errors(lint(apply_fixes(text, found), old)) <= 1);
}

TEST_CASE("of a long line only the part around the place is shown") {
  const auto lines = [](const std::string& shown) {
    std::vector<std::string> all;
    for (std::size_t start = 0; start <= shown.size();) {
      const auto end = std::min(shown.find('\n', start), shown.size());
      all.push_back(shown.substr(start, end - start));
      start = end + 1;
    }
    return all;
  };
  const std::string whole(320, 'a');
  CHECK(lines(quoted(whole, {0, 1})) == std::vector<std::string>{"  " + whole, "  ^"});
  const std::string text = std::string(200, 'a') + "bad" + std::string(200, 'c');
  const finding d{text_errc::bad_port, severity::error, {200, 203}, fix{{200, 203}, "X"}};
  const auto shown = lines(render(text, d));
  REQUIRE(shown.size() == 5);
  CHECK(shown[1] == "  ..." + std::string(128, 'a') + "bad" + std::string(128, 'c') + "...");
  CHECK(shown[2] == "  " + std::string(3 + 128, ' ') + "^~~");
  CHECK(shown[4] == "  fix: ..." + std::string(128, 'a') + "X" + std::string(128, 'c') + "...");
  // A fix outside of the part is not shown; a long place is shown in part.
  CHECK(lines(render(text, {d.code, d.severity, d.where, fix{{0, 1}, ""}})).size() == 4);
  const auto long_place = lines(quoted(text + text, {0, 800}));
  CHECK(long_place[0].size() == 2 + 320 + 3);
  CHECK(long_place[1] == "  ^" + std::string(319, '~'));
  // Characters of UTF-8 stay whole.
  std::string wide;
  for (int i = 0; i < 400; ++i) wide += "\xc3\xa9";
  CHECK(quoted(wide, {401, 402}).find("\\x") == std::string::npos);
}

TEST_CASE("a finding in a file is rendered with its line") {
  const std::string text = "first\n@/,66666@10.0.0.2/\nlast\n";
  const finding d{text_errc::port_out_of_range, severity::error, {9, 14}, fix{{9, 14}, "6"}};
  CHECK(render_in_file("f", text, d) ==
        "f:2:4: error: the port number is larger than 65535 [port-out-of-range]\n"
        "  @/,66666@10.0.0.2/\n"
        "     ^~~~~\n"
        "  hint: write a decimal number from 0 to 65535\n"
        "  fix: @/,6@10.0.0.2/");
  // What goes on in the next line is shown up to the end of this one, without the fix.
  CHECK(render_in_file("f", text, {d.code, d.severity, {22, 27}, fix{{22, 27}, ""}}) ==
        "f:2:17: error: the port number is larger than 65535 [port-out-of-range]\n"
        "  @/,66666@10.0.0.2/\n"
        "                  ^~\n"
        "  hint: write a decimal number from 0 to 65535");
}
