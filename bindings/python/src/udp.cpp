// SPDX-License-Identifier: MIT
// Sockets: a receiver with its collector, and a sender.
#include "collector.hpp"

#include <netcon/core/address_range.hpp>
#include <netcon/os/fair_receiver.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <deque>
#include <expected>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace binding {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;
using netcon::time_point;

std::vector<netcon::address_range> ranges_of(const py::list& texts) {
  std::vector<netcon::address_range> out;
  for (const auto text : texts) {
    const auto bytes = as_bytes(text, "allow");
    const auto range = netcon::address_range::parse(view_of(bytes));
    if (!range) throw_parse_error(range.error(), text);
    out.push_back(*range);
  }
  return out;
}

/// Receives, collects and filters. One thread at a time receives, any may stop or close.
class socket_receiver {
 public:
  socket_receiver(py::handle local, py::handle fd, bool reuse_port, int buffer_bytes, const py::list& allow,
                  py::handle min_level, bool basic, const py::dict& limits)
      : collector_{limits_of(py::reinterpret_borrow<py::kwargs>(limits)), netcon::random_key()},
        allow_{ranges_of(allow)},
        basic_{basic},
        is_shared_{!fd.is_none()} {
    if (!min_level.is_none()) min_level_ = min_level.cast<unsigned>();
    const netcon::receive_options options{.buffer_bytes = buffer_bytes, .reuse_port = reuse_port};
    auto made = fd.is_none() ? netcon::udp_receiver::bind(endpoint_of(local, "address"), options)
                             : netcon::udp_receiver::adopt(fd.cast<int>(), options);
    if (!made) {
      const auto name = fd.is_none() ? to_string(endpoint_of(local, "address")) : std::string{};
      throw_os_error(made.error().value(), name);
    }
    packets_.emplace(std::move(*made));
  }

  /// Puts events within timeout seconds (None: for ever) behind those of a list, and returns how many: 0
  /// after that time, or when stopped and all is delivered.
  std::size_t batch(py::handle timeout, const py::list& into) {
    std::optional<time_point> end;
    if (!timeout.is_none()) end = clock::now() + duration_of(timeout, "timeout");
    for (;;) {
      if (left_.size() != 0 && !is_closed()) return put(left_.take(senders_), into);
      event_log log;
      log.set_min_level(min_level_);
      log.set_basic(basic_);
      std::error_code problem;
      bool finished = false;
      {
        const py::gil_scoped_release unlocked;
        if (const auto one_at_a_time = turn_until(end); !one_at_a_time) {
          finished = !stopped() && end && clock::now() >= *end;
        } else if (packets_) {
          finished = receive(end, log, problem);
        } else {
          problem = std::make_error_code(std::errc::bad_file_descriptor);
        }
      }
      py::list events;
      try {
        events = log.take(senders_);
      } catch (...) {  // the handler of a signal raised
        left_.append(std::move(log));
        throw;
      }
      if (events.size() != 0)
        return put(events, into);  // what is wrong with the socket, the next call reports
      if (problem == std::errc::bad_file_descriptor && is_closed())
        throw py::value_error("the receiver is closed");
      if (problem) throw_os_error(problem.value());
      if (finished) return 0;
    }
  }

  /// Moves packets out of a socket that fills up while Python handles what it was given. A thread that
  /// receives at this moment does so anyway.
  void keep_up() {
    const py::gil_scoped_release unlocked;
    const std::unique_lock one_at_a_time{receiving_, std::try_to_lock};
    // What is wrong with the socket, the next batch() reports.
    if (one_at_a_time && packets_ && !packets_->socket().stopped()) (void)packets_->keep_up();
  }

  void stop() const noexcept {
    const std::lock_guard look{state_};
    if (packets_) packets_->socket().stop();
  }
  bool stopped() const noexcept {
    const std::lock_guard look{state_};
    return !packets_ || packets_->socket().stopped();
  }
  void close() {
    stop();
    const py::gil_scoped_release unlocked;
    const std::lock_guard one_at_a_time{receiving_};
    const std::lock_guard look{state_};
    packets_.reset();
  }
  bool is_closed() const noexcept {
    const std::lock_guard look{state_};
    return !packets_;
  }

