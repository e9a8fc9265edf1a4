// SPDX-License-Identifier: MIT
// Names of machines by address, as their administrator gives them; read again while the program runs.
#pragma once

#include <netcon/core/endpoint.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tool {

class inventory {
 public:
  /// A machine may have several addresses. The first name of an address counts.
  void add(const netcon::endpoint& address, const std::string& name) {
    if (names_.emplace(address, name).second) owners_[name].insert(address);
  }

  /// The name of the address, or null.
  const std::string* find(const netcon::endpoint& address) const {
    const auto at = names_.find(address);
    return at == names_.end() ? nullptr : &at->second;
  }
  bool has(std::string_view name) const { return owners_.find(name) != owners_.end(); }
  /// Whether the name is that of the address.
  bool is_of(std::string_view name, const netcon::endpoint& address) const {
    const auto at = owners_.find(name);
    return at != owners_.end() && at->second.contains(address);
  }

 private:
  std::map<netcon::endpoint, std::string> names_;
  std::map<std::string, std::set<netcon::endpoint>, std::less<>> owners_;
};

/// An inventory that one thread replaces while others read it.
class shared_inventory {
 public:
  std::shared_ptr<const inventory> get() const {
    const std::lock_guard lock{mutex_};
    return now_;
  }
  void set(inventory next) {
    auto made = std::make_shared<const inventory>(std::move(next));
    const std::lock_guard lock{mutex_};
    now_ = std::move(made);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const inventory> now_ = std::make_shared<const inventory>();
};

}  // namespace tool
