// SPDX-License-Identifier: MIT
// Which file the lines of a sender go to: named by its address, or by the name of its machine.
#pragma once

#include "output/inventory.hpp"

#include <netcon/core/endpoint.hpp>
#include <netcon/receive/keyed_hash.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tool {

/// Any text as a file name: letters, digits and "-_.:" stay, all else becomes %XX, and so does a leading dot.
/// Different texts give different names. Empty when the text is, or when the name would be too long.
std::string safe_file_name(std::string_view text);

/// An address with its zone, as events have it: "fe80::1%2".
std::string address_text(const netcon::endpoint& of);
/// The same as a file name.
std::string address_file_name(const netcon::endpoint& of);

/// Of files that are no machine's: of those for which there is no name left, and of records without what
/// --require asks for.
inline constexpr std::string_view overflow_name = "others", unproven_name = "unproven";

/// The first line of a file whose others do not have the address of their sender.
std::string sender_line(const netcon::endpoint& sender);

/// Whose a log file is, for the files of one machine to count together: NAME without the ".log". has_senders:
/// its first line says who sent it, and is no sender's own.
std::string file_group(const std::string& path, std::string_view name, bool has_senders);

/// What a file of names holds, and the first of its lines with addresses that no sender has now, with
/// reasons.
struct listed_names {
  inventory names;
  std::vector<std::string> left_out{};
};

/// Reads lines of an address, blanks and a name, as /etc/hosts has them: what follows the name is not read,
/// the first name of an address counts, and '#' begins a comment. A link-local address has its zone, by
/// number or name. The error is one line.
std::expected<listed_names, std::string> read_inventory(const std::string& path);

/// Decides the names of files, without the ".log". A name belongs to the address that brought it first;
/// another address gets name@address. The files say whose they are, so that this holds after a restart too:
/// each line has its sender, or the first one has. A name of the inventory belongs to its addresses.
class log_names {
 public:
  using clock = std::chrono::steady_clock;

  /// Of names in use; above it those silent for idle_age make room, and without such all further senders
  /// share "others".
  static constexpr std::size_t most_names = 10'000;
  static constexpr std::chrono::hours idle_age{1};
  /// A name whose file did not change for so long is free for another address.
  static constexpr std::chrono::hours name_age{30 * 24};

  struct settings {
    std::string directory;
    bool by_name = false;  // else by address only
    std::shared_ptr<const shared_inventory> names = std::make_shared<const shared_inventory>();
    std::size_t most = most_names;
    netcon::hash_key key{};
  };

  /// Reads whose the files in the directory are.
  explicit log_names(settings);

  /// name: of the sender's machine, or nothing. When a machine that had a file by its address gets
  /// a name, move(from, to) is called: its history goes on in the file of that name.
  std::string of(const netcon::endpoint& from, std::string_view name, clock::time_point now,
                 const std::function<void(const std::string&, const std::string&)>& move);

  /// Whose a name is that of() returned; nothing for those of several machines.
  std::optional<netcon::endpoint> sender_of(const std::string& name) const;

 private:
  struct name_in_use {
    std::string name;
    std::optional<netcon::endpoint> owner;  // none: of the address in its name, or of all
    clock::time_point used;
  };
  using uses = std::list<name_in_use>;  // the most recent first

  std::string decide(const netcon::endpoint& from, std::string_view name, clock::time_point now);
  std::optional<netcon::endpoint> owner_of(const std::string& name, clock::time_point now) const;
  bool use(const std::string& name, const std::optional<netcon::endpoint>& owner, clock::time_point now);
  void forget(uses::iterator which);

  settings settings_;
  uses uses_;
  std::unordered_map<std::string, uses::iterator, netcon::keyed_hash> by_name_;
  std::unordered_map<netcon::endpoint, std::map<std::string, bool>, netcon::keyed_hash> names_of_;
};

}  // namespace tool
