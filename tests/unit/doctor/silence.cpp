// SPDX-License-Identifier: MIT
#include <netcon/doctor/silence.hpp>

#include "support/catch.hpp"

#include <vector>

namespace netcon::doctor {
namespace {

using enum severity;
using checks = std::vector<check>;

checks explained_by(const std::vector<finding>& found) {
  checks codes;
  for (const auto& one : explain_silence(found)) codes.push_back(one.code);
  return codes;
}

}  // namespace

TEST_CASE("what is about the next boot, a crash or a second copy explains no silence") {
  for (const auto& row : check_table) {
    INFO(row.name);
    const bool is_other = row.what == check::next_boot || row.what == check::hidden_target ||
                          row.what == check::duplicate || row.what == check::boot_level ||
                          row.what == check::panic || row.what == check::crash_kernel;
    CHECK(explained_by({{row.what, bad, {}, {}, {}}}) == (is_other ? checks{} : checks{row.what}));
    const bool is_mac = row.what == check::remote_mac;
    CHECK(explained_by({{row.what, ok, {}, {}, {}}, {row.what, unknown, {}, {}, {}}}) ==
          (is_mac ? checks{check::remote_mac} : checks{}));
  }
}

TEST_CASE("what is bad comes before warnings") {
  CHECK(explained_by({{check::remote_mac, bad, {}, {}, {}}, {check::receiver, bad, {}, {}, {}}}) ==
        checks{check::receiver, check::remote_mac});
  CHECK(explained_by({{check::format, warning, {}, {}, {}},
                      {check::remote_mac, bad, {}, {}, {}},
                      {check::console_level, bad, {}, {}, {}}}) ==
        checks{check::remote_mac, check::console_level, check::format});
}

TEST_CASE("a load that went wrong explains it only where nothing else does") {
  const finding parameter{check::parameter, bad, {}, {}, {}}, log{check::log, bad, {}, {}, {}},
      target{check::target, bad, {}, {}, {}}, mac{check::remote_mac, bad, {}, {}, {}};
  CHECK(explained_by({parameter, log}) == checks{check::parameter, check::log});
  CHECK(explained_by({parameter, log, mac}) == checks{check::remote_mac});
  const finding module{check::module, bad, {}, {}, {}};
  CHECK(explained_by({module, parameter, log}) == checks{check::parameter, check::log, check::module});
  CHECK(explained_by({parameter, log, target}) == checks{check::parameter, check::log, check::target});
}

}  // namespace netcon::doctor
