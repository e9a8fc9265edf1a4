// SPDX-License-Identifier: MIT
// Drops root once nothing needs it any more.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>

namespace tool {

struct user_ids {
  uid_t user = 0;
  gid_t group = 0;
};

/// The error is one line, with the option's name; here and below.
std::expected<user_ids, std::string> find_user(const std::string& name);

/// The process becomes that user, with its groups and nothing else: no capabilities, and no program that it
/// starts gets any.
std::expected<void, std::string> become_user(const std::string& name);

}  // namespace tool
