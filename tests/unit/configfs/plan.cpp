// SPDX-License-Identifier: MIT
#include <netcon/configfs/plan.hpp>
#include <netcon/core/error_texts.hpp>

#include <netcon/configfs/apply.hpp>
#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <string_view>
#include <vector>

using namespace netcon;
namespace cfs = netcon::configfs;

namespace {

const auto kernels = {
    kernel_profile{3, 14, 0},
    kernel_profile{4, 19, 0},
    kernel_profile{6, 1, 192},
    kernel_profile{6, 6, 0},
    kernel_profile{6, 9, 0},
    kernel_profile{6, 12, 117},
    kernel_profile{6, 15, 0},
    kernel_profile{6, 17, 0},
    kernel_profile{6, 18, 0},
    kernel_profile{6, 19, 10},
    kernel_profile{7, 0, 10},
    kernel_profile{7, 3, 4},
    kernel_profile{7, 4, 0},
    kernel_profile{7, 3, 4}.with(feature::extended_by_default).with(feature::release_by_default),
};

ipv6_address v6(const char* text) {
  return ipv6_address::parse(text).value();
}

std::vector<cfs::interface> two_interfaces() {
  return {{.name = "eth0",
           .mac = {2, 0, 0, 0, 0, 1},
           .ipv4 = {{10, 0, 2, 15}},
           .ipv6 = {v6("fd00::15"), v6("fe80::15")}},
          {.name = "eth1",
           .mac = {2, 0, 0, 0, 0, 2},
           .ipv4 = {{10, 0, 3, 15}},
           .ipv6 = {v6("fd01::15"), v6("fe80::16")}}};
}

std::vector<std::string> lines(const cfs::plan& p) {
  std::vector<std::string> all;
  for (const auto& step : p.steps) all.push_back(cfs::describe(step));
  return all;
}

settings to_host() {
  return settings{.remote_ip = ipv4_address{10, 0, 2, 2}};
}

}  // namespace

TEST_CASE("a new target: only what differs from the defaults, enabled last") {
  auto want = cfs::state{.settings = to_host()};
  want.settings.extended = true;
  want.settings.dev_name = interface_name::truncated("eth1");
  want.userdata = {{"host", "box 1"}, {"empty", ""}};
  want.sysdata.cpu_nr = true;
  const auto p = cfs::create("box1", want);
  REQUIRE(p);
  CHECK(lines(*p) ==
        std::vector<std::string>{"mkdir box1", "write '1' to box1/extended", "write 'eth1' to box1/dev_name",
                                 "write '10.0.2.2' to box1/remote_ip", "mkdir box1/userdata/host",
                                 "write 'box 1' to box1/userdata/host/value", "mkdir box1/userdata/empty",
                                 "write '1' to box1/userdata/cpu_nr_enabled", "write '1' to box1/enabled"});
  cfs::memory_tree tree{p->kernel, two_interfaces()};
  REQUIRE(cfs::apply(tree, *p));
  CHECK(cfs::satisfies(cfs::read(tree, "box1").value(), want));
  CHECK(tree.published_userdata("box1") == " host=box 1\n");
}

TEST_CASE("a change stops the target only for what is locked") {
  const cfs::state now{.settings = to_host(), .userdata = {{"a", "1"}, {"b", "2"}}};
  auto want = now;
  CHECK(cfs::update("t", now, want)->empty());
  want.userdata = {{"b", "2"}, {"a", "1"}};
  CHECK(lines(*cfs::update("t", now, want)) == std::vector<std::string>{"rmdir t/userdata/a",
                                                                        "mkdir t/userdata/a",
                                                                        "write '1' to t/userdata/a/value"});
  want = now;
  want.settings.remote_port = port{514};
  CHECK(lines(*cfs::update("t", now, want)) == std::vector<std::string>{"write '0' to t/enabled",
                                                                        "write '514' to t/remote_port",
                                                                        "write '1' to t/enabled"});
  want = now;
  want.enabled = false;
  CHECK(lines(*cfs::update("t", now, want)) == std::vector<std::string>{"write '0' to t/enabled"});
}

TEST_CASE("a source that the kernel chose is what an absent one asks for, while enabled") {
  cfs::state now{.settings = to_host()};
  now.settings.local_ip = ipv4_address{10, 0, 2, 15};
  const cfs::state want{.settings = to_host()};
  CHECK(cfs::update("t", now, want)->empty());
  now.enabled = false;
  CHECK(lines(*cfs::update("t", now, want)) ==
        std::vector<std::string>{"write '0.0.0.0' to t/local_ip", "write '1' to t/enabled"});
}

