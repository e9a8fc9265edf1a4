// SPDX-License-Identifier: MIT
// Extended records in a text file: put together from lines, and cut where packets were glued.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/record.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// rsyslog writes the newlines before the lines of a record's dictionary as "#012". Room, in which
/// the record is not, holds it with newlines.
inline std::string_view with_dictionary(std::string_view record, std::string& room) {
  constexpr std::string_view newline = "#012 ";
  if (record.find(newline) == record.npos) return record;
  room.assign(record);
  for (auto at = room.find(newline); at != std::string::npos; at = room.find(newline, at))
    room.replace(at, newline.size(), "\n ");
  return room;
}

/// Packets, from the lines of a file to which something wrote them one after another. A fragment has no
/// newline at its end, and a record has lines of its dictionary behind it.
class glued_records {
 public:
  static constexpr std::size_t longest = 32 * 1024;  // of a record; no kernel's is longer than 8 KiB

  /// Whether a line may begin a record: cheap, for every line of a file.
  static bool may_begin(std::string_view line) noexcept {
    if (line.size() < 8) return false;
    std::size_t digits = 0;
    while (digits < 4 && is_digit(line[digits])) ++digits;
    if (digits == 0) return false;
    const auto head = line.substr(0, 160);
    const auto comma = head.find(',');  // behind the release or the level, neither of which has a blank
    return comma != head.npos && head.find(';') != head.npos && head.substr(0, comma).find(' ') == head.npos;
  }

  bool is_empty() const noexcept { return pending_.empty(); }

  /// Takes a line when it is a record or belongs to one that began. Sink is called with packets.
  template <class Sink>
  bool push(std::string_view line, Sink&& sink) {
    if (!pending_.empty()) {
      if (continues(line)) {
        pending_ += '\n';
        pending_ += line;
        split(sink);
        return true;
      }
      flush(sink);
    }
    if (!may_begin(line)) return false;
    if (!begins_record(line)) return false;
    pending_ = line;
    searched_ = 0;
    split(sink);
    return true;
  }

  /// Of a fragment more is known to be missing.
  template <class Sink>
  void flush_whole(Sink&& sink) {
    if (!is_fragment_) flush(sink);
  }

  template <class Sink>
  void flush(Sink&& sink) {
    if (pending_.empty()) return;
    pending_ += '\n';
    sink(std::string_view{pending_});
    pending_.clear();
  }

 private:
  /// The header and a byte of the text: what is glued behind it does not count as its own.
  static std::string_view beginning(std::string_view text) noexcept {
    const auto end = text.substr(0, 256).find(';');
    return end == text.npos ? text.substr(0, 256) : text.substr(0, end + 2);
  }
  static bool begins_record(std::string_view text) noexcept {
    const auto record = decode(beginning(text));
    return record && record->is_extended();
  }

  bool continues(std::string_view line) const {
    if (pending_.size() + line.size() > longest) return false;
    if (is_fragment_ && pending_.size() - body_ < missing_) return true;
    if (!line.starts_with(' ')) return false;
    const auto key = line.substr(1, line.find('=') - 1);
    return line.find('=') != line.npos && !key.empty() && key.find(' ') == key.npos;
  }

  /// Cuts pending_ in front of headers that cannot be text, until one record is left.
  template <class Sink>
  void split(Sink&& sink) {
    for (;;) {
      const auto record = decode(beginning(pending_));
      if (!record || !record->is_extended()) {
        is_fragment_ = false;
        return;
      }
      body_ = beginning(pending_).size() - record->body().size();
      std::size_t next = std::string::npos;
      is_fragment_ = record->is_fragment();
      if (const auto part = record->fragment()) {
        missing_ = part->total - part->offset;
        next = next_fragment(*record, *part);
      } else {
        next = next_record(*record);
      }
      searched_ = pending_.size();
      if (next == std::string::npos) return;
      sink(std::string_view{pending_}.substr(0, next));
      pending_.erase(0, next);
      searched_ = 0;
    }
  }

  /// Where the next header may begin: lines were added behind what has been searched, to which a header at
  /// its end may reach.
  std::size_t search_from() const noexcept {
    constexpr std::size_t longest_header = 288;
    return searched_ > body_ + longest_header ? searched_ - longest_header : body_;
  }

  /// The header of the next fragment stands where its own offset says that it does.
  std::size_t next_fragment(const record_view& record, const fragment& part) const {
    std::string header;
    if (const auto release = record.release()) header.append(*release).append(",");
    header.append(record.header()).append(",ncfrag=");
    for (auto at = pending_.find(header, search_from()); at != std::string::npos;
         at = pending_.find(header, at + 1)) {
      const auto next = decode(beginning(std::string_view{pending_}.substr(at)));
      if (next && next->fragment() && next->fragment()->offset == part.offset + (at - body_)) return at;
    }
    // The end of this one is known, too, when it is the last.
    if (part.total - part.offset < pending_.size() - body_) {
      const auto end = body_ + (part.total - part.offset);
      if (const auto next = decode(std::string_view{pending_}.substr(end)); next && next->is_extended())
        return end;
    }
    return std::string::npos;
  }

  /// Without its newline a record is followed by the header with the next number.
  std::size_t next_record(const record_view& record) const {
    std::array<char, 24> digits{};
    digits[0] = ',';
    auto* const end = write_decimal(digits.data() + 1, digits.data() + 22, record.sequence() + 1).ptr;
    *end = ',';
    const std::string_view number{digits.data(), static_cast<std::size_t>(end + 1 - digits.data())};
    for (auto at = pending_.find(number, search_from()); at != std::string::npos;
         at = pending_.find(number, at + 1)) {
      auto begin = at;
      while (begin > body_ && at - begin < 4 && is_digit(pending_[begin - 1])) --begin;
      for (; begin < at; ++begin) {
        const auto next = decode(beginning(std::string_view{pending_}.substr(begin)));
        if (next && next->is_extended() && next->sequence() == record.sequence() + 1 &&
            next->timestamp_us() >= record.timestamp_us() && next->priority() < 192)
          return begin;
      }
    }
    return std::string::npos;
  }

  std::string pending_;
  std::size_t body_ = 0, missing_ = 0;
  std::size_t searched_ = 0;  // so much of pending_ has no header of a next record
  bool is_fragment_ = false;
};

}  // namespace netcon::inline v0_1::detail
