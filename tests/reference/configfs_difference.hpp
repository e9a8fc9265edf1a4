// SPDX-License-Identifier: MIT
// The library's model of the netconsole directory and the reference's, operation by operation.
#pragma once

#include "configfs_reference.hpp"

#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/configfs/tree.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reference {

namespace cfs = netcon::configfs;

template <class Bytes>
std::vector<int> numbers(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

inline device device_of(const cfs::interface& i) {
  device made{.name = i.name,
              .mac = numbers(i.mac.bytes()),
              .up = i.up,
              .master = i.master.value_or(""),
              .bridge = i.bridge};
  for (const auto& ip : i.ipv4) made.v4.push_back(numbers(ip.bytes()));
  for (const auto& ip : i.ipv6) made.v6.push_back(numbers(ip.bytes()));
  return made;
}

inline std::vector<device> devices_of(const std::vector<cfs::interface>& all) {
  std::vector<device> made;
  for (const auto& each : all) made.push_back(device_of(each));
  return made;
}

/// Does everything twice and answers as the library does. What the reference says otherwise stands in
/// difference() from then on. Linux 7.4 and odd paths it does not know.
class compared_tree {
 public:
  compared_tree(const netcon::kernel_profile& kernel, const std::vector<cfs::interface>& interfaces)
      : tree_{kernel, interfaces},
        compares_{kernel.version() < netcon::kernel_version{7, 4, 0}},
        reference_{{kernel.version().version, kernel.version().patchlevel, kernel.version().sublevel},
                   devices_of(interfaces)} {}

  const cfs::memory_tree& library() const { return tree_; }
  const std::string& difference() const { return difference_; }

  cfs::result<void> mkdir(std::string_view path) {
    return compared("mkdir", path, tree_.mkdir(path), &directory::mkdir);
  }
  cfs::result<void> rmdir(std::string_view path) {
    return compared("rmdir", path, tree_.rmdir(path), &directory::rmdir);
  }
  cfs::result<std::size_t> write(std::string_view path, std::string_view bytes) {
    auto answer = tree_.write(path, bytes);
    if (follows(path))
      note("write", path, reply_of(answer), reference_.write(std::string{path}, std::string{bytes}));
    return answer;
  }
  cfs::result<std::string> read(std::string_view path) const {
    auto answer = tree_.read(path);
    if (follows(path)) note("read", path, reply_of(answer), reference_.read(std::string{path}));
    return answer;
  }
  cfs::result<std::vector<std::string>> listdir(std::string_view path) const {
    auto answer = tree_.listdir(path);
    if (follows(path)) note("ls", path, reply_of(answer), reference_.list(std::string{path}));
    return answer;
  }
  cfs::result<std::vector<std::string>> entries(std::string_view path) const { return tree_.entries(path); }

  std::string published_userdata(std::string_view target) const {
    auto text = tree_.published_userdata(target);
    if (compares_) note("userdata", target, {0, 0, text}, {0, 0, reference_.published(std::string{target})});
    return text;
  }

  void register_interface(const cfs::interface& added) {
    (void)tree_.register_interface(added);
    reference_.device_added(device_of(added));
  }
  void see_interface_elsewhere(const cfs::interface& seen) {
    tree_.see_interface_elsewhere(seen);
    reference_.device_added_elsewhere(seen.name);
  }
  void unregister_interface(const std::string& name) {
    (void)tree_.unregister_interface(name);
    reference_.device_removed(name);
  }
  void rename_interface(const std::string& from, const std::string& to) {
    (void)tree_.rename_interface(from, to);
    reference_.device_renamed(from, to);
  }
  void enslave(const std::string& name, const std::string& master) {
    (void)tree_.enslave(name, master);
    reference_.device_enslaved(name, master);
  }
  void release(const std::string& name) {
    (void)tree_.release(name);
    reference_.device_released(name);
  }
  void set_up(const std::string& name, bool up) {
    (void)tree_.set_up(name, up);
    reference_.device_set_up(name, up);
  }
  void remove_addresses(const std::string& name) {
    (void)tree_.set_addresses(name, {}, {});
    reference_.device_addressed(name, {}, {});
  }

 private:
  bool follows(std::string_view path) const {
    if (!compares_ || path.find('\0') != path.npos) return false;
    if (path.empty()) return true;
    const auto parts = '/' + std::string{path} + '/';
    return parts.find("//") == parts.npos && parts.find("/./") == parts.npos &&
           parts.find("/../") == parts.npos;
  }

  template <class T>
  static reply reply_of(const cfs::result<T>& answer) {
    if (!answer) return {-1, answer.error().value(), {}};
    if constexpr (std::is_same_v<T, std::string>) {
      return {static_cast<long>(answer->size()), 0, *answer};
    } else if constexpr (std::is_same_v<T, std::size_t>) {
      return {static_cast<long>(*answer), 0, {}};
    } else if constexpr (std::is_same_v<T, void>) {
      return {};
    } else {
      reply listed{static_cast<long>(answer->size()), 0, {}};
      for (const auto& name : *answer) listed.out += name + "\n";
      return listed;
    }
  }

  cfs::result<void> compared(const char* what, std::string_view path, cfs::result<void> answer,
                             reply (directory::*same)(const std::string&)) {
    if (follows(path)) note(what, path, reply_of(answer), (reference_.*same)(std::string{path}));
    return answer;
  }

  void note(const char* what, std::string_view path, const reply& got, const reply& expected) const {
    if (got == expected || !difference_.empty()) return;
    const auto text = [](const reply& r) {
      return r.error != 0 ? "errno " + std::to_string(r.error)
                          : std::to_string(r.value) + " \"" + r.out + "\"";
    };
    difference_ = std::string{what} + " " + std::string{path} + ": library " + text(got) + ", reference " +
                  text(expected);
  }

  cfs::memory_tree tree_;
  bool compares_;
  directory reference_;
  mutable std::string difference_{};
};

static_assert(cfs::tree<compared_tree>);

}  // namespace reference
