// SPDX-License-Identifier: MIT
// A random row of operations on the netconsole directory, and the kernel's answers against the model's.
//
// configfs_judge make SEED COUNT VERSION OPS      writes the operations for the guest
// configfs_judge judge VERSION OPS RESULTS        plays them on the model; 1 and a line for each difference
//
// The guest has lo, eth0, eth1 and eth2 (dummies with fixed addresses), the bridge br0 and the bond bond0, as
// run.py makes them. The module is loaded with a target on eth2, by its MAC address where the kernel knows
// that.
#include "guest_files.hpp"

#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/parameter/parse.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

namespace cfs = netcon::configfs;

netcon::mac_address mac(std::string_view text) {
  return netcon::mac_address::parse(text).value();
}
netcon::ipv6_address v6(std::string_view text) {
  return netcon::ipv6_address::parse(text).value();
}

constexpr std::string_view eth2_mac = "52:54:00:12:34:5a";

std::string parameter(const netcon::kernel_profile& kernel) {
  const bool by_mac = kernel.supports(netcon::feature::device_by_mac);
  return fmt::format("@/{},@10.0.6.2/", by_mac ? eth2_mac : "eth2");
}

cfs::memory_tree model_of(const netcon::kernel_profile& kernel) {
  return cfs::memory_tree{
      kernel,
      {{.name = "lo", .ipv4 = {{127, 0, 0, 1}}, .ipv6 = {v6("::1")}},
       {.name = "eth0",
        .mac = mac("52:54:00:12:34:56"),
        .ipv4 = {{10, 0, 2, 15}},
        .ipv6 = {v6("fec0::15"), v6("fe80::15")}},
       {.name = "eth1", .mac = mac("52:54:00:12:34:57"), .ipv4 = {{10, 0, 3, 15}}},
       {.name = "eth2", .mac = mac(eth2_mac), .ipv4 = {{10, 0, 6, 15}}},
       {.name = "br0", .mac = mac("52:54:00:12:34:58"), .ipv4 = {{10, 0, 4, 15}}, .bridge = true},
       {.name = "bond0", .mac = mac("52:54:00:12:34:59"), .ipv4 = {{10, 0, 5, 15}}}}};
}

struct event {
  std::string_view command;
  void (*on_model)(cfs::memory_tree&);
};

void join(cfs::memory_tree& t, const char* master) {
  (void)t.release("eth1");
  (void)t.enslave("eth1", master);
}

// The shell commands that change devices, and the same on the model. A new device gets its addresses after
// the kernel has tried to resume targets on it. A bond takes ports that are down, and has another hardware
// address when its last one has left.
const event events[] = {
    {"ip link set eth1 down; ip link set eth1 name eth9; ip link set eth9 up",
     [](cfs::memory_tree& t) {
       (void)t.set_up("eth1", false);
       (void)t.rename_interface("eth1", "eth9");
       (void)t.set_up("eth9", true);
     }},
    {"ip link set eth9 down; ip link set eth9 name eth1; ip link set eth1 up",
     [](cfs::memory_tree& t) {
       (void)t.set_up("eth9", false);
       (void)t.rename_interface("eth9", "eth1");
       (void)t.set_up("eth1", true);
     }},
    {"ip link del eth1; ip link set bond0 address 52:54:00:12:34:59",
     [](cfs::memory_tree& t) { (void)t.unregister_interface("eth1"); }},
    {"ip link add eth1 address 52:54:00:12:34:57 type dummy && sleep 0.2 && ip addr add 10.0.3.15/24 dev "
     "eth1 && "
     "ip link set eth1 up",
     [](cfs::memory_tree& t) {
       if (!t.register_interface({.name = "eth1", .mac = mac("52:54:00:12:34:57"), .up = false})) return;
       (void)t.set_addresses("eth1", {{10, 0, 3, 15}}, {});
       (void)t.set_up("eth1", true);
     }},
    {"ip link set eth1 nomaster; ip link set eth1 master br0; ip link set bond0 address 52:54:00:12:34:59",
     [](cfs::memory_tree& t) { join(t, "br0"); }},
    {"ip link set eth1 nomaster; ip link set bond0 address 52:54:00:12:34:59; ip link set eth1 down; "
     "ip link set eth1 master bond0",
     [](cfs::memory_tree& t) { join(t, "bond0"); }},
    {"ip link set eth1 nomaster; ip link set bond0 address 52:54:00:12:34:59; ip link set eth1 up",
     [](cfs::memory_tree& t) { (void)t.release("eth1"); }},
    {"ip link set eth2 down; ip link set eth2 name eth8; ip link set eth8 up",
     [](cfs::memory_tree& t) {
       (void)t.set_up("eth2", false);
       (void)t.rename_interface("eth2", "eth8");
       (void)t.set_up("eth8", true);
     }},
    {"ip link set eth8 down; ip link set eth8 name eth2; ip link set eth2 up",
     [](cfs::memory_tree& t) {
       (void)t.set_up("eth8", false);
       (void)t.rename_interface("eth8", "eth2");
       (void)t.set_up("eth2", true);
     }},
    {"ip link del eth2", [](cfs::memory_tree& t) { (void)t.unregister_interface("eth2"); }},
    {"ip link del eth8", [](cfs::memory_tree& t) { (void)t.unregister_interface("eth8"); }},
    {"test -e /sys/class/net/eth8 || ip link add eth2 address 52:54:00:12:34:5a type dummy && sleep 0.2 && "
     "ip addr add 10.0.6.15/24 dev eth2 && ip link set eth2 up",
     [](cfs::memory_tree& t) {
       for (const auto& one : t.interfaces())
         if (one.name == "eth8") return;
       if (!t.register_interface({.name = "eth2", .mac = mac(eth2_mac), .up = false})) return;
       (void)t.set_addresses("eth2", {{10, 0, 6, 15}}, {});
       (void)t.set_up("eth2", true);
     }},
    // In a network namespace of its own, which goes with the command.
    {"unshare -n ip link add eth1 address 52:54:00:12:34:60 type dummy",
     [](cfs::memory_tree& t) {
       t.see_interface_elsewhere({.name = "eth1", .mac = mac("52:54:00:12:34:60")});
     }},
    {"unshare -n ip link add other address 52:54:00:12:34:5a type dummy",
     [](cfs::memory_tree& t) { t.see_interface_elsewhere({.name = "other", .mac = mac(eth2_mac)}); }},
    {"ip link set eth1 down", [](cfs::memory_tree& t) { (void)t.set_up("eth1", false); }},
    {"ip link set eth1 up", [](cfs::memory_tree& t) { (void)t.set_up("eth1", true); }},
};

