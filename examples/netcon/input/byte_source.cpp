// SPDX-License-Identifier: MIT
#include "input/byte_source.hpp"

#include "input/file_handle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#if NETCON_ZLIB
#include <zlib.h>
#endif
#if NETCON_ZSTD
#include <zstd.h>
#endif

namespace tool {

/// The file, and what unpacks it.
struct byte_source::decoder {
  virtual ~decoder() = default;
  /// 0 at the end and after a problem.
  virtual std::size_t read(char* to, std::size_t size) = 0;

  std::string name;
  std::string problem;
  std::uint64_t position = 0;
};

namespace {

/// Packed bytes, a block at a time; the first ones were read to see what they are.
class packed_bytes {
 public:
  packed_bytes(file_handle file, std::string_view front)
      : file_{std::move(file)}, block_(front.begin(), front.end()) {
    size_ = block_.size();
    block_.resize(128 * 1024);
  }

  /// The next bytes; empty at the end.
  std::string_view next() {
    if (size_ == 0) size_ = std::fread(block_.data(), 1, block_.size(), file_.get());
    const std::string_view out{block_.data(), size_};
    position_ += std::exchange(size_, 0);
    return out;
  }
  bool failed() const { return std::ferror(file_.get()) != 0; }
  std::uint64_t position() const { return position_; }

 private:
  file_handle file_;
  std::vector<char> block_;
  std::size_t size_ = 0;
  std::uint64_t position_ = 0;
};

struct plain_decoder : byte_source::decoder {
  plain_decoder(file_handle file, std::string_view front) : bytes{std::move(file), front} {}

  std::size_t read(char* to, std::size_t size) override {
    if (rest.empty()) rest = bytes.next();
    if (rest.empty() && bytes.failed()) problem = std::strerror(errno);
    const auto count = std::min(size, rest.size());
    std::copy_n(rest.data(), count, to);
    rest.remove_prefix(count);
    position = bytes.position();
    return count;
  }

  packed_bytes bytes;
  std::string_view rest;
};

#if NETCON_ZLIB
struct gzip_decoder : byte_source::decoder {
  gzip_decoder(file_handle file, std::string_view front) : bytes{std::move(file), front} {
    constexpr int gzip_window = 15 + 32;
    ready = inflateInit2(&stream, gzip_window) == Z_OK;
  }
  ~gzip_decoder() override {
    if (ready) inflateEnd(&stream);
  }

  std::size_t read(char* to, std::size_t size) override {
    if (!ready) problem = "no memory to unpack it";
    stream.next_out = reinterpret_cast<Bytef*>(to);
    stream.avail_out = static_cast<uInt>(size);
    while (problem.empty() && stream.avail_out == size) {
      if (stream.avail_in == 0) {
        const auto block = bytes.next();
        if (block.empty()) {
          if (!between) problem = "its end is missing";
          break;
        }
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
        stream.avail_in = static_cast<uInt>(block.size());
      }
      between = false;
      const int result = inflate(&stream, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        between = true;  // files packed one by one and joined
        inflateReset(&stream);
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        problem = "its gzip is damaged";
      }
    }
    position = bytes.position();
    return size - stream.avail_out;
  }

  packed_bytes bytes;
  z_stream stream{};
  bool ready = false, between = true;
};
#endif

#if NETCON_ZSTD
struct zstd_decoder : byte_source::decoder {
  zstd_decoder(file_handle file, std::string_view front)
      : bytes{std::move(file), front}, context{ZSTD_createDCtx(), ZSTD_freeDCtx} {}

  std::size_t read(char* to, std::size_t size) override {
    ZSTD_outBuffer out{to, size, 0};
    if (!context) problem = "no memory to unpack it";
    while (problem.empty() && out.pos == 0) {
      if (in.pos == in.size) {
        block = bytes.next();
        if (block.empty()) {
          if (left != 0) problem = "its end is missing";
          break;
        }
        in = {block.data(), block.size(), 0};
      }
      left = ZSTD_decompressStream(context.get(), &out, &in);
      if (ZSTD_isError(left)) problem = fmt::format("its zstd is damaged: {}", ZSTD_getErrorName(left));
    }
    position = bytes.position();
    return out.pos;
  }

  packed_bytes bytes;
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context;
  std::string_view block;
  ZSTD_inBuffer in{nullptr, 0, 0};
  std::size_t left = 0;
};
#endif

}  // namespace

byte_source::byte_source(std::unique_ptr<decoder> from) : from_{std::move(from)} {}
byte_source::byte_source(byte_source&&) noexcept = default;
byte_source& byte_source::operator=(byte_source&&) noexcept = default;
byte_source::~byte_source() = default;

std::expected<byte_source, std::string> byte_source::open(const std::string& path) {
  const bool is_stdin = path == "-";
  const std::string name = is_stdin ? "standard input" : path;
  file_handle file{is_stdin ? stdin : std::fopen(path.c_str(), "rb")};
  if (!file) return std::unexpected{fmt::format("{}: {}", name, std::strerror(errno))};
  std::array<char, 4> front{};
  const std::string_view magic{front.data(), std::fread(front.data(), 1, front.size(), file.get())};
  if (std::ferror(file.get()) != 0) return std::unexpected{fmt::format("{}: {}", name, std::strerror(errno))};
  std::unique_ptr<decoder> from;
  if (magic.starts_with("\x1f\x8b")) {
#if NETCON_ZLIB
    from = std::make_unique<gzip_decoder>(std::move(file), magic);
#else
    return std::unexpected{fmt::format(
        "{}: gzip, and this netcon was built without zlib; unpack it: zcat FILE | netcon ... -", name)};
#endif
  } else if (magic == "\x28\xb5\x2f\xfd") {
#if NETCON_ZSTD
    from = std::make_unique<zstd_decoder>(std::move(file), magic);
#else
    return std::unexpected{fmt::format(
        "{}: zstd, and this netcon was built without libzstd; unpack it: zstdcat FILE | netcon ... -", name)};
#endif
  } else {
    from = std::make_unique<plain_decoder>(std::move(file), magic);
  }
  from->name = name;
  return byte_source{std::move(from)};
}

std::string_view byte_source::beginning() {
  if (!front_read_) {
    front_read_ = true;
    while (front_size_ < front_.size()) {
      const auto got = from_->read(front_.data() + front_size_, front_.size() - front_size_);
      if (got == 0) break;
      front_size_ += got;
    }
  }
  return {front_.data(), front_size_};
}

std::size_t byte_source::read(char* to, std::size_t size) {
  std::size_t count = std::min(size, front_size_ - front_at_);
  std::copy_n(front_.data() + front_at_, count, to);
  front_at_ += count;
  while (count < size) {
    const auto got = from_->read(to + count, size - count);
    if (got == 0) break;
    count += got;
  }
  return count;
}

std::string byte_source::problem() const {
  return from_->problem.empty() ? std::string{} : fmt::format("{}: {}", from_->name, from_->problem);
}

std::uint64_t byte_source::position() const {
  return from_->position;
}

}  // namespace tool
