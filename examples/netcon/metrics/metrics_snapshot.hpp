// What the metrics show at one moment.
#pragma once

#include "listen/listen_worker.hpp"
#include "metrics/sender_activity.hpp"
#include "output/output_writer.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tool {

struct metrics_snapshot {
  /// Senders that the metrics name one by one.
  static constexpr std::size_t most_senders = 100;

  struct output {
    std::string name;
    output_counts counts;
    output_writer::counters writer;
  };

  listen_worker::counters totals;
  std::vector<output> outputs;
  sender_activity::by_kind crashes;
  std::vector<std::pair<netcon::endpoint, sender_totals>> senders;
};

/// Called by threads of the exporter.
using metrics_source = std::function<metrics_snapshot()>;

}  // namespace tool
