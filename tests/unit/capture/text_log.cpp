// SPDX-License-Identifier: MIT
// Lines of every form that logs have, and what is left of them.
#include <netcon/capture/text_log.hpp>
#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct kept {
  std::string text, host, caller, userdata;
  bool is_packet = false, from_kernel = true, whole = true;
  std::uint64_t dropped = 0;
  std::optional<std::int64_t> time_us;
  std::optional<std::uint64_t> timestamp_us, sequence;
  std::optional<std::uint16_t> priority;
};

struct keeper {
  std::vector<kept> lines;
  void operator()(const netcon::log_line& one) {
    kept out{std::string{one.text},
             std::string{one.host},
             std::string{one.caller},
             std::string{one.userdata},
             one.is_packet,
             one.from_kernel,
             one.whole,
             one.dropped,
             std::nullopt,
             one.timestamp_us,
             one.sequence,
             one.priority};
    if (one.time) out.time_us = one.time->time_since_epoch().count();
    lines.push_back(std::move(out));
  }
};

std::vector<kept> read(std::string_view text, std::size_t piece = std::string_view::npos,
                       netcon::text_log_options options = {.year = 2026}) {
  keeper out;
  netcon::text_log log{options};
  for (std::size_t at = 0; at < text.size();) {
    const auto part = text.substr(at, piece);
    log.push(part, out);
    at += part.size();
  }
  log.finish(out);
  return out.lines;
}

constexpr std::int64_t nov28 = 1795851632000000;  // 2026-11-28T07:40:32Z
constexpr std::int64_t day = 86400ll * 1000000;

}  // namespace

TEST_CASE("each host of a log has an address of its own") {
  static_assert(netcon::address_of_host(1) == netcon::endpoint{netcon::ipv4_address{0, 0, 0, 1}, {}});
  static_assert(netcon::address_of_host(0xc0a80105) ==
                netcon::endpoint{netcon::ipv4_address{192, 168, 1, 5}, {}});
  static_assert(netcon::address_of_host(std::uint64_t{1} << 32 | 1) == netcon::address_of_host(1));
}

TEST_CASE("a time that is not believed is none") {
  CHECK(read("2255-03-14T07:40:32Z web17 kernel: foo").at(0).time_us == 8999970032000000);
  for (const std::string_view stamp :
       {"4026-11-28T07:40:32Z", "2256-01-01T00:00:00Z", "1969-12-29T00:00:00Z"}) {
    const auto line = std::string{stamp} + " web17 kernel: foo";
    CHECK(read(line).at(0).text == line);
    CHECK_FALSE(read(line).at(0).time_us);
  }
  // A clock that was not set, east of Greenwich.
  CHECK(read("1970-01-01T00:30:00+01:00 web17 kernel: foo").at(0).time_us == -1800000000);
  for (const std::string_view number : {"9000000000000001", "4611686018427387903", "18446744073709551615"}) {
    CHECK_FALSE(
        read("{\"__REALTIME_TIMESTAMP\":\"" + std::string{number} + "\",\"MESSAGE\":\"foo\"}").at(0).time_us);
    CHECK_FALSE(read("__REALTIME_TIMESTAMP=" + std::string{number} + "\nMESSAGE=foo\n\n").at(0).time_us);
  }
  const auto clock = [](std::string_view uptime, std::string_view seconds) {
    return read("[" + std::string{uptime} +
                ".000000] rtc: setting system clock to 2026-11-28T07:40:32 UTC (" + std::string{seconds} +
                ")\n[" + std::string{uptime} + ".500000] foo\n")
        .at(1)
        .time_us;
  };
  CHECK(clock("1", "1795851632") == nov28 + 500000);
  CHECK_FALSE(clock("1", "9000000000"));
  CHECK_FALSE(clock("1", "18446744073709"));
  CHECK_FALSE(clock("9223372036854", "1795851632"));
}

