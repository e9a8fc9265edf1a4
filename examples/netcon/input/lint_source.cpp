#include "input/lint_source.hpp"

#include "input/text_file.hpp"

#include <netcon/lint/lint.hpp>
#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/render.hpp>

#include <fmt/format.h>

#include <utility>

namespace tool {

std::expected<lint_source, std::string> read_source(const std::string& path,
                                                    std::optional<netcon::config_format> forced) {
  auto text = read_text_file(path);
  if (!text) return std::unexpected{fmt::format("{}: {}", path, text.error())};
  return lint_source{path, *std::move(text), forced ? forced : netcon::format_of_path(path)};
}

std::vector<netcon::finding> findings(const lint_source& source, const netcon::kernel_profile& kernel) {
  if (source.format) return netcon::lint_config(source.text, *source.format, kernel);
  return source.name.empty() ? netcon::lint(source.text, kernel) : netcon::lint_lines(source.text, kernel);
}

std::string fixed(const lint_source& source, const netcon::kernel_profile& kernel) {
  if (source.format) return netcon::fixed_config(source.text, *source.format, kernel);
  return source.name.empty() ? netcon::fixed(source.text, kernel) : netcon::fixed_lines(source.text, kernel);
}

std::string rendered(const lint_source& source, const netcon::finding& one) {
  return source.name.empty() ? netcon::render(source.text, one)
                             : netcon::render_in_file(source.name, source.text, one);
}

}  // namespace tool
