// SPDX-License-Identifier: MIT
// The real netconsole directory of a mounted configfs, or any directory that looks like one.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/os/descriptor.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <dirent.h>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// Operations below one directory, each a single system call's worth. Every part of a path must be a plain
/// name: an absolute path, an empty part, "." and ".." are EINVAL, and symbolic links are not followed
/// (ELOOP).
class mounted_tree {
 public:
  /// The netconsole directory; it need not exist yet.
  explicit mounted_tree(std::string root = "/sys/kernel/config/netconsole") : root_{std::move(root)} {}

  /// As it was given.
  [[nodiscard]] const std::string& root() const noexcept { return root_; }

  /// mkdir(2) with mode 0755. Errors: its errno.
  result<void> mkdir(std::string_view path) {
    return change(path, [](int at, const char* name) { return ::mkdirat(at, name, 0755); });
  }

  /// rmdir(2). Errors: its errno.
  result<void> rmdir(std::string_view path) {
    return change(path, [](int at, const char* name) { return ::unlinkat(at, name, AT_REMOVEDIR); });
  }

  /// One write(2) that replaces the content; files are never created.
  result<std::size_t> write(std::string_view path, std::string_view bytes) {
    const auto file = open(path, O_WRONLY | O_TRUNC);
    if (!file) return std::unexpected{file.error()};
    const auto count = ::write(file->get(), bytes.data(), bytes.size());
    if (count < 0) return refuse(errno);
    return static_cast<std::size_t>(count);
  }

  /// A whole file. Errors: those of open(2) and read(2).
  [[nodiscard]] result<std::string> read(std::string_view path) const {
    const auto file = open(path, O_RDONLY);
    if (!file) return std::unexpected{file.error()};
    std::string content;
    std::array<char, 4096> buffer;
    while (true) {
      const auto count = ::read(file->get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return refuse(errno);
      if (count == 0) return content;
      content.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

  /// Names as the directory lists them; configfs does so in the order in which they were made.
  [[nodiscard]] result<std::vector<std::string>> entries(std::string_view path) const {
    auto folder = path.empty() ? open_root() : open(path, O_RDONLY | O_DIRECTORY);
    if (!folder) return std::unexpected{folder.error()};
    DIR* const stream = ::fdopendir(folder->get());
    if (stream == nullptr) return refuse(errno);
    [[maybe_unused]] const int owned_by_stream = folder->release();
    std::vector<std::string> names;
    errno = 0;
    while (const auto* entry = ::readdir(stream)) {
      const std::string_view name{entry->d_name};
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int code = errno;
    ::closedir(stream);
    if (code != 0) return refuse(code);
    return names;
  }

  /// Why nothing can be read (or changed) here and the command that repairs it, in one line; nothing when all
  /// is well.
  [[nodiscard]] std::optional<std::string> find_obstacle(bool to_change) const {
    const auto folder = open_root();
    if (folder) {
      if (!to_change || ::faccessat(folder->get(), ".", W_OK, AT_EACCESS) == 0) return std::nullopt;
      if (errno == EROFS)
        return root_ + " is mounted read-only: mount -o remount,rw " + mount_point() +
               " (in a container: run this on its host)";
      // Root of a user namespace is not root to the kernel's own files.
      if (::geteuid() == 0)
        return "no permission to change " + root_ +
               ", though this is root: run this outside of the container";
      return "no permission to change " + root_ + ": run this as root (sudo)";
    }
    if (folder.error() == std::errc::permission_denied)
      return "no permission to read " + root_ + ": run this as root (sudo)";
    if (folder.error() != std::errc::no_such_file_or_directory)
      return root_ + ": " + describe(folder.error());
    const auto mount = mount_point();
    struct stat status{};
    if (::stat(mount.c_str(), &status) != 0) return mount + " does not exist: modprobe configfs";
    // An empty directory there is the mount point without its mount, or a configfs that no module uses.
    struct statfs filesystem{};
    const bool is_configfs = ::statfs(mount.c_str(), &filesystem) == 0 && filesystem.f_type == 0x62656570;
    if (!is_configfs && is_empty(mount))
      return "configfs is not mounted: mount -t configfs configfs " + mount;
    return root_ +
           " does not exist: modprobe netconsole (a kernel without CONFIG_NETCONSOLE_DYNAMIC has none)";
  }

 private:
  // The directory that netconsole's lies in.
  std::string mount_point() const {
    const auto path = root_.substr(0, root_.find_last_not_of('/') + 1);
    return path.find('/') == path.npos ? "." : path.substr(0, path.rfind('/') + 1);
  }

  result<descriptor> open_root() const {
    const int number = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (number < 0) return refuse(errno);
    return descriptor{number};
  }

  static result<descriptor> open_at(const descriptor& in, std::string_view name, int flags) {
    if (name.size() > max_name) return refuse(ENAMETOOLONG);
    if (!internal::is_directory_name(name)) return refuse(EINVAL);
    const int number = ::openat(in.get(), std::string{name}.c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
    if (number < 0) return refuse(errno);
    return descriptor{number};
  }

  // The directory that holds the last part of a path, and that part.
  result<std::pair<descriptor, std::string>> walk(std::string_view path) const {
    auto at = open_root();
    for (auto slash = path.find('/'); at && slash != path.npos; slash = path.find('/')) {
      at = open_at(*at, path.substr(0, slash), O_RDONLY | O_DIRECTORY);
      path.remove_prefix(slash + 1);
    }
    if (!at) return std::unexpected{at.error()};
    if (path.size() > max_name) return refuse(ENAMETOOLONG);
    if (!internal::is_directory_name(path)) return refuse(EINVAL);
    return std::pair{std::move(*at), std::string{path}};
  }

  result<descriptor> open(std::string_view path, int flags) const {
    const auto place = walk(path);
    if (!place) return std::unexpected{place.error()};
    return open_at(place->first, place->second, flags);
  }

  template <class Call>
  result<void> change(std::string_view path, Call call) const {
    const auto place = walk(path);
    if (!place) return std::unexpected{place.error()};
    if (call(place->first.get(), place->second.c_str()) != 0) return refuse(errno);
    return {};
  }

  static bool is_empty(const std::string& path) {
    const auto names = mounted_tree{path}.entries("");
    return names && names->empty();
  }

  std::string root_;
};

}  // namespace netcon::inline v0_1::configfs
