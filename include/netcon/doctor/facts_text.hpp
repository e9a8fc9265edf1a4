// SPDX-License-Identifier: MIT
// Facts as text, one fact a line, both ways: to look at, to keep, to judge on another machine.
#pragma once

#include <netcon/core/number.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/internal/members.hpp>
#include <netcon/doctor/receiver_facts.hpp>
#include <netcon/wire/escape.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace netcon::inline v0_1::doctor {

/// Why a text is not one of facts.
struct [[nodiscard]] facts_text_error {
  std::size_t line = 0;  ///< from 1; 0: the name says where
  std::string name{};    ///< of the fact
};

namespace internal {

/// Facts with members; anything else is one value.
template <class T>
concept has_members = requires(T& of) { each_member(of, [](std::string_view, auto&) {}); };

inline std::string text_of(bool value) {
  return value ? "yes" : "no";
}
inline std::string text_of(const std::string& value) {
  return escape(value);
}
inline std::string text_of(const std::integral auto& value) {
  return std::to_string(value);
}
inline std::string text_of(contact value) {
  return std::string{name(value)};
}
inline std::string text_of(const interface_name& value) {
  return escape(value.view());
}
inline std::string text_of(const auto& value) {
  return to_string(value);
}

inline bool value_of(std::string_view text, bool& to) {
  to = text == "yes";
  return to || text == "no";
}
inline bool value_of(std::string_view text, std::string& to) {
  to = unescape(text);
  return true;
}
template <std::integral T>
bool value_of(std::string_view text, T& to) {
  const auto* const end = text.data() + text.size();
  const auto [at, code] = std::from_chars(text.data(), end, to);
  return code == std::errc{} && at == end;
}
inline bool value_of(std::string_view text, contact& to) {
  for (const auto value :
       {contact::silent, contact::answered, contact::refused, contact::unreachable, contact::unresolved}) {
    to = value;
    if (name(value) == text) return true;
  }
  return false;
}
inline bool value_of(std::string_view text, interface_name& to) {
  const auto name = unescape(text);
  to = interface_name::truncated(name);
  return name.size() <= interface_name::max_text;
}
template <class T>
bool value_of(std::string_view text, T& to) {
  const auto parsed = T::parse(text);
  if (parsed) to = *parsed;
  return parsed.has_value();
}

/// Appends "NAME = VALUE" for each value and "NAME ? REASON" for what is unknown.
class facts_writer {
 public:
  template <class T>
  void write(const std::string& name, const T& value) {
    if constexpr (has_members<const T>) {
      each_member(value, [&](std::string_view member, const auto& of) {
        write(name.empty() ? std::string{member} : name + '.' + std::string{member}, of);
      });
    } else {
      put(name, " = ", text_of(value));
    }
  }
  template <class T>
  void write(const std::string& name, const fact<T>& value) {
    if (!value) return put(name, " ? ", escape(value.reason()));
    write(name, *value);
    // A value that has only members has no line of its own.
    if constexpr (has_members<const T>) put(name, " = ", "known");
  }
  template <class T>
  void write(const std::string& name, const std::optional<T>& value) {
    if (value) write(name, *value);
  }
  template <class T>
  void write(const std::string& name, const std::vector<T>& values) {
    put(name, " = ", std::to_string(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) write(name + '.' + std::to_string(i), values[i]);
  }

  std::string take() { return std::move(out_); }

 private:
  void put(const std::string& name, std::string_view sign, const std::string& text) {
    out_.append(name).append(sign).append(text) += '\n';
  }

  std::string out_{};
};

/// Takes values from lines that a facts_writer wrote.
class facts_reader {
 public:
  /// Error: the number of the first line that is not of the form.
  std::expected<void, std::size_t> add(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      const auto newline = text.find('\n');
      auto line = text.substr(0, newline);
      text.remove_prefix(newline == text.npos ? text.size() : newline + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty() || line.starts_with('#')) continue;
      const auto blank = line.find(' ');
      if (blank == line.npos || line.size() < blank + 3 || line[blank + 2] != ' ')
        return std::unexpected{number};
      const auto rest = std::string{line.substr(blank + 3)};
      if (line[blank + 1] != '=' && line[blank + 1] != '?') return std::unexpected{number};
      (line[blank + 1] == '=' ? values_ : reasons_)[std::string{line.substr(0, blank)}] = rest;
    }
    return {};
  }

