// SPDX-License-Identifier: MIT
// The bytes of a file or of standard input, unpacked where they are packed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace tool {

/// Reads a file; "-" is standard input. What begins as gzip or zstd is unpacked.
class byte_source {
 public:
  /// The error is one line that names the file.
  static std::expected<byte_source, std::string> open(const std::string& path);
  byte_source(byte_source&&) noexcept;
  byte_source& operator=(byte_source&&) noexcept;
  ~byte_source();

  /// Fewer than size only at the end, or after a problem.
  std::size_t read(char* to, std::size_t size);
  /// The first bytes, at most 64; they are read all the same.
  std::string_view beginning();
  /// Why reading ended early; empty where it did not. One line that names the file.
  std::string problem() const;
  /// Of the file, packed as it is.
  std::uint64_t position() const;

  struct decoder;  // of the form that the file has

 private:
  explicit byte_source(std::unique_ptr<decoder> from);

  std::unique_ptr<decoder> from_;
  std::array<char, 64> front_{};
  std::size_t front_size_ = 0, front_at_ = 0;
  bool front_read_ = false;
};

}  // namespace tool
