// SPDX-License-Identifier: MIT
// What a collector told, as lines of text that a test can compare.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/wire/escape.hpp>

#include <string>
#include <utility>
#include <vector>

namespace test {

/// A sink: "record 5 text", "lost 6+2", "partial 7 0-10 20-30", ...
class event_log {
 public:
  void operator()(const netcon::event::record& e) { add("record", e.record, e.conflict ? " conflict" : ""); }
  void operator()(const netcon::event::late& e) { add("late", e.record, e.conflict ? " conflict" : ""); }
  void operator()(const netcon::event::duplicate& e) { add("duplicate", e.record); }
  void operator()(const netcon::event::partial& e) {
    std::string holes;
    for (const auto& hole : e.missing)
      holes += " " + std::to_string(hole.begin) + "-" + std::to_string(hole.end);
    lines.push_back("partial " + std::to_string(e.record.sequence()) + holes);
  }
  void operator()(const netcon::event::lost& e) {
    switch (e.cause) {
      case netcon::loss::sequence_gap:
        lines.push_back("lost " + std::to_string(e.first_sequence) + "+" + std::to_string(e.count));
        break;
      case netcon::loss::msgid_gap:
        lines.push_back("lost certainly " + std::to_string(e.count));
        break;
      case netcon::loss::announced:
        lines.push_back("lost announced " + std::to_string(e.count));
        break;
      case netcon::loss::impossible:
        lines.push_back("lost impossibly " + std::to_string(e.count));
        break;
    }
  }
  void operator()(const netcon::event::rebooted& e) {
    lines.push_back("rebooted after " + std::to_string(e.last_sequence));
  }
  void operator()(const netcon::event::basic& e) {
    lines.push_back("legacy " + netcon::escape(e.text) + (e.complete ? "" : " unfinished") +
                    (e.replayed ? " replayed" : ""));
  }
  void operator()(const netcon::event::folded& e) { lines.push_back("folded " + std::to_string(e.count)); }
  void operator()(const netcon::event::junk& e) { lines.push_back("junk " + std::string{name(e.reason)}); }
  void operator()(const netcon::event::forgotten& e) { lines.push_back("forgotten " + to_string(e.sender)); }

  std::vector<std::string> take() { return std::exchange(lines, {}); }

  std::vector<std::string> lines;

 private:
  void add(const std::string& kind, const netcon::record_view& message, const std::string& more = {}) {
    lines.push_back(kind + " " + std::to_string(message.sequence()) + " " + std::string{message.text()} +
                    more);
  }
};

}  // namespace test
