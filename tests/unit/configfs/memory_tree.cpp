// SPDX-License-Identifier: MIT
#include <netcon/configfs/model/memory_tree.hpp>

#include <netcon/parameter/parse.hpp>

#include "support/catch.hpp"

#include <fstream>
#include <random>
#include <set>
#include <sstream>

using namespace netcon;
namespace cfs = netcon::configfs;
using cfs::memory_tree;

namespace {

const auto k61 = kernel_profile{6, 1, 192}, k612 = kernel_profile{6, 12, 117}, k73 = kernel_profile{7, 3, 4};

ipv6_address v6(const char* text) {
  return ipv6_address::parse(text).value();
}

cfs::interface eth0() {
  return {.name = "eth0",
          .mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56},
          .ipv4 = {{10, 0, 2, 15}, {10, 0, 2, 16}},
          .ipv6 = {v6("fec0::15"), v6("fe80::15")}};
}

memory_tree one_target(const kernel_profile& kernel, cfs::interface device = eth0()) {
  memory_tree tree{kernel, {std::move(device)}};
  REQUIRE(tree.mkdir("t"));
  return tree;
}

// The errno's name, or "ok".
template <class T>
std::string said(const cfs::result<T>& answer) {
  return answer ? "ok" : std::string{name(cfs::number_of(answer.error()))};
}

// What a write answers and what the file shows then: "EINVAL 1.2.3.4".
std::string wrote(memory_tree& tree, const std::string& path, std::string_view bytes) {
  const auto answer = tree.write(path, bytes);
  auto text = tree.read(path).value();
  text.pop_back();
  return (answer ? std::to_string(*answer) : said(answer)) + ' ' + text;
}

}  // namespace

TEST_CASE("docs/configfs.md has the table of files") {
  std::ifstream in{TEST_DATA_DIR "/../../docs/configfs.md"};
  std::stringstream text;
  text << in.rdbuf();
  for (const auto& file : cfs::attribute_table) {
    const auto* where = file.where == cfs::folder::target     ? "target"
                        : file.where == cfs::folder::userdata ? "userdata"
                                                              : "entry";
    std::string needs = "-";
    for (const auto& row : feature_table)
      if (file.needs == row.what) needs = row.name;
    const auto line = "| `" + std::string{file.name} + "` | " + where + " | " +
                      (file.writable ? "0644" : "0444") + " | " + (file.locked ? "yes" : "no") + " | " +
                      needs + " | " + std::string{file.shown} + " |\n";
    INFO(line);
    CHECK(text.str().find(line) != std::string::npos);
  }
}

TEST_CASE("a new target has the files, modes and values of the table") {
  for (const auto& kernel :
       {k61, k612, k73, k73.with(feature::extended_by_default), kernel_profile{7, 4, 0}}) {
    const auto tree = one_target(kernel);
    for (std::size_t i = 0; i < cfs::attribute_table.size(); ++i) {
      const auto& file = cfs::attribute_table[i];
      CHECK(static_cast<std::size_t>(file.what) == i);
      if (file.where == cfs::folder::entry) continue;
      const auto path = (file.where == cfs::folder::target ? "t/" : "t/userdata/") + std::string{file.name};
      INFO(to_string(kernel.version()) << ' ' << path);
      if (!cfs::exists(file, kernel)) {
        CHECK(said(tree.read(path)) == "ENOENT");
        continue;
      }
      CHECK(tree.read(path) == std::string{cfs::initial_text(file.what, kernel)} + '\n');
      CHECK(tree.stat(path) == cfs::file_status{0100000u | file.mode(), 4096});
    }
  }
}

TEST_CASE("paths are walked as the kernel walks them") {
  auto tree = one_target(k73);
  REQUIRE(tree.mkdir("t/userdata/k"));
  const std::string longest(255, 'n'), longer(256, 'n');
  const std::vector<std::tuple<std::string, std::string, std::string, std::string, std::string>> expected{
      // path, mkdir, rmdir, read, write
      {"", "EEXIST", "EPERM", "EISDIR", "EISDIR"},
      {".", "EEXIST", "EINVAL", "EISDIR", "EISDIR"},
      {"..", "EEXIST", "ENOTEMPTY", "EISDIR", "EISDIR"},
      {"../netconsole", "EEXIST", "EPERM", "EISDIR", "EISDIR"},
      {"../other", "EPERM", "ENOENT", "ENOENT", "ENOENT"},
      {"t", "EEXIST", "ENOTEMPTY", "EISDIR", "EISDIR"},
      {"t/.", "EEXIST", "EINVAL", "EISDIR", "EISDIR"},
      {"t/..", "EEXIST", "ENOTEMPTY", "EISDIR", "EISDIR"},
      {"t/new", "EPERM", "ENOENT", "ENOENT", "ENOENT"},
      {"t/enabled", "EEXIST", "ENOTDIR", "ok", "EINVAL"},
      {"t/enabled/", "EEXIST", "ENOTDIR", "ENOTDIR", "ENOTDIR"},
      {"t/enabled/x", "ENOTDIR", "ENOTDIR", "ENOTDIR", "ENOTDIR"},
      {"t/local_mac", "EEXIST", "ENOTDIR", "ok", "EACCES"},
      {"t/userdata", "EEXIST", "EPERM", "EISDIR", "EISDIR"},
      {"t/userdata/k/value", "EEXIST", "ENOTDIR", "ok", "ok"},
      {"t/userdata/k/new", "EPERM", "ENOENT", "ENOENT", "ENOENT"},
      {"t/userdata/cpu_nr_enabled", "EEXIST", "ENOTDIR", "ok", "EINVAL"},
      {"none/x", "ENOENT", "ENOENT", "ENOENT", "ENOENT"},
      {"none/../t/enabled", "ENOENT", "ENOENT", "ENOENT", "ENOENT"},
      {"t//userdata/./k/../../enabled", "EEXIST", "ENOTDIR", "ok", "EINVAL"},
      {longer, "ENAMETOOLONG", "ENAMETOOLONG", "ENAMETOOLONG", "ENAMETOOLONG"},
      {longer + "/x", "ENAMETOOLONG", "ENAMETOOLONG", "ENAMETOOLONG", "ENAMETOOLONG"},
      {"t/userdata/" + std::string(54, 'k'), "ENAMETOOLONG", "ENOENT", "ENOENT", "ENOENT"},
      {"t/userdata/" + longer, "ENAMETOOLONG", "ENAMETOOLONG", "ENAMETOOLONG", "ENAMETOOLONG"},
      {std::string(5000, '/'), "ENAMETOOLONG", "ENAMETOOLONG", "ENAMETOOLONG", "ENAMETOOLONG"},
  };
  for (const auto& [path, mkdir, rmdir, read, write] : expected) {
    INFO(path.substr(0, 60));
    CHECK(said(tree.mkdir(path)) == mkdir);
    CHECK(said(tree.rmdir(path)) == rmdir);
    CHECK(said(tree.read(path)) == read);
    CHECK(said(tree.write(path, "x")) == write);
    CHECK(said(tree.listdir(path)) == (read == "EISDIR" ? "ok" : read == "ok" ? "ENOTDIR" : read));
  }
  CHECK(tree.mkdir(longest + "//"));
  CHECK(tree.rmdir(longest + "/"));
  CHECK(tree.mkdir("\xff \n=;*"));
  CHECK(said(tree.unlink("t")) == "EISDIR");
  CHECK(said(tree.unlink("t/userdata/k")) == "EISDIR");
  CHECK(said(tree.unlink("none")) == "ENOENT");
  CHECK(said(tree.unlink("t/enabled/")) == "ENOTDIR");
  CHECK(said(tree.symlink("t/enabled")) == "EEXIST");
  CHECK(said(tree.rename("none", "x")) == "ENOENT");
  CHECK(said(tree.rename("t", "t")) == "ok");
  CHECK(said(tree.rename("t", "t/userdata/x")) == "EINVAL");
  CHECK(said(tree.rename("t/userdata/k", "t")) == "ENOTEMPTY");
  CHECK(said(tree.rename("t/enabled", "t/userdata")) == "EISDIR");
  CHECK(said(tree.rename("t", "t/enabled")) == "EINVAL");
  CHECK(said(tree.rename("t/enabled", "t/x")) == "EPERM");
  // 6.1 has no userdata at all.
  auto old = one_target(k61);
  CHECK(said(old.mkdir("t/userdata")) == "EPERM");
  CHECK(said(old.mkdir("t/release")) == "EPERM");
  CHECK(said(old.read("t/userdata/k/value")) == "ENOENT");
}

