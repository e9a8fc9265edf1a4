// SPDX-License-Identifier: MIT
// The bytes of a file or of standard input, unpacked where they are packed.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tool {

/// What happens where bytes have to be waited for, as those of a pipe.
struct input_wait {
  static constexpr std::chrono::milliseconds a_moment{200};

  std::function<bool()> begins;  ///< called before it; false ends reading
  std::function<bool()> lasts;   ///< called when nothing came for a moment; false ends reading
  int stop_fd = -1;              ///< readable: reading ends with what has come
};

/// Reads a file; "-" is standard input. What begins as gzip or zstd is unpacked.
class byte_source {
 public:
  /// The error is one line that names the file.
  static std::expected<byte_source, std::string> open(const std::string& path, input_wait wait = {});
  byte_source(byte_source&&) noexcept;
  byte_source& operator=(byte_source&&) noexcept;
  ~byte_source();

  /// Fewer than size only at the end, or after a problem.
  std::size_t read(char* to, std::size_t size);
  /// What has come, at most size; it waits for the first byte only. 0 only at the end, or after a problem.
  std::size_t read_some(char* to, std::size_t size);
  /// The first bytes, at most 4; they are read all the same.
  std::string_view beginning();
  /// Why reading ended early; empty where it did not. One line that names the file.
  std::string problem() const;
  /// Whether the wait ended reading, at no end of the file.
  bool stopped() const;
  /// Of the file, packed as it is.
  std::uint64_t position() const;

  struct decoder;  // of the form that the file has

 private:
  explicit byte_source(std::unique_ptr<decoder> from);

  std::unique_ptr<decoder> from_;
  std::array<char, 4> front_{};  // of no more: a line of a pipe may be short
  std::size_t front_size_ = 0, front_at_ = 0;
  bool front_read_ = false;
};

}  // namespace tool
