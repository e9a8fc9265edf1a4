#include "metrics/sender_activity.hpp"

#include <algorithm>
#include <utility>

namespace tool {

sender_totals& sender_totals::operator+=(const sender_totals& other) {
  records += other.records;
  lost += std::min(other.lost, ~lost);  // announced losses have no bound
  reboots += other.reboots;
  crashes += other.crashes;
  last_seen = std::max(last_seen, other.last_seen);
  return *this;
}

sender_totals& sender_activity::of(const netcon::endpoint& sender) {
  const netcon::endpoint key{sender.address, {}, sender.scope};
  if (const auto known = senders_.find(key); known != senders_.end()) return known->second;
  if (senders_.size() >= most_senders) {
    std::vector<std::uint64_t> records;
    for (const auto& [_, totals] : senders_) records.push_back(totals.records);
    const auto middle = records.begin() + most_senders / 2;
    std::ranges::nth_element(records, middle);
    // Equal ones may be more than half: all that are not above it go, so that the table never stays full.
    std::erase_if(senders_, [least = *middle](const auto& one) { return one.second.records <= least; });
  }
  return senders_[key];
}

void sender_activity::add_crash(const netcon::endpoint& sender, netcon::crash::kind kind) {
  const std::lock_guard lock{mutex_};
  ++of(sender).crashes;
  ++crashes_[kind];
}

void sender_activity::add_to(by_address& senders, by_kind& crashes) const {
  const std::lock_guard lock{mutex_};
  for (const auto& [address, totals] : senders_) senders[address] += totals;
  for (const auto& [kind, count] : crashes_) crashes[kind] += count;
}

std::vector<std::pair<netcon::endpoint, sender_totals>> most_active(
    const sender_activity::by_address& senders, std::size_t most) {
  std::vector<std::pair<netcon::endpoint, sender_totals>> out{senders.begin(), senders.end()};
  const auto end = out.begin() + static_cast<std::ptrdiff_t>(std::min(most, out.size()));
  std::ranges::partial_sort(out, end, [](const auto& a, const auto& b) {
    return std::pair{b.second.records, a.first} < std::pair{a.second.records, b.first};
  });
  out.erase(end, out.end());
  return out;
}

}  // namespace tool
