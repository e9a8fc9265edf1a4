// SPDX-License-Identifier: MIT
// One target as a kernel keeps it: its files, writes, binding and release. Linux, netconsole.c and netpoll.c.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/model/address_model.hpp>
#include <netcon/configfs/model/interface.hpp>
#include <netcon/configfs/model/kernel_log.hpp>
#include <netcon/configfs/model/value_reader.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/parameter/target.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// Whether a target sends. The file enabled shows 1 for enabled only.
enum class target_state : std::uint8_t {
  disabled,     ///< sends nothing; its settings can be changed
  enabled,      ///< bound to its interface
  deactivated,  ///< its interface is gone, and it resumes when that returns (7.0+)
};

/// What a target is in while an operation goes on.
struct surroundings {
  std::string_view target_name;     ///< for messages
  std::span<interface> interfaces;  ///< of the machine; enabling may bring one up
  kernel_log& log;                  ///< takes what the kernel would print
};

/// One target: what its files show, and what a write does. It knows no names and no other target.
class target_model {
 public:
  /// A userdata entry as it is stored.
  struct entry {
    std::string key,  ///< name of its directory
        value;        ///< without its final newline
  };

  /// Disabled, with the defaults.
  explicit target_model(const kernel_profile& kernel)
      : kernel_{kernel},
        extended_{kernel.supports(feature::extended_by_default)},
        release_{kernel.supports(feature::release_by_default)},
        addresses_{kernel} {}

  /// As the parameter makes it, not yet set up.
  target_model(const kernel_profile& kernel, const settings& from) : target_model{kernel} {
    extended_ = from.extended;
    release_ = from.release;
    local_port_ = from.local_port.value();
    remote_port_ = from.remote_port.value();
    addresses_ = {kernel, from};
    remote_mac_ = from.remote_mac;
    dev_name_ = from.dev_name.view();
    dev_mac_ = from.dev_mac.value_or(mac_address{});
  }

