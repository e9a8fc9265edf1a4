// SPDX-License-Identifier: MIT
// netcon configfs: show, plan, apply and remove targets of the netconsole directory.
#include "commands/change_target.hpp"
#include "commands/command.hpp"
#include "input/text_file.hpp"
#include "options/kernel_option.hpp"
#include "options/value_check.hpp"
#include "output/configfs_json.hpp"
#include "output/configfs_summary.hpp"
#include "output/output.hpp"

#include <netcon/configfs/adopt.hpp>
#include <netcon/configfs/boot.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/doctor/boot_targets.hpp>
#include <netcon/os/facts.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tool {
namespace {

namespace cfs = netcon::configfs;
using nlohmann::json;

template <class T>
using result = std::expected<T, std::string>;

struct options {
  std::string root{default_root};
  std::string system_root = "/";
  kernel_option kernel{.version = "running", .with = {}, .without = {}};
  std::string name = "netcon";
  std::vector<std::string> names;
  std::string from, to;
  std::string form = "shell";
  std::vector<std::string> userdata, sysdata;
  bool disabled = false;
  bool as_json = false;
  bool dry_run = false;
  bool all = false;
  bool is_named = false;  // for remove
};

/// The document of a state: the only one of an array, or that of the target of this name.
result<json> document_of(const json& array, const std::string& name) {
  if (array.size() == 1) return array[0];
  const auto wanted = json(json_of_bytes(name));
  std::vector<std::string> names;
  for (const auto& one : array) {
    const auto at = one.is_object() ? one.find("name") : one.end();
    if (!one.is_object() || at == one.end()) continue;
    if (*at == wanted) return one;
    names.push_back(at->is_string() ? netcon::printable(at->get<std::string>()) : at->dump());
  }
  return std::unexpected{names.empty() ? std::string{"there is no target in it"}
                                       : fmt::format("there is no target '{}' in it, only {}",
                                                     netcon::printable(name), fmt::join(names, ", "))};
}

// "none", "live", a parameter text (it has an '@'), or a file with a state as JSON.
result<optional_state> state_from(const std::string& text, const options& o,
                                  const netcon::kernel_profile& kernel) {
  if (text == "none") return std::nullopt;
  if (text == "live") {
    const cfs::mounted_tree tree{o.root};
    if (const auto obstacle = tree.find_obstacle(false)) return std::unexpected{*obstacle};
    return live_state(tree, o.name, kernel);
  }
  if (text.find('@') != text.npos) {
    const auto parsed = netcon::parse_target(text, kernel);
    if (!parsed) {
      const auto& e = parsed.error();
      return std::unexpected{
          fmt::format("'{}', byte {}: {}; {}", text, e.where.begin + 1, message(e.code), hint(e.code))};
    }
    return cfs::state{.settings = resolve(*parsed, kernel)};
  }
  const auto file = read_text_file(text);
  if (!file)
    return std::unexpected{
        fmt::format("cannot read '{}': {}; write none, live, a parameter or a file of 'show --json'", text,
                    file.error())};
  auto document = json::parse(*file, nullptr, false);
  if (document.is_discarded()) return std::unexpected{fmt::format("'{}' is not JSON", text)};
  if (document.is_array()) {
    auto one = document_of(document, o.name);
    if (!one) return std::unexpected{fmt::format("'{}': {}", text, one.error())};
    document = *std::move(one);
  }
  const auto state = state_of(document);
  if (!state) return std::unexpected{fmt::format("'{}': {}", text, state.error())};
  return *state;
}

result<void> add_extras(cfs::state& s, const options& o) {
  for (const auto& text : o.userdata) {
    auto entry = parse_userdata(text);
    if (!entry) return std::unexpected{entry.error()};
    s.userdata.push_back(*std::move(entry));
  }
  for (const auto& one : cfs::sysdata_table)
    if (std::ranges::count(o.sysdata, one.name) != 0) s.sysdata.*one.member = true;
  if (o.disabled) s.enabled = false;
  return {};
}

/// text: the state to reach, as it was written.
void remark_on_unsent(const cfs::state& s, const std::string& text) {
  if (!has_unsent_lines(s)) return;
  const bool is_parameter = text.find('@') != text.npos;
  say("netcon: only an extended target sends userdata and sysdata, and this one is basic: {}\n",
      is_parameter ? fmt::format("write '+{}'", netcon::printable(text)) : "set its member extended to true");
}

void print_steps(const cfs::plan& p) {
  if (p.empty()) put("nothing to do\n");
  std::size_t number = 0;
  for (const auto& step : p.steps) put("{:3}  {}\n", ++number, netcon::printable(cfs::describe(step)));
}

int print_plan(const cfs::plan& p, const std::string& form) {
  if (!p.kernel.supports(netcon::feature::dynamic) && form != "modprobe" && form != "cmdline")
    return fail("configfs", "this kernel has no netconsole in configfs: use --as modprobe or --as cmdline");
  cfs::boot_text text;
  if (form == "steps") {
    print_steps(p);
    return exit_ok;
  }
  if (form == "json") {
    text = json_of(p).dump(2) + '\n';
  } else if (form == "shell") {
    text = cfs::to_shell(p);
  } else if (form == "modprobe") {
    text = cfs::to_modprobe(p);
  } else if (form == "cmdline") {
    text = cfs::to_cmdline(p);
    if (text) *text += '\n';
  } else {
    text = cfs::to_systemd_unit(p);
  }
  if (!text) return fail("configfs", text.error());
  put("{}", *text);
  return exit_ok;
}

/// In one line, for people.
std::string describe_hidden(const netcon::doctor::boot_target& one, const std::string& root,
                            const netcon::kernel_profile& kernel) {
  const auto place = one.place.empty() ? std::string{} : " in " + netcon::printable(one.place);
  const auto parameter = to_string(shortest(full(one.wanted), kernel));
  return fmt::format(
      "{} of the parameter{} is hidden: {}{}; {}", one.name, place, netcon::printable(parameter),
      one.is_form_known ? "" : ", basic or extended",
      kernel.supports(netcon::feature::boot_targets_in_configfs)
          ? fmt::format("'mkdir {}/{}' shows it, unless it was removed", netcon::printable(root), one.name)
          : "this kernel shows none");
}

int show(const options& o) {
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail("configfs", kernel.error());
  const auto root = o.system_root == "/" ? o.root : o.system_root + o.root;
  const cfs::mounted_tree tree{root};
  if (const auto obstacle = tree.find_obstacle(false)) return fail("configfs", *obstacle);
  auto names = o.names;
  if (names.empty()) {
    const auto all = tree.entries("");
    if (!all) return fail("configfs", cfs::describe(all.error()));
    names = *all;
  }
  auto documents = nlohmann::ordered_json::array();
  std::string text;
  if (names.empty()) say("netcon: there are no targets in {}\n", netcon::printable(root));
  for (const auto& name : names) {
    const auto state = cfs::read(tree, name, *kernel);
    if (!state) return fail("configfs", describe(state.error()));
    documents.push_back(json_of(name, *state));
    text += summary(name, *state, *kernel);
  }
  // Those of another directory are no targets of this machine.
  if (o.names.empty() && o.root == default_root)
    for (const auto& one :
         hidden_targets(netcon::gather_facts({.root = o.system_root, .has_network = false}))) {
      documents.push_back(json_of(one));
      say("netcon: {}\n", describe_hidden(one, o.root, *kernel));
    }
  put("{}", o.as_json ? documents.dump(2) + '\n' : text);
  return exit_ok;
}

int plan(const options& o) {
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail("configfs", kernel.error());
  const auto now = state_from(o.from, o, *kernel);
  if (!now) return fail("configfs", now.error());
  auto want = state_from(o.to, o, *kernel);
  if (!want) return fail("configfs", want.error());
  if (*want) {
    if (const auto added = add_extras(**want, o); !added) return fail("configfs", added.error());
    remark_on_unsent(**want, o.to);
  }
  const auto made = plan_between(o.name, *now, *want, *kernel);
  return made ? print_plan(*made, o.form) : fail("configfs", made.error());
}

int change(const options& o, const optional_state& want, const netcon::kernel_profile& kernel) {
  cfs::mounted_tree tree{o.root};
  if (const auto obstacle = tree.find_obstacle(!o.dry_run)) return fail("configfs", *obstacle);
  const auto show_plan = [](const cfs::plan& p) {
    print_steps(p);
    std::fflush(stdout);
  };
  const auto done = change_target(tree, o.name, want, kernel, {.dry_run = o.dry_run, .show = show_plan});
  if (!done) return fail("configfs", done.error().text, done.error().refused ? exit_findings : exit_usage);
  if (!o.dry_run && !done->empty()) put("done\n");
  return exit_ok;
}

int apply(const options& o) {
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail("configfs", kernel.error());
  auto want = state_from(o.to, o, *kernel);
  if (!want) return fail("configfs", want.error());
  if (!*want) return fail("configfs", "nothing to apply: 'netcon configfs remove' removes a target");
  if (const auto added = add_extras(**want, o); !added) return fail("configfs", added.error());
  remark_on_unsent(**want, o.to);
  return change(o, *want, *kernel);
}

/// All that the directory shows, and on kernels that can show them the boot targets: what keeps the module.
int remove_all(const options& o, const netcon::kernel_profile& kernel) {
  cfs::mounted_tree tree{o.root};
  if (const auto obstacle = tree.find_obstacle(!o.dry_run)) return fail("configfs", *obstacle);
  if (!o.dry_run)
    if (const auto attached = cfs::attach_boot_targets(tree, kernel); !attached)
      return fail("configfs", fmt::format("boot targets: {}", cfs::describe(attached.error())),
                  exit_findings);
  const auto names = tree.entries("");
  if (!names) return fail("configfs", cfs::describe(names.error()));
  if (names->empty()) put("nothing to do\n");
  for (const auto& name : *names) {
    auto one = o;
    one.name = name;
    if (const auto code = change(one, std::nullopt, kernel); code != exit_ok) return code;
  }
  return exit_ok;
}

int remove(const options& o) {
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail("configfs", kernel.error());
  if (o.all && o.is_named) return fail("configfs", "--all removes every target: leave the NAME out");
  if (o.all) return remove_all(o, *kernel);
  if (!o.is_named) return fail("configfs", "which target? Write its NAME, or --all");
  cfs::mounted_tree tree{o.root};
  if (const auto obstacle = tree.find_obstacle(!o.dry_run)) return fail("configfs", *obstacle);
  const auto now = live_state(tree, o.name, *kernel);
  if (!now) return fail("configfs", now.error());
  bool is_there = now->has_value();
  if (!is_there && !o.dry_run) {
    const auto attached = cfs::attach_boot_target(tree, o.name, *kernel);
    if (!attached)
      return fail(
          "configfs",
          fmt::format("{}: {}", netcon::printable(o.name), netcon::printable(attached.error().reason)),
          exit_findings);
    is_there = *attached;
  }
  if (!is_there)
    return fail("configfs",
                fmt::format("there is no target '{}': 'netcon configfs show' lists them", o.name));
  return change(o, std::nullopt, *kernel);
}

}  // namespace

