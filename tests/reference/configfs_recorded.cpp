// SPDX-License-Identifier: MIT
// The operations of the corpus on the reference model: what it says is what those kernels said.
#include "configfs_reference.hpp"

#include <netcon/configfs/kernel_error.hpp>

#include "support/catch.hpp"
#include "support/corpus.hpp"

#include <map>
#include <string>
#include <utility>

using json = nlohmann::json;
using reference::reply;
using test::corpus_bytes;

namespace {

reply run(reference::directory& directory, const json& row, const std::string& op) {
  const auto path = corpus_bytes(row, "path"), data = corpus_bytes(row, "data");
  if (op == "mkdir") return directory.mkdir(path);
  if (op == "rmdir") return directory.rmdir(path);
  if (op == "read") return directory.read(path);
  if (op == "ls") return directory.list(path);
  auto answer = directory.write(path, data);
  if (op == "write2") answer = directory.write(path, corpus_bytes(row, "data2"));
  return answer;
}

/// The machine of the corpus, without what no target is on.
reference::directory fresh_directory(const netcon::kernel_version& kernel) {
  std::vector<int> fec0(16, 0),
      fe80{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0, 0xff, 0xfe, 0x12, 0x34, 0x56};
  fec0[0] = 0xfe;
  fec0[1] = 0xc0;
  fec0[15] = 0x15;
  return {{kernel.version, kernel.patchlevel, kernel.sublevel},
          {{.name = "eth0",
            .mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56},
            .v4 = {{10, 0, 2, 15}},
            .v6 = {fec0, fe80}}}};
}

}  // namespace

TEST_CASE("the reference answers as every kernel of the corpus") {
  std::map<std::pair<std::string, std::string>, reference::directory> directories;  // by sequence and kernel
  std::size_t compared = 0;
  for (const auto& row : test::corpus_rows("configfs")) {
    const auto op = row.at("op").get<std::string>(), sequence = row.at("sequence").get<std::string>();
    // Not of the reference: what no netconsole decides, and other devices.
    if (op == "stat" || op == "unlink" || op == "symlink" || op == "rename" || op == "rmmod" ||
        sequence == "devices")
      continue;
    for (const auto& answer : row.at("answers"))
      for (const auto& kernel : test::corpus_kernels(answer)) {
        const auto key = std::pair{sequence, to_string(kernel.version())};
        auto place = directories.find(key);
        if (place == directories.end())
          place = directories.emplace(key, fresh_directory(kernel.version())).first;
        INFO("Linux " << key.second << ": " << row.dump());
        const auto got = run(place->second, row, op);
        ++compared;
        CHECK(got.value == answer.at("ret").get<long>());
        const auto error = corpus_bytes(answer, "errno");
        CHECK((got.error == 0 ? "" : name(static_cast<netcon::linux_errno>(got.error))) == error);
        if (error.empty()) CHECK(got.out == corpus_bytes(answer, "out"));
      }
  }
  CHECK(compared >= 598);
}
