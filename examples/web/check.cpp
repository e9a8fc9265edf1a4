// SPDX-License-Identifier: MIT
#include "check.hpp"

#include "findings.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/lint_config.hpp>
#include <netcon/parameter/boot_log.hpp>
#include <netcon/parameter/explain.hpp>
#include <netcon/parameter/parse.hpp>

#include <string>

namespace checker {
namespace {

void write_refusal(json_writer& out, const netcon::error& refusal) {
  out.begin_object();
  out.member("code", name(refusal.code));
  out.member("begin", refusal.where.begin);
  out.member("end", refusal.where.end);
  out.member("message", message(refusal.code));
  out.member("hint", hint(refusal.code));
  out.end_object();
}

void write_target(json_writer& out, const netcon::target& target, const netcon::kernel_profile& kernel) {
  out.begin_array();
  for (const auto& row : netcon::explain(target, kernel)) {
    out.begin_object();
    out.member("field", row.field);
    out.key("written");
    if (row.written.empty()) {
      out.json("null");
    } else {
      out.value(row.written);
    }
    out.member("in_force", row.in_force);
    out.member("why", row.why);
    out.end_object();
  }
  out.end_array();
}

void write_parameter(json_writer& out, std::string_view value, const netcon::kernel_profile& kernel) {
  const auto parsed = netcon::parse_parameter(value, kernel);
  out.begin_object();
  out.member("value", value);
  out.member("loads", parsed.has_value());
  if (!parsed) {
    out.key("error");
    write_refusal(out, parsed.error());
  }
  out.key("targets");
  out.begin_array();
  if (parsed)
    for (const auto& one : *parsed) write_target(out, one.value, kernel);
  out.end_array();
  out.key("skipped");
  out.begin_array();
  if (parsed)
    for (const auto& refusal : parsed->skipped()) write_refusal(out, refusal);
  out.end_array();
  out.key("log");
  out.begin_array();
  for (const auto& line : netcon::boot_log(value, kernel)) out.value(line);
  for (const auto& line : netcon::start_log(value, kernel)) out.value(line);
  out.end_array();
  out.end_object();
}

}  // namespace

void write_check(json_writer& out, std::string_view text, std::optional<netcon::config_format> format,
                 const netcon::kernel_profile& kernel) {
  const auto found =
      format ? netcon::lint_config(text, *format, kernel) : netcon::lint_argument(text, kernel);
  const auto better =
      format ? netcon::fixed_config(text, *format, kernel) : netcon::fixed_argument(text, kernel);
  out.member("format", format ? name(*format) : "parameter");
  write_findings(out, text, found);
  if (better != text) out.member("fixed", better);

  out.key("parameters");
  out.begin_array();
  if (!format) {
    write_parameter(out, netcon::value_of_argument(text), kernel);
  } else {
    using netcon::feature;
    for (const auto& one : netcon::find_parameters(text, *format))
      write_parameter(out, one.value.text(),
                      one.for_module ? kernel.with(feature::module) : kernel.without(feature::module));
  }
  out.end_array();
}

}  // namespace checker
