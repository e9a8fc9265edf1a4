// netcon: check, explain, configure, send and receive netconsole from the shell.
#include "commands/command.hpp"
#include "options/help_formatter.hpp"
#include "output/output.hpp"

#include <netcon/version.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <string>

namespace {

/// One line, as for every other mistake, with the name of the command that it is about.
std::string failure(const CLI::App* app, const CLI::Error& problem) {
  std::string name = app->get_name();
  for (auto* chosen = app; !chosen->get_subcommands().empty();) {
    chosen = chosen->get_subcommands().front();
    name += " " + chosen->get_name();
  }
  return fmt::format("{}: {}; see {} --help\n", name, problem.what(), name);
}

int run(int argc, char** argv) {
  CLI::App app{"Linux netconsole: check, explain, configure, send and receive", "netcon"};
  app.formatter(std::make_shared<tool::help_formatter>());
  app.set_version_flag("--version", fmt::format("netcon {}.{}.{}", NETCON_VERSION_MAJOR, NETCON_VERSION_MINOR,
                                                NETCON_VERSION_PATCH));
  app.failure_message(failure);
  app.require_subcommand(1);
  int exit_code = tool::exit_ok;
  tool::add_configfs(app, exit_code);
  tool::add_console(app, exit_code);
  tool::add_decode(app, exit_code);
  tool::add_explain(app, exit_code);
  tool::add_format(app, exit_code);
  tool::add_lint(app, exit_code);
  tool::add_listen(app, exit_code);
  tool::add_send(app, exit_code);
  tool::add_suggest(app, exit_code);
  app.footer("netcon COMMAND --help has the options and examples.");

  const auto named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && app.get_subcommands(named).empty() && app.get_option_no_throw(argv[1]) == nullptr) {
    tool::say("netcon: '{}' is no {}; see netcon --help\n", argv[1], *argv[1] == '-' ? "option" : "command");
    return tool::exit_usage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? tool::exit_ok : tool::exit_usage;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    tool::reserve_standard_streams();
    const int code = run(argc, argv);
    return tool::finish_output() ? code : tool::exit_usage;
  } catch (const std::exception& problem) {
    // No memory, no thread: nothing that the subcommands could do anything about.
    std::fprintf(stderr, "netcon: %s\n", problem.what());
    return tool::exit_usage;
  }
}
