// SPDX-License-Identifier: MIT
#include "output/path_report.hpp"

#include "output/findings.hpp"

#include <netcon/core/printable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace tool {
namespace {

std::string duration(std::chrono::microseconds time) {
  const auto us = time.count();
  return us < 10'000 ? fmt::format("{}.{:02} ms", us / 1000, us % 1000 / 10)
                     : fmt::format("{}.{} ms", us / 1000, us % 1000 / 100);
}

std::string words(probe_outcome outcome) {
  return outcome == probe_outcome::not_sent ? "not sent" : std::string{name(outcome)};
}

}  // namespace

std::string path_table(std::span<const path_result> results) {
  constexpr std::size_t columns = 7;
  using row = std::array<std::string, columns>;
  std::vector<row> rows{{"target", "receiver", "level", "probe", "round trip", "seen as", "lost"}};
  for (const auto& one : results) {
    const auto target = netcon::printable(one.target.name), receiver = to_string(one.target.remote);
    if (one.levels.empty()) rows.push_back({target, receiver, "-", "not tested", "", "", ""});
    for (const auto& at : one.levels) {
      row cells{target, receiver, std::string{name(at.level)}, words(at.outcome), "", "", ""};
      if (at.answer) {
        cells[4] = duration(at.round_trip);
        cells[5] = to_string(at.answer->seen);
        cells[6] = fmt::format("{}", at.answer->lost);
      }
      rows.push_back(std::move(cells));
    }
  }
  std::array<std::size_t, columns> widths{};
  for (const auto& cells : rows)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], cells[i].size());
  std::string out;
  for (const auto& cells : rows) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) line += fmt::format("{:{}}  ", cells[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  for (const auto& one : results)
    for (const auto& reason : one.reasons)
      out += fmt::format("{}: {}\n", netcon::printable(one.target.name), netcon::printable(reason));
  return out;
}

nlohmann::ordered_json path_json(std::span<const path_result> results) {
  using nlohmann::ordered_json;
  auto targets = ordered_json::array();
  bool all = !results.empty();
  for (const auto& one : results) {
    ordered_json target{{"name", netcon::printable(one.target.name)},
                        {"receiver", to_string(one.target.remote.address)},
                        {"receiver_port", one.target.remote.port.value()},
                        {"answered", one.is_answered()}};
    all = all && one.is_answered();
    auto probes = ordered_json::array();
    for (const auto& at : one.levels) {
      ordered_json row{
          {"level", static_cast<unsigned>(at.level)}, {"asked", at.asked}, {"probe", name(at.outcome)}};
      if (at.answer) {
        row["round_trip_us"] = at.round_trip.count();
        row["seen"] = to_string(at.answer->seen.address);
        row["seen_port"] = at.answer->seen.port.value();
        row["lost"] = at.answer->lost;
      }
      probes.push_back(std::move(row));
    }
    target["probes"] = std::move(probes);
    auto reasons = ordered_json::array();
    for (const auto& reason : one.reasons) reasons.push_back(netcon::printable(reason));
    target["reasons"] = std::move(reasons);
    target["findings"] = findings_json(one.findings);
    targets.push_back(std::move(target));
  }
  return {{"answered", all}, {"targets", std::move(targets)}};
}

}  // namespace tool
