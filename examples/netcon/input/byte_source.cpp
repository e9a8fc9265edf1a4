// SPDX-License-Identifier: MIT
#include "input/byte_source.hpp"

#include <netcon/os/descriptor.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>
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
  /// What has come; 0 at the end and after a problem.
  virtual std::size_t read(char* to, std::size_t size) = 0;

  std::string name;
  std::string problem;
  std::uint64_t position = 0;
  bool stopped = false;
};

namespace {

/// What a pipe, a socket or a terminal holds; of a file nothing waits.
std::size_t waiting_bytes(int fd) {
  struct stat status{};
  int count = 0;
  if (::fstat(fd, &status) != 0 || S_ISREG(status.st_mode) || ::ioctl(fd, FIONREAD, &count) != 0) return 0;
  return static_cast<std::size_t>(std::max(count, 0));
}

/// Packed bytes, a block at a time.
class packed_bytes {
 public:
  packed_bytes(netcon::descriptor file, input_wait wait)
      : file_{std::move(file)}, wait_{std::move(wait)}, block_(128 * 1024) {}

  /// The first bytes, at most so many; next() gives them too.
  std::string_view front(std::size_t size) {
    while (size_ < size && fill()) {
    }
    return {block_.data(), std::min(size, size_)};
  }

  /// The next bytes, as they come; empty at the end.
  std::string_view next() {
    if (size_ == 0) fill();
    const std::string_view out{block_.data(), size_};
    position_ += std::exchange(size_, 0);
    return out;
  }

  /// errno of what failed.
  int error() const { return error_; }
  bool stopped() const { return stopped_; }
  std::uint64_t position() const { return position_; }

 private:
  bool fill() {
    // A terminal would be asked for its end twice.
    while (!ended_) {
      if (!wait()) {
        stopped_ = ended_ = true;
        break;
      }
      const auto room = std::min(block_.size() - size_, left_.value_or(block_.size()));
      const auto got = ::read(file_.get(), block_.data() + size_, room);
      if (got > 0) {
        size_ += static_cast<std::size_t>(got);
        if (left_) *left_ -= static_cast<std::size_t>(got);
        return true;
      }
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) error_ = errno;
      ended_ = true;
    }
    return false;
  }

  /// Until there is something to read. False where reading is to end.
  bool wait() {
    std::array<pollfd, 2> of{{{file_.get(), POLLIN, 0}, {wait_.stop_fd, POLLIN, 0}}};
    const auto comes = [&](int milliseconds) {
      int count = 0;
      while ((count = ::poll(of.data(), of.size(), milliseconds)) < 0 && errno == EINTR) {
      }
      return count != 0;
    };
    if (!comes(0)) {
      if (wait_.begins && !wait_.begins()) return false;
      if (!wait_.lasts) {
        comes(-1);
      } else if (!comes(static_cast<int>(input_wait::a_moment.count()))) {
        if (!wait_.lasts()) return false;
        comes(-1);
      }
    }
    if (of[1].revents == 0) return true;
    if (!left_) left_ = waiting_bytes(file_.get());
    return *left_ != 0;
  }

  netcon::descriptor file_;
  input_wait wait_;
  std::vector<char> block_;
  std::size_t size_ = 0;
  std::uint64_t position_ = 0;
  int error_ = 0;
  bool ended_ = false, stopped_ = false;
  std::optional<std::size_t> left_;  // of what had come when reading was to end
};

struct plain_decoder : byte_source::decoder {
  explicit plain_decoder(packed_bytes from) : bytes{std::move(from)} {}

  std::size_t read(char* to, std::size_t size) override {
    if (rest.empty()) rest = bytes.next();
    if (rest.empty() && bytes.error() != 0) problem = std::strerror(bytes.error());
    const auto count = std::min(size, rest.size());
    std::copy_n(rest.data(), count, to);
    rest.remove_prefix(count);
    position = bytes.position();
    stopped = bytes.stopped();
    return count;
  }

  packed_bytes bytes;
  std::string_view rest;
};

/// Files that hold a log, but not as lines of text, or none: read as such, what is found in them is no line.
struct foreign_form {
  std::string_view magic, name, command;  // command: gives the log; empty: none does
};

const foreign_form* foreign_form_of(std::string_view front) {
  static constexpr foreign_form forms[] = {{"\xfd"
                                            "7zX",
                                            "packed with xz", "xzcat"},
                                           {"BZh", "packed with bzip2", "bzcat"},
                                           {"\x04\x22\x4d\x18", "packed with lz4", "lz4cat"},
                                           {"\x89LZO", "packed with lzop", "lzop -dc"},
                                           {"PK\x03\x04", "packed with zip", "unzip -p"},
                                           {"LPKS", "systemd's journal", "journalctl -o export --file"},
                                           {"\x7f"
                                            "ELF",
                                            "a program, or a dump of memory (ELF)", "vmcore-dmesg"},
                                           {"KDUM", "makedumpfile's dump of memory", ""},
                                           {"\xff\xd8\xff", "a picture (JPEG)", ""},
                                           {"\x89PNG", "a picture (PNG)", ""},
                                           {"%PDF", "a document (PDF)", ""}};
  // As Windows writes it: of a log, the first character is one of ASCII.
  static constexpr foreign_form utf16{"", "text in UTF-16", "iconv -f UTF-16 -t UTF-8"};
  if (front.size() == 4 && ((front.starts_with("\xff\xfe") && front[2] != 0 && front[3] == 0) ||
                            (front.starts_with("\xfe\xff") && front[2] == 0 && front[3] != 0)))
    return &utf16;
  const auto found = std::ranges::find_if(
      forms, [&](std::string_view magic) { return front.starts_with(magic); }, &foreign_form::magic);
  return found == std::end(forms) ? nullptr : found;
}