TEST_CASE("one write takes 4095 bytes, and a NUL ends the value") {
  using namespace std::string_view_literals;
  auto old = one_target(k612), now = one_target(k73);
  CHECK(wrote(old, "t/local_port", "12\0junk"sv) == "2 12");
  CHECK(wrote(now, "t/local_port", "12\0junk"sv) == "7 12");
  CHECK(wrote(old, "t/extended", "1\0"sv) == "1 1");
  CHECK(wrote(now, "t/extended", "\0"sv) == "EINVAL 0");
  CHECK(wrote(old, "t/dev_name", "\0"sv) == "0 ");
  CHECK(wrote(now, "t/dev_name", "a\n\0b"sv) == "4 a");
  CHECK(wrote(now, "t/remote_ip", "\0"sv) == "EINVAL 0.0.0.0");
  CHECK(wrote(old, "t/remote_ip", "\0"sv) == "0 0.0.0.0");
  CHECK(wrote(now, "t/remote_port", std::string(5000, '0')) == "4095 0");
  CHECK(wrote(now, "t/remote_port", std::string(4094, '0') + "77") == "4095 7");
  REQUIRE(old.mkdir("t/userdata/k"));
  REQUIRE(now.mkdir("t/userdata/k"));
  // The value of an entry answers the whole count on 6.12 too.
  CHECK(wrote(old, "t/userdata/k/value", "ab\0cd"sv) == "5 ab");
  CHECK(wrote(now, "t/userdata/k/value", "ab\0cd"sv) == "5 ab");
  CHECK(wrote(now, "t/userdata/k/value", std::string(5000, 'x')) == "EMSGSIZE ab");
  CHECK(said(now.write("t/local_mac", "")) == "EACCES");
  CHECK(said(now.write("t/enabled", "")) == "EFAULT");
}

TEST_CASE("dev_name: the length is told before the lock") {
  const std::string fifteen(15, 'd'), sixteen(16, 'd');
  for (const auto& kernel : {k61, k612, k73}) {
    auto tree = one_target(kernel);
    CHECK(wrote(tree, "t/dev_name", fifteen) == "15 " + fifteen);
    CHECK(wrote(tree, "t/dev_name", fifteen + '\n') == "16 " + fifteen);
    CHECK(wrote(tree, "t/dev_name", sixteen) == "ENAMETOOLONG " + fifteen);
    CHECK(wrote(tree, "t/dev_name", fifteen + "\n\n") == "ENAMETOOLONG " + fifteen);
    CHECK(wrote(tree, "t/dev_name", "a\n\n") == "3 a\n");
    CHECK(wrote(tree, "t/dev_name", " b c ") == "5  b c ");
    CHECK(wrote(tree, "t/dev_name", "\n") == "1 ");
    CHECK(said(tree.write("t/enabled", "1")) == "ENODEV");
    REQUIRE(tree.write("t/dev_name", "eth0"));
    REQUIRE(tree.write("t/enabled", "1"));
    CHECK(wrote(tree, "t/dev_name", "eth1") == "EINVAL eth0");
    CHECK(wrote(tree, "t/dev_name", sixteen) == "ENAMETOOLONG eth0");
    CHECK(wrote(tree, "t/local_port", "70000") == "EINVAL 6665");
  }
  auto unchecked = one_target(kernel_profile{6, 12, 90});
  CHECK(wrote(unchecked, "t/dev_name", sixteen) == "16 " + fifteen);
}

