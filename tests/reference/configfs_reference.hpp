// SPDX-License-Identifier: MIT
// A slow, plain model of the netconsole directory of Linux 3.14 to 7.3, written from the kernels' behaviour.
// It shares no code and no type with the library: where the two differ, one of them is wrong.
//
// Left out: targets of the boot parameter, drivers without netpoll, paths with ".", ".." or empty parts.
#pragma once

#include "field_reference.hpp"

#include <map>
#include <string>
#include <vector>

namespace reference {

struct device {
  std::string name{};
  std::vector<int> mac{};
  std::vector<std::vector<int>> v4{}, v6{};
  bool up = true;
  std::string master{};  // empty: none
  bool bridge = false;
};

/// What a system call gives: its value and what was read, or -1 and the errno.
struct reply {
  long value = 0;
  int error = 0;
  std::string out{};

  bool operator==(const reply&) const = default;
};

class directory {
 public:
  directory(version kernel, std::vector<device> devices);

  reply mkdir(const std::string& path);
  reply rmdir(const std::string& path);
  reply write(const std::string& path, const std::string& bytes);
  reply read(const std::string& path) const;
  reply list(const std::string& path) const;  // sorted names, one a line

  /// What is sent behind the body of an extended record.
  std::string published(const std::string& target) const;

  void device_added(const device& added);
  void device_added_elsewhere(const std::string& name) { resume(name); }
  void device_removed(const std::string& name);
  void device_renamed(const std::string& from, const std::string& to);
  void device_enslaved(const std::string& name, const std::string& master);
  void device_released(const std::string& name);
  void device_set_up(const std::string& name, bool up);
  void device_addressed(const std::string& name, std::vector<std::vector<int>> v4,
                        std::vector<std::vector<int>> v6);

 private:
  struct entry {
    std::string key, value;
  };
  struct target {
    std::string state = "disabled";  // or "enabled", "deactivated"
    bool extended = false, release = false, is_v6 = false;
    std::string dev_name = "eth0";
    int local_port = 6665, remote_port = 6666;
    std::vector<int> local_ip = std::vector<int>(16, 0), remote_ip = std::vector<int>(16, 0);
    std::vector<int> local_mac = std::vector<int>(6, 255), remote_mac = std::vector<int>(6, 255);
    std::vector<entry> userdata{};
    std::map<std::string, bool> switches{};
    std::string published{};
  };
  using targets = std::map<std::string, target>;

  struct place {
    std::string what{};
    int error = 0;
  };
  place walk(const std::string& path) const;
  bool has(version mainline, const std::vector<version>& stable = {}) const;
  std::size_t switches_on(const target& t) const;
  bool is_full(const target& t) const;
  void publish(target& t) const;
  device* find(const std::string& name);
  int set_up_target(target& t);
  void resume(const std::string& name);
  void stop_targets_on(const std::string& device_name, const std::string& state);
  void port_left(const std::string& master);
  int store(target& t, const std::string& file, const std::string& text, std::size_t given);
  int store_value(target& t, entry& e, const std::string& bytes);
  int store_ip(target& t, std::vector<int>& ip, const std::string& text);
  int read_switch(const std::string& text, bool& on) const;
  int read_early_switch(const std::string& text, bool& on) const;
  std::string show(const target& t, const std::string& file) const;

  version kernel_;
  text_list target_files_{}, userdata_files_{};
  std::vector<device> devices_;
  targets targets_;
};

}  // namespace reference
