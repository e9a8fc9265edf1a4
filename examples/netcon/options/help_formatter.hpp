// How --help looks: an option, what it is for, its default; lines of 100 columns.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace tool {

class help_formatter : public CLI::Formatter {
 public:
  help_formatter() { column_width(27); }

  /// The option's own words only: what excludes what is told when somebody tries.
  std::string make_option_opts(const CLI::Option*) const override;
  std::string make_option_desc(const CLI::Option*) const override;
};

}  // namespace tool
