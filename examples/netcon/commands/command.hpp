// SPDX-License-Identifier: MIT
// The subcommands of the netcon tool: each has a file of its name, which defines the function that adds it.
#pragma once

#include <CLI/CLI.hpp>

#include <string_view>

namespace tool {

/// Exit codes of every subcommand.
enum exit_code : int { exit_ok = 0, exit_findings = 1, exit_usage = 2, exit_fewer = 3 };

/// Says what is wrong after the name of the command. Returns code.
int fail(std::string_view command, std::string_view problem, int code = exit_usage);

// Each adds its subcommand to app; the callback of the chosen one sets exit_code.
CLI::App* add_configfs(CLI::App& app, int& exit_code);
CLI::App* add_console(CLI::App& app, int& exit_code);
CLI::App* add_crashes(CLI::App& app, int& exit_code);
CLI::App* add_decode(CLI::App& app, int& exit_code);
CLI::App* add_doctor(CLI::App& app, int& exit_code);
CLI::App* add_explain(CLI::App& app, int& exit_code);
CLI::App* add_format(CLI::App& app, int& exit_code);
CLI::App* add_lint(CLI::App& app, int& exit_code);
CLI::App* add_listen(CLI::App& app, int& exit_code);
CLI::App* add_send(CLI::App& app, int& exit_code);
CLI::App* add_suggest(CLI::App& app, int& exit_code);
CLI::App* add_test(CLI::App& app, int& exit_code);

}  // namespace tool
