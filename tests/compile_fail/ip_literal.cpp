// expect: at byte 0, \'fd00:::2\': not an
// SPDX-License-Identifier: MIT
#include <netcon/parameter/literals.hpp>

using namespace netcon::literals;

#ifdef MUST_NOT_BUILD
constexpr auto ip = "fd00:::2"_ip;
#else
constexpr auto ip = "fd00::2"_ip;
#endif
static_assert(ip.is_v6());
static_assert(netcon::ipv4_address{10, 0, 0, 2} == "10.0.0.2"_ip);
