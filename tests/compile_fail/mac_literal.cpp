// expect: at byte 0, \'00:13:32:20:r9:a5\':
// SPDX-License-Identifier: MIT
#include <netcon/parameter/literals.hpp>

using namespace netcon::literals;

#ifdef MUST_NOT_BUILD
constexpr auto mac = "00:13:32:20:r9:a5"_mac;
#else
constexpr auto mac = "00:13:32:20:a9:a5"_mac;
#endif
static_assert(!mac.is_zero());
