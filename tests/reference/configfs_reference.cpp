// SPDX-License-Identifier: MIT
#include "configfs_reference.hpp"

#include <algorithm>

namespace reference {

namespace {

reply refuse(int error) {
  return {-1, error, {}};
}

std::string joined(text_list names) {
  std::sort(names.begin(), names.end());
  std::string lines;
  for (const auto& name : names) lines += name + "\n";
  return lines;
}

bool contains(const text_list& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string hex(int number, bool two_digits) {
  const std::string digits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(0, 1, digits[static_cast<std::size_t>(number % 16)]);
    number /= 16;
  } while (number != 0);
  if (two_digits && text.size() < 2) text.insert(0, "0");
  return text;
}

std::string dotted(const std::vector<int>& bytes, std::size_t first) {
  std::string text;
  for (std::size_t i = first; i < first + 4; ++i) text += (i == first ? "" : ".") + std::to_string(bytes[i]);
  return text;
}

/// The longest run of two or more zero groups is "::", the first one of several.
std::string compressed(const std::vector<int>& b) {
  const bool mapped = std::all_of(b.begin(), b.begin() + 10, [](int byte) { return byte == 0; }) &&
                      b[10] == 255 && b[11] == 255;
  const bool isatap = (b[8] == 0 || b[8] == 2) && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe;
  const std::size_t count = mapped || isatap ? 6 : 8;
  std::vector<int> groups;
  for (std::size_t i = 0; i < count; ++i) groups.push_back(b[2 * i] * 256 + b[2 * i + 1]);
  std::size_t run_at = 0, run = 1;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t zeros = 0;
    while (i + zeros < count && groups[i + zeros] == 0) ++zeros;
    if (zeros > run) {
      run_at = i;
      run = zeros;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (run > 1 && i == run_at) {
      text += "::";
      i += run - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ":";
    text += hex(groups[i], false);
  }
  if (count == 6) text += (text.back() == ':' ? "" : ":") + dotted(b, 12);
  return text;
}

std::string mac_text(const std::vector<int>& mac) {
  std::string text;
  for (const int byte : mac) text += (text.empty() ? "" : ":") + hex(byte, true);
  return text;
}

bool is_hex_letter(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// An address that starts the text and what stands behind it. Nothing: what stands there could go on an
/// address, or there is none.
struct leading_address {
  std::vector<int> bytes{};
  std::string behind{};
};

leading_address leading_v4(const std::string& text) {
  const auto end = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto behind = text.substr(end);
  if (!behind.empty() && is_hex_letter(behind[0])) return {};
  const auto bytes = strict_v4(text.substr(0, end));
  return bytes ? leading_address{*bytes, behind} : leading_address{};
}

leading_address leading_v6(const std::string& text) {
  auto end = std::min(text.find_first_not_of("0123456789abcdefABCDEF:."), text.size());
  const auto dot = text.find('.');
  if (dot < end) {
    const auto colon = text.rfind(':', dot);
    if (colon == std::string::npos) return {};
    const auto quad = leading_v4(text.substr(colon + 1));
    if (quad.bytes.empty()) return {};
    end = text.size() - quad.behind.size();
  }
  const auto bytes = strict_v6(text.substr(0, end));
  return bytes ? leading_address{*bytes, text.substr(end)} : leading_address{};
}

bool ends_well(const std::string& behind) {
  return behind.empty() || behind[0] == '\n';
}

void put(std::vector<int>& ip, const std::vector<int>& bytes) {
  std::copy(bytes.begin(), bytes.end(), ip.begin());
}

bool is_zero(const std::vector<int>& ip, std::size_t bytes) {
  return std::all_of(ip.begin(), ip.begin() + static_cast<std::ptrdiff_t>(bytes),
                     [](int byte) { return byte == 0; });
}

bool is_link_local(const std::vector<int>& ip) {
  return ip[0] == 0xfe && ip[1] >= 0x80 && ip[1] < 0xc0;
}

}  // namespace

directory::directory(version kernel, std::vector<device> devices)
    : kernel_{kernel}, devices_{std::move(devices)} {
  target_files_ = {"enabled",  "dev_name",  "local_port", "remote_port",
                   "local_ip", "remote_ip", "local_mac",  "remote_mac"};
  if (has({4, 2, 0})) target_files_.push_back("extended");
  if (has({6, 6, 0})) target_files_.push_back("release");
  if (has({6, 13, 0})) target_files_.push_back("transmit_errors");
  if (has({6, 15, 0})) userdata_files_ = {"cpu_nr_enabled", "taskname_enabled", "release_enabled"};
  if (has({6, 17, 0})) userdata_files_.push_back("msgid_enabled");
}

bool directory::has(version mainline, const std::vector<version>& stable) const {
  return since(kernel_, mainline, stable);
}

std::size_t directory::switches_on(const target& t) const {
  std::size_t on = 0;
  for (const auto& [name, is_on] : t.switches) on += is_on ? 1 : 0;
  return on;
}

bool directory::is_full(const target& t) const {
  if (has({6, 19, 0})) return t.userdata.size() >= 256;
  return t.userdata.size() + switches_on(t) >= 16;
}

void directory::publish(target& t) const {
  t.published.clear();
  for (const auto& e : t.userdata)
    if (!e.value.empty()) t.published += " " + e.key + "=" + e.value + "\n";
}

/// What a path names: "root", "target", "userdata", "entry", "file", or the errno of the walk. The path is
/// walked part by part, so that what is wrong first decides.
directory::place directory::walk(const std::string& path) const {
  if (path.empty()) return {"root"};
  const auto parts = split(path, '/');
  place at{"root"};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& name = parts[i];
    if (at.what == "file") return {"", enotdir};
    if (name.size() > 255) return {"", enametoolong};
    if (at.what == "root") {
      if (targets_.find(name) == targets_.end()) return {"", enoent};
      at.what = "target";
    } else if (at.what == "target") {
      if (contains(target_files_, name)) {
        at.what = "file";
      } else if (name == "userdata" && has({6, 9, 0})) {
        at.what = "userdata";
      } else {
        return {"", enoent};
      }
    } else if (at.what == "userdata") {
      const auto& entries = targets_.at(parts[0]).userdata;
      if (contains(userdata_files_, name)) {
        at.what = "file";
      } else if (std::any_of(entries.begin(), entries.end(), [&](const entry& e) { return e.key == name; })) {
        at.what = "entry";
      } else {
        return {"", enoent};
      }
    } else {
      if (name != "value") return {"", enoent};
      at.what = "file";
    }
  }
  return at;
}

reply directory::mkdir(const std::string& path) {
  const auto there = walk(path);
  if (there.error == 0) return refuse(eexist);
  const auto slash = path.rfind('/');
  const auto above = walk(slash == std::string::npos ? "" : path.substr(0, slash));
  if (above.error != 0) return refuse(above.error);
  if (there.error != enoent) return refuse(there.error);
  const auto name = path.substr(slash + 1);
  if (above.what == "root") {
    targets_.emplace(name, target{});
    return {};
  }
  if (above.what != "userdata") return refuse(eperm);
  auto& t = targets_.at(split(path, '/')[0]);
  if (name.size() > 53) return refuse(enametoolong);
  if (is_full(t)) return refuse(enospc);
  t.userdata.push_back({name, ""});
  return {};
}

reply directory::rmdir(const std::string& path) {
  const auto there = walk(path);
  if (there.error != 0) return refuse(there.error);
  if (there.what == "file") return refuse(enotdir);
  const auto parts = split(path, '/');
  auto& t = targets_.at(parts[0]);
  if (there.what == "target") {
    if (!t.userdata.empty()) return refuse(enotempty);
    targets_.erase(path);
    return {};
  }
  if (there.what != "entry") return refuse(eperm);
  t.userdata.erase(
      std::find_if(t.userdata.begin(), t.userdata.end(), [&](const entry& e) { return e.key == parts[2]; }));
  publish(t);
  return {};
}

reply directory::list(const std::string& path) const {
  const auto there = walk(path);
  if (there.error != 0) return refuse(there.error);
  text_list names;
  if (there.what == "file") return refuse(enotdir);
  if (there.what == "root")
    for (const auto& [name, t] : targets_) names.push_back(name);
  if (there.what == "target") {
    names = target_files_;
    if (has({6, 9, 0})) names.push_back("userdata");
  }
  if (there.what == "userdata") {
    names = userdata_files_;
    for (const auto& e : targets_.at(split(path, '/')[0]).userdata) names.push_back(e.key);
  }
  if (there.what == "entry") names.push_back("value");
  return {static_cast<long>(names.size()), 0, joined(names)};
}

std::string directory::published(const std::string& name) const {
  const auto found = targets_.find(name);
  return found == targets_.end() ? "" : found->second.published;
}

reply directory::read(const std::string& path) const {
  const auto there = walk(path);
  if (there.error != 0) return refuse(there.error);
  if (there.what != "file") return refuse(eisdir);
  const auto parts = split(path, '/');
  const auto& t = targets_.at(parts[0]);
  std::string out;
  if (parts.size() == 2) out = show(t, parts[1]);
  if (parts.size() == 3) {
    const bool shows_another = parts[2] == "release_enabled" && !has({7, 0, 0}, {{6, 18, 20}, {6, 19, 10}});
    const std::string shown = shows_another ? "taskname_enabled" : parts[2];
    out = t.switches.count(shown) != 0 && t.switches.at(shown) ? "1" : "0";
  }
  if (parts.size() == 4)
    for (const auto& e : t.userdata)
      if (e.key == parts[2]) out = e.value;
  out += "\n";
  return {static_cast<long>(out.size()), 0, out};
}

std::string directory::show(const target& t, const std::string& file) const {
  if (file == "enabled") return t.state == "enabled" ? "1" : "0";
  if (file == "extended") return t.extended ? "1" : "0";
  if (file == "release") return t.release ? "1" : "0";
  if (file == "dev_name") return t.dev_name;
  if (file == "local_port") return std::to_string(t.local_port);
  if (file == "remote_port") return std::to_string(t.remote_port);
  if (file == "local_mac") return mac_text(t.local_mac);
  if (file == "remote_mac") return mac_text(t.remote_mac);
  if (file == "transmit_errors") return "0";
  const auto& ip = file == "local_ip" ? t.local_ip : t.remote_ip;
  return t.is_v6 ? compressed(ip) : dotted(ip, 0);
}

reply directory::write(const std::string& path, const std::string& whole) {
  if (const auto before = read(path); before.error != 0) return before;
  const auto parts = split(path, '/');
  auto& t = targets_.at(parts[0]);
  const auto& file = parts.back();
  if (parts.size() == 2 && (file == "local_mac" || file == "transmit_errors")) return refuse(eacces);
  if (whole.empty()) return has({5, 14, 0}) ? refuse(efault) : reply{};
  const auto bytes = whole.substr(0, 4095);
  const std::string text = bytes.c_str();
  int error = 0;
  bool full_count = has({7, 1, 0}, {{7, 0, 10}});
  if (parts.size() == 4) {
    full_count = true;
    error = store_value(t,
                        *std::find_if(t.userdata.begin(), t.userdata.end(),
                                      [&](const entry& each) { return each.key == parts[2]; }),
                        bytes);
  } else if (parts.size() == 3) {
    bool on = false;
    error = read_switch(text, on);
    if (error == 0 && on != t.switches[file]) {
      if (on && !has({6, 19, 0}) && is_full(t)) error = enospc;
      if (error == 0) t.switches[file] = on;
    }
  } else {
    error = store(t, file, text, bytes.size());
  }
  if (error != 0) return refuse(error);
  return {static_cast<long>(full_count ? bytes.size() : text.size()), 0, {}};
}

int directory::store_value(target& t, entry& e, const std::string& bytes) {
  if (bytes.size() > 200 || (has({7, 1, 0}, {{7, 0, 10}}) && bytes.size() == 200)) return emsgsize;
  e.value = std::string(bytes.c_str()).substr(0, 199);
  if (bytes.find('\0') == std::string::npos && bytes.size() == 200) return e2big;
  if (!e.value.empty() && e.value.back() == '\n') e.value.pop_back();
  publish(t);
  return 0;
}

int directory::read_switch(const std::string& text, bool& on) const {
  std::string yes = "1yYtT", no = "0nNfF";
  if (has({6, 16, 0})) {
    yes += "eE";
    no += "dD";
  }
  if (text.empty()) return einval;
  char first = text[0];
  if (first == 'o' || first == 'O') {
    if (text.size() < 2) return einval;
    if (text[1] == 'n' || text[1] == 'N') {
      first = 'y';
    } else if (text[1] == 'f' || text[1] == 'F') {
      first = 'n';
    }
  }
  const bool is_yes = yes.find(first) != std::string::npos;
  if (!is_yes && no.find(first) == std::string::npos) return einval;
  on = is_yes;
  return 0;
}

/// enabled and extended were numbers once.
int directory::read_early_switch(const std::string& text, bool& on) const {
  if (has({6, 6, 0})) return read_switch(text, on);
  const auto number = strict_integer(text, true, -2147483648LL, 2147483647LL);
  if (number.error != 0) return number.error;
  if (number.value != 0 && number.value != 1) return einval;
  on = number.value == 1;
  return 0;
}

int directory::store(target& t, const std::string& file, const std::string& text, std::size_t given) {
  if (file == "enabled") {
    bool on = false;
    if (const int error = read_early_switch(text, on); error != 0) return error;
    if (t.state == "deactivated") t.state = "disabled";
    if (on == (t.state == "enabled")) return einval;
    if (on && t.release && !t.extended) return einval;
    if (on) {
      if (const int error = set_up_target(t); error != 0) return error;
      t.state = "enabled";
    } else {
      t.state = "disabled";
      t.local_mac.assign(6, 255);
    }
    return 0;
  }
  if (file == "dev_name" && has({7, 1, 0}, {{6, 1, 175}, {6, 12, 91}, {7, 0, 10}})) {
    const bool newline = text.size() == given && text.back() == '\n';
    if (given - (newline ? 1 : 0) > 15) return enametoolong;
  }
  if (t.state == "enabled") return einval;
  if (file == "dev_name") {
    t.dev_name = text.substr(0, 15);
    if (!t.dev_name.empty() && t.dev_name.back() == '\n') t.dev_name.pop_back();
    return 0;
  }
  if (file == "extended") return read_early_switch(text, t.extended);
  if (file == "release") return read_switch(text, t.release);
  if (file == "local_port" || file == "remote_port") {
    const auto port = strict_integer(text, false, 0, 65535);
    if (port.error == 0) (file == "local_port" ? t.local_port : t.remote_port) = static_cast<int>(port.value);
    return port.error;
  }
  if (file == "remote_mac") {
    const auto mac = leading_mac(text);
    if (mac.empty() || !ends_well(text.substr(17))) return einval;
    t.remote_mac = mac;
    return 0;
  }
  return store_ip(t, file == "local_ip" ? t.local_ip : t.remote_ip, text);
}

int directory::store_ip(target& t, std::vector<int>& ip, const std::string& text) {
  if (!has({6, 18, 0}) && text.find(':') == std::string::npos) {
    if (t.is_v6) return einval;
    put(ip, loose_v4(text, !has({6, 2, 0})));
    return 0;
  }
  // What is understood is stored before what stands behind it is looked at.
  if (has({6, 18, 0})) {
    const auto v4 = leading_v4(text);
    put(ip, v4.bytes);
    if (!v4.bytes.empty() && ends_well(v4.behind)) {
      t.is_v6 = false;
      return 0;
    }
  }
  const auto v6 = leading_v6(text);
  put(ip, v6.bytes);
  if (v6.bytes.empty() || !ends_well(v6.behind)) return einval;
  t.is_v6 = true;
  return 0;
}

device* directory::find(const std::string& name) {
  for (auto& each : devices_)
    if (each.name == name) return &each;
  return nullptr;
}

int directory::set_up_target(target& t) {
  device* const dev = t.dev_name.empty() ? nullptr : find(t.dev_name);
  if (dev == nullptr) return enodev;
  if (!dev->master.empty()) return ebusy;
  dev->up = true;
  const bool first_four_decide = !has({7, 1, 0}, {{6, 12, 91}});
  if (is_zero(t.local_ip, t.is_v6 && !first_four_decide ? 16 : 4)) {
    const std::vector<int>* chosen = nullptr;
    if (t.is_v6) {
      const bool wants_link_local = has({5, 0, 0}) && is_link_local(t.remote_ip);
      for (const auto& each : dev->v6)
        if (chosen == nullptr && is_link_local(each) == wants_link_local) chosen = &each;
    } else if (!dev->v4.empty()) {
      chosen = &dev->v4.front();
    }
    if (chosen == nullptr) return edestaddrreq;
    put(t.local_ip, *chosen);
  }
  t.local_mac = dev->mac;
  return 0;
}

/// Targets that wait for a device of that name get one try.
void directory::resume(const std::string& name) {
  for (auto& [unused, t] : targets_)
    if (t.state == "deactivated" && t.dev_name == name)
      t.state = set_up_target(t) == 0 ? "enabled" : "disabled";
}

void directory::stop_targets_on(const std::string& device_name, const std::string& state) {
  for (auto& [unused, t] : targets_)
    if (t.state == "enabled" && t.dev_name == device_name) {
      t.state = state;
      t.local_mac.assign(6, 255);
    }
}

void directory::device_added(const device& added) {
  if (find(added.name) != nullptr) return;
  devices_.push_back(added);
  resume(added.name);
}

void directory::device_removed(const std::string& name) {
  if (find(name) == nullptr) return;
  stop_targets_on(name, has({7, 0, 0}) ? "deactivated" : "disabled");
  for (auto& each : devices_)
    if (each.master == name) each.master.clear();
  const auto gone = *find(name);
  devices_.erase(devices_.begin() + (find(name) - devices_.data()));
  if (!gone.master.empty()) port_left(gone.master);
}

void directory::device_renamed(const std::string& from, const std::string& to) {
  device* const dev = find(from);
  if (dev == nullptr || find(to) != nullptr) return;
  dev->name = to;
  for (auto& each : devices_)
    if (each.master == from) each.master = to;
  for (auto& [unused, t] : targets_)
    if (t.state == "enabled" && t.dev_name == from) t.dev_name = to;
  resume(to);
}

void directory::device_enslaved(const std::string& name, const std::string& master) {
  device* const dev = find(name);
  if (dev == nullptr || !dev->master.empty()) return;
  dev->master = master;
  stop_targets_on(name, "disabled");
}

void directory::device_released(const std::string& name) {
  device* const dev = find(name);
  if (dev == nullptr || dev->master.empty()) return;
  const auto master = dev->master;
  dev->master.clear();
  port_left(master);
}

/// A bond tells when it has no port any more, a bridge does not.
void directory::port_left(const std::string& master) {
  const device* const dev = find(master);
  if (dev == nullptr || dev->bridge) return;
  for (const auto& each : devices_)
    if (each.master == master) return;
  stop_targets_on(master, "disabled");
}

void directory::device_set_up(const std::string& name, bool up) {
  if (device* const dev = find(name)) dev->up = up;
}

void directory::device_addressed(const std::string& name, std::vector<std::vector<int>> v4,
                                 std::vector<std::vector<int>> v6) {
  if (device* const dev = find(name)) {
    dev->v4 = std::move(v4);
    dev->v6 = std::move(v6);
  }
}

}  // namespace reference
