// SPDX-License-Identifier: MIT
// Small files of every kind in tests/data/boot_files/: what is found in them, where, and what --fix makes of
// them.
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/recognise.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace netcon;

namespace {

struct boot_file {
  std::string format, path, text, findings, fixed;
};

/// Parts begin with lines "%% file PATH", "%% findings" and "%% fixed"; without the last one nothing is
/// fixed.
std::vector<boot_file> read_files() {
  std::vector<boot_file> all;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator{TEST_DATA_DIR "/boot_files"})
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream file{path, std::ios::binary};
    std::string* part = nullptr;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("%% file ")) {
        all.push_back({path.stem().string(), line.substr(8), {}, {}, {}});
        part = &all.back().text;
      } else if (line == "%% findings") {
        part = &all.back().findings;
      } else if (line == "%% fixed") {
        part = &all.back().fixed;
      } else {
        part->append(line).push_back('\n');
      }
    }
  }
  for (auto& one : all)
    if (one.fixed.empty()) one.fixed = one.text;
  return all;
}

std::string shown(std::string_view text, const std::vector<finding>& found) {
  std::string lines;
  for (const auto& one : found) {
    const auto place = line_column_of(text, one.where.begin);
    lines += std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
             std::string{name(one.severity)} + " " + std::string{name(one.code)} + "\n";
  }
  return lines;
}

/// Lines that have nothing of the parameter are the same in both, unless a value spans several.
void check_other_lines(std::string_view before, std::string_view after, config_format format) {
  for (const auto& one : find_parameters(before, format)) {
    const auto size = one.value.text().size();
    if (size == 0) continue;
    const auto first = one.value.place_of({0, 1}).begin;
    const auto last = one.value.place_of(text_range::between(size - 1, size)).end;
    if (before.substr(first, last - first).find('\n') != before.npos) return;
  }
  while (!before.empty() || !after.empty()) {
    const auto take = [](std::string_view& text) {
      const auto line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      return line;
    };
    const auto one = take(before), other = take(after);
    if (one.find("netconsole") == one.npos && one.find('@') == one.npos) REQUIRE(one == other);
  }
}

}  // namespace

TEST_CASE("what is found in files of every kind, and what is fixed") {
  const auto files = read_files();
  CHECK(files.size() > 150);
  std::set<std::string> formats;
  for (const auto& one : files) {
    CAPTURE(one.path, one.text);
    REQUIRE(is_text(one.text));
    const auto format = recognise(one.path, one.text);
    CHECK(name(format) == one.format);
    formats.insert(one.format);
    CHECK(shown(one.text, lint_config(one.text, format)) == one.findings);
    CHECK(fixed_config(one.text, format) == one.fixed);
  }
  for (const auto& kind : config_kinds)
    if (kind.format != config_format::parameters) CHECK(formats.contains(std::string{kind.name}));
}

TEST_CASE("in any format a fix changes values only, and a second one nothing") {
  for (const auto& one : read_files())
    for (const auto& kind : config_kinds) {
      if (kind.format == config_format::parameters) continue;
      CAPTURE(one.path, one.text, kind.name);
      const auto better = fixed_config(one.text, kind.format);
      check_other_lines(one.text, better, kind.format);
      CHECK(fixed_config(better, kind.format) == better);
    }
}

TEST_CASE("damaged files do no harm") {
  std::mt19937 random{7};
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random);
  };
  const auto files = read_files();
  for (int i = 0; i < 3000; ++i) {
    auto text = files[below(files.size())].text;
    const auto& other = files[below(files.size())].text;
    for (int changes = 0; changes < 4; ++changes) {
      const auto at = below(text.size());
      switch (below(3)) {
        case 0:
          text.erase(at, 1 + below(8));
          break;
        case 1:
          text.insert(at, 1, "\"'`\\;,@/$<>{}[]()|&#\n %*.:="[below(28)]);
          break;
        default:
          text.insert(at, other.substr(below(other.size()), below(30)));
      }
      if (text.empty()) text = "\n";
    }
    const auto format = config_formats[below(config_formats.size() - 1)];
    CAPTURE(text, name(format));
    for (const auto& found : find_parameters(text, format)) {
      const auto where = found.value.place_of(text_range::between(0, found.value.text().size()));
      REQUIRE(where.end <= text.size());
    }
    const auto found = lint_config(text, format);
    for (const auto& one : found) REQUIRE(one.where.end <= text.size());
    const auto better = fixed_config(text, format);
    check_other_lines(text, better, format);
    REQUIRE(fixed_config(better, format) == better);
  }
}