TEST_CASE("stamps are taken off, whatever wrote them") {
  struct row {
    std::string_view line, text, host;
    std::optional<std::int64_t> time_us;
    std::optional<std::uint64_t> timestamp_us;
    std::string_view caller = "";
    std::optional<std::uint16_t> priority = std::nullopt;
  };
  const row rows[] = {
      {"foo: bar", "foo: bar", "", {}, {}},
      {"[    1.500000] foo: bar", "foo: bar", "", {}, 1500000},
      {"[    1.500000]  foo+0x1/0x2", " foo+0x1/0x2", "", {}, 1500000},
      {"[    1.500000,0] foo: bar", "foo: bar", "", {}, 1500000},
      {"[ 1.5][T1] foo: bar", "foo: bar", "", {}, 1500000, "T1"},
      {"[  123.456789][   T17] foo: bar", "foo: bar", "", {}, 123456789, "T17"},
      {"[  123.456789][    C0]  foo", " foo", "", {}, 123456789, "C0"},
      {"<4>[    1.500000] foo: bar", "foo: bar", "", {}, 1500000, "", 4},
      {"<4>foo: bar\r", "foo: bar", "", {}, {}, "", 4},
      {"kern  :warn  : [    1.500000] foo: bar", "foo: bar", "", {}, 1500000, "", 4},
      {"[Sat Nov 28 07:40:32 2026] foo: bar", "foo: bar", "", nov28, {}},
      // "log -T" of crash
      {"[Sat Nov 28 07:40:32 UTC 2026] foo: bar", "foo: bar", "", nov28, {}},
      {"[Sat Nov 28 07:40:32 PST 2026]  foo+0x1/0x2", " foo+0x1/0x2", "", nov28, {}},
      {"[Sat Nov 28 07:40:32 foo 2026] bar", "[Sat Nov 28 07:40:32 foo 2026] bar", "", {}, {}},
      // dmesg of util-linux 2.41 shows callers; -x, -T, -d, -H, --time-format iso
      {"[    1.500000] [      T7]  foo+0x1/0x2", " foo+0x1/0x2", "", {}, 1500000, "T7"},
      {"kern  :warn  : [    1.500000] [     C15] foo: bar", "foo: bar", "", {}, 1500000, "C15", 4},
      {"[Sat Nov 28 07:40:32 2026] [      T7]  foo", " foo", "", nov28, {}, "T7"},
      {"[    1.500000 <    0.000004>] foo: bar", "foo: bar", "", {}, 1500000},
      {"[Sat Nov 28 07:40:32 2026 <    0.000004>] foo: bar", "foo: bar", "", nov28, {}},
      {"[  +0.000004]  foo+0x1/0x2", " foo+0x1/0x2", "", {}, {}},
      {"[  +0.000004] [      T7] foo", "foo", "", {}, {}, "T7"},
      // dmesg -T in other languages, in one whose months are not known
      {"[Sa Nov 28 07:40:32 2026]  foo+0x1/0x2", " foo+0x1/0x2", "", nov28, {}},
      {"[sam. nov. 28 07:40:32 2026] [      T7] foo", "foo", "", nov28, {}, "T7"},
      {"[土 11月 28 07:40:32 2026 <    0.000004>] foo", "foo", "", nov28, {}},
      {"[sub lis 28 07:40:32 2026] foo", "foo", "", {}, {}},
      {"[Sa Nov 28 07:40:32] foo", "[Sa Nov 28 07:40:32] foo", "", {}, {}},
      {"[drm] foo 28 07:40:32 2026] bar", "[drm] foo 28 07:40:32 2026] bar", "", {}, {}},
      // minicom, PuTTY, tio
      {"[2026-11-28 07:40:32] foo: bar", "foo: bar", "", nov28, {}},
      {"[2026-11-28 07:40:32.250] [    1.500000]  foo", " foo", "", nov28 + 250000, 1500000},
      {"[2026/11/28, 07:40:32.250]  foo+0x1/0x2", " foo+0x1/0x2", "", nov28 + 250000, {}},
      {"[07:40:32.250] [    1.500000] foo", "foo", "", {}, 1500000},
      {"[07:40:32.250] foo", "foo", "", {}, {}},
      // Jenkins
      {"07:40:32 [    1.500000]  foo", " foo", "", {}, 1500000},
      {"07:40:32.250 [ 1.500000] foo", "foo", "", {}, 1500000},
      {"07:40:32 <4>[    1.500000] foo", "foo", "", {}, 1500000, "", 4},
      {"07:40:32 foo [12]", "07:40:32 foo [12]", "", {}, {}},
      {"[2026-11-28 07:40] foo", "[2026-11-28 07:40] foo", "", {}, {}},
      {"[2026-13-28 07:40:32] foo", "[2026-13-28 07:40:32] foo", "", {}, {}},
      {"[12] foo", "[12] foo", "", {}, {}},
      {"[Nov28 07:40] foo: bar", "foo: bar", "", nov28 - 32ll * 1000000, {}},
      {"2026-11-28T07:40:32,250000+00:00 [      T7]  foo", " foo", "", nov28 + 250000, {}, "T7"},
      {"2026-11-28T07:40:32,250000+00:00 Call Trace:", "Call Trace:", "", nov28 + 250000, {}},
      {"2026-11-28T08:40:32,250000+01:00  foo+0x1/0x2", " foo+0x1/0x2", "", nov28 + 250000, {}},
      {"2026-11-28T07:40:32,250000+00:00 usb 1-1: foo", "usb 1-1: foo", "", nov28 + 250000, {}},
      {"kern  :warn  : 2026-11-28T07:40:32,250000+00:00 Call Trace:",
       "Call Trace:",
       "",
       nov28 + 250000,
       {},
       "",
       4},
      {"kern  :err   : 2026-11-28T07:40:32,250000+00:00 [      T7]  foo",
       " foo",
       "",
       nov28 + 250000,
       {},
       "T7",
       3},
      // kubectl logs --timestamps, docker logs -t, the files of container runtimes
      {"2026-11-28T07:40:32.250000000Z Call Trace:", "Call Trace:", "", nov28 + 250000, {}},
      {"2026-11-28T07:40:32.250000000Z  foo+0x1/0x2", " foo+0x1/0x2", "", nov28 + 250000, {}},
      {"2026-11-28T07:40:32.250000000Z web17 rcu: INFO: foo", "web17 rcu: INFO: foo", "", nov28 + 250000, {}},
      {"2026-11-28T08:40:32.250000000+01:00 [    1.500000] foo", "foo", "", nov28 + 250000, 1500000},
      {"2026-11-28T07:40:32.250000000Z stdout F  foo+0x1/0x2", " foo+0x1/0x2", "", nov28 + 250000, {}},
      {"2026-11-28T07:40:32.250000000Z web17 kernel: foo", "foo", "web17", nov28 + 250000, {}},
      // ts
      {"Nov 28 07:40:32 Call Trace:", "Call Trace:", "", nov28, {}},
      {"Nov 28 07:40:32  foo+0x1/0x2", " foo+0x1/0x2", "", nov28, {}},
      {"Nov 28 07:40:32  <TASK>", " <TASK>", "", nov28, {}},
      {"Nov 28 07:40:32 foo+0x1/0x2 bar: foo", "foo+0x1/0x2 bar: foo", "", nov28, {}},
      {"Nov 28 07:40:32 </TASK> bar: foo", "</TASK> bar: foo", "", nov28, {}},
      {"Nov 28 07:40:32 usb 1-1: foo", "usb 1-1: foo", "", nov28, {}},
      {"Nov 28 07:40:32 Internal error: Oops: 5", "Internal error: Oops: 5", "", nov28, {}},
      {"Nov 28 07:40:32 (none) kernel: foo", "foo", "(none)", nov28, {}},
      {"Nov 28 07:40:32 (none) [    1.500000] foo", "foo", "(none)", nov28, 1500000},
      {"Nov 28 07:40:32 fd00::1 BUG: foo", "BUG: foo", "fd00::1", nov28, {}},
      // a kernel with callers and without times
      {"[      T7]  foo", " foo", "", {}, {}, "T7"},
      {"<4>[    T7] foo", "foo", "", {}, {}, "T7", 4},
      {"Nov 28 07:40:32 web17 kernel: [T7] [C1] foo", "[C1] foo", "web17", nov28, {}, "T7"},
      {"Nov 28 07:40:32 web17 kernel: [    1.500000] foo: bar", "foo: bar", "web17", nov28, 1500000},
      {"Nov 28 07:40:32 web17 kernel: foo: bar", "foo: bar", "web17", nov28, {}},
      {"Nov  8 07:40:32 web17 kernel: foo", "foo", "web17", nov28 - 20ll * 86400 * 1000000, {}},
      {"Nov 28 07:40:32 10.0.0.7 [    1.500000] foo: bar", "foo: bar", "10.0.0.7", nov28, 1500000},
      {"Nov 28 07:40:32 web17 BUG: foo", "BUG: foo", "web17", nov28, {}},
      {"Nov 28 07:40:32 web17 rcu: INFO: foo", "rcu: INFO: foo", "web17", nov28, {}},
      {"2026-11-28T07:40:32.250000+00:00 web17 kernel: foo: bar", "foo: bar", "web17", nov28 + 250000, {}},
      {"2026-11-28T08:40:32+01:00 web17 kernel: <3>[    1.500000] foo", "foo", "web17", nov28, 1500000, "",
       3},
      {"2026-11-28 07:40:32.132 127.0.0.1:58455 emerg   [    4.015934] foo: bar", "foo: bar",
       "127.0.0.1:58455", nov28 + 132000, 4015934, "", 0},
      {"2026-11-28 07:40:32.132 [fd00::1]:514 warning [    4.015934] [  T12] foo", "foo", "[fd00::1]:514",
       nov28 + 132000, 4015934, "T12", 4},
      {"2026-11-28 07:40:32.132 10.0.0.7:514 -       [    1.500000] foo", "foo", "10.0.0.7:514",
       nov28 + 132000, 1500000},
      {"2026/11/28 07:40:32 BUG: memory leak", "BUG: memory leak", "", nov28, {}},
      {"2026/11/28 07:40:32 WARNING: CPU: 3 PID: 1", "WARNING: CPU: 3 PID: 1", "", nov28, {}},
      {"<4>1 2026-11-28T07:40:32Z web17 kernel - - - [    1.500000] foo", "foo", "web17", nov28, 1500000, "",
       4},
      {R"(<4>1 2026-11-28T07:40:32.5Z web17 - - - [a@1 b="c"] foo)",
       "foo",
       "web17",
       nov28 + 500000,
       {},
       "",
       4},
      // journalctl -o short-monotonic, short-delta, short-unix, short-full and with-unit
      {"[    1.500000] web17 kernel: foo: bar", "foo: bar", "web17", {}, 1500000},
      {"[    1.500000] web17 kernel:  foo+0x1/0x2", " foo+0x1/0x2", "web17", {}, 1500000},
      {"[ 1235.000000] web17 kernel: [    1.500000][    T7]  foo", " foo", "web17", {}, 1500000, "T7"},
      {"[    1.500000 <    0.000004 >] web17 kernel: foo", "foo", "web17", {}, 1500000},
      {"[    1.500000 <    0.000004*>] web17 kernel: foo", "foo", "web17", {}, 1500000},
      {"[    1.500000                ] web17 kernel: foo", "foo", "web17", {}, 1500000},
      {"1795851632.250000 web17 kernel:  foo", " foo", "web17", nov28 + 250000, {}},
      {"1795851632.250000 usb 1-1: foo", "usb 1-1: foo", "", nov28 + 250000, {}},
      {"Sat 2026-11-28 07:40:32 UTC web17 kernel: foo", "foo", "web17", nov28, {}},
      {"[    1.500000] web17 kernel[n/a]: foo", "foo", "web17", {}, 1500000},
      {"Sat 2026-11-28 07:40:32 UTC web17 kernel[n/a]: foo", "foo", "web17", nov28, {}},
      {"Sat 2026-11-28 07:40:32 UTC kernel: foo", "foo", "", nov28, {}},
      {"Sat 2026-11-28 07:40:32 CET web17 kernel: foo", "foo", "web17", nov28, {}},
      {"Sat 2026-11-28 08:40:32 +01 web17 kernel: foo", "foo", "web17", nov28, {}},
      {"Sat 2026-11-28 04:10:32 -0330 web17 kernel: foo", "foo", "web17", nov28, {}},
      // the same with --no-hostname
      {"[    1.500000] kernel: foo: bar", "foo: bar", "", {}, 1500000},
      {"[    1.500000] kernel:  foo+0x1/0x2", " foo+0x1/0x2", "", {}, 1500000},
      {"[    1.500000] kernel[n/a]: foo", "foo", "", {}, 1500000},
      {"[ 1235.000000] kernel: [    1.500000][    T7]  foo", " foo", "", {}, 1500000, "T7"},
      {"[    1.500000 <    0.000004 >] kernel: foo", "foo", "", {}, 1500000},
      {"1795851632.250000 kernel:  foo", " foo", "", nov28 + 250000, {}},
      {"[    1.500000] kernel:foo", "kernel:foo", "", {}, 1500000},
      // the kernel's own text behind its time is no source
      {"[    1.500000] usb 1-1: new device", "usb 1-1: new device", "", {}, 1500000},
      {"[    1.500000] traps: foo[12] general protection",
       "traps: foo[12] general protection",
       "",
       {},
       1500000},
      {"[    1.500000] traps: foo[12]: bar", "traps: foo[12]: bar", "", {}, 1500000},
      {"[    1.500000] printk: kernel: foo", "printk: kernel: foo", "", {}, 1500000},
      {"[    1.500000] a+b kernel: foo", "a+b kernel: foo", "", {}, 1500000},
      {"[    1.500000] foo bar[1a]: foo", "foo bar[1a]: foo", "", {}, 1500000},
      {"[    1.500000] foo netconsole: bar", "foo netconsole: bar", "", {}, 1500000},
      // other languages
      {"Dez 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28 + 30 * day, {}},
      {"Mär 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28 - 245 * day, {}},
      {"sty 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28 - 304 * day, {}},
      {"janv. 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28 - 304 * day, {}},
      {"nov. 28 07:40:32.250000 web17 kernel: foo", "foo", "web17", nov28 + 250000, {}},
      {"янв 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28 - 304 * day, {}},
      {"11月 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28, {}},
      {" 1月 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28 - 304 * day, {}},
      {"marras 28 07:40:32 web17 kernel: [    1.500000]  foo", " foo", "web17", nov28, 1500000},
      {"lis 28 07:40:32 web17 kernel: foo", "foo", "web17", {}, {}},
      {"Kas 28 07:40:32 web17 kernel: foo", "foo", "web17", {}, {}},
      {"Dez 28 07:40:32 web17 foo: bar", "Dez 28 07:40:32 web17 foo: bar", "", {}, {}},
      {"Kas 32 07:40:32 web17 kernel: foo", "Kas 32 07:40:32 web17 kernel: foo", "", {}, {}},
      {"févr. 30 07:40:32 web17 kernel: foo", "févr. 30 07:40:32 web17 kernel: foo", "", {}, {}},
      {"Dez 32 07:40:32 web17 kernel: foo", "Dez 32 07:40:32 web17 kernel: foo", "", {}, {}},
      // ChromeOS, busybox
      {"2026-11-28T00:40:32.250000-07:00 WARNING kernel: [    1.500000] foo", "foo", "", nov28 + 250000,
       1500000, "", 4},
      {"2026-11-28T07:40:32.250000Z ERR kernel: [    1.500000] foo", "foo", "", nov28 + 250000, 1500000, "",
       3},
      {"Nov 28 07:40:32 web17 kern.warn kernel: foo", "foo", "web17", nov28, {}, "", 4},
      {"Nov 28 07:40:32 web17 user.warn kernel: [    1.500000] foo", "foo", "web17", nov28, 1500000, "", 4},
      {"Nov 28 07:40:32 kern.err kernel: foo", "foo", "", nov28, {}, "", 3},
      // logread of OpenWrt, also with -t
      {"Sat Nov 28 07:40:32 2026 kern.warn kernel: [    1.500000]  foo", " foo", "", nov28, 1500000, "", 4},
      {"Sat Nov 28 07:40:32 2026 [1795851632.250] kern.warn kernel: foo", "foo", "", nov28, {}, "", 4},
      {"Sat Nov 31 07:40:32 2026 foo", "Sat Nov 31 07:40:32 2026 foo", "", {}, {}},
      {"Sat Nov 28 07:40:32 26 foo bar", "Sat Nov 28 07:40:32 26 foo bar", "", {}, {}},
      // the files of Docker
      {R"({"log":"[    1.500000]  foo\n","stream":"stdout","time":"2026-11-28T07:40:32.250000Z"})", " foo",
       "", nov28 + 250000, 1500000},
      {R"({"log":"<4>foo\r\n","stream":"stdout","time":"2026-11-28T07:40:32Z"})",
       "foo",
       "",
       nov28,
       {},
       "",
       4},
      // programs that ship logs: what a kernel wrote, by a stamp, a tag or a name
      {R"({"date":1795851632.25,"_TRANSPORT":"kernel","_HOSTNAME":"web17","MESSAGE":" foo"})",
       " foo",
       "web17",
       nov28 + 250000,
       {}},
      {R"({"priority":4,"sequence":7,"sec":1,"usec":500000,"msg":" foo"})", " foo", "", {}, 1500000, "", 4},
      {R"({"_TRANSPORT":"kernel","PRIORITY":"4","host":"web17","message":" foo","timestamp":"2026-11-28T07:40:32Z"})",
       " foo",
       "web17",
       nov28,
       {},
       "",
       4},
      {R"({"version":"1.1","host":"web17","short_message":" foo","timestamp":1795851632,"level":4,"_facility":"kernel"})",
       " foo",
       "web17",
       nov28,
       {},
       "",
       4},
      {R"({"message":"[    1.500000] \"foo\"","log":{"file":{"path":"/a"},"offset":7},"host":{"name":"web17"}})",
       "\"foo\"",
       "web17",
       {},
       1500000},
      {R"({"@timestamp":"2026-11-28T07:40:33Z","message":"Nov 28 07:40:32 web17 kernel: foo","log":{"offset":7}})",
       "foo",
       "web17",
       nov28,
       {}},
      {R"({"_source":{"@timestamp":"2026-11-28T07:40:32Z","process":{"name":"kernel"},"message":"foo"}})",
       "foo",
       "",
       nov28,
       {}},
      {R"({"labels":{"host":"a"},"line":"[    1.500000] foo","timestamp":"2026-11-28T07:40:32Z"})", "foo", "",
       nov28, 1500000},
      {R"({"message":"kernel:  foo","host":"web17"})", " foo", "web17", {}, {}},
      {R"({"message":"web17 kernel: [    1.500000] foo","source":"web17"})", "foo", "web17", {}, 1500000},
      // the file that has the line is no host
      {R"({"result":{"source":"/var/log/kern.log","host":"web17","_raw":"[    1.500000] foo"}})",
       "foo",
       "web17",
       {},
       1500000},
      {R"({"source":"/var/log/kern.log","message":"[    1.500000] foo"})", "foo", "", {}, 1500000},
      {R"({"source":"web18","host":"web17","message":"[    1.500000] foo"})", "foo", "web17", {}, 1500000},
      // what other programs wrote is theirs
      {R"({"message":"kernel: foo","session":"a"})",
       R"({"message":"kernel: foo","session":"a"})",
       "",
       {},
       {}},
      {R"({"event":"foo","level":"info"})", R"({"event":"foo","level":"info"})", "", {}, {}},
      {R"({"event":"foo","message":"[    1.500000] bar"})", "bar", "", {}, 1500000},
      {R"({"level":"error","msg":"BUG: foo"})", R"({"level":"error","msg":"BUG: foo"})", "", {}, {}},
      {R"({"Action":"output","Output":"BUG: foo\n"})",
       R"({"Action":"output","Output":"BUG: foo\n"})",
       "",
       {},
       {}},
      {R"({"message":"foo","log":{"offset":7}})", R"({"message":"foo","log":{"offset":7}})", "", {}, {}},
      {"{", "{", "", {}, {}},
      // an element or a member on a line of its own
      {R"(    "[    1.500000] foo",)", "foo", "", {}, 1500000},
      {R"("a": "[    1.500000] foo")", "foo", "", {}, 1500000},
      {R"(  "foo": "BUG: bar",)", R"(  "foo": "BUG: bar",)", "", {}, {}},
      {R"("echo 0 > /proc/sys/kernel" disables)", R"("echo 0 > /proc/sys/kernel" disables)", "", {}, {}},
      // colours: dmesg --color=always, systemd on a console
      {"\x1b[32m[    1.500000] \x1b[0m\x1b[33mfoo\x1b[0m: \x1b[0;1;31mbar\x1b[0m",
       "foo: bar",
       "",
       {},
       1500000},
      {"[\x1b[0;32m  OK  \x1b[0m] foo", "[  OK  ] foo", "", {}, {}},
      {"\x1b]0;title\a\x1b]8;;x\x1b\\\x1b(B\x1b=foo\x1b[", "foo", "", {}, {}},
      // walls, and a file that begins within a stamp
      {"kernel:[    1.500000] foo", "foo", "", {}, 1500000},
      {"kernel: foo", "foo", "", {}, {}},
      {" kernel:unregister_netdevice: waiting for lo", "unregister_netdevice: waiting for lo", "", {}, {}},
      {"407819.286867] BUG: foo", "BUG: foo", "", {}, {}},
      {"  19.286867][   T12]  foo", " foo", "", {}, {}, "T12"},
      // indents and quotes
      {" Nov 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28, {}},
      {"\t  [    1.500000]  foo", " foo", "", {}, 1500000},
      {"  <4>foo", "foo", "", {}, {}, "", 4},
      {" foo+0x1/0x2", " foo+0x1/0x2", "", {}, {}},
      {" [<ffffffff81000000>] foo+0x1/0x2", " [<ffffffff81000000>] foo+0x1/0x2", "", {}, {}},
      {"> [    1.500000]  foo", " foo", "", {}, 1500000},
      {">>  [    1.500000] foo", "foo", "", {}, 1500000},
      {">[    1.500000] foo", "foo", "", {}, 1500000},
      {"| > Nov 28 07:40:32 web17 kernel: foo", "foo", "web17", nov28, {}},
      {">  foo+0x1/0x2", " foo+0x1/0x2", "", {}, {}},
      {">ffff888003c1a000: fb fb", ">ffff888003c1a000: fb fb", "", {}, {}},
      {"Nov 31 07:40:32 web17 kernel: foo", "Nov 31 07:40:32 web17 kernel: foo", "", {}, {}},
      {"2026-13-28T07:40:32Z foo", "2026-13-28T07:40:32Z foo", "", {}, {}},
      {"[abc] foo", "[abc] foo", "", {}, {}},
      {"[1.] foo", "[1.] foo", "", {}, {}},
      {"<9999>foo", "<9999>foo", "", {}, {}},
      {R"({"__REALTIME_TIMESTAMP":"1795851632000000","_HOSTNAME":"web17","_TRANSPORT":"kernel","PRIORITY":"4","MESSAGE":"foo \"bar\" \u00e9"})",
       "foo \"bar\" \xc3\xa9",
       "web17",
       nov28,
       {},
       "",
       4},
      {R"({"event":"basic","time":"2026-11-28T07:40:32.000000Z","sender":"10.0.0.7","sender_port":514,"text":"[    1.500000] foo"})",
       "foo", "10.0.0.7:514", nov28, 1500000},
  };
  for (const auto& one : rows) {
    CAPTURE(one.line);
    const auto got = read(one.line);
    REQUIRE(got.size() == 1);
    CHECK(got[0].text == one.text);
    CHECK(got[0].host == one.host);
    CHECK(got[0].time_us == one.time_us);
    CHECK(got[0].timestamp_us == one.timestamp_us);
    CHECK(got[0].caller == one.caller);
    CHECK(got[0].priority == one.priority);
    CHECK(got[0].from_kernel);
    CHECK_FALSE(got[0].is_packet);
  }
}

TEST_CASE("what no host can be shows that a log has none") {
  const auto hosts = [](std::string_view text) {
    std::string out;
    for (const auto& one : read(text)) out += one.host + '|' + one.text + '\n';
    return out;
  };
  const std::string time = "Nov 28 07:40:32 ";
  const std::string odd = time + "BUG: foo\n" + time + " foo\n" + time + "foo+0x1/0x2\n";
  CHECK(hosts(odd + time + "Bluetooth hci0: bar\n") ==
        "|BUG: foo\n| foo\n|foo+0x1/0x2\n|Bluetooth hci0: bar\n");
  // Not by one of them, and not by the address of a link or what syslog-ng puts before a name.
  CHECK(hosts(time + "BUG: foo\n" + time + "web17 rcu: bar\n") == "|BUG: foo\nweb17|rcu: bar\n");
  for (const std::string host : {"fe80::1%eth0", "s_net@web17", "web17/10.0.0.7", "10.0.0.7"}) {
    std::string log, wanted;
    for (int i = 0; i < 4; ++i) log += time + host + " rcu: foo\n", wanted += host + "|rcu: foo\n";
    CHECK(hosts(log + time + "db3 rcu: bar\n") == wanted + "db3|rcu: bar\n");
  }
  // Until a line has one again.
  CHECK(
      hosts("Nov 28 07:40:32 BUG: foo\nNov 28 07:40:32 db3 kernel: foo\nNov 28 07:40:32 web17 rcu: bar\n") ==
      "|BUG: foo\ndb3|foo\nweb17|rcu: bar\n");
  CHECK(hosts("Nov 28 07:40:32 BUG: foo\nNov 28 07:40:32 db3 [    1.500000] foo\n") ==
        "|BUG: foo\ndb3|foo\n");
}

TEST_CASE("a stamp within a line begins a line of its own") {
  const auto got =
      read("reed login: [    1.500000][   T17] foo: bar\n[    2.000000] a [ 1.2] b[12] [    2.500000] c\n");
  REQUIRE(got.size() == 4);
  CHECK(got[0].text == "reed login: ");
  CHECK(got[1].text == "foo: bar");
  CHECK(got[1].timestamp_us == 1500000u);
  CHECK(got[1].caller == "T17");
  CHECK(got[2].text == "a [ 1.2] b[12] ");
  CHECK(got[3].text == "c");
}

TEST_CASE("a time or a tool's name before the stamp of a line is no line") {
  constexpr std::int64_t at = nov28 + 123000;
  struct row {
    std::string_view prefix;
    std::optional<std::int64_t> time_us;
  };
  for (const auto& [prefix, time_us] :
       std::initializer_list<row>{{"07:40:32 ", {}},
                                  {"07:40:32.123456  ", {}},
                                  {"07:40:32\t", {}},
                                  {"07:40:32 <4>", {}},
                                  {"(07:40:32.123) ", {}},
                                  {"[07:40:32:123] ", {}},
                                  {"[2026-11-28 07:40:32 UTC] ", nov28},
                                  {"[2026-11-28_07:40:32.123] ", at},
                                  {"[2026-11-28 07:40.32]  ", nov28},
                                  {"26-11-28 07:40:32 ", {}},
                                  {"2026-11-28 07:40:32.123000: R SERIAL> ", at},
                                  {"2026.11.28 07:40:32.123 [INFO] ", at},
                                  {"20261128 07:40:32.123 - INFO - ", at},
                                  {"2026-11-28T07:40:32.123Z - DEBUG - ", at},
                                  {"[2026-02-31 07:40:32 UTC] ", {}},
                                  {"00: ", {}}}) {
    CAPTURE(prefix);
    const auto got = read(std::string{prefix} + "[    1.500000][   T17]  foo+0x1/0x2\n");
    REQUIRE(got.size() == 1);
    CHECK(got[0].text == " foo+0x1/0x2");
    CHECK(got[0].timestamp_us == 1500000u);
    CHECK(got[0].caller == "T17");
    CHECK(got[0].time_us == time_us);
    CHECK(got[0].host.empty());
  }
  // A name is one where it comes again at once.
  for (const std::string_view prefix : {"web_1  | ", "[ttyS0] ", "2026-11-28 07:40:32.123 console: "}) {
    std::string log;
    for (int i = 0; i < 3; ++i) log.append(prefix).append("[    1.500000] foo\n");
    const auto got = read(log);
    REQUIRE(got.size() == 4);
    for (std::size_t i = 1; i < got.size(); ++i) CHECK(got[i].text == "foo");
  }
}

TEST_CASE("what a program wrote before the stamp of a line stays") {
  const auto texts = [](std::string_view log) {
    std::string out;
    for (const auto& one : read(log)) out += one.text + '|';
    return out;
  };
  CHECK(texts("reed login: [    1.500000] foo\nbar\nreed login: [    2.500000] foo\n") ==
        "reed login: |foo|bar|reed login: |foo|");
  CHECK(texts("[07:40:32.250] READY[    1.500000] foo\n") == "READY|foo|");
  CHECK(texts("07:40:32 up 3 days [    1.500000] foo\n") == "07:40:32 up 3 days |foo|");
  CHECK(texts("2026-11-28 07:40:32 pond is full[    1.500000] foo\n") == "pond is full|foo|");
  CHECK(texts("0: [    1.500000] foo\n00:[    1.500000] foo\n") == "0: |foo|00:|foo|");
  CHECK(texts("[    0.500000] 07:40:32 [    1.500000] foo\n") == "07:40:32 |foo|");
  CHECK(texts("25:40:32 [    1.500000] foo\n2026-11-28 [    1.500000] foo\n") ==
        "25:40:32 |foo|2026-11-28 |foo|");
  CHECK(texts("07:40:32 foo\n") == "07:40:32 foo|");
}

TEST_CASE("the log of LAVA") {
  const auto got = read(
      R"(- {"dt": "2026-11-28T07:40:32.250000", "lvl": "target", "msg": "[    1.500000]  foo \"a\"+0x1/0x2"}
- {"dt": "2026-11-28T07:40:32.250000", "lvl": "info", "msg": "BUG: foo"}
- {"dt": "2026-11-28T07:40:32.250000", "lvl": "results", "msg": {"case": "boot", "result": "pass"}}
- {"dt": "2026-11-28T07:40:32", "lvl": "feedback", "ns": "dut", "msg": "\e[32m[    2.500000] \x1b[0mbar"}
- {"dt": "2026-11-28T07:40:32.250000", "lvl": "target", "msg": "login: [    3.500000] foo"}
- {"name": "foo"}
)",
      7, {.year = 2026, .zone = std::chrono::hours{1}});
  REQUIRE(got.size() == 7);
  CHECK(got[0].text == " foo \"a\"+0x1/0x2");
  CHECK(got[0].timestamp_us == 1500000u);
  CHECK(got[0].time_us == nov28 + 250000);
  CHECK(got[0].from_kernel);
  CHECK(got[1].text == "BUG: foo");
  CHECK_FALSE(got[1].from_kernel);
  CHECK_FALSE(got[2].from_kernel);
  CHECK(got[3].text == "bar");
  CHECK(got[3].from_kernel);
  CHECK(got[3].timestamp_us == 2500000u);
  CHECK(got[4].text == "login: ");
  CHECK(got[5].text == "foo");
  CHECK(got[6].text == R"(- {"name": "foo"})");
}

TEST_CASE("colours within JSON are none of the text") {
  const auto got = read(R"({"log":"\u001b[32m[    1.500000] \u001b[0mfoo\n","stream":"stdout"})");
  REQUIRE(got.size() == 1);
  CHECK(got[0].text == "foo");
  CHECK(got[0].timestamp_us == 1500000u);
}

TEST_CASE("the consoles of clouds are one string of JSON") {
  for (const std::size_t piece : {std::size_t{7}, std::string_view::npos}) {
    const auto got = read(
        "{\n    \"InstanceId\": \"i-0\",\n    \"Output\": \"SeaBIOS\\r\\n[    1.500000] foo "
        "\\\"bar\\\"\\r\\n[    2.500000] baz\\r\\n\"\n}\n[    3.500000] behind\n",
        piece);
    REQUIRE(got.size() == 4);
    CHECK(got[0].text == "SeaBIOS");
    CHECK(got[1].text == "foo \"bar\"");
    CHECK(got[1].timestamp_us == 1500000u);
    CHECK(got[2].text == "baz");
    CHECK(got[3].text == "behind");
  }
}

TEST_CASE("a console that is cut ends with a line that is cut") {
  netcon::text_log_options options;
  options.longest_line = 60;
  keeper out;
  netcon::text_log log{options};
  log.push("\"Output\": \"[    1.500000] foo\\r\\n[    2.500000] bar bar bar bar bar bar bar\"\n", out);
  log.finish(out);
  REQUIRE(out.lines.size() == 2);
  CHECK(out.lines[0].text == "foo");
  CHECK(out.lines[0].whole);
  CHECK(out.lines[1].timestamp_us == 2500000u);
  CHECK_FALSE(out.lines[1].whole);
}

TEST_CASE("objects of JSON on many lines are of journalctl and dmesg, or lines of their own") {
  const auto journal = read(
      "{\n\t\"_TRANSPORT\" : \"kernel\",\n\t\"MESSAGE\" : \" foo\",\n\t\"_HOSTNAME\" : \"web17\",\n\t\"N\" : "
      "[\n\t\t"
      "66,\n\t\t67\n\t],\n\t\"__REALTIME_TIMESTAMP\" : \"1795851632000000\"\n}\n");
  REQUIRE(journal.size() == 1);
  CHECK(journal[0].text == " foo");
  CHECK(journal[0].host == "web17");
  CHECK(journal[0].time_us == nov28);

  const auto dmesg = read(
      "{\n   \"dmesg\": [\n      {\n         \"pri\": 5,\n         \"time\":     1.500000,\n         "
      "\"msg\": "
      "\" foo\"\n      },{\n         \"pri\": 30,\n         \"time\":  1234.250000,\n         \"msg\": "
      "\"bar\"\n      }\n   ]\n}\n");
  REQUIRE(dmesg.size() == 6);
  CHECK(dmesg[2].text == " foo");
  CHECK(dmesg[2].timestamp_us == 1500000u);
  CHECK(dmesg[2].priority == 5);
  CHECK(dmesg[3].text == "bar");
  CHECK(dmesg[3].timestamp_us == 1234250000u);

  // A number may come last.
  const auto kmsg =
      read("{\n  \"msg\": \"foo\",\n  \"priority\": 4,\n  \"sec\": 1,\n  \"usec\": 500000\n}\n");
  REQUIRE(kmsg.size() == 1);
  CHECK(kmsg[0].text == "foo");
  CHECK(kmsg[0].timestamp_us == 1500000u);

  for (const std::string_view other :
       {"{\n  \"message\": \"BUG: foo\"\n}\n", "{\n{\n", "{\nfoo\n", "{\n  \"a\": {\n  }\n}\n}\n", "{\n"}) {
    CAPTURE(other);
    std::string texts;
    for (const auto& one : read(other)) texts += one.text + '\n';
    CHECK(texts == other);
  }
}

TEST_CASE("journalctl -o verbose has the fields of an entry on lines of their own") {
  const auto got = read(
      "Sat 2026-11-28 07:40:32.250000 UTC [s=0639;i=4e2f;b=3f0d;m=1f;t=5f;x=6d]\n    _TRANSPORT=kernel\n"
      "    PRIORITY=4\n    _HOSTNAME=web17\n    _SOURCE_MONOTONIC_TIMESTAMP=1500000\n    MESSAGE= foo=bar\n"
      "Sat 2026-11-28 07:40:33.000000 UTC [s=0639;i=4e30;b=3f0d;m=1f;t=5f;x=6e]\n    _HOSTNAME=web17\n"
      "    SYSLOG_IDENTIFIER=otter\n    MESSAGE=baz\n            qux\n-- Boot 3f0d --\n[    2.500000] foo\n");
  REQUIRE(got.size() == 4);
  CHECK(got[0].text == " foo=bar");
  CHECK(got[0].host == "web17");
  CHECK(got[0].time_us == nov28 + 250000);
  CHECK(got[0].timestamp_us == 1500000u);
  CHECK(got[0].priority == 4);
  CHECK(got[0].from_kernel);
  CHECK(got[1].text == "baz\nqux");
  CHECK_FALSE(got[1].from_kernel);
  CHECK(got[2].text == "-- Boot 3f0d --");
  CHECK(got[3].text == "foo");
}

TEST_CASE("the beginning of an object that does not go on stays before what follows") {
  for (const std::string_view next :
       {"__REALTIME_TIMESTAMP=1795851632000000\nMESSAGE=foo\n\n", "2026-11-28T07:40:32.250000Z 00O foo\n",
        "Oops#1 Part1\n<4>[    1.500000] foo\n",
        "Sat 2026-11-28 07:40:32.250000 UTC [s=0639;i=4e2f;b=3f0d;m=1f;t=5f;x=6d]\n    MESSAGE=foo\n"}) {
    CAPTURE(next);
    const auto got = read("{\n  \"a\": 1,\n" + std::string{next});
    REQUIRE(got.size() == 3);
    CHECK(got[0].text == "{");
    CHECK(got[1].text == "  \"a\": 1,");
    CHECK(got[2].text == "foo");
  }
}

TEST_CASE("what follows an entry of journalctl -o verbose is none of -o export") {
  const auto got = read(
      "Sat 2026-11-28 07:40:32.250000 UTC [s=0639;i=4e2f;b=3f0d;m=1f;t=5f;x=6d]\n    MESSAGE=foo\n"
      "_bar\n[    1.500000] baz\n");
  REQUIRE(got.size() == 3);
  CHECK(got[0].text == "foo");
  CHECK(got[1].text == "_bar");
  CHECK(got[2].text == "baz");
}

TEST_CASE("of a pipe that is silent an entry of journalctl -o verbose has ended") {
  keeper out;
  netcon::text_log log;
  log.push(
      "Sat 2026-11-28 07:40:32.250000 UTC [s=0639;i=4e2f;b=3f0d;m=1f;t=5f;x=6d]\n    _TRANSPORT=kernel\n",
      out);
  log.pause(out);
  CHECK(out.lines.empty());
  log.push("    MESSAGE=foo\n", out);
  log.pause(out);
  REQUIRE(out.lines.size() == 1);
  CHECK(out.lines[0].text == "foo");
}

TEST_CASE("a field of journalctl -o verbose that does not end keeps no more than a line may have") {
  std::string entry =
      "Sat 2026-11-28 07:40:32.250000 UTC [s=0639;i=4e2f;b=3f0d;m=1f;t=5f;x=6d]\n    MESSAGE=foo\n";
  for (int i = 0; i < 100'000; ++i) entry += "            x\n";
  const auto got = read(entry);
  REQUIRE(got.size() == 1);
  CHECK(got[0].text.starts_with("foo\nx\nx\n"));
  CHECK(got[0].text.size() <= netcon::text_log_options{}.longest_line);
}

TEST_CASE("journalctl -o json-seq and json-sse have a mark before each object") {
  const auto got = read(
      "\x1e{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"foo\"}\ndata: {\"_TRANSPORT\":\"kernel\",\"MESSAGE\":"
      "\"bar\"}\n\ndata: baz\n");
  REQUIRE(got.size() == 4);
  CHECK(got[0].text == "foo");
  CHECK(got[1].text == "bar");
  CHECK(got[3].text == "data: baz");
}

TEST_CASE("the times that GitLab's runner writes") {
  const std::string time = "2026-11-28T07:40:32.250000Z ";
  const auto texts = [](std::string_view log, std::size_t piece = 5) {
    std::string out;
    for (const auto& one : read(log, piece)) out += one.text + '|';
    return out;
  };
  const auto got =
      read(time + "00O [    1.500000] foo+0x\n" + time + "00O+1/0x2\r\n" + time + "00E bar: baz\n");
  REQUIRE(got.size() == 2);
  CHECK(got[0].text == "foo+0x1/0x2");
  CHECK(got[0].timestamp_us == 1500000u);
  CHECK(got[0].time_us == nov28 + 250000);
  CHECK(got[0].host.empty());
  CHECK(got[1].text == "bar: baz");
  CHECK(got[1].time_us == nov28 + 250000);
  CHECK(got[1].host.empty());
  // Streams take turns within a line, and each line comes once.
  CHECK(texts(time + "00O a\n" + time + "00E b\n" + time + "00O+c\n" + time + "00O d\n" + time + "01O e\n") ==
        "ac|b|d|e|");
  CHECK(texts(time + "00O a\n" + time + "00E b\n" + time + "00E c\n" + time + "00O+d\n") == "ad|b|c|");
  std::string other = time + "00O a\n";  // of a stream that says no more
  for (int i = 0; i < 99; ++i) other += time + "00E b\n";
  keeper early;
  netcon::text_log flowing;
  flowing.push(other, early);
  REQUIRE(early.lines.size() > 50);
  CHECK(early.lines[0].text == "a");
  flowing.finish(early);
  CHECK(early.lines.size() == 100);
  CHECK(texts(time + "00O+a\n" + time + "00O\n" + time + "00O \nfoo\n") == "a|||foo|");
  CHECK(texts(time + "00O Nov 28 07:40:32 web17 kernel: foo\n") == "foo|");
  for (const std::string_view text : {"0xO foo", "00A foo", "00Ofoo", "00O-foo"})
    CHECK(texts(time + std::string{text} + "\n") == std::string{text} + '|');
  std::string many;
  for (const char c : std::string_view{"0123456789abcdef"}) many += time + "0" + c + "O x\n";
  CHECK(texts(many).size() == 32);
  keeper out;
  netcon::text_log log;
  log.push(time + "00O foo\n", out);
  CHECK(out.lines.empty());
  log.pause(out);
  CHECK(out.lines.size() == 1);
  // A line that never ends is cut.
  std::string endless = time + "00O x\n";
  for (int i = 0; i < 9; ++i) endless += time + "00O+0123456789\n";
  const auto cut = read(endless, 7, {.longest_line = 64});
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].text.size() == 64);
  CHECK_FALSE(cut[0].whole);
}

TEST_CASE("the stamp of a boot loader is no time of the kernel") {
  for (const std::string_view line : {"[00.345]foo", "[0008.432] foo", "[ 1.5] foo", "[    1.12345] foo"}) {
    CAPTURE(line);
    const auto got = read(line);
    REQUIRE(got.size() == 1);
    CHECK(got[0].text == "foo");
    CHECK_FALSE(got[0].timestamp_us);
  }
  CHECK(read("[00.345] [    1.500000] foo").at(0).timestamp_us == 1500000u);
  CHECK(read("[1.5s][pid:1,cpu6,init]foo").at(0).timestamp_us == 1500000u);
  CHECK(read("foo [     1234.567] bar").at(0).text == "foo [     1234.567] bar");
}

TEST_CASE("the lines of Xen are not the kernel's") {
  for (const std::string_view line : {"(XEN) [    0.123456] WARNING: foo", "(XEN) WARNING: foo",
                                      "[2026-11-28 07:40:32] (XEN) [    0.123456] foo",
                                      "07:40:32 (XEN) [    0.123456] foo", "<4>(XEN) foo"}) {
    CAPTURE(line);
    const auto got = read(line);
    REQUIRE(got.size() == 1);
    CHECK(got[0].text.starts_with("(XEN) "));
    CHECK_FALSE(got[0].from_kernel);
    CHECK_FALSE(got[0].timestamp_us);
  }
  const auto glued = read("[    1.500000] foo(XEN) [    0.123456] bar\n[    1.600000] foo\n");
  REQUIRE(glued.size() == 3);
  CHECK(glued[0].text == "foo");
  CHECK(glued[0].from_kernel);
  CHECK(glued[1].text == "(XEN) [    0.123456] bar");
  CHECK_FALSE(glued[1].from_kernel);
  CHECK(glued[2].from_kernel);
}

TEST_CASE("the lines of Android's logcat") {
  struct row {
    std::string_view line, text;
    std::optional<std::uint16_t> priority;
    bool from_kernel = true;
  };
  for (const auto& [line, text, priority, from_kernel] : std::initializer_list<row>{
           {"11-28 07:40:32.250     0     0 W         : BUG: foo", "BUG: foo", 4},
           {"11-28 07:40:32.250     0     0 E         :  foo+0x1/0x2", " foo+0x1/0x2", 3},
           {"11-28 07:40:32.250     0     0 W         : ", "", 4},
           {"11-28 07:40:32.250     0     0 W Call trace:  ", "Call trace:  ", 4},
           {"11-28 07:40:32.250     0     0 I binder  : 1:2 foo", "binder: 1:2 foo", 6},
           {"11-28 07:40:32.250     0     0 D foo_probe, 147: bar", "foo_probe, 147: bar", 7},
           {"11-28 07:40:32.250     0     0 F         : c1      1 init: foo", "init: foo", 2},
           {"11-28 07:40:32.250  root     0     0 W         : BUG: foo", "BUG: foo", 4},
           {"2026-11-28 07:40:32.250     0     0 V         : foo", "foo", 7},
           {"11-28 07:40:32.250   530  1530 I Zygote  : BUG: foo", "Zygote: BUG: foo", 6, false},
           {"11-28 07:40:32.250  1000   530  1530 I ActivityManager: BUG: foo", "ActivityManager: BUG: foo",
            6, false}}) {
    CAPTURE(line);
    const auto got = read(line);
    REQUIRE(got.size() == 1);
    CHECK(got[0].text == text);
    CHECK(got[0].priority == priority);
    CHECK(got[0].from_kernel == from_kernel);
    CHECK(got[0].time_us == nov28 + 250000);
    CHECK(got[0].host.empty());
  }
  for (const std::string_view line :
       {"11-28 07:40:32.250 foo", "11-31 07:40:32.250     0     0 W         : foo",
        "11-28 07:40:32.250     0     0 X foo: bar", "11-28 07:40:32.250     0     0 W foo",
        "11-28 07:40:32.250     0     0 W", "11-28 07:40:32.250 "})
    CHECK(read(line).at(0).text == line);
}

TEST_CASE("a wall has the host of its heading where the log beside it has that one too") {
  const auto hosts = [](std::string_view log) {
    std::string out;
    for (const auto& one : read(log))
      if (one.from_kernel && !one.text.empty()) out += one.host + ':' + one.text + '|';
    return out;
  };
  const std::string line = "[    1.500000] foo\n",
                    wall = "Message from syslogd@web17 at Nov 28 07:40:32 ...\n kernel:" + line,
                    log = "Nov 28 07:40:32 web17 kernel: [    2.500000] bar\n";
  CHECK(hosts(wall + "\n" + log) == "web17:foo|web17:bar|");
  CHECK(hosts(wall + "\n" + wall + "\n" + log) == "web17:foo|web17:foo|web17:bar|");
  CHECK(hosts(log + wall + log) == "web17:bar|web17:foo|web17:bar|");
  CHECK(hosts("Broadcast message from systemd-journald@web17 (Sat 2026-11-28 07:40:32 UTC):\n\nkernel: " +
              line + log) == "web17:foo|web17:bar|");
  CHECK(read(wall + log).at(1).time_us == nov28);
  CHECK(read(log + wall).at(2).time_us == nov28);
  CHECK_FALSE(read(wall + line).at(1).time_us);
  // Neither that of another host nor one that the log does not have.
  CHECK(hosts(wall + "Nov 28 07:40:32 db3 kernel: bar\n") == ":foo|db3:bar|");
  CHECK(hosts(wall + "[    2.500000] bar\n") == ":foo|:bar|");
  CHECK(hosts(wall) == ":foo|");
  CHECK(hosts(line + wall + line) == ":foo|:foo|:foo|");
  CHECK(hosts(" kernel:" + line + log) == ":foo|web17:bar|");
  // A log of none of them, and one with an empty line.
  CHECK(hosts("Message from syslogd@db3 at Nov 28 07:40:32 ...\n kernel:baz\n" + wall + log) ==
        ":baz|web17:foo|web17:bar|");
  CHECK(hosts(wall + "Nov 28 07:40:32 web17 kernel: \n kernel:baz\n") == ":foo|web17:baz|");
  // They keep their order, however many there are.
  for (const int lines : {100, 2000}) {
    CAPTURE(lines);
    std::string many = wall, expected = ":foo|";
    for (int i = 0; i < lines; ++i) {
      many += " kernel:foo" + std::to_string(i) + '\n';
      expected += ":foo" + std::to_string(i) + '|';
    }
    CHECK(hosts(many) == expected);
  }
  keeper out;
  netcon::text_log waiting;
  waiting.push(wall, out);
  CHECK(out.lines.size() == 1);
  waiting.pause(out);
  CHECK(out.lines.size() == 2);
}

TEST_CASE("the stamps of vendors") {
  for (const std::string_view line :
       {"[    1.500000@0] foo", "[    1.500000] [2:   kworker/2:1:   95] foo",
        "[    1.500000]  [2:   kworker/2:1:   95] foo", "[    1.500000] I[2:   swapper/2:    0] foo",
        "[    1.500000] c2     95 foo", "[    1.500000,3] foo", "[    1.500000] [pid:0,cpu0,swapper/0]foo",
        "[    1.500000s][pid:1,cpu6,init]foo", "[    1.500000] <2>-(2)[1:swapper/0]foo",
        "[    1.500000]<1>.(1)[95:kworker/1:2]foo", "[    1.500000] (0)[1:init]foo",
        "<4>[    1.500000]  (0)[1:init]foo", "[    1.500000] *(1)[1:swapper/0]foo",
        "[    1.500000] <1>.(4)[1:swapper/0][name:traps&]foo", "[    1.500000] [name:bug&]foo",
        "[    1.500000] [C201134] kworker/1:2: [name:bug&]foo", "[    1.500000] c1 foo",
        "<4>[    1.500000] c0 1 (swapper/0) foo", "[    1.500000] c2 95 (kworker/u8:1-x) foo"}) {
    CAPTURE(line);
    const auto got = read(line);
    REQUIRE(got.size() == 1);
    CHECK(got[0].text == "foo");
    CHECK(got[0].timestamp_us == 1500000u);
  }
}

TEST_CASE("the text behind the stamp of a vendor keeps its blank") {
  CHECK(read("[name:traps&]Call trace:").at(0).text == "Call trace:");
  for (const std::string_view text :
       {"  (0) foo", "* foo", "[name: traps&]foo", "[name:traps]foo", "otter: [name:bug&]foo", "[name:"})
    CHECK(read("[    1.500000] " + std::string{text}).at(0).text == text);
  for (const std::string_view line :
       {"[    1.500000] [pid:0,cpu0,swapper/0] foo+0x1/0x2",
        "<4>[    1.500000]  (0)[1:init][name:traps&] foo+0x1/0x2",
        "[    1.500000] <2>-(2)[1:swapper/0] foo+0x1/0x2", "[    1.500000]  (2)[1:swapper/0] foo+0x1/0x2",
        "[    1.500000] c1  foo+0x1/0x2", "[    1.500000] c1 95 (init)  foo+0x1/0x2"})
    CHECK(read(line).at(0).text == " foo+0x1/0x2");
  for (const std::string_view text :
       {"c1foo: bar", "c0d0: p1", "cpu1 foo", "c foo", "(1)[foo] bar", " (1) [95:foo]", "c1234 foo"})
    CHECK(read("[    1.500000] " + std::string{text}).at(0).text == text);
  CHECK(read("[    1.500000] c1 95 (a name that is too long) foo").at(0).text ==
        "(a name that is too long) foo");
}

TEST_CASE("the parts of a dump are put in the order in which the kernel wrote them") {
  const auto texts = [](std::string_view log) {
    std::string out;
    for (const auto& one : read(log, 7)) out += one.text + " ";
    return out;
  };
  const std::string first = "Panic#1 Part1\n<4>[    3.0] e\n<4>[    3.0] f\n",
                    second = "Panic#1 Part2\n<4>[    2.0] c\n<4>[    2.0] d\n",
                    third = "Panic#1 Part3\n<4>[    1.0] a\n<4>[    1.0] b\n";
  CHECK(texts(first + second + third) == "a b c d e f ");
  CHECK(texts(third + second + first) == "a b c d e f ");
  CHECK(texts("foo\n" + first) == "foo e f ");
  CHECK(texts(first + third) == "e f a b ");
  CHECK(texts(first + second + first + second) == "c d e f c d e f ");
  // Two dumps of one second, listed by their names.
  CHECK(texts("Oops#1 Part1\nb\n" + first + "Oops#1 Part2\na\n" + second) == "a b c d e f ");
  for (const std::string_view line : {"Panic#1 Part", "Panic#1 Part0", "Panic# Part1", "Pond#1 Part1",
                                      "Panic#1 Part1 foo", "Panic#x Part1", "Panic#1 Parts1"})
    CHECK(texts(std::string{line} + "\nfoo\n") == std::string{line} + " foo ");
  // What is held back is bounded.
  std::string log = first;
  for (int i = 0; i < 70'000; ++i)
    log += "0123456789012345678901234567890123456789012345678901234567890123\n";
  CHECK(texts(log + second).ends_with(" c d "));
}

TEST_CASE("the name of a zone is that of the clock") {
  const netcon::text_log_options options{.year = 2026, .zone = std::chrono::hours{1}};
  CHECK(read("Sat 2026-11-28 08:40:32 CET web17 kernel: foo", 999, options).at(0).time_us == nov28);
  CHECK(read("Sat 2026-11-28 07:40:32 UTC web17 kernel: foo", 999, options).at(0).time_us == nov28);
  CHECK(read("Sat 2026-11-28 05:40:32 -02 web17 kernel: foo", 999, options).at(0).time_us == nov28);
}

TEST_CASE("a stamp without a year that is later than its log is of the year before") {
  using namespace std::chrono;
  const netcon::text_log_options options{.year = 2026, .last = sys_days{2026y / January / 2} + hours{12}};
  const auto day_of = [&](std::string_view stamp) {
    const auto got = read(std::string{stamp} + " web17 kernel: foo", 999, options).at(0).time_us;
    REQUIRE(got.has_value());
    return year_month_day{floor<days>(sys_time<microseconds>{microseconds{*got}})};
  };
  CHECK(day_of("Dec 31 23:59:58") == 2025y / December / 31);
  CHECK(day_of("Jan  1 00:00:01") == 2026y / January / 1);
  CHECK(day_of("Jan  3 11:59:59") == 2026y / January / 3);  // the clocks of two machines differ
  CHECK(day_of("Jan  3 12:00:01") == 2025y / January / 3);
  CHECK(day_of("Dez 31 23:59:58") == 2025y / December / 31);
  CHECK(day_of("Feb 29 00:00:00") == 2025y / March / 1);
  // What has a year is left as it is.
  CHECK(day_of("2026-12-31T23:59:58Z") == 2026y / December / 31);
  CHECK(day_of("[Thu Dec 31 23:59:58 2026]") == 2026y / December / 31);
  CHECK(day_of("[Do Dez 31 23:59:58 2026]") == 2026y / December / 31);
  CHECK(day_of("[Dec31 23:59]") == 2025y / December / 31);
}

namespace {

/// Of New York and of Berlin, in 2026.
std::chrono::seconds new_york(std::chrono::system_clock::time_point time) noexcept {
  using namespace std::chrono;
  const bool is_summer =
      time >= sys_days{2026y / March / 8} + 7h && time < sys_days{2026y / November / 1} + 6h;
  return is_summer ? -4h : -5h;
}
std::chrono::seconds berlin(std::chrono::system_clock::time_point time) noexcept {
  using namespace std::chrono;
  const bool is_summer =
      time >= sys_days{2026y / March / 29} + 1h && time < sys_days{2026y / October / 25} + 1h;
  return is_summer ? 2h : 1h;
}

}  // namespace

TEST_CASE("stamps have the zone of their own time") {
  using namespace std::chrono;
  const auto hour_of = [](std::string_view text, auto* zone_at) {
    const auto got = read(text, 999, {.year = 2026, .zone = hours{9}, .zone_at = zone_at});
    REQUIRE(got.back().time_us.has_value());
    const sys_time<microseconds> time{microseconds{*got.back().time_us}};
    return hh_mm_ss{floor<minutes>(time - floor<days>(time))}.hours().count();
  };
  CHECK(hour_of("Mar 29 01:59:00 web17 kernel: foo", berlin) == 0);
  CHECK(hour_of("Mar 29 03:00:00 web17 kernel: foo", berlin) == 1);
  CHECK(hour_of("Mar 29 01:59:00 web17 kernel: foo\nMar 29 03:00:00 web17 kernel: foo", berlin) == 1);
  CHECK(hour_of("Oct 25 01:59:00 web17 kernel: foo", berlin) == 23);
  CHECK(hour_of("Oct 25 03:00:00 web17 kernel: foo", berlin) == 2);
  CHECK(hour_of("Mar  8 01:59:00 web17 kernel: foo", new_york) == 6);
  CHECK(hour_of("Mar  8 03:00:00 web17 kernel: foo", new_york) == 7);
  CHECK(hour_of("Nov  1 00:59:00 web17 kernel: foo", new_york) == 4);
  CHECK(hour_of("Nov  1 02:00:00 web17 kernel: foo", new_york) == 7);
  for (const std::string_view noon_of_june :
       {"2026-06-01 12:00:00.000 web17 kernel: foo", "[2026-06-01 12:00:00.123] foo",
        "[2026/06/01, 12:00:00.123] foo", "[Mon Jun  1 12:00:00 2026] foo", "[Jun01 12:00] foo",
        "Mon 2026-06-01 12:00:00 CEST web17 kernel: foo", "Mon Jun  1 12:00:00 2026 kern.warn kernel: foo",
        "Juni 1 12:00:00 web17 kernel: foo"})
    CHECK(hour_of(noon_of_june, berlin) == 10);
  for (const std::string_view noon_of_june :
       {"2026-06-01T12:00:00Z web17 kernel: foo", "2026-06-01T13:00:00+01:00 web17 kernel: foo",
        "Mon 2026-06-01 12:00:00 UTC web17 kernel: foo", "Mon 2026-06-01 14:00:00 +02 web17 kernel: foo"})
    CHECK(hour_of(noon_of_june, berlin) == 12);
}

TEST_CASE("a source is kept for the lines behind it") {
  const auto got = read(
      "[    1.500000] web17 kernel: foo\n[    1.600000] web17 kernel: bar\n"
      "[    1.700000] web17 cron[12]: baz\n[    1.800000] foo\n");
  REQUIRE(got.size() == 4);
  CHECK(got[1].host == "web17");
  CHECK(got[1].text == "bar");
  CHECK_FALSE(got[2].from_kernel);
  CHECK(got[3].host.empty());
  const auto levels =
      read("2026-11-28T07:40:32.250000Z ERR kernel: foo\n2026-11-28T07:40:32.250000Z ERR kernel: bar\n");
  REQUIRE(levels.size() == 2);
  CHECK(levels[1].priority == 3);
  CHECK(levels[1].text == "bar");
  const auto months = read(
      "Dez 28 07:40:32 web17 kernel: foo\nDez 28 07:40:33 web17 kernel: bar\n"
      "Kas 28 07:40:32 web17 kernel: baz\nNov 28 07:40:32 web17 kernel: foo\n");
  REQUIRE(months.size() == 4);
  CHECK(months[1].time_us == nov28 + 30 * day + 1000000);
  CHECK_FALSE(months[2].time_us);
  CHECK(months[3].time_us == nov28);
}

TEST_CASE("the lines of other programs are marked") {
  CHECK(read("[    1.500000] Web Content[4321]: segfault at 0 ip 0 sp 0 error 4\n").at(0).from_kernel);
  for (const std::string_view line :
       {"[    1.500000] web17 systemd[1]: BUG: foo", "1795851632.250000 web17 systemd[1]: foo",
        "Sat 2026-11-28 07:40:32 UTC web17 ssh.service[1]: foo", "Dez 28 07:40:32 web17 cron[12]: foo",
        "2026-11-28T07:40:32.250000Z INFO cron[12]: foo",
        "2026-11-28T07:40:32.250000Z NOTICE temp_logger: foo",
        "Message from syslogd@web17 at Nov 28 07:40:32 ...", "Broadcast message from root@web17 (somewhere):",
        "-- sent by 10.0.0.17", "Nov 28 07:40:32 web17 cron[12]: BUG: foo",
        "2026-11-28T07:40:32Z web17 sshd[1]: foo", R"({"_TRANSPORT":"stdout","MESSAGE":"foo"})"}) {
    CAPTURE(line);
    const auto got = read(line);
    REQUIRE(got.size() == 1);
    CHECK_FALSE(got[0].from_kernel);
  }
}

TEST_CASE("the lines that netcon listen writes") {
  struct row {
    std::string_view line, host, text, userdata;
    bool from_kernel = true, whole = true;
  };
  for (const auto& [line, host, text, userdata, from_kernel, whole] : std::initializer_list<row>{
           {"2026-11-28 07:40:32.250 web17@10.0.0.7:6665 warning [    1.500000][  T123] Call Trace:  "
            "host=web17",
            "web17@10.0.0.7:6665", "Call Trace:", "host=web17"},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 err     [    1.500000]  foo+0x1/0x2  a=1 b=\"2 3\" c=",
            "10.0.0.7:6665", " foo+0x1/0x2", "a=1 b=\"2 3\" c="},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 err      <TASK>", "10.0.0.7:6665", " <TASK>", ""},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 -       (late) foo", "10.0.0.7:6665", "foo", ""},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 info    abc[... 24 bytes missing ...]", "10.0.0.7:6665",
            "abc[... 24 bytes missing ...]", "", true, false},
           // Not the form of userdata: quotes without need, a word without a value, one blank, no key.
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 info    for  pid=1 comm=\"cat\"", "10.0.0.7:6665",
            "for  pid=1 comm=\"cat\"", ""},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 info    foo  SYN URGP=0", "10.0.0.7:6665",
            "foo  SYN URGP=0", ""},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 info    foo a=1", "10.0.0.7:6665", "foo a=1", ""},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 info      SET = 0", "10.0.0.7:6665", "  SET = 0", ""},
           {"2026-11-28 07:40:32.250 web17 kernel: foo  a=1", "web17", "foo  a=1", ""},
           // Remarks stand where a line has its level.
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 * 10.0.0.7 crashed: BUG: unable to handle page fault",
            "10.0.0.7:6665", "* 10.0.0.7 crashed: BUG: unable to handle page fault", "", false},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 -- 7 records missing", "10.0.0.7:6665",
            "-- 7 records missing", "", false},
           {"2026-11-28 07:40:32.250 10.0.0.7:6665 -       -- foo", "10.0.0.7:6665", "-- foo", ""},
           {"07:40:32 web17 warning BUG: foo", "web17", "BUG: foo", ""},
           {"07:40:32 web17     warning |  <TASK>", "web17", " <TASK>", ""},
           {"07:40:32 10.0.0.7 -       foo", "10.0.0.7", "foo", ""},
           {"07:40:32 web17 -       | * crashed: BUG: unable to handle page fault", "web17",
            "* crashed: BUG: unable to handle page fault", "", false},
           {"07:40:32 web17 kernel: foo", "", "07:40:32 web17 kernel: foo", ""},
           {"07:40:32 web17 warning: foo", "", "07:40:32 web17 warning: foo", ""},
           {"Nov 28 07:40:32 web17 netcon: web17 crashed: BUG: foo", "web17", "web17 crashed: BUG: foo", "",
            false},
           {"<26>1 2026-11-28T07:40:32Z web17 netcon - - - web17 crashed: BUG: foo", "web17",
            "web17 crashed: BUG: foo", "", false}}) {
    CAPTURE(line);
    const auto got = read(line);
    REQUIRE(got.size() == 1);
    CHECK(got[0].host == host);
    CHECK(got[0].from_kernel == from_kernel);
    CHECK(got[0].whole == whole);
    CHECK(got[0].text == text);
    CHECK(got[0].userdata == userdata);
  }
}

