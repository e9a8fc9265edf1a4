// SPDX-License-Identifier: MIT
// Any text through lint and its suggestions, on any kernel.
#include "fuzz.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/parameter/boot_log.hpp>
#include <netcon/parameter/parse.hpp>

#include <algorithm>
#include <string>

using fuzz::check;

namespace {

constexpr netcon::kernel_version versions[] = {{2, 6, 12},   {2, 6, 24},  {3, 7, 0},  {3, 14, 0},
                                               {4, 2, 0},    {6, 1, 192}, {6, 6, 0},  {6, 12, 93},
                                               {6, 12, 117}, {6, 15, 0},  {6, 17, 0}, {7, 3, 4}};

bool is_error(const netcon::finding& d) {
  return d.severity == netcon::severity::error;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  auto kernel = netcon::kernel_profile(versions[in.below(std::size(versions))]);
  const auto build = in.byte();
  if ((build & 1) != 0) kernel = kernel.without(netcon::feature::dynamic);
  if ((build & 2) != 0) kernel = kernel.without(netcon::feature::module);
  if ((build & 4) != 0) kernel = kernel.without(netcon::feature::ipv6);
  const fuzz::exact_copy exact{in.rest().substr(0, 400)};
  const auto text = exact.view();

  const auto found = netcon::lint(text, kernel);
  const auto parsed = netcon::parse_parameter(text, kernel);
  const auto first = std::ranges::find_if(found, is_error);
  const bool wrong = !parsed || !parsed->skipped().empty();
  check((first != found.end()) == wrong, "there is an error exactly when a target is refused");
  if (wrong) {
    const auto& problem = parsed ? parsed->skipped().front() : parsed.error();
    check(first->code == problem.code && first->where == problem.where, "the first error is the parser's");
  }
  const bool nothing = parsed && parsed->empty() && !wrong;
  check(nothing ==
            std::ranges::any_of(found, [](const auto& d) { return d.code == netcon::text_errc::no_target; }),
        "an empty parameter has a warning of its own");
  for (const auto& d : found) {
    check(d.where.end <= text.size(), "a finding lies in the text");
    check(netcon::message(d.code) != "unknown error" && !netcon::hint(d.code).empty(),
          "a finding has its words");
    const auto shown = netcon::render(text, d);
    for (const char c : shown)
      check(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f), "nothing acts on a terminal");
    if (d.fix) check(d.fix->where.end <= text.size(), "a fix lies in the text");
  }

  const auto fixed = netcon::apply_fixes(text, found);
  const auto again = netcon::lint(fixed, kernel);
  for (const auto& d : again) check(!d.fix, "after its suggestions there are none");
  if (fixed != text) {
    const auto worse = [](const auto& list) { return std::ranges::count_if(list, is_error); };
    check(worse(again) <= worse(found), "suggestions make no further error");
  }
  // What the kernel takes it takes in the same way after suggestions, but for what they are about.
  if (!wrong && fixed == text) check(again.size() == found.size(), "lint says the same again");

  check(netcon::fixed(text, kernel) == fixed, "fixed() needs one round, for lint has done the others");

  const auto lines = netcon::boot_log(text, kernel);
  for (const auto& line : lines) check(!line.empty(), "the log has no empty line");
  return 0;
}
