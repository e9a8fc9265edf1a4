// SPDX-License-Identifier: MIT
#include "input/any_log.hpp"

#include "input/capture.hpp"
#include "input/file_tree.hpp"

#include <netcon/core/ip_address.hpp>
#include <netcon/os/local_time.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace tool {
namespace {

bool is_capture(std::string_view front) {
  for (const std::string_view magic :
       {"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x0a\x0d\x0d\x0a"})
    if (front.starts_with(magic)) return true;
  return false;
}

/// local_utc_offset(), which is asked for each line, and whose answer changes between two hours only.
std::chrono::seconds zone_at(std::chrono::system_clock::time_point time) noexcept {
  struct answer {
    std::chrono::sys_time<std::chrono::hours> hour = std::chrono::sys_time<std::chrono::hours>::min();
    std::chrono::seconds offset{0};
  };
  static thread_local std::array<answer, 8> answers;
  const auto hour = std::chrono::floor<std::chrono::hours>(time);
  auto& known = answers[static_cast<std::size_t>(hour.time_since_epoch().count()) % answers.size()];
  if (known.hour != hour) known = {hour, netcon::local_utc_offset(time)};
  return known.offset;
}

/// Stamps of syslog have no year: that in which the file was last written, or the one before. Nor have they a
/// zone: this machine's.
netcon::text_log_options options_of(const std::string& path) {
  namespace chrono = std::chrono;
  auto when = chrono::system_clock::now();
  struct stat status{};
  if (path != "-" && ::stat(path.c_str(), &status) == 0)
    when = chrono::system_clock::from_time_t(status.st_mtime);
  netcon::text_log_options out;
  out.zone = netcon::local_utc_offset(when);
  out.zone_at = zone_at;
  out.last = chrono::floor<chrono::microseconds>(when);
  out.year = static_cast<int>(chrono::year_month_day{chrono::floor<chrono::days>(when + out.zone)}.year());
  return out;
}

struct rotated_file {
  std::string log;
  int rotation = 0;  // the number, higher for older ones
  std::string date;  // instead of the number

  /// The order in which the files of a log were written.
  auto order() const {
    return std::tuple{std::string_view{log}, -rotation, date.empty(), std::string_view{date}};
  }
};

bool is_date(std::string_view text) {
  int all = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), all).ptr != text.data() + text.size())
    return false;
  using namespace std::chrono;
  return all > 1970'00'00 &&
         year_month_day{year{all / 10000}, month(unsigned(all) / 100 % 100), day(unsigned(all) % 100)}.ok();
}

rotated_file rotated(const std::string& path) {
  auto name = std::filesystem::path{path}.lexically_normal();
  if (name.extension() == ".gz" || name.extension() == ".zst") name.replace_extension();
  rotated_file out{.log = name.string(), .date = {}};
  const auto file = name.filename().string();
  if (netcon::ip_address::parse(file)) return out;
  const auto extension = name.extension().string();
  const auto* const end = extension.data() + extension.size();
  int number = 0;
  if (extension.size() > 1 && std::from_chars(extension.data() + 1, end, number).ptr == end) {
    out.rotation = number;
    out.log = name.replace_extension().string();
    return out;
  }
  // dateext of logrotate: "web17.log-20261129", with "extension .log" "web17-20261129.log".
  constexpr std::size_t day = 8;
  for (auto at = file.find('-'); at != file.npos; at = file.find('-', at + 1)) {
    const auto behind = std::min(file.find_first_not_of("0123456789-", at), file.size());
    if (at == 0 || behind - at <= day || (behind != file.size() && file[behind] != '.')) continue;
    if (!is_date(std::string_view{file}.substr(at + 1, day))) continue;
    out.date = file.substr(at + 1, behind - at - 1);
    out.log = name.replace_filename(file.substr(0, at) + file.substr(behind)).string();
    break;
  }
  return out;
}

/// "dmesg-efi_pstore-179585163201001" without its number; empty: the file is none of pstore's.
std::string_view pstore_of_file(std::string_view path) {
  const auto number = path.find_last_not_of("0123456789") + 1;
  const auto name = path.substr(path.rfind('/') + 1);
  const bool is =
      name.starts_with("dmesg-") && number != path.size() && path.substr(0, number).ends_with('-');
  return is ? path.substr(0, number) : std::string_view{};
}

