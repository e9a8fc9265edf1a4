// SPDX-License-Identifier: MIT
// Random parameters for the real module, and its answers against the library's.
//
// parser_judge make SEED COUNT VERSION OPS      writes the operations for the guest
// parser_judge judge VERSION OPS RESULTS        compares; 1 and a line for each difference
//
// Compared are the errno of the load, every line that the kernel's parser logs (a banner for each target that
// it took, the quoted rest for each that it did not), and where there are any the files of the cmdlineN
// directories.
#include "../reference/param_strings.hpp"
#include "guest_files.hpp"

#include <netcon/parameter/boot_log.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

using netcon::feature;

std::vector<guest::op> make(std::uint64_t seed, std::size_t count, const netcon::kernel_profile& kernel) {
  reference::param_strings source{seed};
  std::vector<guest::op> ops{{"load", "", "0"}};
  while (ops.size() < count) {
    auto text = source.parameter();
    // A double quote would be the kernel's own on the way of the parameter to the module.
    if (text.find('"') != text.npos || text.find('\0') != text.npos) continue;
    const auto read = netcon::parse_parameter(text, kernel);
    ops.push_back({"load", text, std::to_string(read ? read->size() : 0)});
  }
  return ops;
}

/// The lines of the kernel's log that speak of parsing.
std::vector<std::string> parser_lines(const guest::answer& answer) {
  std::vector<std::string> lines;
  for (const auto& line : answer.log) {
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

/// "consoles", the text of /proc/consoles, then for each directory its name and its files.
struct directories {
  std::string consoles;
  std::vector<std::map<std::string, std::string>> targets;
};

directories read_directories(const std::string& out) {
  directories all;
  std::string name;
  for (std::size_t at = 0; at < out.size();) {
    const auto end = std::min(out.find('\n', at), out.size());
    const auto line = out.substr(at, end - at);
    at = end + 1;
    if (line == "consoles") continue;
    if (line == "cmdline" + std::to_string(all.targets.size())) {
      all.targets.emplace_back();
    } else if (all.targets.empty()) {
      all.consoles += line + "\n";
    } else if (const auto equals = line.find('=');
               equals != line.npos && line.substr(0, equals).find(' ') == line.npos &&
               (all.targets.back().empty() || name != "dev_name" || line.substr(0, equals) == "local_port")) {
      name = line.substr(0, equals);
      all.targets.back()[name] = line.substr(equals + 1);
    } else {
      all.targets.back()[name] += "\n" + line;  // a device name may hold a newline
    }
  }
  return all;
}

std::string difference_in_files(const netcon::settings& want, std::map<std::string, std::string> files,
                                const netcon::kernel_profile& kernel) {
  const bool enabled = files["enabled"] == "1";
  const auto differs = [&](const std::string& file, const std::string& expected) -> std::string {
    return files[file] == expected ? ""
                                   : fmt::format("{} is \"{}\", not \"{}\"", file,
                                                 guest::visible(files[file]), guest::visible(expected));
  };
  std::string found = differs("extended", want.extended ? "1" : "0");
  if (kernel.supports(feature::release)) found += differs("release", want.release ? "1" : "0");
  if (!want.dev_mac) found += differs("dev_name", std::string{want.dev_name.view()});
  found += differs("local_port", to_string(want.local_port));
  found += differs("remote_port", to_string(want.remote_port));
  found += differs("remote_ip", to_string(want.remote_ip));
  found += differs("remote_mac", to_string(want.remote_mac));
  // Where none is given the kernel picks one, once the target is enabled.
  if (want.local_ip && !want.local_ip->is_unspecified() &&
      (!enabled || kernel.supports(feature::zero_prefixed_source_kept)))
    found += differs("local_ip", to_string(*want.local_ip));
  return found;
}

std::string difference(const std::string& text, const guest::answer& answer,
                       const netcon::kernel_profile& kernel) {
  const auto read = netcon::parse_parameter(text, kernel);
  const int expected_errno = read ? 0 : netcon::kernel_errno(read.error().code);
  const bool skips = kernel.supports(feature::bad_target_skipped);
  auto expected = netcon::boot_log(text, kernel);
  auto seen = parser_lines(answer);
  // A device that is not there ends the load before the later targets are read.
  const bool setup_failed = !skips && answer.ret < 0 && answer.error != expected_errno;
  for (auto& line : netcon::start_log(text, kernel)) expected.push_back(std::move(line));
  if (setup_failed) {
    if (seen.empty() || seen.back() != "netconsole: cleaning up")
      return fmt::format("errno {} without a target", answer.error);
    seen.pop_back();
    if (seen.size() < expected.size()) expected.resize(seen.size());
  }
  for (std::size_t i = 0; i < std::max(seen.size(), expected.size()); ++i) {
    const std::string want = i < expected.size() ? expected[i] : "", got = i < seen.size() ? seen[i] : "";
    if (want != got)
      return fmt::format("the log says \"{}\", not \"{}\"", guest::visible(got), guest::visible(want));
  }
  if (setup_failed) return "";
  if ((answer.ret == 0) != read.has_value() || (answer.ret < 0 && answer.error != expected_errno))
    return fmt::format("the load answers {} with errno {}, not {}", answer.ret, answer.error, expected_errno);
  if (!read) return "";

  const auto all = read_directories(answer.out);
  if (!kernel.supports(feature::boot_targets_in_configfs)) {
    bool extended = false;
    for (const auto& one : *read) extended = extended || netcon::resolve(one.value, kernel).extended;
    return (all.consoles.find("netcon_ext") != std::string::npos) == extended
               ? ""
               : "whether a target is extended";
  }
  if (all.targets.size() != read->size() + 1) return fmt::format("{} directories", all.targets.size());
  for (std::size_t i = 0; i < read->size(); ++i)
    if (auto found = difference_in_files(netcon::resolve((*read)[i].value, kernel), all.targets[i], kernel);
        !found.empty())
      return fmt::format("cmdline{}: {}", i, found);
  auto fresh = all.targets.back();
  return fresh["enabled"] == "0" && fresh["remote_ip"] == "0.0.0.0" && fresh["dev_name"] == "eth0"
             ? ""
             : fmt::format("the kernel kept more than {} targets", read->size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "make" && argc == 6) {
    const auto kernel = netcon::kernel_profile(netcon::kernel_version::parse(argv[4]).value());
    guest::write_ops(argv[5],
                     make(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10), kernel));
    return 0;
  }
  if (mode != "judge" || argc != 5) {
    fmt::print(stderr, "usage: parser_judge make SEED COUNT VERSION OPS | judge VERSION OPS RESULTS\n");
    return 2;
  }
  const auto kernel = netcon::kernel_profile(netcon::kernel_version::parse(argv[2]).value());
  const auto ops = guest::read_ops(argv[3]);
  const auto answers = guest::read_answers(argv[4]);
  std::size_t differences = 0, taken = 0;
  for (std::size_t i = 0; i < std::min(ops.size(), answers.size()); ++i) {
    const auto what = difference(ops[i].first, answers[i], kernel);
    taken += answers[i].ret == 0;
    if (!what.empty() && ++differences <= 20) fmt::print("\"{}\": {}\n", guest::visible(ops[i].first), what);
  }
  fmt::print("parser: parameters given to the module, {} loaded, {} compared, {} differences\n", taken,
             answers.size(), differences);
  return differences == 0 && answers.size() == ops.size() && !ops.empty() ? 0 : 1;
}
