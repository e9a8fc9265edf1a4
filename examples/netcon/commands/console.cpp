// SPDX-License-Identifier: MIT
// netcon console: the console of U-Boot and other boot loaders over UDP, read and typed on a terminal.
#include "commands/command.hpp"
#include "listen/stop_signals.hpp"
#include "options/address.hpp"
#include "options/duration.hpp"
#include "options/value_check.hpp"
#include "output/output.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/os/icmp_error.hpp>
#include <netcon/os/route.hpp>
#include <netcon/os/socket_address.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/wire/escape.hpp>

#include <fmt/format.h>
#include <ifaddrs.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

namespace tool {
namespace {

using clock = std::chrono::steady_clock;

struct console_options {
  std::string destination;
  std::optional<std::uint16_t> local_port;
  bool raw = false;
  std::chrono::milliseconds wait{1000};
};

constexpr char leave_key = 0x1d;  // Ctrl-], as telnet has it

/// Hands out every key as it is pressed, Ctrl-C too; restores the terminal at the end.
class raw_terminal {
 public:
  explicit raw_terminal(bool wanted) {
    if (!wanted || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto raw = before_;
    ::cfmakeraw(&raw);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
  raw_terminal(const raw_terminal&) = delete;
  raw_terminal& operator=(const raw_terminal&) = delete;
  ~raw_terminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }

 private:
  termios before_{};
  bool changed_ = false;
};

/// Keeps lines and tabs, drops carriage returns, and escapes everything else that a terminal would obey.
void append_safe(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find_first_of("\n\t\r"), bytes.size());
    netcon::append_printable(out, bytes.substr(0, end));
    bytes.remove_prefix(end);
    if (bytes.empty()) return;
    if (bytes.front() != '\r') out += bytes.front();
    bytes.remove_prefix(1);
  }
}

/// Whether what is sent there may reach several machines, which answer from their own addresses.
bool is_for_several(const netcon::ip_address& address) {
  if (address.is_multicast() || address == netcon::ip_address{netcon::ipv4_address{255, 255, 255, 255}})
    return true;
  const auto way = netcon::find_route(address);
  return way && way->is_broadcast;
}

bool is_own(const netcon::ip_address& address) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{all, &::freeifaddrs};
  for (; all; all = all->ifa_next) {
    if (all->ifa_addr == nullptr) continue;
    const auto family = all->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, all->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    if (netcon::to_endpoint(storage).address == address) return true;
  }
  return false;
}

class console {
 public:
  console(netcon::udp_receiver socket, const netcon::endpoint& peer, const console_options& options)
      : socket_{std::move(socket)},
        peer_{peer},
        is_for_several_{is_for_several(peer.address)},
        options_{options} {
    netcon::set_socket_option(socket_.native_handle(), SOL_SOCKET, SO_BROADCAST, 1);
    // Without them nobody knows that what is typed arrives nowhere.
    static_cast<void>(netcon::keep_icmp_errors(socket_.native_handle()));
  }

