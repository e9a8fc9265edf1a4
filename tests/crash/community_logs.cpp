// SPDX-License-Identifier: MIT
// The reports of the library beside the names that the kernel community gave to the same crashes, in the logs
// of the directory NETCON_CRASH_LOGS. The files with an even number are those that the rules were written
// with; those with an odd one are run with the argument "odd", all with "all". Fails below the goals of
// docs/crashes.md.
#include <netcon/netcon.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

namespace fs = std::filesystem;
using netcon::crash::report;

struct log_file {
  int number = 0;
  std::string title, type, log;
  std::vector<std::string> names;
  bool corrupted = false, panicked = false;
};

std::optional<log_file> read(const fs::path& path) {
  log_file out;
  const auto stem = path.stem().string();
  if (std::from_chars(stem.data(), stem.data() + stem.size(), out.number).ec != std::errc{})
    return std::nullopt;
  std::ifstream in{path, std::ios::binary};
  std::string line;
  while (std::getline(in, line) && !line.empty()) {
    const std::string_view text{line};
    const auto value = [&] { return std::string{text.substr(text.find(' ') + 1)}; };
    if (text.starts_with("TITLE: ")) out.names.push_back(out.title = value());
    if (text.starts_with("ALT: ")) out.names.push_back(value());
    if (text.starts_with("TYPE: ")) out.type = value();
    if (text == "CORRUPTED: Y") out.corrupted = true;
    if (text == "PANICKED: Y") out.panicked = true;
  }
  while (std::getline(in, line) && line != "REPORT:") out.log += line + "\n";
  return out;
}

/// The fuzzer's own failures: no kernel and no console of a user has them.
bool is_of_fuzzer(const log_file& file) {
  return file.type == "SYZ_FAILURE" || file.title.starts_with("SYZ");
}

/// The first report of a log, as netcon crashes finds it.
std::optional<report> first_report(std::string_view log) {
  std::optional<report> first;
  netcon::crash::log_scanner scanner;
  netcon::text_log text;
  const auto keep = [&]<class Event>(const Event& event) {
    if constexpr (requires { event.report; })
      if (!first) first = event.report;
  };
  const auto scan = [&](const netcon::log_line& line) { scanner.push(line, keep); };
  text.push(log, scan);
  text.finish(scan);
  scanner.finish(keep);
  return first;
}

struct share {
  int right = 0, all = 0;

  void count(bool is_right) {
    right += is_right ? 1 : 0;
    ++all;
  }
  double percent() const { return all == 0 ? 100.0 : 100.0 * right / all; }
};

}  // namespace

int main(int argc, char** argv) {
  const char* directory = std::getenv("NETCON_CRASH_LOGS");
  if (directory == nullptr || !fs::is_directory(directory)) {
    fmt::print("SKIP: NETCON_CRASH_LOGS names no directory with logs of crashes\n");
    return 77;
  }
  const std::string_view half = argc > 1 ? argv[1] : "even";
  std::vector<log_file> files;
  for (const auto& entry : fs::directory_iterator{directory})
    if (entry.path().extension() == ".txt")
      if (auto file = read(entry.path())) files.push_back(*std::move(file));
  std::ranges::sort(files, {}, &log_file::number);

  share found, titled, typed, panicked, doubted, trusted;
  for (const auto& file : files) {
    if (half != "all" && (file.number % 2 == 0) != (half == "even")) continue;
    if (is_of_fuzzer(file)) continue;
    const auto got = first_report(file.log);
    const auto differs = [&](std::string_view what, std::string_view want, std::string_view is) {
      if (half == "odd") return;  // not to be learnt from
      fmt::print("{}.txt: {}: {} instead of {}\n", file.number, what, is, want);
    };
    const bool expected = !file.title.empty();
    found.count(expected == got.has_value());
    if (expected != got.has_value()) differs("report", file.title, got ? got->title : "none");
    if (!expected) continue;
    const auto title = got ? got->title : "";
    if (file.corrupted) {
      doubted.count(got && got->corrupted());
      if (!got || !got->corrupted()) differs("corrupted", file.title, title);
    } else {
      const bool same = std::ranges::count(file.names, title) != 0;
      titled.count(same);
      trusted.count(got && !got->corrupted());
      if (got && got->corrupted()) differs("trusted", file.title, title);
      if (!same) differs("title", file.title, title);
    }
    if (!file.type.empty()) {
      const auto type = got ? netcon::crash::type(got->kind) : "";
      typed.count(type == file.type);
      if (type != file.type) differs("type", file.type, type);
    }
    panicked.count(got && got->panicked == file.panicked);
    if (!got || got->panicked != file.panicked) differs("panicked", file.panicked ? "yes" : "no", title);
  }
  if (found.all == 0) {
    fmt::print("no log in {}\n", directory);
    return 1;
  }
  bool good = true;
  const auto check = [&](std::string_view what, const share& is, double goal) {
    fmt::print("{:<10} {:>4} of {:>4}  {:6.1f} %  (goal {} %)\n", what, is.right, is.all, is.percent(), goal);
    if (is.percent() < goal) good = false;
  };
  check("crash/none", found, 99);
  check("title", titled, 92);
  check("type", typed, 95);
  check("panicked", panicked, 98);
  check("corrupted", doubted, 80);
  check("trusted", trusted, 0);  // the goals have none for those that are whole
  return good ? 0 : 1;
}
