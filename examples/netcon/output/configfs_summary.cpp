// SPDX-License-Identifier: MIT
#include "output/configfs_summary.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>

#include <fmt/format.h>

namespace tool {

std::string summary(std::string_view name, const netcon::configfs::state& s,
                    const netcon::kernel_profile& kernel) {
  const auto shown = [](std::string_view text) { return netcon::printable(text); };
  const auto parameter = to_string(shortest(full(s.settings), kernel));
  auto text = fmt::format("{}  {}  {}\n", shown(name), s.enabled ? "enabled" : "disabled", shown(parameter));
  if (!s.local_mac.is_broadcast()) text += fmt::format("  local_mac {}\n", to_string(s.local_mac));
  if (s.transmit_errors && *s.transmit_errors != 0)
    text += fmt::format("  transmit_errors {}\n", *s.transmit_errors);
  for (const auto& [key, value] : s.userdata)
    text += fmt::format("  userdata {} = {}\n", shown(key), shown(value));
  std::string on;
  for (const auto& one : netcon::configfs::sysdata_table)
    if (s.sysdata.*one.member) on.append(" ").append(one.name);
  if (!on.empty()) text += fmt::format("  sysdata{}\n", on);
  for (const auto& file : s.unknown) {
    std::string_view content = file.content;
    if (content.ends_with('\n')) content.remove_suffix(1);
    const auto* why = file.path == netcon::configfs::release_switch_path
                          ? "not believed: this kernel shows taskname_enabled there"
                          : "unknown to netcon";
    text += fmt::format("  {} = {} ({})\n", shown(file.path), shown(content), why);
  }
  return text;
}

}  // namespace tool
