// SPDX-License-Identifier: MIT
#include <netcon/output/origin.hpp>

#include <netcon/output.hpp>
#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace netcon;

TEST_CASE("each kind of line names the host, and keeps the address") {
  const endpoint sender{ipv4_address{10, 0, 0, 5}, port{6665}};
  const auto record = decode("3,1,2,-;x\n").value();
  const auto line_of = [&](auto lines, const origin& at, const auto& event) {
    std::string out;
    lines.append(out, at, event);
    return out;
  };
  const origin known{{}, "web17"};
  const event::record event{sender, record};
  CHECK(line_of(human_lines{false}, known, event) ==
        "1970-01-01 00:00:00.000 web17@10.0.0.5:6665 err     [    0.000002] x\n");
  CHECK(line_of(brief_lines{false}, known, event) == "00:00:00 web17 err     x\n");
  CHECK(
      line_of(json_lines{}, known, event)
          .starts_with(
              R"({"event":"record","time":"1970-01-01T00:00:00.000000Z","sender":"10.0.0.5","sender_port":6665,"host":"web17",)"));
  CHECK(line_of(json_lines{}, {}, event).find("host") == std::string::npos);
  CHECK(line_of(syslog_lines{}, known, event) ==
        "<3>1 1970-01-01T00:00:00.000000Z web17 kernel - - "
        "[netconsole@32473 seq=\"1\" usec=\"2\" sender=\"10.0.0.5\"] x\n");
  CHECK(line_of(syslog_lines{}, known, event::basic{sender, "x"}) ==
        "<5>1 1970-01-01T00:00:00.000000Z web17 kernel - - [netconsole@32473 sender=\"10.0.0.5\"] x\n");
  CHECK(line_of(journal_entries{}, known, event)
            .find("\nNETCONSOLE_HOST=web17\nNETCONSOLE_SENDER=10.0.0.5\n") != std::string::npos);
}
