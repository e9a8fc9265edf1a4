// SPDX-License-Identifier: MIT
#include "listen/record_filter.hpp"

#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>
#include <re2/stringpiece.h>

namespace tool {

std::expected<pattern, std::string> pattern::compile(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  // Bytes, so that text that is not UTF-8 matches too.
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_dot_nl(true);
  pattern out;
  out.compiled_ = std::make_shared<const re2::RE2>(text, options);
  if (!out.compiled_->ok())
    return std::unexpected{fmt::format("'{}' is not a regular expression: {}", text, out.compiled_->error())};
  return out;
}

bool pattern::is_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, *compiled_);
}

bool record_filter::shows_record(const netcon::record_view& record) const {
  if (min_level && static_cast<std::uint8_t>(record.level()) > *min_level) return false;
  if (!match) return true;
  const auto text = record.text();
  return text.find('\\') == text.npos ? match->is_in(text) : match->is_in(netcon::unescape(text));
}

bool record_filter::shows_basic(std::string_view text) const {
  const auto prefix = netcon::split_basic_prefix(text);
  // A line without a level may be urgent.
  if (min_level && prefix.priority && (*prefix.priority & 7) > *min_level) return false;
  return !match || match->is_in(prefix.text);
}

}  // namespace tool