/// Whether a file begins with a frame of zstd, or with one that others are to skip, as pzstd writes.
bool is_zstd(std::string_view front) {
  return front == "\x28\xb5\x2f\xfd" ||
         (front.size() == 4 && front.substr(1) == "\x2a\x4d\x18" && (front[0] & 0xf0) == 0x50);
}

/// Why a packed file is not whole; empty where no one wants the rest.
[[maybe_unused]] std::string missing_end(const packed_bytes& from) {
  if (from.error() != 0) return std::strerror(from.error());
  return from.stopped() ? "" : "its end is missing";
}

#if NETCON_ZLIB
struct gzip_decoder : byte_source::decoder {
  explicit gzip_decoder(packed_bytes from) : bytes{std::move(from)} {
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
      if (stream.avail_in == 0 && !std::exchange(has_more, false)) {
        const auto block = bytes.next();
        if (block.empty()) {
          if (!between) problem = missing_end(bytes);
          break;
        }
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
        stream.avail_in = static_cast<uInt>(block.size());
      }
      while (between && stream.avail_in != 0 && *stream.next_in == 0) {  // of a tape
        ++stream.next_in;
        --stream.avail_in;
      }
      if (between && stream.avail_in == 0) continue;
      between = false;
      const int result = inflate(&stream, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        between = true;  // files packed one by one and joined
        inflateReset(&stream);
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        problem = "its gzip is damaged";
      }
    }
    has_more = stream.avail_out == 0 && !between;
    position = bytes.position();
    stopped = bytes.stopped();
    return size - stream.avail_out;
  }

  packed_bytes bytes;
  z_stream stream{};
  bool ready = false, between = true;
  bool has_more = false;  // what had no room may be shown before more is waited for
};
#endif

#if NETCON_ZSTD
struct zstd_decoder : byte_source::decoder {
  explicit zstd_decoder(packed_bytes from)
      : bytes{std::move(from)}, context{ZSTD_createDCtx(), ZSTD_freeDCtx} {}

  std::size_t read(char* to, std::size_t size) override {
    ZSTD_outBuffer out{to, size, 0};
    if (!context) problem = "no memory to unpack it";
    while (problem.empty() && out.pos == 0) {
      if (in.pos == in.size && !std::exchange(has_more, false)) {
        block = bytes.next();
        if (block.empty()) {
          if (left != 0) problem = missing_end(bytes);
          break;
        }
        in = {block.data(), block.size(), 0};
      }
      left = ZSTD_decompressStream(context.get(), &out, &in);
      if (ZSTD_isError(left)) problem = fmt::format("its zstd is damaged: {}", ZSTD_getErrorName(left));
    }
    has_more = out.pos == out.size && left != 0;
    position = bytes.position();
    stopped = bytes.stopped();
    return out.pos;
  }

  packed_bytes bytes;
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context;
  std::string_view block;
  ZSTD_inBuffer in{nullptr, 0, 0};
  std::size_t left = 0;
  bool has_more = false;
};
#endif

}  // namespace

byte_source::byte_source(std::unique_ptr<decoder> from) : from_{std::move(from)} {}
byte_source::byte_source(byte_source&&) noexcept = default;
byte_source& byte_source::operator=(byte_source&&) noexcept = default;
byte_source::~byte_source() = default;

std::expected<byte_source, std::string> byte_source::open(const std::string& path, input_wait wait) {
  const bool is_stdin = path == "-";
  const std::string name = is_stdin ? "standard input" : path;
  const auto failed = [&](int code) {
    return std::unexpected{fmt::format("{}: {}", name, std::strerror(code))};
  };
  // Standard input stays open: others may read it. A pipe without a writer is waited for as for its bytes.
  netcon::descriptor file{is_stdin ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                   : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (!file) return failed(errno);
  packed_bytes bytes{std::move(file), std::move(wait)};
  const auto magic = bytes.front(4);
  if (bytes.error() != 0) return failed(bytes.error());
  std::unique_ptr<decoder> from;
  if (magic.starts_with("\x1f\x8b")) {
#if NETCON_ZLIB
    from = std::make_unique<gzip_decoder>(std::move(bytes));
#else
    return std::unexpected{fmt::format(
        "{}: gzip, and this netcon was built without zlib; unpack it: zcat FILE | netcon ... -", name)};
#endif
  } else if (is_zstd(magic)) {
#if NETCON_ZSTD
    from = std::make_unique<zstd_decoder>(std::move(bytes));
#else
    return std::unexpected{fmt::format(
        "{}: zstd, and this netcon was built without libzstd; unpack it: zstdcat FILE | netcon ... -", name)};
#endif
  } else if (const auto* other = foreign_form_of(magic)) {
    const auto way_out =
        other->command.empty() ? std::string{} : fmt::format(": {} FILE | netcon ... -", other->command);
    return std::unexpected{fmt::format("{}: {}, which netcon does not read{}", name, other->name, way_out)};
  } else {
    from = std::make_unique<plain_decoder>(std::move(bytes));
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

std::size_t byte_source::read_some(char* to, std::size_t size) {
  return front_at_ < front_size_ ? read(to, std::min(size, front_size_ - front_at_)) : from_->read(to, size);
}

std::string byte_source::problem() const {
  return from_->problem.empty() ? std::string{} : fmt::format("{}: {}", from_->name, from_->problem);
}

bool byte_source::stopped() const {
  return from_->stopped;
}

std::uint64_t byte_source::position() const {
  return from_->position;
}

}  // namespace tool
