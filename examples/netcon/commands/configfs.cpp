// netcon configfs: show, plan, apply and remove targets of the netconsole directory; simulate a script.
#include "commands/command.hpp"
#include "output/configfs_json.hpp"
#include "commands/configfs_simulate.hpp"
#include "output/configfs_summary.hpp"
#include "options/kernel_option.hpp"
#include "output/output.hpp"
#include "input/text_file.hpp"
#include "options/value_check.hpp"

#include <netcon/configfs/boot.hpp>
#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>

#include <fmt/format.h>

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
  std::string root = "/sys/kernel/config/netconsole";
  kernel_option kernel{.version = "running", .with = {}, .without = {}};
  kernel_option simulated;
  std::string name = "netcon";
  std::vector<std::string> names;
  std::string from, to;
  std::string form = "shell";
  std::vector<std::string> userdata, sysdata;
  bool disabled = false;
  bool as_json = false;
  bool dry_run = false;
  std::string script;
  std::vector<std::string> interfaces;
  std::string boot;
};

int fail(std::string_view problem, int code = exit_usage) {
  say("netcon configfs: {}\n", problem);
  return code;
}

std::string describe(const cfs::read_error& problem) {
  return cfs::internal::printable(problem.file) + ": " + cfs::describe(problem.code);
}

// The target as it is there, or nothing.
result<std::optional<cfs::state>> live_state(const cfs::mounted_tree& tree, std::string_view name,
                                             const netcon::kernel_profile& kernel) {
  auto now = cfs::read(tree, name, kernel);
  if (now) return std::move(*now);
  if (now.error().file == name && now.error().code == std::errc::no_such_file_or_directory)
    return std::nullopt;
  return std::unexpected{describe(now.error())};
}

// "none", "live", a parameter text (it has an '@'), or a file with a state as JSON.
result<std::optional<cfs::state>> state_from(const std::string& text, const options& o,
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
  if (document.is_array() && document.size() == 1) document = json(document[0]);
  const auto state = state_of(document);
  if (!state) return std::unexpected{fmt::format("'{}': {}", text, state.error())};
  return *state;
}

result<void> add_extras(cfs::state& s, const options& o) {
  for (const auto& entry : o.userdata) {
    const auto equals = entry.find('=');
    if (equals == entry.npos) return std::unexpected{fmt::format("--userdata {}: write KEY=VALUE", entry)};
    s.userdata.push_back({entry.substr(0, equals), entry.substr(equals + 1)});
  }
  for (const auto& name : o.sysdata) {
    s.sysdata.cpu_nr |= name == "cpu_nr";
    s.sysdata.taskname |= name == "taskname";
    s.sysdata.release |= name == "release";
    s.sysdata.msgid |= name == "msgid";
  }
  if (o.disabled) s.enabled = false;
  return {};
}

result<cfs::plan> plan_between(const std::string& name, const std::optional<cfs::state>& now,
                               const std::optional<cfs::state>& want, const netcon::kernel_profile& kernel) {
  if (!now && !want) return cfs::plan{.name = name, .kernel = kernel};
  if (!want) return cfs::remove(name, *now, kernel);
  auto made = now ? cfs::update(name, *now, *want, kernel) : cfs::create(name, *want, kernel);
  if (!made) return std::unexpected{cfs::message(made.error())};
  return std::move(*made);
}

void print_steps(const cfs::plan& p) {
  if (p.empty()) put("nothing to do\n");
  std::size_t number = 0;
  for (const auto& step : p.steps) put("{:3}  {}\n", ++number, cfs::internal::printable(cfs::describe(step)));
}

int print_plan(const cfs::plan& p, const std::string& form) {
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
  if (!text) return fail(text.error());
  put("{}", *text);
  return exit_ok;
}