TEST_CASE("the events that netcon listen writes as JSON") {
  const auto got = read(
      R"({"event":"basic","sender":"10.0.0.7","sender_port":6665,"host":"web17","timestamp_us":1500000,"caller":"T1","text":"[    1.500000][    T1] BUG: foo"}
{"event":"record","sender":"fe80::1%2","sender_port":6665,"host":"web17","level":4,"sequence":7,"timestamp_us":1500000,"text":"[    2.500000] said so"}
{"event":"line","host":"db3","level":4,"timestamp_us":1500000,"text":"foo"}
)");
  REQUIRE(got.size() == 3);
  CHECK(got[0].text == "BUG: foo");
  CHECK(got[0].timestamp_us == 1500000);
  CHECK(got[0].caller == "T1");
  CHECK(got[0].host == "web17@10.0.0.7:6665");
  CHECK(got[1].text == "[    2.500000] said so");
  CHECK(got[1].host == "web17@[fe80::1%2]:6665");
  CHECK(got[2].host == "db3");
}

TEST_CASE("the syslog that netcon listen writes") {
  const auto got = read(
      R"(<4>1 2026-11-28T07:40:32.000000Z web17 kernel T12 - [netconsole@32473 seq="7" usec="1500000" sender="10.0.0.7" release="6.12.1"][userdata@32473 a="\"x\] b"] (conflict)  foo+0x1/0x2  a=1
<4>1 2026-11-28T07:40:32.000000Z web17 kernel - - [netconsole@32473 seq="8" usec="1500000"] (partial) foo
<4>1 2026-11-28T07:40:32.000000Z web17 kernel T1x - [other@1 seq="7" usec="1"] (late) foo
<4>1 2026-11-28T07:40:32.000000Z web17 kernel - - [other@1 a="foo
)");
  REQUIRE(got.size() == 4);
  CHECK(got[0].text == " foo+0x1/0x2  a=1");
  CHECK(got[0].sequence == 7);
  CHECK(got[0].timestamp_us == 1500000);
  CHECK(got[0].caller == "T12");
  CHECK(got[0].host == "web17");
  CHECK(got[0].userdata.empty());
  CHECK(got[1].text == "foo");
  CHECK_FALSE(got[1].whole);
  CHECK(got[2].text == "(late) foo");
  CHECK_FALSE(got[2].sequence);
  CHECK_FALSE(got[2].timestamp_us);
  CHECK(got[2].caller.empty());
  CHECK(got[3].time_us == std::nullopt);
}

