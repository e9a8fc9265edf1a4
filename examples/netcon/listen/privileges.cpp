#include "listen/privileges.hpp"

#include <fmt/format.h>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tool {

std::expected<void, std::string> become_user(const std::string& name) {
  const passwd* const user = ::getpwnam(name.c_str());
  if (user == nullptr) return std::unexpected{fmt::format("--user {}: there is no such user", name)};
  const auto uid = user->pw_uid;
  const auto gid = user->pw_gid;
  if (uid == ::geteuid() && uid == ::getuid()) return {};
  if (::initgroups(name.c_str(), gid) != 0 || ::setresgid(gid, gid, gid) != 0 ||
      ::setresuid(uid, uid, uid) != 0)
    return std::unexpected{fmt::format("--user {}: {}", name, std::strerror(errno))};
  return {};
}

}  // namespace tool
