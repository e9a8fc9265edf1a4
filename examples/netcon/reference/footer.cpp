// SPDX-License-Identifier: MIT
#include "reference/footer.hpp"

#include <algorithm>

namespace tool {

footer_parts split_footer(std::string_view footer) {
  constexpr std::string_view examples = "Examples:\n", exit_code = "Exit code: ";
  footer_parts out;
  while (!footer.empty()) {
    const auto end = std::min(footer.find("\n\n"), footer.size());
    const auto part = footer.substr(0, end);
    footer.remove_prefix(std::min(end + 2, footer.size()));
    if (part.starts_with(examples))
      out.examples = part.substr(examples.size());
    else if (part.starts_with(exit_code))
      out.exit_code = part.substr(exit_code.size());
    else if (!part.empty())
      out.paragraphs.emplace_back(part);
  }
  return out;
}

}  // namespace tool