  /// False when the line of that name, or of a part of it, is not of the form of its value. What has no line
  /// stays.
  template <class T>
  bool read(const std::string& name, T& to) {
    if constexpr (has_members<T>) {
      bool good = true;
      each_member(to, [&](std::string_view member, auto& of) {
        good = good && read(name.empty() ? std::string{member} : name + '.' + std::string{member}, of);
      });
      return good;
    } else {
      const auto found = values_.find(name);
      return found == values_.end() || value_of(found->second, to) || fail(name);
    }
  }
  template <class T>
  bool read(const std::string& name, fact<T>& to) {
    if (const auto found = reasons_.find(name); found != reasons_.end()) {
      to = fact<T>::unknown(unescape(found->second));
      return true;
    }
    if (!values_.contains(name)) return true;
    T value{};
    if (!read(name, value)) return false;
    to = std::move(value);
    return true;
  }
  template <class T>
  bool read(const std::string& name, std::optional<T>& to) {
    if (!values_.contains(name)) return true;
    return read(name, to.emplace());
  }
  template <class T>
  bool read(const std::string& name, std::vector<T>& to) {
    const auto found = values_.find(name);
    if (found == values_.end()) return true;
    // A list cannot have more elements than there are lines.
    const auto count = parse_decimal(found->second);
    if (!count || *count > values_.size() + reasons_.size()) return fail(name);
    to.resize(static_cast<std::size_t>(*count));
    for (std::size_t i = 0; i < to.size(); ++i)
      if (!read(name + '.' + std::to_string(i), to[i])) return false;
    return true;
  }

  const std::string& failed() const noexcept { return failed_; }

 private:
  bool fail(const std::string& name) {
    failed_ = name;
    return false;
  }

  std::map<std::string, std::string, std::less<>> values_{}, reasons_{};
  std::string failed_{};
};

template <class Facts>
std::string write_facts(const Facts& known, std::string_view first_line) {
  facts_writer out;
  out.write("", known);
  return std::string{first_line} + '\n' + out.take();
}

template <class Facts>
std::expected<Facts, facts_text_error> read_facts(std::string_view text, std::string_view first_line) {
  if (!text.starts_with(first_line)) return std::unexpected{facts_text_error{1, std::string{first_line}}};
  facts_reader lines;
  if (const auto added = lines.add(text); !added) return std::unexpected{facts_text_error{added.error(), {}}};
  Facts out;
  if (!lines.read("", out)) return std::unexpected{facts_text_error{0, lines.failed()}};
  return out;
}

inline constexpr std::string_view sender_line = "# netcon facts 1: a machine that sends";
inline constexpr std::string_view receiver_line = "# netcon facts 1: a machine that receives";

}  // namespace internal

/// A line for each fact, after a first line that says what the text is. Bytes that are not printable ASCII,
/// and the backslash, are escaped as printk does it.
[[nodiscard]] inline std::string to_text(const facts& known) {
  return internal::write_facts(known, internal::sender_line);
}
[[nodiscard]] inline std::string to_text(const receiver_facts& known) {
  return internal::write_facts(known, internal::receiver_line);
}

/// The way back. Lines with names that are not known, as of a later release, are skipped; what has no line
/// was not looked up.
[[nodiscard]] inline std::expected<facts, facts_text_error> parse_facts(std::string_view text) {
  return internal::read_facts<facts>(text, internal::sender_line);
}
[[nodiscard]] inline std::expected<receiver_facts, facts_text_error> parse_receiver_facts(
    std::string_view text) {
  return internal::read_facts<receiver_facts>(text, internal::receiver_line);
}

}  // namespace netcon::inline v0_1::doctor
