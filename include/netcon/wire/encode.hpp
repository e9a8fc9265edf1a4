// SPDX-License-Identifier: MIT
// What a kernel sends for a record: extended packets, cut as netconsole cuts them, and basic ones.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/printk_format.hpp>
#include <netcon/wire/record.hpp>
#include <netcon/wire/sendable.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace netcon::inline v0_1 {

namespace detail {

/// One packet under construction, in a buffer of the kernel's size.
class packet_writer {
 public:
  constexpr void clear() noexcept { size_ = 0; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr std::size_t room() const noexcept { return buffer_.size() - size_; }
  constexpr std::string_view view() const noexcept { return {buffer_.data(), size_}; }

  /// Appends as much of text as fits and removes it from text.
  constexpr void take(std::string_view& text) noexcept {
    const auto size = text.copy(buffer_.data() + size_, room());
    size_ += size;
    text.remove_prefix(size);
  }
  constexpr void put(std::string_view text) noexcept { take(text); }
  constexpr void put_decimal(std::uint64_t value) noexcept {
    const auto [end, code] = write_decimal(buffer_.data() + size_, buffer_.data() + buffer_.size(), value);
    if (code == std::errc{}) size_ = static_cast<std::size_t>(end - buffer_.data());
  }
  constexpr void replace_last(char c) noexcept { buffer_[size_ - 1] = c; }
  constexpr void drop_last() noexcept { --size_; }

 private:
  std::array<char, max_packet> buffer_{};
  std::size_t size_ = 0;
};

/// Calls fn with each part of the payload after the first ';', in order, without a copy.
template <class Fn>
constexpr void for_each_part(const extended_record& m, Fn&& fn) {
  fn(m.body);
  const auto line = [&fn](std::string_view key, std::string_view value) {
    fn(" ");
    fn(key);
    fn("=");
    fn(value);
    fn("\n");
  };
  const auto number_line = [&line](std::string_view key, std::uint32_t value) {
    std::array<char, 10> digits{};
    const auto end = write_decimal(digits.data(), digits.data() + digits.size(), value).ptr;
    line(key, {digits.data(), end});
  };
  for (const auto& entry : m.userdata)
    if (!entry.value.empty()) line(entry.key, entry.value);
  if (m.sysdata.cpu) number_line("cpu", *m.sysdata.cpu);
  if (m.sysdata.taskname) line("taskname", *m.sysdata.taskname);
  if (m.sysdata.release) line("release", *m.sysdata.release);
  if (m.sysdata.msgid) number_line("msgid", *m.sysdata.msgid);
}

}  // namespace detail

/// Calls sink(std::string_view) with each packet that kernel sends for m, valid during the call, and returns
/// their number. A payload above 1000 bytes is sent as fragments, each as full as possible. The faults of
/// affected kernels are reproduced: the last byte of a payload of exactly 1000 bytes is wrong (before 7.2);
/// where the body exactly fills a packet and userdata follows, that packet and the rest are not sent (6.9 to
/// 6.11.3). kernel.with(feature::thousand_bytes_intact) and with(feature::last_fragment_sent) disable them.
/// Errors: those of check(), and header_too_long; sink is then not called.
template <std::invocable<std::string_view> Sink>
[[nodiscard]] constexpr std::expected<std::size_t, encode_error> encode(const extended_record& m,
                                                                        const kernel_profile& kernel,
                                                                        Sink&& sink) {
  if (const auto wrong = check(m, kernel)) return std::unexpected{*wrong};
  std::size_t total = 0;
  detail::for_each_part(m, [&](std::string_view piece) { total += piece.size(); });
  const std::size_t added = total - m.body.size();
  const std::size_t front = (m.release ? m.release->size() + 1 : 0) + m.header.size();

  detail::packet_writer packet;
  const auto begin = [&] {
    packet.clear();
    if (m.release) {
      packet.put(*m.release);
      packet.put(",");
    }
    packet.put(m.header);
  };

  if (front + 1 + total <= max_packet) {
    begin();
    packet.put(";");
    detail::for_each_part(m, [&](std::string_view piece) { packet.put(piece); });
    if (packet.size() == max_packet && kernel.supports(feature::release) &&
        !kernel.supports(feature::thousand_bytes_intact)) {
      if (added != 0) {
        packet.drop_last();
      } else if (m.release) {
        packet.replace_last('\0');
      }
    }
    sink(packet.view());
    return 1;
  }

  // Room for the longest ",ncfrag=OFFSET/TOTAL;" and one byte of text.
  constexpr std::string_view field = ",ncfrag=";
  if (front + field.size() + 2 * detail::decimal_width(total) + 2 >= max_packet)
    return std::unexpected{
        encode_error{text_errc::header_too_long, m.release ? record_part::release : record_part::header}};

  std::size_t sent = 0, offset = 0;
  bool open = false, stopped = false;
  detail::for_each_part(m, [&](std::string_view piece) {
    while (!piece.empty() && !stopped) {
      if (!open) {
        begin();
        packet.put(field);
        packet.put_decimal(offset);
        packet.put("/");
        packet.put_decimal(total);
        packet.put(";");
        open = true;
      }
      const auto before = piece.size();
      packet.take(piece);
      offset += before - piece.size();
      if (packet.room() == 0 || offset == total) {
        // The faulty loop ends before it sends the packet that has no room for userdata.
        stopped = offset == m.body.size() && added != 0 && !kernel.supports(feature::last_fragment_sent);
        if (stopped) return;
        sink(packet.view());
        ++sent;
        open = false;
      }
    }
  });
  return sent;
}

/// As encode() above, of a record of the log: formats it as printk does and sends it with the release,
/// userdata and sysdata of added, whose header and body are not looked at. A text that this kernel's printk
/// would cut is cut. Errors: also those of format_extended.
template <std::invocable<std::string_view> Sink>
[[nodiscard]] constexpr std::expected<std::size_t, encode_error> encode(const log_record& record,
                                                                        extended_record added,
                                                                        const kernel_profile& kernel,
                                                                        Sink&& sink) {
  std::array<char, max_formatted> buffer;
  const auto formatted = format_extended(record, kernel, buffer);
  if (!formatted) return std::unexpected{encode_error{formatted.error()}};
  added.header = formatted->header;
  added.body = formatted->body;
  return encode(added, kernel, sink);
}

/// Writes a decoded record into [first, last) as the packet that it came in.
[[nodiscard]] constexpr std::to_chars_result encode_to(char* first, char* last,
                                                       const record_view& record) noexcept {
  detail::writer out{first, last};
  if (record.is_basic()) return out.put(record.body()).result();
  if (const auto release = record.release()) out.put(*release).put(',');
  if (record.is_replayed()) out.put(replay_notice).put('\n');
  out.put(record.header());
  if (const auto part = record.fragment())
    out.put(",ncfrag=").put_decimal(part->offset).put('/').put_decimal(part->total);
  return out.put(record.header_tail()).put(';').put(record.body()).result();
}

/// Calls sink(std::string_view) with each packet of a basic target for formatted text: one for every 1000
/// bytes, with no mark at the cut. Returns their number.
template <std::invocable<std::string_view> Sink>
constexpr std::size_t encode_basic(std::string_view text, Sink&& sink) {
  std::size_t sent = 0;
  for (; !text.empty(); ++sent) {
    const auto chunk = detail::text_up_to(text, max_packet);
    sink(chunk);
    text.remove_prefix(chunk.size());
  }
  return sent;
}

}  // namespace netcon::inline v0_1
