#include "listen/listen_worker.hpp"

#include "output/file_destination.hpp"

#include <netcon/os/local_time.hpp>
#include <netcon/os/random_key.hpp>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace tool {

using namespace std::chrono_literals;

listen_run::listen_run(std::optional<std::uint64_t> most_records)
    : left_{most_records.value_or(std::numeric_limits<std::uint64_t>::max())},
      fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

listen_run::~listen_run() {
  ::close(fd_);
}

bool listen_run::take_record() {
  auto left = left_.load(std::memory_order_relaxed);
  if (left == std::numeric_limits<std::uint64_t>::max()) return true;
  while (left != 0 && !left_.compare_exchange_weak(left, left - 1)) {
  }
  if (left <= 1) end();
  return left != 0;
}

void listen_run::end() {
  ended_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void listen_run::fail(const std::string& problem) {
  {
    const std::lock_guard lock{mutex_};
    problem_ = problem;
  }
  end();
}

std::optional<std::string> listen_run::problem() const {
  const std::lock_guard lock{mutex_};
  return problem_;
}

const std::string& sender_names::of(const netcon::endpoint& from, const netcon::record_view* record) {
  // Forged senders may be any number; the next record finds a forgotten name again.
  if (names_.size() > 65536) names_.clear();
  auto& name = names_[from];
  if (name.empty()) name = safe_file_name(to_string(from.address));
  if (key_ && record != nullptr)
    if (const auto value = record->dictionary().find(*key_))
      if (auto better = safe_file_name(*value); !better.empty()) name = std::move(better);
  return name;
}

listen_worker::counters& listen_worker::counters::operator+=(const counters& other) {
  const auto& c = other.collected;
  collected.lost += c.lost;
  collected.partial += c.partial;
  collected.rebooted += c.rebooted;
  collected.duplicate += c.duplicate;
  collected.late += c.late;
  collected.junk += c.junk;
  collected.forgotten += c.forgotten;
  packets += other.packets;
  bytes += other.bytes;
  records += other.records;
  filtered += other.filtered;
  suppressed += other.suppressed;
  denied += other.denied;
  truncated += other.truncated;
  dropped += other.dropped;
  return *this;
}

namespace {

std::variant<netcon::human_lines, netcon::json_lines, netcon::syslog_lines> lines_of(
    const listen_settings& settings) {
  switch (settings.format) {
    case listen_settings::form::json:
      return netcon::json_lines{};
    case listen_settings::form::syslog:
      return netcon::syslog_lines{};
    default:
      return netcon::human_lines{settings.colour, netcon::local_utc_offset};
  }
}

netcon::collector::limits limits_of(const listen_settings& settings) {
  netcon::collector::limits limits;
  limits.reorder = settings.reorder;
  return limits;
}

}  // namespace

listen_worker::listen_worker(netcon::udp_receiver socket, const listen_settings& settings, listen_run& run,
                             output_writer& writer)
    : socket_{std::move(socket)},
      settings_{settings},
      run_{run},
      writer_{writer},
      collector_{limits_of(settings), netcon::random_key()},
      limiter_{settings.rate_limit, netcon::random_key()},
      names_{settings.name_by},
      format_{lines_of(settings)} {}

void listen_worker::start() {
  thread_ = std::thread{[this] { run(); }};
}

void listen_worker::finish() {
  stop();
  if (thread_.joinable()) thread_.join();
}

listen_worker::counters listen_worker::stats() const {
  const std::lock_guard lock{mutex_};
  return published_;
}

template <class Event>
void listen_worker::operator()(const Event& event) {
  constexpr bool is_record =
      std::is_same_v<Event, netcon::event::record> || std::is_same_v<Event, netcon::event::partial> ||
      std::is_same_v<Event, netcon::event::late> || std::is_same_v<Event, netcon::event::basic>;
  if (run_.ended()) return;
  if constexpr (is_record) ++counters_.records;
  if (!settings_.filter.shows(event)) {
    if constexpr (is_record) ++counters_.filtered;
    return;
  }
  if constexpr (is_record) {
    if (!limiter_.admit(event.sender, now_, *this)) {
      ++counters_.suppressed;
      return;
    }
    if (!run_.take_record()) return;
  }
  std::visit([&](auto& format) { format.append(out_.text, time_, event); }, format_);
  const netcon::record_view* record = nullptr;
  if constexpr (requires { event.record; }) record = &event.record;
  const bool join = settings_.format != listen_settings::form::syslog;
  out_.close(
      settings_.file_per_sender ? std::string_view{names_.of(event.sender, record)} : std::string_view{},
      is_record ? 1 : 0, join);
}

bool listen_worker::receive(std::chrono::milliseconds wait) {
  const auto got = socket_.receive_batch(batch_, wait);
  if (!got) {
    run_.fail(fmt::format("cannot receive: {}", got.error().message()));
    return false;
  }
  now_ = clock::now();
  for (const auto& datagram : batch_) {
    if (run_.ended()) break;
    ++counters_.packets;
    counters_.bytes += datagram.bytes.size();
    if (!settings_.allowed.admits(datagram.sender.address)) {
      ++counters_.denied;
      continue;
    }
    if (datagram.truncated) ++counters_.truncated;
    const bool stamped = datagram.received != netcon::wall_time{};
    time_ = stamped ? datagram.received : std::chrono::system_clock::now();
    if (settings_.format != listen_settings::form::raw) {
      collector_.push(datagram.sender, datagram.bytes, now_, *this);
    } else if (run_.take_record()) {
      ++counters_.records;
      out_.text += datagram.bytes;
      out_.close(settings_.file_per_sender ? std::string_view{names_.of(datagram.sender, nullptr)} : "", 1);
    }
  }
  return *got != 0;
}

void listen_worker::expire() {
  if (const auto deadline = collector_.deadline(); deadline && *deadline <= now_) {
    time_ = std::chrono::system_clock::now();
    collector_.expire(now_, *this);
  }
  if (settings_.rate_limit != 0 && now_ >= next_tick_) {
    time_ = std::chrono::system_clock::now();
    limiter_.expire(now_, *this);
    next_tick_ = now_ + 1s;
  }
}

void listen_worker::publish() {
  if (!writer_.push(out_)) run_.end();
  const std::lock_guard lock{mutex_};
  published_ = counters_;
  published_.collected = collector_.stats();
}

std::chrono::milliseconds listen_worker::patience() const {
  auto until = clock::time_point::max();
  if (const auto deadline = collector_.deadline()) until = *deadline;
  if (settings_.rate_limit != 0) until = std::min(until, next_tick_);
  if (until == clock::time_point::max()) return -1ms;
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()), 0ms);
}

void listen_worker::run() {
  while (!socket_.stopped() && !run_.ended()) {
    receive(patience());
    expire();
    counters_.dropped = socket_.dropped();
    publish();
  }
  // Packets that came before the stop are still delivered. A socket of the service manager keeps the rest for
  // its next owner; on any other socket a flood would never end.
  counters_.dropped = socket_.dropped();
  const bool ends = !settings_.passed_sockets && socket_.refuse_more();
  const auto limit = clock::now() + 1s;
  while (!run_.ended() && receive(0ms) && (ends || clock::now() < limit)) publish();
  time_ = std::chrono::system_clock::now();
  collector_.flush(*this);
  limiter_.flush(*this);
  publish();
}

}  // namespace tool