TEST_CASE("a target that was IPv6 is created again for IPv4 up to 6.17, and rewritten whole later") {
  cfs::state now{.settings = {.remote_ip = v6("fd00::2")}, .userdata = {{"k", "v"}}};
  const cfs::state want{.settings = to_host(), .userdata = {{"k", "v"}}};
  CHECK(lines(*cfs::update("t", now, want, kernel_profile{6, 12, 117})) ==
        std::vector<std::string>{"rmdir t/userdata/k", "rmdir t", "mkdir t",
                                 "write '10.0.2.2' to t/remote_ip", "mkdir t/userdata/k",
                                 "write 'v' to t/userdata/k/value", "write '1' to t/enabled"});
  CHECK(lines(*cfs::update("t", now, want, kernel_profile{7, 3, 4})) ==
        std::vector<std::string>{"write '0' to t/enabled", "write '0.0.0.0' to t/local_ip",
                                 "write '10.0.2.2' to t/remote_ip", "write '1' to t/enabled"});
}

TEST_CASE("what a kernel cannot be brought to is refused with a reason") {
  using cfs::plan_problem;
  const auto code = [](const cfs::state& want, kernel_profile p = {}, const char* name = "t") {
    const auto made = cfs::create(name, want, p);
    REQUIRE(!made);
    CHECK(cfs::message(made.error()).size() > 10);
    return made.error().code;
  };
  const cfs::state good{.settings = to_host()};
  for (const auto* name : {"", ".", "..", "a/b"})
    CHECK(code(good, {}, name) == plan_problem::bad_target_name);
  CHECK(code(good, {}, std::string(256, 'n').c_str()) == plan_problem::bad_target_name);
  CHECK(cfs::create(std::string(255, 'n'), good));
  CHECK(!cfs::create(std::string_view{"a\0b", 3}, good));
  CHECK(cfs::create("a/b", good).error() == cfs::plan_error{plan_problem::bad_target_name, "a/b"});
  const auto with = [&](auto change) {
    auto s = good;
    change(s);
    return s;
  };
  CHECK(code(with([](auto& s) { s.settings.dev_mac = mac_address{2, 0, 0, 0, 0, 1}; })) ==
        plan_problem::device_by_mac);
  const auto named = [&](std::string_view device) {
    return with([&](auto& s) { s.settings.dev_name = interface_name::truncated(device); });
  };
  CHECK(code(named("exactly_14_chr\n")) == plan_problem::bad_device_name);
  CHECK(code(named(std::string_view{"a\0b", 3})) == plan_problem::bad_device_name);
  for (const auto* device : {"exactly_15_char", "shorter\n", "a\1b"}) CHECK(cfs::create("t", named(device)));
  const auto to_v6 = with([](auto& s) { s.settings.remote_ip = v6("fd00::1"); });
  CHECK(code(to_v6, kernel_profile{3, 7, 0}) == plan_problem::ipv6_unsupported);
  CHECK(code(to_v6, kernel_profile::latest().without(feature::ipv6)) == plan_problem::ipv6_unsupported);
  CHECK(code(with([](auto& s) { s.settings.extended = true; }), kernel_profile{4, 1, 0}) ==
        plan_problem::unsupported);
  for (const auto* key : {"", ".", "..", "a/b"})
    CHECK(code(with([&](auto& s) { s.userdata = {{key, "v"}}; })) == plan_problem::bad_key);
  CHECK(code(with([](auto& s) { s.settings.local_ip = v6("fd00::1"); })) == plan_problem::family_mismatch);
  CHECK(code(with([](auto& s) { s.settings.release = true; })) == plan_problem::release_without_extended);
  CHECK(code(with([](auto& s) { s.settings.release = s.settings.extended = true; }),
             kernel_profile{6, 1, 192}) == plan_problem::unsupported);
  CHECK(code(with([](auto& s) { s.sysdata.msgid = true; }), kernel_profile{6, 15, 0}) ==
        plan_problem::unsupported);
  CHECK(code(with([](auto& s) { s.userdata = {{"k", "v"}}; }), kernel_profile{6, 8, 0}) ==
        plan_problem::unsupported);
  CHECK(code(with([](auto& s) { s.userdata = {{"k", "v"}, {"k", "w"}}; })) == plan_problem::duplicate_key);
  CHECK(code(with([](auto& s) { s.userdata = {{std::string(54, 'k'), ""}}; })) == plan_problem::key_too_long);
  CHECK(code(with([](auto& s) { s.userdata = {{"cpu_nr_enabled", ""}}; })) == plan_problem::reserved_key);
  CHECK(code(with([](auto& s) { s.userdata = {{"k", std::string(200, 'v')}}; })) ==
        plan_problem::value_too_long);
  CHECK(code(with([](auto& s) { s.userdata = {{"k", std::string(198, 'v') + '\n'}}; })) ==
        plan_problem::value_too_long);
  CHECK(code(with([](auto& s) { s.userdata = {{"k", std::string{"a\0b", 3}}}; })) == plan_problem::bad_value);
  const auto many = with([](auto& s) {
    for (int i = 0; i < 16; ++i) s.userdata.push_back({std::to_string(i), "v"});
  });
  CHECK(cfs::create("t", many, kernel_profile{6, 15, 0}));
  auto more = many;
  more.sysdata.cpu_nr = true;
  CHECK(code(more, kernel_profile{6, 15, 0}) == plan_problem::too_many_entries);
  CHECK(cfs::create("t", more, kernel_profile{6, 19, 0}));
}

