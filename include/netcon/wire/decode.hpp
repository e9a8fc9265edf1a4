// SPDX-License-Identifier: MIT
// Decodes one packet into a record_view. Each packet is extended or basic on its own.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/find_near.hpp>
#include <netcon/detail/lifetime.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/wire/record.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <string_view>

namespace netcon::inline v0_1 {

/// The most bytes that any kernel puts into one packet (MAX_PRINT_CHUNK, netconsole.c).
inline constexpr std::size_t max_packet = 1000;

/// The line before a record that a kernel repeats at a panic, without its newline (7.0+, nbcon consoles).
inline constexpr std::string_view replay_notice = "** replaying previous printk message **";

namespace detail {

class decoder {
 public:
  /// A new view for run(): compilers clear it with fewer instructions than a default one.
  static constexpr record_view start(std::string_view packet) noexcept { return record_view{packet}; }

  /// As netcon::decode, into a new view; false and the error when the packet cannot be decoded.
  static constexpr bool run(std::string_view packet, record_view& view, error& wrong) noexcept {
    view.wire_ = packet;
    if (packet.empty()) {
      wrong = {text_errc::empty_packet, {}};
      return false;
    }
    // Offsets have 32 bits. A UDP datagram is much shorter.
    if (packet.size() > std::numeric_limits<std::uint32_t>::max()) return true;

    const char* const start = packet.data();
    const char* begin = *start == '*' ? after_notice(view, start) : start;
    const bool replayed = view.replayed_;
    // With this check every run of digits and commas ends before the packet does: read_digits and
    // read_numbers need that.
    const char* const end = start + packet.size();
    if ((is_digit(packet.back()) || packet.back() == ',') && find_near(start, end, ';') == end) return true;

    numbers found;
    const char* at = read_numbers(packet, begin, found);
    if (at == nullptr) at = read_release(view, begin, found);
    if (at == nullptr) return true;
    view.extended_ = true;
    view.header_begin_ = offset(packet, begin);
    view.header_size_ = static_cast<std::uint32_t>(at - begin);
    view.fields_begin_ = offset(packet, at);
    text_errc problem{};
    if (*at == ',') {
      at = read_fields(view, at, problem, wrong.where);
      if (at == nullptr) {
        view = basic(packet, replayed);
        return true;
      }
    }
    view.body_begin_ = offset(packet, at + 1);
    if (found.many_digits || found.priority > 2047)
      problem = check_numbers(packet, begin, found, problem, wrong.where);
    view.priority_ = static_cast<std::uint16_t>(found.priority);
    view.sequence_ = found.sequence;
    view.timestamp_us_ = found.timestamp_us;
    view.flag_ = static_cast<continuation>(found.flag);
    if (view.is_fragment()) {
      const auto size = packet.size() - view.body_begin_;
      if (size == 0) {
        problem = text_errc::fragment_empty;
      } else if (view.fragment_.offset > view.fragment_.total ||
                 size > view.fragment_.total - view.fragment_.offset) {
        problem = text_errc::fragment_out_of_bounds;
      }
    } else if (packet.size() - (max_packet - 1) <= 1) {
      find_damage(view);
    }
    wrong.code = problem;
    return problem == text_errc{};
  }

 private:
  /// Set by read_numbers when it succeeds, and read only then.
  struct numbers {
    std::uint64_t priority;
    std::uint64_t sequence;
    std::uint64_t timestamp_us;
    char flag;
    bool many_digits;  // so many that a number may not fit
  };

  static constexpr std::uint32_t offset(std::string_view packet, const char* at) noexcept {
    return static_cast<std::uint32_t>(at - packet.data());
  }

  static constexpr record_view basic(std::string_view packet, bool replayed) noexcept {
    record_view plain;
    plain.wire_ = packet;
    plain.replayed_ = replayed;
    return plain;
  }

