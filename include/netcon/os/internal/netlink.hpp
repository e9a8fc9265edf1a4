// SPDX-License-Identifier: MIT
// Requests to the kernel's routing tables (rtnetlink(7)): one socket, messages built and read by hand. Linux.
#pragma once

#include <netcon/os/descriptor.hpp>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace netcon::inline v0_1::detail {

/// A request under construction: a header, the fixed part of its type, attributes.
class netlink_request {
 public:
  template <class Fixed>
  netlink_request(std::uint16_t type, std::uint16_t flags, const Fixed& fixed) noexcept {
    header_.nlmsg_type = type;
    header_.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    std::memcpy(bytes_.data() + NLMSG_HDRLEN, &fixed, sizeof fixed);
    size_ = NLMSG_SPACE(sizeof fixed);
  }

  /// Precondition: all attributes together take less than 400 bytes.
  void add(std::uint16_t type, const void* value, std::size_t size) noexcept {
    rtattr attribute{};
    attribute.rta_type = type;
    attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
    std::memcpy(bytes_.data() + size_, &attribute, sizeof attribute);
    std::memcpy(bytes_.data() + size_ + RTA_LENGTH(0), value, size);
    size_ += RTA_SPACE(size);
  }

  std::string_view finish(std::uint32_t sequence) noexcept {
    header_.nlmsg_len = static_cast<std::uint32_t>(size_);
    header_.nlmsg_seq = sequence;
    std::memcpy(bytes_.data(), &header_, sizeof header_);
    return {bytes_.data(), size_};
  }
  bool wants_dump() const noexcept { return (header_.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP; }

 private:
  nlmsghdr header_{};
  std::array<char, 512> bytes_{};
  std::size_t size_ = 0;
};

/// One message of an answer: its fixed part and its attributes, read without trust in their lengths.
class netlink_answer {
 public:
  netlink_answer(std::uint16_t type, std::string_view bytes) noexcept : type_{type}, bytes_{bytes} {}

  std::uint16_t type() const noexcept { return type_; }

  /// All zero when the message is too short for it.
  template <class Fixed>
  Fixed fixed() const noexcept {
    Fixed out{};
    if (bytes_.size() >= sizeof out) std::memcpy(&out, bytes_.data(), sizeof out);
    return out;
  }

  /// The value of the attribute behind a fixed part of that type; no data when it is not there.
  template <class Fixed>
  std::string_view attribute(std::uint16_t type) const noexcept {
    return find(bytes_.substr(std::min(bytes_.size(), std::size_t{NLMSG_ALIGN(sizeof(Fixed))})), type);
  }

  static std::string_view find(std::string_view attributes, std::uint16_t type) noexcept {
    while (attributes.size() >= sizeof(rtattr)) {
      rtattr head{};
      std::memcpy(&head, attributes.data(), sizeof head);
      if (head.rta_len < sizeof head || head.rta_len > attributes.size()) break;
      if ((head.rta_type & NLA_TYPE_MASK) == type)
        return attributes.substr(RTA_LENGTH(0), head.rta_len - RTA_LENGTH(0));
      attributes.remove_prefix(std::min(attributes.size(), std::size_t{RTA_ALIGN(head.rta_len)}));
    }
    return {};
  }

 private:
  std::uint16_t type_;
  std::string_view bytes_;
};

template <class Value>
Value read_value(std::string_view bytes) noexcept {
  Value out{};
  if (bytes.size() >= sizeof out) std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

class netlink {
 public:
  static std::expected<netlink, std::error_code> open() noexcept {
    netlink out;
    out.socket_ = descriptor{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
    // The kernel answers while it is asked; a limit is for the case that it cannot.
    const timeval limit{5, 0};
    if (!out.socket_ || ::setsockopt(out.socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
      return std::unexpected{last_error()};
    return out;
  }

  /// Sends a request and hands each message of the answer to sink(netlink_answer). Errors: the kernel's own
  /// for the request, and those of the socket.
  template <class Sink>
  std::expected<void, std::error_code> ask(netlink_request request, Sink&& sink) noexcept {
    // A dump that a change of the tables interrupted is begun again; a network that never rests is a rare
    // one.
    for (int tries = 0; tries < 8; ++tries) {
      std::string messages;  // of this try: those of one before may be of what is gone
      bool interrupted = false;
      if (const auto done = exchange(request, messages, interrupted); !done) return done;
      if (interrupted) continue;
      for (std::string_view rest = messages; !rest.empty();) {
        const auto head = read_value<nlmsghdr>(rest);
        sink(netlink_answer{head.nlmsg_type, rest.substr(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN)});
        rest.remove_prefix(head.nlmsg_len);
      }
      return {};
    }
    return std::unexpected{std::make_error_code(std::errc::interrupted)};
  }

 private:
  netlink() noexcept : buffer_{std::make_unique_for_overwrite<char[]>(buffer_size)} {}

  /// Appends the messages of the answer, one behind the other.
  std::expected<void, std::error_code> exchange(netlink_request& request, std::string& messages,
                                                bool& interrupted) noexcept {
    const auto fail = [](int code) { return std::unexpected{std::error_code{code, std::system_category()}}; };
    const auto bytes = request.finish(++sequence_);
    if (::send(socket_.get(), bytes.data(), bytes.size(), 0) < 0) return fail(errno);
    for (;;) {
      const auto got = ::recv(socket_.get(), buffer_.get(), buffer_size, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(errno == EAGAIN ? ETIMEDOUT : errno);
      std::string_view rest{buffer_.get(), static_cast<std::size_t>(got)};
      while (rest.size() >= sizeof(nlmsghdr)) {
        nlmsghdr head{};
        std::memcpy(&head, rest.data(), sizeof head);
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > rest.size()) return fail(EBADMSG);
        const auto message = rest.substr(0, head.nlmsg_len);
        rest.remove_prefix(std::min(rest.size(), std::size_t{NLMSG_ALIGN(head.nlmsg_len)}));
        if (head.nlmsg_seq != sequence_) continue;  // of a request given up before
        if ((head.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
        if (head.nlmsg_type == NLMSG_DONE) return {};
        if (head.nlmsg_type == NLMSG_ERROR) {
          const int code = -read_value<nlmsgerr>(message.substr(NLMSG_HDRLEN)).error;
          if (code != 0) return fail(code);
          return {};
        }
        messages += message;
        if (!request.wants_dump()) return {};
      }
    }
  }

  static constexpr std::size_t buffer_size = 64 * 1024;

  descriptor socket_;
  std::unique_ptr<char[]> buffer_;
  std::uint32_t sequence_ = 0;
};

}  // namespace netcon::inline v0_1::detail
