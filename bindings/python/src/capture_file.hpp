// The frames of a capture file, pcap or pcapng, without a library: a wheel carries none.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace binding {

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using file_handle = std::unique_ptr<std::FILE, close_file>;

/// Frames one after the other; numbers in the file's own byte order (draft-ietf-opsawg-pcap and
/// draft-ietf-opsawg-pcapng).
class capture_file {
 public:
  struct frame {
    double time = 0;  // seconds since 1970; 0 where the file has none
    int link_type = 0;
    std::string_view bytes;  // valid until the next call
  };
  static constexpr std::size_t largest_block = 16u << 20;

  /// Reads the file's header; problem() says whether it has one.
  explicit capture_file(file_handle file) : file_{std::move(file)} {
    // Bytes as written by a machine of little and of big end.
    const auto magic = take(4);
    if (magic == "\xd4\xc3\xb2\xa1" || magic == "\x4d\x3c\xb2\xa1") {
      big_ = false;
    } else if (magic == "\xa1\xb2\xc3\xd4" || magic == "\xa1\xb2\x3c\x4d") {
      big_ = true;
    } else if (magic == section_header) {
      next_generation_ = true;
      begin_section();
      return;
    } else {
      problem_ = "is neither pcap nor pcapng";
      return;
    }
    tick_ = magic.find('\x4d') != magic.npos ? 1e-9 : 1e-6;
    const auto header = take(20);
    if (header.size() != 20) {
      problem_ = "ends inside its header";
    } else if (number(header, 0, 2) != 2 || number(header, 2, 2) != 4) {
      problem_ = "has another version than 2.4";
    } else {
      if (const auto limit = number(header, 12); limit != 0) snap_length_ = limit;
      link_type_ = static_cast<int>(number(header, 16) & 0xffffu);
    }
  }

  /// The next frame; nothing at the end of the file, or where problem() keeps it from being read on.
  std::optional<frame> next() {
    if (!problem_.empty()) return std::nullopt;
    return next_generation_ ? next_block() : next_record();
  }

  /// Whether the system could not read the file; errno says why.
  bool failed() const noexcept { return std::ferror(file_.get()) != 0; }

  /// What is wrong with the file, to be put behind its name; empty as long as nothing is.
  std::string_view problem() const noexcept { return problem_; }

 private:
  struct interface {
    int link_type = 0;
    double tick = 1e-6;
    double offset = 0;
    std::uint32_t snap_length = 0;  // 0: no limit
  };
  static constexpr std::string_view section_header = "\x0a\x0d\x0d\x0a";

  /// So many bytes, or fewer at the end of the file.
  std::string_view take(std::size_t size) {
    buffer_.resize(size);
    buffer_.resize(std::fread(buffer_.data(), 1, size, file_.get()));
    return buffer_;
  }
  std::nullopt_t give_up(std::string_view why) {
    problem_ = why;
    return std::nullopt;
  }

