// SPDX-License-Identifier: MIT
#include <netcon/parameter/fields.hpp>

#include "support/catch.hpp"

#include <netcon/parameter/parse.hpp>

#include "support/corpus.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace netcon;

namespace {

using strings = std::vector<std::string>;

strings targets(std::string_view text, const kernel_profile& kernel = kernel_profile::latest()) {
  strings all;
  for (const text_range where : target_ranges{text, kernel}) all.emplace_back(where.in(text));
  return all;
}

/// The flags, the six fields in order, and the name of what is missing.
strings fields(std::string_view text, const kernel_profile& kernel = kernel_profile::latest()) {
  const auto f = split_target(text, kernel);
  strings all;
  for (const auto& where :
       {f.flags, f.local_port, f.local_ip, f.local_device, f.remote_port, f.remote_ip, f.remote_mac})
    all.emplace_back(where.in(text));
  return all;
}

}  // namespace

TEST_CASE("a parameter is cut into targets at every ';'") {
  CHECK(targets("").empty());
  CHECK(targets("a") == strings{"a"});
  CHECK(targets("a;bc") == strings{"a", "bc"});
  CHECK(targets(";") == strings{"", ""});
  CHECK(targets("a;;b;") == strings{"a", "", "b", ""});
  CHECK(targets("a;b", kernel_profile{2, 6, 23}) == strings{"a;b"});
  CHECK(targets("a;b", kernel_profile{2, 6, 24}) == strings{"a", "b"});
  std::vector<text_range> places;
  for (const text_range where : target_ranges{"ab;c;", kernel_profile::latest()}) places.push_back(where);
  CHECK(places == std::vector<text_range>{{0, 2}, {3, 4}, {5, 5}});
}

TEST_CASE("a target has seven parts with their places") {
  const auto whole = split_target("+r6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56");
  CHECK(whole.is_complete());
  CHECK(whole.extended);
  CHECK(whole.release);
  CHECK(whole.flags == text_range{0, 2});
  CHECK(whole.local_port == text_range{2, 6});
  CHECK(whole.local_ip == text_range{7, 15});
  CHECK(whole.local_device == text_range{16, 20});
  CHECK(whole.remote_port == text_range{21, 25});
  CHECK(whole.remote_ip == text_range{26, 34});
  CHECK(whole.remote_mac == text_range{35, 52});
  CHECK(fields("@/,@1/") == strings{"", "", "", "", "", "1", ""});
  CHECK(fields("@/,@1/m") == strings{"", "", "", "", "", "1", "m"});
}

TEST_CASE("each field goes up to the first delimiter of its own") {
  CHECK(fields("a,b/c@d@e,f/g/h@i,j@k/l/m@n") == strings{"", "a,b/c", "d@e,f", "g/h@i", "j", "k", "l/m@n"});
}

TEST_CASE("flags are what this kernel knows as such, in their order") {
  const auto flags = [](std::string_view text, const kernel_profile& kernel) {
    const auto f = split_target(text, kernel);
    return std::string{f.flags.in(text)} + (f.extended ? " extended" : "") + (f.release ? " release" : "");
  };
  const kernel_profile newest = kernel_profile::latest();
  CHECK(flags("@/,@1/", newest).empty());
  CHECK(flags("+@/,@1/", newest) == "+ extended");
  CHECK(flags("r@/,@1/", newest) == "r release");
  CHECK(flags("+r@/,@1/", newest) == "+r extended release");
  CHECK(flags("r+@/,@1/", newest) == "r release");
  CHECK(flags("++@/,@1/", newest) == "+ extended");
  CHECK(flags("+r@/,@1/", kernel_profile{6, 5}) == "+ extended");
  CHECK(flags("+r@/,@1/", kernel_profile{4, 1}).empty());
  CHECK(fields("+r@/,@1/", kernel_profile{4, 1})[1] == "+r");
}

TEST_CASE("the first missing delimiter is named, and the field before it is all the rest") {
  const auto missing = [](std::string_view text) { return split_target(text).missing; };
  CHECK(missing("") == text_errc::missing_first_at);
  CHECK(missing("+1/,") == text_errc::missing_first_at);
  CHECK(missing("1@2,") == text_errc::missing_first_slash);
  CHECK(missing("1@2/3@/") == text_errc::missing_comma);
  CHECK(missing("1@2/3,4/") == text_errc::missing_second_at);
  CHECK(missing("1@2/3,4@5") == text_errc::missing_second_slash);
  CHECK(missing("1@2/3,4@5/") == std::nullopt);
  const std::string text = "1@2/3@x/y";
  CHECK(fields(text) == strings{"", "1", "2", "3@x/y", "", "", ""});
  CHECK(split_target(text).remote_port == text_range{9, 9});
  CHECK(split_target(text).remote_mac == text_range{9, 9});
}

TEST_CASE("a field read by the caller is taken only when its delimiter follows") {
  field_reader reader{"12@3", kernel_profile::latest()};
  CHECK(!reader.take_read<target_field::local_port>(1));
  CHECK(reader.rest() == "12@3");
  CHECK(reader.take_read<target_field::local_port>(2));
  CHECK(reader.field() == "12");
  CHECK(reader.where() == text_range{0, 2});
  CHECK(!reader.take_read<target_field::local_ip>(1));
  CHECK(!reader.take<target_field::local_ip>());
  CHECK(reader.field() == "3");
  CHECK(reader.rest().empty());
}

TEST_CASE("parse and the splitter agree about what is missing") {
  for (const auto& row : test::corpus_parameters())
    for (const auto& kernel : {kernel_profile{6, 1, 192}, kernel_profile{7, 3, 4}}) {
      const std::string_view text = row.text;
      if (text.empty() || text.find_first_of(std::string_view{";\0", 2}) != text.npos ||
          text.size() > max_parameter)
        continue;
      CAPTURE(row.text);
      const auto parsed = parse_target(text, kernel);
      const auto split = split_target(text, kernel);
      if (parsed) {
        CHECK(split.is_complete());
        CHECK(split.extended == parsed->extended);
        CHECK(split.release == parsed->release);
        CHECK(split.local_port.empty() == !parsed->local_port);
        CHECK(split.remote_mac.empty() == !parsed->remote_mac);
      } else if (parsed.error().code >= text_errc::missing_first_at &&
                 parsed.error().code <= text_errc::missing_second_slash) {
        CHECK(split.missing == parsed.error().code);
      }
    }
}

TEST_CASE("fields are split while compiling") {
  constexpr auto split = split_target("@/,@10.0.0.2/");
  static_assert(split.is_complete() && split.remote_ip == text_range{4, 12});
  constexpr std::size_t count = [] {
    std::size_t n = 0;
    for ([[maybe_unused]] const text_range where : target_ranges{"a;b;c", kernel_profile::latest()}) ++n;
    return n;
  }();
  static_assert(count == 3);
}
