// SPDX-License-Identifier: MIT
// The parameter rows under tests/data/vectors, read for every test that runs over them.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/parameter/target.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test {

inline std::ifstream open_data(const std::string& name) {
  std::ifstream file{std::string{TEST_DATA_DIR "/vectors/"} + name};
  if (!file) throw std::runtime_error{"cannot open " + name};
  return file;
}

struct param_example {
  std::string text;
  std::array<std::string, 4> outcomes;  // Linux 3.7, 6.1.192, 6.12.117, 7.3.4
};

inline std::vector<param_example> param_examples() {
  const auto unescape = [](std::string text) {
    for (const auto& [from, to] : {std::pair{"\\n", "\n"}, {"\\t", "\t"}})
      for (std::size_t at; (at = text.find(from)) != text.npos;) text.replace(at, 2, to);
    return text;
  };
  auto file = open_data("param_examples.txt");
  std::vector<param_example> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> cells{""};
    for (const char c : line) {
      if (c == '\t') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    if (cells.size() != 5) throw std::runtime_error{"not five cells: " + line};
    for (auto& cell : cells) cell = unescape(cell);
    rows.push_back({cells[0], {cells[1], cells[2], cells[3], cells[4]}});
  }
  return rows;
}

struct param_vector {
  std::string text;
  std::vector<std::pair<netcon::kernel_profile, std::optional<netcon::settings>>>
      answers;  // nothing: refused
};

inline std::vector<param_vector> param_vectors() {
  const auto settings_of = [](const nlohmann::json& j) -> std::optional<netcon::settings> {
    if (j.is_null()) return std::nullopt;
    netcon::settings s;
    s.extended = j.at("extended");
    s.release = j.at("release");
    s.local_port = netcon::port{j.at("local_port").get<std::uint16_t>()};
    if (!j.at("local_ip").is_null())
      s.local_ip = netcon::ip_address::parse(j.at("local_ip").get<std::string>()).value();
    s.dev_name = {};
    if (!j.at("dev_name").is_null())
      s.dev_name = netcon::interface_name::truncated(j.at("dev_name").get<std::string>());
    if (!j.at("dev_mac").is_null())
      s.dev_mac = netcon::mac_address::parse(j.at("dev_mac").get<std::string>()).value();
    s.remote_port = netcon::port{j.at("remote_port").get<std::uint16_t>()};
    s.remote_ip = netcon::ip_address::parse(j.at("remote_ip").get<std::string>()).value();
    s.remote_mac = netcon::mac_address::parse(j.at("remote_mac").get<std::string>()).value();
    return s;
  };
  auto file = open_data("param_vectors.jsonl");
  std::vector<param_vector> rows;
  for (std::string line; std::getline(file, line);) {
    const auto j = nlohmann::json::parse(line);
    if (j.contains("meta")) continue;
    rows.push_back({j.at("s"),
                    {{netcon::kernel_profile{6, 1, 192}, settings_of(j.at("v6.1"))},
                     {netcon::kernel_profile{6, 12, 117}, settings_of(j.at("v6.12"))},
                     {netcon::kernel_profile{7, 3, 4}, settings_of(j.at("vNEW"))}}});
  }
  return rows;
}

}  // namespace test
