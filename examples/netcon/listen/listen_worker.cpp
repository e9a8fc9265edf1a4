// SPDX-License-Identifier: MIT
#include "listen/listen_worker.hpp"

#include "output/log_names.hpp"

#include <netcon/wire/decode.hpp>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <new>

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

listen_worker::counters& listen_worker::counters::operator+=(const counters& other) {
  const auto& c = other.collected;
  using collector_counters = netcon::collector::counters;
  for (const auto total : {&collector_counters::lost, &collector_counters::lost_inferred,
                           &collector_counters::lost_counted, &collector_counters::lost_announced,
                           &collector_counters::recovered_inferred, &collector_counters::recovered_counted})
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
  events += other.events;
  outputs.resize(std::max(outputs.size(), other.outputs.size()));
  for (std::size_t i = 0; i < other.outputs.size(); ++i) outputs[i] += other.outputs[i];
  denied += other.denied;
  after_end += other.after_end;
  far += other.far;
  unproven += other.unproven;
  truncated += other.truncated;
  dropped += other.dropped;
  backlog_drops += other.backlog_drops;
  return *this;
}

namespace {

netcon::collector::limits limits_of(const listen_settings& settings) {
  netcon::collector::limits limits;
  limits.reorder = settings.reorder;
  return limits;
}

}  // namespace

listen_worker::listen_worker(netcon::udp_receiver socket, const listen_settings& settings, listen_run& run,
                             const std::vector<output_group_settings>& groups)
    : packets_{std::move(socket)},
      settings_{settings},
      run_{run},
      collector_{limits_of(settings), netcon::random_key()},
      hosts_{*settings.hosts},
      crashes_{settings.keeper, settings.proven},
      decodes_{settings.keeper != nullptr || settings.with_metrics} {
  if (settings.silent_after.count() != 0) silence_.emplace(settings.silent_after, netcon::random_key());
  make_groups(groups);
}

void listen_worker::make_groups(const std::vector<output_group_settings>& groups) {
  has_limits_ = false;
  for (const auto& each : groups) {
    const auto& group = groups_.emplace_back(each);
    decodes_ |= !group.is_raw();
    is_raw_ &= group.is_raw();
    has_limits_ |= group.has_limit();
  }
}

void listen_worker::regroup(std::vector<output_group_settings> groups, address_filter allowed) {
  const std::lock_guard lock{mutex_};
  next_groups_ = std::move(groups);
  next_allowed_ = std::move(allowed);
  has_next_groups_ = true;
}

void listen_worker::replace_groups() {
  time_ = std::chrono::system_clock::now();
  for (auto& group : groups_) group.flush(context({}));
  push();
  for (const auto& group : groups_)
    for (const auto output : group.outputs()) {
      if (retired_.size() <= output) retired_.resize(output + 1);
      retired_[output] += group.counts();
    }
  admitting_.clear();
  groups_.clear();
  const std::lock_guard lock{mutex_};
  has_next_groups_ = false;
  make_groups(next_groups_);
  settings_.allowed = next_allowed_;
}

