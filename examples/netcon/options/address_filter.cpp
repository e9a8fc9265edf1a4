#include "options/address_filter.hpp"

#include <netcon/core/port.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace tool {

bool address_range::contains(const netcon::ip_address& address) const {
  if (address.family() != first.family()) return false;
  const auto &a = address.raw(), &b = first.raw();
  const auto whole = prefix / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const auto rest = prefix % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

std::expected<address_range, std::string> parse_address_range(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = netcon::ip_address::parse(text.substr(0, slash));
  if (!address)
    return std::unexpected{
        fmt::format("'{}' is no range of addresses: write 10.0.0.0/8, fd00::/8 or one address", text)};
  const unsigned bits = address->is_v4() ? 32 : 128;
  if (slash == text.npos) return address_range{*address, bits};
  const auto prefix = netcon::port::parse(text.substr(slash + 1));
  if (!prefix || prefix->value() > bits)
    return std::unexpected{fmt::format("'{}': the number behind '/' is 0 to {}", text, bits)};
  return address_range{*address, prefix->value()};
}

bool address_filter::admits(const netcon::ip_address& address) const {
  const auto within = [&](const address_range& range) { return range.contains(address); };
  return std::none_of(denied_.begin(), denied_.end(), within) &&
         (allowed_.empty() || std::any_of(allowed_.begin(), allowed_.end(), within));
}

}  // namespace tool
