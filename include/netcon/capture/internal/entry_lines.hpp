// SPDX-License-Identifier: MIT
// Entries of the journal that go over many lines, as journalctl -o export and -o verbose write them.
#pragma once

#include <netcon/capture/internal/binary_field.hpp>
#include <netcon/capture/internal/log_clock.hpp>
#include <netcon/capture/internal/log_entry.hpp>
#include <netcon/capture/internal/log_stamp.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::detail {

/// Puts the lines of an entry together.
class entry_lines {
 public:
  enum class taken : std::uint8_t {
    none,          ///< the line is of no entry
    taken,         ///< it is of the entry
    ended,         ///< it ends the entry
    ended_before,  ///< the entry ended before it; it is to be read again
  };

  /// Whether a line may begin an entry.
  static bool may_begin(std::string_view line) noexcept {
    if (line.starts_with('_'))
      return line.starts_with("__CURSOR=") || line.starts_with("__REALTIME_TIMESTAMP=");
    constexpr std::size_t first_dash = 8;  // of "Sat 2026-", which few lines have there
    return line.size() > first_dash && line[first_dash] == '-' && line.ends_with(']') &&
           line.find(" [s=") != line.npos;
  }

  bool is_open() const noexcept { return form_ != form::none; }
  /// Whether take() may take the line.
  bool may_take(std::string_view line) const noexcept { return is_open() || may_begin(line); }
  /// Whether nothing but the next entry shows that it has ended.
  bool may_be_over() const noexcept {
    return form_ == form::verbose && (entry_.has_text() || name_ == "MESSAGE");
  }
  /// The bytes that come next are of it while it is open.
  binary_field& field() noexcept { return field_; }

  /// Of a field over many lines no more than most bytes are kept.
  taken take(std::string_view line, std::size_t most, const log_clock& clock) {
    if (form_ == form::of_export && line.empty()) return taken::ended;
    if (form_ == form::verbose) return take_indented(line, most, clock) ? taken::taken : taken::ended_before;
    if (form_ == form::none && !begin(line, clock)) return taken::none;
    if (form_ == form::verbose) return taken::taken;
    const auto equals = line.find('=');
    if (equals != line.npos)
      entry_.take(line.substr(0, equals), line.substr(equals + 1), clock);
    else if (is_field_name(line))
      field_.begin(line);
    return taken::taken;
  }

  /// The end of a binary field.
  void end_field(const log_clock& clock) {
    field_.close();
    entry_.take(field_.name(), field_.value(), clock);
  }

  /// What came.
  log_entry release(const log_clock& clock) {
    end_indented(clock);
    form_ = form::none;
    return std::exchange(entry_, {});
  }

 private:
  enum class form : std::uint8_t { none, of_export, verbose };

  /// "Sat 2026-11-28 07:40:32.123456 UTC [s=0639;i=4e2f;b=3f0d;m=1f;t=5f;x=6d]" of -o verbose, or the first
  /// field of -o export.
  bool begin(std::string_view line, const log_clock& clock) {
    if (!may_begin(line)) return false;
    form_ = form::of_export;
    if (line.starts_with('_')) return true;
    stamp_reader at{line};
    const auto time = read_full_time(at, clock);
    form_ = time && at.rest.starts_with(" [s=") ? form::verbose : form::none;
    if (form_ == form::verbose)
      entry_.take("__REALTIME_TIMESTAMP", std::to_string(time->time_since_epoch().count()), clock);
    return form_ == form::verbose;
  }

  /// "    MESSAGE=foo", and more of its text below it with a wider indent.
  bool take_indented(std::string_view line, std::size_t most, const log_clock& clock) {
    constexpr std::string_view indent = "    ";
    if (!line.starts_with(indent)) return false;
    line.remove_prefix(indent.size());
    const auto equals = line.find('=');
    if (equals != line.npos && is_field_name(line.substr(0, equals))) {
      end_indented(clock);
      name_ = line.substr(0, equals);
      value_ = line.substr(equals + 1);
      return true;
    }
    for (std::size_t i = 0; i <= name_.size() && line.starts_with(' '); ++i) line.remove_prefix(1);
    if (value_.size() + line.size() < most) (value_ += '\n') += line;
    return true;
  }

  void end_indented(const log_clock& clock) {
    if (!name_.empty()) entry_.take(name_, value_, clock);
    name_.clear();
    value_.clear();
  }

  log_entry entry_;
  binary_field field_;
  std::string name_, value_;
  form form_ = form::none;
};

}  // namespace netcon::inline v0_1::detail
