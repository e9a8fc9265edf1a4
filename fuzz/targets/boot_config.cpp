// Any text as a file that holds kernel parameters: what is found stands where it is said to stand, and the
// kernel's command line is split as the kernel splits it.
#include "fuzz.hpp"

#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/lint_config.hpp>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  const auto format = static_cast<config_format>(in.below(6));
  const fuzz::exact_copy exact{in.rest().substr(0, 2000)};
  const auto text = exact.view();

  const auto found = netcon::find_parameters(text, format);
  const bool is_grub = format == config_format::grub_cfg || format == config_format::grub;
  std::size_t after = 0;
  for (const auto& one : found) {
    const auto& value = one.value.text();
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto place = one.value.place(i);
      check(place < text.size(), "a byte stands in the text");
      // What GRUB puts in shares the place of a neighbour, which need not belong to the value.
      const bool follows = i > 0 && one.value.place(i - 1) == place;
      const bool precedes = i + 1 < value.size() && one.value.place(i + 1) == place;
      const bool is_at_end = i == 0 || i + 1 == value.size();
      const bool is_escape =
          value[i] == '\\' && std::string_view{"\"'\\"}.find(text[place]) != std::string_view::npos;
      const bool is_put_in =
          is_grub && (is_escape || (value[i] == '"' && (follows || precedes || is_at_end)));
      check(text[place] == value[i] || is_put_in, "each byte stands where it is said to stand");
      check(i == 0 || one.value.place(i - 1) < place || (is_grub && follows), "bytes keep their order");
      check(place >= after, "values keep their order");
    }
    if (!value.empty()) after = one.value.place(value.size() - 1) + 1;
    const auto where = one.value.place_of({0, static_cast<std::uint32_t>(value.size())});
    check(where.end <= text.size(), "a value lies in the text");
  }

  if (format == config_format::cmdline && text.find_first_of(std::string_view{"\0\n", 2}) == text.npos) {
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
  const auto fixed = netcon::apply_fixes(text, problems);
  check(netcon::find_parameters(fixed, format).size() == found.size(),
        "fixes neither add nor remove parameters");
  return 0;
}
