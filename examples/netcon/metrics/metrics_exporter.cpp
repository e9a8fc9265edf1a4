#include "metrics/metrics_exporter.hpp"

#if NETCON_PROMETHEUS

#include "metrics/metric_families.hpp"
#include "options/address.hpp"
#include "output/output.hpp"

#include <netcon/os/descriptor.hpp>
#include <netcon/os/socket_address.hpp>

#include <fmt/format.h>
#include <prometheus/exposer.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace tool {
namespace {

class collectable final : public prometheus::Collectable {
 public:
  explicit collectable(metrics_source source) : source_{std::move(source)} {}
  /// Nothing without memory: the server that asks is C.
  std::vector<prometheus::MetricFamily> Collect() const override {
    try {
      return metric_families(source_());
    } catch (const std::bad_alloc&) {
      return {};
    }
  }

 private:
  metrics_source source_;
};

/// Written beside and renamed: node_exporter never reads half of it.
std::error_code write_file(const std::string& path, const prometheus::Collectable& from) try {
  const auto all = from.Collect();
  if (all.empty()) return std::make_error_code(std::errc::not_enough_memory);
  const auto beside = path + ".new";
  errno = 0;
  {
    std::ofstream out{beside, std::ios::binary | std::ios::trunc};
    prometheus::TextSerializer{}.Serialize(out, all);
    if (!out.flush()) return {errno != 0 ? errno : EIO, std::generic_category()};
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) return {errno, std::generic_category()};
  return {};
} catch (const std::bad_alloc&) {
  return std::make_error_code(std::errc::not_enough_memory);
}

/// Writes the file at once, then at intervals. A problem is reported when it begins and when it has gone.
class metrics_file {
 public:
  metrics_file(std::string path, const prometheus::Collectable& from) : path_{std::move(path)}, from_{from} {}
  ~metrics_file() {
    {
      const std::lock_guard lock{mutex_};
      ends_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  metrics_file(const metrics_file&) = delete;
  metrics_file& operator=(const metrics_file&) = delete;

  std::error_code start() {
    if (const auto problem = write_file(path_, from_)) return problem;
    thread_ = std::thread{[this] { run(); }};
    return {};
  }

 private:
  void run() {
    std::error_code problem;
    std::unique_lock lock{mutex_};
    while (!ends_) {
      wake_.wait_for(lock, metrics_exporter::file_interval, [this] { return ends_; });
      lock.unlock();
      const auto now = write_file(path_, from_);
      if (now && now != problem) say("netcon: cannot write metrics to {}: {}\n", path_, now.message());
      if (!now && problem) say("netcon: metrics are written to {} again\n", path_);
      problem = now;
      lock.lock();
    }
  }

  std::string path_;
  const prometheus::Collectable& from_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ends_ = false;
  std::thread thread_;
};

std::expected<netcon::endpoint, std::string> read_address(const std::string& place) {
  if (!has_port(place))
    return std::unexpected{fmt::format(
        "--metrics {0}: no port: write ADDRESS:PORT, as in 127.0.0.1:9666 or [::1]:9666; a file of "
        "that name is ./{0}",
        place)};
  auto address = parse_listen_address(place);
  if (!address) return std::unexpected{fmt::format("--metrics {}: {}", place, address.error())};
  return address;
}

/// Why the server cannot listen at an address, which it does not tell itself.
std::string why_not(const netcon::endpoint& address) {
  const netcon::descriptor trial{::socket(netcon::family_of(address.address), SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const netcon::socket_address wanted{address};
  if (!trial || !netcon::set_socket_option(trial.get(), SOL_SOCKET, SO_REUSEADDR, 1) ||
      ::bind(trial.get(), wanted.get(), wanted.size) != 0 || ::listen(trial.get(), 1) != 0) {
    const auto problem = netcon::last_error();
    if (problem == std::errc::address_in_use)
      return fmt::format("{}; 'ss -tlpn sport = :{}' shows who has the port", problem.message(),
                         address.port.value());
    return problem.message();
  }
  return address.address.is_v6()
             ? "the HTTP server of this build (civetweb) has no IPv6: write an IPv4 address"
             : "the HTTP server gives no reason";
}

class prometheus_exporter final : public metrics_exporter {
 public:
  explicit prometheus_exporter(metrics_source source)
      : from_{std::make_shared<collectable>(std::move(source))} {}

  std::expected<void, std::string> add(const std::string& place) {
    return is_file(place) ? add_file(place) : add_address(place);
  }

 private:
  std::expected<void, std::string> add_file(const std::string& path) {
    const auto& file = files_.emplace_back(std::make_unique<metrics_file>(path, *from_));
    if (const auto problem = file->start())
      return std::unexpected{fmt::format("--metrics {}: {}", path, problem.message())};
    return {};
  }

  std::expected<void, std::string> add_address(const std::string& place) {
    const auto address = read_address(place);
    if (!address) return std::unexpected{address.error()};
    // Without an address both families, which the server writes so.
    const bool is_any = place.find(':') == place.npos;
    const auto bind = is_any ? fmt::format("+{}", address->port.value()) : to_string(*address);
    try {
      const auto& server = servers_.emplace_back(std::make_unique<prometheus::Exposer>(bind));
      server->RegisterCollectable(from_);
      for (const int port : server->GetListeningPorts())
        say("netcon: metrics at http://{}:{}/metrics\n", is_any ? "localhost" : host_of(*address), port);
    } catch (const std::exception&) {
      return std::unexpected{fmt::format("--metrics {}: cannot listen there: {}", place, why_not(*address))};
    }
    return {};
  }

  static std::string host_of(const netcon::endpoint& address) {
    const auto host = to_string(address.address);
    return address.address.is_v6() ? '[' + host + ']' : host;
  }

  std::shared_ptr<collectable> from_;
  std::vector<std::unique_ptr<metrics_file>> files_;
  std::vector<std::unique_ptr<prometheus::Exposer>> servers_;
};

}  // namespace

std::expected<void, std::string> metrics_exporter::check(const std::vector<std::string>& places) {
  for (const auto& place : places)
    if (!is_file(place))
      if (const auto address = read_address(place); !address) return std::unexpected{address.error()};
  return {};
}

std::expected<std::unique_ptr<metrics_exporter>, std::string> metrics_exporter::start(
    const std::vector<std::string>& places, metrics_source source) {
  auto out = std::make_unique<prometheus_exporter>(std::move(source));
  for (const auto& place : places)
    if (const auto added = out->add(place); !added) return std::unexpected{added.error()};
  return out;
}

}  // namespace tool

#else

namespace tool {

std::expected<void, std::string> metrics_exporter::check(const std::vector<std::string>& places) {
  if (places.empty()) return {};
  return std::unexpected<std::string>{
      "--metrics: this netcon was built without prometheus-cpp (Debian: prometheus-cpp-dev)"};
}

std::expected<std::unique_ptr<metrics_exporter>, std::string> metrics_exporter::start(
    const std::vector<std::string>& places, metrics_source) {
  if (const auto good = check(places); !good) return std::unexpected{good.error()};
  return std::make_unique<metrics_exporter>();
}

}  // namespace tool

#endif
