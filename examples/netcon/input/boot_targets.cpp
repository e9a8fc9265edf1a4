// SPDX-License-Identifier: MIT
#include "input/boot_targets.hpp"

#include "input/text_file.hpp"

#include <netcon/lint/boot_config.hpp>
#include <netcon/parameter/parse.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

namespace tool {
namespace {

struct found_value {
  std::string value, source;
};

/// The last parameter of a file in that form; the kernel and modprobe take it.
void take_last(std::optional<found_value>& to, const std::string& path, netcon::config_format format,
               bool for_module) {
  const auto text = read_text_file(path);
  if (!text) return;
  for (const auto& one : netcon::find_parameters(*text, format))
    if (one.for_module == for_module && !one.is_overridden) to = found_value{one.value.text(), path};
}

/// The files of modprobe.d: of the same name in several directories the first one counts, all in the order of
/// their names (modprobe.d(5)).
std::vector<std::string> modprobe_files(const std::string& root) {
  std::map<std::string, std::string> files;
  for (const auto* directory : {"/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d",
                                "/usr/lib/modprobe.d", "/lib/modprobe.d"}) {
    std::error_code problem;
    for (std::filesystem::directory_iterator at{root + directory, problem}, end; !problem && at != end;
         at.increment(problem))
      if (at->path().extension() == ".conf") files.try_emplace(at->path().filename(), at->path());
  }
  std::vector<std::string> out;
  for (const auto& [name, path] : files) out.push_back(path);
  return out;
}

}  // namespace

std::vector<named_boot_target> read_boot_targets(const netcon::kernel_profile& kernel,
                                                 const std::string& root) {
  std::optional<found_value> found;
  const auto cmdline = root + "/proc/cmdline";
  // A module has an entry of parameters there, a built-in netconsole too, but a built-in is in no list of
  // modules.
  std::error_code problem;
  const bool is_module = std::filesystem::exists(root + "/sys/module/netconsole/initstate", problem);
  if (is_module) {
    for (const auto& path : modprobe_files(root))
      take_last(found, path, netcon::config_format::modprobe, true);
    take_last(found, cmdline, netcon::config_format::cmdline, true);
  } else {
    take_last(found, cmdline, netcon::config_format::cmdline, false);
  }
  std::vector<named_boot_target> out;
  if (!found) return out;
  const auto profile =
      is_module ? kernel.with(netcon::feature::module) : kernel.without(netcon::feature::module);
  const auto parsed = netcon::parse_parameter(found->value, profile);
  if (!parsed) return out;
  for (const auto& one : *parsed)
    out.push_back({fmt::format("cmdline{}", out.size()), one.value, found->source});
  return out;
}

}  // namespace tool