/// Gives the log what the file holds. The error is one line that names the file.
std::expected<void, std::string> push_all(byte_source& bytes, netcon::text_log& log, const log_sinks& sinks) {
  constexpr std::size_t block_size = 64 * 1024;  // stays in the cache of a processor
  const auto block = std::make_unique<std::array<char, block_size>>();
  while (const auto size = bytes.read_some(block->data(), block->size())) {
    log.push({block->data(), size}, sinks.line);
    if (sinks.progress) sinks.progress(bytes.position());
  }
  if (const auto problem = bytes.problem(); !problem.empty()) return std::unexpected{problem};
  return {};
}

}  // namespace

std::expected<log_counts, std::string> read_any_log(const log_source& source, const log_sinks& sinks) {
  const auto& path = source.path;
  std::optional<netcon::text_log> log;
  auto wait = sinks.wait;
  wait.lasts = [&] {
    if (log) log->pause(sinks.line);
    return !sinks.wait.begins || sinks.wait.begins();
  };
  auto bytes = byte_source::open(path, std::move(wait));
  if (!bytes) return std::unexpected{bytes.error()};
  const std::string name = path == "-" ? "standard input" : path;
  if (is_capture(bytes->beginning())) {
    const auto counts = read_capture(*bytes, name, sinks.datagram);
    if (!counts) return std::unexpected{counts.error()};
    return log_counts{.is_capture = true, .stopped = bytes->stopped(), .capture = *counts};
  }
  log.emplace(options_of(path));
  auto read = push_all(*bytes, *log, sinks);
  for (auto part = source.more.begin(); read && part != source.more.end() && !bytes->stopped(); ++part)
    if (auto beside = byte_source::open(*part, {}))
      read = push_all(*beside, *log, sinks);
    else
      read = std::unexpected{beside.error()};
  log->finish(sinks.line);
  if (!read) return std::unexpected{read.error()};
  return log_counts{.stopped = bytes->stopped(), .lines = log->stats().lines};
}

std::string log_of_file(const std::string& path) {
  return rotated(path).log;
}

std::vector<log_source> log_files(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (path == "-" || !fs::is_directory(path, ignored)) return {{path}};
  // "web17.log.2.gz" was written before "web17.log.1" and "web17.log".
  std::vector<std::pair<rotated_file, std::string>> found;
  const auto take = [&](std::string file) {
    auto log = rotated(file);
    found.emplace_back(std::move(log), std::move(file));
  };
  // A link to a file that is found too, such as current.log, is no log of its own.
  std::set<std::pair<dev_t, ino_t>> files;
  std::vector<std::string> links;
  const auto is_new = [&](const std::string& file) {
    struct stat status{};
    return ::stat(file.c_str(), &status) != 0 || files.emplace(status.st_dev, status.st_ino).second;
  };
  const auto enters = [&](const fs::directory_entry& entry) {
    const auto kind = entry.symlink_status(ignored);
    if (!fs::is_directory(kind) && entry.is_regular_file(ignored)) {
      auto file = entry.path().string();
      if (fs::is_symlink(kind)) {
        links.push_back(std::move(file));
      } else {
        is_new(file);
        take(std::move(file));
      }
    }
    return fs::is_directory(kind);
  };
  visit_tree(path, {enters, [&](const fs::path& unreadable, std::error_code) { take(unreadable.string()); }});
  std::ranges::sort(links);
  for (auto& link : links)
    if (is_new(link)) take(std::move(link));
  std::ranges::sort(
      found, {}, [](const auto& one) { return std::pair{one.first.order(), std::string_view{one.second}}; });
  std::vector<log_source> out;
  out.reserve(found.size());
  for (auto& [log, file] : found) {
    const auto dump = pstore_of_file(file);
    if (!dump.empty() && !out.empty() && pstore_of_file(out.back().path) == dump)
      out.back().more.push_back(std::move(file));
    else
      out.push_back({std::move(file)});
  }
  return out;
}

}  // namespace tool
