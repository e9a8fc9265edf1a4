// SPDX-License-Identifier: MIT
// The frames of a capture file: pcap and pcapng, both byte orders, every resolution of time, several
// interfaces. The bytes come from any source; the memory in use does not grow with the file. The formats are
// those of draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
#pragma once

#include <netcon/capture/capture_error.hpp>
#include <netcon/capture/capture_time.hpp>
#include <netcon/core/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// A frame as it was captured.
struct captured_frame {
  capture_time time{};          ///< 1970 where the file has none
  std::uint32_t link_type = 0;  ///< the file's number; as netcon::link_type where that has it
  std::string_view bytes;       ///< valid until the next call of the reader
};

/// A source of a reader: bytes in memory.
class memory_source {
 public:
  /// The bytes of a whole file, which must outlive the source.
  explicit constexpr memory_source(std::string_view bytes) noexcept : rest_{bytes} {}

  /// Copies the next `size` bytes, or what is left, and says how many.
  std::size_t operator()(char* to, std::size_t size) noexcept {
    size = std::min(size, rest_.size());
    if (size != 0) std::memcpy(to, rest_.data(), size);
    rest_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view rest_;
};

/// A source of a reader: an open file, which the caller owns. After the end, std::ferror() says whether it
/// was one.
class stdio_source {
 public:
  /// The file, open for reading in binary mode.
  explicit stdio_source(std::FILE* file) noexcept : file_{file} {}

  /// Reads `size` bytes, fewer at the end or after an error, and says how many.
  std::size_t operator()(char* to, std::size_t size) noexcept { return std::fread(to, 1, size, file_); }

 private:
  std::FILE* file_;
};

/// Reads frames one after the other. A source takes (char* to, std::size_t size) and returns how many bytes
/// it wrote: fewer than size only at the end.
template <class Source>
class pcap_reader {
 public:
  static constexpr std::size_t largest_block =
      16u << 20;  ///< bytes of a frame or block; a longer one is impossible_block
  static constexpr std::size_t most_interfaces = 4096;  ///< of a section

  /// Takes the source; it reads nothing yet.
  explicit pcap_reader(Source source) : source_{std::move(source)} {}

  /// Reads the file's header, once; next() does so by itself.
  [[nodiscard]] std::expected<void, capture_error> open() {
    if (!opened_) {
      opened_ = true;
      read_file_header();
    }
    if (error_) return std::unexpected{*error_};
    return {};
  }

  /// The next frame, or nothing at the end. An error is final.
  [[nodiscard]] std::expected<std::optional<captured_frame>, capture_error> next() {
    if (const auto opened = open(); !opened) return std::unexpected{opened.error()};
    auto frame = has_blocks_ ? next_block() : next_record();
    if (error_) return std::unexpected{*error_};
    if (frame) ++frames_;
    return frame;
  }

  /// Frames read so far.
  [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }

 private:
  /// How long a unit of time is: a second divided by 10 or 2 to the power of exponent.
  struct resolution {
    bool binary = false;
    std::uint8_t exponent = 6;
  };
  struct interface {
    std::uint32_t link_type = 0;
    std::uint32_t snap_length = 0;  // 0: no limit
    resolution unit{};
    std::int64_t offset = 0;  // seconds to add
  };
  using maybe_frame = std::optional<captured_frame>;
  static constexpr std::string_view section_header = "\x0a\x0d\x0d\x0a";
  static constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

  /// So many bytes, or fewer at the end of the file.
  std::string_view take(std::size_t size) {
    if (buffer_.size() < size) buffer_.resize(size);
    const auto got = source_(buffer_.data(), size);
    taken_ += got;
    return {buffer_.data(), got};
  }

  std::nullopt_t fail(capture_errc code) {
    error_ = capture_error{code, block_, frames_};
    return std::nullopt;
  }

