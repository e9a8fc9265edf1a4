// SPDX-License-Identifier: MIT
#include "output/findings.hpp"

#include "output/configfs_json.hpp"

#include <netcon/core/printable.hpp>

#include <fmt/format.h>

#include <utility>

namespace tool {

nlohmann::ordered_json findings_json(std::span<const netcon::doctor::finding> found) {
  using nlohmann::ordered_json;
  auto findings = ordered_json::array();
  for (const auto& one : found) {
    ordered_json row{{"check", name(one.code)}, {"severity", name(one.severity)}};
    if (!one.subject.empty()) row["subject"] = json_of_bytes(one.subject);
    row["evidence"] = json_of_bytes(one.evidence);
    if (!one.remedy.empty()) row["remedy"] = json_of_bytes(one.remedy);
    findings.push_back(std::move(row));
  }
  return findings;
}

std::string findings_line(const netcon::doctor::finding& one, std::string_view known_subject) {
  const bool is_known = one.subject.empty() || one.subject == known_subject;
  return fmt::format("{}: {}{}{}{}", name(one.code), is_known ? "" : netcon::printable(one.subject) + ": ",
                     netcon::printable(one.evidence), one.remedy.empty() ? "" : "; ",
                     netcon::printable(one.remedy));
}

}  // namespace tool