TEST_CASE("addresses from 6.18 on: one family, and refused texts that are stored") {
  auto tree = one_target(k73);
  const auto ip = [&](std::string_view text) { return wrote(tree, "t/local_ip", text); };
  CHECK(ip("1.2.3.4\n") == "8 1.2.3.4");
  CHECK(ip("5.6.7.8:9") == "EINVAL 5.6.7.8");
  CHECK(ip("1.2.3.4x") == "EINVAL 1.2.3.4");
  CHECK(ip("9.9.9.9 ") == "EINVAL 9.9.9.9");
  CHECK(ip("1.2.3.4a") == "EINVAL 9.9.9.9");
  CHECK(ip("1.2.3") == "EINVAL 9.9.9.9");
  CHECK(ip("1.2.3.4\nanything") == "16 1.2.3.4");
  CHECK(ip("1.2.3.5\n\n") == "9 1.2.3.5");
  CHECK(ip("\n") == "EINVAL 1.2.3.5");
  CHECK(ip(" 1.2.3.4") == "EINVAL 1.2.3.5");
  // Stored, though the family stays: the first bytes of fe80::1 as IPv4.
  CHECK(ip("fe80::1%eth0") == "EINVAL 254.128.0.0");
  CHECK(ip("2001:db8::8") == "11 2001:db8::8");
  REQUIRE(tree.write("t/remote_ip", "10.0.2.2"));
  CHECK(tree.read("t/local_ip") == "32.1.13.184\n");
  CHECK(ip("1.2.3.4") == "7 1.2.3.4");
  REQUIRE(tree.write("t/remote_ip", "fd00::2"));
  CHECK(tree.read("t/local_ip") == "102:304::8\n");
  CHECK(ip("fe80::5efe:10.0.0.1") == "19 fe80::5efe:10.0.0.1");
  CHECK(ip("::ffff:10.0.0.1") == "15 ::ffff:10.0.0.1");
  CHECK(ip("1:0:2:0:3:0:4:0") == "15 1:0:2:0:3:0:4:0");
  CHECK(ip("0:0:1::2:0:0") == "12 ::1:0:0:2:0:0");

  auto without = one_target(k73.without(feature::ipv6));
  CHECK(wrote(without, "t/local_ip", "::1") == "EINVAL 0.0.0.0");
}

TEST_CASE("addresses up to 6.17: anything is IPv4, and IPv6 sticks") {
  for (const auto& kernel : {k61, k612, kernel_profile{6, 17, 13}}) {
    auto tree = one_target(kernel);
    const auto ip = [&](std::string_view text) { return wrote(tree, "t/remote_ip", text); };
    CHECK(ip("1.2.3.4 x") == "9 1.2.3.56");  // 4, blank and x weigh 312, whose upper part is OR-ed to the 3
    CHECK(ip("fe80::2%eth0") == "EINVAL 254.128.0.0");
    CHECK(ip("nonsense:") == "EINVAL 254.128.0.0");
    CHECK(ip("10.0.0.1") == "8 10.0.0.1");
    REQUIRE(tree.write("t/local_ip", "::"));
    CHECK(ip("10.0.0.1") == "EINVAL a00:1::2");  // with the last bytes of fe80::2
    CHECK(ip("::1.2.3.4\n") == "10 ::102:304");
    REQUIRE(tree.rmdir("t"));
    REQUIRE(tree.mkdir("t"));
    CHECK(ip("10.0.0.1") == "8 10.0.0.1");
  }
  // The kernel's char became unsigned in 6.2.
  auto signed_char = one_target(k61), unsigned_char = one_target(k612);
  CHECK(wrote(signed_char, "t/remote_ip", "1.2.3.\xff") == "7 255.255.255.207");
  CHECK(wrote(unsigned_char, "t/remote_ip", "1.2.3.\xff") == "7 1.2.3.207");
}

TEST_CASE("the remote MAC is complete and followed by a newline or nothing") {
  auto tree = one_target(k73);
  CHECK(wrote(tree, "t/remote_mac", "02:00:00:00:00:01\nrest") == "22 02:00:00:00:00:01");
  CHECK(wrote(tree, "t/remote_mac", "02:00:00:00:00:02 ") == "EINVAL 02:00:00:00:00:01");
  CHECK(wrote(tree, "t/remote_mac", "0g:00:00:00:00:02") == "EINVAL 02:00:00:00:00:01");
  CHECK(wrote(tree, "t/remote_mac", "00:00:00:00:00:00") == "17 00:00:00:00:00:00");
}

TEST_CASE("enabling: what is asked of the interface, in this order") {
  for (const auto& kernel : {k61, k612, k73}) {
    auto slave = eth0();
    slave.master = "br0";
    slave.up = false;
    slave.ipv4.clear();
    auto tree = one_target(kernel, slave);
    CHECK(wrote(tree, "t/enabled", "1") == "EBUSY 0");
    CHECK(!tree.interfaces()[0].up);
    REQUIRE(tree.release("eth0"));
    CHECK(wrote(tree, "t/enabled", "1") == "EDESTADDRREQ 0");
    CHECK(tree.interfaces()[0].up);  // brought up all the same
    REQUIRE(tree.write("t/local_ip", "10.9.9.9"));
    CHECK(wrote(tree, "t/enabled", "1") == "1 1");
    CHECK(tree.read("t/local_mac") == "52:54:00:12:34:56\n");
    CHECK(wrote(tree, "t/enabled", "1") == "EINVAL 1");
    CHECK(wrote(tree, "t/enabled", "0") == "1 0");
    CHECK(wrote(tree, "t/enabled", "0") == "EINVAL 0");
    CHECK(wrote(tree, "t/enabled", "2") == "EINVAL 0");
  }
  auto old = one_target(k61);
  CHECK(wrote(old, "t/enabled", "yes") == "EINVAL 0");
  CHECK(wrote(old, "t/enabled", "99999999999") == "ERANGE 0");
  CHECK(wrote(old, "t/enabled", "+01\n") == "4 1");
  auto now = one_target(k73);
  CHECK(wrote(now, "t/enabled", "enable") == "6 1");
  CHECK(wrote(now, "t/enabled", "disable") == "7 0");
}