  std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size = 4) const noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes[big_ ? at + i : at + size - 1 - i]);
    return value;
  }

  std::optional<frame> next_record() {
    const auto header = take(16);
    if (header.empty()) return std::nullopt;
    if (header.size() != 16) return give_up(cut);
    const double time = number(header, 0) + number(header, 4) * tick_;
    const std::size_t size = number(header, 8);
    if (size > largest_block) return give_up(impossible);
    const auto bytes = take(size);
    if (bytes.size() != size) return give_up(cut);
    // What a writer put in beyond its own limit is no part of the frame, as libpcap has it.
    return frame{time, link_type_, bytes.substr(0, snap_length_)};
  }

  /// Behind the block type of a section header: its length, and the mark of the byte order.
  void begin_section() {
    const auto head = take(8);
    if (head.size() != 8) {
      problem_ = cut;
      return;
    }
    const auto mark = head.substr(4);
    if (mark == "\x4d\x3c\x2b\x1a") {
      big_ = false;
    } else if (mark == "\x1a\x2b\x3c\x4d") {
      big_ = true;
    } else {
      problem_ = "has a section without a mark of its byte order";
      return;
    }
    interfaces_.clear();
    const std::size_t length = number(head, 0);
    if (length < 28 || length % 4 != 0 || length > largest_block) {
      problem_ = impossible;
    } else if (take(length - 12).size() != length - 12) {
      problem_ = cut;
    }
  }

  std::optional<frame> next_block() {
    enum : std::uint32_t {
      interface_description = 1,
      old_packet = 2,
      simple_packet = 3,
      enhanced_packet = 6
    };
    for (;;) {
      const auto type_bytes = take(4);
      if (type_bytes.empty()) return std::nullopt;
      if (type_bytes == section_header) {
        begin_section();
        if (!problem_.empty()) return std::nullopt;
        continue;
      }
      if (type_bytes.size() != 4) return give_up(cut);
      const auto type = number(type_bytes, 0);
      const auto length_bytes = take(4);
      if (length_bytes.size() != 4) return give_up(cut);
      const std::size_t length = number(length_bytes, 0);
      if (length < 12 || length % 4 != 0 || length > largest_block) return give_up(impossible);
      auto body = take(length - 8);
      if (body.size() != length - 8) return give_up(cut);
      body.remove_suffix(4);
      if (type == interface_description) {
        if (body.size() < 8) return give_up(impossible);
        add_interface(body);
      } else if (type == simple_packet) {
        if (body.size() < 4 || interfaces_.empty()) return give_up(impossible);
        const auto& from = interfaces_.front();
        std::size_t size = number(body, 0);
        if (from.snap_length != 0) size = std::min<std::size_t>(size, from.snap_length);
        if (size > body.size() - 4) return give_up(impossible);
        return frame{0, from.link_type, body.substr(4, size)};
      } else if (type == enhanced_packet || type == old_packet) {
        if (body.size() < 20) return give_up(impossible);
        const std::size_t which = number(body, 0, type == old_packet ? 2 : 4), size = number(body, 12);
        if (which >= interfaces_.size() || size > body.size() - 20) return give_up(impossible);
        const auto& from = interfaces_[which];
        const auto ticks = static_cast<double>(std::uint64_t{number(body, 4)} << 32 | number(body, 8));
        return frame{from.offset + ticks * from.tick, from.link_type, body.substr(20, size)};
      }
    }
  }

  void add_interface(std::string_view body) {
    enum : std::uint32_t { end_of_options = 0, resolution = 9, time_offset = 14 };
    interface added{.link_type = static_cast<int>(number(body, 0, 2)), .snap_length = number(body, 4)};
    for (auto options = body.substr(8); options.size() >= 4;) {
      const auto code = number(options, 0, 2), size = number(options, 2, 2);
      const std::size_t padded = (size + 3u) & ~3u;
      if (code == end_of_options || options.size() < 4 + padded) break;
      if (code == resolution && size == 1) {
        const auto exponent = static_cast<unsigned char>(options[4]);
        added.tick = std::pow((exponent & 0x80) != 0 ? 2.0 : 10.0, -(exponent & 0x7f));
      } else if (code == time_offset && size == 8) {
        const auto high = number(options, big_ ? 4 : 8), low = number(options, big_ ? 8 : 4);
        added.offset = static_cast<double>(static_cast<std::int64_t>(std::uint64_t{high} << 32 | low));
      }
      options.remove_prefix(4 + padded);
    }
    interfaces_.push_back(added);
  }

  static constexpr std::string_view cut = "is cut inside a packet";
  static constexpr std::string_view impossible = "holds a packet or block that cannot be";

  file_handle file_;
  std::string buffer_;
  bool big_ = false;
  bool next_generation_ = false;
  double tick_ = 1e-6;
  std::size_t snap_length_ = largest_block;
  int link_type_ = 0;
  std::vector<interface> interfaces_;
  std::string_view problem_;
};

}  // namespace binding