TEST_CASE("a value that many variables use is not read without end") {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "netconsole=@/,@10.0.0.2/ ";
  std::string text = "A=\"" + many + "\"\n";
  for (int i = 0; i < 300; ++i) text += "GRUB_CMDLINE_" + std::to_string(i) + "=\"$A\"\n";
  CHECK(find_parameters(text, config_format::grub).size() < 200'000);
}

// Where the work is more than that of the bytes, each of these takes minutes.
TEST_CASE("a long line is read in the time that its bytes take") {
  const auto repeated = [](std::string_view part) {
    std::string out;
    while (out.size() < (1u << 18)) out += part;
    return out;
  };
  struct {
    config_format format;
    std::string text;
  } const all[] = {
      {config_format::grub, repeated("a=;")},
      {config_format::grub, repeated("then ")},
      {config_format::grub, "x " + repeated("{")},
      {config_format::grub, "x;" + repeated("{ ")},
      {config_format::grub, repeated("GRUB_CMDLINE_A= ")},
      {config_format::grub, repeated("GRUB_CMDLINE_A+=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\";")},
      {config_format::cmdline, "netconsole=" + repeated("__a")},
      {config_format::nix, "netconsole " + repeated("/**/")},
      {config_format::netconsole_setup, repeated("NETCONSOLE_OPTS=a\n")},
  };
  for (const auto& one : all) {
    CAPTURE(name(one.format), one.text.substr(0, 32));
    CHECK(find_parameters(one.text, one.format).size() <= 1);
  }
}

TEST_CASE("hosts of netconsole-setup end with their line") {
  const auto found =
      lint_config("NETCONSOLE_OPTS='a @\nNETCONSOLE_OPTS=\"c\" d@\n", config_format::netconsole_setup);
  REQUIRE(found.size() == 2);
  CHECK(found[0].code == text_errc::other_format);
  CHECK(found[1].code == text_errc::missing_remote_address);
  CHECK(found[1].where.begin == 20);
}

TEST_CASE("a word behind a value is not read for each use of the value") {
  std::string text = "a=netconsole=@ " + std::string(1u << 19, 'x') + "\n";
  constexpr std::size_t uses = 4000;
  for (std::size_t i = 0; i < uses; ++i) text += "GRUB_CMDLINE_" + std::to_string(i) + "=$a\n";
  CHECK(find_parameters(text, config_format::grub).size() == uses);
  CHECK_FALSE(lint_config(text, config_format::grub).empty());
}

TEST_CASE("what stands in one line of GRUB's defaults is read as in several") {
  const auto codes = [](std::string_view text) {
    std::vector<text_errc> out;
    for (const auto& one : lint_config(text, config_format::grub))
      if (one.severity != severity::note) out.push_back(one.code);
    return out;
  };
  // Each value that a blank ends has the parameter behind it.
  CHECK(codes("GRUB_CMDLINE_LINUX=a GRUB_CMDLINE_X=b netconsole=@/,@10.0.0.2/\n") ==
        std::vector{text_errc::blank_ends_value, text_errc::blank_ends_value});
  CHECK(codes("GRUB_CMDLINE_LINUX=a # netconsole=@/,@10.0.0.2/\nGRUB_CMDLINE_X=b c\n").empty());
  CHECK(
      find_parameters("{ { x; { GRUB_CMDLINE_LINUX='netconsole=@/,@10.0.0.2/'; } } }\n", config_format::grub)
          .size() == 1);
  CHECK(find_parameters("x { # ; GRUB_CMDLINE_LINUX='netconsole=@/,@10.0.0.2/'\n", config_format::grub)
            .empty());
}

TEST_CASE("a correct command line above the limit is not damaged") {
  std::string value;
  for (int i = 1; i <= 9; ++i)
    value += (value.empty() ? "" : ";") + std::string{"@/eth0,@10.0.0."} + std::to_string(i) +
             "/52:54:00:12:34:5" + std::to_string(i);
  value.insert(0, "+r");
  REQUIRE(value.size() > max_parameter);
  for (const auto& text :
       std::vector<std::string>{"netconsole=" + value, "ro netconsole=" + value + " quiet\n"}) {
    CHECK(fixed_config(text, config_format::cmdline) == text);
    CHECK(fixed_argument(text) == text);
  }
  const auto built_in = kernel_profile::latest().without(feature::module);
  CHECK(fixed(value, built_in) == value);
  CHECK(lint(value, built_in)[0].code == text_errc::cut_at_limit);
}

TEST_CASE("what is not a text") {
  CHECK(is_text(""));
  CHECK(is_text("\xef\xbb\xbfnetconsole=@/,@10.0.0.2/\r\n\t\x1b[0m"));
  CHECK(is_text("caf\xe9 netconsole="));
  CHECK(!is_text(std::string_view{"a\0b", 3}));
  CHECK(!is_text("\x01\x02\x03\x04"));
}

TEST_CASE("values people type") {
  CHECK(value_of_argument("@/,@10.0.0.2/") == "@/,@10.0.0.2/");
  CHECK(value_of_argument("netconsole=@/,@10.0.0.2/") == "@/,@10.0.0.2/");
  CHECK(value_of_argument("netconsole.netconsole=@/,@10.0.0.2/") == "@/,@10.0.0.2/");
  CHECK(value_of_argument("modprobe netconsole netconsole=\"@/,@10.0.0.2/;@/,@10.0.0.3/\"") ==
        "@/,@10.0.0.2/;@/,@10.0.0.3/");
  CHECK(value_of_argument("sudo modprobe netconsole netconsole='@/,@10.0.0.2/'") == "@/,@10.0.0.2/");
  CHECK(value_of_argument("options netconsole netconsole=@/,@10.0.0.2/") == "@/,@10.0.0.2/");
  CHECK(value_of_argument("ro quiet netconsole=@/,@10.0.0.2/ panic=1") == "@/,@10.0.0.2/");
  CHECK(value_of_argument("netconsole=") == "");
  CHECK(value_of_argument("") == "");
  CHECK(fixed_argument("modprobe netconsole netconsole=\"@/,@10.0.0.2\"") ==
        "modprobe netconsole netconsole=\"@/,@10.0.0.2/\"");
  const auto found = lint_argument("[+][src-port]@[src-ip]/[<dev>],[tgt-port]@<tgt-ip>/[tgt-macaddr]");
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == text_errc::not_expanded);
}

TEST_CASE("globs of paths") {
  CHECK(fits_glob("a.conf", "*.conf"));
  CHECK(fits_glob("modprobe.d/x", "modprobe.d/*"));
  CHECK(!fits_glob("modprobe.d/x/y", "modprobe.d/*"));
  CHECK(fits_glob("nc.8", "*.[1-9]"));
  CHECK(!fits_glob("nc.0", "*.[1-9]"));
  CHECK(format_of_path("roles/x/templates/default/grub.j2") == config_format::grub);
  CHECK(format_of_path("x/boot.ipxe") == config_format::ipxe);
  CHECK(!format_of_path("xcmdline"));
  CHECK(!format_of_path(""));
}

TEST_CASE("a script that is called cmdline is a script") {
  CHECK(recognise("cmdline", "#!/bin/sh\nmodprobe netconsole netconsole=@/,@10.0.0.2/\n") ==
        config_format::shell);
  CHECK(recognise("notes.txt", "#!ipxe\nkernel x\n") == config_format::ipxe);
  CHECK(recognise("anything", "GRUB_CMDLINE_LINUX=\"\"\n") == config_format::grub);
  CHECK(recognise("anything", "hello\n") == config_format::text);
}
