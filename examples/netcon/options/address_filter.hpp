// SPDX-License-Identifier: MIT
// Which addresses are allowed and denied, by ranges of them.
#pragma once

#include <netcon/core/address_range.hpp>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// "10.0.0.0/8", "fd00::/8", or one address; an IPv4-mapped one becomes IPv4. The error is one line.
std::expected<netcon::address_range, std::string> read_address_range(std::string_view text);

/// Denied is denied; when anything is allowed by name, all else is denied too.
class address_filter {
 public:
  address_filter() = default;
  address_filter(std::vector<netcon::address_range> allowed, std::vector<netcon::address_range> denied)
      : allowed_{std::move(allowed)}, denied_{std::move(denied)} {}

  bool admits(const netcon::ip_address&) const;

  friend bool operator==(const address_filter&, const address_filter&) = default;

 private:
  std::vector<netcon::address_range> allowed_, denied_;
};

}  // namespace tool
