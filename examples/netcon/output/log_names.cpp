// SPDX-License-Identifier: MIT
#include "output/log_names.hpp"

#include "output/directory_names.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sys/stat.h>
#include <unistd.h>

#include <netcon/os/descriptor.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <utility>

namespace tool {
namespace {

constexpr std::size_t longest_name = 120;

bool is_reserved(std::string_view name) {
  return name == overflow_name || name == unproven_name;
}

netcon::endpoint machine(netcon::endpoint from) {
  from.port = {};
  return from;
}

/// "10.0.0.2" or "fe80::1%2", as senders have it.
std::optional<netcon::endpoint> read_address(std::string_view text) {
  netcon::endpoint out;
  if (const auto zone = text.find('%'); zone != text.npos) {
    const auto digits = text.substr(zone + 1);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), out.scope);
    if (problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    text = text.substr(0, zone);
  }
  const auto address = netcon::ip_address::parse(text);
  if (!address) return std::nullopt;
  out.address = address->unmapped();
  return out;
}

/// An address with the zone that an administrator wrote, which may be the name of an interface. The error is
/// a rule: no sender has it now.
std::expected<netcon::endpoint, std::string> add_zone(netcon::endpoint address, std::string_view text) {
  const auto percent = text.find('%');
  const bool has_zone = address.address.is_v6() && address.address.is_link_local();
  if (percent == text.npos) {
    if (has_zone)
      return std::unexpected{fmt::format("a link-local address needs its zone, as in {}%eth0", text)};
    return address;
  }
  if (!has_zone) return std::unexpected{"only a link-local address has a zone: leave it out"};
  if (const auto numbered = read_address(text)) return *numbered;
  const std::string zone{text.substr(percent + 1)};
  address.scope = ::if_nametoindex(zone.c_str());
  if (address.scope == 0)
    return std::unexpected{
        fmt::format("no interface '{}', ip link lists them; SIGHUP reads the file again", zone)};
  return address;
}

constexpr std::string_view sender_mark = "-- sent by ";

/// The sender in the first line of a file, as json_lines, human_lines and sender_line() write it.
std::optional<netcon::endpoint> sender_in(std::string_view line) {
  if (line.starts_with(sender_mark)) {
    line.remove_prefix(sender_mark.size());
    return read_address(line.substr(0, line.find('\n')));
  }
  if (line.starts_with(R"({"event":")")) {
    constexpr std::string_view member = R"(,"sender":")";
    const auto at = line.find(member);
    if (at == line.npos) return std::nullopt;
    line.remove_prefix(at + member.size());
    return read_address(line.substr(0, line.find('"')));
  }
  // Date, time, address:port.
  for (int i = 0; i < 2; ++i) {
    const auto blank = line.find(' ');
    if (blank == line.npos) return std::nullopt;
    line.remove_prefix(blank + 1);
  }
  line = line.substr(0, line.find(' '));
  const auto colon = line.rfind(':');
  if (colon == line.npos) return std::nullopt;
  // NAME@ADDRESS, where the machine has a name.
  line = line.substr(0, colon);
  line.remove_prefix(line.rfind('@') + 1);
  if (line.starts_with('[') && line.ends_with(']')) line = line.substr(1, line.size() - 2);
  return read_address(line);
}

struct file_owner {
  std::optional<netcon::endpoint> owner;
  bool is_old = false;
};

/// Nothing: there is no such file.
std::optional<file_owner> owner_of_file(const std::string& path) {
  const netcon::descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (!file) return std::nullopt;
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
    return std::nullopt;
  std::array<char, 256> begin{};
  const auto size = ::pread(file.get(), begin.data(), begin.size(), 0);
  const auto age = std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(status.st_mtime);
  return file_owner{sender_in({begin.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))}),
                    age >= log_names::name_age};
}

}  // namespace

std::string sender_line(const netcon::endpoint& sender) {
  return fmt::format("{}{}\n", sender_mark, address_text(sender));
}

std::string file_group(const std::string& path, std::string_view name, bool has_senders) {
  // Of several machines, whoever comes first in it.
  if (is_reserved(name)) return std::string{name};
  if (const auto at = name.find('@'); at != name.npos) return std::string{name.substr(at + 1)};
  const auto found = has_senders ? owner_of_file(path) : std::nullopt;
  return found && found->owner ? address_file_name(*found->owner) : std::string{name};
}

std::string safe_file_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-_.:"}.find(c) != std::string_view::npos;
    if (plain && !(name.empty() && c == '.')) {
      name += c;
    } else {
      fmt::format_to(std::back_inserter(name), "%{:02X}", static_cast<unsigned char>(c));
    }
    if (name.size() > longest_name) return {};
  }
  return name;
}

std::string address_text(const netcon::endpoint& of) {
  auto text = to_string(of.address);
  if (of.scope != 0) text += fmt::format("%{}", of.scope);
  return text;
}

std::string address_file_name(const netcon::endpoint& of) {
  return safe_file_name(address_text(of));
}

