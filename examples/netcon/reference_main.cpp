// SPDX-License-Identifier: MIT
// Writes the manual pages, the completions and the page of options from the definition that also makes
// --help.
#include "commands/program.hpp"
#include "reference/completion.hpp"
#include "reference/man_page.hpp"
#include "reference/option_tables.hpp"

#include <netcon/version.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;

std::string read_if_there(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write(const fs::path& path, std::string_view text) {
  std::ofstream out{path, std::ios::binary};
  out << text;
  if (!out.flush()) throw std::runtime_error{"cannot write " + path.string()};
}

/// A page of each command; DIR/netcon-listen.1 has the sections of NOTES/netcon-listen.1.
void write_pages(const tool::command_description& root, const tool::command_description& command,
                 const fs::path& directory, const fs::path& notes) {
  const auto version =
      fmt::format("netcon {}.{}.{}", NETCON_VERSION_MAJOR, NETCON_VERSION_MINOR, NETCON_VERSION_PATCH);
  const auto name = tool::man_page_name(command);
  write(directory / name, tool::make_man_page(root, command, version, read_if_there(notes / name)));
  for (const auto& group : command.commands)
    for (const auto& one : group.members) write_pages(root, one, directory, notes);
}

int run(const std::vector<std::string_view>& arguments) {
  int exit_code = 0;
  const auto root = tool::describe(*tool::make_program(exit_code));
  const auto is = [&](std::string_view command, std::size_t count) {
    return arguments.size() == count + 1 && arguments[0] == command;
  };
  if (is("pages", 2)) {
    write_pages(root, root, arguments[1], arguments[2]);
  } else if (is("completions", 1)) {
    const fs::path directory{arguments[1]};
    write(directory / "netcon.bash", tool::make_bash_completion(root));
    write(directory / "_netcon", tool::make_zsh_completion(root));
    write(directory / "netcon.fish", tool::make_fish_completion(root));
  } else if (is("options", 1)) {
    write(arguments[1], tool::make_option_tables(root));
  } else {
    std::fputs("usage: netcon_reference pages DIR NOTES | completions DIR | options FILE\n", stderr);
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "netcon_reference: %s\n", problem.what());
    return 1;
  }
}
