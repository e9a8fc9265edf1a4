// SPDX-License-Identifier: MIT
#include "input/text_records.hpp"

#include <netcon/core/number.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tool {

prioritised_line read_priority(std::string_view line, std::uint8_t facility, std::uint8_t level) {
  const auto close = line.starts_with('<') ? line.find('>') : line.npos;
  const auto value = close != line.npos ? netcon::parse_decimal(line.substr(1, close - 1)) : std::nullopt;
  if (value) {
    level = static_cast<std::uint8_t>(*value & 7);
    if ((*value >> 3 & 0xff) != 0) facility = static_cast<std::uint8_t>(*value >> 3 & 0xff);
    line.remove_prefix(close + 1);
  }
  return {static_cast<std::uint16_t>(facility * 8 + level), line};
}

std::size_t record_length(std::string_view text) {
  // A record in its extended form has 2048 bytes (6.3+); the header and the newline take less than 150 of
  // them.
  constexpr std::size_t max_raw = 1023, max_escaped = 1898;
  std::size_t at = 0, escaped = 0;
  while (at < text.size()) {
    char32_t code = 0;
    const auto found = netcon::utf8_sequence(text.substr(at), code);
    const std::size_t length = found == 0 ? 1 : found;
    std::size_t width = 0;
    for (const char c : text.substr(at, length)) width += netcon::is_escaped_by_kernel(c) ? 4 : 1;
    if (at + length > max_raw || escaped + width > max_escaped) break;
    at += length;
    escaped += width;
  }
  return at;
}

std::expected<void, std::string> read_lines(int fd, const std::string& name, int stop_fd,
                                            const std::function<void(std::string_view)>& sink) {
  constexpr std::size_t max_line = 1 << 20;  // a longer one is split
  std::string pending;
  std::array<char, 16384> chunk{};
  for (;;) {
    std::array<pollfd, 2> wait{{{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}}};
    if (::poll(wait.data(), wait.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return std::unexpected{fmt::format("{}: {}", name, std::strerror(errno))};
    }
    if (wait[1].revents != 0) break;
    const auto size = ::read(fd, chunk.data(), chunk.size());
    if (size < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return std::unexpected{fmt::format("{}: {}", name, std::strerror(errno))};
    }
    if (size == 0) break;
    pending.append(chunk.data(), static_cast<std::size_t>(size));
    std::size_t begin = 0;
    for (auto end = pending.find('\n'); end != pending.npos; end = pending.find('\n', begin)) {
      sink(std::string_view{pending}.substr(begin, end - begin));
      begin = end + 1;
    }
    pending.erase(0, begin);
    if (pending.size() > max_line) {
      sink(pending);
      pending.clear();
    }
  }
  if (!pending.empty()) sink(pending);
  return {};
}

}  // namespace tool
