// SPDX-License-Identifier: MIT
// The tables of docs/ say what the code says, and every example there is what it claims to be.
#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/lint_config.hpp>

#include "support/catch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

using namespace netcon;

namespace {

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream file{std::string{TEST_DATA_DIR "/../../docs/"} + name};
  REQUIRE(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string{"\\|"} : std::string{c};
  return result;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
    } else {
      const char next = text[++i];
      result += next == 'n' ? '\n' : next == '0' ? '\0' : next;
    }
  }
  return result;
}

bool has(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

bool is_about_parameters(text_errc code) {
  const auto number = static_cast<unsigned>(code);
  return number >= 11 && number < 150 && code != text_errc::bad_address_range;
}

std::ptrdiff_t table_rows(const std::vector<std::string>& lines) {
  return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("| ") && !line.starts_with("| ---") && !line.starts_with("| code") &&
           !line.starts_with("| feature");
  });
}

}  // namespace

TEST_CASE("docs/errors.md has a row for every code, and no other") {
  const auto lines = lines_of("errors.md");
  for (const auto& row : error_texts) {
    const auto link =
        is_about_parameters(row.code) ? fmt::format("[{0}](#{0})", row.name) : std::string{row.name};
    const auto expected = fmt::format("| {} | {} | {} | {} |", link, static_cast<unsigned>(row.code),
                                      cell(row.message), cell(row.hint));
    CAPTURE(expected);
    CHECK(has(lines, expected));
  }
  CHECK(table_rows(lines) == static_cast<std::ptrdiff_t>(error_texts.size()));
}

TEST_CASE("every code about parameters has a section, whose example shows it") {
  const auto lines = lines_of("errors.md");
  std::size_t examples = 0;
  for (const auto& row : error_texts) {
    if (!is_about_parameters(row.code)) continue;
    const auto title = std::find(lines.begin(), lines.end(), fmt::format("### {}", row.name));
    CAPTURE(row.name);
    REQUIRE(title != lines.end());
    const auto& example = *(title + 2);
    if (!example.starts_with("Example")) continue;
    const auto first = example.find('`') + 1;
    const auto text = unescaped(std::string_view{example}.substr(first, example.size() - 1 - first));
    const auto where = example.substr(0, first);
    auto p = kernel_profile::latest();
    if (const auto on = where.find(" on Linux "); on != where.npos)
      p = kernel_profile(kernel_version::parse(where.substr(on + 10, where.find(':', on) - on - 10)).value());
    if (const auto without = where.find(" without "); without != where.npos)
      p = p.without(find_feature(where.substr(without + 9, where.find(':') - without - 9)).value());
    auto format = std::optional<config_format>{};
    if (const auto in = where.find(" in "); in != where.npos) {
      format = parse_config_format(std::string_view{where}.substr(in + 4, where.find(':', in) - in - 4));
      REQUIRE(format);
    }
    const auto found = format ? lint_config(text, *format, p) : lint(text, p);
    const auto shown =
        std::find_if(found.begin(), found.end(), [&](const auto& d) { return d.code == row.code; });
    REQUIRE(shown != found.end());
    CHECK((shown->severity == severity::error) == (static_cast<unsigned>(row.code) < 50));
    ++examples;
  }
  CHECK(examples >= 65);
}

TEST_CASE("docs/lint.md has a row for each format, and no other") {
  const auto lines = lines_of("lint.md");
  for (const auto& kind : config_kinds) {
    std::string paths;
    for (const char c : kind.paths) paths += c == ' ' ? std::string{"`, `"} : std::string{c};
    if (!paths.empty()) paths = "`" + paths + "`";
    const auto expected = fmt::format("| `{}` | {} | {} |", kind.name, paths, kind.reads);
    CAPTURE(expected);
    CHECK(has(lines, expected));
  }
  const auto rows = std::ranges::count_if(lines, [](const auto& line) { return line.starts_with("| `"); });
  CHECK(rows == static_cast<std::ptrdiff_t>(config_kinds.size()) + 1);  // and the head
}

TEST_CASE("the pre-commit hook passes the boot configs of the table") {
  std::string pattern;
  for (const auto& kind : config_kinds) {
    if (!kind.is_boot_config) continue;
    if (!pattern.empty()) pattern += '|';
    for (const char c : kind.paths) {
      if (c == ' ')
        pattern += '|';
      else if (c == '*')
        pattern += "[^/]*";
      else
        pattern += c == '.' ? std::string{"\\."} : std::string{c};
    }
  }
  const auto lines = lines_of("../.pre-commit-hooks.yaml");
  const auto expected = fmt::format("  files: (^|/)({})$", pattern);
  CAPTURE(expected);
  CHECK(has(lines, expected));
}

TEST_CASE("docs/kernels.md shows the rows of the feature tables") {
  const auto lines = lines_of("kernels.md");
  const auto shown = [](const kernel_version& v) { return to_string(v); };
  for (const auto& row : feature_table) {
    std::string backports;
    for (const auto& b : row.backports) backports += (backports.empty() ? "" : ", ") + shown(b);
    // Between the two: which kernels were booted.
    const auto begin =
        fmt::format("| {} | {} | {} | ", row.name, shown(row.since), backports.empty() ? "-" : backports);
    const auto end = fmt::format(" | {} |", cell(row.note));
    CAPTURE(begin, end);
    CHECK(std::ranges::count_if(lines, [&](const std::string& line) {
            return line.starts_with(begin) && line.ends_with(end) && line.size() > begin.size() + end.size();
          }) == 1);
  }
  for (const auto& row : build_option_table) {
    const auto expected = fmt::format("| {} | {} | {} |", row.name, row.usual ? "yes" : "no", cell(row.note));
    CAPTURE(expected);
    CHECK(has(lines, expected));
  }
  const auto crashes = std::ranges::find(lines, "## What arrives of a crash");
  CHECK(table_rows({lines.begin(), crashes}) ==
        static_cast<std::ptrdiff_t>(feature_table.size() + build_option_table.size()));
}

TEST_CASE("docs/grammar.md: every example has the outcome listed") {
  std::size_t examples = 0;
  for (const auto& line : lines_of("grammar.md")) {
    if (!line.starts_with("| `")) continue;
    const auto text_end = line.find('`', 3);
    const auto text = unescaped(std::string_view{line}.substr(3, text_end - 3));
    const auto verdict = line.find("| ", text_end) + 2;
    CAPTURE(line);
    const auto all = parse_parameter(text);
    REQUIRE(all);
    if (line.compare(verdict, 5, "taken") == 0) {
      CHECK(all->skipped().empty());
    } else {
      REQUIRE(all->skipped().size() == 1);
      const auto code = line.substr(verdict + 9, line.find(']', verdict) - verdict - 9);
      CHECK(line.compare(verdict, 9, "refused [") == 0);
      CHECK(name(all->skipped()[0].code) == code);
    }
    ++examples;
  }
  CHECK(examples >= 30);
}

TEST_CASE("docs/doctor.md has the checks of the table, with their questions") {
  const auto lines = lines_of("doctor.md");
  for (const auto& row : doctor::check_table) {
    INFO(row.name);
    CHECK(has(lines, fmt::format("| `{}` | {} |", row.name, row.question)));
  }
}
