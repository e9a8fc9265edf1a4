// SPDX-License-Identifier: MIT
#include "listen/output_spec.hpp"

#include "options/address_filter.hpp"
#include "options/did_you_mean.hpp"
#include "options/duration.hpp"
#include "options/value_check.hpp"

#include <netcon/os/journal_socket.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tool {
namespace {

using namespace std::chrono_literals;
using kind = output_spec::kind;
using result = std::expected<void, std::string>;

constexpr auto longest = 24h * 10000;

/// Gives a value that was read its place; or the error.
template <class To, class From>
result keep(To& to, const std::expected<From, std::string>& value) {
  if (!value) return std::unexpected{value.error()};
  to = static_cast<To>(*value);
  return {};
}

std::expected<std::chrono::milliseconds, std::string> read_duration(std::string_view text) {
  auto time = parse_duration(text);
  if (time && *time > longest)
    return std::unexpected{fmt::format("'{}' is not between 0 and {}", text, to_text(longest))};
  return time;
}

/// Ranges with blanks between them.
std::expected<std::vector<netcon::address_range>, std::string> read_ranges(std::string_view text) {
  std::vector<netcon::address_range> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end != 0) {
      const auto range = read_address_range(text.substr(0, end));
      if (!range) return std::unexpected{range.error()};
      out.push_back(*range);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (out.empty()) return std::unexpected{"write a range of addresses, as in 10.0.0.0/8"};
  return out;
}

result read_min_level(output_spec& to, std::string_view text) {
  const auto level = read_level(text);
  if (!level) return std::unexpected{level.error()};
  to.filter.min_level = static_cast<std::uint8_t>(*level);
  return {};
}

result read_match(output_spec& to, std::string_view text) {
  auto compiled = pattern::compile(std::string{text});
  if (!compiled) return std::unexpected{compiled.error()};
  to.filter.match = *std::move(compiled);
  return {};
}

result read_sender(output_spec& to, std::string_view text) {
  auto ranges = read_ranges(text);
  if (!ranges) return std::unexpected{ranges.error()};
  to.filter.sender = address_filter{*std::move(ranges), {}};
  return {};
}

constexpr unsigned any = 0x1f,
                   files =
                       1u << static_cast<unsigned>(kind::file) | 1u << static_cast<unsigned>(kind::directory),
                   directories = 1u << static_cast<unsigned>(kind::directory);

struct key_rule {
  std::string_view name, value, about, standard;
  unsigned places;
  bool selects;    // which events are shown
  bool takes_raw;  // also for an output that shows no events
  result (*read)(output_spec&, std::string_view);