int show(const options& o) {
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail(kernel.error());
  const cfs::mounted_tree tree{o.root};
  if (const auto obstacle = tree.find_obstacle(false)) return fail(*obstacle);
  auto names = o.names;
  if (names.empty()) {
    const auto all = tree.entries("");
    if (!all) return fail(cfs::describe(all.error()));
    names = *all;
  }
  auto documents = nlohmann::ordered_json::array();
  std::string text;
  for (const auto& name : names) {
    const auto state = cfs::read(tree, name, *kernel);
    if (!state) return fail(describe(state.error()));
    documents.push_back(json_of(name, *state));
    text += summary(name, *state, *kernel);
  }
  put("{}", o.as_json ? documents.dump(2) + '\n' : text);
  return exit_ok;
}

int plan(const options& o) {
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail(kernel.error());
  const auto now = state_from(o.from, o, *kernel);
  if (!now) return fail(now.error());
  auto want = state_from(o.to, o, *kernel);
  if (!want) return fail(want.error());
  if (*want)
    if (const auto added = add_extras(**want, o); !added) return fail(added.error());
  const auto made = plan_between(o.name, *now, *want, *kernel);
  return made ? print_plan(*made, o.form) : fail(made.error());
}

int carry_out(cfs::mounted_tree& tree, const cfs::plan& p, bool dry_run) {
  print_steps(p);
  if (dry_run || p.empty()) return exit_ok;
  std::fflush(stdout);
  const auto done = cfs::apply(tree, p);
  if (done) {
    put("done\n");
    return exit_ok;
  }
  const auto& e = done.error();
  return fail(
      fmt::format("step {}: {}: {}; {}; {}", e.step + 1, cfs::internal::printable(cfs::describe(e.failed)),
                  cfs::describe(e.code), cfs::internal::printable(e.reason),
                  e.rolled_back ? "all is as it was before" : "what was done before could not be undone"),
      exit_findings);
}

int apply(const options& o) {
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail(kernel.error());
  auto want = state_from(o.to, o, *kernel);
  if (!want) return fail(want.error());
  if (!*want) return fail("nothing to apply: 'netcon configfs remove' removes a target");
  if (const auto added = add_extras(**want, o); !added) return fail(added.error());
  cfs::mounted_tree tree{o.root};
  if (const auto obstacle = tree.find_obstacle(!o.dry_run)) return fail(*obstacle);
  const auto now = live_state(tree, o.name, *kernel);
  if (!now) return fail(now.error());
  const auto made = plan_between(o.name, *now, *want, *kernel);
  if (!made) return fail(made.error());
  // mkdir of a boot target's name attaches to the running target: what it is can only be read afterwards.
  if (!*now && o.name.starts_with("cmdline") && !o.dry_run &&
      kernel->supports(netcon::feature::boot_targets_in_configfs)) {
    if (const auto attached = tree.mkdir(o.name); !attached)
      return fail(cfs::describe(attached.error()), exit_findings);
    const auto running = live_state(tree, o.name, *kernel);
    if (!running) return fail(running.error());
    const auto change = plan_between(o.name, *running, *want, *kernel);
    if (!change) return fail(change.error());
    put("     mkdir {}\n", o.name);
    return carry_out(tree, *change, false);
  }
  return carry_out(tree, *made, o.dry_run);
}

int remove(const options& o) {
  const auto kernel = o.kernel.profile();
  if (!kernel) return fail(kernel.error());
  cfs::mounted_tree tree{o.root};
  if (const auto obstacle = tree.find_obstacle(!o.dry_run)) return fail(*obstacle);
  const auto now = live_state(tree, o.name, *kernel);
  if (!now) return fail(now.error());
  if (!*now) return fail(fmt::format("there is no target '{}': 'netcon configfs show' lists them", o.name));
  return carry_out(tree, cfs::remove(o.name, **now, *kernel), o.dry_run);
}

int simulate(const options& o) {
  const auto kernel = o.simulated.profile();
  if (!kernel) return fail(kernel.error());
  const auto script = read_text_file(o.script);
  if (!script) return fail(fmt::format("cannot read '{}': {}", o.script, script.error()));
  const auto tree = model_of(*kernel, o.interfaces, o.boot);
  if (!tree) return fail(tree.error());
  const auto outcome = simulate_script(*script, *tree);
  put("{}", outcome.report);
  if (!outcome.misunderstood.empty()) return fail(outcome.misunderstood);
  return outcome.refused == 0 ? exit_ok : exit_findings;
}

}  // namespace