  /// Returns whether the board took what it was sent, as far as the network tells.
  std::expected<bool, std::string> run() {
    const stop_signals signals;
    const raw_terminal terminal{options_.raw};
    std::optional<clock::time_point> end;  // after the end of the input: when to stop waiting for output
    for (;;) {
      std::array<pollfd, 3> wanted{{{signals.fd(), POLLIN, 0},
                                    {socket_.native_handle(), POLLIN, 0},
                                    {end ? -1 : STDIN_FILENO, POLLIN, 0}}};
      int timeout = -1;
      if (end) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - clock::now());
        if (left.count() <= 0) return finish();
        constexpr std::chrono::milliseconds longest = std::chrono::hours{1};  // poll() takes an int
        timeout = static_cast<int>(std::min(left, longest).count());
      }
      if (::poll(wanted.data(), wanted.size(), timeout) < 0 && errno != EINTR)
        return std::unexpected{std::string{std::strerror(errno)}};
      if (wanted[0].revents != 0) return true;
      if (wanted[1].revents != 0) {
        const auto more = show();
        if (!more) return std::unexpected{more.error()};
        if (!*more) return true;
        if (end) end = clock::now() + options_.wait;
      }
      if (wanted[2].revents != 0) {
        const auto more = type();
        if (!more) return std::unexpected{more.error()};
        if (!*more && left_) return true;
        if (!*more) end = clock::now() + options_.wait;
      }
    }
  }

 private:
  /// At the end of the input and of the wait for what the board says to it.
  bool finish() {
    collect_errors();
    if (has_typed_ && !has_heard_ && trouble_.empty())
      say("netcon: nothing came back from {}, which over UDP proves nothing\n", to_string(peer_));
    return trouble_.empty();
  }

  /// Says what the network answers to what was typed, each answer once. False when it has said nothing.
  bool collect_errors() {
    bool any = false;
    while (const auto error = netcon::take_icmp_error(socket_.native_handle())) {
      any = true;
      const bool is_refusal =
          error->code == std::errc::connection_refused && error->offender == peer_.address;
      auto text =
          is_refusal ? fmt::format("{} refuses: no console listens there", to_string(peer_))
          : error->is_unresolved(error->offender) && is_own(error->offender)
              ? fmt::format("{} does not answer: is it on and connected?", to_string(peer_.address))
              : fmt::format("{} says \"{}\"", to_string(error->offender),
                            netcon::describe_icmp(error->type, error->icmp_code, error->offender.is_v6()));
      if (text != trouble_) say("netcon console: {}{}\n", text, options_.raw ? "\r" : "");
      trouble_ = std::move(text);
    }
    return any;
  }

  /// False when the reader of the output has gone.
  std::expected<bool, std::string> show() {
    collect_errors();
    const auto got = socket_.receive_batch(batch_, std::chrono::milliseconds{0});
    if (!got && collect_errors()) return true;
    if (!got) return std::unexpected{fmt::format("cannot receive: {}", got.error().message())};
    std::string text;
    for (const auto& datagram : batch_) {
      if (!is_from_board(datagram.sender.address)) continue;
      has_heard_ = true;
      trouble_.clear();
      if (options_.raw) {
        text += datagram.bytes;
      } else {
        append_safe(text, datagram.bytes);
      }
    }
    const auto problem = write_all(STDOUT_FILENO, text);
    if (!problem || problem == std::errc::broken_pipe) return !problem;
    return std::unexpected{fmt::format("cannot write the output: {}", problem.message())};
  }

  /// A broadcast reaches machines with unknown addresses, and comes back to its sender.
  bool is_from_board(const netcon::ip_address& from) const {
    return is_for_several_ ? !is_own(from) : from == peer_.address;
  }

  /// False at the end of the input.
  std::expected<bool, std::string> type() {
    // U-Boot takes 512 bytes at a time by default.
    std::array<char, 512> keys{};
    const auto size = ::read(STDIN_FILENO, keys.data(), keys.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (size < 0) return std::unexpected{fmt::format("standard input: {}", std::strerror(errno))};
    if (size == 0) return false;
    std::string_view text{keys.data(), static_cast<std::size_t>(size)};
    if (const auto at = text.find(leave_key); options_.raw && at != text.npos) {
      left_ = true;
      text = text.substr(0, at);
    }
    const netcon::socket_address to{peer_};
    int problem = 0;  // to look for errors of the network changes errno
    const auto send = [&] {
      const auto sent = ::sendto(socket_.native_handle(), text.data(), text.size(), 0, to.get(), to.size);
      problem = sent < 0 ? errno : 0;
      return sent >= 0;
    };
    has_typed_ |= !text.empty();
    // The network's answer to earlier keys makes a call fail once.
    if (!text.empty() && !send() && !(collect_errors() && send()))
      return std::unexpected{fmt::format("cannot send to {}: {}", to_string(peer_), std::strerror(problem))};
    return !left_;
  }

  netcon::udp_receiver socket_;
  netcon::endpoint peer_;
  bool is_for_several_;
  const console_options& options_;
  netcon::datagram_batch batch_;
  bool left_ = false, has_typed_ = false, has_heard_ = false;
  std::string trouble_;  // what the network said last, since the board said something
};

int run(const console_options& options) {
  const auto peer = parse_destination(options.destination);
  if (!peer) return fail("console", peer.error());
  const netcon::port local{options.local_port.value_or(peer->port.value())};
  const auto any = peer->address.is_v4() ? netcon::ip_address{} : netcon::ip_address{netcon::ipv6_address{}};
  netcon::receive_options how;
  how.dual_stack = false;
  auto socket = netcon::udp_receiver::bind({any, local}, how);
  if (!socket)
    return fail(
        "console",
        fmt::format("cannot listen on port {}: {}; choose another one with --listen, and with the boot "
                    "loader's ncoutport",
                    local.value(), socket.error().message()));
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto bound = socket->local())
    say("netcon: console of {}, listening on port {}{}\n", to_string(*peer), bound->port.value(),
        options.raw ? "; Ctrl-] leaves" : "");
  console session{std::move(*socket), *peer, options};
  const auto done = session.run();
  if (!done) return fail("console", done.error());
  return *done ? exit_ok : exit_findings;
}

}  // namespace

CLI::App* add_console(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("console", "Read and type on the UDP console of a boot loader");
  const auto options = std::make_shared<console_options>();
  command->add_option("destination", options->destination, "The board; its port is 6666 by default")
      ->required()
      ->option_text("HOST[:PORT]");
  command->add_option("--listen", options->local_port, "Listen on this port, and send from it")
      ->option_text("PORT")
      ->transform(whole_number(0, 65535))
      ->default_str("that of the board");
  command->add_flag(
      "--raw", options->raw,
      "Send each key at once, Ctrl-C too, and let the board control the terminal; Ctrl-] leaves");
  add_duration(*command, "--wait", options->wait,
               "End once the board is silent so long after the end of the input",
               std::chrono::milliseconds{0}, std::chrono::hours{24 * 10000});
  command->footer(
      R"help(Shows what the board sends, and sends the lines that are typed. Control characters from the board become
\xNN unless --raw is given. Packets of other machines are ignored. TIME is a number and a unit, as in 500ms.

In U-Boot, with 10.0.0.1 as this machine's address:
  setenv ncip 10.0.0.1; setenv stdin nc; setenv stdout nc; setenv stderr nc

Examples:
  netcon console 10.0.0.7
  netcon console 10.0.0.7:6666 --listen 6667 --raw
  echo printenv | netcon console 10.0.0.7 --wait 3s

Exit code: 0 when ended as asked; 1 when at the end of the input the board refuses it or does not answer to its address;
2 when it cannot listen or send.)help");
  command->callback([options, &exit_code] { exit_code = run(*options); });
  return command;
}

}  // namespace tool