TEST_CASE("an unspecified source is none until it can be told from one") {
  cfs::state want{.settings = to_host()};
  want.settings.local_ip = ip_address{};
  CHECK(!cfs::create("t", want, kernel_profile{7, 3, 4})->after->settings.local_ip);
  CHECK(cfs::create("t", want, kernel_profile{7, 4, 0})->after->settings.local_ip == ip_address{});
}

TEST_CASE("new settings leave the rest of a target and enable it") {
  const cfs::state now{.settings = to_host(), .enabled = false, .userdata = {{"k", "v"}}};
  auto want = now.settings;
  want.remote_port = port{514};
  const auto p = cfs::update("t", now, want);
  CHECK(lines(*p) == std::vector<std::string>{"write '514' to t/remote_port", "write '1' to t/enabled"});
  CHECK(p->after->userdata == now.userdata);
}

TEST_CASE("release_enabled is not believed where the kernel shows another switch, and written") {
  const kernel_profile kernel{6, 18, 15};
  cfs::memory_tree tree{kernel, two_interfaces()};
  REQUIRE(tree.mkdir("t"));
  REQUIRE(tree.write("t/userdata/release_enabled", "1"));
  REQUIRE(tree.write("t/userdata/cpu_nr_enabled", "1"));
  const auto now = cfs::read(tree, "t", kernel).value();
  CHECK(cfs::is_release_switch_unknown(now));
  CHECK(now.sysdata == cfs::sysdata_switches{.cpu_nr = true});
  CHECK(now.unknown == std::vector<cfs::unknown_file>{{"userdata/release_enabled", "0\n"}});
  for (const bool on : {false, true}) {
    auto want = now;
    want.unknown.clear();
    want.sysdata.release = on;
    CHECK(lines(cfs::update("t", now, want, kernel).value()) ==
          std::vector<std::string>{std::string{"write '"} + (on ? '1' : '0') +
                                   "' to t/userdata/release_enabled"});
  }
  // Who changes something else leaves the switch as it is.
  auto other = now;
  other.sysdata.cpu_nr = false;
  CHECK(lines(cfs::update("t", now, other, kernel).value()) ==
        std::vector<std::string>{"write '0' to t/userdata/cpu_nr_enabled"});
  CHECK(cfs::update("t", now, now, kernel).value().empty());
  const auto later = cfs::read(tree, "t", kernel_profile{7, 0, 0}).value();
  CHECK(!cfs::is_release_switch_unknown(later));
}

TEST_CASE("each switch of sysdata is written where it changes") {
  const cfs::state now{.settings = to_host()};
  auto want = now;
  want.sysdata = {.cpu_nr = true, .taskname = true, .release = true, .msgid = true};
  const auto on = cfs::update("t", now, want, kernel_profile{7, 3, 4});
  CHECK(lines(*on) == std::vector<std::string>{"write '1' to t/userdata/cpu_nr_enabled",
                                               "write '1' to t/userdata/taskname_enabled",
                                               "write '1' to t/userdata/release_enabled",
                                               "write '1' to t/userdata/msgid_enabled"});
  const auto off = cfs::inverse(*on);
  CHECK(lines(*off) == std::vector<std::string>{"write '0' to t/userdata/cpu_nr_enabled",
                                                "write '0' to t/userdata/taskname_enabled",
                                                "write '0' to t/userdata/release_enabled",
                                                "write '0' to t/userdata/msgid_enabled"});
  const auto made = cfs::create("t", now, kernel_profile{7, 3, 4});
  CHECK(lines(cfs::inverse(*made).value()) == std::vector<std::string>{"rmdir t"});
}