  /// In a process that was forked. Where another thread was receiving, which this process lacks, what it did
  /// is half done: then this is closed.
  void forked() {
    const bool half_done = !receiving_.try_lock();
    new (&receiving_) std::timed_mutex;
    new (&state_) std::mutex;
    is_shared_ = true;
    if (!half_done || !packets_) return;
    ::close(packets_->socket().native_handle());
    new (&packets_) std::optional<netcon::fair_receiver>;  // the old one is in no state to be destroyed
  }

  int fileno() const {
    return look_at([](const auto& socket) { return socket.native_handle(); });
  }
  py::object address() const {
    const auto local = look_at([](const auto& socket) { return socket.local(); });
    if (!local) throw_os_error(local.error().value());
    return to_python(*local);
  }
  int receive_buffer() const {
    return look_at([](const auto& socket) { return socket.receive_buffer(); });
  }
  /// Seconds until something that waits wants to be delivered, or None.
  py::object wait() const {
    std::unique_lock look{state_};
    const auto deadline = deadline_;
    look.unlock();
    if (!deadline) return py::none();
    return py::float_(std::max(0.0, std::chrono::duration<double>(*deadline - clock::now()).count()));
  }
  py::dict stats() const {
    // Objects are made without the lock: the garbage collector may run finalizers then, which come back here.
    std::unique_lock look{state_};
    const auto collected = snapshot_;
    const auto denied = denied_, truncated = truncated_, backlog_drops = backlog_drops_;
    const std::uint64_t dropped = packets_ ? packets_->socket().dropped() : dropped_;
    look.unlock();
    py::dict out = stats_of(collected);
    out["denied"] = denied;
    out["truncated"] = truncated;
    out["dropped"] = dropped;
    out["backlog_drops"] = backlog_drops;
    return out;
  }

 private:
  static std::size_t put(const py::list& events, const py::list& into) {
    if (PyList_SetSlice(into.ptr(), PY_SSIZE_T_MAX, PY_SSIZE_T_MAX, events.ptr()) != 0)
      throw py::error_already_set();
    return events.size();
  }

  struct counts {
    netcon::collector::counters collected;
    netcon::reassembler::counters fragments;
    std::size_t senders = 0;
  };

  /// What use gives of the socket, which nobody closes meanwhile.
  template <class Use>
  std::invoke_result_t<Use, const netcon::udp_receiver&> look_at(Use&& use) const {
    const std::lock_guard look{state_};
    if (!packets_) throw py::value_error("the receiver is closed");
    return use(packets_->socket());
  }

  /// Waits until no other thread receives; gives up at the end, and after a slice, to look for signals.
  std::unique_lock<std::timed_mutex> turn_until(const std::optional<time_point>& end) {
    const auto soon = clock::now() + slice;
    // After stop() an empty list is the end: the other's step is waited for, which is short then.
    return {receiving_, end && !stopped() ? std::min(*end, soon) : soon};
  }

