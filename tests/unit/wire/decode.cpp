// SPDX-License-Identifier: MIT
#include <netcon/wire/decode.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace netcon;
using namespace std::string_literals;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

pairs dictionary_of(const record_view& record) {
  pairs out;
  for (const auto [key, value] : record.dictionary()) out.emplace_back(key, value);
  return out;
}

std::vector<std::string> fields_of(const record_view& record) {
  std::vector<std::string> out;
  for (const auto field : record.fields()) out.emplace_back(field);
  return out;
}

/// In a buffer of exactly its size, so that a sanitizer sees a read beyond it.
struct exact {
  explicit exact(std::string_view text) : bytes{new char[text.size()]}, size{text.size()} {
    std::ranges::copy(text, bytes.get());
  }
  std::string_view view() const { return {bytes.get(), size}; }

  std::unique_ptr<char[]> bytes;
  std::size_t size;
};

}  // namespace

constexpr auto in_the_compiler = decode("6.4.0,6,416,1758426,-,caller=T1,x=y,ncfrag=0/1001;AAA");
static_assert(in_the_compiler->release() == "6.4.0");
static_assert(in_the_compiler->fragment() == fragment{0, 1001});
static_assert(noexcept(decode("")));
static_assert(std::is_trivially_copyable_v<record_view>);

TEST_CASE("a plain record") {
  const auto r = decode("6,339,5140900,-;NET: Registered protocol family 10\n").value();
  CHECK(r.is_extended());
  CHECK(!r.release());
  CHECK(r.priority() == 6);
  CHECK(r.facility() == 0);
  CHECK(r.level() == level::info);
  CHECK(r.sequence() == 339);
  CHECK(r.timestamp_us() == 5140900);
  CHECK(r.flag() == continuation::none);
  CHECK(r.caller().empty());
  CHECK(!r.fragment());
  CHECK(r.text() == "NET: Registered protocol family 10");
  CHECK(r.dictionary().empty());
  CHECK(r.header() == "6,339,5140900,-");
  CHECK(r.body() == "NET: Registered protocol family 10\n");
}

TEST_CASE("facility, dictionary, release, caller, flags") {
  const auto r = decode(
                     "7.3.4,2047,18446744073709551615,18446744073709551,c,caller=C3;\n SUBSYSTEM=acpi\n "
                     "DEVICE=+acpi:PNP0A03:00\n")
                     .value();
  CHECK(r.release() == "7.3.4");
  CHECK(r.facility() == 255);
  CHECK(r.level() == level::debug);
  CHECK(r.sequence() == 18446744073709551615u);
  CHECK(r.flag() == continuation::piece);
  CHECK(r.caller() == "C3");
  CHECK(r.text().empty());
  CHECK(dictionary_of(r) == pairs{{"SUBSYSTEM", "acpi"}, {"DEVICE", "+acpi:PNP0A03:00"}});
  CHECK(decode("6,1,1,+;x")->flag() == continuation::following);
}

TEST_CASE("lines behind the text: in order, duplicates kept, whatever their form") {
  const auto r =
      decode("6,1,1,-;t\n cpu=1\n cpu=42\n odd\nno blank=1\n a=b=c\n =empty key\n\n last=x").value();
  CHECK(dictionary_of(r) == pairs{{"cpu", "1"},
                                  {"cpu", "42"},
                                  {"odd", ""},
                                  {"no blank", "1"},
                                  {"a", "b=c"},
                                  {"", "empty key"},
                                  {"", ""},
                                  {"last", "x"}});
  CHECK(r.dictionary().find("cpu") == "42");
  CHECK(!r.dictionary().find("none"));
}

TEST_CASE("unknown header fields are kept in order, ncfrag apart") {
  const auto r = decode("6,1,1,-,a=1,caller=T7,,ncfrag=0/9,later;123456789").value();
  CHECK(fields_of(r) == std::vector<std::string>{"a=1", "caller=T7", "", "later"});
  CHECK(r.header() == "6,1,1,-,a=1,caller=T7,");
  CHECK(r.header_tail() == ",later");
  CHECK(r.caller() == "T7");
  CHECK(r.fragment() == fragment{0, 9});
  CHECK(fields_of(decode("6,1,1,-;x").value()).empty());
  CHECK(fields_of(decode("6,1,1,-,;x").value()) == std::vector<std::string>{""});
}

