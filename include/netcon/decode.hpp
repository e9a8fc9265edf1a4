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
  /// As netcon::decode, into a view that is already there; false and what is wrong when it is no message.
  static constexpr bool run(std::string_view packet, record_view& view, error& wrong) noexcept {
    view = record_view{};
    view.wire_ = packet;
    if (packet.empty()) {
      wrong = {errc::empty_packet, {}};
      return false;
    }
    // Offsets have 32 bits; no datagram comes near.
    if (packet.size() > std::numeric_limits<std::uint32_t>::max()) return true;
    header found;
    std::size_t begin = after_notice(view, 0);
    if (!find_header(packet, begin, found)) {
      const auto comma = packet.find(',', begin);
      if (comma == packet.npos) return true;
      const auto after = after_notice(view, comma + 1);
      if (!find_header(packet, after, found)) {
        view.replayed_ = begin != 0;
        return true;
      }
      view.has_release_ = true;
      view.release_begin_ = narrow(begin);
      view.release_size_ = narrow(comma - begin);
      begin = after;
    }
    if (found.overflow.length != 0) {
      wrong = {errc::number_out_of_range, found.overflow};
      return false;
    }
    if (found.priority > 2047) {
      wrong = {errc::bad_priority, {narrow(begin), narrow(packet.find(',', begin) - begin)}};
      return false;
    }
    view.extended_ = true;
    view.priority_ = static_cast<std::uint16_t>(found.priority);
    view.sequence_ = found.sequence;
    view.timestamp_us_ = found.timestamp_us;
    view.flag_ = static_cast<continuation>(packet[found.fields - 1]);
    view.header_begin_ = narrow(begin);
    view.header_size_ = narrow(found.fields - begin);
    view.fields_begin_ = narrow(found.fields);
    view.body_begin_ = narrow(found.body);
    if (found.body - found.fields > 1 && !read_fields(view, found, wrong)) return false;
    if (!view.is_fragment() && packet.size() - (max_packet - 1) <= 1) find_damage(view);
    return true;
  }

 private:
  struct header {
    std::uint64_t priority = 0;
    std::uint64_t sequence = 0;
    std::uint64_t timestamp_us = 0;
    std::size_t fields = 0;  // behind the flag
    std::size_t body = 0;    // behind the ';'
    span overflow;
  };

  static constexpr std::uint32_t narrow(std::size_t value) noexcept { return static_cast<std::uint32_t>(value); }

  /// The notice stands in front of the record as printk hands it over, so behind a release.
  static constexpr std::size_t after_notice(record_view& view, std::size_t at) noexcept {
    const auto rest = view.wire_.substr(at);
    if (!rest.starts_with('*') || !rest.starts_with(replay_notice) || rest.size() == replay_notice.size() ||
        rest[replay_notice.size()] != '\n')
      return at;
    view.replayed_ = true;
    return at + replay_notice.size() + 1;
  }

  /// Digits and a comma; returns what is behind, or null when anything else stands there.
  static constexpr const char* number(const char* const begin, const char* const end, std::uint64_t& value,
                                      const char* const packet, span& overflow) noexcept {
    const char* at = begin;
    std::uint64_t sum = 0;
    for (; at != end; ++at) {
      const auto digit = static_cast<unsigned char>(*at - '0');
      if (digit > 9) break;
      sum = sum * 10 + digit;
    }
    if (at == begin || at == end || *at != ',') return nullptr;
    // 19 digits always fit; more are looked at with care.
    if (at - begin > 19 && read_decimal({begin, at}, sum) == number_state::overflow && overflow.length == 0)
      overflow = {narrow(static_cast<std::size_t>(begin - packet)), narrow(static_cast<std::size_t>(at - begin))};
    value = sum;
    return at + 1;
  }

  /// Three numbers and a flag, then ',' or ';', and a ';' to end the header somewhere.
  static constexpr bool find_header(std::string_view packet, std::size_t begin, header& found) noexcept {
    const char* const start = packet.data();
    const char* const end = start + packet.size();
    found.overflow = {};
    const char* at = number(start + begin, end, found.priority, start, found.overflow);
    if (at == nullptr) return false;
    at = number(at, end, found.sequence, start, found.overflow);
    if (at == nullptr) return false;
    at = number(at, end, found.timestamp_us, start, found.overflow);
    if (at == nullptr || end - at < 2 || (*at != '-' && *at != 'c' && *at != '+')) return false;
    ++at;
    found.fields = static_cast<std::size_t>(at - start);
    if (*at == ';') {
      found.body = found.fields + 1;
      return true;
    }
    if (*at != ',') return false;
    const auto semicolon = packet.find(';', found.fields);
    found.body = semicolon + 1;
    return semicolon != packet.npos;
  }

  /// From behind the flag to the ';'.
  static constexpr bool read_fields(record_view& view, const header& found, error& wrong) noexcept {
    const auto packet = view.wire_;
    const std::size_t end = found.body - 1;
    std::size_t head_end = end;
    for (std::size_t at = found.fields; at < end;) {
      const std::size_t begin = at + 1;
      std::size_t stop = begin;
      while (stop < end && packet[stop] != ',') ++stop;
      const auto field = packet.substr(begin, stop - begin);
      constexpr std::string_view caller = "caller=", ncfrag = "ncfrag=";
      if (view.caller_size_ == 0 && field.starts_with(caller)) {
        view.caller_begin_ = narrow(begin + caller.size());
        view.caller_size_ = narrow(field.size() - caller.size());
      } else if (field.starts_with(ncfrag)) {
        const auto problem = view.is_fragment() ? errc::bad_fragment : read_fragment(view, field.substr(ncfrag.size()));
        if (problem != errc{}) {
          wrong = {problem, {narrow(begin), narrow(field.size())}};
          return false;
        }
        head_end = at;
        view.tail_begin_ = narrow(stop);
        view.tail_size_ = narrow(end - stop);
      }
      at = stop;
    }
    view.header_size_ = narrow(head_end - view.header_begin_);
    view.fields_size_ = narrow(head_end - found.fields);
    return true;
  }

  static constexpr errc read_fragment(record_view& view, std::string_view text) noexcept {
    const auto slash = text.find('/');
    if (slash == text.npos) return errc::bad_fragment;
    std::uint64_t offset = 0, total = 0;
    const auto first = read_decimal(text.substr(0, slash), offset), second = read_decimal(text.substr(slash + 1), total);
    if (first == number_state::not_a_number || second == number_state::not_a_number) return errc::bad_fragment;
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    if (first == number_state::overflow || second == number_state::overflow || offset > most || total > most)
      return errc::number_out_of_range;
    const std::size_t size = view.wire_.size() - view.body_begin_;
    if (size == 0 || total == 0) return errc::fragment_empty;
    if (offset > total || size > total - offset) return errc::fragment_out_of_bounds;
    view.fragment_ = {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(total)};
    return {};
  }

  /// A payload of exactly 1000 bytes loses its last one on 6.6 to 7.1 (fixed by c0ebe492329a in 7.2).
  static constexpr void find_damage(record_view& view) noexcept {
    const auto packet = view.wire_;
    if (packet.size() == max_packet) {
      if (view.has_release_ && packet.back() == '\0') view.damage_ = damage::nul_for_newline;
    } else if (packet.back() != '\n' && view.body().find('\n') != packet.npos) {
      view.damage_ = damage::last_byte_missing;
    }
  }
};

}  // namespace detail

/// Reads one packet. It is extended when, behind an optional replay notice and an optional release, three
/// decimal fields and a flag stand before the first ';'; anything else is legacy text. Errors: empty_packet,
/// and for what has the shape of an extended header but no kernel sends: number_out_of_range, bad_priority,
/// bad_fragment, fragment_empty, fragment_out_of_bounds. The view points into packet.
constexpr std::expected<record_view, error> decode(std::string_view packet) noexcept {
  std::expected<record_view, error> out;
  error wrong;
  if (!detail::decoder::run(packet, *out, wrong)) out = std::unexpected{wrong};
  return out;
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
