// SPDX-License-Identifier: MIT
// The packets of the corpus, both ways: what kernels made of known records.
#include <netcon/wire/encode.hpp>
#include <netcon/wire/printk_format.hpp>

#include "support/catch.hpp"
#include "support/corpus.hpp"

#include <array>
#include <string>
#include <vector>

using namespace netcon;
using nlohmann::json;
using test::corpus_bytes;

namespace {

std::vector<std::string> packets_of(const json& answer) {
  std::vector<std::string> packets;
  for (const auto& packet : answer.at("packets")) packets.push_back(corpus_bytes(packet));
  return packets;
}

/// One answer of one kernel. False where this kernel's record is one that no kernel can have.
bool check_answer(const json& row, const json& answer, const kernel_profile& kernel) {
  const auto header = corpus_bytes(row, "header"), body = corpus_bytes(row, "body"),
             release = corpus_bytes(row, "release");
  extended_record m{.header = header, .body = body};
  if (row.at("release").is_string()) m.release = release;
  std::vector<std::string> texts;
  for (const auto& pair : row.at("userdata")) {
    texts.push_back(corpus_bytes(pair.at(0)));
    texts.push_back(corpus_bytes(pair.at(1)));
  }
  std::vector<dictionary_entry> userdata;
  for (std::size_t i = 0; i < texts.size(); i += 2) userdata.push_back({texts[i], texts[i + 1]});
  m.userdata = userdata;
  std::string taskname, sys_release;
  const auto& sys = row.at("sysdata");
  if (sys.contains("cpu")) m.sysdata.cpu = sys.at("cpu").get<std::uint32_t>();
  if (sys.contains("msgid")) m.sysdata.msgid = sys.at("msgid").get<std::uint32_t>();
  taskname = corpus_bytes(sys, "taskname");
  sys_release = corpus_bytes(sys, "release");
  if (sys.contains("taskname")) m.sysdata.taskname = taskname;
  if (sys.contains("release")) m.sysdata.release = sys_release;
  std::vector<std::string> sent;
  const auto sink = [&](std::string_view packet) { sent.emplace_back(packet); };
  CAPTURE(to_string(kernel.version()), header, release);
  // One row was made with a key that no mkdir accepts.
  if (const auto wrong = check(m, kernel)) {
    CHECK(*wrong == encode_error{text_errc::bad_userdata_key, record_part::userdata, 58, {0, 55}});
    CHECK(encode(m, kernel, sink).error() == *wrong);
    CHECK(sent.empty());
    return false;
  }
  const auto count = encode(m, kernel, sink);
  REQUIRE(count);
  CHECK(*count == sent.size());
  CHECK(sent == packets_of(answer));

  for (const auto& packet : sent) {
    const auto decoded = decode(packet);
    REQUIRE(decoded);
    CHECK(decoded->is_extended());
    CHECK(decoded->header() == header);
    CHECK(decoded->release().value_or("") == release);
    std::array<char, max_packet> again{};
    const auto end = encode_to(again.data(), again.data() + again.size(), *decoded).ptr;
    CHECK(std::string(again.data(), end) == packet);
  }
  return true;
}

}  // namespace

TEST_CASE("encode sends what the kernel sent") {
  std::size_t answers = 0, refused = 0;
  for (const auto& row : test::corpus_rows("packets"))
    for (const auto& answer : row.at("answers"))
      for (const auto& kernel : test::corpus_kernels(answer)) {
        ++answers;
        refused += !check_answer(row, answer, kernel);
      }
  CHECK(answers == 66);
  CHECK(refused == 1);
}

TEST_CASE("format_extended writes what the kernel's formatter wrote") {
  std::size_t formatted = 0;
  for (const auto& row : test::corpus_rows("packets")) {
    const auto& source = row.at("record");
    const auto text = corpus_bytes(source, "text"), caller = corpus_bytes(source, "caller"),
               subsystem = corpus_bytes(source, "subsystem"), device = corpus_bytes(source, "device");
    const log_record record{
        .priority = static_cast<std::uint16_t>(source.at("facility").get<unsigned>() * 8 +
                                               source.at("level").get<unsigned>()),
        .sequence = source.at("sequence").get<std::uint64_t>(),
        .timestamp_us = source.at("timestamp_ns").get<std::uint64_t>() / 1000,
        .flag = source.at("continuation").get<bool>() ? continuation::piece : continuation::none,
        .caller = caller,
        .text = text,
        .subsystem = subsystem,
        .device = device,
    };
    for (const auto& answer : row.at("answers"))
      for (const auto& kernel : test::corpus_kernels(answer)) {
        std::array<char, max_formatted> buffer{};
        const auto got = format_extended(record, kernel, buffer);
        CAPTURE(to_string(kernel.version()), corpus_bytes(row, "header"));
        REQUIRE(got.has_value());
        CHECK(got->header == corpus_bytes(row, "header"));
        CHECK(got->body == corpus_bytes(row, "body"));
        ++formatted;
      }
  }
  CHECK(formatted == 66);
}
