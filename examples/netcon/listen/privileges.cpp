// SPDX-License-Identifier: MIT
#include "listen/privileges.hpp"

#include <fmt/format.h>

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace tool {

namespace {

/// Whether the process has groups that the user has not.
bool has_other_groups(const std::string& name, gid_t gid) {
  std::vector<gid_t> allowed(1);
  int count = 1;
  if (::getgrouplist(name.c_str(), gid, allowed.data(), &count) < 0) {
    allowed.resize(static_cast<std::size_t>(count));
    ::getgrouplist(name.c_str(), gid, allowed.data(), &count);
  }
  allowed.resize(static_cast<std::size_t>(count));
  std::vector<gid_t> present(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  if (::getgroups(static_cast<int>(present.size()), present.data()) < 0) return true;
  return !std::ranges::all_of(present, [&](gid_t one) { return std::ranges::count(allowed, one) != 0; });
}

/// The kernel does it for who was root; another user may have been given some.
bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2]{};
  return ::syscall(SYS_capset, &header, none) == 0;
}

}  // namespace

std::expected<user_ids, std::string> find_user(const std::string& name) {
  const passwd* const user = ::getpwnam(name.c_str());
  if (user == nullptr) return std::unexpected{fmt::format("--user {}: there is no such user", name)};
  return user_ids{user->pw_uid, user->pw_gid};
}

std::expected<void, std::string> become_user(const std::string& name) {
  const auto user = find_user(name);
  if (!user) return std::unexpected{user.error()};
  const auto [uid, gid] = *user;
  const auto fail = [&](const char* what) {
    return std::unexpected{fmt::format("--user {}: {}: {}", name, what, std::strerror(errno))};
  };
  const bool is_already = uid == ::geteuid() && uid == ::getuid();
  if (::initgroups(name.c_str(), gid) != 0 && !(is_already && errno == EPERM && !has_other_groups(name, gid)))
    return fail("cannot drop the groups of the process");
  if (!is_already && (::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0))
    return fail("cannot become that user");
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (uid != 0 && !drop_capabilities()) return fail("cannot drop capabilities");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("cannot refuse new privileges");
  return {};
}

}  // namespace tool
