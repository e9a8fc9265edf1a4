// SPDX-License-Identifier: MIT
// A slow, plain model of how kernels read the netconsole parameter, written from their behaviour. It shares
// no code and no type with the library: where the two differ, one of them is wrong.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace reference {

struct kernel {
  std::array<int, 3> version{7, 3, 4};
  bool dynamic = true;
  bool module = true;
  bool ipv6 = true;
  bool extended_by_default = false;
  bool release_by_default = false;
};

struct address {
  bool is_v6 = false;
  std::vector<int> bytes;  // 4 or 16

  bool operator==(const address&) const = default;
};

struct target {
  bool extended = false;
  bool release = false;
  int local_port = 6665;
  std::optional<address> local_ip;
  std::string dev_name = "eth0";
  std::vector<int> dev_mac;  // empty: by name
  int remote_port = 6666;
  address remote_ip;
  std::vector<int> remote_mac{255, 255, 255, 255, 255, 255};
};

/// What came of one piece: a target, or the text that the log quotes and the errno.
struct outcome {
  std::optional<target> taken;
  std::size_t at = 0;
  std::string quoted;
  int error = 0;
};

struct load {
  bool loaded = true;
  int error = 0;
  std::vector<outcome> pieces;  // up to the one that failed the load
};

outcome read_target(const std::string& text, const kernel& k);
load read_parameter(const std::string& text, const kernel& k);

}  // namespace reference
