// The metrics as Prometheus names them. Needs prometheus-cpp.
#pragma once

#include "metrics/metrics_snapshot.hpp"

#include <prometheus/metric_family.h>

#include <vector>

namespace tool {

/// docs/metrics.md has a row for each. Counters end in _total and begin at 0 with the process.
std::vector<prometheus::MetricFamily> metric_families(const metrics_snapshot&);

}  // namespace tool
