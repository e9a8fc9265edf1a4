// SPDX-License-Identifier: MIT
// Files of a machine below a root directory, read whole, as facts. Linux.
#pragma once

#include <netcon/doctor/fact.hpp>
#include <netcon/os/descriptor.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// "no permission to read PATH: run this as root", or what else is wrong with it.
inline std::string unreadable(std::string_view path, int code) {
  if (code == EACCES || code == EPERM)
    return "no permission to read " + std::string{path} + ": run this as root";
  if (code == ENOENT || code == ENOTDIR) return "there is no " + std::string{path};
  return std::string{path} + ": " + std::error_code{code, std::generic_category()}.message();
}

class machine_files {
 public:
  /// Of a file that is longer, what is beyond is not read.
  static constexpr std::size_t longest_file = 16u << 20;

  /// root: "/" is this machine; otherwise a directory with a copy of some of its files.
  explicit machine_files(std::string root) : root_{std::move(root)} {
    while (root_.ends_with('/')) root_.pop_back();
  }

  /// Where that path is. Precondition: it begins with '/'.
  std::string place(std::string_view path) const { return root_ + std::string{path}; }

  /// A symbolic link counts whatever it leads to: below another root that is not what it means.
  bool exists(std::string_view path) const {
    struct stat status{};
    return ::lstat(place(path).c_str(), &status) == 0;
  }

  doctor::fact<std::string> read(std::string_view path) const {
    const auto fail = [&] { return doctor::fact<std::string>::unknown(unreadable(path, errno)); };
    const descriptor file{::open(place(path).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) return fail();
    if (!S_ISREG(status.st_mode))
      return doctor::fact<std::string>::unknown(std::string{path} + " is not a file");
    std::string content;
    std::array<char, 16384> buffer;
    while (content.size() < longest_file) {
      const auto count = ::read(file.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return fail();
      if (count == 0) break;
      content.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return content;
  }

  /// The content without white space at its end.
  doctor::fact<std::string> read_line(std::string_view path) const {
    auto content = read(path);
    if (!content) return content;
    auto text = *content;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '\t'))
      text.pop_back();
    return text;
  }

  /// Names in a directory, sorted; none where it cannot be read.
  std::vector<std::string> entries(std::string_view path) const {
    std::vector<std::string> names;
    DIR* const folder = ::opendir(place(path).c_str());
    if (folder == nullptr) return names;
    while (const auto* entry = ::readdir(folder)) {
      const std::string_view name{entry->d_name};
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(folder);
    std::ranges::sort(names);
    return names;
  }

  /// The files of several directories by name, sorted; of two with one name that in the earlier directory, as
  /// modprobe.d(5) and sysctl.d(5) have it.
  std::vector<std::string> merged(const std::vector<std::string_view>& directories,
                                  std::string_view ending) const {
    std::vector<std::pair<std::string, std::string>> found;  // name, path
    for (const auto directory : directories)
      for (const auto& name : entries(directory))
        if (name.ends_with(ending) &&
            std::ranges::find(found, name, &std::pair<std::string, std::string>::first) == found.end())
          found.emplace_back(name, std::string{directory} + '/' + name);
    std::ranges::sort(found);
    std::vector<std::string> paths;
    for (auto& [name, path] : found) paths.push_back(std::move(path));
    return paths;
  }

 private:
  std::string root_;
};

/// Hands each line that is not empty and no comment to sink. A backslash at its end joins the next one.
template <class Sink>
void each_line(std::string_view text, Sink&& sink) {
  std::string joined;
  while (!text.empty()) {
    const auto newline = text.find('\n');
    auto line = text.substr(0, newline);
    text.remove_prefix(newline == text.npos ? text.size() : newline + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    if (line.ends_with('\\') && !text.empty()) {
      joined.append(line.substr(0, line.size() - 1));
      continue;
    }
    joined.append(line);
    const auto first = joined.find_first_not_of(" \t");
    if (first != joined.npos && joined[first] != '#' && joined[first] != ';')
      sink(std::string_view{joined}.substr(first));
    joined.clear();
  }
}

}  // namespace netcon::inline v0_1::detail
