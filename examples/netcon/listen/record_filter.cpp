#include "listen/record_filter.hpp"

#include <netcon/wire/basic.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>

#include <array>

namespace tool {

std::expected<pattern, std::string> pattern::compile(const std::string& text) {
  auto compiled = std::make_unique<regex_t>();
  if (const int code = ::regcomp(compiled.get(), text.c_str(), REG_EXTENDED | REG_NOSUB); code != 0) {
    std::array<char, 128> problem{};
    ::regerror(code, compiled.get(), problem.data(), problem.size());
    return std::unexpected{
        fmt::format("'{}' is not an extended regular expression: {}", text, problem.data())};
  }
  pattern out;
  out.compiled_ = {compiled.release(), release{}};
  return out;
}

bool pattern::is_in(std::string_view text) const {
  regmatch_t range{0, static_cast<regoff_t>(text.size())};
  return ::regexec(compiled_.get(), text.data(), 1, &range, REG_STARTEND) == 0;
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
