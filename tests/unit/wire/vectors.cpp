// SPDX-License-Identifier: MIT
// The packets of three kernels for known records, both ways.
#include <netcon/wire/encode.hpp>
#include <netcon/wire/printk_format.hpp>

#include "support/base64.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <fstream>
#include <string>
#include <vector>

using namespace netcon;
using nlohmann::json;

namespace {

std::vector<json> rows() {
  std::ifstream file{TEST_DATA_DIR "/vectors/wire_vectors.jsonl"};
  std::vector<json> rows;
  for (std::string line; std::getline(file, line);) {
    auto row = json::parse(line);
    if (!row.contains("meta")) rows.push_back(std::move(row));
  }
  return rows;
}

/// The vectors hold one character a byte.
std::string bytes_of(const json& text) {
  std::string out;
  const auto& utf8 = text.get_ref<const std::string&>();
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80) {
      out += utf8[i];
    } else {
      out += static_cast<char>((lead & 3) << 6 | (utf8[i + 1] & 0x3f));
      ++i;
    }
  }
  return out;
}

std::string text_of(const json& row, const char* key) {
  return row.contains(key) && row.at(key).is_string() ? bytes_of(row.at(key)) : std::string{};
}

std::vector<std::string> packets_of(const json& row) {
  std::vector<std::string> packets;
  for (const auto& packet : row.at("packets"))
    packets.push_back(test::base64_decode(packet.get<std::string>()));
  return packets;
}

}  // namespace

TEST_CASE("encode sends what the kernel sent") {
  const auto all = rows();
  REQUIRE(all.size() == 66);
  int refused = 0;
  for (const auto& row : all) {
    const auto kernel = kernel_profile(kernel_version::parse(row.at("version").get<std::string>()).value());
    const auto header = text_of(row, "header"), body = text_of(row, "body"),
               release = text_of(row, "release");
    extended_record m{.header = header, .body = body};
    if (row.at("release").is_string()) m.release = release;
    std::vector<std::string> texts;
    for (const auto& pair : row.at("userdata")) {
      texts.push_back(bytes_of(pair.at(0)));
      texts.push_back(bytes_of(pair.at(1)));
    }
    std::vector<dictionary_entry> userdata;
    for (std::size_t i = 0; i < texts.size(); i += 2) userdata.push_back({texts[i], texts[i + 1]});
    m.userdata = userdata;
    std::string taskname, sys_release;
    if (const auto& sys = row.at("sysdata"); sys.is_object()) {
      if (sys.contains("cpu") && sys.at("cpu").is_number())
        m.sysdata.cpu = sys.at("cpu").get<std::uint32_t>();
      if (sys.contains("msgid") && sys.at("msgid").is_number())
        m.sysdata.msgid = sys.at("msgid").get<std::uint32_t>();
      taskname = text_of(sys, "taskname");
      sys_release = text_of(sys, "release");
      if (sys.contains("taskname") && sys.at("taskname").is_string()) m.sysdata.taskname = taskname;
      if (sys.contains("release") && sys.at("release").is_string()) m.sysdata.release = sys_release;
    }
    std::vector<std::string> sent;
    const auto sink = [&](std::string_view packet) { sent.emplace_back(packet); };
    CAPTURE(row.at("version").get<std::string>(), header, release);
    // One row was made with a key that no mkdir accepts.
    const auto wrong = check(m, kernel);
    if (wrong) {
      ++refused;
      CHECK(*wrong == encode_error{text_errc::bad_userdata_key, record_part::userdata, 58, {0, 55}});
      CHECK(encode(m, kernel, sink).error() == *wrong);
      CHECK(sent.empty());
      continue;
    }
    const auto count = encode(m, kernel, sink);
    REQUIRE(count);
    CHECK(*count == sent.size());
    CHECK(sent == packets_of(row));

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
  }
  CHECK(refused == 1);
}

TEST_CASE("format_extended writes what the kernel's formatter wrote") {
  std::size_t formatted = 0;
  for (const auto& row : rows()) {
    const auto& source = row.at("record");
    if (!source.is_object()) continue;
    const auto kernel = kernel_profile(kernel_version::parse(row.at("version").get<std::string>()).value());
    const auto text = test::base64_decode(source.at("text_b64").get<std::string>());
    const auto caller = text_of(source, "caller"), subsystem = text_of(source, "subsystem"),
               device = text_of(source, "device");
    const log_record record{
        .priority = static_cast<std::uint16_t>(source.at("facility").get<unsigned>() * 8 +
                                               source.at("level").get<unsigned>()),
        .sequence = source.at("seq").get<std::uint64_t>(),
        .timestamp_us = source.at("ts_nsec").get<std::uint64_t>() / 1000,
        .flag = source.at("cont").get<bool>() ? continuation::piece : continuation::none,
        .caller = caller,
        .text = text,
        .subsystem = subsystem,
        .device = device,
    };
    std::array<char, max_formatted> buffer{};
    const auto got = format_extended(record, kernel, buffer);
    CAPTURE(row.at("version").get<std::string>(), row.at("header").get<std::string>());
    REQUIRE(got.has_value());
    CHECK(got->header == text_of(row, "header"));
    CHECK(got->body == text_of(row, "body"));
    ++formatted;
  }
  CHECK(formatted > 60);
}
