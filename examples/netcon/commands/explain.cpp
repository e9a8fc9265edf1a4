// SPDX-License-Identifier: MIT
// netcon explain: how a kernel reads a netconsole parameter, field by field.
#include "commands/command.hpp"
#include "commands/explain_log.hpp"
#include "input/text_file.hpp"
#include "options/kernel_option.hpp"
#include "output/output.hpp"
#include "output/sarif.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/linux_errno.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/parameter/boot_log.hpp>
#include <netcon/parameter/explain.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

struct explain_options {
  std::string text;
  std::string log;
  kernel_option kernel;
  bool json = false;
};

/// What stands in a table for a field that is not written.
std::string written_or_dash(const netcon::field_reading& row) {
  return row.written.empty() ? "-" : netcon::printable(row.written);
}

void print_table(const std::vector<netcon::field_reading>& rows) {
  const netcon::field_reading head{"field", "written", "in force", "why"};
  std::size_t field = head.field.size(), written = head.written.size(), in_force = head.in_force.size();
  for (const auto& row : rows) {
    field = std::max(field, row.field.size());
    written = std::max(written, row.written.size());
    in_force = std::max(in_force, row.in_force.size());
  }
  const auto line = [&](const netcon::field_reading& row) {
    put("  {:{}}  {:{}}  {:{}}  {}\n", row.field, field, written_or_dash(row), written,
        netcon::printable(row.in_force), in_force, row.why);
  };
  line(head);
  for (const auto& row : rows) line(row);
}

std::string to_json(const std::string& text, const netcon::kernel_profile& p,
                    const std::expected<netcon::parameter, netcon::error>& parsed,
                    const std::vector<std::string>& log, const std::string& assumption) {
  using nlohmann::ordered_json;
  const auto refusal = [](const netcon::error& e) {
    return ordered_json{{"code", name(e.code)},
                        {"begin", e.where.begin},
                        {"end", e.where.end},
                        {"message", message(e.code)},
                        {"hint", hint(e.code)},
                        {"errno", netcon::kernel_errno(e.code)},
                        {"errno_name", name(static_cast<netcon::linux_errno>(netcon::kernel_errno(e.code)))}};
  };
  ordered_json document{
      {"kernel", to_string(p.version())}, {"text", valid_utf8(text)}, {"loads", parsed.has_value()}};
  auto targets = ordered_json::array(), skipped = ordered_json::array(), lines = ordered_json::array();
  if (parsed) {
    for (std::size_t i = 0; i < parsed->size(); ++i) {
      auto fields = ordered_json::array();
      for (const auto& row : netcon::explain((*parsed)[i].value, p))
        fields.push_back(
            {{"field", row.field},
             {"written", row.written.empty() ? ordered_json{} : ordered_json(valid_utf8(row.written))},
             {"in_force", valid_utf8(row.in_force)},
             {"why", row.why}});
      targets.push_back({{"name", fmt::format("cmdline{}", i)},
                         {"begin", (*parsed)[i].where.begin},
                         {"end", (*parsed)[i].where.begin + (*parsed)[i].where.size()},
                         {"fields", std::move(fields)}});
    }
    for (const auto& e : parsed->skipped()) skipped.push_back(refusal(e));
  } else {
    document["error"] = refusal(parsed.error());
  }
  for (const auto& line : log) lines.push_back(valid_utf8(line));
  document["targets"] = std::move(targets);
  document["skipped"] = std::move(skipped);
  document["log"] = std::move(lines);
  if (!assumption.empty()) document["assumption"] = assumption;
  return document.dump(2) + "\n";
}

int run(explain_options o) {
  if (const auto path = explain_path(o.text); !path.empty())
    return fail("explain",
                fmt::format("{}, netcon explain --log {} where it is a kernel's log", path, o.text));
  o.text = netcon::value_of_argument(o.text);
  const auto p = o.kernel.profile();
  if (!p) return fail("explain", p.error());
  const auto parsed = netcon::parse_parameter(o.text, *p);
  auto log = netcon::boot_log(o.text, *p);
  const auto start = netcon::start_log(o.text, *p);
  log.insert(log.end(), start.begin(), start.end());
  const bool is_clean = parsed && parsed->skipped().empty();
  if (o.json) {
    put("{}", to_json(o.text, *p, parsed, log, o.kernel.assumption()));
    return is_clean ? exit_ok : exit_findings;
  }

  const auto print_refusal = [&](const netcon::error& e) {
    put("{}\n\n", netcon::render_refusal(o.text, e, *p));
  };
  if (!parsed) {
    print_refusal(parsed.error());
    const auto number = static_cast<netcon::linux_errno>(netcon::kernel_errno(parsed.error().code));
    put("Linux {} refuses the whole parameter: {}, {}.\n", to_string(p->version()), name(number),
        message(number));
  } else {
    for (std::size_t i = 0; i < parsed->size(); ++i) {
      const auto& one = (*parsed)[i];
      if (i != 0) put("\n");
      put("cmdline{}: {}\n", i,
          netcon::printable(std::string_view{o.text}.substr(one.where.begin, one.where.size())));
      print_table(netcon::explain(one.value, *p));
    }
    if (parsed->size() > 1) put("\nRecords go to the last target first.\n");
    if (parsed->empty() && parsed->skipped().empty())
      put("{}\n", netcon::render(o.text, {netcon::text_errc::no_target, netcon::severity::warning, {}, {}}));
    if (!parsed->skipped().empty() && !parsed->empty()) put("\n");
    for (const auto& e : parsed->skipped()) print_refusal(e);
    if (!parsed->skipped().empty())
      put("Linux {} skips what it refuses and {}.\n", to_string(p->version()),
          parsed->empty() ? "has no target" : "loads the rest");
  }
  if (!log.empty()) put("\nThe kernel logs:\n");
  for (const auto& line : log) put("  {}\n", netcon::printable(line));
  if (!start.empty() && parsed->empty())
    put("'network logging started' says that netconsole is loaded: no target exists.\n");
  if (const auto assumed = o.kernel.assumption(); !assumed.empty()) put("\n{}.\n", assumed);
  return is_clean ? exit_ok : exit_findings;
}

}  // namespace

CLI::App* add_explain(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("explain", "Explain how a kernel reads a netconsole parameter");
  auto o = std::make_shared<explain_options>();
  auto* parameter = command
                        ->add_option("parameter", o->text,
                                     "The value of netconsole=, with the name or a modprobe command too")
                        ->option_text("PARAMETER");
  auto* log =
      command
          ->add_option("--log", o->log,
                       "Read a kernel's log instead and explain its lines; without FILE standard input")
          ->expected(0, 1)
          ->default_str("-")
          ->option_text("[FILE]");
  o->kernel.add_to(*command);
  command->add_flag("--json", o->json, "Print one JSON document");
  command->footer(
      R"help(Examples:
  netcon explain @/eth0,@10.0.0.2/
  netcon explain '@/,@10.0.0.2/;+6666@/eth1,514@fd00::2/' --kernel 6.1
  dmesg | netcon explain --log

Exit code: 0 the kernel accepts all of it, 1 it refuses something or the log has a bad line, 2 wrong usage.)help");
  command->callback([o, parameter, log, &exit_code] {
    if (log->count() != 0 && parameter->count() == 0) {
      exit_code = explain_log(o->log, o->json);
    } else if (log->count() == 0 && parameter->count() != 0) {
      exit_code = run(*o);
    } else {
      say("netcon explain: give either a PARAMETER or --log; see netcon explain --help\n");
      exit_code = exit_usage;
    }
  });
  return command;
}

}  // namespace tool
