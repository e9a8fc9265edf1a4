// SPDX-License-Identifier: MIT
// How reports of the sanitizers begin: KASAN, KFENCE, KMSAN, KCSAN, UBSAN.
#pragma once

#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/opening.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// "X in foo+0x1/0x2" or "X on address ...": X, and the function.
constexpr std::string_view split_fault(std::string_view text, std::string_view& function) noexcept {
  function = find_function(text);
  if (text.ends_with(" in")) return text.substr(0, text.size() - 3);  // a mail wraps the line
  for (const std::string_view before : {" in ", " on address", " on addr", " at addr"})
    if (const auto at = text.find(before); at != text.npos) return text.substr(0, at);
  return trim(text.substr(0, text.find('+')));
}

/// After "BUG: KASAN: ". Whether it read or wrote is on the next line.
inline opening read_kasan(std::string_view text) {
  std::string_view function;
  auto what = split_fault(text, function);
  if (what == "double-free or invalid-free" || what == "double-free") what = "invalid-free";
  opening out;
  out.kind = kind::invalid_read;
  if (what.ends_with("use-after-free")) out.kind = kind::use_after_free_read;
  if (what.ends_with("invalid-free") || what.ends_with("double-free")) out.kind = kind::invalid_free;
  if (what.starts_with("null-ptr-deref")) {
    out.kind = kind::null_read;
    what = "null-ptr-deref";
  }
  out.title = "KASAN: " + std::string{what};
  out.function = function;
  out.rule = function.empty() ? blame::none : blame::line;
  out.needs_function = false;
  // Only "on address ..." names none.
  out.is_cut = function.empty() && (contains(text, " in ") || text.ends_with(" in"));
  return out;
}

/// After "BUG: KFENCE: ".
inline opening read_kfence(std::string_view text) {
  std::string_view function;
  const auto what = split_fault(text, function);
  const bool writes = what.ends_with(" write") || what.ends_with(" rw");
  opening out;
  if (what.starts_with("use-after-free")) {
    out.kind = writes ? kind::guarded_use_after_free_write : kind::guarded_use_after_free_read;
  } else if (what.starts_with("invalid free")) {
    out.kind = kind::guarded_invalid_free;
  } else if (what.starts_with("memory corruption")) {
    out.kind = kind::guarded_corruption;
  } else {
    out.kind = writes ? kind::guarded_write : kind::guarded_read;
  }
  out.title = "KFENCE: " + std::string{what};
  out.rule = blame::line_and_frames;
  out.function = function;
  return out;
}

/// After "BUG: KMSAN: ".
inline opening read_kmsan(std::string_view text) {
  std::string_view function;
  const auto what = split_fault(text, function);
  opening out;
  out.kind = what.ends_with("-after-free") ? kind::freed_value
             : contains(what, "infoleak")  ? kind::information_leak
                                           : kind::uninitialised_value;
  out.title = "KMSAN: " + std::string{what};
  out.rule = blame::frames;
  out.function = function;
  return out;
}

/// After "BUG: KCSAN: ": "data-race in foo+0x1/0x2 / bar+0x3/0x4", "assert: race in foo+0x1/0x2".
inline opening read_kcsan(std::string_view text) {
  opening out;
  const auto in = text.find(" in ");
  const auto what = text.substr(0, text.ends_with(" in") ? text.size() - 3 : in);
  out.kind = what.starts_with("assert") ? kind::race_assertion : kind::data_race;
  out.title = "KCSAN: " + std::string{what};
  out.needs_function = false;
  out.rule = blame::none;
  out.is_cut = text.ends_with(" in");
  if (in == text.npos) return out;
  cursor at{text.substr(in)};
  append_normalised(out.title, at.rest);
  at.skip(" in ");
  out.function = source_name(at.take(is_name));
  return out;
}

/// After "UBSAN: ": "array-index-out-of-bounds in fs/foo.c:12:3", before 5.10 "Undefined behaviour in ...".
/// With CONFIG_UBSAN_TRAP "array index out of bounds at foo+0x1/0x2", with an oops behind it (x86, 6.15).
inline opening read_ubsan(std::string_view text) {
  opening out;
  out.rule = blame::trace;
  auto what = trim(text.substr(0, text.find(" in ")));
  if (const auto function = find_function(text); !function.empty() && contains(text, " at ")) {
    what = trim(text.substr(0, text.find(" at ")));
    out.function = function;
    out.rule = blame::line;
  }
  if (what == "Undefined behaviour") what = "undefined-behaviour";
  out.kind = what == "array-index-out-of-bounds" || what == "array index out of bounds"
                 ? kind::undefined_memory_access
                 : kind::undefined_behaviour;
  out.title = "UBSAN: " + std::string{what};
  return out;
}

}  // namespace netcon::inline v0_1::crash::detail
