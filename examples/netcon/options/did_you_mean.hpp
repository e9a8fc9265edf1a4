// SPDX-License-Identifier: MIT
// The word that somebody may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// The known word nearest to the text: at most a third of its letters inserted, left out, changed or swapped
/// with the next one. Empty when none is near.
std::string nearest(std::string_view text, const std::vector<std::string>& known);

/// "; did you mean WORD?", or nothing.
std::string did_you_mean(std::string_view text, const std::vector<std::string>& known);

}  // namespace tool