class source {
 public:
  source(std::uint64_t seed, const netcon::kernel_profile& kernel) : random_{seed}, kernel_{kernel} {}

  guest::op next() {
    switch (below(20)) {
      case 0:
      case 1:
        return {"mkdir", one_in(8) ? odd_path() : target(), {}};
      case 2:
        return {"rmdir", one_in(6) ? odd_path() : target(), {}};
      case 3:
        return {"ls", one_in(3) ? target() : one_in(2) ? target() + "/userdata" : odd_path(), {}};
      case 4:
        return {"mkdir", target() + "/userdata/" + key(), {}};
      case 5:
        return {"rmdir", target() + "/userdata/" + key(), {}};
      case 6:
        return {"write", target() + "/userdata/" + key() + "/value", value()};
      case 7:
        return {"read", target() + "/userdata/" + key() + "/value", {}};
      case 8:
        return {"write", target() + "/userdata/" + sysdata(), flag()};
      case 9:
        return {"read", one_in(4) ? odd_path() : target() + "/userdata/" + sysdata(), {}};
      case 10:
        return {"sh", std::string{events[below(std::size(events))].command} + " 2> /dev/null; sleep 0.2", {}};
      case 11:
      case 12:
      case 13:
        return {"write", target() + "/enabled", flag()};
      case 14:
        return {"read", target() + "/" + attribute(), {}};
      case 15:
        if (one_in(6)) return {"write", odd_path(), flag()};
        [[fallthrough]];
      default: {
        const auto name = attribute();
        return {"write", target() + "/" + name, content(name)};
      }
    }
  }

