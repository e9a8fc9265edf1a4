// SPDX-License-Identifier: MIT
// Where the parts of a parameter are: its targets between ';', and the fields of a target up to their
// delimiters, as a kernel cuts them. parse converts these fields, lint judges them, boot_log prints them: the
// grammar is read here and nowhere else.
#pragma once

#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// The longest parameter a kernel keeps (a buffer of 256 bytes with its NUL).
inline constexpr std::size_t max_parameter = 255;

/// The targets of a parameter as ranges of its text, in order: `for (const text_range where :
/// target_ranges{text, kernel})`. A ';' ends a target (2.6.24+). An empty text has no target; "a;" has two,
/// the second one empty.
class target_ranges {
 public:
  class iterator {
   public:
    using value_type = text_range;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = void;
    using reference = text_range;

    constexpr iterator() noexcept = default;
    constexpr iterator(std::string_view text, bool is_separated) noexcept
        : text_{text}, is_separated_{is_separated}, is_done_{text.empty()}, end_{end_of(0)} {}

    constexpr text_range operator*() const noexcept { return text_range::between(begin_, end_); }
    constexpr iterator& operator++() noexcept {
      if (end_ == text_.size()) {
        is_done_ = true;
      } else {
        begin_ = end_ + 1;
        end_ = end_of(begin_);
      }
      return *this;
    }
    constexpr iterator operator++(int) noexcept {
      auto before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(const iterator& at, std::default_sentinel_t) noexcept {
      return at.is_done_;
    }

   private:
    constexpr std::size_t end_of(std::size_t begin) const noexcept {
      const auto end = is_separated_ ? text_.find(';', begin) : text_.npos;
      return end == text_.npos ? text_.size() : end;
    }

    std::string_view text_;
    bool is_separated_ = false;
    bool is_done_ = true;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
  };

  /// The text must outlive the iterators. Before 2.6.24 a ';' separates nothing.
  constexpr target_ranges(std::string_view text, const kernel_profile& kernel) noexcept
      : text_{text}, is_separated_{kernel.supports(feature::multiple_targets)} {}

  /// Ranges are made while iterating: they are values, not references.
  [[nodiscard]] constexpr iterator begin() const noexcept { return {text_, is_separated_}; }
  /// Behind the last target.
  [[nodiscard]] constexpr std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::string_view text_;
  bool is_separated_;
};

/// The fields of a target after its flags, in the order of the text.
enum class target_field : std::uint8_t {
  local_port,    ///< before the first '@'
  local_ip,      ///< between '@' and '/'
  local_device,  ///< between '/' and ','
  remote_port,   ///< between ',' and the second '@'
  remote_ip,     ///< between '@' and the second '/'
  remote_mac     ///< all that follows the second '/'
};

/// What is wrong when the delimiter after this field is missing. Precondition: not the last field, which has
/// none.
[[nodiscard]] constexpr text_errc missing_after(target_field field) noexcept {
  constexpr auto first = static_cast<unsigned>(text_errc::missing_first_at);
  static_assert(static_cast<unsigned>(text_errc::missing_second_slash) == first + 4);
  return static_cast<text_errc>(first + static_cast<unsigned>(field));
}

/// Takes the fields off a target one by one. Each goes up to the first delimiter of its own, wherever that
/// is.
class field_reader {
 public:
  /// Takes the flags that this kernel knows.
  constexpr field_reader(std::string_view target, const kernel_profile& kernel) noexcept
      : first_{target.data()}, last_{first_ + target.size()}, at_{first_} {
    if (at_ != last_ && *at_ == '+' && kernel.supports(feature::extended)) {
      extended_ = true;
      ++at_;
    }
    if (at_ != last_ && *at_ == 'r' && kernel.supports(feature::release)) {
      release_ = true;
      ++at_;
    }
    begin_ = end_ = at_;
  }

  /// Whether '+' was there and this kernel knows it (4.2+).
  [[nodiscard]] constexpr bool extended() const noexcept { return extended_; }
  /// Whether 'r' was there and this kernel knows it (6.6+).
  [[nodiscard]] constexpr bool release() const noexcept { return release_; }