TEST_CASE("the source: the first IPv4 address, or the first IPv6 one of the remote's scope") {
  for (const auto& kernel : {k61, k612, k73}) {
    for (const auto& [remote, source] : {std::pair{"10.0.2.2", "10.0.2.15\n"},
                                         {"fd00::1", "fec0::15\n"},
                                         {"fe80::1", "fe80::15\n"},
                                         {"::", "fec0::15\n"}}) {
      auto tree = one_target(kernel);
      REQUIRE(tree.write("t/remote_ip", remote));
      REQUIRE(tree.write("t/enabled", "1"));
      CHECK(tree.read("t/local_ip") == source);
      REQUIRE(tree.write("t/enabled", "0"));
      CHECK(tree.read("t/local_ip") == source);
    }
    // ::1 begins with four zero bytes, which 6.1 takes for none.
    auto tree = one_target(kernel);
    REQUIRE(tree.write("t/local_ip", "::1"));
    REQUIRE(tree.write("t/remote_ip", "fd00::1"));
    REQUIRE(tree.write("t/enabled", "1"));
    CHECK(tree.read("t/local_ip") == (kernel == k61 ? "fec0::15\n" : "::1\n"));
  }
}

TEST_CASE("a driver without netpoll: ENOTSUPP, and what 6.1 leaves behind") {
  auto device = eth0();
  device.netpoll = false;
  for (const auto& kernel : {k61, k612, k73}) {
    auto tree = one_target(kernel, device);
    CHECK(wrote(tree, "t/enabled", "1") == "ENOTSUPP 0");
    CHECK(tree.read("t/local_ip") == (kernel == k61 ? "10.0.2.15\n" : "0.0.0.0\n"));
    CHECK(tree.read("t/local_mac") == (kernel == k61 ? "52:54:00:12:34:56\n" : "ff:ff:ff:ff:ff:ff\n"));
    REQUIRE(tree.write("t/local_ip", "10.9.9.9"));
    CHECK(wrote(tree, "t/enabled", "1") == "ENOTSUPP 0");
    CHECK(tree.read("t/local_ip") == "10.9.9.9\n");
  }
}

TEST_CASE("release needs extended only when the target is enabled") {
  auto tree = one_target(k612);
  REQUIRE(tree.write("t/release", "1"));
  CHECK(wrote(tree, "t/enabled", "1") == "EINVAL 0");
  REQUIRE(tree.write("t/extended", "1"));
  REQUIRE(tree.write("t/extended", "0"));
  REQUIRE(tree.write("t/release", "off"));
  CHECK(wrote(tree, "t/enabled", "1") == "1 1");
}

TEST_CASE("userdata: limits, publishing, and the value of 200 bytes") {
  const std::string v199(199, 'v'), v200(200, 'w');
  auto old = one_target(k612), now = one_target(k73);
  for (auto* tree : {&old, &now}) {
    REQUIRE(tree->mkdir("t/userdata/b"));
    REQUIRE(tree->mkdir("t/userdata/a"));
    CHECK(wrote(*tree, "t/userdata/a/value", "1\n\n") == "3 1\n");
    CHECK(wrote(*tree, "t/userdata/b/value", v199) == "199 " + v199);
    CHECK(tree->published_userdata("t") == " b=" + v199 + "\n a=1\n\n");
    CHECK(wrote(*tree, "t/userdata/b/value", "\n") == "1 ");
    CHECK(tree->published_userdata("t") == " a=1\n\n");
    CHECK(tree->entries("t/userdata")->back() == "a");
    REQUIRE(tree->write("t/enabled", "1"));
    CHECK(wrote(*tree, "t/userdata/b/value", "2") == "1 2");  // not locked
  }
  CHECK(wrote(now, "t/userdata/b/value", v200) == "EMSGSIZE 2");
  CHECK(wrote(now, "t/userdata/b/value", v199 + '\n') == "EMSGSIZE 2");
  CHECK(wrote(old, "t/userdata/b/value", v200) == "E2BIG " + v200.substr(1));
  CHECK(old.published_userdata("t") == " b=2\n a=1\n\n");
  CHECK(wrote(old, "t/userdata/b/value", v199 + '\n') == "E2BIG " + v199);
  CHECK(wrote(old, "t/userdata/b/value", v200 + 'w') == "EMSGSIZE " + v199);
  REQUIRE(old.rmdir("t/userdata/a"));  // publishes what is stored
  CHECK(old.published_userdata("t") == " b=" + v199 + '\n');
}

TEST_CASE("userdata entries: 16, shared with sysdata from 6.15 to 6.18, then 256") {
  const auto fill = [](memory_tree& tree) {
    std::size_t made = 0;
    while (tree.mkdir("t/userdata/" + std::to_string(made))) ++made;
    return made;
  };
  auto before = one_target(k612), shared = one_target(kernel_profile{6, 18, 20}), after = one_target(k73);
  CHECK(fill(before) == 16);
  REQUIRE(shared.write("t/userdata/cpu_nr_enabled", "1"));
  REQUIRE(shared.write("t/userdata/msgid_enabled", "1"));
  CHECK(fill(shared) == 14);
  CHECK(wrote(shared, "t/userdata/release_enabled", "1") == "ENOSPC 0");
  CHECK(wrote(shared, "t/userdata/release_enabled", "0") == "1 0");
  CHECK(wrote(shared, "t/userdata/cpu_nr_enabled", "1") == "1 1");
  CHECK(wrote(shared, "t/userdata/cpu_nr_enabled", "0") == "1 0");  // also when nothing is left
  CHECK(wrote(shared, "t/userdata/cpu_nr_enabled", "1") == "1 1");
  REQUIRE(shared.rmdir("t/userdata/0"));
  CHECK(wrote(shared, "t/userdata/release_enabled", "1") == "1 1");
  CHECK(said(shared.mkdir("t/userdata/0")) == "ENOSPC");
  CHECK(said(shared.mkdir("t/userdata/" + std::string(54, 'k'))) == "ENAMETOOLONG");
  REQUIRE(after.write("t/userdata/cpu_nr_enabled", "1"));
  CHECK(fill(after) == 256);
  CHECK(wrote(after, "t/userdata/msgid_enabled", "1") == "1 1");
  CHECK(said(after.mkdir("t/userdata/taskname_enabled")) == "EEXIST");
  CHECK(said(before.mkdir("t/userdata/1")) == "EEXIST");
  CHECK(said(one_target(kernel_profile{6, 15, 0}).read("t/userdata/msgid_enabled")) == "ENOENT");
}

