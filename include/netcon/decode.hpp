// One packet of netconsole to a record_view: extended and legacy, told apart packet by packet.
#pragma once

#include <netcon/detail/digits.hpp>
#include <netcon/error.hpp>
#include <netcon/record.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string_view>

namespace netcon {

/// The most bytes that any kernel puts into one packet (MAX_PRINT_CHUNK, netconsole.c).
inline constexpr std::size_t max_packet = 1000;

/// What a kernel that repeats a record at a panic puts in front of it (7.0+, nbcon consoles), less its
/// newline.
inline constexpr std::string_view replay_notice = "** replaying previous printk message **";

namespace detail {

class decoder {
 public:
  constexpr explicit decoder(std::string_view packet) noexcept { view_.wire_ = packet; }

  constexpr std::expected<record_view, error> run() noexcept {
    const auto packet = view_.wire_;
    if (packet.empty()) return std::unexpected{error{errc::empty_packet, {}}};
    if (packet.size() > std::numeric_limits<std::uint32_t>::max()) return view_;
    std::size_t begin = skip_notice(0);
    // The shape of the priority is all that most legacy packets get to see.
    if (!find_header(begin)) {
      const auto comma = packet.find(',', begin);
      if (comma == packet.npos) return legacy();
      const auto after = skip_notice(comma + 1);
      if (!find_header(after)) return legacy();
      view_.has_release_ = true;
      view_.release_begin_ = narrow(begin);
      view_.release_size_ = narrow(comma - begin);
    }
    if (overflow_.length != 0) return std::unexpected{error{errc::number_out_of_range, overflow_}};
    if (priority_ > 2047)
      return std::unexpected{
          error{errc::bad_priority, {view_.header_begin_, narrow(decimal_width(priority_))}}};
    view_.priority_ = static_cast<std::uint16_t>(priority_);
    view_.extended_ = true;
    if (const auto wrong = read_fields()) return std::unexpected{*wrong};
    if (!view_.is_fragment()) find_damage();
    return view_;
  }

 private:
  static constexpr std::uint32_t narrow(std::size_t value) noexcept {
    return static_cast<std::uint32_t>(value);
  }

  constexpr record_view legacy() noexcept {
    record_view view;
    view.wire_ = view_.wire_;
    view.replayed_ = view_.replayed_;
    return view;
  }

  /// The notice stands in front of the record as printk hands it over, so behind a release.
  constexpr std::size_t skip_notice(std::size_t at) noexcept {
    const auto rest = view_.wire_.substr(at);
    if (!rest.starts_with('*') || !rest.starts_with(replay_notice) || rest.size() == replay_notice.size() ||
        rest[replay_notice.size()] != '\n')
      return at;
    view_.replayed_ = true;
    return at + replay_notice.size() + 1;
  }

  /// Digits up to a comma; false when anything else stands there.
  constexpr bool number(std::size_t& at, std::uint64_t& value) noexcept {
    const auto packet = view_.wire_;
    const std::size_t begin = at;
    std::uint64_t sum = 0;
    while (at < packet.size() && is_digit(packet[at])) {
      sum = sum * 10 + static_cast<std::uint64_t>(packet[at] - '0');
      ++at;
    }
    if (at == begin || at == packet.size() || packet[at] != ',') return false;
    // 19 digits always fit; more are looked at with care.
    if (at - begin > 19 && read_decimal(packet.substr(begin, at - begin), sum) == number_state::overflow &&
        overflow_.length == 0)
      overflow_ = {narrow(begin), narrow(at - begin)};
    value = sum;
    ++at;
    return true;
  }

  /// Three numbers and a flag, then ',' or ';', and a ';' to end the header somewhere.
  constexpr bool find_header(std::size_t at) noexcept {
    const auto packet = view_.wire_;
    overflow_ = {};
    view_.header_begin_ = narrow(at);
    if (!number(at, priority_) || !number(at, view_.sequence_) || !number(at, view_.timestamp_us_))
      return false;
    if (at + 1 >= packet.size()) return false;
    const char flag = packet[at];
    if (flag != '-' && flag != 'c' && flag != '+') return false;
    view_.flag_ = static_cast<continuation>(flag);
    ++at;
    view_.fields_begin_ = narrow(at);
    if (packet[at] == ';') {
      view_.body_begin_ = narrow(at + 1);
      return true;
    }
    if (packet[at] != ',') return false;
    const auto end = packet.find(';', at);
    if (end == packet.npos) return false;
    view_.body_begin_ = narrow(end + 1);
    return true;
  }

  /// From behind the flag to the ';'.
  constexpr std::optional<error> read_fields() noexcept {
    const auto packet = view_.wire_;
    const std::size_t end = view_.body_begin_ - 1;
    std::size_t head_end = end;
    for (std::size_t at = view_.fields_begin_; at < end;) {
      const std::size_t begin = at + 1;
      const auto comma = packet.substr(0, end).find(',', begin);
      const std::size_t stop = comma == packet.npos ? end : comma;
      const auto field = packet.substr(begin, stop - begin);
      constexpr std::string_view caller = "caller=", ncfrag = "ncfrag=";
      if (view_.caller_size_ == 0 && field.starts_with(caller)) {
        view_.caller_begin_ = narrow(begin + caller.size());
        view_.caller_size_ = narrow(field.size() - caller.size());
      } else if (field.starts_with(ncfrag)) {
        const span where{narrow(begin), narrow(field.size())};
        if (view_.is_fragment()) return error{errc::bad_fragment, where};
        if (const auto wrong = read_fragment(field.substr(ncfrag.size()))) return error{*wrong, where};
        head_end = at;
        view_.tail_begin_ = narrow(stop);
        view_.tail_size_ = narrow(end - stop);
      }
      at = stop;
    }
    view_.header_size_ = narrow(head_end - view_.header_begin_);
    view_.fields_size_ = narrow(head_end - view_.fields_begin_);
    return std::nullopt;
  }

