// SPDX-License-Identifier: MIT
// Every operation of the corpus, in order, on the model of each kernel that answered: return value, errno,
// bytes and log. Nothing is left out: each kind of row has its operation on the model.
#include <netcon/configfs/model/memory_tree.hpp>

#include "support/catch.hpp"
#include "support/corpus.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace netcon;
namespace cfs = netcon::configfs;
using json = nlohmann::json;
using test::corpus_bytes;

namespace {

struct outcome {
  long ret = -1;
  std::string error, out;
};

template <class T>
outcome failed(const cfs::result<T>& answer) {
  return {-1, std::string{name(cfs::number_of(answer.error()))}, {}};
}

/// A row has the addresses as text, of both families.
cfs::interface device_of(const json& row) {
  cfs::interface made{.name = corpus_bytes(row, "device")};
  if (row.contains("mac")) made.mac = mac_address::parse(corpus_bytes(row, "mac")).value();
  for (const auto& text : row.at("addresses")) {
    const auto address = ip_address::parse(corpus_bytes(text)).value();
    if (address.is_v6())
      made.ipv6.push_back(address.v6());
    else
      made.ipv4.push_back(address.v4());
  }
  return made;
}

/// An event on the machine's devices, of which only the log is compared.
outcome change_devices(cfs::memory_tree& tree, const json& row) {
  const auto op = row.at("op").get<std::string>(), device = corpus_bytes(row, "device");
  if (op == "device_add") {  // the addresses come when it is there already
    auto added = device_of(row);
    added.up = false;
    REQUIRE(tree.register_interface({.name = device, .mac = added.mac, .up = false}));
    REQUIRE(tree.set_addresses(device, added.ipv4, added.ipv6));
    REQUIRE(tree.set_up(device, true));
  } else if (op == "device_remove") {
    REQUIRE(tree.unregister_interface(device));
  } else if (op == "device_rename") {  // only while it is down
    const auto to = corpus_bytes(row, "to");
    REQUIRE(tree.set_up(device, false));
    REQUIRE(tree.rename_interface(device, to));
    REQUIRE(tree.set_up(to, true));
  } else if (op == "device_up" || op == "device_down") {
    REQUIRE(tree.set_up(device, op == "device_up"));
  } else if (op == "device_add_elsewhere") {
    tree.see_interface_elsewhere(device_of(row));
  } else {
    FAIL("no event for " << op);
  }
  return {0, {}, {}};
}

outcome run(cfs::memory_tree& tree, const json& row, const json& recorded) {
  const auto op = row.at("op").get<std::string>();
  const auto path = corpus_bytes(row, "path"), data = corpus_bytes(row, "data");
  const auto plain = [](const cfs::result<void>& answer) {
    return answer ? outcome{0, {}, {}} : failed(answer);
  };
  if (op.starts_with("device_")) return change_devices(tree, row);
  if (op == "mkdir") return plain(tree.mkdir(path));
  if (op == "rmdir") return plain(tree.rmdir(path));
  if (op == "unlink") return plain(tree.unlink(path));
  if (op == "symlink") return plain(tree.symlink(path));
  if (op == "rename") return plain(tree.rename(path, data));
  if (op == "rmmod") return plain(tree.unload());
  if (op == "write" || op == "trunc" || op == "append") {  // configfs ignores O_TRUNC and O_APPEND
    const auto answer = tree.write(path, data);
    return answer ? outcome{static_cast<long>(*answer), {}, {}} : failed(answer);
  }
  if (op == "write2") {
    const auto first = tree.write(path, data), second = tree.write(path, corpus_bytes(row, "data2"));
    auto now = second ? outcome{static_cast<long>(*second), {}, {}} : failed(second);
    CHECK(first.value_or(0) == recorded.at("first").get<std::size_t>());
    return now;
  }
  if (op == "read") {
    const auto answer = tree.read(path);
    return answer ? outcome{static_cast<long>(answer->size()), {}, *answer} : failed(answer);
  }
  if (op == "ls") {
    const auto names = tree.listdir(path);
    if (!names) return failed(names);
    outcome now{static_cast<long>(names->size()), {}, {}};
    for (const auto& each : *names) now.out += each + '\n';
    return now;
  }
  if (op == "stat") {
    const auto status = tree.stat(path);
    if (!status) return failed(status);
    char text[64];
    std::snprintf(text, sizeof text, "%o %zu", status->mode, status->size);
    return {0, {}, text};
  }
  FAIL("no operation for " << op);
  return {};
}

cfs::memory_tree machine(const kernel_profile& kernel, const json& devices) {
  std::vector<cfs::interface> interfaces;
  for (const auto& row : devices) {
    interfaces.push_back(device_of(row));
    interfaces.back().up = row.at("up");
  }
  return cfs::memory_tree{kernel, interfaces};
}

/// The answer of this kernel; nullptr when it was not asked.
const json* answer_of(const json& row, const std::string& kernel) {
  for (const auto& answer : row.at("answers"))
    for (const auto& version : answer.at("kernels"))
      if (version.get_ref<const std::string&>() == kernel) return &answer;
  return nullptr;
}

void replay(const std::vector<json>& sequence, const std::string& version, const json& devices) {
  auto tree = machine(kernel_profile(kernel_version::parse(version).value()), devices);
  for (const auto& row : sequence) {
    const auto* const answer = answer_of(row, version);
    if (answer == nullptr) continue;
    INFO("Linux " << version << ": " << test::corpus_place(row));
    const auto got = run(tree, row, *answer);
    const auto error = corpus_bytes(*answer, "errno");
    CHECK(got.ret == answer->at("ret").get<long>());
    CHECK(got.error == error);
    json log = json::array();
    for (const auto& said : tree.take_log()) log.push_back({static_cast<int>(said.severity), said.text});
    CHECK(log == answer->value("log", json::array()));
    CHECK(got.out == corpus_bytes(*answer, "out"));
  }
}

}  // namespace

TEST_CASE("the model answers as every kernel of the corpus") {
  const auto machine = test::corpus_head("configfs").at("machine").at("devices");
  std::map<std::string, std::vector<json>> sequences;
  std::map<std::string, std::set<std::string>> kernels;
  std::size_t operations = 0;
  for (auto& row : test::corpus_rows("configfs")) {
    const auto name = row.at("sequence").get<std::string>();
    for (const auto& answer : row.at("answers"))
      for (const auto& version : answer.at("kernels")) kernels[name].insert(version.get<std::string>());
    sequences[name].push_back(std::move(row));
    ++operations;
  }
  for (const auto& [name, rows] : sequences)
    for (const auto& version : kernels[name]) replay(rows, version, machine);
  CHECK(operations >= 230);
}
