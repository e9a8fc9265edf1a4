// SPDX-License-Identifier: MIT
#include <netcon/os/journal_socket.hpp>

#include "support/catch.hpp"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <string>
#include <system_error>

using namespace netcon;

namespace {

/// A socket as the journal has it, for the time of a test.
class fake_journal {
 public:
  fake_journal()
      : path_{std::filesystem::temp_directory_path() / ("netcon-journal-" + std::to_string(::getpid()))} {
    fd_ = descriptor{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~fake_journal() { std::filesystem::remove(path_); }

  std::string path() const { return path_.string(); }

  /// The next entry; file: a sealed one held it.
  std::string receive(bool& file) {
    std::string text(1 << 20, '\0');
    iovec part{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto size = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
    REQUIRE(size >= 0);
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    file = header != nullptr && header->cmsg_type == SCM_RIGHTS;
    if (!file) return text.substr(0, static_cast<std::size_t>(size));
    CHECK(size == 0);
    int number = -1;
    std::memcpy(&number, CMSG_DATA(header), sizeof number);
    const descriptor held{number};
    CHECK((::fcntl(held.get(), F_GET_SEALS) & F_SEAL_WRITE) != 0);
    struct stat status{};
    REQUIRE(::fstat(held.get(), &status) == 0);
    std::string out(static_cast<std::size_t>(status.st_size), '\0');
    CHECK(::pread(held.get(), out.data(), out.size(), 0) == status.st_size);
    return out;
  }

 private:
  std::filesystem::path path_;
  descriptor fd_;
};

}  // namespace

TEST_CASE("short entries are datagrams, long ones sealed files") {
  fake_journal journal;
  const auto socket = journal_socket::open(journal.path());
  REQUIRE(socket);
  bool file = true;
  CHECK_FALSE(socket->send("MESSAGE=short\n"));
  CHECK(journal.receive(file) == "MESSAGE=short\n");
  CHECK_FALSE(file);
  const auto text = "MESSAGE=" + std::string(32 << 20, 'x') + "\n";
  CHECK_FALSE(socket->send(text));
  CHECK(journal.receive(file) == text);
  CHECK(file);
}

TEST_CASE("a journal that takes nothing does not block, and one that is away is an error") {
  fake_journal journal;
  const auto socket = journal_socket::open(journal.path());
  REQUIRE(socket);
  std::error_code problem;
  for (int i = 0; i < 100'000 && !problem; ++i) problem = socket->send("MESSAGE=x\n");
  CHECK(problem == std::errc::resource_unavailable_try_again);
  CHECK(journal_socket::open(journal.path() + "-missing").error() == std::errc::no_such_file_or_directory);
  CHECK(journal_socket::open(std::string(200, 'x')).error() == std::errc::filename_too_long);
}
