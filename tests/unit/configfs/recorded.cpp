// SPDX-License-Identifier: MIT
// Every operation recorded on booted kernels, in order, on the model of that kernel: return value, errno and
// bytes. Nothing is left out: each kind of row has its operation on the model.
#include <netcon/configfs/model/memory_tree.hpp>

#include "support/catch.hpp"
#include "support/recorded_row.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

using namespace netcon;
namespace cfs = netcon::configfs;
using json = nlohmann::json;

namespace {

struct outcome {
  long ret = -1;
  std::string error, out;
};

template <class T>
outcome failed(const cfs::result<T>& answer) {
  return {-1, std::string{name(cfs::number_of(answer.error()))}, {}};
}

outcome run(cfs::memory_tree& tree, const json& row) {
  const auto op = row.at("op").get<std::string>();
  const auto path = recorded_bytes(row, "path"), data = recorded_bytes(row, "data");
  const auto plain = [](const cfs::result<void>& answer) {
    return answer ? outcome{0, {}, {}} : failed(answer);
  };
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
    const auto first = tree.write(path, data), second = tree.write(path, recorded_bytes(row, "data2"));
    auto now = second ? outcome{static_cast<long>(*second), {}, {}} : failed(second);
    now.out = first ? std::to_string(*first) + " 0" : "-1 " + failed(first).error;
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

std::size_t replay(const char* file, const kernel_profile& kernel) {
  cfs::memory_tree tree{
      kernel,
      {{.name = "lo", .ipv4 = {{127, 0, 0, 1}}, .ipv6 = {ipv6_address::parse("::1").value()}},
       {.name = "eth0",
        .mac = mac_address::parse("52:54:00:12:34:56").value(),
        .ipv4 = {{10, 0, 2, 15}},
        .ipv6 = {ipv6_address::parse("fec0::15").value(),
                 ipv6_address::parse("fe80::5054:ff:fe12:3456").value()}},
       {.name = "dummy0", .up = false}}};
  std::ifstream in{std::string{TEST_DATA_DIR "/vectors/"} + file};
  std::size_t line_number = 0, rows = 0;
  for (std::string line; std::getline(in, line);) {
    ++line_number;
    if (line.empty()) continue;
    const auto row = json::parse(line);
    if (row.at("op") == "env") continue;
    ++rows;
    INFO(file << ":" << line_number << " " << line);
    const auto got = run(tree, row);
    const auto error = recorded_error(row);
    CHECK(got.ret == row.at("ret").get<long>());
    CHECK(got.error == error);
    // What other parts of the kernel wrote is not modelled.
    std::string log;
    for (const auto& said : tree.take_log())
      log += std::to_string(static_cast<int>(said.severity)) + ';' + said.text + '\n';
    if (row.at("op") != "sh") CHECK(log == recorded_bytes(row, "log"));
    // "open" only says which call failed.
    if (const auto out = recorded_bytes(row, "out"); error.empty() || out != "open") CHECK(got.out == out);
  }
  return rows;
}

}  // namespace

TEST_CASE("Linux 6.1.192") {
  CHECK(replay("configfs_61.jsonl", kernel_profile{6, 1, 192}) == 195);
}
TEST_CASE("Linux 6.12.117") {
  CHECK(replay("configfs_612.jsonl", kernel_profile{6, 12, 117}) == 195);
}
TEST_CASE("Linux 7.3.4") {
  CHECK(replay("configfs_new.jsonl", kernel_profile{7, 3, 4}) == 230);
}
