// What netcon lint looks at: parameters from the command line, from standard input and from boot configs.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/finding.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct lint_source {
  std::string name;  // a path, "-", or empty for an argument
  std::string text;
  std::optional<netcon::config_format>
      format;  // nothing: one parameter a line, or for an argument the text itself
};

/// The names that --format takes.
std::vector<std::string> format_names();
std::optional<netcon::config_format> format_named(std::string_view name);

/// A file, its format from the path where none is forced. The error is one line.
std::expected<lint_source, std::string> read_source(const std::string& path,
                                                    std::optional<netcon::config_format> forced);

std::vector<netcon::finding> findings(const lint_source& source, const netcon::kernel_profile& p);

/// The source's text with all suggestions carried out, until none is left.
std::string fixed(lint_source source, const netcon::kernel_profile& p);

/// A refusal of this parameter as people read it, with all that lint has to say about the field at fault.
std::string rendered_refusal(std::string_view text, const netcon::error& refusal, const netcon::kernel_profile& p);

/// A finding as people read it, with FILE:LINE:COLUMN before it where there is a file.
std::string rendered(const lint_source& source, const netcon::finding& d);

}  // namespace tool
