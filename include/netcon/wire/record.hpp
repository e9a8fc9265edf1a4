// SPDX-License-Identifier: MIT
// One record of a kernel's log: a view into the packet that it came in, and a type that owns its bytes.
#pragma once

#include <netcon/core/level.hpp>
#include <netcon/detail/find_near.hpp>
#include <netcon/detail/lifetime.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/wire/dictionary.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1 {

/// The fourth header field: a whole or first record, or one that continues the record before it. Kernels
/// before 4.10 send 'c' for the first one and '+' for those that follow.
enum class continuation : char {
  none = '-',       ///< a record of its own
  piece = 'c',      ///< a piece of a line (4.10+); before, the first piece
  following = '+',  ///< a later piece; Linux before 4.10 and 4.9.195
};

/// The ncfrag field: the offset of this fragment in the body, and the size of the whole body, in bytes.
struct fragment {
  std::uint32_t offset = 0;  ///< bytes of the body before this fragment
  std::uint32_t total = 0;   ///< bytes of the whole body; 0 means that there is no fragment

  friend constexpr auto operator<=>(const fragment&, const fragment&) noexcept = default;
};

/// How affected kernels damage a payload of exactly 1000 bytes (6.6 to 7.1; see docs/wire.md).
enum class damage : std::uint8_t {
  none,               ///< all bytes are as the kernel meant them
  nul_for_newline,    ///< the last byte is NUL, where the newline was
  last_byte_missing,  ///< 999 bytes, the final newline is not there
};

/// The header fields after the flag, in order, such as "caller=T1" and unknown ones, without ncfrag.
class header_fields {
 public:
  class iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = void;
    using reference = std::string_view;

    constexpr iterator() noexcept = default;
    constexpr iterator(std::string_view fields, std::string_view later) noexcept
        : fields_{fields}, later_{later} {
      step();
    }
    constexpr std::string_view operator*() const noexcept {
      return detail::text_between(fields_, 1, 1 + size_);
    }
    constexpr iterator& operator++() noexcept {
      fields_.remove_prefix(1 + size_);
      step();
      return *this;
    }
    constexpr iterator operator++(int) noexcept {
      auto before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(const iterator& a, std::default_sentinel_t) noexcept {
      return a.fields_.empty();
    }

   private:
    constexpr void step() noexcept {
      if (fields_.empty()) fields_ = std::exchange(later_, {});
      const auto end = fields_.find(',', 1);
      size_ = (end == fields_.npos ? fields_.size() : end) - (fields_.empty() ? 0 : 1);
    }

    std::string_view fields_;  // each with the comma before it
    std::string_view later_;
    std::size_t size_ = 0;
  };

  /// Two runs of fields, each field with the comma before it: those before ncfrag and those after it.
  constexpr header_fields(std::string_view before_fragment, std::string_view after_fragment) noexcept
      : before_{before_fragment}, after_{after_fragment} {}
  /// Fields are views into the packet, without their comma.
  [[nodiscard]] constexpr iterator begin() const noexcept { return {before_, after_}; }
  /// Behind the last field.
  [[nodiscard]] constexpr std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::string_view before_;
  std::string_view after_;
};

class record;
namespace detail {
class decoder;
}

/// A decoded record: numbers, and views into the packet, which must outlive it. Only an extended record has a
/// header; a basic one has text() and body() alone.
class record_view {
 public:
  /// An empty basic record.
  constexpr record_view() noexcept = default;

  /// Whether the packet has a header; without one all numbers are 0 and header() is empty.
  [[nodiscard]] constexpr bool is_extended() const noexcept { return extended_; }
  /// Whether the packet is text alone.
  [[nodiscard]] constexpr bool is_basic() const noexcept { return !extended_; }
  /// True when the packet began with replay_notice: the kernel sent this record before.
  [[nodiscard]] constexpr bool is_replayed() const noexcept { return replayed_; }

  /// The sending kernel's release (uname -r), when the target prepends it.
  [[nodiscard]] constexpr std::optional<std::string_view> release() const noexcept {
    if (!has_release_) return std::nullopt;
    return at(release_begin_, release_size_);
  }
  /// Facility x 8 + level.
  [[nodiscard]] constexpr std::uint16_t priority() const noexcept { return priority_; }
  /// 0 for the kernel's own records; 1 and more for what user space wrote to /dev/kmsg.
  [[nodiscard]] constexpr std::uint8_t facility() const noexcept {
    return static_cast<std::uint8_t>(priority_ >> 3);
  }
  /// The three lowest bits of the priority; emerg for a basic record.
  [[nodiscard]] constexpr netcon::level level() const noexcept {
    return static_cast<netcon::level>(priority_ & 7);
  }
  /// The sender's number of the record, from 0 at each boot.
  [[nodiscard]] constexpr std::uint64_t sequence() const noexcept { return sequence_; }
  /// Microseconds on the sender's local clock since its boot.
  [[nodiscard]] constexpr std::uint64_t timestamp_us() const noexcept { return timestamp_us_; }
  /// none unless this record continues another one.
  [[nodiscard]] constexpr continuation flag() const noexcept { return flag_; }
  /// "T123" (task) or "C0" (processor) of a kernel with CONFIG_PRINTK_CALLER; empty otherwise.
  [[nodiscard]] constexpr std::string_view caller() const noexcept { return at(caller_begin_, caller_size_); }
  /// All fields after the flag except ncfrag.
  [[nodiscard]] constexpr header_fields fields() const noexcept {
    return {at(fields_begin_, fields_size_), header_tail()};
  }
  /// Present when this packet is a fragment of a longer record: text() and dictionary() are then parts of it,
  /// see receive/reassembler.hpp.
  [[nodiscard]] constexpr std::optional<netcon::fragment> fragment() const noexcept {
    if (!is_fragment()) return std::nullopt;
    return fragment_;
  }
  /// True when this packet has a part of the body only: fragment() says which.
  [[nodiscard]] constexpr bool is_fragment() const noexcept { return fragment_.total != 0; }
  /// Known only of an extended packet that is no fragment.
  [[nodiscard]] constexpr netcon::damage damage() const noexcept { return damage_; }

