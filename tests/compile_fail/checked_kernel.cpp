// expect: at byte 1, \'r\': not a port
// SPDX-License-Identifier: MIT
#include <netcon/parameter/literals.hpp>

using netcon::kernel_version;

#ifdef MUST_NOT_BUILD
constexpr auto t = netcon::checked<"+r@/,@10.0.0.2/", kernel_version{6, 1, 0}>;
#else
constexpr auto t = netcon::checked<"+r@/,@10.0.0.2/", kernel_version{6, 6, 0}>;
#endif
static_assert(t.release);