TEST_CASE("release_enabled shows taskname_enabled from 6.15 to 6.19.9") {
  for (const auto& [kernel, is_right] : {std::pair{kernel_profile{6, 15, 0}, false},
                                         {kernel_profile{6, 18, 19}, false},
                                         {kernel_profile{6, 18, 20}, true},
                                         {kernel_profile{6, 19, 9}, false},
                                         {kernel_profile{6, 19, 10}, true},
                                         {kernel_profile{7, 0, 0}, true}}) {
    INFO(to_string(kernel.version()));
    auto tree = one_target(kernel);
    CHECK(wrote(tree, "t/userdata/release_enabled", "1") == (is_right ? "1 1" : "1 0"));
    CHECK(wrote(tree, "t/userdata/taskname_enabled", "1") == "1 1");
    CHECK(wrote(tree, "t/userdata/release_enabled", "0") == (is_right ? "1 0" : "1 1"));
    CHECK(tree.read("t/userdata/taskname_enabled") == "1\n");
  }
}

TEST_CASE("a write of no bytes: 0 before 5.14, then EFAULT") {
  auto early = one_target(kernel_profile{5, 10, 223});
  CHECK(wrote(early, "t/local_port", "") == "0 6665");
  CHECK(said(early.write("t/local_mac", "")) == "EACCES");
  for (const auto& kernel : {kernel_profile{5, 14, 0}, k61, k73}) {
    auto tree = one_target(kernel);
    CHECK(wrote(tree, "t/local_port", "") == "EFAULT 6665");
  }
}

TEST_CASE("interfaces: renamed, gone and back") {
  for (const auto& kernel : {k61, k612, k73}) {
    const bool resumes = kernel == k73;
    auto tree = one_target(kernel);
    const auto enabled = [&] { return tree.read("t/enabled").value(); };
    REQUIRE(tree.write("t/enabled", "1"));
    REQUIRE(tree.rename_interface("eth0", "lan0"));
    CHECK(tree.read("t/dev_name") == "lan0\n");
    REQUIRE(tree.set_up("lan0", false));
    CHECK(enabled() == "1\n");
    REQUIRE(tree.unregister_interface("lan0"));
    CHECK(enabled() == "0\n");
    CHECK(tree.read("t/local_mac") == "ff:ff:ff:ff:ff:ff\n");
    CHECK(tree.state("t") == (resumes ? cfs::target_state::deactivated : cfs::target_state::disabled));
    auto back = eth0();
    REQUIRE(tree.register_interface(back));
    CHECK(enabled() == "0\n");  // the target waits for lan0
    REQUIRE(tree.rename_interface("eth0", "lan0"));
    CHECK(enabled() == (resumes ? "1\n" : "0\n"));
    if (!resumes) continue;

    // Settings may change while it waits, and the name it waits for is one of them.
    REQUIRE(tree.unregister_interface("lan0"));
    REQUIRE(tree.write("t/dev_name", "wan0"));
    back.name = "wan0";
    REQUIRE(tree.register_interface(back));
    CHECK(enabled() == "1\n");

    // A refused 0 ends the waiting all the same; nonsense does not.
    REQUIRE(tree.unregister_interface("wan0"));
    CHECK(said(tree.write("t/enabled", "x")) == "EINVAL");
    CHECK(tree.state("t") == cfs::target_state::deactivated);
    CHECK(said(tree.write("t/enabled", "0")) == "EINVAL");
    REQUIRE(tree.register_interface(back));
    CHECK(enabled() == "0\n");

    // One try: a failure ends in disabled.
    REQUIRE(tree.write("t/enabled", "1"));
    REQUIRE(tree.unregister_interface("wan0"));
    back.netpoll = false;
    REQUIRE(tree.register_interface(back));
    CHECK(tree.state("t") == cfs::target_state::disabled);
  }
}

TEST_CASE("a target whose interface joins a master stops for good") {
  auto bond = eth0();
  bond.name = "bond0";
  for (const auto& kernel : {k612, k73}) {
    memory_tree tree{kernel, {eth0(), bond}};
    REQUIRE(tree.mkdir("t"));
    REQUIRE(tree.mkdir("on_bond"));
    REQUIRE(tree.write("on_bond/dev_name", "bond0"));
    REQUIRE(tree.write("t/enabled", "1"));
    REQUIRE(tree.write("on_bond/enabled", "1"));
    REQUIRE(tree.enslave("eth0", "bond0"));
    CHECK(tree.state("t") == cfs::target_state::disabled);
    CHECK(said(tree.write("t/enabled", "1")) == "EBUSY");
    CHECK(tree.state("on_bond") == cfs::target_state::enabled);
    REQUIRE(tree.release("eth0"));
    CHECK(tree.state("on_bond") == cfs::target_state::disabled);
    CHECK(tree.state("t") == cfs::target_state::disabled);
    CHECK(tree.write("t/enabled", "1"));
    REQUIRE(tree.enslave("eth0", "bond0"));
    REQUIRE(tree.unregister_interface("bond0"));
    CHECK(!tree.interfaces()[0].master);
    CHECK(said(tree.enslave("none", "bond0")) == "ENODEV");
    CHECK(said(tree.release("eth0")) == "EINVAL");
  }
}

TEST_CASE("the last port that leaves a bond stops the bond's targets, however it leaves; a bridge's stay") {
  auto second = eth0();
  second.name = "eth1";
  for (const bool bridge : {false, true}) {
    for (const bool removed : {false, true}) {
      CAPTURE(bridge, removed);
      auto master = eth0();
      master.name = "master";
      master.bridge = bridge;
      memory_tree tree{k73, {eth0(), second, master}};
      REQUIRE(tree.mkdir("t"));
      REQUIRE(tree.write("t/dev_name", "master"));
      REQUIRE(tree.write("t/enabled", "1"));
      REQUIRE(tree.enslave("eth0", "master"));
      REQUIRE(tree.enslave("eth1", "master"));
      const auto leave = [&](const char* name) {
        return removed ? tree.unregister_interface(name) : tree.release(name);
      };
      REQUIRE(leave("eth1"));
      CHECK(tree.state("t") == cfs::target_state::enabled);
      REQUIRE(leave("eth0"));
      CHECK(tree.state("t") == (bridge ? cfs::target_state::enabled : cfs::target_state::disabled));
    }
  }
}

