// SPDX-License-Identifier: MIT
// Kernel logs as text files have them: of nc, rsyslog, journald, dmesg, serial consoles, pstore and netcon
// itself.
#pragma once

#include <netcon/capture/internal/boot_clock.hpp>
#include <netcon/capture/internal/dump_parts.hpp>
#include <netcon/capture/internal/entry_lines.hpp>
#include <netcon/capture/internal/glued_records.hpp>
#include <netcon/capture/internal/job_lines.hpp>
#include <netcon/capture/internal/json_lines.hpp>
#include <netcon/capture/internal/lava_line.hpp>
#include <netcon/capture/internal/log_entry.hpp>
#include <netcon/capture/internal/log_prefix.hpp>
#include <netcon/capture/internal/log_stamp.hpp>
#include <netcon/capture/internal/shipped_entry.hpp>
#include <netcon/capture/internal/terminal_escapes.hpp>
#include <netcon/capture/internal/tool_prefix.hpp>
#include <netcon/capture/internal/wall_lines.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/capture/text_log_options.hpp>
#include <netcon/detail/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace netcon::inline v0_1 {

/// Bytes of a file in, in pieces of any size; lines out, without their stamps. Every line finds its form by
/// itself, so a file may mix them. Nothing is refused: what has no known stamp is text. Memory is bounded by
/// a few of the longest lines and 4 MiB of a pstore dump whose parts come out of order.
class text_log {
 public:
  /// What a text_log was given since it was made.
  struct counters {
    std::uint64_t bytes = 0;  ///< of the file, with its newlines
    std::uint64_t lines = 0;  ///< of the file, also those that hold no line of a log
    std::uint64_t cut = 0;    ///< lines over the limit
  };

  /// With the defaults of text_log_options.
  text_log() : text_log{text_log_options{}} {}
  /// With a year and a zone for stamps that have none.
  explicit text_log(const text_log_options& options)
      : options_{options}, clock_{options.year, options.zone, options.last, options.zone_at} {}

  /// Sink is called with a log_line for each line that is whole. After one that threw the log is only good to
  /// be destroyed or assigned: how much of bytes was taken is not known.
  template <class Sink>
  void push(std::string_view bytes, Sink&& sink) {
    counters_.bytes += bytes.size();
    if (!has_escapes_ && !bytes.empty())
      has_escapes_ = std::memchr(bytes.data(), detail::escape_byte, bytes.size()) != nullptr;
    while (!bytes.empty()) {
      if (auto& field = entries_.field(); field.is_open()) {
        if (field.take(bytes, options_.longest_line)) entries_.end_field(clock_);
        continue;
      }
      const auto* const newline = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
      const auto size = newline == nullptr ? bytes.size() : static_cast<std::size_t>(newline - bytes.data());
      const auto piece = bytes.substr(0, size);
      bytes.remove_prefix(size + (newline != nullptr));
      if (newline != nullptr && started_.empty() && piece.size() <= options_.longest_line) {
        take_line(piece, true, sink);
        continue;
      }
      const auto room = options_.longest_line - started_.size();
      started_ += piece.substr(0, room);
      if (piece.size() > room) too_long_ = true;
      if (newline == nullptr) return;
      end_line(sink);
    }
  }

  /// Nothing followed for a while, as of a pipe: gives the record whose next line was waited for.
  template <class Sink>
  void pause(Sink&& sink) {
    if (!started_.empty() && started_.front() == ' ') return;  // of its dictionary
    flush_held(sink);
    if (entries_.may_be_over()) end_entry(sink);
    records_.flush_whole([&](std::string_view packet) { give_packet(packet, sink); });
  }

  /// The end of the file: a last line needs no newline.
  template <class Sink>
  void finish(Sink&& sink) {
    if (!started_.empty() || too_long_) end_line(sink);
    flush_held(sink);
    if (entries_.field().is_open()) entries_.end_field(clock_);
    end_entry(sink);
    records_.flush([&](std::string_view packet) { give_packet(packet, sink); });
  }

