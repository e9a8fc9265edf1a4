// SPDX-License-Identifier: MIT
#include "input/lint_source.hpp"

#include "input/text_file.hpp"

#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/recognise.hpp>
#include <netcon/lint/render.hpp>

#include <fmt/format.h>

#include <utility>

namespace tool {
namespace {

/// A list of parameters, but for a text that shows that it is a file of a kind that boots.
netcon::config_format format_of_stdin(std::string_view text) {
  using format = netcon::config_format;
  const auto found = netcon::recognise({}, text);
  const bool is_any = found == format::text || found == format::document || found == format::markup;
  return is_any || found == format::cmdline ? format::parameters : found;
}

}  // namespace

std::expected<lint_source, unread_file> read_source(const std::string& path,
                                                    std::optional<netcon::config_format> forced) {
  auto text = read_text_file(path);
  if (!text) {
    const bool is_large = text.error() == too_large_text;
    return std::unexpected{unread_file{is_large ? unread::too_large : unread::cannot_read,
                                       fmt::format("{}: {}", path, text.error())}};
  }
  const bool is_stdin = path == "-";
  if (!is_stdin && !netcon::is_text(*text))
    return std::unexpected{unread_file{unread::not_text, fmt::format("{}: not a text, skipped", path)}};
  const auto format = forced ? *forced : is_stdin ? format_of_stdin(*text) : netcon::recognise(path, *text);
  return lint_source{path, *std::move(text), format};
}

std::vector<netcon::finding> findings(const lint_source& source, const netcon::kernel_profile& kernel) {
  return source.name.empty() ? netcon::lint_argument(source.text, kernel)
                             : netcon::lint_config(source.text, source.format, kernel);
}

std::string fixed(const lint_source& source, const netcon::kernel_profile& kernel) {
  return source.name.empty() ? netcon::fixed_argument(source.text, kernel)
                             : netcon::fixed_config(source.text, source.format, kernel);
}

std::string rendered(const lint_source& source, const netcon::text_lines& lines, const netcon::finding& one) {
  return source.name.empty() ? netcon::render(source.text, one)
                             : netcon::render_in_file(source.name, source.text, lines, one);
}

}  // namespace tool
