// SPDX-License-Identifier: MIT
// What a line of a text of any kind is: a comment, a part of a here-document, a removed line of a patch.
#pragma once

#include <netcon/lint/config_format.hpp>
#include <netcon/lint/internal/characters.hpp>
#include <netcon/lint/internal/placeholder.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::detail {

/// How to read a text that has no reader of its own.
struct text_rules {
  bool hash_comments = true;    // '#' at the beginning of a line, or after a blank outside quotes
  bool slash_comments = false;  // '//' after a blank, and '/*' to '*/'
  bool is_shell = false;        // a ';' outside quotes ends a command
  bool is_prose = false;        // a value without a value is nothing, a '.' may end a sentence
  bool is_markup = false;       // tags, entities and <!-- -->
  bool is_patch = false;
  bool is_unit = false;  // of systemd: a ';' is one only as a word of its own
  bool is_code = false;  // strings in a row may be one
};

constexpr text_rules rules_of(config_format format) noexcept {
  text_rules rules;
  switch (format) {
    case config_format::shell:
    case config_format::grub_cfg:
    case config_format::grub:
      rules.is_shell = true;
      break;
    case config_format::source:
      rules.slash_comments = rules.is_code = true;
      break;
    case config_format::nix:
      rules.slash_comments = true;
      break;
    case config_format::markup:
      rules.hash_comments = false;
      rules.is_markup = rules.is_prose = true;
      break;
    case config_format::document:
      rules.is_prose = true;
      break;
    case config_format::patch:
      rules.is_patch = rules.is_code = true;
      break;
    case config_format::systemd:
      rules.is_unit = true;
      break;
    case config_format::text:
      rules.is_code = true;
      break;
    default:
      break;
  }
  return rules;
}

/// Follows comments and here-documents from line to line.
class line_state {
 public:
  explicit line_state(const text_rules& rules) : rules_{rules} {}

  /// Takes the next line; gives where its text begins that counts, or nothing for a line that does not count.
  std::optional<std::size_t> take(std::string_view line) {
    std::size_t start = 0;
    if (rules_.is_patch && !line.empty()) {
      if (line.starts_with("--- ") || line.starts_with("+++ ") || line.front() == '-') return std::nullopt;
      if (line.front() == '+') start = 1;
    }
    if (in_comment_) {
      const auto end = line.find(comment_end_);
      if (end == line.npos) return std::nullopt;
      in_comment_ = false;
      start = end + comment_end_.size();
    }
    begin_document(line);
    auto first = start;
    while (first < line.size() && is_blank(line[first])) ++first;
    if (is_comment(line.substr(first))) return std::nullopt;
    first_ = first;
    return start;
  }

  /// Takes a line that belongs to the one before it.
  void follow(std::string_view line) { begin_document(line); }

  /// Whether the line that was taken lies in a here-document: what a program reads there is no shell.
  bool in_document() const noexcept { return in_document_; }

  /// Where a comment begins in the rest of a line that is outside quotes at `at`: gives whether it is one
  /// there.
  bool comment_at(std::string_view line, std::size_t at) {
    const auto rest = line.substr(at);
    const bool after_blank = at == 0 || is_blank(line[at - 1]);
    if (rest.starts_with("<!--") && (rules_.is_markup || rules_.is_prose))
      return begin_comment(line, at, "-->");
    if (rules_.slash_comments && rest.starts_with("/*")) return begin_comment(line, at, "*/");
    if (rules_.slash_comments && rest.starts_with("//") && after_blank) return true;
    return rules_.hash_comments && !rules_.is_prose && rest.front() == '#' && after_blank && at != first_ &&
           !rest.starts_with("#{");
  }

 private:
  /// A comment of several lines; one that ends on its line is over for the next.
  bool begin_comment(std::string_view line, std::size_t at, std::string_view end) {
    if (line.find(end, at + 2) == line.npos) {
      in_comment_ = true;
      comment_end_ = end;
    }
    return true;
  }

  bool is_comment(std::string_view text) const {
    if (text.empty()) return false;
    const auto begins = [&](auto... words) { return (text.starts_with(words) || ...); };
    if (begins("//", ".\\\"", "'\\\"", "dnl ", "REM ", "rem ", "@rem ", "@REM ", "::", "{#", "<%#", ";", "<#",
               "%%"))
      return true;
    if (rules_.slash_comments && text.front() == '*') return true;
    if (text.front() != '#') return false;
    if (!rules_.hash_comments) return false;
    if (rules_.is_prose) return !is_prompt(text) && !is_heading(text);
    auto word = text.substr(1);
    while (!word.empty() && is_blank(word.front())) word.remove_prefix(1);
    for (const std::string_view directive :
         {"define ", "define\t", "include ", "if ", "ifdef ", "ifndef ", "elif ", "pragma "})
      if (word.starts_with(directive)) return false;
    return true;
  }
  /// "# modprobe ...": the prompt of root in a document.
  static bool is_prompt(std::string_view text) {
    if (!text.starts_with("# ") && !text.starts_with("#modprobe")) return false;
    auto rest = text.substr(1);
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    for (const std::string_view command :
         {"modprobe", "insmod", "sudo", "echo", "grubby", "kexec", "/sbin/", "/usr/sbin/", "rmmod", "dmesg",
          "printf", "kernelstub", "rpm-ostree", "qemu", "virt-install", "bootctl", "sh -c", "bash -c",
          "fw_setenv"})
      if (rest.starts_with(command)) return true;
    return false;
  }
  static bool is_heading(std::string_view text) {
    const auto size = prefix_size(text, [](char c) { return c == '#'; });
    return size >= 2 && size < text.size() && text[size] == ' ';
  }

  /// <<EOF, <<-'EOF' begin a here-document, a line that is only the word ends it.
  void begin_document(std::string_view line) {
    if (in_document_) {
      auto text = line;
      while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
      while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
      if (text == document_end_) in_document_ = false;
      return;
    }
    if (starts_document_) {
      in_document_ = true;
      starts_document_ = false;
      return begin_document(line);
    }
    auto at = line.find("<<");
    if (at == line.npos || line.substr(at).starts_with("<<<")) return;
    at += 2;
    if (at < line.size() && (line[at] == '-' || line[at] == '~')) ++at;
    while (at < line.size() && line[at] == ' ') ++at;
    if (at < line.size() && (is_quote(line[at]) || line[at] == '\\')) ++at;
    const auto size = prefix_size(line.substr(at), is_word_byte);
    if (size == 0 || is_digit(line[at])) return;
    document_end_ = line.substr(at, size);
    starts_document_ = true;
  }

  text_rules rules_;
  bool in_comment_ = false, in_document_ = false, starts_document_ = false;
  std::size_t first_ = 0;  // where the line that was taken begins after its blanks
  std::string_view comment_end_;
  std::string document_end_;
};

}  // namespace netcon::inline v0_1::detail