TEST_CASE("everything else is legacy text") {
  for (const std::string_view packet : {"[   12.345678] usb 1-1: new device\n",
                                        "hello",
                                        ";",
                                        "6,1,1;x",
                                        "6,1,1,-",
                                        "6,1,1,x;t",
                                        "6,1,,-;t",
                                        "6,1,1,-x;t",
                                        "0x6,1,1,-;t",
                                        "+6,1,1,-;t",
                                        "-6,1,1,-;t",
                                        " 6,1,1,-;t",
                                        "6 ,1,1,-;t",
                                        "6,1,1,-,caller=T1",
                                        "a,b,6,1,1,-;t",
                                        "a;1,2",
                                        "a;b,6,1,1,-;t",
                                        "a;b,12",
                                        "7,12",
                                        "1",
                                        "6,1",
                                        "6,1,1,-,ncfrag=0/9",
                                        "r,6,1,1",
                                        "6,1,1,c",
                                        "6,1,1,--;t",
                                        "<6>text",
                                        "6,1.0,1,-;x",
                                        "6,1,1,",
                                        "6,1,1,-\n;x",
                                        "a,6,1,1,",
                                        "6,,1,-;t",
                                        ",1,1,-;t",
                                        "6,1,1,-,caller=T",
                                        "6,1,1,-,ncfrag=0/9,x",
                                        "r,6,1,1,-,x",
                                        "\xff\xfe",
                                        "\n"}) {
    CAPTURE(packet);
    const exact copy{packet};
    const auto r = decode(copy.view());
    REQUIRE(r);
    CHECK(r->is_basic());
    CHECK(r->body() == packet);
    CHECK(r->text() == (packet.ends_with('\n') ? packet.substr(0, packet.size() - 1) : packet));
    CHECK(r->dictionary().empty());
    CHECK(!r->release());
  }
  CHECK(decode(std::string_view{"\0"s})->is_basic());
}

TEST_CASE("what has the shape of a header but no kernel sends is an error with its place") {
  const std::vector<std::tuple<std::string, text_errc, text_range>> rows{
      {"", text_errc::empty_packet, {0, 0}},
      {"6,18446744073709551616,1,-;t", text_errc::number_out_of_range, {2, 22}},
      {"6,1,99999999999999999999999,-;t", text_errc::number_out_of_range, {4, 27}},
      {"99999999999999999999999,1,1,-;t", text_errc::number_out_of_range, {0, 23}},
      {"r,6,18446744073709551616,1,-;t", text_errc::number_out_of_range, {4, 24}},
      {"6,1,18446744073709551617,-;t", text_errc::number_out_of_range, {4, 24}},
      {"18446744073709551622,1,1,-;t", text_errc::number_out_of_range, {0, 20}},
      {"2048,1,1,-;t", text_errc::bad_priority, {0, 4}},
      {"00000000000000002048,1,1,-;t", text_errc::bad_priority, {0, 20}},
      {"6,1,1,-,ncfrag=;t", text_errc::bad_fragment, {8, 15}},
      {"6,1,1,-,ncfrag=0;t", text_errc::bad_fragment, {8, 16}},
      {"6,1,1,-,ncfrag=0/;t", text_errc::bad_fragment, {8, 17}},
      {"6,1,1,-,ncfrag=/9;t", text_errc::bad_fragment, {8, 17}},
      {"6,1,1,-,ncfrag=0/9/9;t", text_errc::bad_fragment, {8, 20}},
      {"6,1,1,-,ncfrag=-1/9;t", text_errc::bad_fragment, {8, 19}},
      {"6,1,1,-,ncfrag= 0/9;t", text_errc::bad_fragment, {8, 19}},
      {"6,1,1,-,ncfrag=0/9,ncfrag=0/9;t", text_errc::bad_fragment, {19, 29}},
      {"6,1,1,-,ncfrag=4294967296/4294967297;t", text_errc::number_out_of_range, {8, 36}},
      {"6,1,1,-,ncfrag=0;9,t", text_errc::bad_fragment, {8, 16}},
      {"6,1,1,-,ncfrag=4294967296/4294967297,x;t", text_errc::number_out_of_range, {8, 36}},
      {"6,1,1,-,ncfrag=0/4294967296;t", text_errc::number_out_of_range, {8, 27}},
      {"6,1,1,-,ncfrag=18446744073709551616/9;t", text_errc::number_out_of_range, {8, 37}},
      {"6,1,1,-,ncfrag=0/18446744073709551625;t", text_errc::number_out_of_range, {8, 37}},
      {"6,1,1,-,ncfrag=4294967296/9x;t", text_errc::bad_fragment, {8, 28}},
      {"6,1,1,-,ncfrag=x,ncfrag=0/9x;t", text_errc::bad_fragment, {8, 16}},
      {"6,1,1,-,ncfrag=0/9x;", text_errc::bad_fragment, {8, 19}},
      {"6,1,1,-,ncfrag=0/3x;1234", text_errc::bad_fragment, {8, 19}},
      {"6,1,1,-,ncfrag=0/0x;t", text_errc::bad_fragment, {8, 19}},
      {"6,1,1,-,ncfrag=0/0;t", text_errc::fragment_empty, {8, 18}},
      {"6,1,1,-,ncfrag=0/9;", text_errc::fragment_empty, {8, 18}},
      {"6,1,1,-,ncfrag=0/3;1234", text_errc::fragment_out_of_bounds, {8, 18}},
      {"6,1,1,-,ncfrag=8/9;12", text_errc::fragment_out_of_bounds, {8, 18}},
      {"6,1,1,-,ncfrag=4294967295/9;1", text_errc::fragment_out_of_bounds, {8, 27}},
      {"6,1,1,-,ncfrag=4294967295/4294967295;1", text_errc::fragment_out_of_bounds, {8, 36}},
  };
  for (const auto& [packet, code, where] : rows) {
    CAPTURE(packet);
    const exact copy{packet};
    const auto r = decode(copy.view());
    REQUIRE(!r);
    CHECK(r.error().code == code);
    CHECK(r.error().where == where);
  }
}

