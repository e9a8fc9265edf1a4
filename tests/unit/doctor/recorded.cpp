// The facts that `netcon doctor --facts` recorded in booted guests, one file for each dead set-up
// (tests/kernel/doctor.py makes them), and what diagnose() has to say about each.
#include <netcon/doctor/diagnose.hpp>
#include <netcon/doctor/facts_text.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::doctor {
namespace {

using expected = std::vector<std::pair<check, severity>>;

/// What each state is, by the name of its file.
const std::map<std::string, expected>& states(bool threaded) {
  using enum severity;
  static const auto make = [](bool is_threaded) {
    return std::map<std::string, expected>{
        {"working", {{check::enabled, ok}, {check::remote_mac, ok}, {check::link, ok}, {check::console, ok}}},
        {"wrong_mac", {{check::remote_mac, bad}, {check::enabled, ok}}},
        {"broadcast", {{check::remote_mac, warning}}},
        {"disabled", {{check::enabled, bad}}},
        {"no_device", {{check::device, bad}, {check::enabled, bad}, {check::log, bad}}},
        {"console_level", {{check::console_level, bad}}},
        {"oops_only", {{check::oops_only, bad}, {check::enabled, ok}}},
        {"device_down", {{check::link, bad}, {check::enabled, ok}}},
        {"no_carrier", {{check::link, bad}, {check::enabled, ok}, {check::source, ok}}},
        {"refused",
         {{check::receiver, bad}, {check::enabled, ok}, {check::remote_mac, ok}, {check::link, ok}}},
        {"tunnel", {{check::netpoll, bad}}},
        {"source_gone", {{check::source, bad}}},
        {"panic", {{check::panic, is_threaded ? bad : ok}}},
        {"enslaved", {{check::enabled, bad}, {check::master, bad}, {check::log, bad}}},
        {"bonded", {{check::enabled, bad}, {check::master, bad}, {check::log, bad}}},
        {"device_gone", {{check::enabled, bad}, {check::device, bad}, {check::log, bad}}},
        {"duplicate", {{check::duplicate, bad}}},
        {"syslog_port", {{check::format, warning}}},
        {"no_target", {{check::target, bad}, {check::module, ok}}},
        {"not_loaded", {{check::module, bad}}},
        {"no_configfs", {{check::dynamic, bad}, {check::module, ok}}},
        {"hidden", {{check::hidden_target, warning}, {check::duplicate, bad}}},
        {"bad_parameter", {{check::parameter, bad}, {check::log, bad}}},
        {"hidden_alone", {{check::hidden_target, warning}, {check::target, ok}}},
        {"crash_kernel",
         {is_threaded ? std::pair{check::crash_kernel, warning} : std::pair{check::panic, ok}}},
        {"ready", {{check::next_boot, ok}, {check::boot_level, ok}}},
        {"quiet", {{check::console_level, bad}, {check::boot_level, warning}}},
        {"ignore_loglevel", {{check::console_level, ok}, {check::boot_level, ok}}},
        {"through_a_router", {{check::remote_mac, ok}, {check::route, ok}}},
        {"wrong_router", {{check::remote_mac, bad}}},
        {"broadcast_to_a_router", {{check::remote_mac, bad}}},
        {"receiver_off", {{check::remote_mac, unknown}}},
        {"prohibited", {{check::receiver, bad}, {check::remote_mac, ok}}},
        {"unit_not_enabled", {{check::next_boot, warning}}},
        {"loaded_without_target", {{check::next_boot, warning}}},
        {"written_down", {{check::next_boot, ok}, {check::parameter, ok}}},
        {"nothing_loads_it", {{check::next_boot, warning}, {check::parameter, ok}}},
        {"blacklisted", {{check::next_boot, warning}}},
        {"wireless_alone", {{check::netpoll, warning}, {check::link, bad}, {check::enabled, ok}}},
        {"wireless", {{check::netpoll, warning}, {check::link, ok}, {check::enabled, ok}}},
        {"over_ipv6", {{check::enabled, ok}, {check::source, ok}, {check::remote_mac, bad}}},
    };
  };
  static const auto before_7 = make(false), since_7 = make(true);
  return threaded ? since_7 : before_7;
}

severity worst_of(const std::vector<finding>& found, check code) {
  auto most = severity::ok;
  for (const auto& one : found)
    if (one.code == code) most = std::max(most, one.severity);
  return most;
}

bool has(const std::vector<finding>& found, check code) {
  return std::ranges::find(found, code, &finding::code) != found.end();
}

}  // namespace

TEST_CASE("each dead set-up that was recorded is found") {
  std::size_t kernels = 0;
  for (const auto& folder : std::filesystem::directory_iterator{TEST_DATA_DIR "/doctor"}) {
    if (!folder.is_directory()) continue;
    ++kernels;
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator{folder.path()}) {
      INFO(file.path().string());
      const auto text = test::contents(file.path());
      const auto known = parse_facts(text);
      REQUIRE(known);
      CHECK(to_text(*known) == text);
      REQUIRE(known->kernel.version);
      const bool threaded = kernel_profile{*known->kernel.version}.supports(feature::threaded_console);
      const auto& all = states(threaded);
      const auto state = all.find(file.path().stem().string());
      REQUIRE(state != all.end());
      ++count;
      const auto found = diagnose(*known);
      auto wanted = severity::ok;
      for (const auto& [code, how] : state->second) {
        INFO(name(code));
        CHECK(has(found, code));
        CHECK(worst_of(found, code) == how);
        wanted = std::max(wanted, how);
        // What is bad comes with a command.
        for (const auto& one : found) CHECK((one.severity != severity::bad || !one.remedy.empty()));
      }
      CHECK((worst(found) == severity::bad) == (wanted == severity::bad));
    }
    CHECK(count == states(false).size());
  }
  CHECK(kernels == 2);
}

}  // namespace netcon::doctor
