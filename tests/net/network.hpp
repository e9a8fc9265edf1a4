// SPDX-License-Identifier: MIT
// Network namespaces for a test: made with ip(8), entered by a thread, gone with their owner.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace test {

inline bool shell(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

class network {
 public:
  explicit network(const std::string& name) : name_{name + std::to_string(::getpid())} {
    if (!shell("ip netns add " + name_)) throw std::runtime_error{"ip netns add " + name_};
    if (!try_ip("link set lo up")) {
      shell("ip netns del " + name_);
      throw std::runtime_error{"ip -n " + name_};
    }
    // Addresses count at once, without the second that duplicate detection takes.
    shell("ip netns exec " + name_ +
          " sysctl -q net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0");
  }
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  ~network() { shell("ip netns del " + name_); }

  const std::string& name() const { return name_; }

  /// "link set eth0 up" and the like; throws when ip refuses.
  void ip(const std::string& arguments) const {
    if (!try_ip(arguments)) throw std::runtime_error{"ip -n " + name_ + " " + arguments};
  }
  bool try_ip(const std::string& arguments) const { return shell("ip -n " + name_ + " " + arguments); }
  void sysctl(const std::string& setting) const { shell("ip netns exec " + name_ + " sysctl -q " + setting); }

  /// A cable between a device here and one there, both up and with their link-local addresses.
  void connect(const std::string& device, const network& other, const std::string& other_device) const {
    ip("link add " + device + " type veth peer name " + other_device + " netns " + other.name_);
    ip("link set " + device + " up");
    other.ip("link set " + other_device + " up");
    wait_until_up(device);
    other.wait_until_up(other_device);
  }

  /// What the function returns when called in here.
  template <class Function>
  auto run(Function&& function) const {
    std::optional<decltype(function())> result;
    std::thread inside{[&] {
      const int fd = ::open(("/var/run/netns/" + name_).c_str(), O_RDONLY | O_CLOEXEC);
      if (::setns(fd, CLONE_NEWNET) == 0) result = function();
      ::close(fd);
    }};
    inside.join();
    if (!result) throw std::runtime_error{"setns " + name_};
    return *std::move(result);
  }

  /// Why there can be none; empty when there can.
  static const std::string& unavailable() {
    static const std::string why = find_obstacle();
    return why;
  }

 private:
  static std::string find_obstacle() {
    if (::geteuid() != 0) return "SKIP ALL: network namespaces need root";
    if (!shell("ip -V")) return "SKIP ALL: ip (iproute2) is not installed";
    const std::string probe = "probe" + std::to_string(::getpid());
    const bool made = shell("ip netns add " + probe);
    const bool entered = made && shell("ip -n " + probe + " link set lo up");
    const bool connected = entered && shell("ip -n " + probe + " link add eth0 type veth peer name eth1");
    shell("ip netns del " + probe);
    if (!made) return "SKIP ALL: this kernel lets us make no network namespace";
    if (!entered) return "SKIP ALL: ip -n fails here, for example because / is not a mount point";
    if (!connected) return "SKIP ALL: this kernel has no veth devices";
    return {};
  }

  /// The kernel notices a carrier a moment later, on a busy machine a longer one; five seconds at most.
  void wait_until_up(const std::string& device) const {
    const auto show = "ip -n " + name_ + " -6 addr show dev " + device + " scope link";
    shell("[ ! -e /proc/sys/net/ipv6 ] || for i in $(seq 100); do " + show +
          " up | grep -q inet6 && break; sleep 0.05; done");
  }

  std::string name_;
};

}  // namespace test
