// SPDX-License-Identifier: MIT
// Any text in any format: what is found is where it is said to be, the kernel's command line is split as the
// kernel splits it, and fixes change nothing outside values.
#include "fuzz.hpp"

#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/lint_config.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

using fuzz::check;

namespace {

using netcon::config_format;

/// The kernel's rules once more, written plainly: (value, given to the module) in order.
std::vector<std::pair<std::string, bool>> split_as_kernel(std::string_view line) {
  std::vector<std::pair<std::string, bool>> found;
  const auto blank = [](char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || static_cast<unsigned char>(c) == 0xa0;
  };
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && blank(line[at])) ++at;
    if (at == line.size()) return found;
    std::string word;
    for (bool inside = false; at < line.size() && (inside || !blank(line[at])); ++at) {
      if (line[at] == '"') inside = !inside;
      word += line[at];
    }
    const bool whole_quoted = word.starts_with('"');
    if (whole_quoted) word.erase(0, 1);
    const auto equals = word.find('=');
    if (equals == word.npos) {
      if (whole_quoted && word.ends_with('"')) word.pop_back();
      if (word == "--") return found;
      continue;
    }
    auto name = word.substr(0, equals), value = word.substr(equals + 1);
    bool closing = whole_quoted;
    if (value.starts_with('"')) {
      value.erase(0, 1);
      closing = true;
    }
    if (closing && value.ends_with('"')) value.pop_back();
    for (auto& c : name)
      if (c == '-') c = '_';
    if (name == "netconsole") found.emplace_back(value, false);
    if (name == "netconsole.netconsole") found.emplace_back(value, true);
  }
}

// In the order of the seeds.
constexpr std::array formats = [] {
  std::array all = netcon::config_formats;
  std::array first{config_format::cmdline,  config_format::modprobe, config_format::grub,
                   config_format::grub_cfg, config_format::bls,      config_format::extlinux};
  std::copy(first.begin(), first.end(), all.begin());
  std::size_t at = first.size();
  for (const auto one : netcon::config_formats)
    if (std::find(first.begin(), first.end(), one) == first.end()) all[at++] = one;
  return all;
}();

/// Whether a text may hold a template, whose blanks end no argument.
bool may_hold_template(std::string_view text) {
  return text.find_first_of("{<(") != text.npos;
}

/// Lines with neither the name of the parameter nor a byte of a value are the same before and after. Where a
/// backslash continues a line it is one with the next.
bool same_other_lines(std::string_view before, std::string_view after,
                      const std::vector<netcon::text_range>& values, bool continues) {
  for (std::size_t start = 0; !before.empty() || !after.empty();) {
    const auto take = [&](std::string_view& text) {
      auto end = text.find('\n');
      while (continues && end != text.npos && end > 0 && text[end - 1] == '\\')
        end = text.find('\n', end + 1);
      const auto line = text.substr(0, end);
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      return line;
    };
    const auto one = take(before), other = take(after);
    const auto is_in_line = [&](const netcon::text_range& value) {
      return value.begin <= start + one.size() && value.end >= start;
    };
    if (one != other && one.find("netconsole") == one.npos && std::ranges::none_of(values, is_in_line))
      return false;
    start += one.size() + 1;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  const auto format = formats[in.below(static_cast<std::uint32_t>(formats.size()))];
  const fuzz::exact_copy exact{in.rest().substr(0, 2000)};
  const auto text = exact.view();

  const auto found = netcon::find_parameters(text, format);
  const bool is_grub = format == config_format::grub_cfg || format == config_format::grub;
  std::uint32_t after = 0;
  std::vector<netcon::text_range> values;
  for (const auto& one : found) {
    const auto& value = one.value.text();
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto place = one.value.place(i);
      check(place < text.size(), "a byte is in the text");
      const bool is_escape =
          value[i] == '\\' && std::string_view{"\"'\\"}.find(text[place]) != std::string_view::npos;
      const bool is_put_in = is_grub && (is_escape || value[i] == '"');
      const bool is_entity = format == config_format::markup && text[place] == '&' && value[i] == ';';
      check(text[place] == value[i] || is_put_in || is_entity, "each byte is where it is said to be");
      check(is_grub || i == 0 || one.value.place(i - 1) < place, "bytes keep their order");
      values.push_back(netcon::text_range::between(place, place + 1));  // a value may have other lines inside
    }
    const auto where = one.value.place_of({0, static_cast<std::uint32_t>(value.size())});
    check(where.end <= text.size(), "a value is in the text");
    check(where.begin >= after, "values keep their order");
    after = where.begin;
    values.push_back(where);
  }

  if (format == config_format::cmdline && text.find_first_of(std::string_view{"\0\n", 2}) == text.npos &&
      !may_hold_template(text)) {
    const auto expected = split_as_kernel(text);
    check(expected.size() == found.size(), "as many parameters as the kernel finds");
    for (std::size_t i = 0; i < expected.size(); ++i)
      check(expected[i].first == found[i].value.text() && expected[i].second == found[i].for_module,
            "the values that the kernel finds");
  }

  const auto problems = netcon::lint_config(text, format);
  for (const auto& d : problems) {
    check(d.where.end <= text.size(), "a finding lies in the text");
    if (d.fix) check(d.fix->where.end <= text.size(), "a fix lies in the text");
    const auto [line, column] = netcon::line_column_of(text, d.where.begin);
    check(line >= 1 && column >= 1, "lines and columns count from 1");
    const auto around = netcon::line_around(text, d.where.begin);
    check(around.end <= text.size(), "a line lies in the text");
  }
  const auto fixed = netcon::fixed_config(text, format);
  if (format != config_format::parameters && format != config_format::grub)
    check(same_other_lines(text, fixed, values,
                           format == config_format::modprobe || format == config_format::grub_cfg),
          "lines without a value stay as they are");
  check(netcon::fixed_config(fixed, format) == fixed, "a second fix changes nothing");
  return 0;
}