  bool is_for(kind what) const { return (places >> static_cast<unsigned>(what) & 1) != 0; }
};

constexpr std::array key_rules{
    key_rule{"min-level", "LEVEL",
             "Show records of this level and more urgent ones: emerg to debug, or 0 to 7", "", any, true,
             false, read_min_level},
    key_rule{"match", "REGEX", "Show records only whose text matches this regular expression (RE2)", "", any,
             true, false, read_match},
    key_rule{"sender", "ADDRESS[/BITS]", "Show events of these senders only; blanks are between several", "",
             any, true, true, read_sender},
    key_rule{
        "rate-limit", "N", "Show at most N lines a second of each sender, and count the rest; 0: no limit",
        "", any, true, false,
        [](output_spec& to, std::string_view text) { return keep(to.rate_limit, read_number(text, 0)); }},
    key_rule{"queue", "BYTES",
             "Queue at most so much while the output is slow; drop and count what is beyond", "64M", any,
             false, true,
             [](output_spec& to, std::string_view text) { return keep(to.queue_bytes, read_size(text)); }},
    key_rule{"rotate-size", "BYTES", "Begin a new file at this size; 0: never", "100M", files, false, true,
             [](output_spec& to, std::string_view text) { return keep(to.when.bytes, read_size(text)); }},
    key_rule{"rotate-age", "TIME", "Begin a new file at this age; 0: never", "0", files, false, true,
             [](output_spec& to, std::string_view text) { return keep(to.when.age, read_duration(text)); }},
    key_rule{"keep", "N", "Keep N old files, as NAME.log.1 and so on", "5", files, false, true,
             [](output_spec& to, std::string_view text) {
               return keep(to.when.keep, read_number(text, 0, 1000));
             }},
    key_rule{"sync", "TIME", "Write through to the disk at least every TIME; 0 leaves it to the system", "0",
             files, false, true,
             [](output_spec& to, std::string_view text) {
               auto done = keep(to.sync, read_duration(text));
               if (to.sync == 0ms) to.sync.reset();
               return done;
             }},
    key_rule{"dir-size", "BYTES",
             "Keep all files together below this size: the oldest of who has most goes first; 0: any", "10G",
             directories, false, true,
             [](output_spec& to, std::string_view text) { return keep(to.limits.bytes, read_size(text)); }},
    key_rule{
        "keep-free", "BYTES", "Leave so much of the file system free, in the same way", "5 %, at most 1G",
        directories, false, true,
        [](output_spec& to, std::string_view text) { return keep(to.limits.keep_free, read_size(text)); }},
};

/// The keys of a place, for people.
std::vector<std::string> keys_of(const output_spec& of) {
  std::vector<std::string> out;
  for (const auto& rule : key_rules)
    if (rule.is_for(of.what) && (of.format != output_format::raw || rule.takes_raw))
      out.emplace_back(rule.name);
  return out;
}

/// The parts between commas. A backslash before a comma makes it one of the part, and is itself left out.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == ',') {
      out.back() += text[++at];
    } else if (text[at] == ',') {
      out.emplace_back();
    } else {
      out.back() += text[at];
    }
  }
  return out;
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// What is to be written instead of a word that is half of an output, and would become a file of that name;
/// empty for all other words.
std::string meant_by(std::string_view text) {
  if (parse_output_format(text)) return fmt::format("{0}@- for standard output, or {0}@PLACE", text);
  if (text == "stdout") return "-";
  return is_word(text) ? nearest(text, {"journal"}) : "";
}

constexpr std::string_view place_forms = "-, FILE, dir:DIR, syslog:udp|tcp|unix:ADDRESS or journal";

result read_place(output_spec& to, std::string_view text) {
  to.place = text;
  if (text.empty()) return std::unexpected{fmt::format("no place: write {}", place_forms)};
  if (text == "-") return {};
  if (text == "journal" || text.starts_with("journal:")) {
    to.what = kind::journal;
    to.path = text == "journal" ? netcon::journal_socket::usual_path : text.substr(text.find(':') + 1);
    to.format = output_format::journal;
    if (to.path.empty()) return std::unexpected{"no socket: write journal, or journal:PATH of its socket"};
    return {};
  }
  const auto colon = text.find(':');
  const auto word = text.substr(0, colon);
  const auto rest = colon == text.npos ? std::string_view{} : text.substr(colon + 1);
  if (word == "dir") {
    if (rest.empty()) return std::unexpected{"no directory: write dir:DIR, as in dir:/var/log/netconsole"};
    to.what = kind::directory;
    to.path = rest;
  } else if (word == "syslog") {
    if (rest.empty())
      return std::unexpected{
          "no server: write syslog:udp:HOST[:PORT], syslog:tcp:HOST[:PORT] or syslog:unix:PATH"};
    auto server = parse_syslog_address(rest);
    if (!server) return std::unexpected{"syslog: " + server.error()};
    to.what = kind::syslog;
    to.server = *std::move(server);
    to.format = to.server->how == syslog_address::kind::unix_socket ? output_format::local_syslog
                                                                    : output_format::syslog;
  } else if (colon != text.npos && is_word(word)) {
    const bool is_server = word == "udp" || word == "tcp" || word == "unix";
    return std::unexpected{
        fmt::format("'{}:' is not a kind of place: write {}; a file of that name is ./{}", word,
                    is_server ? "syslog:" + std::string{text} : std::string{place_forms}, text)};
  } else {
    if (const auto meant = meant_by(text); !meant.empty())
      return std::unexpected{
          fmt::format("'{0}' is no place: write {1}; a file of that name is ./{0}", text, meant)};
    to.what = kind::file;
    to.path = text;
  }
  return {};
}

