// SPDX-License-Identifier: MIT
// What a kernel writes to its log about its targets: banners, refusals, states, consoles. Linux,
// netconsole.c, netpoll.c and printk.c of the profile's version; the words are those of 5.10 and later.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/core/level.hpp>
#include <netcon/parameter/boot_log.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// A line of the kernel's log, without its newline.
struct log_line {
  level severity = level::info;  ///< as printk was called with
  std::string text{};            ///< with its prefix, such as "netconsole: "

  friend bool operator==(const log_line&, const log_line&) = default;
};

/// The newest lines, as the kernel's ring buffer has them, and the consoles that are registered, which say so
/// when they come and go.
class kernel_log {
 public:
  static constexpr std::size_t most = 1000;  ///< lines that wait for take(); older ones are dropped

  /// Empty. Kernels before feature::needed_consoles_only have the basic console registered from the start.
  explicit kernel_log(const kernel_profile& kernel)
      : kernel_{kernel}, registered_{!kernel.supports(feature::needed_consoles_only), false} {}

  /// The lines since the last call.
  std::vector<log_line> take() {
    std::vector<log_line> taken{std::make_move_iterator(lines_.begin()),
                                std::make_move_iterator(lines_.end())};
    lines_.clear();
    return taken;
  }

  /// A line of netconsole itself.
  void put(level severity, std::string_view text) { add(severity, std::string{"netconsole: "}.append(text)); }
  /// A line of netconsole without a newline: readers see it when the next line is printed.
  void put_open(level severity, std::string_view text) {
    close_open_line();
    open_ = {severity, std::string{"netconsole: "}.append(text)};
  }
  /// Something else is printed.
  void close_open_line() {
    if (auto line = std::exchange(open_, std::nullopt)) push(std::move(*line));
  }
  /// A line of the banner that reading a target and enabling it begin with.
  void put_banner(std::string_view text) {
    const bool moved = kernel_.supports(feature::parser_in_netconsole);
    add(level::info, std::string{moved ? "netconsole" : "netpoll"}.append(": netconsole: ").append(text));
  }
  /// A line of setting a target up on an interface.
  void put_setup(level severity, std::string_view text) {
    const bool moved = kernel_.supports(feature::setup_in_netconsole);
    add(severity, std::string{moved ? "netconsole" : "netpoll"}.append(": netconsole: ").append(text));
  }
  /// An interface that was down is brought up. Its carrier comes at once, as that of virtual ones does.
  void put_opening(std::string_view device) {
    put_setup(level::info, std::string{"device "}.append(device).append(" not up yet, forcing it"));
    if (!kernel_.supports(feature::carrier_trusted))
      put_setup(level::notice, "carrier detect appears untrustworthy, waiting 4 seconds");
  }

  /// A target of that kind is about to be enabled.
  void register_console(bool extended) {
    if (!std::exchange(registered_[extended], true)) put_console(extended, "enabled");
  }
  /// No target needs it any more, or netconsole is unloaded.
  void unregister_console(bool extended) {
    if (std::exchange(registered_[extended], false) || !kernel_.supports(feature::absent_console_silent))
      put_console(extended, "disabled");
  }
  /// As register_console, without a line: netconsole is loaded with such a target.
  void set_registered(bool extended) noexcept { registered_[extended] = true; }

 private:
  void add(level severity, std::string text) {
    close_open_line();
    push({severity, std::move(text)});
  }

  void push(log_line line) {
    if (lines_.size() == most) lines_.pop_front();
    lines_.push_back(std::move(line));
  }

  void put_console(bool extended, std::string_view state) {
    std::string text{netcon::detail::console_words(kernel_)};
    text.append(extended ? "[netcon_ext0] " : "[netcon0] ").append(state);
    add(level::info, std::move(text));
  }

  kernel_profile kernel_;
  std::deque<log_line> lines_{};
  std::optional<log_line> open_{};
  std::array<bool, 2> registered_;  // of basic and extended records
};

}  // namespace netcon::inline v0_1::configfs
