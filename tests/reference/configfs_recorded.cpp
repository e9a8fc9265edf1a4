// SPDX-License-Identifier: MIT
// The operations of the corpus on the reference model: what it says is what those kernels said.
#include "configfs_reference.hpp"

#include <netcon/configfs/kernel_error.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/mac_address.hpp>

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

std::vector<reference::device> read_machine() {
  const auto numbers = [](const auto& bytes) { return std::vector<int>(bytes.begin(), bytes.end()); };
  const auto head = test::corpus_head("configfs");
  std::vector<reference::device> devices;
  for (const auto& row : head.at("machine").at("devices")) {
    reference::device made{
        .name = corpus_bytes(row, "device"), .mac = std::vector<int>(6, 0), .up = row.at("up")};
    if (row.contains("mac"))
      made.mac = numbers(netcon::mac_address::parse(corpus_bytes(row, "mac"))->bytes());
    for (const auto& text : row.at("addresses")) {
      const auto address = netcon::ip_address::parse(corpus_bytes(text)).value();
      if (address.is_v6())
        made.v6.push_back(numbers(address.v6().bytes()));
      else
        made.v4.push_back(numbers(address.v4().bytes()));
    }
    devices.push_back(made);
  }
  return devices;
}

}  // namespace

TEST_CASE("the reference answers as every kernel of the corpus") {
  const auto machine = read_machine();
  std::map<std::pair<std::string, std::string>, reference::directory> directories;  // by sequence and kernel
  std::size_t compared = 0;
  for (const auto& row : test::corpus_rows("configfs")) {
    const auto op = row.at("op").get<std::string>(), sequence = row.at("sequence").get<std::string>();
    // Not of the reference: what no netconsole decides, odd paths, and other devices.
    if (op == "stat" || op == "unlink" || op == "symlink" || op == "rename" || op == "rmmod" ||
        sequence == "paths" || sequence == "devices")
      continue;
    for (const auto& answer : row.at("answers"))
      for (const auto& kernel : test::corpus_kernels(answer)) {
        const auto key = std::pair{sequence, to_string(kernel.version())};
        auto place = directories.find(key);
        const auto version = kernel.version();
        if (place == directories.end())
          place =
              directories
                  .emplace(key, reference::directory{{version.version, version.patchlevel, version.sublevel},
                                                     machine})
                  .first;
        INFO("Linux " << key.second << ": " << test::corpus_place(row));
        const auto got = run(place->second, row, op);
        ++compared;
        CHECK(got.value == answer.at("ret").get<long>());
        const auto error = corpus_bytes(answer, "errno");
        CHECK((got.error == 0 ? "" : name(static_cast<netcon::linux_errno>(got.error))) == error);
        if (error.empty()) CHECK(got.out == corpus_bytes(answer, "out"));
      }
  }
  CHECK(compared > 5000);
}
