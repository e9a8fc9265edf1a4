// SPDX-License-Identifier: MIT
#include "output/sarif.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/version.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace tool {

namespace {

using nlohmann::ordered_json;

/// SARIF counts columns in characters; ours are bytes.
std::size_t characters(std::string_view bytes) {
  std::size_t count = 0;
  for (char32_t code = 0; !bytes.empty(); ++count)
    bytes.remove_prefix(std::max<std::size_t>(1, netcon::utf8_sequence(bytes, code)));
  return count;
}

ordered_json region(std::string_view text, const netcon::text_range& where) {
  const auto place = [&](std::size_t offset) {
    const auto line = netcon::line_around(text, offset);
    return std::pair{netcon::line_column_of(text, offset).line,
                     1 + characters(text.substr(line.begin, offset - line.begin))};
  };
  const auto [start_line, start_column] = place(where.begin);
  const auto [end_line, end_column] = place(where.end);
  return {{"startLine", start_line},
          {"startColumn", start_column},
          {"endLine", end_line},
          {"endColumn", end_column}};
}

/// A path as the URI reference of an artifact.
std::string uri_of(const lint_source& source, std::size_t number) {
  if (source.name.empty()) return fmt::format("argument-{}", number + 1);
  if (source.name == "-") return "stdin";
  std::string uri = source.name.starts_with('/') ? "file://" : "";
  for (const char c : source.name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
                          std::string_view{"-._~/+@,="}.find(c) != std::string_view::npos;
    uri += is_plain ? std::string{c} : fmt::format("%{:02X}", byte);
  }
  return uri;
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  std::string text;
  netcon::append_utf8(text, bytes);
  return text;
}

std::string to_sarif(const std::vector<source_findings>& all) {
  std::vector<netcon::text_errc> codes;
  for (const auto& [source, found] : all)
    for (const auto& d : found)
      if (std::find(codes.begin(), codes.end(), d.code) == codes.end()) codes.push_back(d.code);

  auto rules = ordered_json::array();
  for (const auto code : codes)
    rules.push_back({{"id", name(code)},
                     {"shortDescription", {{"text", message(code)}}},
                     {"help", {{"text", hint(code)}}}});

  auto results = ordered_json::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [source, found] = all[i];
    const ordered_json artifact{{"uri", uri_of(source, i)}};
    for (const auto& d : found) {
      ordered_json result{
          {"ruleId", name(d.code)},
          {"ruleIndex", std::find(codes.begin(), codes.end(), d.code) - codes.begin()},
          {"level", name(d.severity)},
          {"message", {{"text", fmt::format("{}: {}", message(d.code), hint(d.code))}}},
          {"locations", ordered_json::array({{{"physicalLocation",
                                               {{"artifactLocation", artifact},
                                                {"region", region(source.text, d.where)}}}}})}};
      if (d.fix) {
        const ordered_json replacement{{"deletedRegion", region(source.text, d.fix->where)},
                                       {"insertedContent", {{"text", valid_utf8(d.fix->text)}}}};
        result["fixes"] = ordered_json::array(
            {{{"description", {{"text", hint(d.code)}}},
              {"artifactChanges",
               ordered_json::array({{{"artifactLocation", artifact},
                                     {"replacements", ordered_json::array({replacement})}}})}}});
      }
      results.push_back(std::move(result));
    }
  }

  const auto version =
      fmt::format("{}.{}.{}", NETCON_VERSION_MAJOR, NETCON_VERSION_MINOR, NETCON_VERSION_PATCH);
  const ordered_json document{
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs", ordered_json::array(
                   {{{"tool", {{"driver", {{"name", "netcon"}, {"version", version}, {"rules", rules}}}}},
                     {"columnKind", "unicodeCodePoints"},
                     {"results", results}}})}};
  return document.dump(2) + "\n";
}

}  // namespace tool
