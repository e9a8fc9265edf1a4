// Prints what kernels send to a UDP port, each message in one line.
#include <netcon/netcon.hpp>
#include <netcon/os.hpp>

#include <iostream>

int main(int argc, char** argv) {
  const auto port = netcon::port::parse(argc > 1 ? argv[1] : "6666");
  auto socket = netcon::udp_receiver::bind({netcon::ipv6_address{}, port.value_or(netcon::port{6666})});
  netcon::collector collector;  // fragments, order, loss, restarts
  netcon::datagram_batch batch;
  while (socket && socket->receive_batch(batch, std::chrono::seconds{1}))
    for (const auto& packet : batch)
      collector.push(packet.sender, packet.bytes, std::chrono::steady_clock::now(), [](const auto& event) {
        if constexpr (requires { event.record.text(); })
          std::cout << netcon::printable(netcon::unescape(event.record.text())) << std::endl;
      });
}