std::expected<listed_names, std::string> read_inventory(const std::string& path) {
  std::ifstream in{path};
  if (!in) return std::unexpected{fmt::format("{}: {}", path, std::generic_category().message(errno))};
  listed_names out;
  constexpr std::size_t most_told = 10;
  std::size_t untold = 0;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    const auto here = [&](std::string_view why) { return fmt::format("{}:{}: {}", path, number, why); };
    const auto fail = [&](std::string_view why) { return std::unexpected{here(why)}; };
    constexpr auto blanks = " \t\r";
    std::string_view text = line;
    text = text.substr(0, text.find('#'));
    if (const auto begin = text.find_first_not_of(blanks); begin == text.npos) continue;
    text.remove_prefix(text.find_first_not_of(blanks));
    text = text.substr(0, text.find_last_not_of(blanks) + 1);
    const auto end = text.find_first_of(blanks);
    const auto written = text.substr(0, end);
    const auto plain = read_address(written.substr(0, written.find('%')));
    if (!plain) return fail("write an IP address, blanks and a name");
    if (end == text.npos) return fail("no name follows the address");
    const auto begin = text.find_first_not_of(blanks, end);
    auto name = safe_file_name(text.substr(begin, text.find_first_of(blanks, begin) - begin));
    if (name.empty()) return fail("the name is too long");
    // A receiver does not stay away for a name, least of all at boot, when interfaces are still to come.
    if (const auto address = add_zone(*plain, written))
      out.names.add(*address, name);
    else if (out.left_out.size() < most_told)
      out.left_out.push_back(here(address.error()));
    else
      ++untold;
  }
  if (in.bad()) return std::unexpected{fmt::format("{}: {}", path, std::generic_category().message(errno))};
  if (untold != 0) out.left_out.back() += fmt::format("; {} lines behind it are of this kind too", untold);
  return out;
}

log_names::log_names(settings given)
    : settings_{std::move(given)},
      by_name_{0, netcon::keyed_hash{settings_.key}},
      names_of_{0, netcon::keyed_hash{settings_.key}} {
  if (!settings_.by_name) return;
  directory_names names{settings_.directory};
  while (const auto file = names.next()) {
    if (!file->ends_with(".log")) continue;
    const auto found = owner_of_file(fmt::format("{}/{}", settings_.directory, *file));
    std::string name{file->substr(0, file->size() - 4)};
    if (!found || !found->owner || found->is_old || name.find('@') != name.npos || is_reserved(name) ||
        name == address_file_name(*found->owner))
      continue;
    names_of_[*found->owner].emplace(std::move(name), true);
    if (names_of_.size() >= settings_.most) break;
  }
}

std::string log_names::of(const netcon::endpoint& sender, std::string_view name, clock::time_point now,
                          const std::function<void(const std::string&, const std::string&)>& move) {
  const auto from = machine(sender);
  auto decided = decide(from, name, now);
  const auto by_address = address_file_name(from);
  const bool is_own = decided != by_address && decided.find('@') == decided.npos;
  if (!use(decided, is_own ? std::optional{from} : std::nullopt, now)) return std::string{overflow_name};
  if (!is_own) return decided;
  auto& own = names_of_[from];
  if (own.empty()) move(by_address, decided);
  own.emplace(decided, true);
  return decided;
}

std::optional<netcon::endpoint> log_names::sender_of(const std::string& name) const {
  if (const auto known = by_name_.find(name); known != by_name_.end() && known->second->owner)
    return known->second->owner;
  auto address = name.substr(name.find('@') + 1);
  if (const auto zone = address.find("%25"); zone != address.npos) address.replace(zone, 3, "%");
  return read_address(address);
}

std::string log_names::decide(const netcon::endpoint& from, std::string_view name, clock::time_point now) {
  auto by_address = address_file_name(from);
  if (!settings_.by_name) return by_address;
  std::string wanted{name};
  const auto names = settings_.names->get();
  if (names->has(wanted)) return names->is_of(wanted, from) ? wanted : wanted + '@' + by_address;
  if (wanted.empty()) {
    const auto own = names_of_.find(from);
    return own != names_of_.end() && own->second.size() == 1 ? own->second.begin()->first : by_address;
  }
  if (wanted == by_address) return by_address;
  const bool is_address = read_address(wanted.substr(0, wanted.find('%'))).has_value();
  const auto owner = owner_of(wanted, now);
  const bool is_free = !is_address && !is_reserved(wanted) && (!owner || *owner == from);
  return is_free ? wanted : wanted + '@' + by_address;
}

std::optional<netcon::endpoint> log_names::owner_of(const std::string& name, clock::time_point now) const {
  if (const auto known = by_name_.find(name); known != by_name_.end()) {
    const auto& use = *known->second;
    return now - use.used < name_age ? use.owner : std::nullopt;
  }
  const auto path = fmt::format("{}/{}.log", settings_.directory, name);
  auto found = owner_of_file(path);
  if (!found) found = owner_of_file(path + ".1");
  return found && !found->is_old ? found->owner : std::nullopt;
}

bool log_names::use(const std::string& name, const std::optional<netcon::endpoint>& owner,
                    clock::time_point now) {
  if (const auto known = by_name_.find(name); known != by_name_.end()) {
    known->second->used = now;
    known->second->owner = owner;
    uses_.splice(uses_.begin(), uses_, known->second);
    return true;
  }
  if (by_name_.size() >= settings_.most) {
    if (uses_.empty() || now - uses_.back().used < idle_age) return false;
    forget(std::prev(uses_.end()));
  }
  uses_.push_front({name, owner, now});
  by_name_.emplace(name, uses_.begin());
  return true;
}

void log_names::forget(uses::iterator which) {
  if (which->owner) {
    const auto own = names_of_.find(*which->owner);
    if (own != names_of_.end() && own->second.erase(which->name) != 0 && own->second.empty())
      names_of_.erase(own);
  }
  by_name_.erase(which->name);
  uses_.erase(which);
}

}  // namespace tool
