// SPDX-License-Identifier: MIT
// One output of netcon listen, as --to describes it: where, in which format, which events, and with what
// limits.
#pragma once

#include "listen/record_filter.hpp"
#include "output/log_directory.hpp"
#include "output/log_file.hpp"
#include "output/output_format.hpp"
#include "output/syslog_destination.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct output_spec {
  enum class kind : std::uint8_t { standard_output, file, directory, syslog, journal };

  std::string place = "-";  // as it was written: for messages, and to tell outputs apart
  kind what = kind::standard_output;
  std::string path;                      // of a file or directory
  std::optional<syslog_address> server;  // of syslog
  std::optional<output_format> format;   // none: the place's own

  record_filter filter;
  std::uint64_t rate_limit = 0;  // lines a second of a sender; 0: any number
  std::string selection;         // the keys of the filter and the limit as text, in the order of the table
  std::string fixed;             // all else as text: what cannot change while it runs

  std::uint64_t queue_bytes = 64 * 1024 * 1024;
  rotation when{};
  directory_limits limits{};
  std::optional<std::chrono::milliseconds> sync;

  /// For messages: "standard output", or the place.
  std::string_view name() const {
    return what == kind::standard_output ? std::string_view{"standard output"} : std::string_view{place};
  }
  /// Lines go to files that are rotated.
  bool has_files() const { return what == kind::file || what == kind::directory; }
};

/// Reads [FORMAT@]PLACE[,KEY=VALUE...]. The error is one line, without the option's name, that names the
/// part, the rule, and what to write.
std::expected<output_spec, std::string> parse_output(std::string_view text);

/// All of them, and --json: the format of those that have none of their own. None at all is standard output.
/// The error is one line, with the option's name.
std::expected<std::vector<output_spec>, std::string> parse_outputs(const std::vector<std::string>& texts,
                                                                   bool json);

/// The keys with their values and what they mean, a line each, for --help.
std::string output_keys_help();

/// The keys that SIGHUP changes of a running output.
std::vector<std::string_view> reloaded_keys();

}  // namespace tool