  /// Since the object was made.
  [[nodiscard]] const counters& stats() const noexcept { return counters_; }

 private:
  template <class Sink>
  [[gnu::noinline]] bool take_part(std::string_view line, Sink& sink) {
    return parts_.take(line, [&](std::string_view held) { take_held_line(held, sink); });
  }

  template <class Sink>
  void flush_parts(Sink& sink) {
    parts_.flush([&](std::string_view held) { take_held_line(held, sink); });
  }

  /// Gives the lines that wait for others.
  template <class Sink>
  void flush_held(Sink& sink) {
    flush_parts(sink);
    json_.flush(json_sink<Sink>{*this, sink});
    if (!jobs_.is_empty()) take_job_line({}, true, sink);
    flush_walls({}, sink);
  }

  template <class Sink>
  void take_held_line(std::string_view line, Sink& sink) {
    --counters_.lines;  // it was counted when it came
    take_line(line, true, sink);
  }

  template <class Sink>
  void end_line(Sink& sink) {
    const bool whole = !too_long_;
    if (too_long_) ++counters_.cut;
    too_long_ = false;
    take_line(started_, whole, sink);
    started_.clear();
  }

  template <class Sink>
  void take_line(std::string_view line, bool whole, Sink& sink) {
    if (++counters_.lines == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    while (line.ends_with('\r')) line.remove_suffix(1);
    json_sink<Sink> json{*this, sink};
    if (!json_.is_empty() && json_.hold(line, whole, options_.longest_line, clock_, json)) return;
    // The parts of pstore's dumps are put in order. No line of one is as long as a cut one.
    if (!whole) flush_parts(sink);
    if (whole && (!parts_.is_empty() || detail::may_be_dump_part(line)) && take_part(line, sink)) return;
    if (entries_.may_take(line) && take_entry_line(line, sink)) return;
    if ((detail::may_be_job_line(line) || !jobs_.is_empty()) && take_job_line(line, whole, sink)) return;
    if (detail::may_begin_json_block(line) && json_.hold(line, whole, options_.longest_line, clock_, json))
      return;
    take_single(line, whole, sink);
  }

  /// A line that no other one belongs to, but records that go on.
  template <class Sink>
  void take_single(std::string_view line, bool whole, Sink& sink) {
    json_sink<Sink> json{*this, sink};
    if (detail::may_be_json(line) && json_.take(line, whole, clock_, json)) return;
    if (line.starts_with('-') && take_lava(line, sink)) return;
    const auto packet = [&](std::string_view bytes) { give_packet(bytes, sink); };
    const bool may_be_record = !records_.is_empty() || glued_records_at(line);
    if (may_be_record && records_.push(line, packet)) return;
    log_line out;
    out.whole = whole;
    detail::read_stamps(has_escapes_ ? detail::without_escapes(line, unescaped_) : line, out, clock_,
                        prefix_);
    give_text(out, sink);
  }

  /// A text of the console that another form holds, with the time of that.
  template <class Sink>
  [[gnu::noinline]] void take_text(std::string_view line, bool whole, log_time time, Sink& sink) {
    log_line out;
    out.whole = whole;
    detail::read_stamps(detail::without_escapes(line, unescaped_), out, clock_, prefix_);
    if (!out.time) out.time = time;
    give_text(out, sink);
  }

  template <class Sink>
  [[gnu::noinline]] bool take_job_line(std::string_view line, bool whole, Sink& sink) {
    const auto give_line = [&](std::string_view text, log_time time, bool is_whole) {
      take_text(text, is_whole, time, sink);
    };
    const auto piece = detail::read_job_line(line);
    if (!piece || !whole) {
      jobs_.flush(give_line);
      return false;
    }
    jobs_.take(*piece, options_.longest_line, give_line);
    return true;
  }

  /// Whether the line is one of a wall, and waits.
  template <class Sink>
  [[gnu::noinline]] bool take_wall(log_line& out, Sink& sink) {
    const bool is_of_wall = prefix_.form == detail::listen_form::of_wall;
    const bool is_of_kernel = is_of_wall && out.from_kernel;
    if (is_of_kernel && walls_.take(out, prefix_.host())) return true;
    const auto host = is_of_wall && !is_of_kernel ? detail::host_of_wall(out.text) : std::string_view{};
    if (is_of_kernel || (!host.empty() && host != walls_.host())) flush_walls({}, sink);
    if (!host.empty()) walls_.begin(host, out.text, clock_);
    if (!is_of_wall && !out.text.empty()) flush_walls(out.host, sink);
    return false;
  }

  template <class Sink>
  void flush_walls(std::string_view host, Sink& sink) {
    walls_.flush(host, [&](log_line& one) { give(one, sink); });
  }

  /// A line whose stamps are taken off.
  template <class Sink>
  [[gnu::always_inline]] void give_text(log_line& out, Sink& sink) {
    if ((prefix_.form == detail::listen_form::of_wall || !walls_.is_empty()) && take_wall(out, sink)) return;
    if (detail::glued_records::may_begin(out.text)) {
      // Behind a stamp a record is alone on its line.
      source_ = std::string{out.host};
      source_time_ = out.time;
      const auto packet = [&](std::string_view bytes) { give_packet(bytes, sink); };
      const bool taken = records_.push(detail::with_dictionary(out.text, value_), packet);
      if (taken) records_.flush(packet);
      source_.clear();
      source_time_.reset();
      if (taken) return;
    }
    give(out, sink);
  }

  static bool glued_records_at(std::string_view line) noexcept {
    return !line.empty() && detail::is_digit(line.front()) && detail::glued_records::may_begin(line);
  }

  template <class Sink>
  void give_packet(std::string_view packet, Sink& sink) {
    log_line out;
    out.text = packet;
    out.is_packet = true;
    out.host = source_;
    out.time = source_time_;
    if (const auto record = decode(packet)) {
      out.timestamp_us = record->timestamp_us();
      out.sequence = record->sequence();
      out.priority = record->priority();
      out.caller = record->caller();
      if (const auto release = record->release()) out.release = *release;
      boot_.note(record->text(), out.timestamp_us);
    }
    if (!out.time) out.time = boot_.time_at(out.timestamp_us);
    sink(static_cast<const log_line&>(out));
  }

  template <class Sink>
  void give(log_line& out, Sink& sink) {
    if (out.text.starts_with('(') && out.text.starts_with(detail::xen_mark)) out.from_kernel = false;
    if (const auto inner = detail::find_inner_stamp(out.text); inner != std::string_view::npos)
      give_stamped(out, inner, sink);
    else
      give_one(out, sink);
  }

  /// A text with a stamp within it.
  template <class Sink>
  [[gnu::noinline]] void give_stamped(log_line& out, std::size_t inner, Sink& sink) {
    for (; inner != std::string_view::npos; inner = detail::find_inner_stamp(out.text)) {
      if (const auto xen = out.text.substr(0, inner).find(detail::xen_mark); xen != out.text.npos) {
        give_xen(out, xen, sink);
        return;
      }
      // What a tool puts before each line is no line.
      const bool is_front = !out.timestamp_us && out.caller.empty();
      const bool is_prefix = is_front && tool_.take(out.text.substr(0, inner), counters_.lines, clock_, out);
      log_line second = out;
      out.text = out.text.substr(0, inner);
      second.timestamp_us.reset();
      second.caller = {};
      second.dropped = 0;
      detail::read_stamps(second.text.substr(inner), second, clock_, prefix_);
      if (!is_prefix) give_one(out, sink);
      out = second;
    }
    give_one(out, sink);
  }

  /// A line of the hypervisor on the console of a kernel, which began at so much of it.
  template <class Sink>
  [[gnu::noinline]] void give_xen(log_line& out, std::size_t at, Sink& sink) {
    log_line xen = out;
    xen.text = out.text.substr(at);
    xen.timestamp_us.reset();
    xen.caller = {};
    xen.from_kernel = false;
    out.text = out.text.substr(0, at);
    if (at != 0 && (out.timestamp_us || !tool_.take(out.text, counters_.lines, clock_, xen)))
      give_one(out, sink);
    give_one(xen, sink);
  }

  template <class Sink>
  [[gnu::always_inline]] void give_one(log_line& out, Sink& sink) {
    if (detail::may_be_dropped_notice(out.text)) detail::count_dropped(out);
    if (out.timestamp_us) {
      boot_.note(out.text, out.timestamp_us);
      if (!out.time) out.time = boot_.time_at(out.timestamp_us);
    }
    sink(static_cast<const log_line&>(out));
  }

  template <class Sink>
  bool take_shipped(const detail::shipped_entry& entry, Sink& sink) {
    bool is_first = true;
    for (auto rest = entry.text(); !rest.empty(); is_first = false) {
      log_line out;
      detail::read_stamps(detail::without_escapes(detail::take_first_line(rest), unescaped_), out, clock_,
                          prefix_);
      if (is_first && !entry.is_of_log(out)) return false;
      entry.complete(out, rest.empty());
      give_text(out, sink);
    }
    return true;
  }

  /// Takes what JSON holds.
  template <class Sink>
  struct json_sink {
    text_log& log;
    Sink& sink;
    void entry(detail::log_entry& one) { log.give_entry(one, sink); }
    bool shipped(const detail::shipped_entry& one) { return log.take_shipped(one, sink); }
    void line(std::string_view one) { log.take_single(one, true, sink); }
  };

  template <class Sink>
  [[gnu::noinline]] bool take_lava(std::string_view line, Sink& sink) {
    if (!lava_.read(line, key_, value_)) return false;
    if (lava_.is_of_device)
      take_text(lava_.text, true, *lava_.time, sink);
    else
      sink(log_line{.text = lava_.text, .from_kernel = false, .time = lava_.time});
    return true;
  }

  template <class Sink>
  void give_entry(detail::log_entry& entry, Sink& sink) {
    auto out = entry.line();
    if (entry.has_stamps()) {
      const auto known = out;
      out.timestamp_us.reset();
      out.caller = {};
      detail::read_stamps(detail::without_escapes(out.text, unescaped_), out, clock_, prefix_);
      if (!out.timestamp_us) out.timestamp_us = known.timestamp_us;
      if (out.caller.empty()) out.caller = known.caller;
      if (!known.host.empty()) out.host = known.host;
      if (known.time) out.time = known.time;
      if (known.priority) out.priority = known.priority;
      if (!known.from_kernel) out.from_kernel = false;
      give(out, sink);
    } else {
      give_one(out, sink);  // the text of a record is its own, whatever it holds
    }
  }

  /// A line of an entry of journalctl -o export or verbose.
  template <class Sink>
  [[gnu::noinline]] bool take_entry_line(std::string_view line, Sink& sink) {
    using enum detail::entry_lines::taken;
    auto what = entries_.take(line, options_.longest_line, clock_);
    if (what == ended || what == ended_before) end_entry(sink);
    if (what == ended_before) what = entries_.take(line, options_.longest_line, clock_);
    return what != none;
  }

  template <class Sink>
  void end_entry(Sink& sink) {
    if (!entries_.is_open()) return;
    auto entry = entries_.release(clock_);
    if (entry.is_line()) give_entry(entry, sink);
  }

  text_log_options options_;
  detail::log_clock clock_;
  detail::repeated_prefix prefix_;
  detail::tool_prefix tool_;
  counters counters_;
  std::string started_;  // a line that has not ended
  bool too_long_ = false;
  bool has_escapes_ = false;  // colours and the like came
  std::string unescaped_;     // a line without them
  detail::dump_parts parts_;
  detail::job_lines jobs_;
  detail::wall_lines walls_;
  detail::glued_records records_;
  std::string source_;  // of a record behind a stamp
  std::optional<log_time> source_time_;
  detail::boot_clock boot_;
  std::string key_, value_;  // of LAVA's JSON; of a record behind a stamp
  detail::lava_line lava_;
  detail::entry_lines entries_;  // of the journal
  detail::json_lines json_;
};

}  // namespace netcon::inline v0_1
