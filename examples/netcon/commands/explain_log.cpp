// SPDX-License-Identifier: MIT
#include "commands/explain_log.hpp"

#include "commands/command.hpp"
#include "input/any_log.hpp"
#include "output/configfs_json.hpp"
#include "output/output.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/doctor/explain_log.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {
namespace {

namespace doctor = netcon::doctor;
using nlohmann::ordered_json;

struct shown_line {
  std::string host, text;
  doctor::explained_line explained;
};

/// The logs of several machines may be mixed in one file: each host has an explainer.
class log_reader {
 public:
  void push(std::string_view host, std::string_view text) {
    std::string key{host};
    if (explainers_.size() == most_hosts && !explainers_.contains(key)) key.clear();
    if (auto line = explainers_[key].push(text); line && lines_.size() < most_lines)
      lines_.push_back({std::string{host}, std::string{text}, *std::move(line)});
  }

  const std::vector<shown_line>& lines() const noexcept { return lines_; }

 private:
  static constexpr std::size_t most_hosts = 10000, most_lines = 100000;

  std::map<std::string, doctor::log_explainer> explainers_{};
  std::vector<shown_line> lines_{};
};

/// Of a packet its text: that of an extended record, or each line of a basic one.
void push_packet(std::string_view host, std::string_view packet, log_reader& to) {
  const auto record = netcon::decode(packet);
  if (!record) return;
  if (record->is_extended()) return to.push(host, netcon::unescape(record->text()));
  netcon::text_log lines;
  const auto sink = [&](const netcon::log_line& line) { to.push(host, line.text); };
  lines.push(packet, sink);
  lines.finish(sink);
}

ordered_json json_of(const shown_line& one) {
  const auto& meaning = one.explained.meaning;
  ordered_json row{{"line", json_of_bytes(one.text)},
                   {"severity", name(meaning.severity)},
                   {"kind", meaning.name},
                   {"meaning", json_of_bytes(meaning.meaning)}};
  if (!one.host.empty()) row["host"] = json_of_bytes(one.host);
  if (!one.explained.target.empty()) row["target"] = json_of_bytes(one.explained.target);
  if (!meaning.remedy.empty()) row["remedy"] = json_of_bytes(meaning.remedy);
  return row;
}

void print(const std::vector<shown_line>& lines) {
  for (const auto& one : lines) {
    const auto& meaning = one.explained.meaning;
    if (!one.host.empty()) put("{}: ", netcon::printable(one.host));
    put("{}\n  {}: {}{}\n", netcon::printable(one.text), name(meaning.severity),
        one.explained.target.empty() ? std::string{} : one.explained.target + ": ",
        netcon::printable(meaning.meaning));
    if (!meaning.remedy.empty()) put("  # {}\n", netcon::printable(meaning.remedy));
  }
}

}  // namespace

int explain_log(const std::string& path, bool json) {
  log_reader found;
  log_sinks sinks;
  sinks.line = [&](const netcon::log_line& line) {
    if (!line.from_kernel) return;
    if (!line.is_packet) return found.push(line.host, line.text);
    push_packet(line.host, line.text, found);
  };
  sinks.datagram = [&](const netcon::captured_datagram& packet) {
    push_packet(to_string(packet.udp.sender.address), packet.udp.payload, found);
  };
  const auto read = read_any_log({path}, sinks);
  auto worst = doctor::severity::ok;
  for (const auto& one : found.lines()) worst = std::max(worst, one.explained.meaning.severity);
  if (json) {
    ordered_json document{{"severity", name(worst)}};
    auto rows = ordered_json::array();
    for (const auto& one : found.lines()) rows.push_back(json_of(one));
    document["lines"] = std::move(rows);
    put("{}\n", document.dump(2));
  } else {
    print(found.lines());
  }
  if (!read) return fail("explain", read.error());
  if (found.lines().empty()) say("netcon explain: no line is about netconsole or a console\n");
  return worst == doctor::severity::bad ? exit_findings : exit_ok;
}

}  // namespace tool
