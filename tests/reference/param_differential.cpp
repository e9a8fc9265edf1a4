// Library against reference over random texts, kernel by kernel. `param_differential [STRINGS] [SEED]` tries
// so many strings on each kernel (20,000 if not said; the long run is 10,000,000) and stops at the first
// difference.
#include "param_reference.hpp"
#include "param_strings.hpp"

#include <netcon/parse.hpp>
#include <netcon/text.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <string>

namespace {

using netcon::feature;

netcon::profile profile_of(const reference::kernel& k) {
  const auto number = [](int value) { return static_cast<std::uint16_t>(value); };
  auto p = netcon::profile::of({number(k.version[0]), number(k.version[1]), number(k.version[2])});
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

bool same_address(const netcon::ip_address& address, const reference::address& expected) {
  return address.is_v6() == expected.is_v6 && same_bytes(address.raw(), expected.bytes);
}

bool same_settings(const netcon::settings& s, const reference::target& expected) {
  return s.extended == expected.extended && s.release == expected.release &&
         s.local_port.value() == expected.local_port && s.remote_port.value() == expected.remote_port &&
         s.local_ip.has_value() == expected.local_ip.has_value() &&
         (!s.local_ip || same_address(*s.local_ip, *expected.local_ip)) &&
         s.dev_name.view() == expected.dev_name && s.dev_mac.has_value() == !expected.dev_mac.empty() &&
         (!s.dev_mac || same_bytes(s.dev_mac->bytes(), expected.dev_mac)) &&
         same_address(s.remote_ip, expected.remote_ip) &&
         same_bytes(s.remote_mac.bytes(), expected.remote_mac);
}

std::string difference(const std::string& text, const reference::kernel& k) {
  const auto p = profile_of(k);
  const auto expected = reference::read_parameter(text, k);
  const auto got = netcon::parse_parameter(text, p);
  if (got.has_value() != expected.loaded) return "whether the parameter loads";
  const auto at_place = [&](const netcon::error& e, const reference::outcome& piece) {
    return e.where.offset == piece.at && text.compare(e.where.offset, e.where.length, piece.quoted) == 0;
  };
  if (!got) {
    if (expected.pieces.empty())
      return got.error().code == netcon::errc::parameter_too_long ? "" : "the code";
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
    const auto full = netcon::spelled_out(netcon::resolve(one, p)), brief = netcon::shortest(one, p);
    for (const auto& form : {full, brief})
      if (netcon::resolve(netcon::parse_target(netcon::to_string(form), p).value_or(netcon::target{}), p) !=
          netcon::resolve(one, p))
        return "the form " + netcon::to_string(form);
  }
  return kept == got->size() && skipped == got->skipped().size() ? "" : "the number of targets";
}

std::string visible(std::string_view text) {
  std::string shown;
  for (const char c : text)
    shown += c >= ' ' && c < 0x7f && c != '\\' ? std::string{c}
                                               : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return shown;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long long strings = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20'000;
  const unsigned long long seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const std::array<int, 3> versions[] = {{2, 6, 12},   {2, 6, 24}, {3, 7, 0},   {3, 8, 0},  {3, 9, 0},
                                         {3, 14, 0},   {4, 2, 0},  {6, 1, 192}, {6, 6, 0},  {6, 12, 93},
                                         {6, 12, 117}, {6, 14, 0}, {6, 15, 0},  {6, 17, 0}, {7, 3, 4}};
  for (const auto& version : versions) {
    reference::param_strings source{seed};
    std::mt19937_64 builds{seed};
    unsigned long long taken = 0;
    for (unsigned long long i = 0; i < strings; ++i) {
      const auto text = source.parameter();
      reference::kernel k;
      k.version = version;
      if (const auto dice = builds() % 16; dice < 5) {
        k.dynamic = dice != 0;
        k.module = dice != 1;
        k.ipv6 = dice != 2;
        // The two build options are as old as the release prefix.
        k.extended_by_default = dice >= 3 && version >= std::array{6, 6, 0};
        k.release_by_default = dice == 4 && version >= std::array{6, 6, 0};
      }
      if (const auto what = difference(text, k); !what.empty()) {
        fmt::print(
            "Linux {}.{}.{} dynamic={} module={} ipv6={} extended={} release={}\n\"{}\"\ndiffer in {}\n",
            version[0], version[1], version[2], k.dynamic, k.module, k.ipv6, k.extended_by_default,
            k.release_by_default, visible(text), what);
        return 1;
      }
      const auto parsed = netcon::parse_parameter(text, profile_of(k));
      if (parsed && !parsed->empty()) ++taken;
    }
    fmt::print("Linux {}.{}.{}: {} strings agree, {} with a target\n", version[0], version[1], version[2],
               strings, taken);
  }
}
