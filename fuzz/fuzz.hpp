// SPDX-License-Identifier: MIT
// What every fuzz target shares: a property that aborts with its name and place, and a reader that turns the
// fuzzer's bytes into numbers and texts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <source_location>
#include <string_view>

namespace fuzz {

/// Ends the run when a property does not hold.
inline void check(bool holds, const char* property,
                  std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: property broken: %s\n", where.file_name(), where.line(), property);
  std::abort();
}

/// A copy in a heap block of exactly its size, so that a sanitizer sees the first byte beyond either end.
class exact_copy {
 public:
  explicit exact_copy(std::string_view text) : bytes_{new char[text.size()]}, size_{text.size()} {
    std::copy(text.begin(), text.end(), bytes_.get());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

/// Reads the fuzzer's bytes from the front; at their end everything is 0 and empty.
class input {
 public:
  explicit input(std::string_view bytes) : rest_{bytes} {}

  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  bool flag() { return (byte() & 1) != 0; }
  std::uint16_t u16() { return static_cast<std::uint16_t>(byte() | byte() << 8); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(u16()) | static_cast<std::uint32_t>(u16()) << 16; }
  std::uint64_t u64() { return u32() | static_cast<std::uint64_t>(u32()) << 32; }
  /// 0 to limit - 1.
  std::uint32_t below(std::uint32_t limit) {
    return (limit <= 256 ? byte() : limit <= 65536 ? u16() : u32()) % limit;
  }
  std::string_view text(std::size_t size) {
    const auto taken = rest_.substr(0, std::min(size, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace fuzz

/// libFuzzer's entry point, which each target defines: the properties hold for these bytes, or it aborts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
