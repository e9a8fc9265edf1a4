// --metrics: Prometheus text at an address, or in a file for node_exporter.
#pragma once

#include "metrics/metrics_snapshot.hpp"

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// Serves and writes until it is destroyed. Needs prometheus-cpp; a build without it refuses every place.
class metrics_exporter {
 public:
  /// Between two writes of a file.
  static constexpr std::chrono::seconds file_interval{15};

  /// A place is ADDRESS:PORT, or a path, which has a slash.
  static bool is_file(std::string_view place) { return place.find('/') != place.npos; }

  /// Whether each can be read. The error is one line that names the place; here and below.
  static std::expected<void, std::string> check(const std::vector<std::string>& places);

  static std::expected<std::unique_ptr<metrics_exporter>, std::string> start(
      const std::vector<std::string>& places, metrics_source source);

  metrics_exporter() = default;
  metrics_exporter(const metrics_exporter&) = delete;
  metrics_exporter& operator=(const metrics_exporter&) = delete;
  virtual ~metrics_exporter() = default;
};

}  // namespace tool
