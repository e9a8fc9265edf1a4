// SPDX-License-Identifier: MIT
// What machines are called: by the sources of --hosts-from, in their order. Shared by the threads that
// receive.
#pragma once

#include "listen/host_sources.hpp"
#include "listen/reverse_dns.hpp"
#include "output/log_names.hpp"

#include <netcon/core/endpoint.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {

/// A name, as one of the sources has it, made a safe_file_name(); and the same as outputs show it: with
/// @ADDRESS when another address brought that name first.
struct host_name {
  std::string claimed;
  std::string shown;
};

class host_names {
 public:
  /// Names that are remembered with the address that brought them first; of more, the one unused for longest
  /// is free.
  static constexpr std::size_t most_names = 65536;

  /// names: those of the file among the sources; log files look there whose a name is.
  host_names(std::vector<host_source> sources, std::shared_ptr<shared_inventory> names,
             reverse_dns::lookup ask = reverse_dns::system_name);

  bool any() const { return !sources_.empty(); }
  /// The userdata key among the sources.
  std::optional<std::string_view> key() const;

  /// by_key: the value of the key, if a record of the sender has had one. Empty where no source has a name.
  host_name of(const netcon::endpoint& sender, std::string_view by_key);

  /// Rises when names may have changed: what of() returned before is to be asked for again.
  std::uint64_t generation() const { return generation_.load(std::memory_order_relaxed); }
  void changed() { generation_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::string claimed_by(const netcon::endpoint& address, std::string_view by_key);

  std::vector<host_source> sources_;
  std::shared_ptr<shared_inventory> names_;
  std::atomic<std::uint64_t> generation_ = 0;
  std::mutex mutex_;
  using uses = std::list<std::pair<std::string, netcon::endpoint>>;  // the most recent first
  uses uses_;
  std::map<std::string, uses::iterator, std::less<>> owners_;
  std::unique_ptr<reverse_dns> dns_;
};

}  // namespace tool