TEST_CASE("the entries that netcon listen writes to the journal") {
  constexpr std::string_view as_json =
      R"({"_TRANSPORT":"journal","_HOSTNAME":"collector","__REALTIME_TIMESTAMP":"1795851999000000","NETCONSOLE_TIME":"2026-11-28T07:40:32.000000Z","SYSLOG_IDENTIFIER":"kernel","NETCONSOLE_EVENT":"record","NETCONSOLE_HOST":"web17","NETCONSOLE_SENDER":"10.0.0.7","NETCONSOLE_SENDER_PORT":"6665","NETCONSOLE_SEQUENCE":"7","NETCONSOLE_USEC":"1500000","NETCONSOLE_CALLER":"T1","PRIORITY":"4","MESSAGE":"(conflict) BUG: foo"}
{"_TRANSPORT":"journal","_HOSTNAME":"collector","SYSLOG_IDENTIFIER":"netcon","NETCONSOLE_EVENT":"lost","NETCONSOLE_HOST":"web17","NETCONSOLE_SENDER":"10.0.0.7","NETCONSOLE_SENDER_PORT":"6665","MESSAGE":"7 records missing"}
{"_TRANSPORT":"journal","SYSLOG_IDENTIFIER":"netcon","NETCONSOLE_EVENT":"crash","NETCONSOLE_SENDER":"10.0.0.7","MESSAGE":"web17 crashed: BUG: foo"}
{"_TRANSPORT":"syslog","_HOSTNAME":"web17","SYSLOG_IDENTIFIER":"cron","MESSAGE":"foo"}
{"_TRANSPORT":"kernel","_HOSTNAME":"web17","SYSLOG_IDENTIFIER":"kernel","_SOURCE_MONOTONIC_TIMESTAMP":"1500000","MESSAGE":[66,85,71,58,32,255]}
)";
  const auto got = read(as_json);
  REQUIRE(got.size() == 4);
  CHECK(got[0].text == "BUG: foo");
  CHECK(got[0].from_kernel);
  CHECK(got[0].host == "web17@10.0.0.7:6665");
  CHECK(got[0].sequence == 7);
  CHECK(got[0].timestamp_us == 1500000);
  CHECK(got[0].time_us == nov28);
  CHECK(got[0].caller == "T1");
  CHECK_FALSE(got[1].from_kernel);
  CHECK_FALSE(got[2].from_kernel);
  CHECK(got[3].from_kernel);
  CHECK(got[3].host == "web17");
  CHECK(got[3].text == "BUG: \xff");
  const auto exported = read(
      "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795851999000000\nMESSAGE=BUG: foo\n_TRANSPORT=journal\n"
      "SYSLOG_IDENTIFIER=kernel\nNETCONSOLE_EVENT=record\nNETCONSOLE_HOST=10.0.0.7\nNETCONSOLE_SENDER=10.0.0."
      "7\n"
      "NETCONSOLE_SENDER_PORT=6665\nNETCONSOLE_SEQUENCE=7\n\n");
  REQUIRE(exported.size() == 1);
  CHECK(exported[0].from_kernel);
  CHECK(exported[0].host == "10.0.0.7:6665");
  CHECK(exported[0].sequence == 7);
}