  /// printk puts the notice before the record, and netconsole a release before both.
  static constexpr const char* after_notice(record_view& view, const char* at) noexcept {
    const std::string_view rest{at, view.wire_.data() + view.wire_.size()};
    if (!rest.starts_with('*') || !starts_with(rest, replay_notice) || rest.size() == replay_notice.size() ||
        rest[replay_notice.size()] != '\n')
      return at;
    view.replayed_ = true;
    return at + replay_notice.size() + 1;
  }

  /// Reads three numbers and a flag. Returns the ',' or ';' after them, or null when the text differs.
  static constexpr const char* read_numbers(std::string_view packet, const char* at,
                                            numbers& found) noexcept {
    constexpr std::ptrdiff_t most_digits = 19;
    const char* const end = packet.data() + packet.size();
    if (at == end || !is_digit(*at)) return nullptr;
    const char* stop = read_digits<false>(at, end, found.priority);
    bool many = stop - at > most_digits;
    if (*stop != ',') return nullptr;
    at = stop + 1;
    stop = read_digits<true>(at, end, found.sequence);
    many |= stop - at > most_digits;
    if (*stop != ',' || stop == at) return nullptr;
    at = stop + 1;
    stop = read_digits<true>(at, end, found.timestamp_us);
    many |= stop - at > most_digits;
    if (*stop != ',' || stop == at || end - stop < 3) return nullptr;
    found.many_digits = many;
    found.flag = stop[1];
    if (found.flag != '-' && found.flag != 'c' && found.flag != '+') return nullptr;
    return stop[2] == ',' || stop[2] == ';' ? stop + 2 : nullptr;
  }

  /// As read_numbers, after a release. Sets begin to the first number.
  static constexpr const char* read_release(record_view& view, const char*& begin, numbers& found) noexcept {
    const auto packet = view.wire_;
    const char* const end = packet.data() + packet.size();
    const char* const comma = find_near(begin, end, ',');
    if (comma == end || find_near(begin, comma, ';') != comma) return nullptr;
    // A second notice is not a release.
    if (view.replayed_ && starts_with({begin, comma}, replay_notice)) return nullptr;
    const bool replayed = view.replayed_;
    const char* const behind = after_notice(view, comma + 1);
    const char* const at = read_numbers(packet, behind, found);
    if (at == nullptr) {
      view.replayed_ = replayed;
      return nullptr;
    }
    view.has_release_ = true;
    view.release_begin_ = offset(packet, begin);
    view.release_size_ = static_cast<std::uint32_t>(comma - begin);
    begin = behind;
    return at;
  }

  /// Reads the fields after the flag. Returns the ';' after them, or null when there is none.
  static constexpr const char* read_fields(record_view& view, const char* at, text_errc& problem,
                                           text_range& where) noexcept {
    const auto packet = view.wire_;
    const char* const end = packet.data() + packet.size();
    const char* const first = at;
    const char* head_end = nullptr;
    do {
      const char* const begin = at + 1;
      const std::string_view rest{begin, end};
      constexpr std::string_view caller = "caller=", ncfrag = "ncfrag=";
      if (starts_with(rest, ncfrag)) {
        const char* const head = at;
        const auto wrong =
            view.is_fragment() ? text_errc::bad_fragment : read_fragment(view, begin + ncfrag.size(), at);
        if (wrong != text_errc{}) {
          at = field_end(begin, end);
          if (problem == text_errc{}) where = {offset(packet, begin), offset(packet, at)};
          if (problem == text_errc{}) problem = wrong;
        } else {
          where = {offset(packet, begin), offset(packet, at)};
          head_end = head;
          view.tail_begin_ = offset(packet, at);
        }
      } else {
        at = field_end(begin, end);
        if (view.caller_size_ == 0 && starts_with(rest, caller)) {
          view.caller_begin_ = offset(packet, begin) + static_cast<std::uint32_t>(caller.size());
          view.caller_size_ =
              static_cast<std::uint32_t>(at - begin) - static_cast<std::uint32_t>(caller.size());
        }
      }
      if (at == end) return nullptr;
    } while (*at == ',');
    if (head_end == nullptr) {
      head_end = at;
    } else {
      view.tail_size_ = offset(packet, at) - view.tail_begin_;
    }
    view.fields_size_ = static_cast<std::uint32_t>(head_end - first);
    view.header_size_ += view.fields_size_;
    return at;
  }

