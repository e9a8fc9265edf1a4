#if NETCON_PROMETHEUS

#include "metrics/metric_families.hpp"

#include "output/log_names.hpp"

#include <netcon/core/printable.hpp>
#include <netcon/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace tool {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<prometheus::ClientMetric::Label>;

class families {
 public:
  /// Begins a family; values follow.
  families& counter(const char* name, const char* help) { return begin(name, help, MetricType::Counter); }
  families& gauge(const char* name, const char* help) { return begin(name, help, MetricType::Gauge); }

  families& value(double number, labels of = {}) {
    prometheus::ClientMetric one;
    one.label = std::move(of);
    if (all_.back().type == MetricType::Counter)
      one.counter.value = number;
    else
      one.gauge.value = number;
    all_.back().metric.push_back(std::move(one));
    return *this;
  }
  families& value(std::uint64_t number, labels of = {}) {
    return value(static_cast<double>(number), std::move(of));
  }

  std::vector<MetricFamily> take() { return std::move(all_); }

 private:
  families& begin(const char* name, const char* help, MetricType type) {
    all_.push_back({name, help, type, {}});
    return *this;
  }

  std::vector<MetricFamily> all_;
};

/// The largest number stands for all above it.
std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a + std::min(b, ~a);
}

void add_totals(families& out, const listen_worker::counters& all) {
  const auto& collected = all.collected;
  out.counter("netcon_packets_total", "Packets received").value(all.packets);
  out.counter("netcon_bytes_total", "Bytes of the packets received").value(all.bytes);
  out.counter("netcon_socket_drops_total", "Packets that the kernel dropped because the socket was full")
      .value(all.dropped);
  out.counter("netcon_backlog_drops_total",
              "Packets of the busiest addresses that were dropped for want of time")
      .value(all.backlog_drops);
  out.counter("netcon_packets_discarded_total", "Packets discarded before they were decoded")
      .value(all.denied, {{"reason", "denied"}})
      .value(all.far, {{"reason", "ttl"}});
  out.counter("netcon_packets_truncated_total", "Packets longer than the receive buffer")
      .value(all.truncated);
  out.counter("netcon_records_total", "Records received, shown or not").value(all.events.records);
  out.counter("netcon_remarks_total", "Other events: losses, reboots, duplicates, junk")
      .value(all.events.remarks);
  // The collector takes back what came after all; a counter that falls is a restart to Prometheus.
  out.counter("netcon_lost_total", "Records reported lost on the way")
      .value(sum(collected.lost_inferred, collected.recovered_inferred), {{"cause", "inferred"}})
      .value(sum(collected.lost_counted, collected.recovered_counted), {{"cause", "counted"}})
      .value(collected.lost_announced, {{"cause", "announced"}});
  out.counter("netcon_recovered_total", "Records reported lost that came after all")
      .value(collected.recovered_inferred, {{"cause", "inferred"}})
      .value(collected.recovered_counted, {{"cause", "counted"}})
      .value(0.0, {{"cause", "announced"}});  // so that a difference has all causes
  out.counter("netcon_impossible_jumps_total", "Jumps of numbers that no kernel can make")
      .value(collected.impossible);
  out.counter("netcon_reboots_total", "Reboots of senders").value(collected.rebooted);
  out.counter("netcon_partial_total", "Records that did not come whole").value(collected.partial);
  out.counter("netcon_duplicates_total", "Records that came before").value(collected.duplicate);
  out.counter("netcon_late_total", "Records that came after later ones").value(collected.late);
  out.counter("netcon_junk_total", "Packets that cannot be decoded").value(collected.junk);
  out.counter("netcon_unproven_total", "Records without the userdata of --require").value(all.unproven);
  out.counter("netcon_senders_forgotten_total", "Senders that made room for others")
      .value(collected.forgotten);
}