  /// True when there will be nothing more within the time.
  bool receive(const std::optional<time_point>& end, event_log& log, std::error_code& problem) {
    auto until = end;
    if (const auto due = collector_.deadline(); due && (!until || *due < *until)) until = *due;
    auto wait = milliseconds{-1};
    if (until) wait = std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(*until - clock::now()));
    const bool last = packets_->socket().stopped();
    const bool out_of_time = last && is_stopped_for_long();
    if (packets_->socket().has_more()) log.reserve(64);  // another full batch
    time_point now{};
    const auto take = [&](const netcon::datagram& packet, time_point at) { push(packet, now = at, log); };
    std::expected<std::size_t, std::error_code> got = 0;
    if (!out_of_time) got = packets_->receive(wait, take);
    if (!got) {
      problem = got.error();
      return true;
    }
    // Nothing may wait in here where only the socket is watched, as by select().
    packets_->take_waiting(take);
    if (*got == 0) now = clock::now();
    log.at(seconds_of(std::chrono::system_clock::now()));
    const bool drained = last && *got == 0;
    if (drained) {
      collector_.flush(log);
    } else if (const auto due = collector_.deadline(); due && *due <= now) {
      collector_.expire(now, log);
    }
    const std::lock_guard look{state_};
    snapshot_ = {collector_.stats(), collector_.fragment_stats(), collector_.senders()};
    deadline_ = collector_.deadline();
    denied_ = pending_denied_;
    truncated_ = pending_truncated_;
    dropped_ = packets_->socket().dropped();
    backlog_drops_ = packets_->dropped();
    // After stop() an empty list is the end: what is skipped must not make one. Before, what is there may yet
    // bring an event, but a flood of what is skipped must not hold the caller.
    return drained || (!last && end && now >= *end + (*got == 0 ? milliseconds{0} : overtime));
  }

  /// From the first look on, the kernel drops what comes: a flood would never end. Of a socket that may have
  /// other owners a second is enough.
  bool is_stopped_for_long() {
    if (!stop_limit_) {
      const bool ends = !is_shared_ && packets_->socket().refuse_more();
      stop_limit_ = ends ? time_point::max() : clock::now() + std::chrono::seconds{1};
    }
    return clock::now() >= *stop_limit_;
  }

  void push(const netcon::datagram& packet, time_point now, event_log& log) {
    if (!is_allowed(packet.sender.address)) {
      ++pending_denied_;
      return;
    }
    if (packet.truncated) ++pending_truncated_;
    log.at(seconds_of(packet.received));
    collector_.push(packet.sender, packet.bytes, now, log);
  }

  static double seconds_of(std::chrono::system_clock::time_point time) noexcept {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
  }

  bool is_allowed(const netcon::ip_address& address) const noexcept {
    return allow_.empty() || std::ranges::any_of(allow_, [&](const netcon::address_range& one) {
             return one.contains(address);
           });
  }

  static py::dict stats_of(const counts& c) { return binding::stats_of(c.collected, c.fragments, c.senders); }

  /// How long after its timeout batch() goes on, while packets come and none brings an event.
  static constexpr milliseconds overtime{1};
  /// How long a signal waits for its handler, while another thread receives.
  static constexpr milliseconds slice{20};

  // Of the thread that receives.
  std::timed_mutex receiving_;
  netcon::collector collector_;
  std::vector<netcon::address_range> allow_;
  std::optional<unsigned> min_level_;
  bool basic_ = true;
  bool is_shared_;  // the socket may have other owners
  std::optional<time_point> stop_limit_;
  std::uint64_t pending_denied_ = 0, pending_truncated_ = 0;
  sender_cache senders_;  // under the GIL
  event_log left_;        // under the GIL: what a call did not give because it raised

  // What others look at.
  mutable std::mutex state_;
  std::optional<netcon::fair_receiver> packets_;
  counts snapshot_;
  std::optional<time_point> deadline_;
  std::uint64_t denied_ = 0, truncated_ = 0, dropped_ = 0, backlog_drops_ = 0;
};

class socket_sender {
 public:
  socket_sender(py::handle remote, py::handle local, int buffer_bytes) {
    const auto to = endpoint_of(remote, "remote");
    netcon::send_options options{.buffer_bytes = buffer_bytes};
    if (!local.is_none()) options.local = endpoint_of(local, "local");
    auto made = netcon::udp_sender::connect(to, options);
    if (!made) {
      const int code = made.error().value();
      const bool is_local = options.local && (code == EADDRNOTAVAIL || code == EADDRINUSE);
      throw_os_error(code, to_string(is_local ? *options.local : to));
    }
    socket_.emplace(std::move(*made));
  }

  std::size_t send(py::handle packets) {
    if (PyUnicode_Check(packets.ptr()) || PyBytes_Check(packets.ptr()))
      throw py::type_error("packets must be a list of packets, not one");
    std::deque<py::bytes> held;
    std::vector<std::string_view> views;
    for (const auto packet : py::iter(packets))
      views.push_back(view_of(held.emplace_back(as_bytes(packet, "a packet"))));
    std::size_t sent = 0;
    int waits = 0;
    do {
      const auto done = send_until_wait(std::span{views}.subspan(sent));
      if (done) {
        sent += *done;
        waits = *done == 0 ? waits + 1 : 0;
      }
      if (!done && done.error() == std::errc::bad_file_descriptor)
        throw py::value_error("the sender is closed");
      if (!done || waits == most_waits) {
        if (sent != 0) return sent;
        throw_os_error(done ? EAGAIN : done.error().value());
      }
      // Without the lock: a handler may send.
      if (sent < views.size() && PyErr_CheckSignals() != 0) throw py::error_already_set();
    } while (sent < views.size());
    return sent;
  }
  void close() {
    const py::gil_scoped_release unlocked;
    const std::lock_guard one_at_a_time{sending_};
    socket_.reset();
  }
  /// In a process that was forked: a thread that it lacks may have been sending.
  void forked() { new (&sending_) std::mutex; }
  py::object address() {
    const auto local = look_at([](const auto& socket) { return socket.local(); });
    if (!local) throw_os_error(local.error().value());
    return to_python(*local);
  }
  int fileno() {
    return look_at([](const auto& socket) { return socket.native_handle(); });
  }
  py::dict stats() {
    const auto last = in_turn([this] {
      if (socket_) last_ = socket_->stats();
      return last_;
    });
    py::dict out;
    out["packets"] = last.packets;
    out["bytes"] = last.bytes;
    out["interrupted"] = last.interrupted;
    out["waited"] = last.waited;
    out["no_buffers"] = last.no_buffers;
    out["refused"] = last.refused;
    return out;
  }