namespace {

class dice {
 public:
  explicit dice(unsigned seed) : engine_{seed} {}
  unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }
  bool coin() { return below(2) != 0; }
  template <class T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + below(static_cast<unsigned>(from.size())));
  }

 private:
  std::mt19937 engine_;
};

std::string any_key(dice& d) {
  return d.pick<std::string>({"a", "b", "c", "with space", "odd=\n;", "user", std::string(53, 'k')});
}

std::string any_value(dice& d) {
  return d.pick<std::string>(
      {"", "1", "two words", "a\nb", "ends\n", "\n", std::string(199, 'v'), "\xff\x01"});
}

// One operation of the kind that people and scripts do, right and wrong.
void any_operation(cfs::memory_tree& tree, dice& d) {
  const std::string t = "t/";
  switch (d.below(8)) {
    case 0:
      (void)tree.mkdir("t");
      break;
    case 1:
      (void)tree.mkdir(t + "userdata/" + any_key(d));
      break;
    case 2:
      (void)tree.rmdir(t + "userdata/" + any_key(d));
      break;
    case 3:
      (void)tree.write(t + "userdata/" + any_key(d) + "/value", any_value(d));
      break;
    case 4:
      (void)tree.write(
          t + d.pick({"enabled", "extended", "release", "userdata/cpu_nr_enabled", "userdata/msgid_enabled"}),
          d.pick({"0", "1", "1", "yes", "x"}));
      break;
    case 5:
      (void)tree.write(t + d.pick({"local_ip", "remote_ip"}),
                       d.pick({"0.0.0.0", "10.9.8.7", "::", "fd00::7", "fe80::9", "1.2.3.4:5", "hello",
                               "fe80::2%eth0", "fe80::5efe:10.0.0.1", "::ffff:1.2.3.4"}));
      break;
    case 6:
      (void)tree.write(t + d.pick({"local_port", "remote_port", "remote_mac", "dev_name"}),
                       d.pick({"514", "70000", "eth0", "eth1", "02:00:00:00:00:09", "\n"}));
      break;
    default:
      if (d.below(4) == 0) (void)tree.rmdir("t");
  }
}

cfs::state any_state(dice& d, const kernel_profile& p) {
  cfs::state s;
  const bool six = d.coin() && p.supports(feature::strict_addresses);
  auto& w = s.settings;
  w.remote_ip =
      six ? d.pick<ip_address>({v6("fd00::2"), v6("fe80::2"), v6("::")})
          : d.pick<ip_address>({ipv4_address{10, 0, 2, 2}, ipv4_address{192, 0, 2, 1}, ipv4_address{}});
  if (d.coin()) w.local_ip = six ? ip_address{v6("fd00::77")} : ip_address{ipv4_address{10, 0, 2, 77}};
  w.extended = p.supports(feature::extended) && d.coin();
  w.release = p.supports(feature::release) && w.extended && d.coin();
  w.dev_name = interface_name::truncated(d.coin() ? "eth0" : "eth1");
  w.local_port = port{d.pick<std::uint16_t>({0, 6665, 65535})};
  w.remote_port = port{d.pick<std::uint16_t>({1, 6666, 514})};
  w.remote_mac = d.pick({mac_address::broadcast(), mac_address{2, 0, 0, 0, 0, 9}, mac_address{}});
  s.enabled = d.coin();
  if (p.supports(feature::userdata))
    for (unsigned i = d.below(5); i > 0; --i) {
      const auto key = any_key(d);
      if (std::ranges::find(s.userdata, key, &cfs::userdata_entry::key) == s.userdata.end())
        s.userdata.push_back({key, any_value(d)});
    }
  if (p.supports(feature::sysdata)) s.sysdata = {d.coin(), d.coin(), d.coin(), false};
  if (p.supports(feature::sysdata_msgid)) s.sysdata.msgid = d.coin();
  return s;
}

