// SPDX-License-Identifier: MIT
// What the names of the kernel's Rust code stand for.
#pragma once

#include <netcon/crash/internal/words.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::crash {

namespace detail {

/// Whether a name is one of Rust's compiler: "_RNvMs_NtCs2ad1_6binder4nodeNtB4_4Node6update".
constexpr bool is_rust_name(std::string_view name) noexcept {
  return name.size() > 4 && name.starts_with("_R") && name[2] >= 'A' && name[2] <= 'Z';
}

/// Reads a name by the "v0" rules of Rust's compiler (RFC 2603).
class rust_name_reader {
 public:
  explicit rust_name_reader(std::string_view name) : in_{name.substr(2)} {}

  /// The path without the hashes of crates, which differ between builds; nothing where the name is broken.
  std::optional<std::string> read() {
    path(true);
    if (broken_ || out_.empty()) return std::nullopt;
    return std::move(out_);
  }

 private:
  static constexpr std::size_t most_bytes = 512;  // of what comes out
  static constexpr unsigned most_nested = 32, most_steps = 512;

  char next() noexcept { return at_ < in_.size() ? in_[at_++] : '\0'; }
  bool skip(char c) noexcept {
    if (at_ >= in_.size() || in_[at_] != c) return false;
    ++at_;
    return true;
  }
  void write(std::string_view text) {
    if (hidden_ == 0) out_ += text;
    if (out_.size() > most_bytes) broken_ = true;
  }

  /// "_" is 0, "0_" is 1, "Z_" is 62. Hashes may be larger than 64 bits: nobody reads these.
  std::uint64_t base_62() noexcept {
    if (skip('_')) return 0;
    std::uint64_t value = 0;
    for (;;) {
      const char c = next();
      if (c == '_') return value + 1;
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'z' ? c - 'a' + 10
                        : c >= 'A' && c <= 'Z' ? c - 'A' + 36
                                               : -1;
      if (digit < 0) {
        broken_ = true;
        return 0;
      }
      value = value * 62 + static_cast<unsigned>(digit);
    }
  }
  std::uint64_t disambiguator() noexcept { return skip('s') ? base_62() + 1 : 0; }

  std::string_view identifier() noexcept {
    skip('u');  // written in Punycode, which stays as it is
    std::size_t size = 0;
    if (!skip('0')) {
      const auto begin = at_;
      while (at_ < in_.size() && is_digit(in_[at_]) && size < in_.size())
        size = size * 10 + static_cast<std::size_t>(in_[at_++] - '0');
      if (at_ == begin) broken_ = true;
    }
    skip('_');
    if (size > in_.size() - at_) {
      broken_ = true;
      return {};
    }
    const auto name = in_.substr(at_, size);
    at_ += size;
    return name;
  }

  /// What stood at an earlier place stands here too.
  template <class Read>
  void refer(Read read) {
    const auto place = base_62();
    if (place >= at_ - 1) broken_ = true;  // forward, or to itself
    if (broken_) return;
    const auto back = at_;
    at_ = static_cast<std::size_t>(place);
    read();
    at_ = back;
  }

  /// Reads a part, whatever it is: its nesting and the number of all parts are bounded.
  template <class Read>
  void part(Read read) {
    if (++nested_ > most_nested || ++steps_ > most_steps) broken_ = true;
    if (!broken_) read();
    --nested_;
  }

  void path(bool is_value) {
    part([&] { read_path(is_value); });
  }
  void read_path(bool is_value) {
    switch (next()) {
      case 'C':
        disambiguator();
        return write(identifier());
      case 'N': {
        const char space = next();
        path(is_value);
        const auto number = disambiguator();
        const auto name = identifier();
        if (space >= 'a' && space <= 'z') {
          if (!name.empty()) write("::"), write(name);
          return;
        }
        write("::{");
        write(space == 'C' ? "closure" : space == 'S' ? "shim" : std::string_view{&space, 1});
        if (!name.empty()) write(":"), write(name);
        write("#" + std::to_string(number) + "}");
        return;
      }
      case 'M':
        hidden_path();
        write("<");
        type();
        return write(">");
      case 'X':
        hidden_path();
        [[fallthrough]];
      case 'Y':
        write("<");
        type();
        write(" as ");
        path(false);
        return write(">");
      case 'I':
        path(is_value);
        write(is_value ? "::<" : "<");
        list(", ", [&] { argument(); });
        return write(">");
      case 'B':
        return refer([&] { path(is_value); });
      default:
        broken_ = true;
    }
  }
  /// Where an implementation stands.
  void hidden_path() {
    ++hidden_;
    disambiguator();
    path(false);
    --hidden_;
  }

