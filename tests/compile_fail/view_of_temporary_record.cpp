// expect: deleted
// SPDX-License-Identifier: MIT
#include <netcon/wire/record.hpp>

bool is_extended(const netcon::record_view& seen) {
#ifdef MUST_NOT_BUILD
  const auto view = netcon::record{seen}.view();
#else
  const netcon::record kept{seen};
  const auto view = kept.view();
#endif
  return view.is_extended();
}
