// SPDX-License-Identifier: MIT
// Any text as the parameter of any kernel: against the reference, and through everything that is said of a
// parsed target. The first two bytes choose the kernel and how it was built.
#include "fuzz.hpp"
#include "param_difference.hpp"

#include <netcon/core/error_texts.hpp>

using fuzz::check;

namespace {

constexpr std::array<int, 3> versions[] = {{2, 6, 12},   {2, 6, 24}, {3, 7, 0},   {3, 8, 0},  {3, 9, 0},
                                           {3, 14, 0},   {4, 2, 0},  {6, 1, 192}, {6, 6, 0},  {6, 12, 93},
                                           {6, 12, 117}, {6, 14, 0}, {6, 15, 0},  {6, 17, 0}, {7, 3, 4}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  reference::kernel kernel;
  kernel.version = versions[in.below(std::size(versions))];
  const auto build = in.byte();
  kernel.dynamic = (build & 1) == 0;
  kernel.module = (build & 2) == 0;
  kernel.ipv6 = (build & 4) == 0;
  if (kernel.version >= std::array{6, 6, 0}) {
    kernel.extended_by_default = (build & 8) != 0;
    kernel.release_by_default = (build & 24) == 24;
  }
  const fuzz::exact_copy exact{in.rest()};
  const auto text = exact.view();

  const auto difference = reference::difference(std::string{text.substr(0, text.find('\0'))}, kernel);
  if (!difference.empty()) {
    std::fprintf(stderr, "Linux %d.%d.%d: the reference differs in %s\n", kernel.version[0],
                 kernel.version[1], kernel.version[2], difference.c_str());
    check(false, "library and reference agree");
  }

  const auto profile = reference::profile_of(kernel);
  const auto whole = netcon::parse_parameter(text, profile);
  const auto inside = [&](netcon::text_range where) { return where.end <= text.size(); };
  if (!whole) {
    check(inside(whole.error().where), "an error lies in the text");
    check(netcon::message(whole.error().code) != "unknown error", "an error has a text");
  } else {
    check(whole->size() <= netcon::parameter::max_targets, "as many targets as fit");
    for (const auto& error : whole->skipped()) check(inside(error.where), "an error lies in the text");
    for (const auto& one : *whole) {
      check(inside(one.where), "a target lies in the text");
      const auto alone = netcon::parse_target(one.where.in(text), profile);
      check(alone.has_value() && *alone == one.value, "a target alone is read as in its parameter");
      const auto brief = netcon::shortest(one.value, profile),
                 full = netcon::full(netcon::resolve(one.value, profile));
      check(netcon::to_string(brief).size() <= netcon::to_string(one.value).size(),
            "the shortest form is shortest");
      check(netcon::to_string(full).size() <= netcon::target::max_text, "max_text holds every target");
      check(netcon::resolve(brief, profile) == netcon::resolve(one.value, profile) &&
                netcon::resolve(full, profile) == netcon::resolve(one.value, profile),
            "every form has the same settings");
    }
  }
  const auto one = netcon::parse_target(text, profile);
  if (!one) {
    check(inside(one.error().where), "an error lies in the text");
  } else if (whole && !whole->empty()) {
    check(whole->size() == 1 && (*whole)[0].value == *one, "one target is a parameter of one");
  }
  return 0;
}
