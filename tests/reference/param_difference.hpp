// SPDX-License-Identifier: MIT
// The library's reading of a parameter against the reference's.
#pragma once

#include "param_reference.hpp"

#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace reference {

using netcon::feature;

inline netcon::kernel_profile profile_of(const kernel& k) {
  const auto number = [](int value) { return static_cast<std::uint16_t>(value); };
  auto p = netcon::kernel_profile{number(k.version[0]), number(k.version[1]), number(k.version[2])};
  if (!k.dynamic) p = p.without(feature::dynamic);
  if (!k.module) p = p.without(feature::module);
  if (!k.ipv6) p = p.without(feature::ipv6);
  if (k.extended_by_default) p = p.with(feature::extended_by_default);
  if (k.release_by_default) p = p.with(feature::release_by_default);
  return p;
}

template <class Bytes>
bool same_bytes(const Bytes& bytes, const std::vector<int>& expected) {
  return std::equal(expected.begin(), expected.end(), bytes.begin());
}

inline bool same_address(const netcon::ip_address& got, const address& expected) {
  return got.is_v6() == expected.is_v6 && same_bytes(got.raw(), expected.bytes);
}

inline bool same_settings(const netcon::settings& s, const target& expected) {
  return s.extended == expected.extended && s.release == expected.release &&
         s.local_port.value() == expected.local_port && s.remote_port.value() == expected.remote_port &&
         s.local_ip.has_value() == expected.local_ip.has_value() &&
         (!s.local_ip || same_address(*s.local_ip, *expected.local_ip)) &&
         s.dev_name.view() == expected.dev_name && s.dev_mac.has_value() == !expected.dev_mac.empty() &&
         (!s.dev_mac || same_bytes(s.dev_mac->bytes(), expected.dev_mac)) &&
         same_address(s.remote_ip, expected.remote_ip) &&
         same_bytes(s.remote_mac.bytes(), expected.remote_mac);
}

/// In what the two differ about a text, or nothing; also checks that what was read can be written and read
/// back.
inline std::string difference(const std::string& text, const kernel& k) {
  const auto p = profile_of(k);
  const auto expected = read_parameter(text, k);
  const auto got = netcon::parse_parameter(text, p);
  if (got.has_value() != expected.loaded) return "whether the parameter loads";
  const auto at_place = [&](const netcon::error& e, const outcome& piece) {
    return e.where.begin == piece.at && text.compare(e.where.begin, e.where.size(), piece.quoted) == 0;
  };
  if (!got) {
    if (expected.pieces.empty())
      return got.error().code == netcon::text_errc::parameter_too_long ? "" : "the code";
    return at_place(got.error(), expected.pieces.back()) ? "" : "what the log quotes";
  }
  std::size_t kept = 0, skipped = 0;
  for (const auto& piece : expected.pieces) {
    if (!piece.taken) {
      if (skipped == got->skipped().size() || !at_place(got->skipped()[skipped], piece))
        return "what the log quotes of a skipped target";
      ++skipped;
      continue;
    }
    if (kept == got->size()) return "the number of targets";
    const auto& one = (*got)[kept++].value;
    if (!same_settings(netcon::resolve(one, p), *piece.taken)) return "the fields";
    if (netcon::check(one, p)) return "check refuses what was parsed";
    const auto written = netcon::to_string(one);
    if (netcon::parse_target(written, p) != one) return "parse(to_string(t)) is not t, but of " + written;
    const auto full = netcon::full(netcon::resolve(one, p)), brief = netcon::shortest(one, p);
    for (const auto& form : {full, brief})
      if (netcon::resolve(netcon::parse_target(netcon::to_string(form), p).value_or(netcon::target{}), p) !=
          netcon::resolve(one, p))
        return "the form " + netcon::to_string(form);
  }
  return kept == got->size() && skipped == got->skipped().size() ? "" : "the number of targets";
}

}  // namespace reference