// Fails the n-th operation, before the kernel sees it.
class failing_tree {
 public:
  failing_tree(cfs::memory_tree& inner, std::size_t n) : inner_{inner}, left_{n} {}
  cfs::result<void> mkdir(std::string_view path) { return now() ? cfs::refuse(ENOMEM) : inner_.mkdir(path); }
  cfs::result<void> rmdir(std::string_view path) { return now() ? cfs::refuse(ENOMEM) : inner_.rmdir(path); }
  cfs::result<std::size_t> write(std::string_view path, std::string_view bytes) {
    return now() ? cfs::refuse(ENOMEM) : inner_.write(path, bytes);
  }
  cfs::result<std::string> read(std::string_view path) const { return inner_.read(path); }
  cfs::result<std::vector<std::string>> entries(std::string_view path) const { return inner_.entries(path); }

 private:
  bool now() { return left_-- == 0; }
  cfs::memory_tree& inner_;
  std::size_t left_;
};

}  // namespace

TEST_CASE("from whatever a target has become, an update ends in what is wanted", "[slow]") {
  dice d{20261120};
  for (const auto& kernel : kernels) {
    for (int round = 0; round < 400; ++round) {
      cfs::memory_tree tree{kernel, two_interfaces()};
      REQUIRE(tree.mkdir("t"));
      for (unsigned i = d.below(40); i > 0; --i) any_operation(tree, d);
      (void)tree.mkdir("t");
      const auto now = cfs::read(tree, "t", kernel);
      REQUIRE(now);
      const auto want = any_state(d, kernel);
      const auto change = cfs::update("t", *now, want, kernel);
      REQUIRE(change);
      INFO(to_string(kernel.version()) << " round " << round);
      for (const auto& line : lines(*change)) UNSCOPED_INFO(line);
      const auto before = tree;
      const auto done = cfs::apply(tree, *change);
      if (!done) UNSCOPED_INFO(done.error().step << " " << cfs::describe(done.error().code));
      REQUIRE(done);
      const auto then = cfs::read(tree, "t", kernel);
      REQUIRE(then);
      REQUIRE(cfs::satisfies(*then, want));
      const bool writes_unread = cfs::is_release_switch_unknown(*then);
      const auto again = cfs::update("t", *then, want, kernel);
      if (writes_unread)
        REQUIRE((again->steps.size() == 1 && again->steps[0].path == "t/userdata/release_enabled"));
      else
        REQUIRE(again->empty());

      // No step is superfluous: without it the target is not as wanted, or a later step is refused.
      for (std::size_t left_out = 0; left_out < change->steps.size(); ++left_out) {
        auto shorter = *change;
        shorter.steps.erase(shorter.steps.begin() + static_cast<std::ptrdiff_t>(left_out));
        auto copy = before;
        bool refused = false;
        for (const auto& step : shorter.steps) refused = refused || cfs::perform(copy, step);
        const auto got = cfs::read(copy, "t", kernel);
        const auto& path = change->steps[left_out].path;
        const bool resets_unseen =
            path.ends_with("_ip") || (writes_unread && path.ends_with("/release_enabled"));
        REQUIRE((refused || !got || !cfs::satisfies(*got, want) || resets_unseen));
      }
    }
  }
}

TEST_CASE("a plan that stops half way leaves the target as it was, and its inverse too") {
  dice d{1};
  for (const auto& kernel : kernels) {
    for (int round = 0; round < 150; ++round) {
      cfs::memory_tree tree{kernel, two_interfaces()};
      const auto first = any_state(d, kernel), want = any_state(d, kernel);
      REQUIRE(cfs::apply(tree, cfs::create("t", first, kernel).value()));
      const auto now = cfs::read(tree, "t", kernel).value();
      const auto change = cfs::update("t", now, want, kernel);
      REQUIRE(change);
      if (change->empty()) continue;
      auto half = tree;
      failing_tree failing{half, d.below(static_cast<unsigned>(change->steps.size()))};
      const auto stopped = cfs::apply(failing, *change);
      REQUIRE(!stopped);
      INFO(to_string(kernel.version()) << " step " << stopped.error().step);
      CHECK(stopped.error().rolled_back);
      CHECK(cfs::satisfies(cfs::read(half, "t", kernel).value(), now));

      REQUIRE(cfs::apply(tree, *change));
      const auto back = cfs::inverse(*change);
      REQUIRE(back);
      REQUIRE(cfs::apply(tree, *back));
      CHECK(cfs::satisfies(cfs::read(tree, "t", kernel).value(), now));

      const auto gone = cfs::remove("t", now, kernel);
      REQUIRE(cfs::apply(tree, gone));
      CHECK(!cfs::read(tree, "t", kernel));
      REQUIRE(cfs::apply(tree, cfs::inverse(gone).value()));
      CHECK(cfs::satisfies(cfs::read(tree, "t", kernel).value(), now));
    }
  }
}

