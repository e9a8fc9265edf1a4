// SPDX-License-Identifier: MIT
#include "options/config_file.hpp"

#include "options/did_you_mean.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace tool {
namespace {

/// The words that a file may use for an option.
std::string key_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  return option.get_lnames().empty() ? "" : option.get_lnames().front();
}

bool is_key(const CLI::Option& option) {
  const auto key = key_of(option);
  return !key.empty() && key != "help" && key != "config" && key != "check-config";
}

bool is_flag(const CLI::Option& option) {
  return option.get_items_expected_max() == 0;
}

void add_argument(std::vector<std::string>& to, const CLI::Option& option, const std::string& value) {
  if (option.get_positional()) {
    to.push_back(value);
  } else if (is_flag(option)) {
    if (value != "false") to.push_back("--" + key_of(option));
  } else {
    to.push_back(fmt::format("--{}={}", key_of(option), value));
  }
}

}  // namespace

std::vector<std::string> given_arguments(const CLI::App& command) {
  std::vector<std::string> out;
  for (const CLI::Option* option : command.get_options())
    for (const auto& value : option->results()) add_argument(out, *option, value);
  return out;
}

std::expected<std::vector<std::string>, std::string> config_arguments(const std::string& path,
                                                                      const CLI::App& command) {
  std::ifstream in{path};
  if (!in) return std::unexpected{fmt::format("{}: {}", path, std::generic_category().message(errno))};
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML{}.from_config(in);
  } catch (const CLI::Error& problem) {
    return std::unexpected{fmt::format("{}: {}", path, problem.what())};
  }
  std::vector<std::string> out;
  for (const auto& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // the bounds of a section
    const CLI::Option* found = nullptr;
    std::vector<std::string> known;
    for (const CLI::Option* option : command.get_options()) {
      if (!is_key(*option)) continue;
      known.push_back(key_of(*option));
      if (known.back() == item.name) found = option;
    }
    if (!item.parents.empty())
      return std::unexpected{
          fmt::format("{}: [{}] is not known: write the keys without a section", path, item.parents.front())};
    if (found == nullptr)
      return std::unexpected{
          fmt::format("{}: '{}' is not a key{}; the keys are the options of netcon {} --help", path,
                      item.name, did_you_mean(item.name, known), command.get_name())};
    if (found->count() != 0) continue;
    if (is_flag(*found) && item.inputs != std::vector<std::string>{"true"} &&
        item.inputs != std::vector<std::string>{"false"})
      return std::unexpected{fmt::format("{}: {}: write true or false", path, item.name)};
    for (const auto& value : item.inputs) add_argument(out, *found, value);
  }
  return out;
}

}  // namespace tool
