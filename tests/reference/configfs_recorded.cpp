// SPDX-License-Identifier: MIT
// The recorded operations of booted kernels on the reference model: what it says is what those kernels said.
#include "configfs_reference.hpp"

#include <netcon/configfs/kernel_error.hpp>

#include "support/catch.hpp"
#include "support/recorded_row.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

using json = nlohmann::json;
using reference::reply;

namespace {

reply run(reference::directory& directory, const json& row, const std::string& op) {
  const auto path = recorded_bytes(row, "path"), data = recorded_bytes(row, "data");
  if (op == "mkdir") return directory.mkdir(path);
  if (op == "rmdir") return directory.rmdir(path);
  if (op == "read") return directory.read(path);
  if (op == "ls") return directory.list(path);
  auto answer = directory.write(path, data);
  if (op == "write2") answer = directory.write(path, recorded_bytes(row, "data2"));
  return answer;
}

std::size_t replay(const char* file, reference::version kernel) {
  std::vector<int> fec0(16, 0),
      fe80{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0, 0xff, 0xfe, 0x12, 0x34, 0x56};
  fec0[0] = 0xfe;
  fec0[1] = 0xc0;
  fec0[15] = 0x15;
  reference::directory directory{kernel,
                                 {{.name = "eth0",
                                   .mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56},
                                   .v4 = {{10, 0, 2, 15}},
                                   .v6 = {fec0, fe80}}}};
  std::ifstream in{std::string{TEST_DATA_DIR "/vectors/"} + file};
  std::size_t rows = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const auto row = json::parse(line);
    const auto op = row.at("op").get<std::string>();
    // Not of the reference: what no netconsole decides.
    if (op == "env" || op == "stat" || op == "unlink" || op == "symlink" || op == "rename" || op == "rmmod")
      continue;
    ++rows;
    INFO(file << ": " << line);
    const auto got = run(directory, row, op);
    CHECK(got.value == row.at("ret").get<long>());
    const auto error = recorded_error(row);
    CHECK((got.error == 0 ? "" : name(static_cast<netcon::linux_errno>(got.error))) == error);
    if (error.empty() && (op == "read" || op == "ls")) CHECK(got.out == recorded_bytes(row, "out"));
  }
  return rows;
}

}  // namespace

TEST_CASE("Linux 6.1.192") {
  CHECK(replay("configfs_61.jsonl", {6, 1, 192}) == 189);
}
TEST_CASE("Linux 6.12.117") {
  CHECK(replay("configfs_612.jsonl", {6, 12, 117}) == 189);
}
TEST_CASE("Linux 7.3.4") {
  CHECK(replay("configfs_new.jsonl", {7, 3, 4}) == 220);
}
