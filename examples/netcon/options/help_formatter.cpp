#include "options/help_formatter.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {
namespace {

constexpr std::size_t line_width = 100;
constexpr std::size_t name_width = 27;  // of the column of names, its indentation included

/// Groups in the order of their first member; a row is a name and its text.
class grouped_rows {
 public:
  void add(std::string_view group, std::string name, std::string text) {
    auto at = std::ranges::find(groups_, group, &entry::first);
    if (at == groups_.end()) {
      groups_.emplace_back(group, rows{});
      at = groups_.end() - 1;
    }
    at->second.emplace_back(std::move(name), std::move(text));
  }

  std::string text() const {
    std::string out;
    for (const auto& [group, members] : groups_) {
      out += '\n' + group + ":\n";
      for (const auto& [name, about] : members) append_row(out, name, about);
    }
    return out;
  }

 private:
  using rows = std::vector<std::pair<std::string, std::string>>;
  using entry = std::pair<std::string, rows>;

  static void append_row(std::string& out, std::string_view name, std::string_view about) {
    auto line = "  " + std::string{name};
    // A long name has a line of its own.
    if (line.size() + 2 > name_width) {
      out += line + '\n';
      line.clear();
    }
    while (!about.empty()) {
      line.resize(name_width, ' ');
      auto length = about.size();
      if (name_width + length > line_width) {
        length = about.rfind(' ', line_width - name_width);
        if (length == about.npos) length = std::min(about.find(' '), about.size());
      }
      line += about.substr(0, length);
      out += line + '\n';
      about.remove_prefix(std::min(length + 1, about.size()));
      line.clear();
    }
  }

  std::vector<entry> groups_;
};

/// "[NAME ...]" says by itself that it may be left out.
std::string argument_usage(const CLI::Option& argument) {
  const auto text = argument.get_option_text();
  const auto shown = text.empty() ? argument.get_name(true) : text;
  return argument.get_required() || shown.starts_with("[") ? shown : '[' + shown + ']';
}

std::string names_of(const CLI::Option& option) {
  std::string out;
  for (const auto& name : option.get_snames()) out += (out.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames()) out += (out.empty() ? "--" : ", --") + name;
  const auto value = option.get_option_text();
  return value.empty() ? out : out + ' ' + value;
}

std::string about(const CLI::Option& option) {
  const bool is_flag = option.get_type_size() == 0;
  const auto standard = is_flag ? std::string{} : option.get_default_str();
  return option.get_description() + (standard.empty() ? "" : " [" + standard + ']');
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

}  // namespace

std::string help_formatter::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  grouped_rows arguments, options, commands;
  auto usage = "Usage: " + full_name(app) + " [OPTIONS]";
  for (const CLI::Option* one : app->get_options()) {
    if (one->get_positional()) {
      usage += ' ' + argument_usage(*one);
      const auto text = one->get_option_text();
      arguments.add("Arguments", text.empty() ? one->get_name(true) : text, about(*one));
    } else if (!one->get_group().empty()) {
      options.add(group_of(one->get_group(), "Options"), names_of(*one), about(*one));
    }
  }
  for (const CLI::App* one : app->get_subcommands([](const CLI::App*) { return true; }))
    commands.add(group_of(one->get_group(), "Commands"), one->get_name(), one->get_description());
  const auto list = commands.text();
  if (!list.empty()) usage += " COMMAND";
  auto out = app->get_description() + "\n\n" + usage + '\n' + arguments.text() + list + options.text();
  if (!app->get_footer().empty()) out += '\n' + app->get_footer() + '\n';
  return out;
}

}  // namespace tool