  /// Reads everything there is, so that a silent difference shows.
  std::vector<guest::op> look_around() {
    std::vector<guest::op> ops{{"ls", "", {}}};
    for (const auto& name : targets)
      for (const auto& file : attributes) ops.push_back({"read", name + "/" + file, {}});
    return ops;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  std::string target() { return pick(targets); }
  std::string attribute() { return pick(attributes); }
  std::string sysdata() {
    return pick({"cpu_nr_enabled", "taskname_enabled", "release_enabled", "msgid_enabled"});
  }
  std::string key() {
    return pick({"a", "b", "key", "with space", "k=v", std::string(53, 'x'), std::string(54, 'y'),
                 "cpu_nr_enabled", "msgid_enabled", "\x01\xff", "c", "d", std::to_string(below(20))});
  }
  std::string odd_path() {
    return pick({"",
                 ".",
                 "..",
                 "/",
                 "alpha/",
                 "alpha//enabled",
                 "./alpha",
                 "alpha/./enabled",
                 "alpha/../alpha/enabled",
                 "alpha/userdata",
                 "alpha/enabled",
                 "alpha/enabled/x",
                 "alpha/nothing",
                 "nothing/enabled",
                 "alpha/x/y",
                 "alpha/userdata/",
                 "alpha/userdata/a/value/x",
                 "alpha/userdata/a/other",
                 std::string(255, 'n'),
                 std::string(256, 'n'),
                 "alpha/local_mac",
                 "alpha/transmit_errors",
                 "alpha/userdata/.",
                 "cmdline",
                 "cmdline99",
                 "alpha/userdata/a/value"});
  }
  std::string flag() {
    return pick({"1",
                 "0",
                 "1\n",
                 "0\n",
                 "1",
                 "0",
                 "y",
                 "n",
                 "on",
                 "off",
                 "of",
                 "o",
                 "Y",
                 "t",
                 "e",
                 "d",
                 "2",
                 "-1",
                 "+1",
                 "01",
                 " 1",
                 "",
                 "10",
                 "yes",
                 "1x",
                 "\n",
                 std::string{"1\0", 2},
                 std::string{"\0001", 2}});
  }
  std::string value() {
    auto text =
        pick({"bar", "bar\n", "", "\n", "\n\n", "a\nb\n", "x=y", std::string{"a\0b", 3}, "\xff\x01",
              std::string(197, 'v') + "\n", std::string(198, 'v') + "\n", std::string(199, 'v') + "\n",
              std::string(198, 'v'), std::string(199, 'v'), std::string(200, 'v'), std::string(201, 'v'),
              std::string(4095, 'v'), std::string(5000, 'v')});
    return text;
  }
  std::string content(const std::string& name) {
    std::string text;
    if (name == "dev_name") {
      text =
          pick({"eth0", "eth1", "eth2", "eth8", "eth9", "br0", "br0", "bond0", "bond0", "lo", "nodev", "",
                "eth0 ", "averyverylongna", "averyverylongnam", "averyverylongname", "a\nb", "eth0", "eth1"});
    } else if (name.ends_with("port")) {
      text = pick({"6666", "0", "65535", "65536", "00012", "+5", "-1", "", "0x10", " 1", "1 ",
                   "99999999999999999999", "12a", "+", "++1", std::string{"12\0", 3}});
    } else if (name.ends_with("_ip")) {
      text = pick({"10.0.0.2",
                   "10.0.2.15",
                   "0.0.0.0",
                   "fd00::2",
                   "fec0::15",
                   "::",
                   "::1",
                   "fe80::1",
                   "fe80::1%eth0",
                   "1.2.3",
                   "1.2.3.4.5",
                   "1.2.3.4x",
                   "1.2.3.4:5",
                   "256.1.1.1",
                   "hello",
                   "",
                   "1:2:3:4:5:6:7:8",
                   "1:2:3:4:5:6:7::",
                   "::ffff:1.2.3.4",
                   "::1.2.3.4",
                   "1::2::3",
                   "12345::",
                   "01.02.03.04",
                   " 1.2.3.4",
                   "10.0.0.2 ",
                   "fd00::2 ",
                   "2001:db8::0:1",
                   "FD00::ABCD",
                   "0:0:0:0:0:ffff:a00:1",
                   "1.2.3.4/24",
                   "::/0"});
    } else if (name == "remote_mac") {
      text = pick({"52:54:00:12:34:56", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "AA:bb:CC:dd:EE:ff",
                   "52:54:00:12:34", "52-54-00-12-34-56", "52:54:00:12:34:56x", "", "5:4:3:2:1:0",
                   "52:54:00:12:34:56 ", "525400123456"});
    } else {
      return flag();
    }
    if (one_in(3)) text += '\n';
    if (one_in(30)) text += "\n";
    if (one_in(40)) text += std::string(4100, 'x');
    return text;
  }

  inline static const std::vector<std::string> targets{"alpha", "beta", "cmdline0"};
  inline static const std::vector<std::string> attributes{
      "enabled",     "extended", "release",   "dev_name",  "local_port",
      "remote_port", "local_ip", "remote_ip", "local_mac", "remote_mac"};
  std::mt19937_64 random_;
  netcon::kernel_profile kernel_;
};

struct outcome {
  long ret = -1;
  int error = 0;
  std::string out{};
  std::vector<std::string> log{};  // "LEVEL TEXT"