 private:
  /// What the call returns while nobody sends. Another thread may be waiting for room in the socket: those of
  /// Python run meanwhile.
  template <class Call>
  std::invoke_result_t<Call> in_turn(Call&& call) {
    const py::gil_scoped_release unlocked;
    const std::lock_guard one_at_a_time{sending_};
    return call();
  }

  /// Sends what there is room for, and waits once where there is none.
  std::expected<std::size_t, std::error_code> send_until_wait(std::span<const std::string_view> packets) {
    return in_turn([&]() -> std::expected<std::size_t, std::error_code> {
      if (!socket_) return std::unexpected{std::make_error_code(std::errc::bad_file_descriptor)};
      return socket_->send_while(packets, []() noexcept { return false; });
    });
  }

  template <class Use>
  std::invoke_result_t<Use, const netcon::udp_sender&> look_at(Use&& use) {
    return in_turn([&] {
      if (!socket_) throw py::value_error("the sender is closed");
      return use(*socket_);
    });
  }

  static constexpr int most_waits = 1000;  // in a row, as of send_batch()

  std::mutex sending_;
  std::optional<netcon::udp_sender> socket_;
  netcon::udp_sender::counters last_;
};

// In one step each: no handler of a signal and no other thread finds an event in neither place, or in both.

/// Moves all events of a deque to a list.
void take_all(const py::object& left, const py::list& events) {
  const auto pop = left.attr("popleft");
  py::list to = events;
  while (py::len(left) != 0) to.append(pop());
}

/// Moves all events of a list but the first ones to the front of a deque.
void give_back(const py::object& left, const py::list& events, std::size_t most) {
  const auto push = left.attr("appendleft"), pop = events.attr("pop");
  while (events.size() > most) push(pop());
}

}  // namespace

void bind_udp(py::module_& m) {
  m.def("take_all", &take_all, py::arg("left"), py::arg("events"));
  m.def("give_back", &give_back, py::arg("left"), py::arg("events"), py::arg("most"));
  py::class_<socket_receiver>(m, "SocketReceiver")
      .def(py::init<py::handle, py::handle, bool, int, const py::list&, py::handle, bool, const py::dict&>(),
           py::arg("local"), py::arg("fd"), py::arg("reuse_port"), py::arg("buffer_bytes"), py::arg("allow"),
           py::arg("min_level"), py::arg("basic"), py::arg("limits"))
      .def("batch", &socket_receiver::batch, py::arg("timeout"), py::arg("events"))
      .def("keep_up", &socket_receiver::keep_up)
      .def("stop", &socket_receiver::stop)
      .def("close", &socket_receiver::close)
      .def("forked", &socket_receiver::forked)
      .def("fileno", &socket_receiver::fileno)
      .def_property_readonly("address", &socket_receiver::address)
      .def_property_readonly("stopped", &socket_receiver::stopped)
      .def_property_readonly("closed", &socket_receiver::is_closed)
      .def_property_readonly("receive_buffer", &socket_receiver::receive_buffer)
      .def_property_readonly("wait", &socket_receiver::wait)
      .def_property_readonly("stats", &socket_receiver::stats);
  py::class_<socket_sender>(m, "SocketSender")
      .def(py::init<py::handle, py::handle, int>(), py::arg("remote"), py::arg("local"),
           py::arg("buffer_bytes"))
      .def("send", &socket_sender::send, py::arg("packets"))
      .def("close", &socket_sender::close)
      .def("forked", &socket_sender::forked)
      .def("fileno", &socket_sender::fileno)
      .def_property_readonly("address", &socket_sender::address)
      .def_property_readonly("stats", &socket_sender::stats);
}

}  // namespace binding
