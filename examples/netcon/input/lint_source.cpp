#include "input/lint_source.hpp"

#include "input/text_file.hpp"

#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/render.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tool {

namespace {

constexpr std::array<std::pair<std::string_view, netcon::config_format>, 6> formats{{
    {"cmdline", netcon::config_format::cmdline},
    {"modprobe", netcon::config_format::modprobe},
    {"grub", netcon::config_format::grub},
    {"grub.cfg", netcon::config_format::grub_cfg},
    {"bls", netcon::config_format::bls},
    {"extlinux", netcon::config_format::extlinux},
}};

void shift(netcon::finding& d, std::size_t by) {
  const auto move = [&](netcon::text_range& where) {
    where = netcon::text_range::between(where.begin + by, where.end + by);
  };
  move(d.where);
  if (d.fix) move(d.fix->where);
}

/// One parameter or command line a line; '#' begins a comment line.
std::vector<netcon::finding> findings_by_line(std::string_view text, const netcon::kernel_profile& p) {
  std::vector<netcon::finding> all;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    const auto line = text.substr(start, end - start);
    const auto first = line.find_first_not_of(" \t\r");
    const bool is_skipped = first == line.npos || line[first] == '#';
    if (!is_skipped) {
      auto found = line.find("netconsole=") == line.npos
                       ? netcon::lint(line, p)
                       : netcon::lint_config(line, netcon::config_format::cmdline, p);
      for (auto& d : found) {
        shift(d, start);
        all.push_back(std::move(d));
      }
    }
    start = end + 1;
  }
  return all;
}

/// Of a line much longer than a parameter, and than a screen is wide, the part around the place.
std::string rendered_part(std::string_view line, netcon::finding d) {
  constexpr std::size_t most = 512, around = 128;
  if (line.size() <= most) return netcon::render(line, d);
  const auto is_inside = [&](std::size_t at) {  // of a character of UTF-8
    return at < line.size() && (line[at] & 0xc0) == 0x80;
  };
  std::size_t first = d.where.begin - std::min<std::size_t>(d.where.begin, around);
  for (int i = 0; i < 3 && first > 0 && is_inside(first); ++i) --first;
  std::size_t last = std::min({d.where.end + around, first + most, line.size()});
  for (int i = 0; i < 3 && is_inside(last); ++i) ++last;
  constexpr std::string_view more = "...";
  std::string part{first == 0 ? "" : more};
  const auto shift = [&](netcon::text_range& where) {
    const auto size = where.size();
    where.begin = static_cast<std::uint32_t>(where.begin - first + part.size());
    where.end = where.begin +
                std::min(size, static_cast<std::uint32_t>(part.size() + last - first - where.begin));
  };
  if (d.fix) {
    const auto& where = d.fix->where;
    if (where.begin < first || where.end > last) {
      d.fix.reset();
    } else {
      shift(d.fix->where);
    }
  }
  shift(d.where);
  part += line.substr(first, last - first);
  if (last != line.size()) part += more;
  return netcon::render(part, d);
}

}  // namespace

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  names.reserve(formats.size());
  for (const auto& [name, format] : formats) names.emplace_back(name);
  return names;
}

std::optional<netcon::config_format> format_named(std::string_view name) {
  for (const auto& [known, format] : formats)
    if (known == name) return format;
  return std::nullopt;
}

std::expected<lint_source, std::string> read_source(const std::string& path,
                                                    std::optional<netcon::config_format> forced) {
  auto text = read_text_file(path);
  if (!text) return std::unexpected{fmt::format("{}: {}", path, text.error())};
  return lint_source{path, *std::move(text), forced ? forced : netcon::format_of_path(path)};
}

std::vector<netcon::finding> findings(const lint_source& source, const netcon::kernel_profile& p) {
  if (source.format) return netcon::lint_config(source.text, *source.format, p);
  return source.name.empty() ? netcon::lint(source.text, p) : findings_by_line(source.text, p);
}

std::string fixed(lint_source source, const netcon::kernel_profile& p) {
  constexpr int rounds = 16;
  for (int round = 0; round < rounds; ++round) {
    auto better = netcon::apply_fixes(source.text, findings(source, p));
    if (better == source.text) break;
    source.text = std::move(better);
  }
  return source.text;
}

std::string rendered_refusal(std::string_view text, const netcon::error& refusal, const netcon::kernel_profile& p) {
  std::string result;
  for (const auto& d : netcon::lint(text, p)) {
    const bool is_refusal = d.code == refusal.code && d.where == refusal.where;
    const bool is_inside = d.severity == netcon::severity::warning && d.where.begin >= refusal.where.begin &&
                           d.where.end <= refusal.where.end;
    if (!is_refusal && !is_inside) continue;
    if (!result.empty()) result += '\n';
    result += rendered_part(text, d);
  }
  return result;
}

std::string rendered(const lint_source& source, const netcon::finding& d) {
  if (source.name.empty()) return rendered_part(source.text, d);
  const auto [line, column] = netcon::line_column_of(source.text, d.where.begin);
  const auto around = netcon::line_around(source.text, d.where.begin);
  const auto inside = [&](const netcon::text_range& where) {
    return where.begin >= around.begin && where.end <= around.end;
  };
  auto moved = d;
  if (moved.fix && !inside(moved.fix->where)) moved.fix.reset();
  const auto move = [&](netcon::text_range& where) {
    where = {where.begin - around.begin, std::min(where.end, around.end) - around.begin};
  };
  move(moved.where);
  if (moved.fix) move(moved.fix->where);
  return fmt::format(
      "{}:{}:{}: {}", source.name, line, column,
      rendered_part(std::string_view{source.text}.substr(around.begin, around.size()), moved));
}

}  // namespace tool
