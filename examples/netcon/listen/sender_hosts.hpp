// SPDX-License-Identifier: MIT
// What one thread knows about the names of its senders: the value of the userdata key, and what it makes of
// it.
#pragma once

#include "listen/host_names.hpp"

#include <netcon/core/time.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/receive/keyed_hash.hpp>
#include <netcon/wire/dictionary.hpp>
#include <netcon/wire/record.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tool {

/// The first line of userdata with that key. What follows a taskname line proves nothing: any program of the
/// sending machine chooses the name of its task, newlines in it too.
inline std::optional<std::string_view> value_of(const netcon::dictionary_view& dictionary,
                                                std::string_view key) {
  for (const auto& entry : dictionary) {
    if (entry.key == key) return entry.value;
    if (entry.key == "taskname") break;
  }
  return std::nullopt;
}

class sender_hosts {
 public:
  /// Senders that are remembered; then all are forgotten. Forged ones may be any number, and the next record
  /// finds a forgotten name again.
  static constexpr std::size_t most_senders = 65536;
  /// A name is asked for again after so long.
  static constexpr std::chrono::minutes longest_known{5};

  explicit sender_hosts(host_names& all)
      : all_{all}, key_{all.key()}, known_{0, netcon::keyed_hash{netcon::random_key()}} {}

  /// record: of that sender, or null. Valid until the next call.
  const host_name& of(const netcon::endpoint& sender, const netcon::record_view* record,
                      netcon::time_point now) {
    if (!all_.any()) return none_;
    if (known_.size() >= most_senders && !known_.contains(sender)) known_.clear();
    auto& one = known_[sender];
    bool is_new = now >= one.until;
    if (key_ && record != nullptr)
      if (const auto value = value_of(record->dictionary(), *key_);
          value && !safe_file_name(*value).empty()) {
        is_new |= one.by_key != *value;
        one.by_key = *value;
      }
    const auto generation = all_.generation();
    if (is_new || one.generation != generation) {
      one.name = all_.of(sender, one.by_key);
      one.generation = generation;
      one.until = now + longest_known;
    }
    return one.name;
  }

 private:
  struct known_sender {
    std::string by_key;
    host_name name;
    std::uint64_t generation = 0;
    netcon::time_point until{};
  };

  host_names& all_;
  std::optional<std::string_view> key_;
  std::unordered_map<netcon::endpoint, known_sender, netcon::keyed_hash> known_;
  host_name none_;
};

}  // namespace tool
