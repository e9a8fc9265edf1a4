#include "options/kernel_option.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/os/running_kernel.hpp>

#include <fmt/format.h>

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
  if (version == "running") {
    const auto running = netcon::running_kernel();
    if (!running) return std::unexpected{fmt::format("--kernel running: {}", running.error().message())};
    result = *running;
  } else if (version != "newest") {
    const auto parsed = netcon::kernel_version::parse(version);
    if (!parsed)
      return std::unexpected{fmt::format("--kernel {}: {}; {}", version, message(parsed.error().code),
                                         hint(parsed.error().code))};
    result = *parsed;
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
