// Ranges of addresses, as ADDRESS or ADDRESS/PREFIX, and what is let through by them.
#pragma once

#include <netcon/core/ip_address.hpp>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct address_range {
  netcon::ip_address first;
  unsigned prefix = 0;

  bool contains(const netcon::ip_address&) const;
};

/// "10.0.0.0/8", "fd00::/8", or one address. The error is one line.
std::expected<address_range, std::string> parse_address_range(std::string_view text);

/// Denied is denied; when anything is allowed by name, all else is denied too.
class address_filter {
 public:
  address_filter() = default;
  address_filter(std::vector<address_range> allowed, std::vector<address_range> denied)
      : allowed_{std::move(allowed)}, denied_{std::move(denied)} {}

  bool admits(const netcon::ip_address&) const;

 private:
  std::vector<address_range> allowed_, denied_;
};

}  // namespace tool
