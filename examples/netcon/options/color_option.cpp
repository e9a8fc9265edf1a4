// SPDX-License-Identifier: MIT
#include "options/color_option.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace tool {

CLI::Option* color_option::add_to(CLI::App& command) {
  return command
      .add_option("--color", when,
                  "Print colours: always, never, or auto, on a terminal without NO_COLOR set")
      ->option_text("WHEN")
      ->capture_default_str()
      ->check(CLI::Validator{[](std::string& text) {
                               return std::string{text == "always" || text == "auto" || text == "never"
                                                      ? ""
                                                      : "'" + text + "' is not always, auto or never"};
                             },
                             ""});
}

bool color_option::wanted(int fd) const {
  if (when != "auto") return when == "always";
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view{term} != "dumb") && ::isatty(fd) != 0;
}

}  // namespace tool
