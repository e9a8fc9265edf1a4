// netcon: check, explain, configure, send and receive netconsole from the shell.
#include "commands/command.hpp"
#include "commands/program.hpp"
#include "options/bracketed_text.hpp"
#include "output/output.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

/// One line, as for every other mistake, that begins with the name of the command.
std::string failure(const CLI::App* app, const CLI::Error& problem) {
  std::string name = app->get_name();
  for (auto* chosen = app; !chosen->get_subcommands().empty();) {
    chosen = chosen->get_subcommands().front();
    name += " " + chosen->get_name();
  }
  return fmt::format("{}: {}; see {} --help\n", name, problem.what(), name);
}

int run(int argc, char** argv) {
  int exit_code = tool::exit_ok;
  const auto program = tool::make_program(exit_code);
  auto& app = *program;
  app.failure_message(failure);

  const auto named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && app.get_subcommands(named).empty() && app.get_option_no_throw(argv[1]) == nullptr) {
    tool::say("netcon: '{}' is not {}; see netcon --help\n", argv[1],
              *argv[1] == '-' ? "an option" : "a command");
    return tool::exit_usage;
  }
  try {
    const bool is_lint = argc > 1 && std::string_view{argv[1]} == "lint";
    std::vector<std::string> arguments;  // the parser takes them from the back
    for (int i = argc; i-- > 1;)
      arguments.push_back(is_lint ? tool::protect_brackets(argv[i]) : std::string{argv[i]});
    app.parse(std::move(arguments));
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
    // No memory or no thread: no subcommand can handle that.
    std::fprintf(stderr, "netcon: %s\n", problem.what());
    return tool::exit_usage;
  }
}
