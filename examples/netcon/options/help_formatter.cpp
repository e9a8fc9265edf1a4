#include "options/help_formatter.hpp"

#include <string_view>

namespace tool {
namespace {

/// Breaks the text at blanks so that no line is longer than that.
std::string wrapped(std::string_view text, std::size_t width) {
  std::string out;
  while (text.size() > width) {
    const auto blank = text.rfind(' ', width);
    if (blank == text.npos) break;
    out += text.substr(0, blank);
    out += '\n';
    text.remove_prefix(blank + 1);
  }
  return out += text;
}

}  // namespace

std::string help_formatter::make_option_opts(const CLI::Option* option) const {
  if (!option->get_option_text().empty()) return " " + option->get_option_text();
  return option->get_type_size() == 0 || option->get_type_name().empty() ? "" : " " + option->get_type_name();
}

std::string help_formatter::make_option_desc(const CLI::Option* option) const {
  auto text = option->get_description();
  if (!option->get_default_str().empty()) text += " [" + option->get_default_str() + "]";
  return wrapped(text, 100 - get_column_width());
}

}  // namespace tool
