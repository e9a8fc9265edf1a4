// SPDX-License-Identifier: MIT
#include "options/config_file.hpp"

#include "input/text_file.hpp"
#include "options/did_you_mean.hpp"
#include "options/toml_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

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
  } else if (value.empty()) {  // CLI11 takes --name= for --name, and the next argument for its value
    to.push_back("--" + key_of(option));
    to.emplace_back();
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
  const auto text = read_text_file(path == "-" ? "./-" : path);  // SIGHUP reads it again
  if (!text) return std::unexpected{fmt::format("{}: {}", path, text.error())};
  const auto keys = read_toml_keys(*text);
  if (!keys) return std::unexpected{fmt::format("{}:{}: {}", path, keys.error().line, keys.error().what)};
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options())
    if (is_key(*option)) known.push_back(key_of(*option));
  std::vector<std::string> out;
  for (const auto& one : *keys) {
    const auto fail = [&](const std::string& what) {
      return std::unexpected{fmt::format("{}:{}: {}", path, one.line, what)};
    };
    const auto all = command.get_options();
    const auto found = std::ranges::find_if(
        all, [&](const CLI::Option* option) { return is_key(*option) && key_of(*option) == one.name; });
    if (found == all.end())
      return fail(fmt::format("'{}' is not a key{}; the keys are the options of netcon {} --help", one.name,
                              did_you_mean(one.name, known), command.get_name()));
    const CLI::Option& option = **found;
    if (option.count() != 0) continue;
    if (is_flag(option) && one.values != std::vector<std::string>{"true"} &&
        one.values != std::vector<std::string>{"false"})
      return fail(fmt::format("{}: write true or false", one.name));
    for (const auto& value : one.values) add_argument(out, option, value);
  }
  return out;
}

}  // namespace tool
