// SPDX-License-Identifier: MIT
#include "listen/crash_keeper.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace {

std::string name_of(std::string host, std::string function) {
  netcon::crash::report report;
  report.kind = netcon::crash::kind::warning;
  report.time.emplace(std::chrono::seconds{1'700'000'000});
  report.function = std::move(function);
  return tool::crash_file_name({"shown", std::move(host)}, report);
}

}  // namespace

TEST_CASE("the name of a report's file") {
  CHECK(name_of("web17", "foo") == "web17-20231114T221320Z-warning-foo.txt");
  CHECK(name_of("web17", "") == "web17-20231114T221320Z-warning.txt");
  CHECK(name_of("web17", "<a::b::c>::d") == "web17-20231114T221320Z-warning-a.b.c.d.txt");
  CHECK(name_of("web17", "../x y") == "web17-20231114T221320Z-warning-%2E.%2Fx%20y.txt");
}

TEST_CASE("a name that is one of a file already is not escaped again") {
  CHECK(name_of("fe80::1%254", "foo") == "fe80::1%254-20231114T221320Z-warning-foo.txt");
  CHECK(name_of("we%1Bb@10.0.0.1", "foo") == "we%1Bb@10.0.0.1-20231114T221320Z-warning-foo.txt");
}

TEST_CASE("a long name loses the function, then the host") {
  const std::string escaped = std::string(60, ' ');  // each byte is three of a name
  CHECK(name_of("web17", escaped).size() < 250);
  CHECK(name_of(std::string(170, 'w'), std::string(60, 'f')) ==
        std::string(170, 'w') + "-20231114T221320Z-warning.txt");
  CHECK(name_of(std::string(250, 'w'), "foo") == "20231114T221320Z-warning.txt");
}

TEST_CASE("two listeners may keep equal crashes in one directory") {
  const test::temporary_directory place;
  const tool::crash_options options{.directory = place.path().string(), .command = {}};
  netcon::crash::report report;
  report.time.emplace(std::chrono::seconds{1'700'000'000});
  report.text.emplace_back(2000, 'x');
  tool::crash_keeper one{options}, other{options};
  for (int i = 0; i < 50; ++i)
    for (auto* const keeper : {&one, &other}) keeper->add({"web17", "web17"}, report);
  one.finish();
  other.finish();
  CHECK(one.left_out().files + other.left_out().files == 0);
  std::size_t files = 0;
  const auto whole = tool::text_of({{"web17", "web17"}, report});
  for (const auto& each : std::filesystem::directory_iterator{place.path()}) {
    ++files;
    CHECK(test::contents(each.path()) == whole);
  }
  CHECK(files == 100);
}

TEST_CASE("one machine leaves files of the hour for others, whatever names it claims") {
  const test::temporary_directory place;
  const netcon::endpoint one{netcon::ip_address::parse("10.0.0.1").value(), {}},
      other{netcon::ip_address::parse("10.0.0.2").value(), {}};
  tool::crash_keeper keeper{{.directory = place.path().string(), .command = {}}};
  const auto add = [&](const std::string& name, const netcon::endpoint& address) {
    netcon::crash::report report;
    report.text.emplace_back("WARNING: fs/a.c:1 at foo");
    keeper.add({name, name, address}, report);
  };
  const auto most = tool::crash_keeper::most_files_of_one;
  for (std::uint64_t i = 0; i < most + 50; ++i) add("claimed" + std::to_string(i), one);
  for (std::uint64_t i = 0; i < 5; ++i) add("web17", other);
  keeper.finish();
  CHECK(keeper.left_out().files == 50);
  std::uint64_t of_one = 0, of_other = 0;
  for (const auto& each : std::filesystem::directory_iterator{place.path()})
    ++(each.path().filename().string().starts_with("web17") ? of_other : of_one);
  CHECK(of_one == most);
  CHECK(of_other == 5);
}

TEST_CASE("a file that could not be written is no part of the hour") {
  const test::temporary_directory place;
  const auto directory = place.path() / "later";
  tool::crash_keeper keeper{{.directory = directory.string(), .command = {}}};
  netcon::crash::report report;
  report.text.emplace_back("WARNING: fs/a.c:1 at foo");
  const auto most = tool::crash_keeper::most_files_of_one;
  for (std::uint64_t i = 0; i < most; ++i) keeper.add({"web17", "web17"}, report);
  for (int waits = 0; keeper.left_out().files < most && waits < 1000; ++waits)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  std::filesystem::create_directory(directory);
  keeper.add({"web17", "web17"}, report);
  keeper.finish();
  CHECK(keeper.left_out().files == most);
  CHECK(std::distance(std::filesystem::directory_iterator{directory}, {}) == 1);
}

TEST_CASE("a full disk does not gather the addresses of crashes") {
  const test::temporary_directory place;
  tool::crash_keeper keeper{{.directory = (place.path() / "none").string(), .command = {}}};
  netcon::crash::report report;
  report.text.emplace_back("WARNING: fs/a.c:1 at foo");
  const auto fail = [&](std::uint64_t number) {
    const auto machine = netcon::ip_address::parse("10.0." + std::to_string(number / 250) + "." +
                                                   std::to_string(number % 250 + 1));
    keeper.add({"web17", "web17", {machine.value(), {}}}, report);
    for (int waits = 0; keeper.left_out().failed_files < number && waits < 1000; ++waits)
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
  };
  constexpr std::uint64_t once = 50, most = 1000;
  for (std::uint64_t i = 1; i <= once; ++i) fail(i);
  const auto before = ::mallinfo2().uordblks;
  for (std::uint64_t i = once + 1; i <= most; ++i) fail(i);
  CHECK(keeper.left_out().failed_files == most);
  CHECK(::mallinfo2().uordblks < before + (most - once) * sizeof(netcon::endpoint));
}

TEST_CASE("what waits for the disk counts until it is written, and no longer") {
  using namespace std::chrono_literals;
  const test::temporary_directory place;
  const auto files = [&] {
    return std::ranges::count_if(std::filesystem::directory_iterator{place.path()},
                                 [](const auto& each) { return each.path().extension() == ".txt"; });
  };
  tool::crash_keeper keeper{{.directory = place.path().string(), .command = {}}};
  netcon::crash::report report;
  // Lines that were unescaped, or grew, have more room than text; a copy has not.
  report.text.emplace_back("WARNING: fs/a.c:1 at foo").reserve(tool::crash_keeper::most_waiting_bytes / 4);
  for (int i = 1; i <= 8; ++i) {
    keeper.add({"web17", "web17"}, report);
    for (int waits = 0; files() < i && waits < 1000; ++waits) std::this_thread::sleep_for(5ms);
  }
  keeper.finish();
  CHECK(keeper.left_out().files == 0);
  CHECK(files() == 8);
}

TEST_CASE("files that a killed run had not finished go at the next start") {
  const test::temporary_directory place;
  namespace fs = std::filesystem;
  using std::chrono::hours;
  const auto make = [&](const std::string& name, hours age) {
    std::ofstream{place.path() / name} << "half";
    fs::last_write_time(place.path() / name, fs::file_time_type::clock::now() - age);
  };
  const std::vector<std::string> left{".web17-20231114T221320Z-warning-foo.txt.1.tmp",
                                      ".we%1Bb@10.0.0.1-warning.txt.12.tmp"};
  const std::vector<std::string> kept{".web17-20231114T221320Z-warning-foo.txt.2.tmp",
                                      "web17-20231114T221320Z-warning-foo.txt",
                                      ".notes.txt.tmp",
                                      ".notes.txt.1a.tmp",
                                      ".txt.1.tmp",
                                      "a.txt.1.tmp"};
  for (const auto& name : left) make(name, hours{2});
  for (const auto& name : kept) make(name, hours{2});
  make(kept.front(), hours{0});  // another process may be writing it
  fs::create_directory(place.path() / ".a.txt.1.tmp");
  tool::crash_keeper{{.directory = place.path().string(), .command = {}}}.finish();
  for (const auto& name : left) CHECK_FALSE(fs::exists(place.path() / name));
  for (const auto& name : kept) CHECK(fs::exists(place.path() / name));
  CHECK(fs::exists(place.path() / ".a.txt.1.tmp"));
}