namespace {

// Another program does something right before the n-th operation.
class shared_tree {
 public:
  shared_tree(cfs::memory_tree& inner, std::size_t n, std::function<void()> other)
      : inner_{inner}, left_{n}, other_{std::move(other)} {}
  cfs::result<void> mkdir(std::string_view path) { return share(), inner_.mkdir(path); }
  cfs::result<void> rmdir(std::string_view path) { return share(), inner_.rmdir(path); }
  cfs::result<std::size_t> write(std::string_view path, std::string_view bytes) {
    return share(), inner_.write(path, bytes);
  }
  cfs::result<std::string> read(std::string_view path) const { return inner_.read(path); }
  cfs::result<std::vector<std::string>> entries(std::string_view path) const { return inner_.entries(path); }

 private:
  void share() {
    if (left_-- == 0) other_();
  }
  cfs::memory_tree& inner_;
  std::size_t left_;
  std::function<void()> other_;
};

}  // namespace

TEST_CASE("two programs that want the same target get it, whenever the second one comes") {
  for (const auto& kernel : kernels) {
    cfs::state want{.settings = to_host()};
    want.settings.remote_mac = mac_address{2, 0, 0, 0, 0, 9};
    if (kernel.supports(feature::userdata)) want.userdata = {{"a", "1"}, {"b", "2"}};
    auto old = want;
    old.settings.remote_port = port{514};
    old.settings.local_port = port{7000};
    old.userdata.clear();
    const auto bring = [&](cfs::memory_tree& tree, const cfs::state& to) {
      const auto now = cfs::read(tree, "t", kernel);
      const auto change = now ? cfs::update("t", *now, to, kernel) : cfs::create("t", to, kernel);
      return cfs::apply(tree, change.value());
    };
    for (const bool is_there : {false, true}) {
      cfs::memory_tree first{kernel, two_interfaces()};
      if (is_there) REQUIRE(bring(first, old));
      const auto now = cfs::read(first, "t", kernel);
      const auto change = now ? cfs::update("t", *now, want, kernel) : cfs::create("t", want, kernel);
      REQUIRE(change);
      for (std::size_t at = 1; at < change->steps.size(); ++at) {
        INFO(to_string(kernel.version()) << (is_there ? " update " : " create ") << at);
        auto tree = first;
        shared_tree shared{tree, at, [&] { REQUIRE(bring(tree, want)); }};
        CHECK(cfs::apply(shared, *change));
        CHECK(cfs::satisfies(cfs::read(tree, "t", kernel).value(), want));
      }
    }
    // And two that remove it: neither makes it again.
    cfs::memory_tree first{kernel, two_interfaces()};
    REQUIRE(bring(first, want));
    const auto gone = cfs::remove("t", want, kernel);
    for (std::size_t at = 1; at < gone.steps.size(); ++at) {
      auto tree = first;
      shared_tree shared{tree, at, [&] {
                           REQUIRE(cfs::apply(tree, cfs::remove("t", cfs::read(tree, "t", kernel).value())));
                         }};
      CHECK(cfs::apply(shared, gone));
      CHECK(tree.entries("")->empty());
    }
  }
}

TEST_CASE("what another program made of a target meanwhile stays") {
  for (const auto& kernel : kernels) {
    cfs::state mine{.settings = to_host()}, theirs = mine;
    mine.settings.remote_mac = mac_address{2, 0, 0, 0, 0, 9};
    mine.settings.local_ip = ipv4_address{10, 0, 2, 15};  // otherwise 7.4 makes it again
    theirs.settings.remote_port = port{514};
    cfs::memory_tree tree{kernel, two_interfaces()};
    shared_tree made{tree, 1, [&] {
                       const auto now = cfs::read(tree, "t", kernel).value();
                       REQUIRE(cfs::apply(tree, cfs::update("t", now, theirs, kernel).value()));
                     }};
    const auto refused = cfs::apply(made, cfs::create("t", mine, kernel).value());
    REQUIRE(!refused);
    CHECK(refused.error().reason.ends_with("another program changes this target, which stays as it is now"));
    CHECK(!refused.error().rolled_back);
    CHECK(cfs::satisfies(cfs::read(tree, "t", kernel).value(), theirs));

    const auto now = cfs::read(tree, "t", kernel).value();
    shared_tree removed{tree, 1, [&] { REQUIRE(tree.rmdir("t")); }};
    CHECK(!cfs::apply(removed, cfs::update("t", now, mine, kernel).value()));
    CHECK(tree.entries("")->empty());
  }
}

