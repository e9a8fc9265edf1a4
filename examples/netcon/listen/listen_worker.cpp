#include "listen/listen_worker.hpp"

#include "output/log_names.hpp"

#include <netcon/os/local_time.hpp>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <new>

namespace tool {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_names = 65536;
/// The collector's text goes to the queue in pieces of this size: one batch of packets may make megabytes of
/// it.
constexpr std::size_t enough_text = 64 * 1024;

/// The first line with that key. What follows a taskname line proves nothing: any program of the sending
/// machine chooses the name of its task, newlines in it too.
std::optional<std::string_view> name_in(const netcon::dictionary_view& dictionary, std::string_view key) {
  for (const auto& entry : dictionary) {
    if (entry.key == key) return entry.value;
    if (entry.key == "taskname") break;
  }
  return std::nullopt;
}

}  // namespace

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

std::string_view sender_names::of(const netcon::endpoint& from, const netcon::record_view* record) {
  if (!key_) return {};
  std::optional<std::string_view> name;
  if (record != nullptr) name = name_in(record->dictionary(), *key_);
  if (name && safe_file_name(*name).empty()) name.reset();
  const auto known = names_.find(from);
  if (!name) return known == names_.end() ? std::string_view{} : known->second;
  if (known != names_.end()) return known->second = *name;
  // Forged senders may be any number; the next record finds a forgotten name again.
  if (names_.size() >= most_names) names_.clear();
  return names_.emplace(from, *name).first->second;
}

listen_worker::counters& listen_worker::counters::operator+=(const counters& other) {
  const auto& c = other.collected;
  using collector_counters = netcon::collector::counters;
  for (const auto total : {&collector_counters::lost, &collector_counters::lost_inferred,
                           &collector_counters::lost_counted, &collector_counters::lost_announced})
    collected.*total += std::min(c.*total, ~(collected.*total));
  collected.impossible += c.impossible;
  collected.folded += c.folded;
  collected.partial += c.partial;
  collected.rebooted += c.rebooted;
  collected.duplicate += c.duplicate;
  collected.late += c.late;
  collected.junk += c.junk;
  collected.forgotten += c.forgotten;
  packets += other.packets;
  bytes += other.bytes;
  records += other.records;
  remarks += other.remarks;
  filtered += other.filtered;
  suppressed += other.suppressed;
  denied += other.denied;
  far += other.far;
  unproven += other.unproven;
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

crash_form crash_form_of(const listen_settings& settings) {
  switch (settings.format) {
    case listen_settings::form::json:
      return crash_form::json;
    case listen_settings::form::syslog:
      return crash_form::syslog;
    default:
      return crash_form::human;
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
      format_{lines_of(settings)},
      crashes_{crash_form_of(settings), settings.colour, settings.keeper},
      in_crash_{settings.filter} {
  in_crash_.min_level.reset();
}

void listen_worker::start() {
  thread_ = std::thread{[this] {
    try {
      run();
    } catch (const std::bad_alloc&) {
      // What the packet in hand was may be lost; all that came before is written, and counted.
      run_.fail("out of memory");
      publish();
    }
  }};
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
  constexpr line_counts one{is_record ? 1 : 0, is_record ? 0 : 1};
  counters_.records += one.records;
  counters_.remarks += one.remarks;
  // In text another line has shown what a duplicate says.
  const bool has_line =
      !std::is_same_v<Event, netcon::event::duplicate> || settings_.format == listen_settings::form::json;
  crashes_.observe(event, now_, time_, *this);
  const auto& filter = crashes_.is_crashing(event.sender) ? in_crash_ : settings_.filter;
  if (!has_line || !filter.shows(event)) {
    counters_.filtered += one;
    return;
  }
  if constexpr (requires { event.record; })
    if (!is_proven(event.record)) ++counters_.unproven;
  constexpr bool is_limited = !std::is_same_v<Event, netcon::event::suppressed>;
  if (is_limited && !limiter_.admit(event.sender, now_, *this)) {
    counters_.suppressed += one;
    return;
  }
  if (is_record && !run_.take_record()) return;
  const auto before = out_.text.size();
  show(event, one);
  if (is_limited) limiter_.charge(out_.text.size() - before);
  push_large();
}

template <class Event>
void listen_worker::show(const Event& event, const line_counts& one) {
  const netcon::record_view* record = nullptr;
  if constexpr (requires { event.record; }) record = &event.record;
  const bool proven = record == nullptr || is_proven(*record);
  std::visit([&](auto& format) { format.append(out_.text, time_, event); }, format_);
  if (!proven) mark_unproven();
  const bool join = settings_.format != listen_settings::form::syslog;
  out_.close({event.sender, std::string{names_.of(event.sender, proven ? record : nullptr)}, 0, one, !proven},
             join);
}

std::string listen_worker::host_of(const netcon::endpoint& sender) {
  const auto known = names_.of(sender, nullptr);
  return known.empty() ? to_string(sender.address) : std::string{known};
}

/// A remark like any other: filtered by sender, and counted.
void listen_worker::show_crash_line(const netcon::endpoint& sender, std::string_view text) {
  constexpr line_counts one{0, 1};
  counters_.remarks += one.remarks;
  if (settings_.filter.sender && !settings_.filter.sender->admits(sender.address)) {
    counters_.filtered += one;
    return;
  }
  out_.text += text;
  const bool join = settings_.format != listen_settings::form::syslog;
  out_.close({sender, std::string{names_.of(sender, nullptr)}, 0, one, false}, join);
}

void listen_worker::expire_crashes() {
  if (crashes_.is_idle() || now_ < next_crash_check_) return;
  constexpr auto between = 250ms;
  next_crash_check_ = now_ + between;
  time_ = std::chrono::system_clock::now();
  crashes_.expire(now_, time_, *this);
}

/// At the end of the line: a mark that a sender cannot take away.
void listen_worker::mark_unproven() {
  auto& text = out_.text;
  const bool json = settings_.format == listen_settings::form::json;
  text.resize(text.size() - (json ? 2 : 1));
  text += json ? ",\"unproven\":true}\n" : " (unproven)\n";
}

bool listen_worker::is_proven(const netcon::record_view& record) const {
  if (!settings_.required || !record.is_extended()) return true;
  return name_in(record.dictionary(), settings_.required->first) == settings_.required->second;
}

void listen_worker::push_large() {
  if (out_.text.size() >= enough_text && !writer_.push(out_)) run_.end();
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
    if (datagram.hops < settings_.min_hops) {
      ++counters_.far;
      continue;
    }
    if (datagram.truncated) ++counters_.truncated;
    const bool stamped = datagram.received != netcon::wall_time{};
    time_ = stamped ? datagram.received : std::chrono::system_clock::now();
    if (settings_.format != listen_settings::form::raw) {
      collector_.push(datagram.sender, datagram.bytes, now_, *this);
      if (datagram.truncated) (*this)(netcon::event::truncated{datagram.sender});
    } else if (run_.take_record()) {
      ++counters_.records;
      out_.text += datagram.bytes;
      out_.close({datagram.sender, {}, 0, {.records = 1}, false});
      push_large();
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
  expire_crashes();
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
  if (!crashes_.is_idle()) until = std::min(until, std::max(next_crash_check_, clock::now()));
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
  crashes_.flush(time_, *this);
  limiter_.flush(*this);
  publish();
}

}  // namespace tool
