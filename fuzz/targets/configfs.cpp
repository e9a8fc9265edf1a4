// SPDX-License-Identifier: MIT
// Rows of operations on the model of the netconsole directory and on the reference, which must agree, and
// plans from whatever state they end in.
//
// Input: the kernel, then operations: a byte for what, one for the target, one for the file, and a text.
#include "fuzz.hpp"

#include "configfs_difference.hpp"

#include <netcon/configfs/apply.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/parameter/parse.hpp>

#include <map>
#include <set>
#include <string>

using fuzz::check;

namespace {

namespace cfs = netcon::configfs;
using tree_type = reference::compared_tree;

constexpr netcon::kernel_version versions[] = {{3, 14, 0}, {4, 19, 0},   {6, 1, 192}, {6, 6, 0},
                                               {6, 9, 0},  {6, 12, 117}, {6, 15, 0},  {6, 17, 0},
                                               {6, 19, 0}, {7, 0, 0},    {7, 3, 4},   {7, 4, 0}};
constexpr std::string_view targets[] = {"alpha", "beta", "cmdline0"};
constexpr std::string_view files[] = {"enabled",     "extended", "release",   "dev_name",   "local_port",
                                      "remote_port", "local_ip", "remote_ip", "remote_mac", "local_mac"};
constexpr std::string_view switches[] = {"cpu_nr_enabled", "taskname_enabled", "release_enabled",
                                         "msgid_enabled"};

using contents = std::map<std::string, std::string>;

template <class Tree>
contents read_all(const Tree& tree, const std::string& target) {
  contents all;
  for (const auto file : files)
    if (auto got = tree.read(target + "/" + std::string{file})) all.emplace(file, *got);
  return all;
}

/// Reads what there is of a target: library and reference are compared by reading.
void look_at_all(const tree_type& tree, const std::string& target) {
  (void)read_all(tree, target);
  (void)tree.read(target + "/transmit_errors");
  (void)tree.listdir(target);
  const auto below = tree.listdir(target + "/userdata");
  if (!below) return;
  for (const auto& name : *below) {
    (void)tree.read(target + "/userdata/" + name);
    (void)tree.read(target + "/userdata/" + name + "/value");
  }
  (void)tree.published_userdata(target);
}

void agree(const tree_type& tree) {
  if (!tree.difference().empty()) std::fprintf(stderr, "%s\n", tree.difference().c_str());
  check(tree.difference().empty(), "library and reference agree");
}

/// Whatever the target is now, a plan brings it to what is wanted, and the plan back brings it back.
void plans(tree_type& tree, const std::string& target, fuzz::input& in,
           const netcon::kernel_profile& kernel) {
  const auto now = cfs::read(tree, target, kernel);
  check(now.has_value(), "a target can be read whatever was done to it");
  cfs::state want = cfs::fresh(kernel);
  const auto parsed = netcon::parse_target(in.text(60), kernel);
  if (parsed) want.settings = netcon::resolve(*parsed, kernel);
  if (want.settings.dev_mac) return;  // no file says it
  want.enabled = in.flag();
  for (auto entries = in.below(4); entries != 0; --entries)
    want.userdata.push_back({"k" + std::to_string(entries), std::string{in.text(in.below(30))}});
  const auto plan = cfs::update(target, *now, want, kernel);
  if (!plan) return;
  (void)cfs::to_shell(*plan);
  const auto done = cfs::apply(tree, *plan);
  const auto after = cfs::read(tree, target, kernel);
  if (done) {
    check(after.has_value() && cfs::satisfies(*after, want),
          "after update(now, want) the target is as wanted");
  } else if (done.error().rolled_back) {
    check(after.has_value() && cfs::satisfies(*after, *now),
          "a plan that failed leaves the target as it was");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  const auto kernel = netcon::kernel_profile(versions[in.below(std::size(versions))]);
  const auto address = [](const char* text) { return netcon::ipv6_address::parse(text).value(); };
  tree_type tree{kernel,
                 {{.name = "eth0",
                   .mac = {2, 0, 0, 0, 0, 1},
                   .ipv4 = {{10, 0, 2, 15}},
                   .ipv6 = {address("fd00::15"), address("fe80::15")}},
                  {.name = "eth1", .mac = {2, 0, 0, 0, 0, 2}, .ipv4 = {{10, 0, 3, 15}}},
                  {.name = "br0", .mac = {2, 0, 0, 0, 0, 3}, .ipv4 = {{10, 0, 4, 15}}, .bridge = true},
                  {.name = "bond0", .mac = {2, 0, 0, 0, 0, 4}, .ipv4 = {{10, 0, 5, 15}}}}};
  std::set<std::string> made;
  for (int steps = 0; !in.at_end() && steps < 60; ++steps) {
    const auto what = in.below(16);
    const std::string target{targets[in.below(std::size(targets))]};
    switch (what) {
      case 0:
      case 1: {
        const auto answer = tree.mkdir(target);
        check(answer.has_value() == made.insert(target).second, "mkdir works once");
        if (answer) check(tree.read(target + "/enabled") == "0\n", "a new target is disabled");
        break;
      }
      case 2: {
        const auto answer = tree.rmdir(target);
        if (answer) check(made.erase(target) == 1, "only what is there is removed");
        break;
      }
      case 3:
      case 4: {
        const std::string key{in.text(in.below(60))};
        if (key.find('/') != key.npos || key.find('\0') != key.npos) break;
        const auto before = tree.listdir(target + "/userdata");
        const auto answer =
            what == 3 ? tree.mkdir(target + "/userdata/" + key) : tree.rmdir(target + "/userdata/" + key);
        const auto after = tree.listdir(target + "/userdata");
        if (before && after) {
          const std::size_t more = answer && what == 3 ? 1 : 0, less = answer && what == 4 ? 1 : 0;
          check(after->size() + less == before->size() + more, "one entry more, or one less");
        }
        break;
      }
      case 5: {
        const auto entries = tree.entries(target + "/userdata");
        if (!entries || entries->empty()) break;
        const auto path = target + "/userdata/" +
                          (*entries)[in.below(static_cast<std::uint32_t>(entries->size()))] + "/value";
        const auto before = tree.read(path);
        const std::string value(in.text(in.below(210)));
        const auto wrote = tree.write(path, value);
        const auto after = tree.read(path);
        if (before && after && wrote && value.find('\0') == value.npos)
          check(*after == (value.ends_with('\n') ? value : value + "\n"), "a value reads back");
        check(tree.published_userdata(target).size() <= 256 * 257, "userdata is bounded");
        break;
      }
      case 6: {
        const auto path = target + "/userdata/" + std::string{switches[in.below(4)]};
        (void)tree.write(path, in.text(in.below(4)));
        if (const auto got = tree.read(path)) check(*got == "0\n" || *got == "1\n", "a switch is 0 or 1");
        break;
      }
      case 7:
        switch (in.below(8)) {
          case 0:
            tree.rename_interface("eth1", "eth9");
            break;
          case 1:
            tree.rename_interface("eth9", "eth1");
            break;
          case 2:
            tree.unregister_interface("eth1");
            break;
          case 3:
            tree.register_interface({.name = "eth1", .mac = {2, 0, 0, 0, 0, 2}, .ipv4 = {{10, 0, 3, 15}}});
            break;
          case 4:
            tree.enslave("eth1", in.flag() ? "br0" : "bond0");
            break;
          case 5:
            tree.release("eth1");
            break;
          case 6:
            tree.set_up("eth0", in.flag());
            break;
          default:
            tree.remove_addresses("eth1");
        }
        break;
      case 8:
        if (made.contains(target)) plans(tree, target, in, kernel);
        break;
      case 9: {
        const std::string path{in.text(in.below(40))};
        auto copy = tree.library();
        (void)copy.listdir(path);
        (void)copy.read(path);
        (void)copy.stat(path);
        (void)copy.write(path, "1");
        (void)copy.unlink(path);
        (void)copy.symlink(path);
        break;
      }
      default: {
        const std::string file{files[what == 10 ? 0 : in.below(std::size(files))]};
        const std::string bytes{what == 10 ? std::string_view{in.flag() ? "1" : "0"} : in.text(in.below(48))};
        const auto before = read_all(tree.library(), target);
        const auto wrote = tree.write(target + "/" + file, bytes);
        const auto after = read_all(tree.library(), target);
        check(wrote.has_value() || wrote.error().value() != 0, "a refusal has an errno");
        if (wrote) check(*wrote <= bytes.size(), "no more is taken than is given");
        const bool enabled = before.contains("enabled") && before.at("enabled") == "1\n";
        for (const auto& [name, content] : before) {
          // Enabling binds the device and picks a source; a refused address may have been stored halfway.
          const bool may_change =
              name == file || file == "enabled" || (name.ends_with("_ip") && file.ends_with("_ip"));
          if (!may_change) check(after.at(name) == content, "a write changes no other file");
          if (!wrote && name == file && !file.ends_with("_ip") && file != "enabled")
            check(after.at(name) == content, "a refused write changes nothing");
          if (enabled && file != "enabled") check(after.at(name) == content, "an enabled target is locked");
        }
      }
    }
    const auto listed = tree.listdir("");
    check(listed && std::set<std::string>(listed->begin(), listed->end()) == made,
          "what was made and not removed is there");
    for (const auto& [file, content] : read_all(tree, target)) {
      check(content.ends_with('\n'), "a file ends in a newline");
      if (file != "dev_name") check(content.find('\n') + 1 == content.size(), "a file is one line");
    }
    agree(tree);
  }
  for (const auto& name : made) look_at_all(tree, name);
  agree(tree);
  return 0;
}