  /// The header from the priority on, without release and ncfrag, as it is on the wire.
  [[nodiscard]] constexpr std::string_view header() const noexcept { return at(header_begin_, header_size_); }
  /// The fields after ncfrag, with their comma: always empty from a kernel.
  [[nodiscard]] constexpr std::string_view header_tail() const noexcept {
    return at(tail_begin_, tail_size_);
  }
  /// The payload after the first ';', as it is on the wire; of a basic packet all of it.
  [[nodiscard]] constexpr std::string_view body() const noexcept {
    return {wire_.data() + body_begin_, wire_.size() - body_begin_};
  }
  /// The text, still escaped, without its newline.
  [[nodiscard]] constexpr std::string_view text() const noexcept {
    const auto all = content();
    if (!extended_) return all.ends_with('\n') ? detail::text_up_to(all, all.size() - 1) : all;
    return detail::text_up_to(all, all.find('\n'));
  }
  /// The lines after the text: dictionary, userdata and sysdata; empty for a basic record.
  [[nodiscard]] constexpr dictionary_view dictionary() const noexcept {
    if (!extended_) return {};
    const auto all = content();
    const char* const end = all.data() + all.size();
    const char* const newline = detail::find_near(all.data(), end, '\n');
    return newline == end ? dictionary_view{} : dictionary_view{{newline + 1, end}};
  }
  /// The whole packet; of a reassembled record its first packet with the whole body.
  [[nodiscard]] constexpr std::string_view wire() const noexcept { return wire_; }

  /// The same record over another copy of its bytes.
  [[nodiscard]] constexpr record_view over(std::string_view bytes NETCON_LIFETIMEBOUND) const noexcept {
    record_view record = *this;
    record.wire_ = bytes;
    return record;
  }
  /// The whole record that this fragment belongs to, over bytes that begin with this packet's header.
  [[nodiscard]] constexpr record_view whole(std::string_view bytes NETCON_LIFETIMEBOUND) const noexcept {
    record_view record = *this;
    record.wire_ = bytes;
    record.fragment_ = {};
    return record;
  }

 private:
  friend class detail::decoder;
  friend class record;

  constexpr explicit record_view(std::string_view wire) noexcept : wire_{wire} {}

  constexpr std::string_view at(std::uint32_t begin, std::uint32_t size) const noexcept {
    return {wire_.data() + begin, size};
  }
  constexpr std::string_view content() const noexcept {
    auto all = body();
    if (damage_ == netcon::damage::nul_for_newline) all.remove_suffix(1);
    return all;
  }

  std::string_view wire_;
  std::uint64_t sequence_ = 0;
  std::uint64_t timestamp_us_ = 0;
  netcon::fragment fragment_;
  std::uint32_t release_begin_ = 0, release_size_ = 0;
  std::uint32_t header_begin_ = 0, header_size_ = 0;
  std::uint32_t fields_begin_ = 0, fields_size_ = 0;
  std::uint32_t tail_begin_ = 0, tail_size_ = 0;
  std::uint32_t caller_begin_ = 0, caller_size_ = 0;
  std::uint32_t body_begin_ = 0;
  std::uint16_t priority_ = 0;
  continuation flag_ = continuation::none;
  netcon::damage damage_ = netcon::damage::none;
  bool extended_ = false;
  bool replayed_ = false;
  bool has_release_ = false;
};

/// A record that owns its bytes: an explicit copy of a view. view() is valid until the record is assigned to,
/// moved from or destroyed. One that was moved from is empty.
class record {
 public:
  /// An empty basic record.
  record() = default;
  /// Copies the bytes of the view.
  explicit record(const record_view& view) : wire_{view.wire()}, view_{view} {}

  /// The record over the bytes of this object.
  [[nodiscard]] record_view view() const& noexcept NETCON_LIFETIMEBOUND {
    record_view view = wire_.empty() ? record_view{} : view_;
    view.wire_ = wire_;
    return view;
  }
  void view() const&& = delete;

 private:
  std::string wire_;
  record_view view_;
};

}  // namespace netcon::inline v0_1

template <>
inline constexpr bool std::ranges::enable_view<netcon::header_fields> = true;
template <>
inline constexpr bool std::ranges::enable_borrowed_range<netcon::header_fields> = true;
