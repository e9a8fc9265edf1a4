// What a kernel sends for a record: extended packets cut as netconsole cuts them, and the legacy form.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/escape.hpp>
#include <netcon/wire/record.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace netcon {

/// The lines that a target with sysdata switches appends (6.15+), each when present, always in this order.
struct sysdata {
  std::optional<std::uint32_t> cpu{};
  std::optional<std::string_view> taskname{};
  std::optional<std::string_view> release{};
  std::optional<std::uint32_t> msgid{};  // 6.17+
};

/// A record as printk hands it to an extended console, and what the target adds to it.
struct extended_message {
  std::string_view header{};  // "6,339,5140900,-", without ';'
  std::string_view body{};    // "text\n KEY=value\n", escaped
  std::optional<std::string_view> release{};
  std::span<const dictionary_entry>
      userdata{};  // in order of creation; entries with an empty value are not sent
  netcon::sysdata sysdata{};
};

namespace detail {

/// Header, separators and pieces of one packet in a buffer of exactly the kernel's size.
class packet_writer {
 public:
  constexpr void clear() noexcept { size_ = 0; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr std::size_t room() const noexcept { return buffer_.size() - size_; }
  constexpr std::string_view view() const noexcept { return {buffer_.data(), size_}; }

  /// Takes what fits and drops it from text.
  constexpr void take(std::string_view& text) noexcept {
    const auto size = std::min(text.size(), room());
    std::copy_n(text.data(), size, buffer_.data() + size_);
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

/// Everything behind the first ';' as a row of pieces, none of them copied.
template <class Fn>
constexpr void for_each_piece(const extended_message& m, Fn&& fn) {
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

constexpr bool can_send(const extended_message& m, const kernel_profile& kernel) noexcept {
  if (!kernel.supports(feature::extended)) return false;
  if (m.release && !kernel.supports(feature::release)) return false;
  if (!m.userdata.empty() && !kernel.supports(feature::userdata)) return false;
  if ((m.sysdata.cpu || m.sysdata.taskname || m.sysdata.release) && !kernel.supports(feature::sysdata))
    return false;
  return !m.sysdata.msgid || kernel.supports(feature::sysdata_msgid);
}

}  // namespace detail

/// Hands the packets that kernel sends for m to sink(std::string_view), each valid during the call, and
/// returns their number. Above 1000 bytes in all they are fragments, each as full as it gets. The faults of
/// affected kernels are reproduced: the last byte of a payload of exactly 1000 bytes (before 7.2) and, where
/// the body exactly fills a packet and userdata follows, the loss of that packet and all behind it (6.9 to
/// 6.11.3); kernel.with(feature::thousand_bytes_intact) and with(feature::last_fragment_sent) switch them
/// off. Errors: not_sent_by_kernel, header_too_long; then nothing was handed out.
template <std::invocable<std::string_view> Sink>
constexpr std::expected<std::size_t, errc> encode(const extended_message& m, const kernel_profile& kernel,
                                                  Sink&& sink) {
  if (!detail::can_send(m, kernel)) return std::unexpected{errc::not_sent_by_kernel};
  std::size_t total = 0;
  detail::for_each_piece(m, [&](std::string_view piece) { total += piece.size(); });
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
    detail::for_each_piece(m, [&](std::string_view piece) { packet.put(piece); });
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
    return std::unexpected{errc::header_too_long};

  std::size_t sent = 0, offset = 0;
  bool open = false, stopped = false;
  detail::for_each_piece(m, [&](std::string_view piece) {
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
        // The faulty loop gives up before it sends the packet that has no room for userdata.
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

/// The packet that a decoded one was: writes it into [first, last), from its parts.
constexpr std::to_chars_result encode_to(char* first, char* last, const record_view& record) noexcept {
  detail::writer out{first, last};
  if (record.is_basic()) return out.put(record.body()).result();
  if (const auto release = record.release()) out.put(*release).put(',');
  if (record.is_replayed()) out.put(replay_notice).put('\n');
  out.put(record.header());
  if (const auto slice = record.fragment())
    out.put(",ncfrag=").put_decimal(slice->offset).put('/').put_decimal(slice->total);
  return out.put(record.header_tail()).put(';').put(record.body()).result();
}

/// A record as it stands in the kernel's log, before any console saw it.
struct log_record {
  std::uint16_t priority = 6;  // facility x 8 + level
  std::uint64_t sequence = 0;
  std::uint64_t timestamp_us = 0;
  continuation flag = continuation::none;
  std::string_view caller{};     // "T123" or "C0"; empty: none
  std::string_view text{};       // raw bytes, without the final newline
  std::string_view subsystem{};  // dictionary, raw; empty: none
  std::string_view device{};
};

/// Where the body begins in the text that format_extended wrote.
struct formatted_record {
  std::string_view header;
  std::string_view body;
};

/// The most bytes that format_extended writes: CONSOLE_EXT_LOG_MAX before 6.3, PRINTK_MESSAGE_MAX since.
constexpr std::size_t formatted_limit(const kernel_profile& kernel) noexcept {
  return kernel.supports(feature::short_records) ? 2048 : 8192;
}
inline constexpr std::size_t max_formatted = 8192;

namespace detail {

/// The way printk fills its buffer: a byte needs one byte of room, an escape leaves the last byte of the
/// buffer free.
class clipped_writer {
 public:
  constexpr clipped_writer(char* first, std::size_t size) noexcept
      : begin_{first}, at_{first}, end_{first + size} {}

  constexpr void byte(char c) noexcept {
    if (at_ < end_) *at_++ = c;
  }
  constexpr void bytes(std::string_view text) noexcept {
    for (const char c : text)
      if (at_ + 1 < end_) *at_++ = c;
  }
  constexpr void escaped(std::string_view text) noexcept {
    for (const char c : text) {
      if (is_escaped_by_kernel(c)) {
        const auto value = static_cast<unsigned char>(c);
        const char hex[] = {'\\', 'x', hex_digits[value >> 4], hex_digits[value & 15]};
        bytes({hex, 4});
      } else {
        byte(c);
      }
    }
  }
  constexpr void decimal(std::uint64_t value) noexcept {
    std::array<char, 20> digits{};
    bytes({digits.data(), write_decimal(digits.data(), digits.data() + digits.size(), value).ptr});
  }
  constexpr std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
  char* end_;
};

}  // namespace detail

/// Writes the extended form of a record into buffer (formatted_limit(kernel) bytes are needed, max_formatted
/// always suffice), cut where that kernel's buffer ends: inside an escape, without a newline, without the
/// dictionary.
constexpr formatted_record format_extended(const log_record& record, const kernel_profile& kernel,
                                           std::span<char> buffer) noexcept {
  const std::size_t size = std::min(buffer.size(), formatted_limit(kernel));
  detail::clipped_writer out{buffer.data(), size};
  out.decimal(record.priority);
  out.byte(',');
  out.decimal(record.sequence);
  out.byte(',');
  out.decimal(record.timestamp_us);
  out.byte(',');
  out.byte(static_cast<char>(record.flag));
  if (!record.caller.empty()) {
    out.bytes(",caller=");
    out.bytes(record.caller);
  }
  const std::size_t header = out.size();
  out.byte(';');
  out.escaped(record.text);
  out.byte('\n');
  const auto line = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out.byte(' ');
    for (const char c : key) out.byte(c);
    out.byte('=');
    out.escaped(value);
    out.byte('\n');
  };
  line("SUBSYSTEM", record.subsystem);
  line("DEVICE", record.device);
  const std::string_view all{buffer.data(), out.size()};
  return {all.substr(0, header), all.substr(std::min(all.size(), header + 1))};
}

/// How a kernel writes a record to an ordinary console.
struct legacy_format {
  bool time = true;     // printk.time
  bool caller = false;  // CONFIG_PRINTK_CALLER
  bool syslog = false;  // console_msg_format=syslog
};

/// Appends the legacy form of a record to out: the prefix in front of each of its lines, a newline behind
/// each; bytes raw.
inline void format_legacy(const log_record& record, const legacy_format& format, std::string& out) {
  std::string prefix;
  const auto decimal = [&](std::uint64_t value, std::size_t width, char fill) {
    std::array<char, 20> digits{};
    const std::string_view text{
        digits.data(), detail::write_decimal(digits.data(), digits.data() + digits.size(), value).ptr};
    if (text.size() < width) prefix.append(width - text.size(), fill);
    prefix += text;
  };
  if (format.syslog) {
    prefix += '<';
    decimal(record.priority, 0, ' ');
    prefix += '>';
  }
  if (format.time) {
    prefix += '[';
    decimal(record.timestamp_us / 1000000, 5, ' ');
    prefix += '.';
    decimal(record.timestamp_us % 1000000, 6, '0');
    prefix += ']';
  }
  if (format.caller && !record.caller.empty()) {
    prefix += '[';
    if (record.caller.size() < 6) prefix.append(6 - record.caller.size(), ' ');
    prefix += record.caller;
    prefix += ']';
  }
  if (format.time || (format.caller && !record.caller.empty())) prefix += ' ';
  for (auto text = record.text;;) {
    const auto end = text.find('\n');
    out += prefix;
    out += text.substr(0, end);
    out += '\n';
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
}

/// Hands the packets of a legacy target for already formatted text to sink(std::string_view): a cut every
/// 1000 bytes, which nothing marks. Returns their number.
template <std::invocable<std::string_view> Sink>
constexpr std::size_t encode_legacy(std::string_view text, Sink&& sink) {
  std::size_t sent = 0;
  for (; !text.empty(); ++sent) {
    const auto chunk = text.substr(0, max_packet);
    sink(chunk);
    text.remove_prefix(chunk.size());
  }
  return sent;
}

}  // namespace netcon
