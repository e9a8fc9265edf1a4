// SPDX-License-Identifier: MIT
// Findings as SARIF 2.1.0, which code hosts and editors show beside the lines.
#pragma once

#include "input/lint_source.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tool {

using source_findings = std::pair<lint_source, std::vector<netcon::finding>>;

/// One run over all sources, in the form that the schema of SARIF 2.1.0 takes.
std::string to_sarif(const std::vector<source_findings>& all);

/// Bytes for a JSON document: invalid UTF-8 becomes \xNN.
std::string valid_utf8(std::string_view bytes);

}  // namespace tool