TEST_CASE("numbers are decimal, whatever zeros lead them") {
  const auto r = decode("0006,010,00000000000000000000000000000000000000007,-;t").value();
  CHECK(r.priority() == 6);
  CHECK(r.sequence() == 10);
  CHECK(r.timestamp_us() == 7);
}

TEST_CASE("length counts, NUL is a byte") {
  const auto packet = "6,1,1,-;a\0b\n k\0=\0v\n"s;
  const auto r = decode(packet).value();
  CHECK(r.text() == "a\0b"s);
  CHECK(dictionary_of(r) == pairs{{"k\0"s, "\0v"s}});
}

TEST_CASE("the first ';' ends the header, the first newline the text") {
  const auto r = decode("6,1,1,-;a;b,c=d;e\n").value();
  CHECK(r.text() == "a;b,c=d;e");
  CHECK(decode("6,1,1,-;")->text().empty());
  CHECK(decode("6,1,1,-;no newline")->text() == "no newline");
}

TEST_CASE("a replayed record is told, before and behind a release") {
  const auto notice = std::string{replay_notice} + "\n";
  const auto plain = notice + "0,432,4754007,-;---[ end Kernel panic\n";
  const auto r = decode(plain);
  CHECK(r->is_extended());
  CHECK(r->is_replayed());
  CHECK(r->sequence() == 432);
  CHECK(r->header() == "0,432,4754007,-");
  const auto released = "7.3.4," + notice + "0,432,4754007,-,ncfrag=0/9;abc";
  const auto second = decode(released).value();
  CHECK(second.is_replayed());
  CHECK(second.release() == "7.3.4");
  CHECK(second.fragment() == fragment{0, 9});
  const auto text = notice + "[    1.0] text\n";
  CHECK(decode(text)->is_basic());
  CHECK(decode(text)->body() == text);
  CHECK(!decode("** replaying previous printk message **6,1,1,-;t")->is_replayed());
  const auto twice =
      decode("** replaying previous printk message **\n** replaying previous printk message **\nx,6,1,1,-;t");
  CHECK(twice.has_value());
  CHECK(!twice->is_extended());

  const auto outside = notice + "7.3.4,6,1,1,-;t";
  CHECK(decode(outside)->is_replayed());
  CHECK(decode(outside)->release() == "7.3.4");
  CHECK(decode(text)->is_replayed());
  CHECK(decode(notice)->is_basic());
  CHECK(decode(std::string_view{notice + "[    1.0] 42"})->is_replayed());
  const auto torn = notice + "6,1,1,-,caller=T";
  CHECK(decode(torn)->is_basic());
  CHECK(decode(torn)->is_replayed());
  CHECK(decode(torn)->body() == torn);
  for (const auto& other : {"7.3.4," + notice + "6,1,1,-,caller=T", "*," + notice + "6,1,1,-,caller=T",
                            "7.3.4," + notice + "6,1,x", "6,1,1,-,caller=T"s}) {
    CHECK(decode(other)->is_basic());
    CHECK(!decode(other)->is_replayed());
  }
  // As long as the notice, but not it.
  const auto similar = std::string(replay_notice.size(), '*') + "\n6,1,1,-;t";
  CHECK(decode(similar)->is_basic());
}

TEST_CASE("the first caller counts, and no other field is one") {
  CHECK(decode("6,1,1,-,caller=T1,caller=T2;x")->caller() == "T1");
  CHECK(decode("6,1,1,-,caller=T1,a=1;x")->caller() == "T1");
  CHECK(decode("6,1,1,-,a=1;x")->caller().empty());
}