TEST_CASE("boot targets: attached by name, and by MAC they find and lose their interface") {
  const settings by_mac{.dev_name = {}, .dev_mac = eth0().mac, .remote_ip = ipv4_address{10, 0, 2, 2}};
  memory_tree tree{k73, {eth0()}};
  REQUIRE(tree.add_boot_target(by_mac));
  auto no_device = by_mac;
  no_device.dev_mac.reset();
  no_device.dev_name = interface_name::truncated("none");
  REQUIRE(tree.add_boot_target(no_device));
  CHECK(tree.listdir("")->empty());
  REQUIRE(tree.mkdir("cmdline9"));
  CHECK(tree.read("cmdline9/remote_ip") == "0.0.0.0\n");
  REQUIRE(tree.mkdir("cmdline0"));
  CHECK(tree.entries("") == std::vector<std::string>{"cmdline9", "cmdline0"});
  CHECK(tree.read("cmdline0/enabled") == "1\n");
  CHECK(tree.read("cmdline0/dev_name") == "eth0\n");
  REQUIRE(tree.mkdir("cmdline1"));
  CHECK(tree.read("cmdline1/enabled") == "0\n");
  CHECK(tree.read("cmdline1/dev_name") == "none\n");
  // The interface returns under another name: its hardware address counts.
  REQUIRE(tree.unregister_interface("eth0"));
  CHECK(tree.read("cmdline0/dev_name") == "\n");
  auto back = eth0();
  back.name = "eth7";
  REQUIRE(tree.register_interface(back));
  CHECK(tree.read("cmdline0/enabled") == "1\n");
  CHECK(tree.read("cmdline0/dev_name") == "eth7\n");
  REQUIRE(tree.write("cmdline0/enabled", "0"));
  CHECK(tree.read("cmdline0/dev_name") == "\n");
  REQUIRE(tree.write("cmdline0/enabled", "1"));
  REQUIRE(tree.rmdir("cmdline0"));
  REQUIRE(tree.mkdir("cmdline0"));
  CHECK(tree.read("cmdline0/dev_name") == "eth0\n");
  CHECK(tree.read("cmdline0/enabled") == "0\n");

  // Before 6.7 the name means nothing, before 6.12 a target that fails takes the module with it.
  memory_tree old{k61, {eth0()}};
  REQUIRE(old.add_boot_target(settings{.remote_ip = ipv4_address{10, 0, 2, 2}}));
  REQUIRE(old.mkdir("cmdline0"));
  CHECK(old.read("cmdline0/remote_ip") == "0.0.0.0\n");
  memory_tree failing{k61, {eth0()}};
  CHECK(said(failing.add_boot_target(no_device)) == "ENODEV");
  CHECK(said(failing.mkdir("t")) == "ENOENT");
}

TEST_CASE("a target by MAC finds the interface of that MAC and no other") {
  auto other = eth0();
  other.name = "eth1";
  other.mac = {0x52, 0x54, 0, 0, 0, 1};
  memory_tree tree{k73, {eth0(), other}};
  REQUIRE(tree.add_boot_target(
      settings{.dev_name = {}, .dev_mac = other.mac, .remote_ip = ipv4_address{10, 0, 2, 2}}));
  REQUIRE(tree.mkdir("cmdline0"));
  CHECK(tree.read("cmdline0/dev_name") == "eth1\n");
  // Neither a name nor a MAC: not even an interface whose MAC is all zero.
  auto nameless = eth0();
  nameless.mac = {};
  auto none = one_target(k73, nameless);
  REQUIRE(none.write("t/dev_name", "\n"));
  CHECK(wrote(none, "t/enabled", "1") == "ENODEV 0");
}

TEST_CASE("only targets on a renamed interface follow it") {
  for (const auto& kernel : {k61, k73}) {
    auto other = eth0();
    other.name = "eth1";
    memory_tree tree{kernel, {eth0(), other}};
    REQUIRE(tree.mkdir("t"));
    REQUIRE(tree.write("t/enabled", "1"));
    REQUIRE(tree.rename_interface("eth1", "lan"));
    CHECK(tree.read("t/dev_name") == "eth0\n");
    REQUIRE(tree.unregister_interface("lan"));
    CHECK(tree.state("t") == cfs::target_state::enabled);
    REQUIRE(tree.rename_interface("eth0", "wan"));
    CHECK(tree.read("t/dev_name") == "wan\n");
  }
}

TEST_CASE("before 3.2 what is enabled can be enabled once more") {
  auto tree = one_target(kernel_profile{3, 1, 0});
  CHECK(wrote(tree, "t/enabled", "0") == "1 0");
  CHECK(wrote(tree, "t/enabled", "1") == "1 1");
  REQUIRE(tree.set_up("eth0", false));
  CHECK(wrote(tree, "t/enabled", "1") == "1 1");
  CHECK(tree.interfaces()[0].up);  // set up anew
  CHECK(wrote(tree, "t/enabled", "0") == "1 0");
  auto later = one_target(kernel_profile{3, 2, 0});
  CHECK(wrote(later, "t/enabled", "0") == "EINVAL 0");
}

TEST_CASE("up to 6.11 a switch is an int") {
  using namespace std::string_view_literals;
  auto old = one_target(k61);
  for (const auto* file : {"t/enabled", "t/extended"}) {
    CHECK(wrote(old, file, "2147483647") == "EINVAL 0");
    CHECK(wrote(old, file, "2147483648") == "ERANGE 0");
    CHECK(wrote(old, file, "-2147483648") == "EINVAL 0");
    CHECK(wrote(old, file, "-2147483649") == "ERANGE 0");
    CHECK(wrote(old, file, "-1") == "EINVAL 0");
    CHECK(wrote(old, file, "4294967297") == "ERANGE 0");
    CHECK(wrote(old, file, "-0\n").starts_with(file == "t/extended"sv ? "3 0" : "EINVAL 0"));
  }
}

