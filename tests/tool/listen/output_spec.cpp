// SPDX-License-Identifier: MIT
#include "listen/output_spec.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using tool::output_format;
using kind = tool::output_spec::kind;

namespace {

std::string problem(std::string_view text) {
  const auto read = tool::parse_output(text);
  return read ? "" : read.error();
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("places and formats of outputs") {
  struct row {
    std::string_view text;
    kind what;
    std::string_view path;
    std::optional<output_format> format;
  };
  for (const auto& [text, what, path, format] : {
           row{"-", kind::standard_output, "", {}},
           row{"json@-", kind::standard_output, "", output_format::json},
           row{"short@-", kind::standard_output, "", output_format::brief},
           row{"full@kernel.log", kind::file, "kernel.log", output_format::full},
           row{"/var/log/kernel@home.log", kind::file, "/var/log/kernel@home.log", {}},
           row{"./json@home", kind::file, "./json@home", {}},
           row{"./json", kind::file, "./json", {}},
           row{"kernel", kind::file, "kernel", {}},
           row{R"(a\,b\c)", kind::file, R"(a,b\c)", {}},
           row{"raw@dir:/var/log/netconsole", kind::directory, "/var/log/netconsole", output_format::raw},
           row{"syslog:unix:/dev/log", kind::syslog, "", output_format::local_syslog},
           row{"syslog:udp:127.0.0.1:5514", kind::syslog, "", output_format::syslog},
           row{"journal", kind::journal, "/run/systemd/journal/socket", output_format::journal},
           row{"journal:/tmp/socket", kind::journal, "/tmp/socket", output_format::journal},
       }) {
    INFO(text);
    const auto read = tool::parse_output(text);
    REQUIRE(read);
    CHECK(read->what == what);
    CHECK(read->path == path);
    CHECK(read->format == format);
  }
}

TEST_CASE("keys of outputs") {
  const auto all = tool::parse_output(
      "json@dir:/x,min-level=err,sender=10.0.0.0/8 "
      "10.1.2.3,rate-limit=7,queue=1M,rotate-size=2K,rotate-age=24h,keep=0,"
      "sync=5s,dir-size=3M,keep-free=0,match=a\\,b{1\\,2}\\d");
  REQUIRE(all);
  CHECK(all->filter.min_level == 3);
  CHECK(all->filter.match->is_in("xa,bb5"));
  CHECK_FALSE(all->filter.match->is_in("a,5"));
  CHECK(all->filter.sender->admits(netcon::ipv4_address{10, 9, 9, 9}));
  CHECK_FALSE(all->filter.sender->admits(netcon::ipv4_address{11, 9, 9, 9}));
  CHECK(all->rate_limit == 7);
  CHECK(all->queue_bytes == 1 << 20);
  CHECK(all->when.bytes == 2048);
  CHECK(all->when.age == 24h);
  CHECK(all->when.keep == 0);
  CHECK(all->sync == 5s);
  CHECK(all->limits.bytes == 3 << 20);
  CHECK(all->limits.keep_free == 0);
  const auto none = tool::parse_output("dir:/x").value();
  CHECK(none.when.bytes == 100 << 20);
  CHECK(none.queue_bytes == 64 << 20);
  CHECK_FALSE(none.sync);
  // What is shown decides which outputs share their text; the order of the keys does not.
  CHECK(tool::parse_output("-,match=x,min-level=3").value().selection ==
        tool::parse_output("file,min-level=3,keep=2,match=x").value().selection);
  CHECK(tool::parse_output("-,match=x").value().selection != none.selection);
}

TEST_CASE("a mistake names the part, the rule and what to write") {
  for (const auto& [text, says] : {
           std::pair<std::string_view, std::string_view>{"", "no place: write -, FILE, dir:DIR"},
           {"json@", "no place"},
           {"jsno@-", "'jsno' is not a format; did you mean json?; the formats are short, full, json, raw"},
           {"syslog@-", "'syslog' is not a format"},
           {"json@syslog:udp:127.0.0.1", "has a format of its own: leave json@ out"},
           {"json@journal", "journal has a format of its own: leave json@ out"},
           {"journal:", "no socket: write journal, or journal:PATH of its socket"},
           {"dir:", "no directory: write dir:DIR"},
           {"syslog:", "syslog:udp:HOST[:PORT]"},
           {"syslog:loghost", "udp:HOST[:PORT]"},
           {"udp:10.0.0.1", "write syslog:udp:10.0.0.1; a file of that name is ./udp:10.0.0.1"},
           {"journl:", "'journl:' is not a kind of place"},
           {"json",
            "'json' is no place: write json@- for standard output, or json@PLACE; a file of that name is "
            "./json"},
           {"stdout", "'stdout' is no place: write -; a file of that name is ./stdout"},
           {"jurnal", "'jurnal' is no place: write journal; a file of that name is ./jurnal"},
           {"-,rotat-size=5", "- has no key 'rotat-size'"},
           {"dir:/x,rotat-size=5", "did you mean rotate-size?"},
           {"-,keep=5", "- has no key 'keep'; its keys are min-level, match, sender, rate-limit, queue;"},
           {"file,dir-size=5", "file has no key 'dir-size'"},
           {"raw@-,match=x", "raw output has no key 'match'; its keys are sender, queue;"},
           {"-,min-level", "min-level has no value: write min-level=LEVEL"},
           {"-,min-level=", "min-level has no value"},
           {"-,min-level=9", "min-level: '9' is not a level"},
           {"-,match=(", "match: '(' is not a regular expression"},
           {"-,sender=host", "sender: 'host' is not a range"},
           {"-,sender= ", "sender: write a range"},
           {"-,rate-limit=-1", "rate-limit: '-1' is not a whole number of 0 or more"},
           {"-,queue=16777216T", "queue: '16777216T' is not a size"},
           {"file,keep=1001", "keep: '1001' is not a whole number from 0 to 1000"},
           {"file,rotate-age=5", "rotate-age: '5' has no unit"},
           {"file,rotate-age=20000d", "rotate-age: '20000d' is not between 0 and 10000d"},
           {"-,queue=1,queue=2", "queue is given twice"},
           {"-,", "- has no key ''"},
       }) {
    INFO(text);
    INFO(problem(text));
    CHECK(contains(problem(text), says));
    CHECK_FALSE(contains(problem(text), "\n"));
  }
}

TEST_CASE("several outputs, and --json") {
  CHECK(tool::parse_outputs({}, false).value().front().name() == "standard output");
  CHECK(tool::parse_outputs({}, true).value().front().format == output_format::json);
  const auto some = tool::parse_outputs({"full@-", "dir:/x", "syslog:unix:/y"}, true).value();
  CHECK(some[0].format == output_format::full);
  CHECK(some[1].format == output_format::json);
  CHECK(some[2].format == output_format::local_syslog);
  CHECK(contains(tool::parse_outputs({"full@-"}, true).error(),
                 "--json: every output has a format of its own"));
  CHECK(contains(tool::parse_outputs({"-", "dir:"}, false).error(), "--to 'dir:': no directory"));
}
