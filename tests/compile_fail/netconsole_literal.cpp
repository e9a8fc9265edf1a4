// expect: at byte 3, \'66666\': the port
// SPDX-License-Identifier: MIT
#include <netcon/parameter/literals.hpp>

using namespace netcon::literals;

#ifdef MUST_NOT_BUILD
constexpr auto t = "@/,66666@10.0.0.2/"_netconsole;
#else
constexpr auto t = "@/,6666@10.0.0.2/"_netconsole;
#endif
static_assert(t.remote_port == netcon::port{6666});