TEST_CASE("the module stays while there are directories") {
  auto tree = one_target(k73);
  CHECK(said(tree.unload()) == "EAGAIN");
  REQUIRE(tree.rmdir("t"));
  CHECK(tree.unload());
  CHECK(said(tree.unload()) == "ENOENT");
  CHECK(said(tree.read("")) == "ENOENT");
  CHECK(said(memory_tree{k73.without(feature::dynamic)}.mkdir("t")) == "ENOENT");
}

TEST_CASE("7.4, from patches: each address has its own family, or none") {
  auto tree = one_target(kernel_profile{7, 4, 0});
  CHECK(wrote(tree, "t/enabled", "1") == "EINVAL 0");
  CHECK(wrote(tree, "t/remote_ip", "fd00::2") == "7 fd00::2");
  CHECK(tree.read("t/local_ip") == "\n");
  CHECK(wrote(tree, "t/local_ip", "10.0.2.15") == "9 10.0.2.15");
  CHECK(tree.read("t/remote_ip") == "fd00::2\n");
  CHECK(wrote(tree, "t/enabled", "1") == "EINVAL 0");
  CHECK(wrote(tree, "t/remote_ip", "10.0.2.2") == "8 10.0.2.2");
  CHECK(wrote(tree, "t/local_ip", "0.0.0.0") == "7 0.0.0.0");
  CHECK(wrote(tree, "t/enabled", "1") == "1 1");
  CHECK(tree.read("t/local_ip") == "0.0.0.0\n");
}

TEST_CASE("events on interfaces that are not there, or there already, are refused") {
  auto bridge = eth0();
  bridge.name = "br0";
  memory_tree tree{k73, {eth0(), bridge}};
  CHECK(said(tree.register_interface(eth0())) == "EEXIST");
  CHECK(said(tree.unregister_interface("none")) == "ENODEV");
  CHECK(said(tree.rename_interface("none", "x")) == "ENODEV");
  CHECK(said(tree.rename_interface("eth0", "br0")) == "EEXIST");
  CHECK(said(tree.enslave("none", "br0")) == "ENODEV");
  CHECK(said(tree.release("none")) == "ENODEV");
  CHECK(said(tree.release("eth0")) == "EINVAL");
  CHECK(said(tree.set_up("none", true)) == "ENODEV");
  CHECK(said(tree.set_addresses("none", {}, {})) == "ENODEV");
  CHECK(said(tree.enslave("eth0", "br0")) == "ok");
  CHECK(said(tree.enslave("eth0", "br0")) == "EBUSY");
  CHECK(said(tree.rename_interface("br0", "br1")) == "ok");
  CHECK(tree.interfaces()[0].master == "br1");
  CHECK(said(tree.set_up("eth0", false)) == "ok");
  CHECK(!tree.interfaces()[0].up);
  CHECK(said(tree.set_addresses("eth0", {{1, 2, 3, 4}}, {v6("fd00::1")})) == "ok");
  CHECK(tree.interfaces()[0].ipv4 == std::vector<ipv4_address>{{1, 2, 3, 4}});
  CHECK(tree.interfaces()[0].ipv6 == std::vector<ipv6_address>{v6("fd00::1")});
}

TEST_CASE("what cannot be done says so with the kernel's errno") {
  auto tree = one_target(k73);
  REQUIRE(tree.mkdir("u"));
  CHECK(tree.stat("") == cfs::file_status{0040755u, 0});
  CHECK(tree.entries("..") == std::vector<std::string>{"netconsole"});
  CHECK(said(tree.stat("../t")) == "ENOENT");
  CHECK(said(tree.stat("enabled")) == "ENOENT");
  CHECK(said(tree.stat("userdata")) == "ENOENT");
  CHECK(said(tree.stat("t/enabled/x/y")) == "ENOTDIR");
  CHECK(said(tree.mkdir(std::string_view{"a\0b", 3})) == "EINVAL");
  CHECK(said(tree.mkdir("a\1b")) == "ok");
  CHECK(said(tree.stat(std::string(4065, '/'))) == "ok");
  CHECK(said(tree.stat(std::string(4066, '/'))) == "ENAMETOOLONG");
  for (const auto* path : {"", ".", "t"}) CHECK(said(tree.unlink(path)) == "EISDIR");
  CHECK(said(tree.unlink("t/enabled")) == "EPERM");
  CHECK(said(tree.unlink("t/enabled/")) == "ENOTDIR");
  CHECK(said(tree.symlink("x")) == "EPERM");
  CHECK(said(tree.symlink("x/")) == "ENOENT");
  const auto rename = [&](std::string_view from, std::string_view to) { return said(tree.rename(from, to)); };
  CHECK(rename(".", "x") == "EBUSY");
  CHECK(rename("t", "..") == "EBUSY");
  CHECK(rename("", "x") == "EINVAL");
  CHECK(rename("t", "") == "ENOTEMPTY");
  CHECK(rename("t/enabled/", "t/x") == "ENOTDIR");
  CHECK(rename("t/enabled", "t/x/") == "ENOTDIR");
  CHECK(rename("t/enabled", "u") == "EISDIR");
  CHECK(rename("t", "u/enabled") == "ENOTDIR");
}

TEST_CASE("unloaded, a module knows no target of the parameter any more") {
  const auto from = resolve(parse_target("@/eth0,@10.0.2.2/", k61).value(), k61);
  memory_tree tree{k73, {eth0()}};
  REQUIRE(tree.add_boot_target(from));
  CHECK(tree.state("cmdline0") == cfs::target_state::enabled);
  CHECK(said(tree.unload()) == "ok");
  CHECK(!tree.state("cmdline0"));
  memory_tree old{k61, {eth0()}};
  REQUIRE(old.add_boot_target(from));
  auto nowhere = from;
  nowhere.dev_name = interface_name::truncated("eth9");
  CHECK(said(old.add_boot_target(nowhere)) == "ENODEV");
  CHECK(!old.state("cmdline0"));
}

