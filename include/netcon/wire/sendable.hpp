// SPDX-License-Identifier: MIT
// Which records a kernel can send: what encode() checks before it sends the first packet.
#pragma once

#include <netcon/core/borrowed_text.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/userdata_limits.hpp>
#include <netcon/detail/digits.hpp>
#include <netcon/detail/slice.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/dictionary.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace netcon::inline v0_1 {

/// The lines that a target with sysdata enabled appends (6.15+), in this order; absent ones are left out.
struct sysdata {
  std::optional<std::uint32_t> cpu{};       ///< processor that printk ran on
  std::optional<borrowed_text> taskname{};  ///< task that printk ran in, at most 15 bytes
  std::optional<borrowed_text> release{};   ///< as `uname -r` prints it
  std::optional<std::uint32_t> msgid{};     ///< 6.17+
};

/// A record as printk formats it for an extended console, with the lines that the target adds.
struct extended_record {
  std::string_view header{};  ///< "6,339,5140900,-", without ';'
  std::string_view body{};    ///< `text\n KEY=value\n`, escaped, as format_extended writes it
  std::optional<borrowed_text>
      release{};  ///< prefix of the packet (6.6+), as `uname -r` prints it; absent: none
  std::span<const dictionary_entry>
      userdata{};             ///< in order of creation; entries with an empty value are not sent
  netcon::sysdata sysdata{};  ///< lines of the kernel; absent ones are not sent
};

/// A part of an extended_record.
enum class record_part : std::uint8_t {
  header,    ///< extended_record::header
  body,      ///< extended_record::body
  release,   ///< extended_record::release, the prefix of the packet
  userdata,  ///< one entry of extended_record::userdata
  sysdata,   ///< extended_record::sysdata
};

/// The enumerator's name.
[[nodiscard]] constexpr std::string_view name(record_part part) noexcept {
  constexpr std::string_view names[] = {"header", "body", "release", "userdata", "sysdata"};
  return names[static_cast<std::size_t>(part)];
}

/// Why a record cannot be sent, and where: bytes of the header, body, release or task name, or of the key or
/// value of one userdata entry.
struct [[nodiscard]] encode_error {
  text_errc code{};                        ///< which rule of the kernel is broken
  record_part part = record_part::header;  ///< where it is broken
  std::size_t entry = 0;                   ///< of userdata
  text_range where{};                      ///< bytes of that part; empty where the whole part is wrong

  friend constexpr bool operator==(const encode_error&, const encode_error&) noexcept = default;
};

namespace detail {

/// Checks that a header is one that this kernel's printk writes.
class header_checker {
 public:
  constexpr header_checker(std::string_view header, const kernel_profile& kernel) noexcept
      : header_{header}, kernel_{kernel} {}

  constexpr std::optional<error> run() noexcept {
    // Repeated at a panic (7.0+).
    if (starts_with(header_, replay_notice) && text_from(header_, replay_notice.size()).starts_with('\n')) {
      at_ = replay_notice.size() + 1;
      if (kernel_.version() < kernel_version{7, 0, 0})
        return error{text_errc::not_sent_by_kernel, text_range::between(0, at_)};
    }
    const auto begin = at_;
    std::uint64_t value = 0;
    if (!number(value)) return wrong_;
    if (value > 2047) return error{text_errc::bad_priority, text_range::between(begin, at_)};
    for (int i = 0; i < 2; ++i)
      if (!comma() || !number(value)) return wrong_;
    if (!comma() || !flag() || !caller()) return wrong_;
    return std::nullopt;
  }

 private:
  constexpr bool fail(text_errc code, std::size_t begin, std::size_t end) noexcept {
    wrong_ = {code, text_range::between(begin, end < header_.size() ? end : header_.size())};
    return false;
  }
  constexpr std::size_t digits_end() const noexcept {
    auto end = at_;
    while (end < header_.size() && is_digit(header_[end])) ++end;
    return end;
  }
  /// As %u writes it: without leading zeros.
  constexpr bool number(std::uint64_t& value) noexcept {
    const auto begin = at_;
    at_ = digits_end();
    if (at_ == begin || (header_[begin] == '0' && at_ - begin > 1))
      return fail(text_errc::bad_header, begin, at_ == begin ? begin + 1 : at_);
    if (read_decimal(text_between(header_, begin, at_), value) != number_state::ok)
      return fail(text_errc::number_out_of_range, begin, at_);
    return true;
  }
  constexpr bool comma() noexcept {
    if (at_ == header_.size() || header_[at_] != ',') return fail(text_errc::bad_header, at_, at_ + 1);
    ++at_;
    return true;
  }
  /// '+' disappeared in 4.10 and 4.9.195.
  constexpr bool flag() noexcept {
    const char c = at_ < header_.size() ? header_[at_] : '\0';
    const bool has_plus = kernel_.version() < kernel_version{4, 9, 195};
    if (c != '-' && c != 'c' && c != '+') return fail(text_errc::bad_header, at_, at_ + 1);
    if (c == '+' && !has_plus) return fail(text_errc::not_sent_by_kernel, at_, at_ + 1);
    ++at_;
    return true;
  }
  constexpr bool caller() noexcept {
    if (at_ == header_.size()) return true;
    constexpr std::string_view field = ",caller=";
    if (!starts_with(text_from(header_, at_), field)) return fail(text_errc::bad_header, at_, header_.size());
    if (kernel_.version() < kernel_version{5, 1, 0})
      return fail(text_errc::not_sent_by_kernel, at_ + 1, header_.size());
    at_ += field.size();
    const auto begin = at_;
    if (at_ == header_.size() || (header_[at_] != 'T' && header_[at_] != 'C'))
      return fail(text_errc::bad_header, begin, header_.size());
    ++at_;
    if (std::uint64_t id = 0; !number(id)) return false;
    return at_ == header_.size() || fail(text_errc::bad_header, at_, header_.size());
  }