  constexpr std::optional<errc> read_fragment(std::string_view text) noexcept {
    const auto slash = text.find('/');
    if (slash == text.npos) return errc::bad_fragment;
    std::uint64_t offset = 0, total = 0;
    const auto first = read_decimal(text.substr(0, slash), offset),
               second = read_decimal(text.substr(slash + 1), total);
    if (first == number_state::not_a_number || second == number_state::not_a_number)
      return errc::bad_fragment;
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    if (first == number_state::overflow || second == number_state::overflow || offset > most || total > most)
      return errc::number_out_of_range;
    const std::size_t size = view_.wire_.size() - view_.body_begin_;
    if (size == 0 || total == 0) return errc::fragment_empty;
    if (offset > total || size > total - offset) return errc::fragment_out_of_bounds;
    view_.fragment_ = {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(total)};
    return std::nullopt;
  }

  /// A payload of exactly 1000 bytes loses its last one on 6.6 to 7.1 (fixed by c0ebe492329a in 7.2).
  constexpr void find_damage() noexcept {
    const auto packet = view_.wire_;
    if (packet.size() == max_packet) {
      if (view_.has_release_ && packet.back() == '\0') view_.damage_ = damage::nul_for_newline;
    } else if (packet.size() == max_packet - 1) {
      if (packet.back() != '\n' && view_.body().find('\n') != packet.npos)
        view_.damage_ = damage::last_byte_missing;
    }
  }

  record_view view_;
  std::uint64_t priority_ = 0;
  span overflow_;
};

}  // namespace detail

/// Reads one packet. It is extended when, behind an optional replay notice and an optional release, three
/// decimal fields and a flag stand before the first ';'; anything else is legacy text. Errors: empty_packet,
/// and for what has the shape of an extended header but no kernel sends: number_out_of_range, bad_priority,
/// bad_fragment, fragment_empty, fragment_out_of_bounds. The view points into packet.
constexpr std::expected<record_view, error> decode(std::string_view packet) noexcept {
  return detail::decoder{packet}.run();
}

/// What a line of a legacy stream begins with: "<6>", "[   12.345678]", "[    T1]", in this order, each
/// optional.
struct legacy_prefix {
  std::optional<std::uint16_t> priority;
  std::optional<std::uint64_t> timestamp_us;
  std::string_view caller;
  std::string_view text;  // what is behind
};

/// Splits the prefix off one line of legacy text. A text that merely looks like a prefix cannot be told from
/// one.
constexpr legacy_prefix split_legacy_prefix(std::string_view line) noexcept {
  legacy_prefix found;
  if (line.starts_with('<')) {
    const auto end = line.find('>');
    std::uint64_t priority = 0;
    if (end != line.npos &&
        detail::read_decimal(line.substr(1, end - 1), priority) == detail::number_state::ok &&
        priority <= 2047) {
      found.priority = static_cast<std::uint16_t>(priority);
      line.remove_prefix(end + 1);
    }
  }
  const auto bracket = [&](std::string_view& inside) {
    const auto end = line.starts_with('[') ? line.find(']') : line.npos;
    if (end == line.npos) return false;
    inside = line.substr(1, end - 1);
    const auto first = inside.find_first_not_of(' ');
    if (first == inside.npos) return false;
    inside.remove_prefix(first);
    return true;
  };
  std::string_view inside;
  const auto before = line;
  if (bracket(inside)) {
    const auto dot = inside.find('.');
    std::uint64_t seconds = 0, micros = 0;
    if (dot != inside.npos && inside.size() - dot == 7 &&
        detail::read_decimal(inside.substr(0, dot), seconds) == detail::number_state::ok &&
        detail::read_decimal(inside.substr(dot + 1), micros) == detail::number_state::ok &&
        seconds < 1u << 31) {
      found.timestamp_us = seconds * 1000000 + micros;
      line.remove_prefix(line.find(']') + 1);
      if (bracket(inside) && inside.size() > 1 && (inside[0] == 'T' || inside[0] == 'C') &&
          inside.find_first_not_of("0123456789", 1) == inside.npos) {
        found.caller = inside;
        line.remove_prefix(line.find(']') + 1);
      }
      if (line.starts_with(' ')) {
        line.remove_prefix(1);
      } else if (!line.empty()) {
        found.timestamp_us.reset();
        found.caller = {};
        line = before;
      }
    }
  }
  found.text = line;
  return found;
}

/// N when a line of legacy text is "** N printk messages dropped **", the kernel's own word that records are
/// lost.
constexpr std::optional<std::uint64_t> dropped_notice(std::string_view line) noexcept {
  constexpr std::string_view begin = "** ", end = " printk messages dropped **";
  if (line.size() <= begin.size() + end.size() || !line.starts_with(begin) || !line.ends_with(end))
    return std::nullopt;
  line.remove_prefix(begin.size());
  line.remove_suffix(end.size());
  std::uint64_t count = 0;
  if (detail::read_decimal(line, count) != detail::number_state::ok || count == 0) return std::nullopt;
  return count;
}

}  // namespace netcon