TEST_CASE("numbers before Linux 3.8: digits up to a newline, none are 0") {
  auto tree = one_target(kernel_profile{3, 7, 0});
  CHECK(wrote(tree, "t/local_port", "65535\n") == "6 65535");
  CHECK(wrote(tree, "t/local_port", "65536") == "EINVAL 65535");
  CHECK(wrote(tree, "t/local_port", "12x") == "EINVAL 65535");
  CHECK(wrote(tree, "t/local_port", "99999999999999999999999") == "EINVAL 65535");
  CHECK(wrote(tree, "t/local_port", "12") == "2 12");
  CHECK(wrote(tree, "t/local_port", "x") == "EINVAL 12");
  CHECK(wrote(tree, "t/local_port", std::string_view{"12"}.substr(0, 1)) == "1 1");
  CHECK(wrote(tree, "t/local_port", "\n") == "1 0");
  CHECK(wrote(tree, "t/enabled", "2") == "EINVAL 0");
  CHECK(wrote(tree, "t/enabled", "-1") == "EINVAL 0");
  CHECK(wrote(tree, "t/remote_ip", "10.0.2.2") == "8 10.0.2.2");
  CHECK(wrote(tree, "t/enabled", "1") == "1 1");
}

TEST_CASE("the directory of a boot target shows what the parameter said") {
  const auto text = "+r1111@10.0.2.16/eth0,2222@10.0.2.2/12:34:56:78:9a:bc";
  memory_tree tree{k73, {eth0()}};
  REQUIRE(tree.add_boot_target(resolve(parse_target(text, k73).value(), k73)));
  REQUIRE(tree.mkdir("cmdline0"));
  const std::vector<std::pair<std::string, std::string>> files{
      {"enabled", "1"},          {"extended", "1"},         {"release", "1"},
      {"dev_name", "eth0"},      {"local_port", "1111"},    {"remote_port", "2222"},
      {"local_ip", "10.0.2.16"}, {"remote_ip", "10.0.2.2"}, {"remote_mac", "12:34:56:78:9a:bc"}};
  for (const auto& [file, shown] : files) CHECK(tree.read("cmdline0/" + file) == shown + '\n');
}

TEST_CASE("random sequences keep what always holds", "[slow]") {
  std::mt19937 engine{7};
  const auto below = [&](unsigned n) { return static_cast<unsigned>(engine() % n); };
  const auto one_of = [&](std::vector<std::string> from) {
    return from[below(static_cast<unsigned>(from.size()))];
  };
  for (const auto& kernel : {kernel_profile{3, 0, 0}, kernel_profile{4, 19, 0}, k61, k612,
                             kernel_profile{6, 16, 0}, k73, kernel_profile{7, 4, 0}}) {
    auto second = eth0();
    second.name = "eth1";
    second.mac = {2, 0, 0, 0, 0, 1};
    memory_tree tree{kernel, {eth0(), second}};
    for (int i = 0; i < 6000; ++i) {
      const auto target = one_of({"a", "b"});
      const auto file = one_of({"enabled", "enabled", "extended", "release", "dev_name", "local_port",
                                "remote_port", "local_ip", "remote_ip", "remote_mac", "local_mac",
                                "userdata/cpu_nr_enabled", "userdata/k/value", "userdata/l/value"});
      std::string data = one_of({"0", "1", "1", "on", "eth0", "eth1", "514", "10.0.0.1", "fd00::1",
                                 "fe80::1%x", "1.2.3.4x", "02:00:00:00:00:01", "\n", ""});
      if (below(8) == 0) data = std::string(below(300), static_cast<char>(below(256)));
      const auto path = target + '/' + file;
      const bool locked =
          tree.read(target + "/enabled") == "1\n" && !file.starts_with("userdata") && file != "enabled";
      const auto before = tree.read(path);
      switch (below(12)) {
        case 0:
          (void)tree.mkdir(target);
          break;
        case 1:
          (void)tree.mkdir(target + "/userdata/" + one_of({"k", "l"}));
          break;
        case 2:
          (void)tree.rmdir(target + "/userdata/" + one_of({"k", "l"}));
          break;
        case 3:
          if (below(5) == 0) (void)tree.rmdir(target);
          break;
        case 4:
          (void)tree.unregister_interface(one_of({"eth0", "eth1"}));
          break;
        case 5:
          (void)tree.register_interface(below(2) == 0 ? eth0() : second);
          break;
        case 6:
          (void)tree.enslave(one_of({"eth0", "eth1"}), "br0");
          break;
        case 7:
          (void)tree.release(one_of({"eth0", "eth1"}));
          break;
        default: {
          const auto answer = tree.write(path, data);
          if (answer) REQUIRE(*answer <= data.size());
          if (data.empty() && answer) {
            REQUIRE(!kernel.supports(feature::empty_write_refused));
          } else if (locked) {
            REQUIRE(!answer);
            REQUIRE(tree.read(path) == before);
          }
        }
      }
      for (const std::string t : {"a", "b"}) {
        const auto files = tree.listdir(t);
        if (!files) {
          REQUIRE(said(files) == "ENOENT");
          continue;
        }
        for (const auto& f : *files) {
          const auto text = tree.read(t + '/' + f);
          if (f == "userdata") continue;
          REQUIRE(text);
          REQUIRE(text->ends_with('\n'));
        }
        const bool on = tree.read(t + "/enabled") == "1\n";
        REQUIRE(on == (tree.state(t) == cfs::target_state::enabled));
        if (on) {
          // It is bound to an interface that exists, is no port, and bears the name that is shown.
          const auto name = tree.read(t + "/dev_name").value();
          const auto device =
              std::ranges::find(tree.interfaces(), name.substr(0, name.size() - 1), &cfs::interface::name);
          REQUIRE(device != tree.interfaces().end());
          REQUIRE(!device->master);
          REQUIRE(tree.read(t + "/local_mac") == to_string(device->mac) + '\n');
        }
        if (!kernel.supports(feature::resumable)) REQUIRE(tree.state(t) != cfs::target_state::deactivated);
      }
    }
  }
}