  [[nodiscard]] target_state state() const noexcept { return state_; }   ///< whether it sends
  [[nodiscard]] bool is_extended() const noexcept { return extended_; }  ///< whether packets have a header
  /// In the order made.
  [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
  /// What extended targets send after the body: ` KEY=VALUE\n` of each entry with a value.
  [[nodiscard]] const std::string& published() const noexcept { return published_; }
  /// Whether it holds that interface: enabled, or after a failed setup (feature::clean_setup_failure).
  [[nodiscard]] bool is_bound_to(std::string_view name) const noexcept { return bound_ && *bound_ == name; }

  /// A file of the target's directory or of userdata/, with its newline.
  [[nodiscard]] std::string show(attribute what, std::span<const interface> interfaces) const {
    const auto digit = [](bool on) { return std::string{on ? "1\n" : "0\n"}; };
    switch (what) {
      case attribute::enabled:
        return digit(state_ == target_state::enabled);
      case attribute::extended:
        return digit(extended_);
      case attribute::release:
        return digit(release_);
      case attribute::dev_name:
        return dev_name_ + '\n';
      case attribute::local_port:
        return to_string(port{local_port_}) + '\n';
      case attribute::remote_port:
        return to_string(port{remote_port_}) + '\n';
      case attribute::local_ip:
        return addresses_.show_local();
      case attribute::remote_ip:
        return addresses_.show_remote();
      case attribute::local_mac: {
        const auto* device = find(interfaces, bound_);
        return to_string(device ? device->mac : mac_address::broadcast()) + '\n';
      }
      case attribute::remote_mac:
        return to_string(remote_mac_) + '\n';
      case attribute::transmit_errors:
        return "0\n";
      case attribute::release_enabled:
        if (!kernel_.supports(feature::release_enabled_shown)) what = attribute::taskname_enabled;
        [[fallthrough]];
      case attribute::cpu_nr_enabled:
      case attribute::taskname_enabled:
      case attribute::msgid_enabled:
        return digit((sysdata_ & sysdata_bit(what)) != 0);
      case attribute::value:
        break;
    }
    return {};
  }

  /// One write(2) of 1 to 4095 bytes: the kernel's count or errno. Failed ones may have changed the target.
  result<std::size_t> store(attribute what, std::string_view bytes, const surroundings& around) {
    const auto text = detail::until_nul(bytes);
    if (const auto code = store_text(what, text, bytes, around); code != no_error) return refuse(code);
    return kernel_.supports(feature::full_write_count) ? bytes.size() : text.size();
  }

  /// One write(2) to the value of an entry, as store(). EMSGSIZE, E2BIG. Precondition: it exists.
  result<std::size_t> store_value(std::size_t index, std::string_view bytes) {
    const std::size_t most = kernel_.supports(feature::checked_userdata_value) ? 199 : 200;
    if (bytes.size() > most) return refuse(linux_errno::emsgsize);
    const auto text = detail::until_nul(bytes);
    auto& value = entries_[index].value;
    value = text.substr(0, max_userdata_value);
    if (text.size() > max_userdata_value)
      return refuse(linux_errno::e2big);  // stored, cut, and not published
    if (value.ends_with('\n')) value.pop_back();
    publish();
    return bytes.size();
  }

  /// A new entry without a value. ENAMETOOLONG, ENOSPC.
  result<void> add_entry(std::string_view key) {
    if (key.size() > max_userdata_key) return refuse(linux_errno::enametoolong);
    if (used_slots() >= max_userdata_entries(kernel_)) return refuse(linux_errno::enospc);
    entries_.push_back({std::string{key}, {}});
    return {};
  }

  /// Precondition: index < entries().size().
  void remove_entry(std::size_t index) {
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
    publish();
  }

  /// 0 or an errno. Brings the interface up, chooses the local address, binds.
  linux_errno enable(const surroundings& around) {
    const auto code = set_up(around);
    if (code == no_error) state_ = target_state::enabled;
    return code;
  }

  /// Stops and releases its interface; from 7.0 on a device that was found by MAC has no name then.
  void disable() {
    state_ = target_state::disabled;
    unbind();
  }

  /// The interface it is bound to goes away.
  void lose_interface() {
    disable();
    if (kernel_.supports(feature::resumable)) state_ = target_state::deactivated;
  }

  /// An interface came or has a new name: a deactivated target that waits for it tries once.
  void resume_on(const interface& device, const surroundings& around) {
    if (state_ != target_state::deactivated) return;
    if (is_bound_by_mac() ? dev_mac_ != device.mac : dev_name_ != device.name) return;
    if (enable(around) == no_error) {
      around.log.put(level::info, "network logging resumed on interface " + dev_name_);
    } else {
      state_ = target_state::disabled;
    }
  }

  /// The interface has another name: a target bound to it shows that one.
  void rename_interface(std::string_view from, std::string_view to) {
    if (!is_bound_to(from)) return;
    bound_ = to;
    dev_name_ = to;
  }

 private:
  static const interface* find(std::span<const interface> interfaces,
                               const std::optional<std::string>& name) {
    const auto at = std::ranges::find_if(interfaces, [&](const auto& i) { return name && i.name == *name; });
    return at == interfaces.end() ? nullptr : &*at;
  }

  static unsigned sysdata_bit(attribute what) noexcept {
    return 1u << (static_cast<unsigned>(what) - static_cast<unsigned>(attribute::cpu_nr_enabled));
  }

  bool is_bound_by_mac() const noexcept { return !dev_mac_.is_multicast() && !dev_mac_.is_zero(); }

  std::size_t used_slots() const noexcept {
    std::size_t used = entries_.size();
    if (!kernel_.supports(feature::separate_sysdata))
      for (unsigned bits = sysdata_; bits != 0; bits &= bits - 1) ++used;
    return used;
  }

  void publish() {
    published_.clear();
    for (const auto& [key, value] : entries_)
      if (!value.empty()) published_.append(" ").append(key).append("=").append(value).append("\n");
  }

  linux_errno store_text(attribute what, std::string_view text, std::string_view bytes,
                         const surroundings& around) {
    // The length is checked before the lock, and counted over the whole write.
    if (what == attribute::dev_name && kernel_.supports(feature::dev_name_length_checked) &&
        bytes.size() - (bytes.ends_with('\n') ? 1 : 0) > interface_name::max_text)
      return linux_errno::enametoolong;
    if (describe(what).locked && state_ == target_state::enabled) {
      around.log.put(level::err, std::string{"target ("}
                                     .append(around.target_name)
                                     .append(") is enabled, disable to update parameters"));
      return linux_errno::einval;
    }
    switch (what) {
      case attribute::enabled:
        return store_enabled(text, around);
      case attribute::extended:
        return values().read_switch(text, extended_);
      case attribute::release:
        return values().read_bool(text, release_);
      case attribute::dev_name:
        dev_name_ = text.substr(0, interface_name::max_text);
        if (dev_name_.ends_with('\n')) dev_name_.pop_back();
        return no_error;
      case attribute::local_port:
        return values().read_port(text, local_port_);
      case attribute::remote_port:
        return values().read_port(text, remote_port_);
      case attribute::local_ip:
        return addresses_.store_local(text, around.log);
      case attribute::remote_ip:
        return addresses_.store_remote(text, around.log);
      case attribute::remote_mac: {
        mac_address mac;
        constexpr auto end = mac_address::max_text;
        if (!detail::read_kernel_mac(text, mac) || (text.size() > end && text[end] != '\n'))
          return linux_errno::einval;
        remote_mac_ = mac;
        return no_error;
      }
      case attribute::cpu_nr_enabled:
      case attribute::taskname_enabled:
      case attribute::release_enabled:
      case attribute::msgid_enabled:
        return store_sysdata(text, sysdata_bit(what));
      case attribute::local_mac:
      case attribute::transmit_errors:
      case attribute::value:
        break;
    }
    return linux_errno::eacces;
  }

  value_reader values() const noexcept { return value_reader{kernel_}; }

  linux_errno store_enabled(std::string_view text, const surroundings& around) {
    bool wanted = false;
    if (const auto code = values().read_switch(text, wanted); code != no_error) return code;
    // Whatever is written, a waiting target waits no longer.
    if (state_ == target_state::deactivated) state_ = target_state::disabled;
    const bool is_enabled = state_ == target_state::enabled;
    if (wanted == is_enabled && (wanted ? kernel_.supports(feature::enable_once) : true)) {
      if (!kernel_.supports(feature::enable_once)) return no_error;
      around.log.put(level::info,
                     wanted ? "network logging has already started" : "network logging has already stopped");
      return linux_errno::einval;
    }
    if (!wanted) {
      disable();
      return no_error;
    }
    if (release_ && !extended_) {
      around.log.put_open(level::err,
                          "Not enabling netconsole. Release feature requires extended log message");
      return linux_errno::einval;
    }
    if (extended_ || kernel_.supports(feature::needed_consoles_only)) around.log.register_console(extended_);
    put_banner(around.log);
    const auto code = enable(around);
    if (code == no_error) around.log.put(level::info, "network logging started");
    return code;
  }

  linux_errno store_sysdata(std::string_view text, unsigned bit) {
    bool on = false;
    if (const auto code = values().read_bool(text, on); code != no_error) return code;
    if (on == ((sysdata_ & bit) != 0)) return no_error;
    if (on && !kernel_.supports(feature::separate_sysdata) && used_slots() >= max_userdata_entries(kernel_))
      return linux_errno::enospc;
    sysdata_ ^= bit;
    return no_error;
  }

  void put_banner(kernel_log& log) const {
    const std::string family = addresses_.is_ipv6() ? " IPv6 address " : " IPv4 address ";
    const auto address = [&](std::string_view side, std::string shown) {
      shown.pop_back();
      log.put_banner(std::string{side}.append(shown.empty() ? " IP unset" : family + shown));
    };
    log.put_banner("local port " + to_string(port{local_port_}));
    address("local", addresses_.show_local());
    if (kernel_.supports(feature::device_by_mac)) {
      log.put_banner("interface name '" + dev_name_ + "'");
      log.put_banner("local ethernet address '" + to_string(dev_mac_) + "'");
    } else {
      log.put_banner("interface '" + dev_name_ + "'");
    }
    log.put_banner("remote port " + to_string(port{remote_port_}));
    address("remote", addresses_.show_remote());
    log.put_banner("remote ethernet address " + to_string(remote_mac_));
  }

  // How messages name the interface that is looked for.
  std::string wanted_device() const {
    if (!dev_name_.empty() || !kernel_.supports(feature::device_by_mac)) return dev_name_;
    auto mac = to_string(dev_mac_);
    if (!kernel_.supports(feature::full_mac_in_messages)) mac.pop_back();
    return mac;
  }

  linux_errno set_up(const surroundings& around) {
    if (const auto code = addresses_.check(); code != no_error) return code;
    const auto at = std::ranges::find_if(around.interfaces, [this](const auto& i) {
      return dev_name_.empty() ? is_bound_by_mac() && i.mac == dev_mac_ : i.name == dev_name_;
    });
    if (at == around.interfaces.end()) {
      around.log.put_setup(level::err, wanted_device() + " doesn't exist, aborting");
      return linux_errno::enodev;
    }
    if (at->master) {
      around.log.put_setup(level::err, wanted_device() + " is a slave device, aborting");
      return linux_errno::ebusy;
    }
    if (!std::exchange(at->up, true)) around.log.put_opening(wanted_device());
    const bool chooses = addresses_.is_local_unset();
    if (chooses) {
      const bool v6 = addresses_.is_ipv6();
      if (const auto code = addresses_.choose_local(*at); code != no_error) {
        if (code == linux_errno::edestaddrreq)
          around.log.put_setup(level::err, std::string{"no "}
                                               .append(v6 ? "IPv6" : "IP")
                                               .append(" address for ")
                                               .append(wanted_device())
                                               .append(", aborting"));
        return code;
      }
      auto chosen = addresses_.show_local();
      chosen.pop_back();
      around.log.put_setup(level::info, std::string{v6 ? "local IPv6 " : "local IP "}.append(chosen));
    }
    if (!at->netpoll) {
      around.log.put_setup(level::err, at->name + " doesn't support polling, aborting");
      if (!kernel_.supports(feature::clean_setup_failure)) {
        bound_ = at->name;
      } else if (chooses) {
        addresses_.clear_local();
      }
      return linux_errno::enotsupp;
    }
    bound_ = at->name;
    dev_name_ = at->name;
    return no_error;
  }

  void unbind() {
    if (bound_ && is_bound_by_mac() && kernel_.supports(feature::resumable)) dev_name_.clear();
    bound_.reset();
  }

  kernel_profile kernel_;
  target_state state_ = target_state::disabled;
  bool extended_, release_;
  std::uint16_t local_port_ = 6665, remote_port_ = 6666;
  address_model addresses_;
  std::string dev_name_ = "eth0";
  mac_address dev_mac_;
  mac_address remote_mac_ = mac_address::broadcast();
  std::optional<std::string> bound_;  // the interface that netpoll holds
  std::vector<entry> entries_;
  unsigned sysdata_ = 0;
  std::string published_;
};

}  // namespace netcon::inline v0_1::configfs