void listen_worker::start() {
  thread_ = std::thread{[this] {
    try {
      run();
    } catch (const std::bad_alloc&) {
      // What the packet in hand was may be lost; all that came before is written, and counted.
      run_.fail("out of memory");
      try {
        publish();
      } catch (const std::bad_alloc&) {
        // What the last line says is older then.
      }
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
  if (run_.ended()) return;
  show(event);
  crashes_.show_ended(*this);
}

template <class Event>
void listen_worker::show(const Event& event) {
  constexpr bool is_record =
      std::is_same_v<Event, netcon::event::record> || std::is_same_v<Event, netcon::event::partial> ||
      std::is_same_v<Event, netcon::event::late> || std::is_same_v<Event, netcon::event::basic>;
  if constexpr (is_record) settings_.doubled->observe(event, now_, *this);
  auto about = context({is_record ? 1 : 0, is_record ? 0 : 1});
  counters_.events += about.lines;
  if (settings_.with_metrics) activity_.observe(event, time_);
  const netcon::record_view* record = nullptr;
  if constexpr (requires { event.record; }) record = &event.record;
  about.unproven = record != nullptr && !is_proven(*record);
  counters_.unproven += is_record && about.unproven ? 1 : 0;
  crashes_.observe(event, about.unproven, now_, time_, *this);
  about.is_crashing = !about.unproven && crashes_.is_crashing(event.sender);
  if constexpr (std::is_same_v<Event, netcon::event::lost>)
    if (settings_.replies != nullptr) settings_.replies->observe(event);
  about.of_test = is_of_test(event);
  about.hidden = about.of_test && settings_.hide_probes;
  admitting_.clear();
  for (auto& group : groups_)
    if (!group.is_raw() && group.admits(event, about)) admitting_.push_back(&group);
  if (admitting_.empty()) return;
  if (is_record && !run_.take_record()) {
    // Another thread took the last one.
    counters_.events -= about.lines;
    for (auto* const group : admitting_) group->withdraw(about);
    return;
  }
  name_sender(about, event.sender, about.unproven ? nullptr : record);
  for (auto* const group : admitting_) group->show(event, about);
  push_large();
}

event_context listen_worker::context(const line_counts& lines) const {
  event_context about;
  about.now = now_;
  about.time = time_;
  about.lines = lines;
  return about;
}

void listen_worker::name_sender(event_context& about, const netcon::endpoint& sender,
                                const netcon::record_view* record) {
  const auto& known = hosts_.of(sender, record, now_);
  about.host = known.shown;
  about.claimed = known.claimed;
}

/// A known name is one of a file already.
crash_host listen_worker::host_of(const netcon::endpoint& sender) {
  const netcon::endpoint machine{sender.address, {}, sender.scope};
  const auto& known = hosts_.of(sender, nullptr, now_).shown;
  if (!known.empty()) return {known, known, machine};
  return {address_text(sender), address_file_name(sender), machine};
}

/// A remark like any other: filtered by sender, and counted.
template <class Event>
void listen_worker::show_crash(const Event& event) {
  auto about = context({0, 1});
  counters_.events += about.lines;
  name_sender(about, event.sender, nullptr);
  if constexpr (requires { event.report; })
    if (settings_.with_metrics) activity_.add_crash(event.sender, event.report.kind);
  for (auto& group : groups_)
    if (!group.is_raw()) group.show_always(event, about);
}

void listen_worker::expire_crashes() {
  if (crashes_.is_idle() || now_ < next_crash_check_) return;
  constexpr auto between = 250ms;
  next_crash_check_ = now_ + between;
  time_ = std::chrono::system_clock::now();
  crashes_.expire(now_, *this);
}

bool listen_worker::is_proven(const netcon::record_view& record) const {
  if (!settings_.required || !record.is_extended()) return true;
  return value_of(record.dictionary(), settings_.required->first) == settings_.required->second;
}

void listen_worker::answer(const netcon::datagram& datagram) {
  if (settings_.replies == nullptr || !probe_replies::may_ask(datagram.bytes)) return;
  const auto packet = netcon::decode(datagram.bytes);
  if (packet && is_proven(*packet)) settings_.replies->reply(packets_.socket(), datagram, *packet, now_);
}

void listen_worker::watch(const netcon::datagram& datagram) {
  if (!silence_ || netcon::is_from_socket(datagram.bytes)) return;
  bool is_probe = false;
  if (probe_replies::may_ask(datagram.bytes)) {
    const auto packet = netcon::decode(datagram.bytes);
    is_probe = packet && netcon::find_probe(*packet);
  }
  silence_->observe(datagram.sender, is_probe, now_, *this);
}

void listen_worker::push_large() {
  for (const auto& group : groups_)
    if (group.has_much()) return push();
}

/// The run ends when the readers of all outputs have gone.
void listen_worker::push() {
  bool is_read = false;
  for (auto& group : groups_) is_read |= group.push();
  if (!is_read) run_.end();
}

void listen_worker::show_raw(const netcon::datagram& packet) {
  // Without lines of records --count counts the packets that an output shows, as it counts records otherwise.
  const auto is_wanted = [&](const output_group& group) { return group.admits_raw(packet.sender); };
  if (is_raw_ && std::ranges::any_of(groups_, is_wanted) && !run_.take_record()) return;
  if (!decodes_) ++counters_.events.records;
  for (auto& group : groups_)
    if (group.is_raw()) group.show_raw(packet.sender, packet.bytes);
  push_large();
}

bool listen_worker::receive(std::chrono::milliseconds wait) {
  const auto got = packets_.receive(
      wait, [this](const netcon::datagram& packet, netcon::time_point now) { take(packet, now); });
  if (!got) {
    run_.fail(fmt::format("cannot receive: {}", got.error().message()));
    return false;
  }
  if (*got == 0) {
    now_ = clock::now();
    if (has_next_groups_) replace_groups();
  }
  return *got != 0;
}

void listen_worker::take(const netcon::datagram& datagram, netcon::time_point now) {
  if (run_.ended()) {
    if (settings_.passed_sockets) ++counters_.after_end;
    return;
  }
  now_ = now;
  if (has_next_groups_) replace_groups();
  ++counters_.packets;
  counters_.bytes += datagram.bytes.size();
  if (!settings_.allowed.admits(datagram.sender.address)) {
    ++counters_.denied;
    return;
  }
  if (datagram.hops < settings_.min_hops) {
    ++counters_.far;
    return;
  }
  if (datagram.truncated) ++counters_.truncated;
  const bool stamped = datagram.received != netcon::wall_time{};
  time_ = stamped ? datagram.received : std::chrono::system_clock::now();
  show_raw(datagram);
  watch(datagram);
  if (decodes_) {
    collector_.push(datagram.sender, datagram.bytes, now_, *this);
    if (datagram.truncated) (*this)(netcon::event::truncated{datagram.sender});
  }
  answer(datagram);
}

void listen_worker::expire() {
  if (const auto deadline = collector_.deadline(); deadline && *deadline <= now_) {
    time_ = std::chrono::system_clock::now();
    collector_.expire(now_, *this);
  }
  if (silence_ && silence_->deadline().value_or(clock::time_point::max()) <= now_) {
    time_ = std::chrono::system_clock::now();
    silence_->expire(now_, *this);
  }
  if (has_limits_ && now_ >= next_tick_) {
    time_ = std::chrono::system_clock::now();
    for (auto& group : groups_) group.expire(context({}));
    next_tick_ = now_ + 1s;
  }
  expire_crashes();
}

void listen_worker::publish() {
  push();
  for (const auto& group : groups_)
    for (const auto output : group.outputs()) {
      if (counters_.outputs.size() <= output) counters_.outputs.resize(output + 1);
      counters_.outputs[output] = output < retired_.size() ? retired_[output] : output_counts{};
      counters_.outputs[output] += group.counts();
    }
  counters_.backlog_drops = packets_.dropped();
  const std::lock_guard lock{mutex_};
  published_ = counters_;
  published_.collected = collector_.stats();
}

std::chrono::milliseconds listen_worker::patience() const {
  auto until = clock::time_point::max();
  if (const auto deadline = collector_.deadline()) until = *deadline;
  if (silence_)
    if (const auto deadline = silence_->deadline()) until = std::min(until, *deadline);
  if (has_limits_) until = std::min(until, next_tick_);
  if (!crashes_.is_idle()) until = std::min(until, std::max(next_crash_check_, clock::now()));
  if (until == clock::time_point::max()) return -1ms;
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()), 0ms);
}

void listen_worker::run() {
  while (!packets_.socket().stopped() && !run_.ended()) {
    receive(patience());
    expire();
    counters_.dropped = packets_.socket().dropped();
    publish();
  }
  // Packets that came before the stop are still delivered. A socket of the service manager keeps the rest for
  // its next owner; on any other socket a flood would never end.
  counters_.dropped = packets_.socket().dropped();
  const bool ends = !settings_.passed_sockets && packets_.socket().refuse_more();
  const auto limit = clock::now() + 1s;
  while (!run_.ended() && receive(0ms) && (ends || clock::now() < limit)) publish();
  packets_.take_waiting(
      [this](const netcon::datagram& packet, netcon::time_point now) { take(packet, now); });
  time_ = std::chrono::system_clock::now();
  collector_.flush(*this);
  crashes_.flush(*this);
  for (auto& group : groups_) group.flush(context({}));
  publish();
}

}  // namespace tool
