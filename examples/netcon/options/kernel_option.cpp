#include "options/kernel_option.hpp"

#include <netcon/core/error_texts.hpp>

#include <fmt/format.h>
#include <sys/utsname.h>

namespace tool {

void kernel_option::add_to(CLI::App& command) {
  command
      .add_option("--kernel", version,
                  "Assume this kernel: a version as uname -r prints it, running or newest")
      ->option_text("VERSION")
      ->capture_default_str();
  command.add_option("--with", with, "Enable a feature this version lacks, as in docs/kernels.md")
      ->option_text("FEATURE")
      ->allow_extra_args(false);
  command
      .add_option("--without", without,
                  "Disable a feature this version has; without module, netconsole is built in")
      ->option_text("FEATURE")
      ->allow_extra_args(false);
}

std::expected<netcon::kernel_profile, std::string> kernel_option::profile() const {
  auto result = netcon::kernel_profile::latest();
  if (version != "newest") {
    std::string text = version;
    if (utsname running{}; version == "running" && ::uname(&running) == 0) text = running.release;
    const auto parsed = netcon::kernel_version::parse(text);
    if (!parsed)
      return std::unexpected{
          fmt::format("--kernel {}: {}; {}", text, message(parsed.error().code), hint(parsed.error().code))};
    result = netcon::kernel_profile(*parsed);
  }
  for (const auto* names : {&with, &without})
    for (const auto& name : *names) {
      const auto feature = netcon::find_feature(name);
      if (!feature) {
        std::string known;
        for (const auto& row : netcon::feature_table) known += fmt::format(" {}", row.name);
        return std::unexpected{fmt::format("no feature is named {}; the features are{}", name, known)};
      }
      result = names == &with ? result.with(*feature) : result.without(*feature);
    }
  return result;
}

}  // namespace tool