  /// The last field that was taken: its text, and its place in the target.
  [[nodiscard]] constexpr std::string_view field() const noexcept { return {begin_, end_}; }
  /// The place of the last field in the target; empty behind the flags before the first one.
  [[nodiscard]] constexpr text_range where() const noexcept {
    return text_range::between(static_cast<std::size_t>(begin_ - first_),
                               static_cast<std::size_t>(end_ - first_));
  }
  /// What no field has taken yet.
  [[nodiscard]] constexpr std::string_view rest() const noexcept { return {at_, last_}; }

  /// Takes a field and its delimiter. False without a delimiter: the field is then the whole rest.
  template <target_field Field>
  constexpr bool take() noexcept {
    // Fields are short: a loop here is quicker than a call of memchr.
    const char* end = at_;
    while (end != last_ && *end != delimiter_after(Field)) ++end;
    begin_ = at_;
    end_ = at_ = end;
    if (end == last_) return false;
    ++at_;
    return true;
  }
  /// The same for a caller that has read so much of it already; false, and nothing taken, when it does not
  /// end there.
  template <target_field Field>
  constexpr bool take_read(std::size_t length) noexcept {
    const char* const end = at_ + length;
    if (end == last_ || *end != delimiter_after(Field)) return false;
    begin_ = at_;
    end_ = end;
    at_ = end + 1;
    return true;
  }
  /// Takes the last field: all the rest.
  constexpr void take_rest() noexcept {
    begin_ = at_;
    at_ = end_ = last_;
  }

 private:
  static constexpr char delimiter_after(target_field field) noexcept {
    return "@/,@/"[static_cast<std::size_t>(field)];
  }

  const char *first_, *last_, *at_;
  const char *begin_ = nullptr, *end_ = nullptr;
  bool extended_ = false, release_ = false;
};

/// A target in its seven parts, each a range of its text.
struct target_fields {
  text_range flags{};       ///< '+' and 'r', as far as this kernel knows them; may be empty
  text_range local_port{},  ///< before the first '@'; as every field it may be empty
      local_ip{},           ///< between '@' and '/'
      local_device{},       ///< between '/' and ','
      remote_port{},        ///< between ',' and the second '@'
      remote_ip{},          ///< between '@' and the second '/'
      remote_mac{};         ///< all that follows the second '/'
  bool extended = false,    ///< whether flags has '+'
      release = false;      ///< whether flags has 'r'
  /// The first delimiter that is missing: the field before it is the whole rest, later ones are empty at the
  /// end.
  std::optional<text_errc> missing{};

  /// True when all five delimiters are there.
  [[nodiscard]] constexpr bool is_complete() const noexcept { return !missing; }
};

/// Splits one target at its delimiters, without a look at what the fields contain.
[[nodiscard]] constexpr target_fields split_target(
    std::string_view target, const kernel_profile& kernel = kernel_profile::latest()) noexcept {
  field_reader reader{target, kernel};
  target_fields fields;
  fields.flags = {0, reader.where().begin};
  fields.extended = reader.extended();
  fields.release = reader.release();
  const auto take = [&]<target_field Field>(text_range& where) {
    if (!fields.missing && !reader.take<Field>()) fields.missing = missing_after(Field);
    where = reader.where();
    if (fields.missing) reader.take_rest();
  };
  take.operator()<target_field::local_port>(fields.local_port);
  take.operator()<target_field::local_ip>(fields.local_ip);
  take.operator()<target_field::local_device>(fields.local_device);
  take.operator()<target_field::remote_port>(fields.remote_port);
  take.operator()<target_field::remote_ip>(fields.remote_ip);
  reader.take_rest();
  fields.remote_mac = reader.where();
  return fields;
}

}  // namespace netcon::inline v0_1

template <>
inline constexpr bool std::ranges::enable_view<netcon::target_ranges> = true;
template <>
inline constexpr bool std::ranges::enable_borrowed_range<netcon::target_ranges> = true;
