// SPDX-License-Identifier: MIT
#include "options/command_description.hpp"

#include <algorithm>
#include <utility>

namespace tool {
namespace {

template <class Member>
void add(std::vector<description_group<Member>>& groups, std::string_view name, Member member) {
  auto at = std::ranges::find(groups, name, &description_group<Member>::name);
  if (at == groups.end()) at = groups.insert(at, {std::string{name}, {}});
  at->members.push_back(std::move(member));
}

/// The name that CLI11 gives to the default group differs between its versions.
std::string group_of(const std::string& given, std::string_view otherwise) {
  std::string lower = given;
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower == "options" || lower == "subcommands" ? std::string{otherwise} : given;
}

std::string full_name(const CLI::App* app) {
  std::string name = app->get_name();
  for (app = app->get_parent(); app != nullptr; app = app->get_parent()) name = app->get_name() + ' ' + name;
  return name;
}

/// CLI11 shows the list of a value that is one of a list as "{a,b}" behind its type.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const auto type = option.get_type_name();
  const auto begin = type.find('{'), end = type.find('}');
  if (begin == type.npos || end == type.npos || end < begin) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

option_description describe(const CLI::Option& option) {
  const bool is_flag = option.get_type_size() == 0;
  option_description out{
      .names = {},
      .value = is_flag ? std::string{} : option.get_option_text(),
      .about = option.get_description(),
      .standard = is_flag ? std::string{} : option.get_default_str(),
      .choices = is_flag ? std::vector<std::string>{} : choices_of(option),
      .is_repeatable = option.get_expected_max() > 1 ||
                       option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll};
  for (const auto& name : option.get_snames()) out.names.push_back('-' + name);
  for (const auto& name : option.get_lnames()) out.names.push_back("--" + name);
  if (out.names.empty() && out.value.empty()) out.value = option.get_name(true);
  return out;
}

/// "[NAME ...]" says by itself that it may be left out.
std::string argument_usage(const CLI::Option& option, const std::string& value) {
  return option.get_required() || value.starts_with('[') ? value : '[' + value + ']';
}

}  // namespace

std::string option_description::heading() const {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  if (!value.empty()) out += (out.empty() ? "" : " ") + value;
  return out;
}

std::string_view command_description::short_name() const {
  return std::string_view{name}.substr(name.rfind(' ') + 1);
}

command_description describe(const CLI::App& app) {
  command_description out{.name = full_name(&app),
                          .about = app.get_description(),
                          .usage = {},
                          .arguments = {},
                          .commands = {},
                          .options = {},
                          .footer = app.get_footer()};
  out.usage = out.name + " [OPTIONS]";
  for (const CLI::Option* one : app.get_options()) {
    auto option = describe(*one);
    if (one->get_positional()) {
      out.usage += ' ' + argument_usage(*one, option.value);
      out.arguments.push_back(std::move(option));
    } else if (!one->get_group().empty()) {
      add(out.options, group_of(one->get_group(), "Options"), std::move(option));
    }
  }
  for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; }))
    add(out.commands, group_of(one->get_group(), "Commands"), describe(*one));
  if (!out.commands.empty()) out.usage += " COMMAND";
  return out;
}

}  // namespace tool
