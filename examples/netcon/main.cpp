// SPDX-License-Identifier: MIT
// netcon: check, explain, configure, send and receive netconsole from the shell.
#include "commands/command.hpp"
#include "commands/program.hpp"
#include "options/bracketed_text.hpp"
#include "options/did_you_mean.hpp"
#include "output/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* one : app.get_subcommands([](const CLI::App*) { return true; }))
    out.push_back(one->get_name());
  return out;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* one : app.get_options())
    for (const auto& name : one->get_lnames()) out.push_back("--" + name);
  return out;
}

/// The option of that name; CLI11's own look for it ends the program for want of memory.
const CLI::Option* find_option(const CLI::App& app, const std::string& name) {
  const auto all = app.get_options();
  const auto found = std::ranges::find_if(all, [&](const auto* one) { return one->check_name(name); });
  return found != all.end() ? *found : nullptr;
}

/// An argument that was not expected, and what may have been meant.
std::string unexpected_argument(const CLI::App& chosen, std::string_view word) {
  if (word.starts_with("-")) {
    word = word.substr(0, word.find('='));
    return fmt::format("'{}' is not an option{}", word, tool::did_you_mean(word, option_names(chosen)));
  }
  const auto commands = command_names(chosen);
  return fmt::format("'{}' is {}{}", word, commands.empty() ? "an argument too many" : "not a command",
                     tool::did_you_mean(word, commands));
}

/// What is wrong, in the words of the other mistakes.
std::string describe(const CLI::App& chosen, const CLI::Error& problem) {
  const std::string_view text = problem.what();
  if (const auto left = chosen.remaining(); !left.empty()) return unexpected_argument(chosen, left.front());
  if (dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr) {  // which has the name for programs
    const std::string_view name = text.substr(0, text.find(" is required"));
    const auto* const option = find_option(chosen, std::string{name});
    return fmt::format("{} is required", option != nullptr ? option->get_option_text() : "a COMMAND");
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&problem) != nullptr) {
    std::string name{text.substr(0, text.find_first_of(": "))};
    if (!name.starts_with('-')) name.insert(0, name.size() == 1 ? "-" : "--");
    const auto* const option = find_option(chosen, name);
    if (option != nullptr && option->get_items_expected_max() == 0)
      return fmt::format("{} takes no value", name);
    if (option != nullptr && text.ends_with(" missing"))
      return fmt::format("{0} has no value: write {0} {1}", name, option->get_option_text());
    if (option != nullptr && option->results().size() > 1)
      return fmt::format("{} is given {} times: give it once", name, option->results().size());
  }
  return std::string{text};
}

/// One line, as for every other mistake, that begins with the name of the command.
std::string failure(const CLI::App* app, const CLI::Error& problem) {
  std::string name = app->get_name();
  const auto* chosen = app;
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().front();
    name += " " + chosen->get_name();
  }
  return fmt::format("{}: {}; see {} --help\n", name, describe(*chosen, problem), name);
}

/// A line about the first option that has an empty value, as of a shell variable that is not set; empty for
/// none. CLI11 takes --name= for --name, so that the next argument would be the value, and an empty value
/// for none where an option may go without.
std::string find_empty_value(const CLI::App* chosen, const std::vector<std::string>& given) {
  std::string command = chosen->get_name();
  for (std::size_t i = 0; i < given.size() && given[i] != "--"; ++i) {
    const std::string_view word = given[i];
    if (!word.starts_with("--")) {
      const auto commands =
          chosen->get_subcommands([&](const CLI::App* one) { return one->get_name() == word; });
      if (commands.empty()) continue;
      chosen = commands.front();
      command += " " + chosen->get_name();
      continue;
    }
    const auto equals = word.find('=');
    const std::string name{word.substr(0, equals)};
    const auto* const option = find_option(*chosen, name);
    if (option == nullptr || option->get_items_expected_max() == 0) continue;
    const bool needs_value = option->get_items_expected_min() != 0;
    const bool is_empty = equals != word.npos ? equals + 1 == word.size()
                                              : !needs_value && i + 1 < given.size() && given[i + 1].empty();
    if (!is_empty) {
      if (needs_value && equals == word.npos) ++i;
      continue;
    }
    auto value = option->get_option_text();
    if (!needs_value) std::erase_if(value, [](char c) { return c == '[' || c == ']'; });
    return fmt::format("{0}: {1} has {2}: write {3}{1} {4}; see {0} --help\n", command, name,
                       needs_value ? "no value" : "an empty value",
                       needs_value ? "" : fmt::format("{}, or ", name), value);
  }
  return {};
}

int run(int argc, char** argv) {
  int exit_code = tool::exit_ok;
  const auto program = tool::make_program(exit_code);
  auto& app = *program;
  app.failure_message(failure);

  // netcon help COMMAND is netcon COMMAND --help.
  std::vector<std::string> given(argv + 1, argv + argc);
  if (!given.empty() && given.front() == "help") {
    given.erase(given.begin());
    given.emplace_back("--help");
  }
  const auto named = [&](const CLI::App* command) { return command->get_name() == given.front(); };
  if (!given.empty() && app.get_subcommands(named).empty() && find_option(app, given.front()) == nullptr) {
    const bool is_option = given.front().starts_with('-');
    tool::say("netcon: '{}' is not {}{}; see netcon --help\n", given.front(),
              is_option ? "an option" : "a command",
              tool::did_you_mean(given.front(), is_option ? option_names(app) : command_names(app)));
    return tool::exit_usage;
  }
  if (const auto problem = find_empty_value(&app, given); !problem.empty()) {
    tool::say("{}", problem);
    return tool::exit_usage;
  }
  try {
    const bool is_lint = !given.empty() && given.front() == "lint";
    if (is_lint)
      for (auto& one : given) one = tool::protect_brackets(one);
    std::ranges::reverse(given);  // the parser takes them from the back
    app.parse(std::move(given));
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? tool::exit_ok : tool::exit_usage;
  }
  return exit_code;
}

/// What no subcommand can handle. Without an allocation, as there may be no memory.
const char* explain(const std::exception& problem) {
  if (dynamic_cast<const std::bad_alloc*>(&problem) != nullptr) return "out of memory";
  const auto* const of_system = dynamic_cast<const std::system_error*>(&problem);
  if (of_system != nullptr && of_system->code() == std::errc::resource_unavailable_try_again)
    return "cannot start a thread: out of memory, or of processes (ulimit -u, TasksMax=)";
  return problem.what();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    tool::reserve_standard_streams();
    const int code = run(argc, argv);
    return tool::finish_output() ? code : tool::exit_usage;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "netcon: %s\n", explain(problem));
    return tool::exit_usage;
  }
}
