// SPDX-License-Identifier: MIT
#include "output/directory_destination.hpp"

#include "support/catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// A directory that goes away with the test, and what is in it.
class listed_directory {
 public:
  listed_directory() : path_{fs::temp_directory_path() / ("netcon-files-" + std::to_string(::getpid()))} {
    fs::create_directory(path_);
  }
  ~listed_directory() { fs::remove_all(path_); }

  std::string path() const { return path_.string(); }
  fs::path operator/(std::string_view name) const { return path_ / name; }
  std::string text(std::string_view name) const {
    std::ifstream in{path_ / name};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator{path_}) out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  fs::path path_;
};

/// Writes lines of a file; the reason why not.
std::error_code write(tool::directory_destination& files, const std::string& name, std::string_view text) {
  return files.write(name, text).problem.code;
}

tool::directory_destination files_in(const listed_directory& directory, const tool::rotation& when = {}) {
  return tool::directory_destination{
      {.directory = directory.path(), .when = when, .limits = {}, .names = {}, .sync = {}}};
}

/// The file of an address that says nothing about itself.
std::string place(tool::directory_destination& files, std::uint8_t address, const std::string& name = {}) {
  const netcon::endpoint from{netcon::ipv4_address{10, 0, 0, address}, netcon::port{6665}};
  return files.place_of({.from = from, .name = name, .size = 0, .lines = {}, .unproven = false},
                        [](const std::string&) {});
}

