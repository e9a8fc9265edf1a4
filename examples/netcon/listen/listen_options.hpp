// SPDX-License-Identifier: MIT
// The options of netcon listen, from the command line and a configuration file, and what they mean together.
#pragma once

#include "listen/crash_keeper.hpp"
#include "listen/host_sources.hpp"
#include "listen/listen_worker.hpp"
#include "listen/output_spec.hpp"
#include "listen/same_place.hpp"
#include "options/color_option.hpp"
#include "output/inventory.hpp"

#include <netcon/receive/probe_answerer.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

namespace tool {

struct listen_options {
  std::vector<std::string> addresses, ports;
  std::vector<std::string> to;
  bool json = false;
  color_option color;
  std::uint64_t count = 0;
  std::chrono::milliseconds duration{0};  // 0: no end
  unsigned threads = 1;
  std::vector<std::string> allow, deny;
  std::chrono::milliseconds reorder{0};
  std::chrono::milliseconds stats{0};  // 0: none
  std::string hosts_from;
  crash_options crashes;
  std::vector<std::string> metrics;
  std::string user;
  std::string config;
  bool check_config = false;
  std::string interface;
  int min_ttl = 0;
  std::string require;
  bool answer = false;
  netcon::answer_limits answer_limits{};
  bool hide_probes = false;
  std::chrono::milliseconds silent_after{0};  // 0: nothing is said of silence

  bool uses_passed_sockets() const;
  std::vector<std::string> all_addresses() const;
};

/// Adds the options, which write to the second; it has to live as long as the command.
void define_listen_options(CLI::App& command, listen_options&);

/// What a run does, checked.
struct listen_plan {
  listen_options options;
  std::vector<output_spec> outputs;
  std::vector<host_source> sources;
  listed_names names;  // of the file among the sources
  listen_settings settings;
  std::map<std::string, std::vector<std::string>> values;  // of the options that were given, by their names
};

/// Reads arguments, and the file that they name. The error is one line.
std::expected<listen_plan, std::string> read_listen_plan(const std::vector<std::string>& arguments,
                                                         server_names);

/// The options, of those that cannot change while it runs, that are not the same in both.
std::vector<std::string> changed_options(const listen_plan& before, const listen_plan& now);

}  // namespace tool