TEST_CASE("making a target that fails removes it; one that was there is left alone") {
  cfs::memory_tree tree{kernel_profile::latest(), {{.name = "eth0"}}};
  const auto p = cfs::create("t", to_host()).value();
  const auto failed = cfs::apply(tree, p);
  REQUIRE(!failed);
  CHECK(failed.error().failed == cfs::step{cfs::operation::write, "t/enabled", "1\n"});
  CHECK(failed.error().code.value() == EDESTADDRREQ);
  CHECK(failed.error().reason == "interface 'eth0' has no address of the target's family: set local_ip");
  CHECK(failed.error().rolled_back);
  CHECK(tree.entries("")->empty());
  REQUIRE(tree.mkdir("t"));
  CHECK(cfs::apply(tree, p).error().reason == "it exists already");
  CHECK(tree.entries("") == std::vector<std::string>{"t"});
}

TEST_CASE("a plan that makes cmdlineN leaves the running target of the parameter alone") {
  for (const auto kernel : {kernel_profile{6, 12, 117}, kernel_profile{7, 3, 4}}) {
    cfs::memory_tree tree{kernel, two_interfaces()};
    const auto running = resolve(parse_target("+@/eth0,@10.0.2.9/", kernel).value(), kernel);
    REQUIRE(tree.add_boot_target(running));
    const auto failed = cfs::apply(tree, cfs::create("cmdline0", to_host(), kernel).value());
    REQUIRE(!failed);
    CHECK(failed.error().failed == cfs::step{cfs::operation::mkdir, "cmdline0", {}});
    CHECK(failed.error().code.value() == EEXIST);
    CHECK(failed.error().reason ==
          "it is a target of the boot parameter, which has a directory now: read and update it");
    CHECK(failed.error().rolled_back);
    CHECK(tree.read("cmdline0/enabled") == "1\n");
    CHECK(tree.read("cmdline0/remote_ip") == "10.0.2.9\n");
    // Where there is none of that number, the name is nothing special.
    REQUIRE(cfs::apply(tree, cfs::create("cmdline1", to_host(), kernel).value()));
    auto nowhere = to_host();
    nowhere.dev_name = interface_name::truncated("eth9");
    const auto undone = cfs::apply(tree, cfs::create("cmdline2", nowhere, kernel).value());
    REQUIRE(!undone);
    CHECK(undone.error().rolled_back);
    CHECK(tree.entries("") == std::vector<std::string>{"cmdline0", "cmdline1"});
  }
}

TEST_CASE("a change of a target that is gone does not make it") {
  cfs::memory_tree tree{kernel_profile::latest(), two_interfaces()};
  cfs::state now{.settings = to_host()}, want = now;
  want.settings.remote_port = port{7000};
  const auto failed = cfs::apply(tree, cfs::update("t", now, want).value());
  REQUIRE(!failed);
  CHECK(failed.error().code.value() == ENOENT);
  CHECK(failed.error().rolled_back);
  CHECK(tree.entries("")->empty());
}

TEST_CASE("reasons in words") {
  cfs::memory_tree tree{kernel_profile{6, 12, 117}, two_interfaces()};
  REQUIRE(tree.mkdir("t"));
  const auto reason = [&](const cfs::step& step) {
    const auto code = cfs::perform(tree, step);
    REQUIRE(code);
    return cfs::explain(tree, step, code);
  };
  CHECK(reason({cfs::operation::write, "t/enabled", "0"}) == "target is disabled already");
  REQUIRE(tree.write("t/release", "1"));
  CHECK(reason({cfs::operation::write, "t/enabled", "1"}) ==
        "release needs extended: set extended to 1 or release to 0 first");
  REQUIRE(tree.write("t/release", "0"));
  REQUIRE(tree.write("t/enabled", "1"));
  CHECK(reason({cfs::operation::write, "t/remote_ip", "10.0.0.1"}) ==
        "target is enabled: disable it to change remote_ip");
  CHECK(reason({cfs::operation::write, "t/enabled", "1"}) == "target is enabled already");
  CHECK(reason({cfs::operation::mkdir, "t/userdata/" + std::string(54, 'k')}) ==
        "a userdata key has at most 53 bytes");
  CHECK(reason({cfs::operation::rmdir, "t/userdata"}) == "the kernel made it and keeps it");
  CHECK(reason({cfs::operation::write, "t/local_mac", "x"}) == "the file is read-only, or root is needed");
}