  std::string_view header_;
  const kernel_profile& kernel_;
  std::size_t at_ = 0;
  error wrong_;
};

constexpr std::optional<encode_error> check_userdata(const extended_record& m,
                                                     const kernel_profile& kernel) noexcept {
  const auto wrong = [](text_errc code, std::size_t entry, text_range where) {
    return encode_error{code, record_part::userdata, entry, where};
  };
  if (!m.userdata.empty() && !kernel.supports(feature::userdata))
    return wrong(text_errc::not_sent_by_kernel, 0, {});
  std::size_t used = m.userdata.size();
  if (!kernel.supports(feature::separate_sysdata))
    for (const bool has : {m.sysdata.cpu.has_value(), m.sysdata.taskname.has_value(),
                           m.sysdata.release.has_value(), m.sysdata.msgid.has_value()})
      used += has ? 1u : 0u;
  if (!m.userdata.empty() && used > max_userdata_entries(kernel))
    return wrong(text_errc::too_many_userdata, max_userdata_entries(kernel) - (used - m.userdata.size()), {});
  for (std::size_t i = 0; i < m.userdata.size(); ++i) {
    const auto& [key, value] = m.userdata[i];
    // A directory has the key as its name.
    if (key.empty() || key.size() > max_userdata_key || key == "." || key == "..")
      return wrong(text_errc::bad_userdata_key, i, text_range::between(0, key.size()));
    if (const auto bad = key.find_first_of({"/\0", 2}); bad != key.npos)
      return wrong(text_errc::bad_userdata_key, i, text_range::between(bad, bad + 1));
    if (value.size() > max_userdata_value)
      return wrong(text_errc::bad_userdata_value, i, text_range::between(max_userdata_value, value.size()));
    if (const auto nul = value.find('\0'); nul != value.npos)
      return wrong(text_errc::bad_userdata_value, i, text_range::between(nul, nul + 1));
  }
  return std::nullopt;
}

}  // namespace detail

/// Why that kernel cannot send this record, or nothing. Codes: not_sent_by_kernel for a part, flag or caller
/// that it does not have; bad_header, number_out_of_range, bad_priority for a header that printk does not
/// write; bad_release; bad_userdata_key, bad_userdata_value, too_many_userdata; bad_task_name. The body is
/// taken as it is, of any length.
[[nodiscard]] constexpr std::optional<encode_error> check(const extended_record& m,
                                                          const kernel_profile& kernel) noexcept {
  if (!kernel.supports(feature::extended))
    return encode_error{text_errc::not_sent_by_kernel, record_part::header};
  if (const auto wrong = detail::header_checker{m.header, kernel}.run())
    return encode_error{wrong->code, record_part::header, 0, wrong->where};
  if (m.release) {
    if (!kernel.supports(feature::release))
      return encode_error{text_errc::not_sent_by_kernel, record_part::release};
    if (const auto bad = m.release->find_first_of({",;\n\0", 4});
        bad != m.release->npos || m.release->empty())
      return encode_error{text_errc::bad_release, record_part::release, 0,
                          m.release->empty() ? text_range{} : text_range::between(bad, bad + 1)};
  }
  if (const auto wrong = detail::check_userdata(m, kernel)) return wrong;
  const auto& sys = m.sysdata;
  if (((sys.cpu || sys.taskname || sys.release) && !kernel.supports(feature::sysdata)) ||
      (sys.msgid && !kernel.supports(feature::sysdata_msgid)))
    return encode_error{text_errc::not_sent_by_kernel, record_part::sysdata};
  constexpr std::size_t longest = 15;  // TASK_COMM_LEN less the NUL
  if (sys.taskname && sys.taskname->size() > longest)
    return encode_error{text_errc::bad_task_name, record_part::sysdata, 0,
                        text_range::between(longest, sys.taskname->size())};
  return std::nullopt;
}

}  // namespace netcon::inline v0_1
