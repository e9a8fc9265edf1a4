// SPDX-License-Identifier: MIT
#include "output/sarif.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/text_lines.hpp>
#include <netcon/version.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace tool {

namespace {

using nlohmann::ordered_json;

/// SARIF counts columns in characters; ours are bytes. A line may be the whole of a large file, so that its
/// characters are not counted from its beginning for each place.
class character_columns {
 public:
  explicit character_columns(std::string_view text) : text_{text}, lines_{text} {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
      if (at >= marks_.size() * distance) marks_.push_back({at, count});
      at += size_at(at, text.size());
    }
  }

  ordered_json region(const netcon::text_range& where) const {
    return {{"startLine", lines_.place(where.begin).line},
            {"startColumn", column(where.begin)},
            {"endLine", lines_.place(where.end).line},
            {"endColumn", column(where.end)}};
  }

 private:
  static constexpr std::size_t distance = 1024;
  struct mark {
    std::size_t at, characters;
  };

  /// How many bytes the character at `at` has, one where it is none.
  std::size_t size_at(std::size_t at, std::size_t end) const {
    char32_t code = 0;
    return std::max<std::size_t>(
        1, netcon::utf8_sequence(text_.substr(at, std::min<std::size_t>(end - at, 4)), code));
  }
  std::size_t characters_before(std::size_t offset) const {
    const auto next = std::ranges::upper_bound(marks_, offset, {}, &mark::at);
    if (next == marks_.begin()) return 0;
    auto [at, count] = *std::prev(next);
    for (; at < offset; ++count) at += size_at(at, offset);
    return count;
  }
  std::size_t column(std::size_t offset) const {
    return 1 + characters_before(offset) - characters_before(lines_.around(offset).begin);
  }

  std::string_view text_;
  netcon::text_lines lines_;
  std::vector<mark> marks_;
};

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
    const character_columns places{source.text};
    const ordered_json artifact{{"uri", uri_of(source, i)}};
    for (const auto& d : found) {
      ordered_json result{
          {"ruleId", name(d.code)},
          {"ruleIndex", std::find(codes.begin(), codes.end(), d.code) - codes.begin()},
          {"level", name(d.severity)},
          {"message", {{"text", fmt::format("{}: {}", message(d.code), hint(d.code))}}},
          {"locations",
           ordered_json::array({{{"physicalLocation",
                                  {{"artifactLocation", artifact}, {"region", places.region(d.where)}}}}})}};
      if (d.fix) {
        const ordered_json replacement{{"deletedRegion", places.region(d.fix->where)},
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
