// SPDX-License-Identifier: MIT
#include "listen/host_sources.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tool {
namespace {

std::expected<host_source, std::string> parse_source(std::string_view text) {
  const auto colon = text.find(':');
  const auto word = text.substr(0, colon);
  const auto rest = colon == text.npos ? std::string_view{} : text.substr(colon + 1);
  if (word == "key" && !rest.empty()) return host_source{host_source::kind::key, std::string{rest}};
  if (word == "file" && !rest.empty()) return host_source{host_source::kind::file, std::string{rest}};
  if (text == "dns") return host_source{host_source::kind::dns, {}};
  return std::unexpected{
      fmt::format("'{}': write key:NAME, file:PATH or dns, with a comma between several", text)};
}

}  // namespace

std::expected<std::vector<host_source>, std::string> parse_host_sources(std::string_view text) {
  std::vector<host_source> out;
  for (;;) {
    const auto end = std::min(text.find(','), text.size());
    auto one = parse_source(text.substr(0, end));
    if (!one) return std::unexpected{one.error()};
    if (std::ranges::find(out, one->what, &host_source::what) != out.end())
      return std::unexpected{
          fmt::format("'{}' is a second one of its kind: leave one out", text.substr(0, end))};
    out.push_back(*std::move(one));
    if (end == text.size()) return out;
    text.remove_prefix(end + 1);
  }
}

}  // namespace tool
