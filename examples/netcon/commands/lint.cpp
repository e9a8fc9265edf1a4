// netcon lint: what is wrong with netconsole parameters, alone and in boot configs.
#include "commands/command.hpp"
#include "input/lint_source.hpp"
#include "options/kernel_option.hpp"
#include "output/output.hpp"
#include "output/sarif.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/config_format.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace tool {
namespace {

struct lint_options {
  std::vector<std::string> texts, files;
  std::string format;
  kernel_option kernel;
  bool json = false, sarif = false, fix = false;
};

int usage_error(std::string_view problem) {
  say("netcon lint: {}\n", problem);
  return exit_usage;
}

/// A file without --file before it: every parameter has an '@'.
bool is_path(const std::string& text) {
  return text.find('/') != text.npos && text.find('@') == text.npos && ::access(text.c_str(), F_OK) == 0;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto format : netcon::config_formats) names.emplace_back(name(format));
  return names;
}

std::string to_json(const std::vector<source_findings>& all, const netcon::kernel_profile& kernel,
                    const std::string& assumption) {
  using nlohmann::ordered_json;
  auto sources = ordered_json::array();
  for (const auto& [source, found] : all) {
    auto list = ordered_json::array();
    for (const auto& d : found) {
      const auto place = netcon::line_column_of(source.text, d.where.begin);
      ordered_json one{{"code", name(d.code)},       {"severity", name(d.severity)}, {"begin", d.where.begin},
                       {"end", d.where.end},         {"line", place.line},           {"column", place.column},
                       {"message", message(d.code)}, {"hint", hint(d.code)}};
      if (d.fix)
        one["fix"] = {
            {"begin", d.fix->where.begin}, {"end", d.fix->where.end}, {"text", valid_utf8(d.fix->text)}};
      list.push_back(std::move(one));
    }
    ordered_json entry;
    if (source.name.empty()) {
      entry["text"] = valid_utf8(source.text);
    } else {
      entry["file"] = valid_utf8(source.name);
    }
    entry["findings"] = std::move(list);
    sources.push_back(std::move(entry));
  }
  ordered_json document{{"kernel", to_string(kernel.version())}, {"sources", sources}};
  if (!assumption.empty()) document["assumption"] = assumption;
  return document.dump(2) + "\n";
}

/// In place, because a boot config may be a link, and keeps its owner and mode.
bool replace_file(const std::string& path, std::string_view text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "r+b"), std::fclose};
  if (!file) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  return written && std::fflush(file.get()) == 0 &&
         ::ftruncate(::fileno(file.get()), static_cast<off_t>(text.size())) == 0;
}

int run(const lint_options& o) {
  if (o.texts.empty() && o.files.empty())
    return usage_error("give a parameter, --file FILE or - for standard input");
  const auto kernel = o.kernel.profile();
  if (!kernel) return usage_error(kernel.error());
  std::optional<netcon::config_format> forced;
  if (!o.format.empty()) forced = netcon::parse_config_format(o.format);

  std::vector<lint_source> sources;
  for (const auto& text : o.texts) {
    if (is_path(text))
      return usage_error(fmt::format("'{0}' is a file; netcon lint --file {0} reads it", text));
    if (text != "-") {
      sources.push_back({{}, text, std::nullopt});
      continue;
    }
    auto source = read_source("-", forced);
    if (!source) return usage_error(source.error());
    sources.push_back(std::move(*source));
  }
  for (const auto& path : o.files) {
    auto source = read_source(path, forced);
    if (!source) return usage_error(source.error());
    sources.push_back(std::move(*source));
  }

  std::vector<source_findings> all;
  for (auto& source : sources) {
    if (o.fix) {
      auto better = fixed(source, *kernel);
      const bool is_file = !source.name.empty() && source.name != "-";
      if (is_file && better != source.text) {
        if (!replace_file(source.name, better))
          return usage_error(fmt::format("{}: {}", source.name, std::strerror(errno)));
        say("netcon: fixed {}\n", source.name);
      }
      if (!is_file) put("{}{}", better, better.ends_with('\n') ? "" : "\n");
      source.text = std::move(better);
    }
    if (source.format && netcon::find_parameters(source.text, *source.format).empty())
      say("netcon lint: {}: no netconsole parameter in it\n", source.name);
    auto found = findings(source, *kernel);
    all.emplace_back(std::move(source), std::move(found));
  }

  const auto assumption = o.kernel.assumption();
  if (!assumption.empty() && !o.json) say("netcon lint: {}\n", assumption);
  const bool is_clean = std::all_of(all.begin(), all.end(), [](const source_findings& one) {
    return std::all_of(one.second.begin(), one.second.end(),
                       [](const auto& d) { return d.severity == netcon::severity::note; });
  });
  // With --fix standard output is the fixed text; findings that are left go to standard error.
  auto* out = o.fix ? stderr : stdout;
  if (o.json) {
    write_text(out, to_json(all, *kernel, assumption));
  } else if (o.sarif) {
    write_text(out, to_sarif(all));
  } else {
    for (const auto& [source, found] : all)
      for (const auto& d : found) write_text(out, rendered(source, d) + '\n');
  }
  return is_clean ? exit_ok : exit_findings;
}

}  // namespace

CLI::App* add_lint(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("lint", "Find what is wrong with netconsole parameters, and fix it");
  auto o = std::make_shared<lint_options>();
  command->add_option("parameter", o->texts, "Values of netconsole=; - reads one a line from standard input")
      ->option_text("[PARAMETER ...]");
  command->add_option("--file", o->files, "Read these boot configs, each in the format that its path tells")
      ->option_text("FILE ...");
  command->add_option("--format", o->format, fmt::format("Read files as {}", fmt::join(format_names(), ", ")))
      ->option_text("FORMAT")
      ->check(CLI::IsMember(format_names()));
  o->kernel.add_to(*command);
  auto* json = command->add_flag("--json", o->json, "Print one JSON document");
  command->add_flag("--sarif", o->sarif, "Print SARIF 2.1.0")->excludes(json);
  command->add_flag("--fix", o->fix, "Fix files in place, print fixed parameters, report the rest");
  command->footer(
      R"help(The path decides how a file is read: /etc/default/grub, grub.cfg, modprobe.d, loader entries, extlinux.conf,
cmdline.txt. Any other file has a parameter or a command line on each line.

Examples:
  netcon lint @/eth0,514@10.0.0.2/00:13:32:20:r9:a5
  netcon lint --fix '@/eth0,@10.0.0.2' --kernel running
  netcon lint --file /etc/default/grub /etc/modprobe.d/netconsole.conf
  netcon lint --file /proc/cmdline --kernel running

Exit code: 0 no errors or warnings, 1 errors or warnings, 2 wrong usage.)help");
  command->callback([o, &exit_code] { exit_code = run(*o); });
  return command;
}

}  // namespace tool
