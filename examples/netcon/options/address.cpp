// SPDX-License-Identifier: MIT
#include "options/address.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/os/socket_address.hpp>

#include <fmt/format.h>

#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <optional>

namespace tool {
namespace {

using endpoint_or_problem = std::expected<netcon::endpoint, std::string>;

struct split_text {
  std::string_view host;
  std::optional<std::string_view> port;
};

/// Cuts at the colon in front of a port; the colons of a bare IPv6 address are none.
split_text split(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close != text.npos && close + 1 == text.size()) return {text.substr(1, close - 1), std::nullopt};
    if (close != text.npos && text[close + 1] == ':')
      return {text.substr(1, close - 1), text.substr(close + 2)};
    return {text, std::nullopt};
  }
  const auto colon = text.find(':');
  if (colon == text.npos || text.find(':', colon + 1) != text.npos) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::expected<netcon::port, std::string> read_port(std::string_view text) {
  const auto port = netcon::port::parse(text);
  if (!port) return std::unexpected{fmt::format("'{}': {}", text, message(port.error().code))};
  return *port;
}

using written_or_problem = std::expected<written_destination, std::string>;

endpoint_or_problem ask_for(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); code != 0)
    return std::unexpected{fmt::format("'{}': {}: {}", host,
                                       code == EAI_NONAME ? "no such host" : "cannot look up this name",
                                       ::gai_strerror(code))};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  for (; found; found = found->ai_next)
    if (found->ai_family == AF_INET || found->ai_family == AF_INET6) {
      sockaddr_storage storage{};
      std::memcpy(&storage, found->ai_addr, found->ai_addrlen);
      return netcon::to_endpoint(storage);
    }
  return std::unexpected{fmt::format("'{}': the name has no IP address", host)};
}

written_or_problem read_host(std::string_view text) {
  const auto percent = text.find('%');
  const auto address = netcon::ip_address::parse(text.substr(0, percent));
  if (!address) {
    // getaddrinfo would take 6666 for 0.0.26.10, and 10.1 for 10.0.0.1.
    if (text.find_first_not_of("0123456789.") == text.npos)
      return std::unexpected{fmt::format("'{}' is not an IP address", text)};
    return written_destination{std::string{text}, {}};
  }
  netcon::endpoint end{*address, {}};
  if (percent != text.npos) {
    const std::string zone{text.substr(percent + 1)};
    // if_nametoindex() stops at the colon, and would silently drop the port.
    if (zone.find(':') != zone.npos)
      return std::unexpected{
          fmt::format("'{}': write a port after brackets, as in [fe80::1%eth0]:6666", text)};
    end.scope = ::if_nametoindex(zone.c_str());
    if (!address->is_v6() || end.scope == 0)
      return std::unexpected{fmt::format("'{}': no interface '{}'; ip link lists them", text, zone)};
  }
  return written_destination{{}, end};
}

written_or_problem read_written(const split_text& parts, netcon::port without) {
  auto out = read_host(parts.host);
  if (!out) return out;
  out->end.port = without;
  if (parts.port) {
    const auto port = read_port(*parts.port);
    if (!port) return std::unexpected{port.error()};
    out->end.port = *port;
  }
  return out;
}

endpoint_or_problem find_address(const written_destination& of) {
  if (of.name.empty()) return of.end;
  auto found = ask_for(of.name);
  if (found) found->port = of.end.port;
  return found;
}

std::string with_forms(const std::string& problem) {
  return problem + "; write HOST or HOST:PORT, as in 10.0.0.2:6666 or [fd00::2]:6666";
}

}  // namespace

written_or_problem read_destination(std::string_view text, netcon::port without) {
  auto out = read_written(split(text), without);
  if (!out) return std::unexpected{with_forms(out.error())};
  if (out->end.port == netcon::port{}) return std::unexpected{"nothing can be sent to port 0"};
  return out;
}

endpoint_or_problem look_up(const written_destination& of) {
  auto end = find_address(of);
  if (!end) return std::unexpected{with_forms(end.error())};
  end->address = end->address.unmapped();  // as which it is reached, and answers
  return end;
}

endpoint_or_problem parse_destination(std::string_view text, netcon::port without) {
  const auto written = read_destination(text, without);
  if (!written) return std::unexpected{written.error()};
  return look_up(*written);
}

bool has_port(std::string_view text) {
  return text.find_first_not_of("0123456789") == text.npos || split(text).port.has_value();
}

endpoint_or_problem parse_listen_address(std::string_view text) {
  if (text.find_first_not_of("0123456789") == text.npos) {
    const auto port = read_port(text);
    if (!port) return std::unexpected{port.error()};
    return netcon::endpoint{netcon::ipv6_address{}, *port};
  }
  const auto written = read_written(split(text), default_port);
  auto end = written ? find_address(*written) : std::unexpected{written.error()};
  if (!end)
    return std::unexpected{end.error() +
                           "; write PORT or ADDRESS:PORT, as in 6666, 10.0.0.2:6666 or [::]:6666"};
  return end;
}

}  // namespace tool
