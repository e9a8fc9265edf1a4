// SPDX-License-Identifier: MIT
// The kernel's boot configuration (bootconfig, Linux 5.6): keys of words with dots between them, in braces
// too.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/internal/kernel_arguments.hpp>
#include <netcon/lint/internal/panic_settings.hpp>
#include <netcon/lint/internal/placeholder.hpp>
#include <netcon/lint/internal/value_reader.hpp>

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace netcon::inline v0_1::detail {

class bootconfig_reader {
 public:
  bootconfig_reader(std::string_view text, found_list& to) : text_{text}, to_{to} {}

  void read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = find_or_end(text_, "\n", at_);
      } else if (c == '}') {
        if (!outer_.empty()) outer_.pop_back();
        ++at_;
      } else if (is_key_byte(c)) {
        key();
      } else {
        ++at_;
      }
    }
    if (to_.found.empty()) return;
    for (const auto where : redefined_)
      to_.problems.push_back({text_errc::redefined_key, severity::warning, where, std::nullopt});
  }

 private:
  static bool is_key_byte(char c) { return is_word_byte(c) || c == '-' || c == '.'; }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  void skip_lines() {
    while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '#'))
      at_ = text_[at_] == '#' ? find_or_end(text_, "\n", at_) : at_ + 1;
  }

  void key() {
    const auto begin = at_;
    const auto size = prefix_size(text_.substr(at_), is_key_byte);
    const std::string name =
        (outer_.empty() ? "" : outer_.back() + ".") + std::string{text_.substr(at_, size)};
    at_ += size;
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '{') {
      constexpr std::size_t most = 16;  // as the kernel's own limit of the depth
      if (outer_.size() < most && name.size() < 256) outer_.push_back(name);
      ++at_;
      return;
    }
    const bool changes =
        at_ + 1 < text_.size() && (text_[at_] == '+' || text_[at_] == ':') && text_[at_ + 1] == '=';
    if (changes) ++at_;
    if (at_ >= text_.size() || text_[at_] != '=') return;
    ++at_;
    if (!valued_.insert(name).second && !changes) {
      redefined_.push_back(text_range::between(begin, begin + size));
      ++group_;  // no value replaces another one: the kernel takes none of them
    }
    skip_blanks();
    const auto end = value(name);
    setting(name, begin, end);
    // Each element of a list becomes a parameter of its own.
    for (skip_blanks(); at_ < text_.size() && text_[at_] == ','; skip_blanks()) {
      ++at_;
      skip_lines();
      value(name);
    }
  }

  /// panic=, crashkernel= and oops_only of the same command line; the value ends before `end`.
  void setting(std::string_view name, std::size_t begin, std::size_t end) {
    constexpr std::string_view kernel = "kernel.";
    if (!name.starts_with(kernel)) return;
    const auto equals = text_.find('=', begin);
    auto value = text_.substr(equals + 1, end - equals - 1);
    while (!value.empty() && (is_blank(value.front()) || is_quote(value.front()))) value.remove_prefix(1);
    if (auto found = panic_setting_of(name.substr(kernel.size()), value, false)) {
      found->where = text_range::between(begin, end);
      to_.panic_settings.push_back(*found);
    }
  }

  /// Gives where the value ends, before its closing quote.
  std::size_t value(std::string_view name) {
    const bool is_ours = name == "kernel.netconsole" || name == "kernel.netconsole.netconsole";
    const char quote = at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'') ? text_[at_] : '\0';
    const auto first = quote == 0 ? at_ : at_ + 1;
    auto last =
        find_or_end(text_, quote == 0 ? std::string_view{";\n#}"} : std::string_view{&quote, 1}, first);
    const auto ended_by = last;
    at_ = quote == 0 || last == text_.size() ? last : last + 1;
    while (quote == 0 && last > first && is_blank(text_[last - 1])) --last;
    if (!is_ours || text_.substr(first, last - first).find('\n') != std::string_view::npos) return last;
    found_parameter one;
    one.value = plain_part(text_, first, last);
    one.for_module = name != "kernel.netconsole";
    one.has_placeholder = has_placeholder(one.value.text());
    one.is_fixable = quote != 0;
    one.is_boot_line = true;
    one.group = group_;
    to_.found.push_back(std::move(one));
    if (quote != 0) return last;
    if (const auto comma = text_.substr(0, last).find(',', first); comma != text_.npos)
      to_.problems.push_back({text_errc::comma_ends_value, severity::warning,
                              text_range::between(comma, comma + 1), std::nullopt});
    if (ended_by < text_.size() && text_[ended_by] == ';' && begins_target(text_.substr(ended_by + 1)))
      to_.problems.push_back({text_errc::semicolon_ends_command, severity::warning,
                              text_range::between(ended_by, ended_by + 1), std::nullopt});
    return last;
  }

  std::string_view text_;
  found_list& to_;
  std::size_t at_ = 0;
  std::vector<std::string> outer_;
  std::set<std::string> valued_;  // the keys that have a value
  std::vector<text_range> redefined_;
  std::size_t group_ = 0;
};

}  // namespace netcon::inline v0_1::detail
