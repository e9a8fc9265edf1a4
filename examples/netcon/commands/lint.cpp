// SPDX-License-Identifier: MIT
// netcon lint: what is wrong with netconsole parameters, alone and in boot configs.
#include "commands/command.hpp"
#include "input/file_tree.hpp"
#include "input/lint_source.hpp"
#include "input/text_file.hpp"
#include "options/bracketed_text.hpp"
#include "options/kernel_option.hpp"
#include "output/output.hpp"
#include "output/sarif.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/text_lines.hpp>
#include <netcon/os/descriptor.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

struct lint_options {
  std::vector<std::string> texts, files;
  std::string format;
  kernel_option kernel;
  bool json = false, sarif = false, fix = false;
};

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
    const netcon::text_lines lines{source.text};
    for (const auto& d : found) {
      const auto place = lines.place(d.where.begin);
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

/// In place, because a boot config may be a link, and keeps its owner and mode. Gives errno, 0 for none: a
/// file for whose new bytes there is no room is left as it was.
int replace_file(const std::string& path, std::string_view old, std::string_view text) {
  const netcon::descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!file) return errno;
  const auto room = [](std::string_view one) { return static_cast<off_t>(one.size()); };
  if (text.size() > old.size()) {
    const int problem = ::posix_fallocate(file.get(), room(old), room(text.substr(old.size())));
    if (problem != 0 && problem != EOPNOTSUPP && problem != EINVAL) {  // of file systems that cannot say it
      static_cast<void>(!::ftruncate(file.get(), room(old)));
      return problem;
    }
  }
  if (const auto problem = write_all(file.get(), text)) return problem.value();
  return ::ftruncate(file.get(), room(text)) == 0 && ::fsync(file.get()) == 0 ? 0 : errno;
}

bool is_directory(const std::string& path) {
  struct ::stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// What a walk through directories came to.
struct walk_counts {
  std::size_t files = 0, with_findings = 0, not_text = 0, too_large = 0, unreadable = 0;

  void skip(unread why) {
    ++(why == unread::not_text ? not_text : why == unread::too_large ? too_large : unreadable);
  }
};

/// Shows on a terminal how far a long walk is; nothing elsewhere.
class progress {
 public:
  explicit progress(std::size_t all) : all_{all}, is_shown_{::isatty(STDERR_FILENO) != 0} {}
  ~progress() {
    if (is_drawn_) say("\r\x1b[K");
  }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void step(std::size_t done) {
    using namespace std::chrono_literals;
    const auto now = std::chrono::steady_clock::now();
    if (!is_shown_ || now < next_) return;
    next_ = now + 200ms;
    if (now - begun_ < 1s) return;
    say("\r\x1b[Knetcon lint: {} of {} files", done, all_);
    is_drawn_ = true;
  }

 private:
  std::size_t all_;
  bool is_shown_, is_drawn_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now(), next_ = begun_;
};

/// Lints, and with --fix fixes, one source after the other.
class linter {
 public:
  linter(const lint_options& options, const netcon::kernel_profile& kernel) : o_{options}, kernel_{kernel} {
    if (!o_.format.empty()) forced_ = netcon::parse_config_format(o_.format);
  }

  std::vector<source_findings> all;

  int argument(const std::string& text) { return look({{}, text}, false); }
  int file(const std::string& path) {
    auto source = read_source(path, forced_);
    if (!source && source.error().why == unread::not_text) {
      say("netcon lint: {}\n", source.error().message);
      return exit_ok;
    }
    if (!source) return fail("lint", source.error().message);
    return look(*std::move(source), false);
  }
  int directory(const std::string& path) {
    const auto tree = files_below(path);
    if (!tree) return fail("lint", tree.error());
    walk_counts counts;
    counts.unreadable = tree->unreadable;
    progress shown{tree->files.size()};
    const auto before = all.size();
    for (const auto& one : tree->files) {
      shown.step(counts.files);
      ++counts.files;
      auto source = read_source(one, forced_);
      if (!source)
        counts.skip(source.error().why);
      else if (const auto code = look(*std::move(source), true); code != exit_ok)
        return code;
    }
    counts.with_findings = all.size() - before;
    summary_ += fmt::format(
        "netcon lint: {}: {} file{}, {} with findings, {} skipped ({} not text, {} above 16 MiB, {} "
        "unreadable)\n",
        path, counts.files, counts.files == 1 ? "" : "s", counts.with_findings,
        counts.not_text + counts.too_large + counts.unreadable, counts.not_text, counts.too_large,
        counts.unreadable);
    return exit_ok;
  }
  const std::string& summary() const { return summary_; }

 private:
  int look(lint_source source, bool is_walk) {
    if (o_.fix) {
      auto better = fixed(source, kernel_);
      const bool is_file = !source.name.empty() && source.name != "-";
      if (is_file && better != source.text) {
        if (const int problem = replace_file(source.name, source.text, better); problem != 0)
          return fail("lint", fmt::format("{}: {}", source.name, std::strerror(problem)));
        say("netcon: fixed {}\n", source.name);
      }
      if (!is_file) put("{}{}", better, better.ends_with('\n') ? "" : "\n");
      source.text = std::move(better);
    }
    auto found = findings(source, kernel_);
    const bool is_list = source.format == netcon::config_format::parameters;
    if (!is_walk && !is_list && found.empty() && netcon::find_parameters(source.text, source.format).empty())
      say("netcon lint: {}: no netconsole parameter in it\n", source.name);
    if (!is_walk || !found.empty()) all.emplace_back(std::move(source), std::move(found));
    return exit_ok;
  }

  const lint_options& o_;
  netcon::kernel_profile kernel_;
  std::optional<netcon::config_format> forced_;
  std::string summary_;
};

int run(const lint_options& o) {
  if (o.texts.empty() && o.files.empty())
    return fail("lint", "give a parameter, a directory, --file FILE or - for standard input");
  const auto is_read = [](const std::string& argument) {
    const auto text = unprotected(argument);
    return text == "-" || (text.find('@') == text.npos && is_directory(text));
  };
  if (!o.format.empty() && o.files.empty() && std::ranges::none_of(o.texts, is_read))
    return fail("lint", "--format is for files, and none is given: add --file FILE");
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail("lint", kernel.error());

  linter work{o, *kernel};
  for (const auto& argument : o.texts) {
    const auto text = unprotected(argument);
    const bool is_walk = text.find('@') == text.npos && is_directory(text);
    if (const auto path = is_walk ? std::string{} : explain_path(text); !path.empty())
      return fail("lint", path);
    const auto code = is_walk ? work.directory(text) : text == "-" ? work.file(text) : work.argument(text);
    if (code != exit_ok) return code;
  }
  for (const auto& argument : o.files) {
    const auto path = unprotected(argument);
    const auto code = is_directory(path) ? work.directory(path) : work.file(path);
    if (code != exit_ok) return code;
  }

  const auto assumption = o.kernel.assumption();
  if (!assumption.empty() && !o.json) say("netcon lint: {}\n", assumption);
  const bool is_clean = std::all_of(work.all.begin(), work.all.end(), [](const source_findings& one) {
    return std::all_of(one.second.begin(), one.second.end(),
                       [](const auto& d) { return d.severity == netcon::severity::note; });
  });
  // With --fix standard output is the fixed text; findings that are left go to standard error.
  auto* out = o.fix ? stderr : stdout;
  if (o.json) {
    write_text(out, to_json(work.all, *kernel, assumption));
  } else if (o.sarif) {
    write_text(out, to_sarif(work.all));
  } else {
    for (const auto& [source, found] : work.all) {
      const netcon::text_lines lines{source.text};
      for (const auto& d : found) write_text(out, rendered(source, lines, d) + '\n');
    }
  }
  if (!work.summary().empty()) say("{}", work.summary());
  return is_clean ? exit_ok : exit_findings;
}

}  // namespace

