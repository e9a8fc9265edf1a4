// SPDX-License-Identifier: MIT
#include "commands/program.hpp"

#include "commands/command.hpp"
#include "options/help_formatter.hpp"
#include "output/output.hpp"

#include <netcon/version.hpp>

#include <fmt/format.h>

namespace tool {
namespace {

/// CLI11 takes --json=3 for --json otherwise.
void refuse_values_of_flags(CLI::App& app) {
  for (auto* option : app.get_options([](CLI::Option*) { return true; }))
    if (option->get_items_expected_max() == 0) option->disable_flag_override();
  for (auto* command : app.get_subcommands([](CLI::App*) { return true; })) refuse_values_of_flags(*command);
}

}  // namespace

int fail(std::string_view command, std::string_view problem, int code) {
  say("netcon {}: {}\n", command, problem);
  return code;
}

std::unique_ptr<CLI::App> make_program(int& exit_code) {
  auto app =
      std::make_unique<CLI::App>("Linux netconsole: check, explain, configure, send and receive", "netcon");
  app->formatter(std::make_shared<help_formatter>());
  app->set_help_flag("-h,--help", "Print this help");
  app->set_version_flag(
      "-V,--version",
      fmt::format("netcon {}.{}.{}", NETCON_VERSION_MAJOR, NETCON_VERSION_MINOR, NETCON_VERSION_PATCH),
      "Print the version");
  app->require_subcommand(1);
  // The help lists groups and commands in this order.
  const auto add = [&](const char* group, auto... commands) {
    for (const auto command : {commands...}) command(*app, exit_code)->group(group);
  };
  add("Receive", add_listen, add_crashes, add_decode, add_console);
  add("Set up a sender", add_suggest, add_configfs);
  add("Check a parameter", add_lint, add_explain, add_format);
  add("Find out why nothing arrives", add_doctor);
  add("Test a receiver", add_test, add_send);
  refuse_values_of_flags(*app);
  app->footer("netcon COMMAND --help, or netcon help COMMAND, has the options and examples.");
  return app;
}

}  // namespace tool