TEST_CASE("what the kernel dropped is counted") {
  const auto got = read("** 12 printk messages dropped ** [    1.500000] foo\n");
  REQUIRE(got.size() == 1);
  CHECK(got[0].dropped == 12);
  CHECK(got[0].text == "foo");
}

TEST_CASE("what the kernel dropped is counted on a line of its own") {
  struct row {
    std::string_view line, text;
    std::uint64_t dropped;
  };
  for (const auto& [line, text, dropped] : std::initializer_list<row>{
           {"** 12 printk messages dropped **", "** 12 printk messages dropped **", 12},
           {"** 12 printk messages dropped ** ", "** 12 printk messages dropped ** ", 12},
           {"[2026-11-28 07:40:32] ** 12 printk messages dropped **", "** 12 printk messages dropped **", 12},
           {"CCCC** 12 printk messages dropped **", "CCCC** 12 printk messages dropped **", 12},
           {"[    1.500000] Lost 12 message(s)!", "Lost 12 message(s)!", 12},
           {"Nov 28 07:40:32 web17 systemd-journald[12]: Missed 12 kernel messages",
            "Missed 12 kernel messages", 12},
           {"[    1.500000] systemd-journald[12]: Missed 12 kernel messages",
            "systemd-journald[12]: Missed 12 kernel messages", 12},
           {R"({"_TRANSPORT":"driver","MESSAGE":"Missed 12 kernel messages"})", "Missed 12 kernel messages",
            12},
           {"foo: no kernel messages", "foo: no kernel messages", 0},
           {"[    1.500000] Lost message(s)!", "Lost message(s)!", 0},
           {"[    1.500000] Lost  message(s)!", "Lost  message(s)!", 0},
           {"[    1.500000] foo: Lost 12 message(s)!", "foo: Lost 12 message(s)!", 0},
           {"** x printk messages dropped **", "** x printk messages dropped **", 0},
           {"12 printk messages dropped **", "12 printk messages dropped **", 0},
           {"** replaying previous printk message **", "** replaying previous printk message **", 0}}) {
    CAPTURE(line);
    const auto got = read(line);
    REQUIRE(got.size() == 1);
    CHECK(got[0].text == text);
    CHECK(got[0].dropped == dropped);
  }
  const auto glued = read("login: ** 12 printk messages dropped ** [    1.500000] foo\n");
  REQUIRE(glued.size() == 2);
  CHECK(glued[0].dropped == 12);
  CHECK(glued[1].dropped == 0);
}

