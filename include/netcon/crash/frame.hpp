// SPDX-License-Identifier: MIT
// One line of a stack trace.
#pragma once

#include <netcon/crash/internal/words.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1::crash {

/// A function on the stack, as the line has it. Views are into the line.
struct frame_view {
  std::string_view function;  ///< as compiled, "foo.constprop.0"
  std::uint32_t offset = 0;   ///< of the return address; 0 with size 0: not given
  std::uint32_t size = 0;     ///< of the function, in bytes; 0: not given
  std::string_view module;    ///< empty: the kernel itself
  bool certain = true;        ///< false: "?", found on the stack, perhaps of an earlier call

  friend constexpr bool operator==(const frame_view&, const frame_view&) noexcept = default;
};

/// The same, with bytes of its own.
struct frame {
  std::string function;      ///< as compiled, "foo.constprop.0"; in a report a name of Rust is a path
  std::uint32_t offset = 0;  ///< of the return address; 0 with size 0: not given
  std::uint32_t size = 0;    ///< of the function, in bytes; 0: not given
  std::string module;        ///< empty: the kernel itself
  bool certain = true;       ///< false: "?", found on the stack, perhaps of an earlier call

  /// Without a function.
  frame() = default;
  /// Copies the bytes of the view.
  explicit frame(const frame_view& view)
      : function{view.function},
        offset{view.offset},
        size{view.size},
        module{view.module},
        certain{view.certain} {}
  friend bool operator==(const frame&, const frame&) = default;
};

namespace detail {

/// "foo+0x1c/0x30" or "foo (fs/foo.c:12)", and " [module]" after it.
constexpr bool take_function(cursor& at, frame_view& out) noexcept {
  if (auto ahead = at; ahead.skip(":")) {  // ":ext3:foo+0x1c/0x30", of 64-bit x86 before Linux 2.6.25
    const auto module = ahead.take([](char c) { return is_name(c) || c == '-'; });
    if (module.empty() || !ahead.skip(":")) return false;
    out.module = module;
    at = ahead;
  }
  cursor numbers = at;
  const auto name = take_function_name(at);
  if (name.empty()) return false;
  out.function = name;
  numbers.rest.remove_prefix(static_cast<std::size_t>(name.data() - numbers.rest.data()) + name.size());
  const bool decoded = !numbers.skip("+0x");
  if (!decoded) {
    const auto offset = read_number(numbers.take(is_hex), 16);
    if (!offset) return false;
    out.offset = static_cast<std::uint32_t>(*offset);
    if (numbers.skip("/0x"))
      if (const auto size = read_number(numbers.take(is_hex), 16))
        out.size = static_cast<std::uint32_t>(*size);
  }
  auto after = at;
  after.skip_spaces();
  if (decoded) {  // without brackets
    auto word = after;
    const auto module = word.take([](char c) { return is_name(c) || c == '-'; });
    word.skip_spaces();
    if (!module.empty() && word.rest.empty()) {
      out.module = module;
      at = word;
      return true;
    }
  }
  if (after.skip("[") && !after.rest.empty() && !is_digit(after.rest.front())) {
    const auto module = after.take([](char c) { return is_name(c) || c == '-'; });
    // Newer kernels put the module's build id and its taint behind the name.
    if (!module.empty() && after.rest.find(']') != after.rest.npos && module != "inline") out.module = module;
  }
  return true;
}

/// "[<ffffffff81234567>]", "[c000000012345678]", "([<0000000000112bbc>]", "[<(ptrval)>]": an address before
/// the name.
constexpr void skip_addresses(cursor& at) noexcept {
  for (;;) {
    auto ahead = at;
    ahead.skip("(");
    if (!ahead.skip("[")) return;
    ahead.skip("<");
    const bool hidden = ahead.skip("(ptrval)") || ahead.skip("(____ptrval____)");
    if (!hidden && ahead.take(is_hex).size() < 7) return;
    ahead.skip(">");
    if (!ahead.skip("]")) return;
    ahead.skip_spaces();
    at = ahead;
  }
}

/// The first function with an offset or a place in a line, wherever it stands.
constexpr std::optional<frame_view> find_frame(std::string_view text) noexcept {
  const auto name = find_function(text);
  if (name.empty()) return std::nullopt;
  auto begin = static_cast<std::size_t>(name.data() - text.data());
  if (begin > 2 && text[begin - 1] == ':')  // with the module before it
    if (const auto module = text.rfind(':', begin - 2);
        module != text.npos && text.substr(module, begin - module).find(' ') == text.npos)
      begin = module;
  cursor at{text.substr(begin)};
  frame_view out;
  if (!take_function(at, out)) return std::nullopt;
  return out;
}

/// What marks the context of the frames after it, such as "<IRQ>", before a frame on the same line.
constexpr bool skip_context(cursor& at) noexcept {
  for (const std::string_view mark :
       {"<IRQ>", "</IRQ>", "<EOI>", "<<EOE>>", "<NMI>", "</NMI>", "<TASK>", "</TASK>", "<SOFTIRQ>",
        "</SOFTIRQ>", "<UNK>", "<#DF>", "</#DF>", "<#DB>", "<EOE>"})
    if (at.skip(mark)) return true;
  return false;
}

}  // namespace detail

