// SPDX-License-Identifier: MIT
#include "input/text_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace tool {

std::expected<std::string, std::string> read_text_file(const std::string& path) {
  const bool is_stdin = path == "-";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
      is_stdin ? stdin : std::fopen(path.c_str(), "rb"),
      [](std::FILE* f) { return f == stdin ? 0 : std::fclose(f); }};
  const auto failed = [] { return std::unexpected{std::string{std::strerror(errno)}}; };
  if (!file) return failed();
  std::string text;
  std::array<char, 4096> block;
  // A short read was the end: a terminal would be asked for it twice.
  while (std::feof(file.get()) == 0 && std::ferror(file.get()) == 0) {
    text.append(block.data(), std::fread(block.data(), 1, block.size(), file.get()));
    constexpr std::size_t limit = 16u << 20;
    if (text.size() > limit) return std::unexpected{std::string{too_large_text}};
  }
  if (std::ferror(file.get())) return failed();
  return text;
}

std::string explain_path(const std::string& argument) {
  struct ::stat status{};
  if (argument.find('@') != argument.npos || ::stat(argument.c_str(), &status) != 0) return {};
  return fmt::format("'{0}' is a {1}; netcon lint --file {0} reads it", argument,
                     S_ISDIR(status.st_mode) ? "directory" : "file");
}

}  // namespace tool