TEST_CASE("journald's export") {
  const auto got = read(
      "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795851632000000\n_TRANSPORT=kernel\n_HOSTNAME=web17\nPRIORITY="
      "3\nMESSAGE=foo: bar\n\n"
      "__CURSOR=s=2\n_TRANSPORT=kernel\nMESSAGE=last\n");
  REQUIRE(got.size() == 2);
  CHECK(got[0].text == "foo: bar");
  CHECK(got[0].host == "web17");
  CHECK(got[0].time_us == nov28);
  CHECK(got[1].text == "last");
  CHECK(got[1].host.empty());
}

TEST_CASE("fields of journald's export that are given by their size") {
  using namespace std::string_literals;
  const std::string text =
      "__CURSOR=s=1\n_TRANSPORT=kernel\nMESSAGE\n"s +
      "\x0a\0\0\0\0\0\0\0BUG: \xff\n\n\ny\n"s +  // ten bytes, so that the size has a newline
      "PRIORITY=3\n_HOSTNAME=web17\n\n"s +
      "__CURSOR=s=2\n_TRANSPORT=kernel\nMESSAGE\n\0\0\0\0\0\0\0\0\nPRIORITY=4\n\n"s +
      "__CURSOR=s=3\n_TRANSPORT=kernel\nMESSAGE=x\nNO_FIELD\n\xff\xff\xff\xff\xff\xff\xff\xff\n"s +
      "__CURSOR=s=4\n_TRANSPORT=kernel\nMESSAGE\n\x09\0\0\0\0\0\0\0cut"s;
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const auto got = read(text, piece);
    REQUIRE(got.size() == 4);
    CHECK(got[0].text == "BUG: \xff\n\n\ny");
    CHECK(got[0].host == "web17");
    CHECK(got[0].priority == 3);
    CHECK(got[1].text.empty());
    CHECK(got[1].priority == 4);
    CHECK(got[2].text == "x");
    CHECK(got[3].text == "cut");
  }
  const auto size = "\x10\0\0\0\0\0\0\0"s;
  const auto limited = read("__CURSOR=s=1\nMESSAGE\n" + size + "0123456789abcdef\nPRIORITY=3\n", 7,
                            {.longest_line = 12, .year = 2026});
  REQUIRE(limited.size() == 1);
  CHECK(limited[0].text == "0123456789ab");
  CHECK(limited[0].priority == 3);
}

