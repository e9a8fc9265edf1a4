// SPDX-License-Identifier: MIT
#include "options/address_filter.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tool {

std::expected<netcon::address_range, std::string> read_address_range(std::string_view text) {
  const auto range = netcon::address_range::parse(text);
  if (range) return range->unmapped();  // senders have the IPv4 address
  const auto address = text.substr(0, text.find('/'));
  if (range.error().where.begin == 0)
    return std::unexpected{
        fmt::format("'{}' is not a range of addresses: write 10.0.0.0/8, fd00::/8 or one address", text)};
  return std::unexpected{fmt::format("'{}': the number after '/' is 0 to {}", text,
                                     address.find(':') == address.npos ? 32 : 128)};
}

bool address_filter::admits(const netcon::ip_address& address) const {
  const auto within = [&](const netcon::address_range& range) { return range.contains(address); };
  return std::none_of(denied_.begin(), denied_.end(), within) &&
         (allowed_.empty() || std::any_of(allowed_.begin(), allowed_.end(), within));
}

}  // namespace tool
