// What each of the most active senders sent and lost: a table of bounded size.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/output/wall_time.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/keyed_hash.hpp>
#include <netcon/receive/loss.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tool {

/// Senders are addresses, link-local ones with their zone: a machine that boots sends from another port.
struct sender_totals {
  std::uint64_t records = 0;
  std::uint64_t lost = 0;
  std::uint64_t reboots = 0;
  std::uint64_t crashes = 0;
  netcon::wall_time last_seen{};

  sender_totals& operator+=(const sender_totals&);
};

/// Used by one thread that receives and by those that look.
class sender_activity {
 public:
  /// When there are more, the half that sent least is forgotten: its totals begin at 0 when it sends again.
  static constexpr std::size_t most_senders = 4096;

  /// Endpoints without a port.
  using by_address = std::unordered_map<netcon::endpoint, sender_totals, netcon::keyed_hash>;
  using by_kind = std::map<netcon::crash::kind, std::uint64_t>;

  /// The key is one that senders must not know.
  explicit sender_activity(const netcon::hash_key& key) : senders_{0, netcon::keyed_hash{key}} {}

  /// Takes an event of the collector.
  template <class Event>
  void observe(const Event& event, netcon::wall_time time) {
    constexpr bool is_record =
        std::is_same_v<Event, netcon::event::record> || std::is_same_v<Event, netcon::event::partial> ||
        std::is_same_v<Event, netcon::event::late> || std::is_same_v<Event, netcon::event::basic>;
    constexpr bool is_reboot = std::is_same_v<Event, netcon::event::rebooted>;
    constexpr bool is_loss = std::is_same_v<Event, netcon::event::lost>;
    if constexpr (is_record || is_reboot || is_loss) {
      const std::lock_guard lock{mutex_};
      auto& sender = of(event.sender);
      sender.last_seen = time;
      if constexpr (is_record) ++sender.records;
      if constexpr (is_reboot) ++sender.reboots;
      if constexpr (is_loss)
        if (event.cause != netcon::loss::impossible) sender.lost += std::min(event.count, ~sender.lost);
    }
  }
  void add_crash(const netcon::endpoint& sender, netcon::crash::kind);

  /// Adds what this table knows.
  void add_to(by_address& senders, by_kind& crashes) const;

 private:
  sender_totals& of(const netcon::endpoint&);

  mutable std::mutex mutex_;
  by_address senders_;
  by_kind crashes_;
};

/// The senders of most records, most first, at most so many.
std::vector<std::pair<netcon::endpoint, sender_totals>> most_active(const sender_activity::by_address&,
                                                                    std::size_t most);

}  // namespace tool