void add_crashes(families& out, const sender_activity::by_kind& crashes) {
  using netcon::crash::kind;
  out.counter("netcon_crashes_total", "Crashes of senders, by kind");
  // Each kind from the start: where a counter begins with 1, Prometheus sees no increase. The names begin
  // again behind the last kind.
  for (std::uint8_t i = 0; netcon::crash::parse_kind(name(kind{i})) == kind{i}; ++i) {
    const auto found = crashes.find(kind{i});
    out.value(found == crashes.end() ? 0 : found->second, {{"kind", std::string{name(kind{i})}}});
  }
}

/// Makes of the names what the labels say, each once: a scrape with two samples of the same labels is
/// refused, and so is one that is not UTF-8. A file may have the name that another output has here.
void name_apart(std::vector<metrics_snapshot::output>& outputs) {
  for (auto one = outputs.begin(); one != outputs.end(); ++one) {
    const auto name = netcon::printable(one->name);
    const auto is_taken = [&] {
      return std::ranges::find(outputs.begin(), one, one->name, &metrics_snapshot::output::name) != one;
    };
    one->name = name;
    for (int number = 2; is_taken(); ++number) one->name = fmt::format("{} ({})", name, number);
  }
}

void add_outputs(families& out, std::vector<metrics_snapshot::output> outputs) {
  name_apart(outputs);
  const auto add = [&](const std::string& name, const line_counts& lines, const char* reason) {
    for (const auto& [event, count] :
         {std::pair{"record", lines.records}, std::pair{"remark", lines.remarks}}) {
      labels of{{"output", name}, {"event", event}};
      if (reason != nullptr) of.push_back({"reason", reason});
      out.value(count, std::move(of));
    }
  };
  out.counter("netcon_output_written_total", "Events written");
  for (const auto& one : outputs) add(one.name, one.writer.written, nullptr);
  out.counter("netcon_output_hidden_total", "Events that the output was not to show");
  for (const auto& one : outputs) {
    add(one.name, one.counts.filtered, "filter");
    add(one.name, one.counts.suppressed, "rate_limit");
  }
  out.counter("netcon_output_dropped_total", "Events that the output could not take");
  for (const auto& one : outputs) {
    add(one.name, one.writer.no_room, "no_room");
    add(one.name, one.writer.not_taken, "refused");
  }
  out.gauge("netcon_output_queue_bytes", "Bytes that wait for the output");
  for (const auto& one : outputs) out.value(one.writer.queued_bytes, {{"output", one.name}});
  out.gauge("netcon_output_working", "1 when the last write succeeded");
  for (const auto& one : outputs) out.value(one.writer.problem ? 0.0 : 1.0, {{"output", one.name}});
}

void add_senders(families& out, const metrics_snapshot& all) {
  const auto add = [&](auto value) {
    for (const auto& [sender, totals] : all.senders)
      out.value(value(totals), {{"sender", address_text(sender)}});
  };
  out.counter("netcon_sender_records_total", "Records of one of the most active senders");
  add([](const sender_totals& one) { return one.records; });
  out.counter("netcon_sender_lost_total", "Records reported lost of one of the most active senders");
  add([](const sender_totals& one) { return one.lost; });
  out.counter("netcon_sender_reboots_total", "Reboots of one of the most active senders");
  add([](const sender_totals& one) { return one.reboots; });
  out.counter("netcon_sender_crashes_total", "Crashes of one of the most active senders");
  add([](const sender_totals& one) { return one.crashes; });
  out.gauge("netcon_sender_last_seen_timestamp_seconds", "When one of the most active senders last sent");
  add([](const sender_totals& one) {
    return std::chrono::duration<double>(one.last_seen.time_since_epoch()).count();
  });
}

}  // namespace

std::vector<MetricFamily> metric_families(const metrics_snapshot& all) {
  families out;
  out.gauge("netcon_info", "The version of netcon, always 1")
      .value(1.0, {{"version", fmt::format("{}.{}.{}", NETCON_VERSION_MAJOR, NETCON_VERSION_MINOR,
                                           NETCON_VERSION_PATCH)}});
  add_totals(out, all.totals);
  add_crashes(out, all.crashes);
  add_outputs(out, all.outputs);
  add_senders(out, all);
  return out.take();
}

}  // namespace tool

#endif
