// SPDX-License-Identifier: MIT
#include "commands/change_target.hpp"

#include <netcon/configfs/adopt.hpp>
#include <netcon/configfs/apply.hpp>
#include <netcon/core/printable.hpp>

#include <fmt/format.h>

#include <utility>

namespace tool {

namespace cfs = netcon::configfs;

std::string describe(const cfs::read_error& problem) {
  return netcon::printable(problem.file) + ": " + cfs::describe(problem.code);
}

std::expected<optional_state, std::string> live_state(const cfs::mounted_tree& tree, std::string_view name,
                                                      const netcon::kernel_profile& kernel) {
  auto now = cfs::read(tree, name, kernel);
  if (now) return std::move(*now);
  const auto& problem = now.error();
  if (problem.file == name && problem.code == std::errc::no_such_file_or_directory) return std::nullopt;
  return std::unexpected{describe(problem)};
}

namespace {

/// In one line. taken: steps before those of the plan that stopped.
std::string describe_refusal(const cfs::apply_error& problem, std::size_t taken = 0) {
  return fmt::format(
      "step {}: {}: {}; {}; {}", problem.step + 1 + taken, netcon::printable(cfs::describe(problem.failed)),
      cfs::describe(problem.code), netcon::printable(problem.reason),
      problem.rolled_back ? "the target is as it was before" : "earlier steps could not be undone");
}

}  // namespace

std::expected<cfs::plan, std::string> plan_between(const std::string& name, const optional_state& now,
                                                   const optional_state& want,
                                                   const netcon::kernel_profile& kernel) {
  if (!now && !want) return cfs::plan{.name = name, .kernel = kernel};
  if (!want) return cfs::remove(name, *now, kernel);
  auto made = now ? cfs::update(name, *now, *want, kernel) : cfs::create(name, *want, kernel);
  if (!made) return std::unexpected{cfs::message(made.error())};
  return std::move(*made);
}

std::expected<cfs::userdata_entry, std::string> parse_userdata(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == text.npos)
    return std::unexpected{fmt::format("--userdata '{}': write KEY=VALUE", text)};
  return cfs::userdata_entry{std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
}

std::expected<cfs::plan, change_error> change_target(cfs::mounted_tree& tree, const std::string& name,
                                                     const optional_state& want,
                                                     const netcon::kernel_profile& kernel,
                                                     const change_options& how) {
  const auto stop = [](std::string text) { return std::unexpected{change_error{std::move(text)}}; };
  const auto refused = [](std::string text) { return std::unexpected{change_error{std::move(text), true}}; };
  const auto now = live_state(tree, name, kernel);
  if (!now) return stop(now.error());
  auto made = plan_between(name, *now, want, kernel);
  if (!made) return stop(made.error());
  // A hidden target of the boot parameter: its state can only be read once it has a directory.
  std::size_t taken = 0;  // steps of the shown plan before those of made
  if (!*now && want && !how.dry_run) {
    const auto attached = cfs::attach_boot_target(tree, name, kernel);
    if (!attached) return refused(describe_refusal(attached.error()));
    if (*attached) {
      const auto running = live_state(tree, name, kernel);
      if (!running) return refused(running.error() + "; its directory stays");
      made = plan_between(name, *running, want, kernel);
      if (!made) return stop(made.error());
      taken = 1;
    }
  }
  auto shown = *made;
  if (taken != 0) shown.steps.insert(shown.steps.begin(), {cfs::operation::mkdir, name});
  how.show(shown);
  if (how.dry_run) return shown;
  const auto done = cfs::apply(tree, *made);
  if (done) return shown;
  return refused(describe_refusal(done.error(), taken));
}

}  // namespace tool
