// The crashes in what one worker receives: lines about them, and what the keeper gets.
#pragma once

#include "listen/crash_keeper.hpp"

#include <netcon/crash/detector.hpp>
#include <netcon/output/wall_time.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace tool {

/// How a crash is shown among the lines of an output.
enum class crash_form : std::uint8_t { human, json, syslog };

class crash_watch {
 public:
  crash_watch(crash_form form, bool colour, crash_keeper* keeper)
      : form_{form}, colour_{colour}, keeper_{keeper} {}

  /// Takes an event of the collector. Owner has show_crash_line(sender, text), which gets the lines for the
  /// output, and host_of(sender), a sender's name for files; here and below.
  template <class Event, class Owner>
  void observe(const Event& event, netcon::time_point now, netcon::wall_time time, Owner& owner) {
    if constexpr (requires { event.sender; })
      detector_.observe(event.sender, event, now,
                        std::chrono::time_point_cast<std::chrono::microseconds>(time), sink(time, owner));
  }

  template <class Owner>
  void expire(netcon::time_point now, netcon::wall_time time, Owner& owner) {
    detector_.expire(now, sink(time, owner));
  }

  template <class Owner>
  void flush(netcon::wall_time time, Owner& owner) {
    detector_.flush(sink(time, owner));
  }

  bool is_crashing(const netcon::endpoint& sender) const { return detector_.is_crashing(sender); }
  bool is_idle() const { return detector_.is_idle(); }

 private:
  template <class Owner>
  auto sink(netcon::wall_time time, Owner& owner) {
    return [this, time, &owner](const auto& event) {
      std::string text;
      if constexpr (requires { event.report; }) {
        const auto host = owner.host_of(event.sender);
        append_crash(text, time, event.sender, host, event.report);
        if (keeper_ != nullptr) keeper_->add(host, event.report);
      } else {
        append_begun(text, time, event.sender, event.kind, event.title);
      }
      if (!text.empty()) owner.show_crash_line(event.sender, text);
    };
  }

  void append_begun(std::string& out, netcon::wall_time time, const netcon::endpoint& sender,
                    netcon::crash::kind kind, std::string_view title) const;
  void append_crash(std::string& out, netcon::wall_time time, const netcon::endpoint& sender,
                    std::string_view host, const netcon::crash::report& report);

  crash_form form_;
  bool colour_;
  crash_keeper* keeper_;
  netcon::crash::detector detector_;
  std::map<std::pair<std::uint64_t, std::string>, std::uint64_t> times_;
};

}  // namespace tool