  bool operator==(const outcome&) const = default;
};

template <class T>
outcome refused(const cfs::result<T>& answer) {
  return {-1, answer.error().value(), {}};
}

outcome play(cfs::memory_tree& tree, const guest::op& op) {
  if (op.what == "mkdir" || op.what == "rmdir") {
    const auto answer = op.what == "mkdir" ? tree.mkdir(op.first) : tree.rmdir(op.first);
    return answer ? outcome{0} : refused(answer);
  }
  if (op.what == "write") {
    const auto answer = tree.write(op.first, op.second);
    return answer ? outcome{static_cast<long>(*answer)} : refused(answer);
  }
  if (op.what == "read") {
    const auto answer = tree.read(op.first);
    return answer ? outcome{static_cast<long>(answer->size()), 0, *answer} : refused(answer);
  }
  const auto names = tree.listdir(op.first);
  if (!names) return refused(names);
  outcome listed{static_cast<long>(names->size())};
  for (const auto& name : *names) listed.out += name + "\n";
  return listed;
}

std::vector<std::string> lines_of(const std::vector<cfs::log_line>& log) {
  std::vector<std::string> lines;
  for (const auto& [severity, text] : log)
    lines.push_back(fmt::format("{} {}", static_cast<int>(severity), text));
  return lines;
}

/// The lines that netconsole, netpoll and printk wrote about targets and consoles.
std::vector<std::string> own_lines(const guest::answer& answer) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < answer.log.size(); ++i) {
    const auto& text = answer.log[i];
    if (text.starts_with("netconsole: ") || text.starts_with("netpoll: ") ||
        text.find("console [netcon") != text.npos)
      lines.push_back(fmt::format("{} {}", answer.levels[i], text));
  }
  return lines;
}

std::string shown(const outcome& o) {
  const auto name = netcon::name(static_cast<netcon::linux_errno>(o.error));
  auto text = o.ret < 0 ? fmt::format("-1 {}", name.empty() ? std::to_string(o.error) : std::string{name})
                        : fmt::format("{} \"{}\"", o.ret, guest::visible(o.out));
  for (const auto& line : o.log) text += fmt::format("\n      {}", guest::visible(line));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "make" && argc == 6) {
    source random{std::strtoull(argv[2], nullptr, 10),
                  netcon::kernel_profile(netcon::kernel_version::parse(argv[4]).value())};
    const auto count = std::strtoull(argv[3], nullptr, 10);
    const auto kernel = netcon::kernel_profile(netcon::kernel_version::parse(argv[4]).value());
    std::vector<guest::op> ops{{"sh", "modprobe netconsole 'netconsole=" + parameter(kernel) + "'", {}}};
    for (unsigned long long i = 0; i < count; ++i) {
      ops.push_back(random.next());
      if (i % 250 == 249)
        for (auto& op : random.look_around()) ops.push_back(std::move(op));
    }
    guest::write_ops(argv[5], ops);
    return 0;
  }
  if (mode != "judge" || argc != 5) {
    fmt::print(stderr, "usage: configfs_judge make SEED COUNT VERSION OPS | judge VERSION OPS RESULTS\n");
    return 2;
  }
  const auto kernel = netcon::kernel_profile(netcon::kernel_version::parse(argv[2]).value());
  auto tree = model_of(kernel);
  const auto ops = guest::read_ops(argv[3]);
  if (!ops.empty() && ops[0].what == "sh")
    (void)tree.add_boot_target(
        netcon::resolve(netcon::parse_target(parameter(kernel), kernel).value(), kernel));
  (void)tree.take_log();
  const auto answers = guest::read_answers(argv[4]);
  std::size_t differences = 0, compared = 0;
  for (std::size_t i = 0; i < std::min(ops.size(), answers.size()); ++i) {
    if (i == 0 && ops[i].what == "sh") continue;
    if (own_lines(answers[i]).size() != answers[i].log.size()) tree.log_elsewhere();
    outcome expected, got{answers[i].ret, answers[i].error, answers[i].out, own_lines(answers[i])};
    if (ops[i].what == "sh") {
      // Of a shell command only the log is compared.
      for (const auto& one : events)
        if (ops[i].first.starts_with(std::string{one.command} + " 2>")) one.on_model(tree);
      expected = {got.ret, got.error, got.out, lines_of(tree.take_log())};
    } else {
      expected = play(tree, ops[i]);
      expected.log = lines_of(tree.take_log());
    }
    ++compared;
    if (expected == got) continue;
    if (++differences <= 20)
      fmt::print("operation {}: {} {} \"{}\": model {}, kernel {}\n", i, ops[i].what,
                 guest::visible(ops[i].first), guest::visible(ops[i].second.substr(0, 60)), shown(expected),
                 shown(got));
  }
  fmt::print("configfs: operations, {} compared, {} differences\n", compared, differences);
  return differences == 0 && answers.size() == ops.size() && compared != 0 ? 0 : 1;
}