TEST_CASE("an EINVAL of setting up is no value that the kernel cannot read") {
  const auto reason = [](const kernel_profile& kernel, const char* local, const char* remote) {
    cfs::memory_tree tree{kernel, two_interfaces()};
    REQUIRE(tree.mkdir("t"));
    if (*local != '\0') REQUIRE(tree.write("t/local_ip", local));
    if (*remote != '\0') REQUIRE(tree.write("t/remote_ip", remote));
    const cfs::step enable{cfs::operation::write, "t/enabled", "1\n"};
    const auto code = cfs::perform(tree, enable);
    REQUIRE(code.value() == EINVAL);
    return cfs::explain(tree, enable, code);
  };
  const kernel_profile next{7, 4};
  CHECK(reason(next, "", "") == "no receiver is set, which Linux 7.4 wants: write remote_ip");
  CHECK(reason(next, "fd00::1", "10.0.0.2").starts_with("one address is IPv4 and the other IPv6: "));
  CHECK(reason(next, "10.0.0.1", "fd00::2").starts_with("one address is IPv4 and the other IPv6: "));
  CHECK(reason(kernel_profile{6, 12, 117}.without(feature::ipv6), "", "fd00::2")
            .starts_with("this kernel has no netconsole over IPv6: "));
}

TEST_CASE("the words say up to which kernel a target that is IPv6 stays so") {
  for (const auto& kernel : kernels) {
    cfs::memory_tree tree{kernel, two_interfaces()};
    REQUIRE(tree.mkdir("t"));
    if (!kernel.supports(feature::strict_addresses)) continue;
    REQUIRE(tree.write("t/remote_ip", "fd00::2"));
    const cfs::step to_ipv4{cfs::operation::write, "t/remote_ip", "10.0.0.2"};
    const auto code = cfs::perform(tree, to_ipv4);
    CHECK(static_cast<bool>(code) == (kernel.version() < kernel_version{6, 18, 0}));
    if (code) CHECK(cfs::explain(tree, to_ipv4, code).find("up to Linux 6.17 ") != std::string::npos);
  }
}

TEST_CASE("parameter to plan to tree to parameter keeps the settings, on every kernel") {
  for (const auto& kernel : kernels)
    for (const auto* text :
         {"@/,@10.0.0.2/", "+@/eth1,@10.0.0.2/02:00:00:00:00:01", "+1@10.0.2.3/eth0,2@10.0.2.2/",
          "@fd00::1/eth0,@fd00::2/", "+r4444@/eth1,514@fe80::1/00:11:22:33:44:55"}) {
      const auto parsed = parse_target(text, kernel);
      if (!parsed) continue;
      const auto wanted = resolve(*parsed, kernel);
      cfs::memory_tree tree{kernel, two_interfaces()};
      const auto p = cfs::create("t", wanted, kernel);
      REQUIRE(p);
      REQUIRE(cfs::apply(tree, *p));
      auto got = cfs::read(tree, "t", kernel).value();
      CHECK(cfs::satisfies(got, *p->after));
      if (!wanted.local_ip) got.settings.local_ip.reset();
      CHECK(parse_target(to_string(shortest(full(got.settings), kernel)), kernel) ==
            shortest(*parsed, kernel));
    }
}

TEST_CASE("every operation and every problem has its name") {
  using cfs::plan_problem;
  CHECK(name(cfs::operation::mkdir) == "mkdir");
  CHECK(name(cfs::operation::rmdir) == "rmdir");
  CHECK(name(cfs::operation::write) == "write");
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(plan_problem::value_too_long); ++i) {
    const auto code = static_cast<plan_problem>(i);
    CHECK(std::ranges::count(names, name(code)) == 0);
    CHECK(cfs::message({code, "x"}) != "unknown problem");
    names.push_back(name(code));
  }
  CHECK(name(plan_problem::bad_target_name) == "bad-target-name");
  CHECK(name(plan_problem::family_mismatch) == "family-mismatch");
  CHECK(name(plan_problem::value_too_long) == "value-too-long");
  CHECK(name(static_cast<plan_problem>(names.size())) == "unknown-problem");
}

TEST_CASE("a problem that parameters have too shares the words of their errors") {
  using cfs::plan_problem;
  const auto text = cfs::message({plan_problem::family_mismatch, ""});
  CHECK(text.starts_with(message(netcon::text_errc::family_mismatch)));
  CHECK(text.ends_with(hint(netcon::text_errc::family_mismatch)));
}
