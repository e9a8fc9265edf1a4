// SPDX-License-Identifier: MIT
#include "options/toml_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace tool {
namespace {

using text_or_mistake = std::expected<std::string, toml_mistake>;

class reader {
 public:
  explicit reader(std::string_view text) : rest_{text} {}

  std::expected<std::vector<toml_key>, toml_mistake> read_all() {
    std::vector<toml_key> out;
    for (skip_lines(); !rest_.empty(); skip_lines()) {
      auto one = read_key();
      if (!one) return std::unexpected{std::move(one.error())};
      const auto same = std::ranges::find(out, one->name, &toml_key::name);
      if (same != out.end())
        return std::unexpected{
            toml_mistake{one->line, fmt::format("{} is in line {} already: write an array for several values",
                                                one->name, same->line)}};
      out.push_back(*std::move(one));
    }
    return out;
  }

 private:
  std::unexpected<toml_mistake> fail(std::string what) const {
    return std::unexpected{toml_mistake{line_, std::move(what)}};
  }

  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  /// To what is no blank, no comment and no end of a line.
  void skip_lines() {
    for (skip_blanks(); !rest_.empty(); skip_blanks()) {
      if (rest_.starts_with('#')) rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      if (rest_.starts_with("\r\n")) rest_.remove_prefix(1);
      if (!rest_.starts_with('\n')) return;
      rest_.remove_prefix(1);
      ++line_;
    }
  }

  std::expected<toml_key, toml_mistake> read_key() {
    toml_key out{.name = {}, .values = {}, .line = line_};
    if (rest_.starts_with('[')) {
      const auto end = std::min(rest_.find_first_of("]\r\n"), rest_.size());
      return fail(
          fmt::format("[{}] is not known: write the keys without a section", rest_.substr(1, end - 1)));
    }
    auto name = read_value("write KEY = VALUE");
    if (!name) return std::unexpected{std::move(name.error())};
    out.name = *std::move(name);
    skip_blanks();
    if (!rest_.starts_with('=')) return fail(fmt::format("write KEY = VALUE: no '=' follows '{}'", out.name));
    rest_.remove_prefix(1);
    skip_blanks();
    if (rest_.starts_with('[')) {
      if (auto problem = read_array(out)) return std::unexpected{*std::move(problem)};
    } else {
      auto value = read_value(fmt::format("{} has no value", out.name));
      if (!value) return std::unexpected{std::move(value.error())};
      out.values.push_back(*std::move(value));
    }
    skip_blanks();
    if (!rest_.empty() && !rest_.starts_with('#') && !rest_.starts_with('\n') && !rest_.starts_with("\r\n"))
      return fail(
          fmt::format("{}: something follows the value: write quotes around all of it, and [ ] around "
                      "several values",
                      out.name));
    return out;
  }

  std::optional<toml_mistake> read_array(toml_key& to) {
    rest_.remove_prefix(1);
    for (bool needs_comma = false;; needs_comma = true) {
      skip_lines();
      if (needs_comma && rest_.starts_with(',')) {
        rest_.remove_prefix(1);
        skip_lines();
        needs_comma = false;
      }
      if (rest_.empty()) return toml_mistake{to.line, fmt::format("{}: the array has no ']'", to.name)};
      if (rest_.starts_with(']')) break;
      if (needs_comma)
        return toml_mistake{
            line_, fmt::format("{}: write a comma between two values, and ']' behind the last", to.name)};
      auto value = read_value(fmt::format("{}: a value is missing", to.name));
      if (!value) return std::move(value.error());
      to.values.push_back(*std::move(value));
    }
    rest_.remove_prefix(1);
    return std::nullopt;
  }

  text_or_mistake read_value(std::string without) {
    if (rest_.starts_with("\"\"\"") || rest_.starts_with("'''"))
      return fail("strings of several lines are not known: write one pair of quotes");
    if (rest_.starts_with('"')) return read_escaped();
    if (rest_.starts_with('\'')) {
      const auto end = rest_.find_first_of("'\n", 1);
      if (end == rest_.npos || rest_[end] == '\n') return fail("a string has no ' at its end");
      std::string out{rest_.substr(1, end - 1)};
      rest_.remove_prefix(end + 1);
      return out;
    }
    const auto end = std::min(rest_.find_first_of(" \t\r\n\"'#=,[]{}"), rest_.size());
    if (end == 0) return fail(std::move(without));
    std::string out{rest_.substr(0, end)};
    rest_.remove_prefix(end);
    return out;
  }

  text_or_mistake read_escaped() {
    std::string out;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != '"' && rest_[0] != '\n') {
      if (rest_[0] != '\\') {
        out += rest_[0];
        rest_.remove_prefix(1);
      } else if (!read_escape(out)) {
        return fail(fmt::format("'{}' is no escape: write \\\\ for a backslash, or single quotes",
                                rest_.substr(0, std::min(rest_.find('\n'), std::size_t{2}))));
      }
    }
    if (!rest_.starts_with('"')) return fail("a string has no \" at its end");
    rest_.remove_prefix(1);
    return out;
  }

  bool read_escape(std::string& to) {
    constexpr std::string_view letters = "btnfr\"\\", meant = "\b\t\n\f\r\"\\";
    const auto at = rest_.size() < 2 ? letters.npos : letters.find(rest_[1]);
    if (at == letters.npos) return false;
    to += meant[at];
    rest_.remove_prefix(2);
    return true;
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace

std::expected<std::vector<toml_key>, toml_mistake> read_toml_keys(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  return reader{text}.read_all();
}

}  // namespace tool
