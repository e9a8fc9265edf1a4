// SPDX-License-Identifier: MIT
// netcon format: a netconsole parameter in its shortest or its full form.
#include "commands/command.hpp"
#include "input/text_file.hpp"
#include "options/kernel_option.hpp"
#include "output/output.hpp"

#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>

#include <fmt/format.h>

#include <memory>
#include <string>

namespace tool {
namespace {

struct format_options {
  std::string text;
  kernel_option kernel;
  bool full = false;
};

int run(format_options o) {
  if (const auto path = explain_path(o.text); !path.empty()) return fail("format", path);
  o.text = netcon::value_of_argument(o.text);
  const auto p = o.kernel.profile();
  if (!p) return fail("format", p.error());
  const auto refused = [&](const netcon::error& e) {
    return fail("format", netcon::render_refusal(o.text, e, *p));
  };
  const auto parsed = netcon::parse_parameter(o.text, *p);
  if (!parsed) return refused(parsed.error());
  // A skipped target has no other form, and a formatter must not leave it out.
  if (!parsed->skipped().empty()) return refused(parsed->skipped().front());
  std::string result;
  for (const auto& one : *parsed) {
    if (!result.empty()) result += ';';
    result += to_string(o.full ? full(resolve(one.value, *p)) : shortest(one.value, *p));
  }
  put("{}\n", result);
  return exit_ok;
}

}  // namespace

CLI::App* add_format(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("format", "Write a netconsole parameter in its shortest or its full form");
  auto o = std::make_shared<format_options>();
  command
      ->add_option("parameter", o->text, "The value of netconsole=, with the name or a modprobe command too")
      ->required()
      ->option_text("PARAMETER");
  o->kernel.add_to(*command);
  command->add_flag("--full", o->full, "Write every field");
  command->footer(
      R"help(Examples:
  netcon format 6665@/eth0,6666@10.0.0.2/ff:ff:ff:ff:ff:ff
  netcon format @/,@10.0.0.2/ --full

Exit code: 0 written, 2 the kernel refuses some of it, or wrong usage.)help");
  command->callback([o, &exit_code] { exit_code = run(*o); });
  return command;
}

}  // namespace tool