/// Reads a line of a trace of any architecture: "foo+0x1c/0x30 [module]", with "? ", an address or a mark of
/// the context before it; "foo (file.c:12)" and "foo file.c:12 [inline]" of decoded traces; "[<..>] (foo)
/// from [<..>] (bar+0x1c/0x30)" of 32-bit ARM, which is a frame of bar.
[[nodiscard]] constexpr std::optional<frame_view> read_frame(std::string_view line) noexcept {
  detail::cursor at{line};
  at.skip_spaces();
  while (detail::skip_context(at)) at.skip_spaces();
  if (at.skip("#")) {  // a numbered frame
    if (at.take(detail::is_digit).empty()) return std::nullopt;
    at.skip_spaces();
  }
  detail::skip_addresses(at);
  frame_view out;
  if (at.skip("? ")) out.certain = false;
  detail::skip_addresses(at);
  if (at.skip("? ")) out.certain = false;
  // 32-bit ARM shows each call from both ends; the name of the caller is the one with an offset.
  if (const auto from = at.rest.find(" from "); from != at.rest.npos) {
    detail::cursor caller{at.rest.substr(from + 6)};
    auto called = detail::trim(at.rest.substr(0, from));
    if (called.ends_with("])")) called.remove_suffix(1);
    if (called.ends_with(']')) called = called.substr(0, called.find(" ["));  // of a module
    if (called.find(' ') == called.npos) {
      detail::skip_addresses(caller);
      caller.skip("(");
      if (detail::take_function(caller, out)) return out;
    }
    return std::nullopt;
  }
  const bool bracketed = at.skip("(");
  auto plain = at;
  if (detail::take_function(plain, out)) {
    if (bracketed && !plain.rest.starts_with(")")) return std::nullopt;
    auto rest = plain.rest;
    if (rest.starts_with(')')) rest.remove_prefix(1);  // s390
    // A sentence that names a function is no frame.
    if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t' && rest.front() != '\r')
      return std::nullopt;
    const auto more = detail::trim(rest);
    if (!more.empty() && more.front() != '[' && more.front() != '(' && more.front() != '<' &&
        more.find('.') == more.npos)
      return std::nullopt;
    return out;
  }
  // "foo fs/bar.c:12 [inline]"
  const auto name = at.take(detail::is_name);
  if (!name.empty() && !detail::is_digit(name.front()) && line.find("[inline]") != line.npos &&
      at.skip(" ") && at.rest.find(':') != at.rest.npos) {
    out.function = name;
    return out;
  }
  return std::nullopt;
}

}  // namespace netcon::inline v0_1::crash
