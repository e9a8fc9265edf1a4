// SPDX-License-Identifier: MIT
// Bytes that are near: where calling memchr costs more than looking.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace netcon::inline v0_1::detail {

#if defined(__SSE2__)
/// A bit for each of 16 bytes that is wanted.
inline unsigned equal_bytes(const char* at, char wanted) noexcept {
  __m128i bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted))));
}
#endif

/// Where wanted stands in [at, end), or end.
constexpr const char* find_near(const char* at, const char* end, char wanted) noexcept {
#if defined(__SSE2__)
  if !consteval {
    for (; end - at >= 16; at += 16)
      if (const auto found = equal_bytes(at, wanted); found != 0) return at + std::countr_zero(found);
  }
#endif
  while (at != end && *at != wanted) ++at;
  return at;
}

/// A line KEY=VALUE: where its '=' stands, and where it ends; the end for both when there is no '='.
struct line_marks {
  const char* equals = nullptr;
  const char* end = nullptr;
};

constexpr line_marks mark_line(const char* const begin, const char* const end) noexcept {
  const char* at = begin;
  const char* equals = nullptr;
#if defined(__SSE2__)
  if !consteval {
    for (; end - at >= 16; at += 16) {
      const auto newlines = equal_bytes(at, '\n');
      const auto signs = equal_bytes(at, '=');
      if (newlines != 0) {
        const char* const stop = at + std::countr_zero(newlines);
        const auto inside = signs & (newlines ^ (newlines - 1));
        if (equals == nullptr) equals = inside != 0 ? at + std::countr_zero(inside) : stop;
        return {equals, stop};
      }
      if (equals == nullptr && signs != 0) equals = at + std::countr_zero(signs);
    }
    // The rest of a long line, in a block that overlaps the one before.
    if (at != begin && equals != nullptr && at != end) {
      const auto newlines = equal_bytes(end - 16, '\n') >> (at - (end - 16));
      return {equals, newlines == 0 ? end : at + std::countr_zero(newlines)};
    }
  }
#endif
  for (; at != end && *at != '\n'; ++at)
    if (equals == nullptr && *at == '=') equals = at;
  return {equals != nullptr ? equals : at, at};
}

}  // namespace netcon::inline v0_1::detail