CLI::App* add_configfs(CLI::App& app, int& exit_code) {
  auto* configfs = app.add_subcommand("configfs", "Show, plan and change targets in configfs");
  configfs->require_subcommand(1);
  configfs->footer("netcon configfs COMMAND --help has the options and examples of each.");
  const auto o = std::make_shared<options>();

  const auto add = [&](const char* name, const char* about, int (*run)(const options&)) {
    auto* command = configfs->add_subcommand(name, about);
    o->kernel.add_to(*command);
    command->callback([o, run, &exit_code] { exit_code = run(*o); });
    return command;
  };
  const auto with_root = [&](CLI::App* command) {
    command->add_option("--root", o->root, "Use this netconsole directory")
        ->option_text("DIR")
        ->transform(not_empty())
        ->capture_default_str();
  };
  const auto with_name = [&](CLI::App* command) {
    command->add_option("name", o->name, "The target")->option_text("NAME")->required();
  };
  std::vector<std::string> lines;
  for (const auto& one : cfs::sysdata_table) lines.emplace_back(one.name);
  const auto with_extras = [&](CLI::App* command) {
    command->add_option("--userdata", o->userdata, "Append a line to every extended record; may be repeated")
        ->option_text("KEY=VALUE")
        ->allow_extra_args(false);
    command
        ->add_option("--sysdata", o->sysdata,
                     fmt::format("Append lines to extended records that the kernel fills in: {}",
                                 fmt::join(lines, ", ")))
        ->option_text("LINE,...")
        ->allow_extra_args(false)
        ->delimiter(',')
        ->check(CLI::IsMember(lines));
    command->add_flag("--disabled", o->disabled, "Leave the target disabled");
  };
  const std::string states =
      "A state is none, live, a parameter (it has an '@'), or a file that 'netcon configfs show --json' "
      "wrote.\nOf several targets in it that of the same name is taken.\n\n";

  auto* show_command = add("show", "Show targets as they are", show);
  show_command->add_option("name", o->names, "The targets; all when none is named")->option_text("NAME ...");
  show_command->add_flag("--json", o->as_json, "Print a JSON array; docs/json.md has its members");
  with_root(show_command);
  show_command
      ->add_option("--sysroot", o->system_root, "Read /proc, /sys, /etc and the directory below this one")
      ->option_text("DIR")
      ->transform(not_empty())
      ->capture_default_str();
  show_command->footer(R"help(Examples:
  netcon configfs show
  netcon configfs show box1 --json

Exit code: 0 shown; 2 something cannot be read, or wrong usage.)help");

  auto* plan_command = add("plan", "Show the steps from one state to another", plan);
  plan_command->add_option("from", o->from, "The state to begin with")->option_text("FROM")->required();
  plan_command->add_option("to", o->to, "The state to reach")->option_text("TO")->required();
  plan_command->add_option("--name", o->name, "Name the target")->option_text("NAME")->capture_default_str();
  plan_command
      ->add_option("--as", o->form, "Print the plan as shell, steps, json, modprobe, cmdline or systemd")
      ->option_text("FORM")
      ->check(CLI::IsMember({"shell", "steps", "json", "modprobe", "cmdline", "systemd"}))
      ->capture_default_str();
  with_extras(plan_command);
  with_root(plan_command);
  plan_command->footer(states + R"help(Examples:
  netcon configfs plan none '+@/eth0,@10.0.0.2/' --name box1 --userdata host=web17
  netcon configfs plan live '@/eth0,@10.0.0.3/' --name box1 --as steps

Exit code: 0 printed; 2 no such plan, something cannot be read, or wrong usage.)help");

  auto* apply_command = add("apply", "Create a target or change it", apply);
  with_name(apply_command);
  apply_command->add_option("to", o->to, "The state to reach")->option_text("TO")->required();
  apply_command->add_flag("--dry-run", o->dry_run, "Print the steps, change nothing");
  with_extras(apply_command);
  with_root(apply_command);
  apply_command->footer(states + R"help(Examples:
  sudo netcon configfs apply box1 '+@/eth0,@10.0.0.2/' --sysdata release
  sudo netcon configfs apply box1 box1.json --dry-run

Exit code: 0 done; 1 the kernel refused a step; 2 something cannot be read, or wrong usage.)help");

  auto* remove_command = add("remove", "Remove a target, or all", remove);
  auto* removed = remove_command->add_option("name", o->name, "The target")->option_text("NAME");
  removed->each([o](const std::string&) { o->is_named = true; });
  remove_command->add_flag(
      "--all", o->all,
      "Remove every target, those of the boot parameter too (Linux 6.7): then modprobe -r works");
  remove_command->add_flag("--dry-run", o->dry_run, "Print the steps, change nothing");
  with_root(remove_command);
  remove_command->footer(R"help(Examples:
  sudo netcon configfs remove box1
  netcon configfs remove box1 --dry-run
  sudo netcon configfs remove --all

Exit code: 0 done; 1 the kernel refused a step; 2 something cannot be read, or wrong usage.)help");
  return configfs;
}

}  // namespace tool