TEST_CASE("a stamp within the text of a record is the record's") {
  const auto got = read(
      R"({"event":"record","sender":"10.0.0.7","sequence":7,"timestamp_us":90000000,"text":"old: [   12.345678] foo"}
{"event":"basic","sender":"10.0.0.7","text":"old: [   12.345678] foo"}
)");
  REQUIRE(got.size() == 3);
  CHECK(got[0].text == "old: [   12.345678] foo");
  CHECK(got[0].timestamp_us == 90000000u);
  CHECK(got[1].text == "old: ");  // of a console without a newline
  CHECK(got[2].text == "foo");
}

TEST_CASE("a byte order mark before the log is none of its text") {
  for (const std::size_t piece : {1u, 2u, 99u}) {
    const auto got = read("\xef\xbb\xbfNov 28 07:40:32 web17 kernel: foo\n\xef\xbb\xbf!\n", piece);
    REQUIRE(got.size() == 2);
    CHECK(got[0].time_us == nov28);
    CHECK(got[0].text == "foo");
    CHECK(got[1].text == "\xef\xbb\xbf!");
  }
  CHECK(read("\xef\xbb\xbf{\"event\":\"line\",\"text\":\"foo\"}\n").at(0).text == "foo");
}

TEST_CASE("the clock that the log sets") {
  const auto got = read(
      "[    1.000000] rtc_cmos 00:00: setting system clock to 2026-11-28T07:40:32 UTC (1795851632)\n[    "
      "2.500000] foo\n");
  REQUIRE(got.size() == 2);
  CHECK(got[1].time_us == nov28 + 1500000);
}

