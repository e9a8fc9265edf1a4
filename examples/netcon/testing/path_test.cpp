// SPDX-License-Identifier: MIT
#include "testing/path_test.hpp"

#include "testing/probe_socket.hpp"

#include <netcon/os/random_key.hpp>

#include <poll.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace tool {
namespace {

using clock = std::chrono::steady_clock;

/// One address and port to another: targets that share both share the answers too.
struct path {
  netcon::endpoint local, remote;
  probe_socket socket;
  bool is_open = false;               // the opening was sent
  std::optional<level_result> got{};  // at the level in hand
  std::vector<netcon::icmp_error> errors{};
  std::error_code problem{};  // of the last datagram

  bool send(const std::string& line) { return !(problem = socket.send(line + '\n')); }
};

class tester {
 public:
  tester(std::vector<tested_target> targets, const path_options& options) : options_{options} {
    for (auto& target : targets) {
      auto& one = results_.emplace_back(path_result{std::move(target)});
      places_.push_back(one.target.problem ? none : find_path(one.target));
    }
  }

  std::expected<std::vector<path_result>, std::string> run() && {
    auto levels = options_.levels;
    std::ranges::sort(levels, std::greater{});
    const auto duplicates = std::ranges::unique(levels);
    levels.erase(duplicates.begin(), duplicates.end());
    const auto everyone = [](const path_result&) { return true; };
    for (const auto level : levels)
      if (const auto done = probe(level, true, everyone); !done) return std::unexpected{done.error()};
    if (options_.log != nullptr)
      for (const auto level : fallback_levels) {
        if (level >= levels.front() || std::ranges::find(levels, level) != levels.end()) continue;
        if (const auto done = probe(level, false, is_level_unknown); !done)
          return std::unexpected{done.error()};
      }
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (places_[i] == none) continue;
      const auto& way = paths_[places_[i]];
      results_[i].errors = way.errors;
      results_[i].not_let_out = way.problem;
      results_[i].target.local = way.socket.local();  // the address, where the kernel chose it
    }
    return std::move(results_);
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  /// Silent at its least urgent level, and not answered at any other one yet.
  static bool is_level_unknown(const path_result& one) {
    const auto is_silent = [](const level_result& at) { return at.outcome == probe_outcome::silent; };
    return !one.levels.empty() && std::ranges::all_of(one.levels, is_silent);
  }

  std::size_t find_path(tested_target& target) {
    const auto is_same = [&](const path& one) {
      return one.local == target.local && one.remote == target.remote;
    };
    const auto known = std::ranges::find_if(paths_, is_same);
    if (known != paths_.end()) return static_cast<std::size_t>(known - paths_.begin());
    auto socket = probe_socket::open(target.local, target.remote);
    if (!socket) {
      target.problem = socket.error();
      return none;
    }
    paths_.push_back({target.local, target.remote, *std::move(socket)});
    return paths_.size() - 1;
  }

  /// One record for all; the results of those that are chosen.
  template <class Choose>
  std::expected<void, std::string> probe(netcon::level level, bool asked, const Choose& choose) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < results_.size(); ++i)
      if (places_[i] != none && choose(results_[i])) chosen.push_back(i);
    if (chosen.empty()) return {};
    const netcon::probe one{netcon::random_key().words[0], level};
    for (auto& way : paths_) {
      way.got.reset();
      if (!std::exchange(way.is_open, true)) way.send(to_string(netcon::probe_opening{one.nonce}));
    }
    const auto begin = clock::now();
    auto taken = kernel_log::taken::yes;
    if (options_.log == nullptr) {
      for (auto& way : paths_)
        if (!way.send(to_string(one))) way.got = level_result{.outcome = probe_outcome::not_sent};
    } else {
      const auto written = options_.log->write(one);
      if (!written) return std::unexpected{written.error()};
      taken = *written;
    }
    if (taken != kernel_log::taken::no) await_answers(one, chosen, begin);
    for (const auto i : chosen) {
      auto result = paths_[places_[i]].got.value_or(level_result{});
      if (taken == kernel_log::taken::no) result.outcome = probe_outcome::not_sent;
      result.level = level;
      result.asked = asked;
      results_[i].levels.push_back(std::move(result));
    }
    return {};
  }

  void await_answers(const netcon::probe& one, const std::vector<std::size_t>& chosen,
                     clock::time_point begin) {
    const auto end = begin + options_.wait;
    for (;;) {
      std::vector<pollfd> wanted;
      std::vector<path*> waiting;
      for (auto& way : paths_) {
        const auto is_of_it = [&](std::size_t i) { return &paths_[places_[i]] == &way; };
        if (way.got || std::ranges::none_of(chosen, is_of_it)) continue;
        wanted.push_back({way.socket.fd(), POLLIN, 0});
        waiting.push_back(&way);
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()).count();
      if (waiting.empty() || left <= 0) return;
      ::poll(wanted.data(), wanted.size(), static_cast<int>(left));
      for (std::size_t i = 0; i < waiting.size(); ++i)
        if (wanted[i].revents != 0) take(*waiting[i], one, begin);
    }
  }

  static void take(path& way, const netcon::probe& one, clock::time_point begin) {
    while (const auto error = way.socket.take_error()) {
      const auto is_same = [&](const netcon::icmp_error& known) {
        return known.offender == error->offender && known.type == error->type &&
               known.icmp_code == error->icmp_code;
      };
      if (std::ranges::none_of(way.errors, is_same)) way.errors.push_back(*error);
      if (error->code == std::errc::connection_refused && error->offender == way.remote.address && !way.got)
        way.got = level_result{.outcome = probe_outcome::refused};
    }
    while (const auto text = way.socket.receive()) {
      const auto answer = netcon::probe_answer::parse(*text);
      if (!answer || answer->nonce != one.nonce || answer->level != one.level) continue;
      if (way.got && way.got->outcome == probe_outcome::answered) continue;
      way.got = level_result{
          .outcome = probe_outcome::answered,
          .round_trip = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - begin),
          .answer = *answer};
    }
  }

  path_options options_;
  std::vector<path_result> results_;
  std::vector<std::size_t> places_;  // of each result its path, or none
  std::vector<path> paths_;
};

}  // namespace

std::expected<std::vector<path_result>, std::string> test_paths(std::vector<tested_target> targets,
                                                                const path_options& options) {
  return tester{std::move(targets), options}.run();
}

}  // namespace tool