  std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) const noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes[is_big_endian_ ? at + i : at + size - 1 - i]);
    return value;
  }
  std::uint16_t u16(std::string_view bytes, std::size_t at) const noexcept {
    return static_cast<std::uint16_t>(number(bytes, at, 2));
  }
  std::uint32_t u32(std::string_view bytes, std::size_t at) const noexcept {
    return static_cast<std::uint32_t>(number(bytes, at, 4));
  }

  void read_file_header() {
    // Each magic number as machines of both byte orders write it.
    const auto magic = take(4);
    if (magic.empty()) {
      fail(capture_errc::empty);
    } else if (magic == section_header) {
      has_blocks_ = true;
      begin_section();
    } else if (magic == "\xd4\xc3\xb2\xa1" || magic == "\xa1\xb2\xc3\xd4") {
      read_pcap_header(magic.front() == '\xa1', 6);
    } else if (magic == "\x4d\x3c\xb2\xa1" || magic == "\xa1\xb2\x3c\x4d") {
      read_pcap_header(magic.front() == '\xa1', 9);
    } else {
      fail(capture_errc::unknown_format);
    }
  }

  void read_pcap_header(bool is_big_endian, std::uint8_t exponent) {
    is_big_endian_ = is_big_endian;
    const auto header = take(20);
    if (header.size() != 20) {
      fail(capture_errc::truncated_header);
    } else if (u16(header, 0) != 2 || u16(header, 2) != 4) {
      fail(capture_errc::unsupported_version);
    } else {
      interfaces_.push_back({u32(header, 16) & 0xffffu, u32(header, 12), {false, exponent}, 0});
    }
  }

  maybe_frame next_record() {
    block_ = taken_;
    const auto header = take(16);
    if (header.empty()) return std::nullopt;
    if (header.size() != 16) return fail(capture_errc::truncated);
    const std::int64_t seconds = u32(header, 0);
    const std::int64_t unit = interfaces_.front().unit.exponent == 9 ? 1 : 1000;
    const std::chrono::nanoseconds time{seconds * nanoseconds_per_second + u32(header, 4) * unit};
    const std::size_t size = u32(header, 8);
    if (size > largest_block) return fail(capture_errc::impossible_block);
    auto bytes = take(size);
    if (bytes.size() != size) return fail(capture_errc::truncated);
    const auto limit = interfaces_.front().snap_length;
    // Bytes beyond the file's own limit are not of the frame, as libpcap has it.
    if (limit != 0) bytes = bytes.substr(0, limit);
    return captured_frame{capture_time{time}, interfaces_.front().link_type, bytes};
  }

  /// After the block type of a section header: its length, and the mark of the byte order.
  void begin_section() {
    const auto head = take(8);
    if (head.size() != 8) {
      fail(capture_errc::truncated);
      return;
    }
    const auto mark = head.substr(4);
    if (mark == "\x4d\x3c\x2b\x1a") {
      is_big_endian_ = false;
    } else if (mark == "\x1a\x2b\x3c\x4d") {
      is_big_endian_ = true;
    } else {
      fail(capture_errc::unknown_byte_order);
      return;
    }
    interfaces_.clear();
    const std::size_t length = u32(head, 0);
    if (length < 28 || length % 4 != 0 || length > largest_block) {
      fail(capture_errc::impossible_block);
    } else if (take(length - 12).size() != length - 12) {
      fail(capture_errc::truncated);
    }
  }

  maybe_frame next_block() {
    enum : std::uint32_t { interface_block = 1, old_packet = 2, simple_packet = 3, enhanced_packet = 6 };
    for (;;) {
      block_ = taken_;
      const auto type_bytes = take(4);
      if (type_bytes.empty()) return std::nullopt;
      if (type_bytes == section_header) {
        begin_section();
        if (error_) return std::nullopt;
        continue;
      }
      if (type_bytes.size() != 4) return fail(capture_errc::truncated);
      const auto type = u32(type_bytes, 0);
      const auto length_bytes = take(4);
      if (length_bytes.size() != 4) return fail(capture_errc::truncated);
      const std::size_t length = u32(length_bytes, 0);
      if (length < 12 || length % 4 != 0 || length > largest_block)
        return fail(capture_errc::impossible_block);
      auto body = take(length - 8);
      if (body.size() != length - 8) return fail(capture_errc::truncated);
      body.remove_suffix(4);  // the length once more
      switch (type) {
        case interface_block:
          if (body.size() < 8) return fail(capture_errc::impossible_block);
          if (interfaces_.size() == most_interfaces) return fail(capture_errc::too_many_interfaces);
          interfaces_.push_back(read_interface(body));
          break;
        case simple_packet:
          return read_simple_packet(body);
        case old_packet:
          return read_packet(body, body.size() < 2 ? 0u : u16(body, 0));
        case enhanced_packet:
          return read_packet(body, body.size() < 4 ? 0u : u32(body, 0));
        default:
          break;
      }
    }
  }

  maybe_frame read_simple_packet(std::string_view body) {
    if (body.size() < 4 || interfaces_.empty()) return fail(capture_errc::impossible_block);
    const auto& from = interfaces_.front();
    std::size_t size = u32(body, 0);
    if (from.snap_length != 0) size = std::min<std::size_t>(size, from.snap_length);
    if (size > body.size() - 4) return fail(capture_errc::impossible_block);
    return captured_frame{{}, from.link_type, body.substr(4, size)};
  }

  maybe_frame read_packet(std::string_view body, std::size_t which) {
    constexpr std::size_t head = 20;
    if (body.size() < head || which >= interfaces_.size() || u32(body, 12) > body.size() - head)
      return fail(capture_errc::impossible_block);
    const auto& from = interfaces_[which];
    const auto time = to_time(std::uint64_t{u32(body, 4)} << 32 | u32(body, 8), from);
    if (!time) return fail(capture_errc::time_out_of_range);
    return captured_frame{*time, from.link_type, body.substr(head, u32(body, 12))};
  }

  interface read_interface(std::string_view body) const {
    enum : std::uint16_t { end_of_options = 0, time_resolution = 9, time_offset = 14 };
    interface added{u16(body, 0), u32(body, 4), {}, 0};
    for (auto options = body.substr(8); options.size() >= 4;) {
      const auto code = u16(options, 0), size = u16(options, 2);
      const std::size_t padded = (size + 3u) & ~3u;
      if (code == end_of_options || options.size() < 4 + padded) break;
      if (code == time_resolution && size == 1) {
        const auto value = static_cast<unsigned char>(options[4]);
        added.unit = {(value & 0x80) != 0, static_cast<std::uint8_t>(value & 0x7f)};
      } else if (code == time_offset && size == 8) {
        added.offset = static_cast<std::int64_t>(number(options, 4, 8));
      }
      options.remove_prefix(4 + padded);
    }
    return added;
  }

  /// Nothing where a clock of nanoseconds since 1970 does not reach.
  static std::optional<capture_time> to_time(std::uint64_t ticks, const interface& from) noexcept {
    std::uint64_t seconds = 0, nanoseconds = 0;
    const unsigned exponent = from.unit.exponent;
    if (from.unit.binary) {
      if (exponent < 64) seconds = ticks >> exponent;
      auto part = exponent < 64 ? ticks - (seconds << exponent) : ticks;
      // 32 bits of the fraction are finer than a nanosecond.
      const unsigned kept = std::min(exponent, 32u);
      part = exponent - kept < 64 ? part >> (exponent - kept) : 0;
      nanoseconds = part * nanoseconds_per_second >> kept;
    } else {
      std::uint64_t units = 1;  // in a second; above 10^19 a full counter is shorter than two seconds
      for (unsigned i = 0; i < std::min(exponent, 19u); ++i) units *= 10;
      for (unsigned i = 19; i < exponent; ++i) ticks /= 10;
      seconds = ticks / units;
      const auto part = ticks % units;
      nanoseconds =
          exponent > 9 ? part / (units / nanoseconds_per_second) : part * (nanoseconds_per_second / units);
    }
    // As far before 1970 as after it: an interface may have any offset.
    constexpr std::int64_t limit = last_wall_time.time_since_epoch().count();
    if (seconds > 2 * limit || from.offset < -3 * limit || from.offset > 3 * limit) return std::nullopt;
    const auto whole = static_cast<std::int64_t>(seconds) + from.offset;
    if (whole < -limit || whole > limit) return std::nullopt;
    return capture_time{
        std::chrono::nanoseconds{whole * nanoseconds_per_second + static_cast<std::int64_t>(nanoseconds)}};
  }

  Source source_;
  std::string buffer_;
  std::vector<interface> interfaces_;
  std::optional<capture_error> error_;
  std::uint64_t taken_ = 0;  // bytes
  std::uint64_t block_ = 0;  // where the record or block begins
  std::uint64_t frames_ = 0;
  bool opened_ = false;
  bool has_blocks_ = false;  // pcapng
  bool is_big_endian_ = false;
};

}  // namespace netcon::inline v0_1
