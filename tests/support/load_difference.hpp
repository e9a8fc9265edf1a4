// SPDX-License-Identifier: MIT
// What a kernel did when the module was loaded with a parameter, against the library's answer.
#pragma once

#include <netcon/parameter/boot_log.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

struct loaded_module {
  int error = 0;                                          ///< errno; 0 when it was loaded
  std::vector<std::string> log;                           ///< all lines
  std::string consoles;                                   ///< /proc/consoles
  std::vector<std::map<std::string, std::string>> files;  ///< of each cmdlineN, from Linux 6.7 on
};

/// The lines of the kernel's log that speak of parsing.
inline std::vector<std::string> parser_lines(const std::vector<std::string>& log) {
  std::vector<std::string> lines;
  for (const auto& line : log) {
    std::string_view rest = line;
    if (rest.find("console [netcon") != rest.npos && rest.ends_with(" enabled")) lines.push_back(line);
    for (const std::string_view prefix : {"netpoll: ", "netconsole: ", "netconsole: "})
      if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
    // "local IP ..." is the source that setup picked.
    for (const std::string_view begin :
         {"local port ", "local IPv4 address ", "local IPv6 address ", "interface '", "interface name '",
          "local ethernet address ", "remote ", "couldn't parse config ", "Netconsole configuration error",
          "warning: whitespace", "string doesn't fit", "cleaning up", "network logging started"})
      if (rest.starts_with(begin)) {
        lines.push_back(line);
        break;
      }
  }
  return lines;
}

inline std::string difference_in_files(const netcon::settings& want, std::map<std::string, std::string> files,
                                       const netcon::kernel_profile& kernel) {
  const bool enabled = files["enabled"] == "1";
  const auto differs = [&](const std::string& file, const std::string& expected) -> std::string {
    return files[file] == expected ? ""
                                   : fmt::format("{} is \"{}\", not \"{}\"", file,
                                                 netcon::escape(files[file]), netcon::escape(expected));
  };
  // Kernels write ISATAP addresses with a dotted tail.
  const auto differs_in_address = [&](const std::string& file, const netcon::ip_address& expected) {
    const auto read = netcon::ip_address::parse(files[file]);
    return read && *read == expected ? "" : differs(file, to_string(expected));
  };
  std::string found = differs("extended", want.extended ? "1" : "0");
  if (kernel.supports(netcon::feature::release)) found += differs("release", want.release ? "1" : "0");
  if (!want.dev_mac) found += differs("dev_name", std::string{want.dev_name.view()});
  found += differs("local_port", to_string(want.local_port));
  found += differs("remote_port", to_string(want.remote_port));
  found += differs_in_address("remote_ip", want.remote_ip);
  found += differs("remote_mac", to_string(want.remote_mac));
  // Where none is given the kernel picks one, once the target is enabled.
  if (want.local_ip && !want.local_ip->is_unspecified() &&
      (!enabled || kernel.supports(netcon::feature::zero_prefixed_source_kept)))
    found += differs_in_address("local_ip", *want.local_ip);
  return found;
}

/// Empty, or how the library's answer to the parameter differs from what this kernel did.
inline std::string load_difference(const std::string& text, const loaded_module& answer,
                                   const netcon::kernel_profile& kernel) {
  const auto read = netcon::parse_parameter(text, kernel);
  const int expected_errno = read ? 0 : netcon::kernel_errno(read.error().code);
  const bool skips = kernel.supports(netcon::feature::bad_target_skipped);
  auto expected = netcon::boot_log(text, kernel);
  auto seen = parser_lines(answer.log);
  // A device that is not there ends the load before the later targets are read.
  const bool setup_failed = !skips && answer.error != 0 && answer.error != expected_errno;
  for (auto& line : netcon::start_log(text, kernel)) expected.push_back(std::move(line));
  if (setup_failed) {
    if (seen.empty() || seen.back() != "netconsole: cleaning up")
      return fmt::format("errno {} without a target", answer.error);
    seen.pop_back();
    if (!read && seen.size() + 1 >= expected.size())  // the refusal was logged
      return fmt::format("the load answers errno {}, not {}", answer.error, expected_errno);
    if (seen.size() < expected.size()) expected.resize(seen.size());
  }
  for (std::size_t i = 0; i < std::max(seen.size(), expected.size()); ++i) {
    const std::string want = i < expected.size() ? expected[i] : "", got = i < seen.size() ? seen[i] : "";
    if (want != got)
      return fmt::format("the log says \"{}\", not \"{}\"", netcon::escape(got), netcon::escape(want));
  }
  if (setup_failed) return "";
  if ((answer.error == 0) != read.has_value() || (answer.error != 0 && answer.error != expected_errno))
    return fmt::format("the load answers errno {}, not {}", answer.error, expected_errno);
  if (!read) return "";

  if (!kernel.supports(netcon::feature::boot_targets_in_configfs)) {
    bool extended = false;
    for (const auto& one : *read) extended = extended || netcon::resolve(one.value, kernel).extended;
    return (answer.consoles.find("netcon_ext") != std::string::npos) == extended
               ? ""
               : "whether a target is extended";
  }
  if (answer.files.size() != read->size()) return fmt::format("{} directories", answer.files.size());
  for (std::size_t i = 0; i < read->size(); ++i)
    if (auto found = difference_in_files(netcon::resolve((*read)[i].value, kernel), answer.files[i], kernel);
        !found.empty())
      return fmt::format("cmdline{}: {}", i, found);
  return "";
}

}  // namespace test