TEST_CASE("extended records, one a line, with their dictionaries") {
  const auto got =
      read("6,100,1000000,-;foo\n SUBSYSTEM=net\n DEVICE=n1\n6.12.1,4,101,1000001,-,caller=T7;bar\nplain\n");
  REQUIRE(got.size() == 3);
  CHECK(got[0].is_packet);
  CHECK(got[0].text == "6,100,1000000,-;foo\n SUBSYSTEM=net\n DEVICE=n1\n");
  CHECK(got[1].text == "6.12.1,4,101,1000001,-,caller=T7;bar\n");
  CHECK(got[1].sequence == 101u);
  CHECK(got[1].caller == "T7");
  CHECK(got[2].text == "plain");
}

TEST_CASE("glued records are cut where the next number begins") {
  const auto got = read("6,100,1000000,-;foo4,101,1000001,-;bar, 102,4,-;no header\n");
  REQUIRE(got.size() == 2);
  CHECK(got[0].text == "6,100,1000000,-;foo");
  CHECK(got[1].text == "4,101,1000001,-;bar, 102,4,-;no header\n");
}

TEST_CASE("fragments are cut where their offsets say") {
  const auto got = read(
      "6,100,1000000,-,ncfrag=0/20;0123456789\nabc6,100,1000000,-,ncfrag=14/"
      "20;defghi\n6,101,1000001,-;next\n");
  REQUIRE(got.size() == 3);
  CHECK(got[0].text == "6,100,1000000,-,ncfrag=0/20;0123456789\nabc");
  CHECK(got[1].text == "6,100,1000000,-,ncfrag=14/20;defghi\n");
  CHECK(got[2].text == "6,101,1000001,-;next\n");
}

TEST_CASE("after a pause a record is whole, and a fragment is not") {
  keeper out;
  netcon::text_log log;
  const auto pause = [&] {
    log.pause(out);
    return out.lines.size();
  };
  log.push("6,1,100,-;one\n", out);
  CHECK(out.lines.empty());
  CHECK(pause() == 1);
  CHECK(out.lines[0].text == "6,1,100,-;one\n");
  CHECK(pause() == 1);
  log.push("6,2,200,-;two\n SUB", out);
  CHECK(pause() == 1);
  log.push("SYSTEM=net\n", out);
  CHECK(pause() == 2);
  CHECK(out.lines[1].text == "6,2,200,-;two\n SUBSYSTEM=net\n");
  log.push("6,3,300,-;three\n4,4,4", out);
  CHECK(pause() == 3);
  log.push("00,-,ncfrag=0/9;half\n", out);
  CHECK(pause() == 3);
}

TEST_CASE("a record behind a stamp") {
  const auto got = read("Nov 28 07:40:32 web17 netconsole: 6,100,1000000,-;foo\n");
  REQUIRE(got.size() == 1);
  CHECK(got[0].is_packet);
  CHECK(got[0].host == "web17");
  CHECK(got[0].time_us == nov28);
}

TEST_CASE("what only looks like a record of rsyslog keeps its text") {
  const std::string text = "1,foo;" + std::string(64, 'a') + "#012 A=b";
  CHECK(read(text + '\n').at(0).text == text);
  CHECK(read("\x1b[1m" + text + '\n').at(0).text == text);
}

TEST_CASE("records as a syslog server writes them, behind the sender's name") {
  const auto got = read(
      "Nov 28 07:40:32 web17 4,100,1000000,-;foo\n"
      "Nov 28 07:40:32 web17 4,101,1000001,c,caller=T7;context-{2: 2}\n"
      "2026-11-28T07:40:32+00:00 10.0.0.7 6.12.1,6,102,1000002,-;foo: 1,2;3#012 SUBSYSTEM=net#012 DEVICE=n1\n"
      "Nov 28 07:40:32 web17 4,103,1000003,-; #0: foo\n");
  REQUIRE(got.size() == 4);
  for (const auto& one : got) {
    CHECK(one.is_packet);
    CHECK(one.time_us == nov28);
  }
  CHECK(got[0].host == "web17");
  CHECK(got[0].sequence == 100);
  CHECK(got[0].text == "4,100,1000000,-;foo\n");
  CHECK(got[1].caller == "T7");
  CHECK(got[2].host == "10.0.0.7");
  CHECK(got[2].text == "6.12.1,6,102,1000002,-;foo: 1,2;3\n SUBSYSTEM=net\n DEVICE=n1\n");
  CHECK(got[3].text == "4,103,1000003,-; #0: foo\n");
  // What only looks like one is text, and its host is none.
  for (const std::string_view text : {"web17 4,100;foo", "web17 4,100,7,x;foo", "web17 4,100, 7,-;foo",
                                      "web17 a,4,b,7,-;foo", "web17 4,100,1000000,-"}) {
    const auto line = read("Nov 28 07:40:32 " + std::string{text} + "\n");
    REQUIRE(line.size() == 1);
    CHECK_FALSE(line[0].is_packet);
    CHECK(line[0].text == text);
  }
}

TEST_CASE("pieces of any size give the same lines") {
  const std::string text =
      "Nov 28 07:40:32 web17 kernel: foo\n6,100,1,-;a\n SUBSYSTEM=net\n\n<6>[    1.000000] "
      "b\r\n{\"event\":\"lost\",\"time\":\"x\"}\nlast";
  const auto whole = read(text);
  REQUIRE(whole.size() == 5);
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 16u}) {
    const auto pieces = read(text, piece);
    REQUIRE(pieces.size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) CHECK(pieces[i].text == whole[i].text);
  }
}

TEST_CASE("a line over the limit is cut and marked") {
  const std::string text = std::string(1000, 'x') + "\nshort\n";
  for (const std::size_t piece : {std::size_t{7}, std::string::npos}) {
    const auto got = read(text, piece, {.longest_line = 100});
    REQUIRE(got.size() == 2);
    CHECK(got[0].text == std::string(100, 'x'));
    CHECK_FALSE(got[0].whole);
    CHECK(got[1].text == "short");
    CHECK(got[1].whole);
  }
}

TEST_CASE("a line over the limit is marked within a dump of pstore too") {
  const auto got =
      read("Panic#1 Part1\nshort\n" + std::string(100, 'x') + "\n", std::string::npos, {.longest_line = 30});
  REQUIRE(got.size() == 2);
  CHECK(got[0].text == "short");
  CHECK(got[1].text == std::string(30, 'x'));
  CHECK_FALSE(got[1].whole);
}

TEST_CASE("a line with any number of stamps needs no stack for each") {
  std::string line;
  constexpr std::size_t stamps = 200'000;
  for (std::size_t i = 0; i < stamps; ++i) line += "x[    0.000000]";
  const auto got = read(line + "\n", std::string::npos, {.longest_line = line.size()});
  REQUIRE(got.size() == stamps + 1);
  CHECK(got[stamps - 1].text == "x");
  CHECK(got[stamps].text.empty());
}

TEST_CASE("lines of a record are looked through once") {
  // Where each line makes that all of the record is searched, this takes minutes.
  std::string text;
  for (int record = 0; record < 8; ++record) {
    text += "1,1,1,-,ncfrag=0/30000;x\n";
    for (int i = 0; i < 14'000; ++i) text += "1\n";
  }
  CHECK(read(text).size() >= 8);
  // A header that comes with a later line is found behind whatever was searched before it.
  for (const std::size_t before : {1u, 100u, 280u, 288u, 289u, 300u, 1000u}) {
    std::string glued = "6,7,100,-,ncfrag=0/4000;" + std::string(before, 'x') + "\n";
    glued += "y\n6,7,100,-,ncfrag=" + std::to_string(before + 3) + "/4000;z\n";
    const auto got = read(glued);
    CAPTURE(before);
    CHECK(got.size() == 2);
  }
}

TEST_CASE("an event that repeats what came is no line") {
  const auto got = read(R"({"event":"record","sender":"10.0.0.7","level":0,"sequence":1,"text":"once"}
{"event":"duplicate","sender":"10.0.0.7","level":0,"sequence":1,"text":"once"}
{"event":"crash","sender":"10.0.0.7","title":"kernel panic: x","text":"[    1.000000] once\n"}
)");
  REQUIRE(got.size() == 1);
  CHECK(got[0].text == "once");
}