std::size_t open_descriptors() {
  const fs::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("names beyond the limit share one file, those known keep theirs") {
  const listed_directory directory;
  tool::directory_settings settings{
      .directory = directory.path(), .when = {}, .limits = {}, .names = {}, .sync = {}};
  settings.names.most = 2;
  tool::directory_destination files{settings};
  std::string names;
  for (const int address : {1, 2, 3, 4, 1, 3})
    names += place(files, static_cast<std::uint8_t>(address)) + ' ';
  CHECK(names == "10.0.0.1 10.0.0.2 others others 10.0.0.1 others ");
}

TEST_CASE("a bounded number of files is open: those written last") {
  const listed_directory directory;
  auto files = files_in(directory);
  const auto before = open_descriptors();
  CHECK_FALSE(write(files, "first", "1\n"));
  for (int i = 0; i < 300; ++i) {
    CHECK_FALSE(write(files, "name" + std::to_string(i), "x\n"));
    if (i % 100 == 0) CHECK_FALSE(write(files, "first", "2\n"));
  }
  CHECK(open_descriptors() <= before + 256);
  // Written again and again it stayed open: its file is the one that was moved away.
  fs::rename(directory / "first.log", directory / "moved");
  CHECK_FALSE(write(files, "first", "3\n"));
  CHECK(directory.text("moved") == "1\n2\n2\n2\n3\n");
  files.reopen();
  CHECK(open_descriptors() == before);
  CHECK_FALSE(write(files, "first", "4\n"));
  CHECK(directory.text("first.log") == "4\n");
}

TEST_CASE("files that are synced at the end show that it goes on") {
  const listed_directory directory;
  tool::directory_destination files{
      {.directory = directory.path(), .when = {}, .limits = {}, .names = {}, .sync = std::chrono::hours{1}}};
  constexpr std::uint64_t most = 300;  // more than are open at once
  for (std::uint64_t i = 0; i < most; ++i) CHECK_FALSE(write(files, "name" + std::to_string(i), "x\n"));
  const auto before = files.writes();
  files.finish();
  CHECK(files.writes() >= before + most);
}

TEST_CASE("what others write to the same file is not overwritten") {
  const listed_directory directory;
  auto files = files_in(directory);
  CHECK_FALSE(write(files, "a", "1\n"));
  std::ofstream{directory / "a.log", std::ios::app} << "a line of somebody else\n";
  CHECK_FALSE(write(files, "a", "2\n"));
  CHECK(directory.text("a.log") == "1\na line of somebody else\n2\n");
}

TEST_CASE("only plain files are logs") {
  const listed_directory directory;
  auto files = files_in(directory);
  std::ofstream{directory / "victim"} << "precious\n";
  fs::create_symlink(directory / "victim", directory / "link.log");
  REQUIRE(::mkfifo((directory / "fifo.log").c_str(), 0600) == 0);
  REQUIRE(::mkfifo((directory / "read.log").c_str(), 0600) == 0);
  std::fstream reader{directory / "read.log"};  // somebody reads it
  fs::create_directory(directory / "folder.log");
  for (const auto* name : {"link", "fifo", "read", "folder"}) {
    INFO(name);
    CHECK(write(files, name, "evil\n"));
  }
  CHECK(directory.text("victim") == "precious\n");
  CHECK_FALSE(write(files, "good", "text\n"));
}

TEST_CASE("a file grows to the size of rotation over the life of several writers") {
  const listed_directory directory;
  const tool::rotation when{.bytes = 20, .keep = 2};
  for (int i = 0; i < 7; ++i) {
    auto files = files_in(directory, when);
    CHECK_FALSE(write(files, "a", "line " + std::to_string(i) + "\n"));
  }
  CHECK(directory.text("a.log") == "line 6\n");
  CHECK(directory.text("a.log.1") == "line 4\nline 5\n");
  CHECK(directory.text("a.log.2") == "line 2\nline 3\n");
  CHECK(directory.names().size() == 3);
  // A text longer than the limit has a file to itself, and an empty file is not rotated.
  auto files = files_in(directory, when);
  CHECK_FALSE(write(files, "b", std::string(50, 'x')));
  CHECK(directory.text("b.log").size() == 50);
  CHECK_FALSE(fs::exists(directory / "b.log.1"));
}

TEST_CASE("who has most gives room, also where its only file is the one being written") {
  const listed_directory directory;
  tool::directory_destination files{{.directory = directory.path(),
                                     .when = {},
                                     .limits = {.bytes = 64 * 1024, .keep_free = 0},
                                     .names = {},
                                     .sync = {}}};
  for (int i = 0; i < 14; ++i) CHECK_FALSE(write(files, "quiet" + std::to_string(i), "history\n"));
  CHECK_FALSE(write(files, "loud", std::string(7000, 'x')));
  CHECK_FALSE(write(files, "loud", "news\n"));
  CHECK(directory.names().size() == 15);
  CHECK(directory.text("loud.log") == "news\n");
  CHECK(files.stats().removed == 1);
}

TEST_CASE("what counts as one machine's") {
  const listed_directory directory;
  const auto group = [&](std::string_view name, std::string_view text, bool has_senders = true) {
    const auto path = directory / (std::string{name} + ".log");
    std::ofstream{path} << text;
    return tool::file_group(path.string(), name, has_senders);
  };
  constexpr std::string_view json = R"({"event":"record","time":"x","sender":"10.0.0.1","text":""})";
  CHECK(group("web", json) == "10.0.0.1");
  CHECK(group("web", "-- sent by fe80::1%2\n12:00:00 web info   x\n") == "fe80::1%252");
  CHECK(group("web@10.0.0.2", "12:00:00 web info   x\n") == "10.0.0.2");
  CHECK(group("10.0.0.3", "12:00:00 10.0.0.3 info   x\n") == "10.0.0.3");
  // Whoever comes first in it does not answer for all.
  CHECK(group("others", json) == "others");
  CHECK(group("unproven", json) == "unproven");
  // The text of a sender.
  CHECK(group("10.0.0.3", json, false) == "10.0.0.3");
}

TEST_CASE("nothing is removed or rotated in vain") {
  const listed_directory directory;
  auto settings = tool::directory_settings{.directory = directory.path(),
                                           .when = {.bytes = 20},
                                           .limits = {.bytes = 0, .keep_free = 0},
                                           .names = {},
                                           .sync = {}};
  const auto before = [&] {
    tool::directory_destination files{settings};
    for (const auto* name : {"a", "b"})
      for (const auto* text : {"the first line\n", "the second line\n"})
        CHECK_FALSE(write(files, name, text));
    return directory.names();
  }();
  SECTION("other files fill the file system") {
    settings.limits.keep_free = std::uint64_t{1} << 62;
  }
  SECTION("the text alone is larger than all files may be") {
    settings.limits.bytes = 10;
  }
  tool::directory_destination files{settings};
  CHECK(write(files, "a", "the third line\n") == std::errc::no_space_on_device);
  CHECK(write(files, "new", "a line of it\n") == std::errc::no_space_on_device);
  CHECK(directory.names() == before);
  CHECK(files.stats().removed == 0);
  CHECK(files.stats().crowded_out == (settings.limits.bytes == 0 ? 2 : 0));
}

TEST_CASE("every text has a name that is a file's, and no two the same") {
  CHECK(tool::safe_file_name("web-1.example") == "web-1.example");
  CHECK(tool::safe_file_name("fe80::1") == "fe80::1");
  CHECK(tool::safe_file_name("a@10.0.0.1") == "a%4010.0.0.1");  // the '@' is ours
  CHECK(tool::safe_file_name("..") == "%2E.");
  CHECK(tool::safe_file_name("../x") == "%2E.%2Fx");
  CHECK(tool::safe_file_name("a%2Fb") == "a%252Fb");
  CHECK(tool::safe_file_name(std::string(120, 'x')).size() == 120);
  CHECK(tool::safe_file_name(std::string(121, 'x')).empty());
  CHECK(tool::safe_file_name("").empty());
}
