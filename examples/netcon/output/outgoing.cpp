// SPDX-License-Identifier: MIT
#include "output/outgoing.hpp"

#include <utility>

namespace tool {
namespace {

/// A full queue drops whole parts: longer ones would take more than is needed.
constexpr std::size_t longest_joined = 4096;

}  // namespace

void outgoing::close(outgoing_part part, bool join) {
  part.size = text.size() - std::exchange(closed, text.size());
  if (part.size == 0 && part.lines == line_counts{}) return;
  if (join && !parts.empty()) {
    auto& last = parts.back();
    if (last.size + part.size <= longest_joined && last.from == part.from && last.name == part.name &&
        last.unproven == part.unproven) {
      last.size += part.size;
      last.lines += part.lines;
      return;
    }
  }
  parts.push_back(std::move(part));
}

void outgoing::clear() {
  text.clear();
  parts.clear();
  closed = 0;
}

}  // namespace tool