  static constexpr const char* field_end(const char* at, const char* end) noexcept {
    while (at != end && *at != ',' && *at != ';') ++at;
    return at;
  }

  /// Reads "OFFSET/TOTAL" and sets at to the byte after it.
  static constexpr text_errc read_fragment(record_view& view, const char* const begin,
                                           const char*& at) noexcept {
    const char* const packet_end = view.wire_.data() + view.wire_.size();
    if (begin == packet_end) return text_errc::bad_fragment;
    std::uint64_t first = 0, total = 0;
    const char* const slash = read_digits<false>(begin, packet_end, first);
    if (slash == begin || *slash != '/' || slash + 1 == packet_end) return text_errc::bad_fragment;
    at = read_digits<false>(slash + 1, packet_end, total);
    if (at == slash + 1 || (*at != ',' && *at != ';')) return text_errc::bad_fragment;
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    // A longer number wrapped while it was read. Leading zeros are fine.
    if (slash - begin > 19 && read_decimal({begin, slash}, first) == number_state::overflow) first = most + 1;
    if (at - slash > 20 && read_decimal({slash + 1, at}, total) == number_state::overflow) total = most + 1;
    if (first > most || total > most) return text_errc::number_out_of_range;
    if (total == 0) return text_errc::fragment_empty;
    view.fragment_ = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(total)};
    return {};
  }

  /// Reads numbers of many digits again, with a check of each, and checks the priority's range.
  static constexpr text_errc check_numbers(std::string_view packet, const char* at, numbers& found,
                                           text_errc problem, text_range& where) noexcept {
    for (auto* const value : {&found.priority, &found.sequence, &found.timestamp_us}) {
      const char* const end = packet.data() + packet.size();
      const char* const stop = find_near(at, end, ',');
      const bool fits = read_decimal({at, stop}, *value) == number_state::ok;
      if (!fits || (value == &found.priority && *value > 2047)) {
        where = {offset(packet, at), offset(packet, stop)};
        return fits ? text_errc::bad_priority : text_errc::number_out_of_range;
      }
      at = stop + 1;
    }
    return problem;
  }

  /// A payload of exactly 1000 bytes loses its last one on 6.6 to 7.1 (fixed by c0ebe492329a in 7.2).
  static constexpr void find_damage(record_view& view) noexcept {
    const auto packet = view.wire_;
    if (packet.size() == max_packet) {
      if (view.has_release_ && packet.back() == '\0') view.damage_ = damage::nul_for_newline;
    } else if (packet.back() != '\n') {
      const char* const end = packet.data() + packet.size();
      if (find_near(packet.data() + view.body_begin_, end, '\n') != end)
        view.damage_ = damage::last_byte_missing;
    }
  }
};

}  // namespace detail

/// Decodes one packet; the view points into it. A packet is extended when three decimal fields and a flag
/// come before the first ';', after an optional replay notice and an optional release. Any other packet is
/// basic. Errors: empty_packet; and for an extended header that no kernel sends number_out_of_range,
/// bad_priority, bad_fragment, fragment_empty, fragment_out_of_bounds.
[[nodiscard]] constexpr std::expected<record_view, error> decode(
    std::string_view packet NETCON_LIFETIMEBOUND) noexcept {
  std::expected<record_view, error> out;
  error wrong;
  if (!detail::decoder::run(packet, *out, wrong)) out = std::unexpected{wrong};
  return out;
}
/// The view would outlive the packet.
void decode(detail::temporary_string auto&& packet) = delete;

}  // namespace netcon::inline v0_1
