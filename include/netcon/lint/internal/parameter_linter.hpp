// SPDX-License-Identifier: MIT
// Judges a whole parameter once: its length, its targets, and what they are to each other.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/fix.hpp>
#include <netcon/lint/internal/held_addresses.hpp>
#include <netcon/lint/internal/repair.hpp>
#include <netcon/lint/internal/target_linter.hpp>
#include <netcon/parameter/fields.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

class parameter_linter {
 public:
  parameter_linter(std::string_view text, const kernel_profile& kernel) : text_{text}, kernel_{kernel} {}

  std::vector<finding> run() {
    if (!receive()) return std::move(found_);
    if (text_.empty()) found_.push_back({text_errc::no_target, severity::warning, {0, 0}, std::nullopt});
    for (const text_range where : target_ranges{text_, kernel_}) judge(where);
    // What the limit cut says nothing about what was meant: a fix would be one of half a field.
    if (is_cut_)
      for (auto& one : found_)
        if (one.code != text_errc::nul_byte) one.fix.reset();
    return std::move(found_);
  }

 private:
  /// Cuts the text as the kernel does; false when it is so long that nothing else would help.
  bool receive() {
    if (const auto end = text_.find('\0'); end != text_.npos) {
      const auto where = text_range::between(end, text_.size());
      found_.push_back({text_errc::nul_byte, severity::warning, where, fix{where, ""}});
      text_ = text_.substr(0, end);
    }
    const auto received = as_received(text_, kernel_);
    if (!received) {
      found_.push_back({received.error().code, severity::error, received.error().where, std::nullopt});
      return text_.size() <= 4 * max_parameter;
    }
    if (received->size() < text_.size()) {
      const auto where = text_range::between(received->size(), text_.size());
      found_.push_back({text_errc::cut_at_limit, severity::warning, where, std::nullopt});
      text_ = *received;
      is_cut_ = true;
    }
    return true;
  }

  void judge(text_range where) {
    const auto first = found_.size();
    target_linter linter{where.in(text_), where.begin, kernel_, found_};
    linter.run();
    if (where.empty()) {
      const auto semicolon = where.begin == 0 ? 0 : where.begin - 1;
      found_[first].fix = netcon::fix{{semicolon, semicolon + 1}, ""};
    }
    if (linter.parsed()) {
      keep_addresses(first, where);
      taken(*linter.parsed(), where);
    } else {
      refused(first, where);
    }
  }

  /// Of an address that stands twice each fix alone may take one away.
  void keep_addresses(std::size_t first, text_range where) {
    const auto own = std::span{found_}.subspan(first);
    if (!has_fix(own)) return;
    const auto better = apply_fixes(text_.substr(0, where.end), own).substr(where.begin);
    if (keeps_addresses(where.in(text_), better)) return;
    for (auto& one : own) one.fix.reset();
  }

  void taken(const target& one, text_range where) {
    const auto s = resolve(one, kernel_);
    for (const auto& other : earlier_)
      if (other.remote_ip == s.remote_ip && other.remote_port == s.remote_port) {
        found_.push_back({text_errc::repeated_target, severity::note, where, std::nullopt});
        break;
      }
    earlier_.push_back(s);
    refused_before_.reset();
  }

  /// After another refused target: perhaps the two are parts of one, with a ';' for a delimiter.
  void refused(std::size_t first, text_range where) {
    if (refused_before_) {
      const text_range both{refused_before_->where.begin, where.end};
      const auto place = where.begin - 1 - both.begin;
      const bool have_fixes = found_[refused_before_->first].fix && found_[first].fix;
      const bool are_halves =
          is_first_half(refused_before_->where.in(text_)) && is_second_half(where.in(text_));
      for (const std::string delimiter : {",", "/", "@", ""}) {
        std::string whole{both.in(text_)};
        whole.replace(place, 1, delimiter);
        // Each one by itself may be a target too: the source's address and then its device are one half.
        const bool is_source = delimiter == "/" && whole.find_first_of("/,") == place &&
                               whole.find('@', place) > whole.find(',', place);
        const bool is_stray = delimiter.empty() && are_halves;
        if (((have_fixes || delimiter.empty()) && !is_source && !is_stray) ||
            !is_plain_target(whole, kernel_))
          continue;
        for (auto i = first; i < found_.size(); ++i) found_[i].fix.reset();
        found_[refused_before_->first].fix = netcon::fix{{where.begin - 1, where.begin}, delimiter};
        refused_before_.reset();
        return;
      }
      // By itself the first half would become a target that sends to its own machine.
      if (are_halves)
        for (auto i = refused_before_->first; i < found_.size(); ++i) found_[i].fix.reset();
    }
    refused_before_ = {first, where};
  }

  /// [port]@[address]/[device without its end], and what may follow it: device,[port]@address.
  static bool is_first_half(std::string_view text) {
    return text.find('@') != text.npos && text.find(',') == text.npos;
  }
  static bool is_second_half(std::string_view text) {
    const auto comma = text.find(',');
    return comma != text.npos && text.find('@') != text.npos && text.find('@') > comma;
  }

  struct refused_target {
    std::size_t first;  // of its findings
    text_range where;
  };

  std::string_view text_;
  const kernel_profile& kernel_;
  bool is_cut_ = false;
  std::vector<finding> found_;
  std::vector<settings> earlier_;
  std::optional<refused_target> refused_before_;
};

}  // namespace netcon::inline v0_1::detail
