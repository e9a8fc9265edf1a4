// SPDX-License-Identifier: MIT
#include "reference/man_page.hpp"

#include "reference/footer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tool {
namespace {

/// Text as roff prints it: a hyphen that one can copy, no request at the beginning of a line.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool at_the_beginning = out.empty() || out.back() == '\n';
    if (at_the_beginning && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

/// The argument of a macro.
std::string in_quotes(std::string_view text) {
  auto out = escaped(text);
  for (std::size_t at = 0; (at = out.find('"', at)) != out.npos; at += 2) out.insert(at, 1, '"');
  return '"' + out + '"';
}

std::string page_name(std::string_view command) {
  std::string out{command};
  std::ranges::replace(out, ' ', '-');
  return out;
}

/// "--keep N" with the name bold and the value in italics.
std::string heading(const option_description& option) {
  std::string out;
  for (const auto& name : option.names) out += (out.empty() ? "\\fB" : ", \\fB") + escaped(name) + "\\fR";
  if (!option.value.empty()) out += (out.empty() ? "\\fI" : " \\fI") + escaped(option.value) + "\\fR";
  return out;
}

void append_option(std::string& out, const option_description& option) {
  out += ".TP\n" + heading(option) + '\n' + escaped(option.about) + '\n';
  if (!option.standard.empty()) out += ".br\nDefault: " + escaped(option.standard) + '\n';
}

void append_block(std::string& out, std::string_view text) {
  out += ".nf\n.RS\n" + escaped(text) + "\n.RE\n.fi\n";
}

std::string without_indentation(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("  ")) line.remove_prefix(2);
    out += (out.empty() ? "" : "\n") + std::string{line};
  }
  return out;
}

/// A block in the text of the help is indented, after a line that ends with a colon.
void append_paragraph(std::string& out, std::string_view text) {
  if (const auto block = text.find(":\n  "); block != text.npos) {
    out += ".PP\n" + escaped(text.substr(0, block + 1)) + '\n';
    append_block(out, without_indentation(text.substr(block + 2)));
  } else {
    out += ".PP\n" + escaped(text) + '\n';
  }
}

void append_names(std::vector<std::string>& out, const command_description& command) {
  out.push_back(command.name);
  for (const auto& group : command.commands)
    for (const auto& one : group.members) append_names(out, one);
}

std::string see_also(const command_description& root, const command_description& command) {
  std::vector<std::string> names;
  append_names(names, root);
  std::ranges::sort(names);
  std::erase(names, command.name);
  std::string out;
  for (const auto& name : names)
    out += fmt::format(".BR {} (1){}\n", escaped(page_name(name)), name == names.back() ? "" : ",");
  return out;
}

}  // namespace

std::string man_page_name(const command_description& command) {
  return page_name(command.name) + ".1";
}

std::string make_man_page(const command_description& root, const command_description& command,
                          std::string_view version, std::string_view notes) {
  const auto name = page_name(command.name);
  auto upper = name;
  for (auto& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const auto footer = split_footer(command.footer);

  auto out = fmt::format(".TH {} 1 \"\" {} \"netcon manual\"\n", in_quotes(upper), in_quotes(version));
  // Names of options and fields stay whole, to be copied and found.
  out += ".nh\n.ad l\n";
  out += fmt::format(".SH NAME\n{} \\- {}\n", escaped(name), escaped(command.about));
  auto words = command.usage.substr(command.name.size());
  out += fmt::format(".SH SYNOPSIS\n\\fB{}\\fR{}\n", escaped(command.name), escaped(words));
  out += ".SH DESCRIPTION\n" + escaped(command.about) + ".\n";
  for (const auto& paragraph : footer.paragraphs) append_paragraph(out, paragraph);
  if (!command.arguments.empty()) {
    out += ".SH ARGUMENTS\n";
    for (const auto& argument : command.arguments) append_option(out, argument);
  }
  if (!command.commands.empty()) out += ".SH COMMANDS\n";
  for (const auto& group : command.commands) {
    if (command.commands.size() > 1) out += fmt::format(".SS {}\n", in_quotes(group.name));
    for (const auto& one : group.members)
      out += fmt::format(".TP\n.BR {} (1)\n{}\n", escaped(page_name(one.name)), escaped(one.about));
  }
  out += ".SH OPTIONS\n";
  for (const auto& group : command.options) {
    if (group.name != "Options") out += fmt::format(".SS {}\n", in_quotes(group.name));
    for (const auto& option : group.members) append_option(out, option);
  }
  out += notes;
  if (!footer.examples.empty()) {
    out += ".SH EXAMPLES\n";
    append_block(out, without_indentation(footer.examples));
  }
  if (!footer.exit_code.empty()) out += ".SH EXIT STATUS\n" + escaped(footer.exit_code) + '\n';
  return out + ".SH SEE ALSO\n" + see_also(root, command);
}

}  // namespace tool