CLI::App* add_lint(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("lint", "Find what is wrong with netconsole parameters, and fix it");
  auto o = std::make_shared<lint_options>();
  command
      ->add_option("parameter", o->texts,
                   "Values of netconsole=, with the name or a modprobe command too; directories to walk "
                   "through; - reads a boot file or one a line from standard input")
      ->option_text("[PARAMETER|DIR ...]");
  command->add_option("--file", o->files, "Read these files, each in the format that its path and text tell")
      ->option_text("FILE ...");
  command->add_option("--format", o->format, fmt::format("Read files as {}", fmt::join(format_names(), ", ")))
      ->option_text("FORMAT")
      ->check(CLI::IsMember(format_names()));
  o->kernel.add_to(*command);
  auto* json = command->add_flag("--json", o->json, "Print one JSON document");
  command->add_flag("--sarif", o->sarif, "Print SARIF 2.1.0")->excludes(json);
  command->add_flag("--fix", o->fix, "Fix files in place, print fixed parameters, report the rest");
  command->footer(
      R"help(Path and text decide how a file is read: /etc/default/grub, grub.cfg, modprobe.d, loader entries, extlinux.conf,
cmdline.txt, scripts, units, documents. In any other text only what follows netconsole= is judged.

Examples:
  netcon lint @/eth0,514@10.0.0.2/00:13:32:20:r9:a5
  netcon lint 'modprobe netconsole netconsole="@/eth0,@10.0.0.2/"'
  netcon lint --fix '@/eth0,@10.0.0.2' --kernel running
  netcon lint --file /etc/default/grub /etc/modprobe.d/netconsole.conf
  netcon lint --file /proc/cmdline --kernel running
  netcon lint /etc

Exit code: 0 no errors or warnings, 1 errors or warnings, 2 wrong usage.)help");
  command->callback([o, &exit_code] { exit_code = run(*o); });
  return command;
}

}  // namespace tool