void add_configfs(CLI::App& app, int& exit_code) {
  auto* configfs =
      app.add_subcommand("configfs", "Show and change targets, or rehearse it on the model of a kernel");
  configfs->require_subcommand(1);
  configfs->footer(
      R"help(Every state can be written as none, live, a parameter, or a file as 'show --json' prints it.

Examples:
  netcon configfs show
  netcon configfs plan none '+@/eth0,@10.0.0.2/' --name box1 --userdata host=web17
  netcon configfs plan live '@/eth0,@10.0.0.3/' --name box1 --as steps
  sudo netcon configfs apply box1 '+@/eth0,@10.0.0.2/' --sysdata release
  sudo netcon configfs remove box1
  netcon configfs simulate setup.sh --kernel 6.1 --interface eth0,ipv4=10.0.0.1

Exit code: 0 done; 1 the kernel refused a step, or would refuse a command of the script; 2 wrong usage, or
something cannot be read.)help");
  const auto o = std::make_shared<options>();

  const auto add = [&](const char* name, const char* about, int (*run)(const options&),
                       kernel_option options::* kernel = &options::kernel) {
    auto* command = configfs->add_subcommand(name, about);
    (*o.*kernel).add_to(*command);
    command->callback([o, run, &exit_code] { exit_code = run(*o); });
    return command;
  };
  const auto with_root = [&](CLI::App* command) {
    command->add_option("--root", o->root, "The netconsole directory")
        ->option_text("DIR")
        ->transform(not_empty())
        ->capture_default_str();
  };
  const auto with_extras = [&](CLI::App* command) {
    command->add_option("--userdata", o->userdata, "A line behind every record; may be repeated")
        ->option_text("KEY=VALUE");
    command->add_option("--sysdata", o->sysdata, "Lines the kernel adds")
        ->delimiter(',')
        ->check(CLI::IsMember({"cpu_nr", "taskname", "release", "msgid"}));
    command->add_flag("--disabled", o->disabled, "Leave the target disabled");
  };

  auto* show_command = add("show", "Targets as they are", show);
  show_command->add_option("NAME", o->names, "Only these");
  show_command->add_flag("--json", o->as_json, "As a JSON array");
  with_root(show_command);

  auto* plan_command = add("plan", "The operations from one state to another", plan);
  plan_command
      ->add_option("FROM", o->from, "The state to begin with: none, live, a parameter text or a JSON file")
      ->required();
  plan_command->add_option("TO", o->to, "The state to reach, written like FROM")->required();
  plan_command->add_option("--name", o->name, "Name of the target")->capture_default_str();
  plan_command->add_option("--as", o->form, "Form of the output")
      ->check(CLI::IsMember({"shell", "steps", "json", "modprobe", "cmdline", "systemd"}))
      ->capture_default_str();
  with_extras(plan_command);
  with_root(plan_command);

  auto* apply_command = add("apply", "Show the plan and carry it out", apply);
  apply_command->add_option("NAME", o->name, "Name of the target")->required();
  apply_command->add_option("TO", o->to, "A parameter text or a JSON file")->required();
  apply_command->add_flag("--dry-run", o->dry_run, "Only show the plan");
  with_extras(apply_command);
  with_root(apply_command);

  auto* remove_command = add("remove", "Show the plan and remove a target", remove);
  remove_command->add_option("NAME", o->name, "Name of the target")->required();
  remove_command->add_flag("--dry-run", o->dry_run, "Only show the plan");
  with_root(remove_command);

  auto* simulate_command = add("simulate", "What each command of a script would answer on a kernel", simulate,
                               &options::simulated);
  simulate_command->add_option("SCRIPT", o->script, "File, or - for the standard input")->required();
  simulate_command->add_option(
      "--interface", o->interfaces,
      "NAME[,mac=M][,ipv4=A][,ipv6=A][,master=N][,down][,no-netpoll][,bridge]; default: eth0");
  simulate_command->add_option("--boot", o->boot,
                               "The netconsole= parameter that the module was loaded with");
}

}  // namespace tool
