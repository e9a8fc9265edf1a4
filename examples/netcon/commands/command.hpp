// The subcommands of the netcon tool: each file of that name defines the one function that adds it.
#pragma once

#include <CLI/CLI.hpp>

namespace tool {

/// Exit codes of every subcommand.
enum exit_code : int { exit_ok = 0, exit_findings = 1, exit_usage = 2 };

// Each adds its subcommand to app; when it is chosen, its callback runs and sets exit_code.
void add_configfs(CLI::App& app, int& exit_code);
void add_console(CLI::App& app, int& exit_code);
void add_decode(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_format(CLI::App& app, int& exit_code);
void add_lint(CLI::App& app, int& exit_code);
void add_listen(CLI::App& app, int& exit_code);
void add_send(CLI::App& app, int& exit_code);
void add_suggest(CLI::App& app, int& exit_code);

}  // namespace tool
