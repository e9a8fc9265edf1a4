// SPDX-License-Identifier: MIT
#include "input/capture.hpp"

#include "input/file_handle.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace tool {
namespace {

std::string describe(const std::string& name, const netcon::capture_error& error) {
  if (error.code != netcon::capture_errc::unsupported_link_type)
    return fmt::format("{}: damaged after {} frames: it {}, at byte {}", name, error.frames,
                       message(error.code), error.offset);
  const auto type = netcon::name(static_cast<netcon::link_type>(error.link_type));
  return fmt::format("{}: link type {} is not one that IP packets are found in", name,
                     type.empty() ? std::to_string(error.link_type) : type);
}

}  // namespace

std::expected<netcon::capture_counts, std::string> read_capture(const std::string& path,
                                                                const capture_sink& sink) {
  const bool from_stdin = path == "-";
  const std::string name = from_stdin ? "standard input" : path;
  const file_handle file{from_stdin ? stdin : std::fopen(path.c_str(), "rb")};
  if (!file) return std::unexpected{fmt::format("{}: {}", name, std::strerror(errno))};
  errno = 0;
  netcon::pcap_reader reader{netcon::stdio_source{file.get()}};
  const auto failed = [&] { return std::ferror(file.get()) != 0; };
  if (const auto opened = reader.open(); !opened && !failed()) {
    if (opened.error().code == netcon::capture_errc::empty)
      return std::unexpected{fmt::format("{}: the file is empty", name)};
    return std::unexpected{fmt::format("{} {}", name, message(opened.error().code))};
  }
  auto counts = netcon::read_datagrams(reader, sink);
  if (failed()) return std::unexpected{fmt::format("{}: {}", name, std::strerror(errno))};
  if (!counts) return std::unexpected{describe(name, counts.error())};
  return *counts;
}

}  // namespace tool