  template <class Read>
  std::size_t list(std::string_view between, Read read) {
    std::size_t count = 0;
    for (; !broken_ && !skip('E'); ++count) {
      if (count != 0) write(between);
      read();
    }
    return count;
  }

  void argument() {
    if (skip('L')) {
      base_62();
      write("'_");
    } else if (skip('K')) {
      constant();
    } else {
      type();
    }
  }

  void constant() {
    part([&] { read_constant(); });
  }
  void read_constant() {
    if (skip('p')) return write("_");
    if (skip('B')) return refer([&] { constant(); });
    ++hidden_;
    type();
    --hidden_;
    const bool is_negative = skip('n');
    const auto begin = at_;
    while (at_ < in_.size() && is_hex(in_[at_])) ++at_;
    const auto digits = in_.substr(begin, at_ - begin);
    if (!skip('_')) broken_ = true;
    if (is_negative) write("-");
    if (const auto value = read_number(digits, 16))
      write(std::to_string(*value));
    else
      write("0x"), write(digits);
  }

  static constexpr std::string_view basic_type(char c) noexcept {
    constexpr std::string_view names[] = {
        "i8",   "bool", "char", "f64", "str", "f32", "",    "u8", "isize", "usize", "",    "i32", "u32",
        "i128", "u128", "_",    "",    "",    "i16", "u16", "()", "...",   "",      "i64", "u64", "!"};
    return c >= 'a' && c <= 'z' ? names[c - 'a'] : "";
  }

  void type() {
    part([&] { read_type(); });
  }
  void read_type() {
    const char c = next();
    if (const auto name = basic_type(c); !name.empty()) return write(name);
    switch (c) {
      case 'A':
        write("[");
        type();
        write("; ");
        constant();
        return write("]");
      case 'S':
        write("[");
        type();
        return write("]");
      case 'T':
        write("(");
        if (list(", ", [&] { type(); }) == 1) write(",");
        return write(")");
      case 'R':
      case 'Q':
        if (skip('L')) base_62();
        write(c == 'R' ? "&" : "&mut ");
        return type();
      case 'P':
      case 'O':
        write(c == 'P' ? "*const " : "*mut ");
        return type();
      case 'F':
        return function();
      case 'D':
        return dynamic();
      case 'B':
        return refer([&] { type(); });
      default:
        --at_;
        path(false);
    }
  }

  void function() {
    if (skip('G')) base_62();
    if (skip('U')) write("unsafe ");
    if (skip('K')) {
      write("extern \"");
      write(skip('C') ? "C" : identifier());
      write("\" ");
    }
    write("fn(");
    list(", ", [&] { type(); });
    write(")");
    if (skip('u')) return;
    write(" -> ");
    type();
  }

  /// A path whose arguments, if it has any, are left open for those that are named.
  void trait(bool& open) {
    part([&] { read_trait(open); });
  }
  void read_trait(bool& open) {
    if (skip('B')) return refer([&] { trait(open); });
    if (!skip('I')) return path(false);
    path(false);
    write("<");
    list(", ", [&] { argument(); });
    open = true;
  }

  void dynamic() {
    if (skip('G')) base_62();
    write("dyn ");
    list(" + ", [&] {
      bool open = false;
      trait(open);
      while (!broken_ && skip('p')) {
        write(std::exchange(open, true) ? ", " : "<");
        write(identifier());
        write(" = ");
        type();
      }
      if (open) write(">");
    });
    if (!skip('L')) broken_ = true;
    base_62();
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  unsigned nested_ = 0, steps_ = 0, hidden_ = 0;
  bool broken_ = false;
};

}  // namespace detail

/// What a mangled name of Rust code stands for: "<binder::node::Node>::update" for
/// "_RNvMNtCs2ad1_6binder4nodeNtB2_4Node6update". Hashes of crates are left out: they differ between builds.
/// Nothing for a name that is not Rust's, is broken, or stands for more than 512 bytes.
[[nodiscard]] inline std::optional<std::string> rust_path(std::string_view name) {
  if (!detail::is_rust_name(name)) return std::nullopt;
  return detail::rust_name_reader{name}.read();
}

}  // namespace netcon::inline v0_1::crash
