// SPDX-License-Identifier: MIT
// A program in Go that panics on a console.
#pragma once

#include <netcon/crash/internal/check_openings.hpp>
#include <netcon/crash/internal/words.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/opening.hpp>

#include <optional>
#include <string_view>

namespace netcon::inline v0_1::crash::detail {

/// "panic: MESSAGE", "fatal error: MESSAGE": of Go when proves_go() says so of a line behind it.
inline std::optional<opening> read_go_panic(std::string_view text) {
  cursor at{text};
  const bool panics = at.skip("panic: ");
  if (!panics && !at.skip("fatal error: ")) return std::nullopt;
  auto out = verbatim(kind::program_panic, panics ? "panic: " : "go runtime error", panics ? at.rest : "");
  out.needs_proof = true;
  return out;
}

/// "goroutine 1 [running]:" or "goroutine 1 gp=0x12 m=3 mp=0x34 [running]:", "runtime stack:", and
/// "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x12]".
constexpr bool proves_go(std::string_view text) noexcept {
  if (text == "runtime stack:" || text.starts_with("[signal SIG")) return true;
  cursor at{text};
  return at.skip("goroutine ") && !at.take(is_digit).empty() && contains(at.rest, " [") &&
         text.ends_with("]:");
}

}  // namespace netcon::inline v0_1::crash::detail
