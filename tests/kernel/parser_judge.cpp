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
#include "../support/load_difference.hpp"
#include "guest_files.hpp"

#include <netcon/parameter/parse.hpp>

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

bool is_fresh(std::map<std::string, std::string> files) {
  return files["enabled"] == "0" && files["remote_ip"] == "0.0.0.0" && files["dev_name"] == "eth0";
}

std::string difference(const std::string& text, const guest::answer& answer,
                       const netcon::kernel_profile& kernel) {
  auto all = read_directories(answer.out);
  // The last directory is one that the guest made, behind those of the targets.
  if (kernel.supports(feature::boot_targets_in_configfs) && !all.targets.empty()) {
    if (!is_fresh(all.targets.back()))
      return fmt::format("the kernel kept more than {} targets", all.targets.size() - 1);
    all.targets.pop_back();
  }
  return test::load_difference(
      text, {answer.ret < 0 ? answer.error : 0, answer.log, all.consoles, all.targets}, kernel);
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
