// SPDX-License-Identifier: MIT
#include "decode.hpp"

#include <netcon/capture/datagrams.hpp>
#include <netcon/capture/text_log.hpp>
#include <netcon/crash/detector.hpp>
#include <netcon/crash/log_scanner.hpp>
#include <netcon/output/crash_json.hpp>
#include <netcon/output/crash_text.hpp>
#include <netcon/receive/collector.hpp>

#include <chrono>
#include <cstdint>
#include <map>

namespace checker {
namespace {

namespace event = netcon::event;

std::string_view without_newline(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  return line;
}

/// Keeps the lines and the crashes until they are written.
class decoded {
 public:
  template <class Event>
  void add_event(netcon::wall_time time, const Event& one) {
    if (++line_count_ > most_lines) return;
    std::string line;
    json_.append(line, time, one);
    lines_.json(without_newline(line));
  }

  void add_line(const netcon::log_line& one) {
    if (++line_count_ > most_lines) return;
    lines_.begin_object();
    lines_.member("event", "line");
    if (one.timestamp_us) lines_.member("timestamp_us", *one.timestamp_us);
    if (one.priority) lines_.member("level", static_cast<unsigned>(*one.priority & 7));
    if (!one.host.empty()) lines_.member("host", one.host);
    if (!one.caller.empty()) lines_.member("caller", one.caller);
    lines_.member("text", one.text);
    lines_.end_object();
  }

  void add_crash(std::string_view host, const netcon::crash::report& report) {
    std::string json, page, time;
    netcon::append_crash_json(json, host, report);
    if (report.time)
      netcon::wall_time_writer{}.append(
          time, netcon::wall_time{std::chrono::duration_cast<netcon::wall_time::duration>(
                    report.time->time_since_epoch())});
    netcon::append_crash_text(page, host, time, report);
    crashes_.begin_object();
    crashes_.key("crash");
    crashes_.json(without_newline(json));
    crashes_.member("page", page);
    crashes_.end_object();
  }

  void write(json_writer& out) {
    out.key("lines");
    out.json("[" + lines_.take() + "]");
    out.member("line_count", line_count_);
    out.key("crashes");
    out.json("[" + crashes_.take() + "]");
  }

 private:
  netcon::json_lines json_;
  json_writer lines_, crashes_;
  std::uint64_t line_count_ = 0;
};

/// A sink for the events of a detector.
auto keep_crashes(decoded& to) {
  return [&to]<class Event>(const Event& one) {
    if constexpr (requires { one.report; }) {
      if constexpr (requires { one.sender.address; }) {
        to.add_crash(to_string(one.sender.address), one.report);
      } else {
        to.add_crash(one.sender, one.report);
      }
    }
  };
}

}  // namespace

void write_log(json_writer& out, std::string_view text) {
  decoded all;
  netcon::crash::log_scanner scanner;
  netcon::collector collector;
  std::map<std::string, netcon::endpoint, std::less<>> hosts;
  const auto address_of = [&](std::string_view host) {
    const auto number = static_cast<std::uint16_t>(hosts.size() + 1);
    return hosts
        .try_emplace(std::string{host}, netcon::endpoint{netcon::ipv4_address{}, netcon::port{number}})
        .first->second;
  };
  netcon::wall_time time{};
  const auto show = [&](const auto& one) { all.add_event(time, one); };
  const auto keep = keep_crashes(all);
  const auto take = [&](const netcon::log_line& line) {
    scanner.push(line, keep);
    if (line.time)
      time = netcon::wall_time{
          std::chrono::duration_cast<netcon::wall_time::duration>(line.time->time_since_epoch())};
    if (line.is_packet) {
      collector.push(address_of(line.host), line.text, {}, show);
    } else {
      all.add_line(line);
    }
  };
  netcon::text_log log;
  log.push(text, take);
  log.finish(take);
  collector.flush(show);
  scanner.finish(keep);
  all.write(out);
}

void write_packets(json_writer& out, const std::vector<std::string>& packets) {
  decoded all;
  netcon::crash::detector detector;
  netcon::collector collector;
  const auto keep = keep_crashes(all);
  const auto show = [&](const auto& one) {
    all.add_event({}, one);
    detector.observe(one.sender, one, {}, std::nullopt, keep);
  };
  for (const auto& packet : packets) collector.push({}, packet, {}, show);
  collector.flush(show);
  detector.flush(keep);
  all.write(out);
}

void write_capture(json_writer& out, std::string_view file) {
  decoded all;
  netcon::crash::detector detector;
  std::map<netcon::port, netcon::collector> collectors;
  const auto keep = keep_crashes(all);
  netcon::wall_time time{};
  netcon::time_point now{};
  const auto show = [&](const auto& one) {
    all.add_event(time, one);
    detector.observe(
        one.sender, one, now,
        netcon::crash::optional_time{std::chrono::time_point_cast<std::chrono::microseconds>(time)}, keep);
  };
  netcon::pcap_reader reader{netcon::memory_source{file}};
  const auto counts = netcon::read_datagrams(reader, [&](const netcon::captured_datagram& datagram) {
    const auto since = datagram.time.time_since_epoch();
    time = netcon::wall_time{std::chrono::duration_cast<netcon::wall_time::duration>(since)};
    now = netcon::time_point{std::chrono::duration_cast<netcon::time_point::duration>(since)};
    auto& collector = collectors[datagram.udp.receiver.port];
    collector.expire(now, show);
    detector.expire(now, keep);
    collector.push(datagram.udp.sender, datagram.udp.payload, now, show);
  });
  for (auto& [port, collector] : collectors) collector.flush(show);
  detector.flush(keep);
  if (!counts) out.member("problem", message(counts.error().code));
  all.write(out);
}

bool is_capture(std::string_view bytes) {
  using namespace std::string_view_literals;
  for (const auto magic : {"\xd4\xc3\xb2\xa1"sv, "\xa1\xb2\xc3\xd4"sv, "\x4d\x3c\xb2\xa1"sv,
                           "\xa1\xb2\x3c\x4d"sv, "\x0a\x0d\x0d\x0a"sv})
    if (bytes.starts_with(magic)) return true;
  return false;
}

bool is_log(std::string_view text) {
  std::size_t lines = 0, stamped = 0, crashes = 0;
  netcon::crash::log_scanner scanner;
  const auto count = [&]<class Event>(const Event&) { ++crashes; };
  netcon::text_log log;
  const auto take = [&](const netcon::log_line& line) {
    scanner.push(line, count);
    if (line.text.empty()) return;
    ++lines;
    stamped +=
        line.is_packet || line.timestamp_us || line.sequence || (line.time && line.from_kernel) ? 1u : 0u;
  };
  log.push(text, take);
  log.finish(take);
  scanner.finish(count);
  return crashes != 0 || stamped * 4 > lines;
}

}  // namespace checker