result read_key(output_spec& to, std::string_view text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  const auto* const rule = std::ranges::find(key_rules, name, &key_rule::name);
  const auto own = keys_of(to);
  if (rule == key_rules.end() || std::ranges::find(own, name) == own.end()) {
    const auto whose = to.format == output_format::raw ? "raw output" : std::string{to.place};
    return std::unexpected{
        fmt::format("{} has no key '{}'{}; its keys are {}; a comma of a name or value is \\,", whose, name,
                    did_you_mean(name, own), fmt::join(own, ", "))};
  }
  if (equals == text.npos || equals + 1 == text.size())
    return std::unexpected{fmt::format("{} has no value: write {}={}", name, name, rule->value)};
  if (auto read = rule->read(to, text.substr(equals + 1)); !read)
    return std::unexpected{fmt::format("{}: {}", name, read.error())};
  return {};
}

result read_output(output_spec& to, std::string_view text) {
  const auto parts = split(text);
  std::string_view place = parts.front();
  std::optional<output_format> chosen;
  if (const auto at = place.find('@'); at != place.npos && is_word(place.substr(0, at))) {
    const auto word = place.substr(0, at);
    chosen = parse_output_format(word);
    if (!chosen) {
      const std::vector<std::string> known(output_format_names.begin(),
                                           output_format_names.begin() + chosen_formats);
      return std::unexpected{
          fmt::format("'{}' is not a format{}; the formats are {}; a file of that name is ./{}", word,
                      did_you_mean(word, known), fmt::join(known, ", "), place)};
    }
    place.remove_prefix(at + 1);
  }
  if (auto read = read_place(to, place); !read) return read;
  if (chosen && to.format)
    return std::unexpected{fmt::format("{} has a format of its own: leave {}@ out", place, name(*chosen))};
  if (chosen) to.format = chosen;
  to.when.bytes = 100 * 1024 * 1024;
  std::vector<std::string> seen;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (auto read = read_key(to, parts[i]); !read) return read;
    auto name = parts[i].substr(0, parts[i].find('='));
    if (std::ranges::find(seen, name) != seen.end())
      return std::unexpected{fmt::format("{} is given twice: leave one out", name)};
    seen.push_back(std::move(name));
  }
  for (const auto& rule : key_rules)
    for (std::size_t i = 1; rule.selects && i < parts.size(); ++i)
      if (parts[i].starts_with(fmt::format("{}=", rule.name))) to.selection += parts[i] + '\n';
  const auto selects = [](const std::string& part) {
    return std::ranges::any_of(key_rules, [&](const auto& rule) {
      return rule.selects && part.starts_with(fmt::format("{}=", rule.name));
    });
  };
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (i == 0 || !selects(parts[i])) to.fixed += parts[i] + '\n';
  return {};
}

}  // namespace

std::expected<output_spec, std::string> parse_output(std::string_view text) {
  output_spec out;
  if (auto read = read_output(out, text); !read) return std::unexpected{read.error()};
  return out;
}

std::expected<std::vector<output_spec>, std::string> parse_outputs(const std::vector<std::string>& texts,
                                                                   bool json) {
  std::vector<output_spec> out;
  for (const auto& text : texts) {
    auto one = parse_output(text);
    if (!one) return std::unexpected{fmt::format("--to '{}': {}", text, one.error())};
    out.push_back(*std::move(one));
  }
  if (out.empty()) out.emplace_back();
  if (!json) return out;
  bool is_used = false;
  for (auto& one : out)
    if (!one.format) {
      one.format = output_format::json;
      is_used = true;
    }
  if (!is_used)
    return std::unexpected{"--json: every output has a format of its own: leave it out, or add --to -"};
  return out;
}

std::string output_keys_help() {
  std::string out;
  for (const auto& rule : key_rules) {
    const auto begin = fmt::format("  {}={}", rule.name, rule.value);
    const auto standard = rule.standard.empty() ? std::string{} : fmt::format(" [{}]", rule.standard);
    out += fmt::format("{:<27}{}{}\n", begin, rule.about, standard);
  }
  return out;
}

std::vector<std::string_view> reloaded_keys() {
  std::vector<std::string_view> out;
  for (const auto& rule : key_rules)
    if (rule.selects) out.push_back(rule.name);
  return out;
}

}  // namespace tool
