// SPDX-License-Identifier: MIT
#include "listen/event_lines.hpp"

#include "support/catch.hpp"

#include <netcon/core/endpoint.hpp>

#include <string>

using tool::output_format;

namespace {

const netcon::endpoint behind_interface{
    .address = *netcon::ip_address::parse("fe80::1"), .port = netcon::port{6665}, .scope = 4};

template <class Event>
std::string line_of(output_format format, const Event& event) {
  std::string out;
  tool::event_lines{format, false}.append(out, {}, event);
  return out;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("the zone of a sender is in its crashes as in its records") {
  netcon::crash::report report;
  report.title = "WARNING in foo";
  const tool::counted_crash crash{behind_interface, "web17", report};
  const tool::crash_begun begun{behind_interface, {}, "WARNING in foo"};
  const std::string member = R"("sender":"fe80::1%4","sender_port":6665,)";
  CHECK(contains(line_of(output_format::json, crash), member));
  CHECK(contains(line_of(output_format::json, begun), member));
  CHECK(contains(line_of(output_format::syslog, crash), " fe80::1%4 netcon - - - web17 crashed: "));
  CHECK(contains(line_of(output_format::full, crash), " [fe80::1%4]:6665 * web17 crashed: "));
}
