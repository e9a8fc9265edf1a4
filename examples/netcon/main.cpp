// netcon: check, explain, configure, send and receive netconsole from the shell.
#include "command.hpp"

#include <netcon/version.hpp>

#include <fmt/format.h>

int main(int argc, char** argv) {
  CLI::App app{"Linux netconsole: check, explain, configure, send and receive"};
  app.set_version_flag("--version", fmt::format("netcon {}.{}.{}", NETCON_VERSION_MAJOR, NETCON_VERSION_MINOR,
                                                NETCON_VERSION_PATCH));
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

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? tool::exit_ok : tool::exit_usage;
  }
  return exit_code;
}
