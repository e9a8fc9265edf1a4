// SPDX-License-Identifier: MIT
// The corpus (docs/corpus.md) as the tests read it. NETCON_CORPUS names another folder than
// tests/data/corpus.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/parameter/target.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// The bytes of a string of the corpus, which has one character for each; none for null.
inline std::string corpus_bytes(const nlohmann::json& text) {
  std::string bytes;
  if (text.is_null()) return bytes;
  const auto& utf8 = text.get_ref<const std::string&>();
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80) {
      bytes += utf8[i];
    } else if (lead < 0xc4) {
      bytes += static_cast<char>((lead & 3) << 6 | (utf8[++i] & 0x3f));
    } else {
      throw std::runtime_error{"a character beyond U+00FF in the corpus"};
    }
  }
  return bytes;
}

inline std::string corpus_bytes(const nlohmann::json& row, const char* field) {
  return row.contains(field) ? corpus_bytes(row.at(field)) : std::string{};
}

/// The first line of a part, which holds for all rows, and the rows.
struct corpus_part {
  nlohmann::json head;
  std::vector<nlohmann::json> rows;
};

inline std::string corpus_folder() {
  const char* const elsewhere = std::getenv("NETCON_CORPUS");
  return elsewhere ? elsewhere : TEST_DATA_DIR "/corpus";
}

inline corpus_part read_corpus(const std::string& part) {
  const auto path = corpus_folder() + "/" + part + ".jsonl";
  std::ifstream file{path};
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error{"cannot read " + path};
  corpus_part read{nlohmann::json::parse(line), {}};
  if (read.head.at("corpus") != 1 || read.head.at("part") != part)
    throw std::runtime_error{"not version 1: " + path};
  while (std::getline(file, line)) read.rows.push_back(nlohmann::json::parse(line));
  if (read.rows.size() != read.head.at("rows").get<std::size_t>())
    throw std::runtime_error{"cut short: " + path};
  return read;
}

/// The rows of a part, such as "packets", without its first line.
inline std::vector<nlohmann::json> corpus_rows(const std::string& part) {
  return read_corpus(part).rows;
}

/// The first line of a part: its version, how many rows follow, and what holds for all of them.
inline nlohmann::json corpus_head(const std::string& part) {
  return read_corpus(part).head;
}

/// Which row of the part "configfs" it is.
inline std::string corpus_place(const nlohmann::json& row) {
  return row.at("sequence").get<std::string>() + " " + row.at("step").dump() + ", " +
         row.at("op").get<std::string>() + " " + row.value("path", "");
}

/// The kernels that gave an answer.
inline std::vector<netcon::kernel_profile> corpus_kernels(const nlohmann::json& answer) {
  std::vector<netcon::kernel_profile> kernels;
  for (const auto& version : answer.at("kernels"))
    kernels.emplace_back(netcon::kernel_version::parse(version.get<std::string>()).value());
  return kernels;
}

/// What the parser of one kernel made of a text as one target.
struct parser_answer {
  netcon::kernel_profile kernel;
  std::optional<netcon::settings> target;  ///< nothing: refused
  std::optional<std::string> refusal;      ///< the errno and what the log quotes, where known
  bool was_run = false;                    ///< not only read
};

struct corpus_parameter {
  std::string text;
  std::vector<parser_answer> answers;
  std::vector<nlohmann::json> loads;  ///< answers of booted kernels
};

inline std::optional<netcon::settings> settings_of(const nlohmann::json& target) {
  if (target.is_null()) return std::nullopt;
  const auto text = [&](const char* field) { return corpus_bytes(target, field); };
  netcon::settings s;
  s.extended = target.at("extended");
  s.release = target.at("release");
  s.local_port = netcon::port{target.at("local_port").get<std::uint16_t>()};
  if (!target.at("local_ip").is_null()) s.local_ip = netcon::ip_address::parse(text("local_ip")).value();
  s.dev_name = netcon::interface_name::truncated(text("dev_name"));
  if (!target.at("dev_mac").is_null()) s.dev_mac = netcon::mac_address::parse(text("dev_mac")).value();
  s.remote_port = netcon::port{target.at("remote_port").get<std::uint16_t>()};
  s.remote_ip = netcon::ip_address::parse(text("remote_ip")).value();
  s.remote_mac = netcon::mac_address::parse(text("remote_mac")).value();
  return s;
}

inline std::vector<corpus_parameter> corpus_parameters() {
  std::vector<corpus_parameter> all;
  for (const auto& row : corpus_rows("parameters")) {
    corpus_parameter one{corpus_bytes(row, "parameter"), {}, {}};
    for (const auto& answer : row.at("answers")) {
      if (answer.at("source") == "booted") {
        one.loads.push_back(answer);
        continue;
      }
      std::optional<std::string> refusal;
      if (answer.contains("quoted"))
        refusal = answer.at("errno").get<std::string>() + " " + corpus_bytes(answer, "quoted");
      for (const auto& kernel : corpus_kernels(answer))
        one.answers.push_back(
            {kernel, settings_of(answer.at("target")), refusal, answer.at("source") == "compiled"});
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace test
