// SPDX-License-Identifier: MIT
#include "listen/host_names.hpp"

#include <algorithm>

namespace tool {

host_names::host_names(std::vector<host_source> sources, std::shared_ptr<shared_inventory> names,
                       reverse_dns::lookup ask)
    : sources_{std::move(sources)}, names_{std::move(names)} {
  if (std::ranges::find(sources_, host_source::kind::dns, &host_source::what) != sources_.end())
    dns_ = std::make_unique<reverse_dns>([this] { changed(); }, std::move(ask));
}

std::optional<std::string_view> host_names::key() const {
  const auto at = std::ranges::find(sources_, host_source::kind::key, &host_source::what);
  return at == sources_.end() ? std::nullopt : std::optional<std::string_view>{at->text};
}

std::string host_names::claimed_by(const netcon::endpoint& address, std::string_view by_key) {
  for (const auto& source : sources_) {
    std::string name;
    switch (source.what) {
      case host_source::kind::key:
        name = safe_file_name(by_key);
        break;
      case host_source::kind::file:
        if (const auto names = names_->get(); const auto* const known = names->find(address)) name = *known;
        break;
      case host_source::kind::dns:
        name = safe_file_name(dns_->name_of(address));
        break;
    }
    if (!name.empty()) return name;
  }
  return {};
}

host_name host_names::of(const netcon::endpoint& sender, std::string_view by_key) {
  const netcon::endpoint address{sender.address, {}, sender.scope};
  host_name out;
  out.claimed = claimed_by(address, by_key);
  if (out.claimed.empty()) return out;
  out.shown = out.claimed;
  const auto with_address = [&] { out.shown += '@' + address_file_name(address); };
  // A name that is the address of another machine.
  if (const auto parsed = netcon::ip_address::parse(out.claimed); parsed && *parsed != address.address) {
    with_address();
    return out;
  }
  const auto names = names_->get();
  if (names->has(out.claimed)) {
    if (!names->is_of(out.claimed, address)) with_address();
    return out;
  }
  const std::lock_guard lock{mutex_};
  if (const auto known = owners_.find(out.claimed); known != owners_.end()) {
    if (known->second->second != address) {
      with_address();
      return out;
    }
    uses_.splice(uses_.begin(), uses_, known->second);
    return out;
  }
  if (owners_.size() >= most_names) {
    owners_.erase(uses_.back().first);
    uses_.pop_back();
  }
  uses_.emplace_front(out.claimed, address);
  owners_.emplace(out.claimed, uses_.begin());
  return out;
}

}  // namespace tool