TEST_CASE("a packet of 1000 bytes whose newline became NUL is repaired and flagged") {
  const auto front = "6.4.0,6,416,1758426,-;"s;
  const auto text = std::string(999 - front.size(), 'A');
  const auto packet = front + text + '\0';
  const auto r = decode(packet);
  CHECK(r->damage() == damage::nul_for_newline);
  CHECK(r->text() == text);
  CHECK(r->body() == text + '\0');
  CHECK(decode(std::string_view{front + text + '\n'})->damage() == damage::none);
  CHECK(decode(std::string_view{front + text.substr(1) + '\0'})->damage() == damage::none);  // 999 bytes
  const auto plain = "6,416,1758426,-;"s;
  CHECK(decode(std::string_view{plain + std::string(999 - plain.size(), 'A') + '\0'})->damage() ==
        damage::none);  // no release
  const auto with_dictionary = front + std::string(985 - front.size(), 'A') + "\n DEVICE=b12:8" + '\0';
  REQUIRE(with_dictionary.size() == 1000);
  CHECK(decode(with_dictionary)->damage() == damage::nul_for_newline);
  CHECK(decode(with_dictionary)->dictionary().find("DEVICE") == "b12:8");
}

TEST_CASE("a packet of 999 bytes that lost its last one is flagged") {
  const auto front = "6,416,1758426,-;"s;
  const auto packet = front + std::string(999 - front.size() - 9, 'A') + "\n key=val";
  const auto r = decode(packet).value();
  CHECK(r.damage() == damage::last_byte_missing);
  CHECK(dictionary_of(r) == pairs{{"key", "val"}});
  CHECK(decode(std::string_view{front + std::string(999 - front.size(), 'A')})->damage() ==
        damage::none);  // nothing but text
  CHECK(decode(std::string_view{front + std::string(999 - front.size() - 10, 'A') + "\n key=val\n"})
            ->damage() == damage::none);
}

TEST_CASE("an owner keeps its bytes when the packet is gone") {
  std::optional<record> kept;
  {
    const exact packet{"7.3.4,6,1,2,-,caller=T1;text\n k=v\n"};
    kept.emplace(decode(packet.view()).value());
  }
  const record copy = *kept;
  kept.reset();
  CHECK(copy.view().text() == "text");
  CHECK(copy.view().release() == "7.3.4");
  CHECK(copy.view().caller() == "T1");
  CHECK(copy.view().dictionary().find("k") == "v");
}

TEST_CASE("what stands behind a packet in memory is not read") {
  const auto notice = std::string{replay_notice} + "\n";
  for (const std::string& packet : {
           "7.3.4,6,416,1758426,-,caller=T1,ncfrag=0/12;text\n key=v\n"s,
           notice + "7.3.4,6,1,1,-,a,ncfrag=10/22,b;text",
           "7.3.4," + notice + "6,1,1,c;x",
       })
    for (std::size_t size = 0; size <= packet.size(); ++size) {
      CAPTURE(packet, size);
      const exact alone{std::string_view{packet}.substr(0, size)};
      const auto inside = decode(std::string_view{packet}.substr(0, size)), cut = decode(alone.view());
      REQUIRE(inside.has_value() == cut.has_value());
      if (!cut) {
        CHECK(inside.error() == cut.error());
        continue;
      }
      CHECK(inside->is_extended() == cut->is_extended());
      CHECK(inside->is_replayed() == cut->is_replayed());
      CHECK(inside->body() == cut->body());
      CHECK(inside->header() == cut->header());
      CHECK(inside->header_tail() == cut->header_tail());
      CHECK(inside->release() == cut->release());
      CHECK(inside->caller() == cut->caller());
      CHECK(inside->fragment() == cut->fragment());
    }
}

TEST_CASE("every prefix and every changed byte of a packet decodes to something, reading no further") {
  const std::string packet = "7.3.4,6,416,1758426,-,caller=T1,ncfrag=0/12;text\n key=v\n";
  for (std::size_t size = 0; size <= packet.size(); ++size) {
    const exact cut{packet.substr(0, size)};
    const auto r = decode(cut.view());
    if (r) CHECK(r->wire() == cut.view());
  }
  for (std::size_t i = 0; i < packet.size(); ++i)
    for (int byte = 0; byte < 256; ++byte) {
      auto changed = packet;
      changed[i] = static_cast<char>(byte);
      const exact copy{changed};
      const auto r = decode(copy.view());
      if (r && r->is_extended()) {
        std::size_t size = r->text().size();
        for (const auto [key, value] : r->dictionary()) size += key.size() + value.size();
        CHECK(size <= changed.size());
      }
    }
}

TEST_CASE("a record that was moved from, or to itself, has a view of nothing or of its own bytes") {
  const std::string packet = "6.12.1,6,1,2,-,caller=T1;" + std::string(100, 'x') + "\n key=value\n";
  record from{decode(packet).value()};
  record to{std::move(from)};
  CHECK(from.view().is_basic());
  CHECK(from.view().body().empty());
  CHECK_FALSE(from.view().release());
  auto& self = to;
  to = std::move(self);
  const auto view = to.view();
  CHECK(view.body().size() <= view.wire().size());
  from = to;
  CHECK(from.view().text() == view.text());
}
