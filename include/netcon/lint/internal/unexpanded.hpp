// SPDX-License-Identifier: MIT
// Judges a value in which something is not expanded: a field with a placeholder in it is taken for a good
// one, the other fields are judged as ever.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/lint.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::detail {

class unexpanded_linter {
 public:
  unexpanded_linter(std::string_view value, const kernel_profile& kernel, bool has_commands)
      : value_{value}, kernel_{kernel}, has_commands_{has_commands} {}

  /// The findings about the value. Without a placeholder nothing: lint() is for it.
  std::optional<std::vector<finding>> run() {
    for (std::size_t start = 0; start <= value_.size();) {
      const auto end = target_end(start);
      target(start, end);
      if (end < value_.size()) put(end, end + 1);
      start = end + 1;
    }
    if (!first_) return std::nullopt;
    std::vector<finding> found;
    if (!is_opaque_) found = lint(filled_, kernel_);
    std::erase_if(found, [&](const finding& one) { return touches_filled(one); });
    for (auto& one : found) {
      one.where = original(one.where);
      one.fix.reset();
    }
    found.insert(found.begin(), finding{text_errc::not_expanded, severity::note, *first_, std::nullopt});
    return found;
  }

 private:
  /// Where a byte is outside placeholders, or `end`.
  std::size_t find_outside(char byte, std::size_t at, std::size_t end) const {
    while (at < end) {
      const auto size = size_at(at);
      if (size != 0) {
        at += size;
      } else if (value_[at] == byte) {
        return at;
      } else {
        ++at;
      }
    }
    return end;
  }
  std::size_t target_end(std::size_t start) const { return find_outside(';', start, value_.size()); }
  std::size_t size_at(std::size_t at) const {
    if (has_commands_ && value_[at] == '`') return command_size(value_.substr(at));
    return placeholder_size(value_.substr(at), at == 0 ? '\0' : value_[at - 1]);
  }
  std::optional<text_range> placeholder_in(std::size_t begin, std::size_t end) const {
    for (auto at = begin; at < end; ++at)
      if (const auto size = size_at(at); size != 0)
        return text_range::between(at, at + size < end ? at + size : end);
    return std::nullopt;
  }

  struct field {
    std::size_t begin, end;
    bool is_placeholder;
  };

  void put(std::size_t begin, std::size_t end) {
    for (auto at = begin; at < end; ++at) {
      filled_ += value_[at];
      places_.push_back({at, at + 1, false});
    }
  }
  void fill(std::string_view text, const field& one) {
    for (const char c : text) {
      filled_ += c;
      places_.push_back({one.begin, one.end, true});
    }
  }

  void target(std::size_t begin, std::size_t end) {
    constexpr std::string_view delimiters = "@/,@/";
    std::array<field, 6> fields{};
    std::size_t count = 0;
    auto at = begin;
    for (; count < delimiters.size(); ++count) {
      const auto stop = find_outside(delimiters[count], at, end);
      if (stop == end) break;
      fields[count] = {at, stop, false};
      at = stop + 1;
    }
    fields[count] = {at, end, false};
    for (std::size_t i = 0; i <= count; ++i) judge(fields[i], i, begin, count);
    const auto& last = fields[count];
    const bool lacks = count < delimiters.size();
    // A placeholder may hold what is missing; one that is an address by its name does not.
    if (lacks && last.is_placeholder && !(count == 4 && is_address(last))) {
      is_opaque_ = true;
      return;
    }
    const std::string_view source = value_.substr(fields[1].begin, fields[1].end - fields[1].begin);
    const std::string_view receiver =
        count >= 4 ? value_.substr(fields[4].begin, fields[4].end - fields[4].begin) : std::string_view{};
    const bool is_v6 = source.find(':') != source.npos ||
                       (count >= 4 && !fields[4].is_placeholder && receiver.find(':') != receiver.npos);
    const std::array<std::string_view, 6> good{"6665", is_v6 ? "fd00::1" : "192.0.2.1", "eth0",
                                               "6666", is_v6 ? "fd00::2" : "192.0.2.2", "52:54:00:12:34:56"};
    for (std::size_t i = 0; i <= count; ++i) {
      if (fields[i].is_placeholder) {
        fill(good[i], fields[i]);
      } else {
        put(fields[i].begin, fields[i].end);
      }
      if (i < count) put(fields[i].end, fields[i].end + 1);
    }
  }

  /// Whether there is a placeholder in the field, or a word that is one.
  void judge(field& one, std::size_t index, std::size_t target_begin, std::size_t count) {
    const auto text = value_.substr(one.begin, one.end - one.begin);
    if (const auto found = placeholder_in(one.begin, one.end)) return mark(one, *found);
    if (count < 4 && !(index == 0 && count > 0)) return;
    const bool is_number_field = index != 2;
    auto word = text;
    if (index == 0 && one.begin == target_begin && word.starts_with('+')) word.remove_prefix(1);
    if ((is_number_field && is_placeholder_word(word)) ||
        (index != 0 && index != 3 && is_placeholder_digits(word)) ||
        (!is_number_field && (word == "dev" || word == "DEV" || word == "INTERFACE" || word == "interface" ||
                              word == "IFACE" || word == "iface" || word == "DEVICE")))
      mark(one, text_range::between(one.begin, one.end));
  }
  void mark(field& one, text_range where) {
    one.is_placeholder = true;
    if (!first_) first_ = where;
  }
  /// Whether the field is one placeholder that is called an address.
  bool is_address(const field& one) const {
    if (size_at(one.begin) != one.end - one.begin) return false;
    std::string name{value_.substr(one.begin, one.end - one.begin)};
    for (auto& c : name) c = is_letter(c) ? static_cast<char>(c | 0x20) : c;
    for (const std::string_view part : {"ip", "addr", "host", "server", "receiver"})
      if (name.find(part) != name.npos) return name.find("mac") == name.npos;
    return false;
  }

  bool touches_filled(const finding& one) const {
    if (one.code == text_errc::repeated_target) return true;
    if (one.code == text_errc::missing_second_slash) return false;  // whatever the address, a '/' follows it
    for (auto i = one.where.begin; i < one.where.end; ++i)
      if (places_[i].is_filled) return true;
    return false;
  }
  text_range original(text_range where) const {
    const auto begin = where.begin < places_.size() ? places_[where.begin].begin : value_.size();
    return where.empty() ? text_range::between(begin, begin)
                         : text_range::between(begin, places_[where.end - 1].end);
  }

  struct origin {
    std::size_t begin, end;
    bool is_filled;
  };

  std::string_view value_;
  const kernel_profile& kernel_;
  bool has_commands_;
  std::string filled_;
  std::vector<origin> places_;
  std::optional<text_range> first_;
  bool is_opaque_ = false;
};

/// All findings about a value that a text has: lint() where all of it is expanded. `has_commands`: a shell
/// reads it, so that `...` is expanded.
inline std::vector<finding> lint_value(std::string_view value, const kernel_profile& kernel,
                                       bool has_commands = false) {
  constexpr std::size_t most = 4 * max_parameter;  // beyond that lint() says one thing only
  if (value.size() <= most)
    if (auto found = unexpanded_linter{value, kernel, has_commands}.run()) return *std::move(found);
  return lint(value, kernel);
}

}  // namespace netcon::inline v0_1::detail
