// SPDX-License-Identifier: MIT
// Prints what kernels send to a UDP port: a line for each record, and for each loss. Ctrl-C ends it.
#include <netcon/netcon.hpp>
#include <netcon/os.hpp>

#include <csignal>
#include <iostream>

namespace event = netcon::event;

struct printer {  // called with each type of event
  void operator()(const event::record& e) { print(e.sender, text_of(e.record)); }
  void operator()(const event::late& e) { print(e.sender, text_of(e.record)); }
  void operator()(const event::partial& e) { print(e.sender, text_of(e.record) + " (partial)"); }
  void operator()(const event::basic& e) { print(e.sender, std::string{e.text}); }
  void operator()(const event::lost& e) { print(e.sender, "records lost: " + std::to_string(e.count)); }
  void operator()(const auto&) {}  // duplicates, reboots, packets of other programs

  static std::string text_of(const netcon::record_view& record) { return netcon::unescape(record.text()); }
  static void print(const netcon::endpoint& sender, const std::string& text) {
    std::cout << to_string(sender.address) << ": " << netcon::printable(text) << std::endl;
  }
};

netcon::receiver* running = nullptr;

int main(int argc, char** argv) {
  const std::string text = argc > 1 ? argv[1] : "6666";
  const auto fail = [&](const std::error_code& why) {
    std::cerr << "port " << text << ": " << why.message() << '\n';
    return 1;
  };
  const auto port = netcon::port::parse(text);
  if (!port) return fail(port.error().code);
  auto receiver = netcon::receiver::open(*port);
  if (!receiver) return fail(receiver.error());
  running = &*receiver;
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { running->stop(); });
  const auto done = receiver->run(printer{});
  return done ? 0 : fail(done.error());
}
