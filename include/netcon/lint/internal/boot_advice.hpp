// SPDX-License-Identifier: MIT
// What a parameter meets at boot that nothing in its text says: a netconsole that is built in starts before
// devices have their names and addresses, and the level of the console counts for netconsole too.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/device_name.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/parameter/fields.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>

#include <string_view>
#include <vector>

namespace netcon::inline v0_1::detail {

/// Notes about one parameter; `is_first` of its text, which alone has the notes about all of them.
inline void advise(const found_parameter& one, std::string_view text, const kernel_profile& kernel,
                   bool is_first, std::vector<finding>& to) {
  const auto& value = one.value;
  if (!one.is_boot_line || value.text().empty()) return;
  const auto whole = value.place_of(text_range::between(0, value.text().size()));
  const auto note = [&](text_errc code, text_range where) {
    to.push_back({code, severity::note, where, std::nullopt});
  };
  if (one.level && is_first) {
    const auto line = line_around(text, whole.begin);
    const bool is_beside = one.level->begin >= line.begin && one.level->end <= line.end;
    note(text_errc::console_level, is_beside ? *one.level : whole);
  }
  if (one.for_module) return;
  if (is_first && kernel.supports(feature::module)) note(text_errc::built_in_only, whole);
  const auto built_in = kernel.without(feature::module);
  for (const text_range where : target_ranges{value.text(), built_in}) {
    const auto parsed = target_parser{where.in(value.text()), 0, built_in}.run();
    if (!parsed) continue;
    const auto fields = split_target(where.in(value.text()), built_in);
    const auto place = [&](text_range field) {
      return value.place_of({where.begin + field.begin, where.begin + field.end});
    };
    if (parsed->local_device.is_name() && is_named_late(fields.local_device.in(where.in(value.text()))))
      note(text_errc::device_not_yet, place(fields.local_device));
    if (!parsed->local_ip) note(text_errc::address_not_yet, place(fields.local_ip));
  }
}

}  // namespace netcon::inline v0_1::detail
