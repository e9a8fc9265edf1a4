// One target as a kernel keeps it: what its files show, what a write does to it, how it is bound to an
// interface and released. Linux, netconsole.c and netpoll.c of the profile's version.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/model/address_model.hpp>
#include <netcon/configfs/model/interface.hpp>
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
#include <vector>

namespace netcon::configfs {

/// Deactivated (7.0+): its interface is gone, and it resumes when that returns. Shown as not enabled.
enum class target_state : std::uint8_t { disabled, enabled, deactivated };

class target_model {
 public:
  struct entry {
    std::string key, value;
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

  target_state state() const noexcept { return state_; }
  const std::vector<entry>& entries() const noexcept { return entries_; }
  /// What extended targets send after the body: " KEY=VALUE\n" of each entry with a value.
  const std::string& published() const noexcept { return published_; }
  bool is_bound_to(std::string_view interface_name) const noexcept {
    return bound_ && *bound_ == interface_name;
  }

  /// A file of the target's directory or of userdata/, with its newline.
  std::string show(attribute what, std::span<const interface> interfaces) const {
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

  /// One write(2) of 1 to 4095 bytes. The count that the kernel returns, or its errno; a failed write may
  /// have changed the target all the same, as in the kernel.
  result<std::size_t> store(attribute what, std::string_view bytes, std::span<interface> interfaces) {
    const auto text = detail::until_nul(bytes);
    if (const auto code = store_text(what, text, bytes, interfaces); code != no_error) return refuse(code);
    return kernel_.supports(feature::full_write_count) ? bytes.size() : text.size();
  }

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

  result<void> add_entry(std::string_view key) {
    if (key.size() > max_userdata_key) return refuse(linux_errno::enametoolong);
    if (used_slots() >= max_userdata_entries(kernel_)) return refuse(linux_errno::enospc);
    entries_.push_back({std::string{key}, {}});
    return {};
  }

  void remove_entry(std::size_t index) {
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
    publish();
  }

  /// 0 or an errno. Brings the interface up, chooses the local address, binds.
  linux_errno enable(std::span<interface> interfaces) {
    const auto code = set_up(interfaces);
    if (code == no_error) state_ = target_state::enabled;
    return code;
  }

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
  void resume_on(const interface& device, std::span<interface> interfaces) {
    if (state_ != target_state::deactivated) return;
    if (is_bound_by_mac() ? dev_mac_ != device.mac : dev_name_ != device.name) return;
    if (enable(interfaces) != no_error) state_ = target_state::disabled;
  }

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
                         std::span<interface> interfaces) {
    // The length is checked before the lock, and counted over the whole write.
    if (what == attribute::dev_name && kernel_.supports(feature::dev_name_length_checked) &&
        bytes.size() - (bytes.ends_with('\n') ? 1 : 0) > interface_name::max_text)
      return linux_errno::enametoolong;
    if (describe(what).locked && state_ == target_state::enabled) return linux_errno::einval;
    switch (what) {
      case attribute::enabled:
        return store_enabled(text, interfaces);
      case attribute::extended:
        return store_switch(text, extended_);
      case attribute::release:
        return store_bool(text, release_);
      case attribute::dev_name:
        dev_name_ = text.substr(0, interface_name::max_text);
        if (dev_name_.ends_with('\n')) dev_name_.pop_back();
        return no_error;
      case attribute::local_port:
        return store_port(text, local_port_);
      case attribute::remote_port:
        return store_port(text, remote_port_);
      case attribute::local_ip:
        return addresses_.store_local(text);
      case attribute::remote_ip:
        return addresses_.store_remote(text);
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

  static linux_errno number_errno(detail::number_state read) noexcept {
    switch (read) {
      case detail::number_state::ok:
        return no_error;
      case detail::number_state::overflow:
        return linux_errno::erange;
      case detail::number_state::not_a_number:
        break;
    }
    return linux_errno::einval;
  }

  // Before 3.8: simple_strtol, so no digits at all are 0; whatever is wrong is EINVAL.
  static linux_errno read_old_number(std::string_view text, std::uint64_t most,
                                     std::uint64_t& value) noexcept {
    std::size_t digits = 0;
    while (digits < text.size() && detail::is_digit(text[digits])) ++digits;
    std::uint64_t read = 0;
    if (detail::read_decimal(text.substr(0, digits), read) == detail::number_state::overflow)
      return linux_errno::einval;
    if (digits < text.size() && text[digits] != '\n') return linux_errno::einval;
    if (read > most) return linux_errno::einval;
    value = read;
    return no_error;
  }

  linux_errno store_port(std::string_view text, std::uint16_t& to) const noexcept {
    if (kernel_.supports(feature::strict_numbers)) return number_errno(detail::read_kernel_u16(text, to));
    std::uint64_t read = 0;
    const auto code = read_old_number(text, 0xffff, read);
    if (code == no_error) to = static_cast<std::uint16_t>(read);
    return code;
  }

  linux_errno store_bool(std::string_view text, bool& to) const noexcept {
    const auto read = detail::read_kernel_bool(text, kernel_.supports(feature::wide_kstrtobool));
    if (!read) return linux_errno::einval;
    to = *read;
    return no_error;
  }

  // enabled and extended were integers once.
  linux_errno store_switch(std::string_view text, bool& to) const noexcept {
    if (kernel_.supports(feature::kstrtobool_switches)) return store_bool(text, to);
    int number = 0;
    if (kernel_.supports(feature::strict_numbers)) {
      if (const auto code = number_errno(detail::read_kernel_int(text, number)); code != no_error)
        return code;
      if (number < 0 || number > 1) return linux_errno::einval;
    } else {
      std::uint64_t read = 0;
      if (const auto code = read_old_number(text, 1, read); code != no_error) return code;
      number = static_cast<int>(read);
    }
    to = number != 0;
    return no_error;
  }

  linux_errno store_enabled(std::string_view text, std::span<interface> interfaces) {
    bool wanted = false;
    if (const auto code = store_switch(text, wanted); code != no_error) return code;
    // Whatever is written, a waiting target waits no longer.
    if (state_ == target_state::deactivated) state_ = target_state::disabled;
    const bool is_enabled = state_ == target_state::enabled;
    if (wanted == is_enabled && (wanted ? kernel_.supports(feature::enable_once) : true))
      return kernel_.supports(feature::enable_once) ? linux_errno::einval : no_error;
    if (!wanted) {
      disable();
      return no_error;
    }
    if (release_ && !extended_) return linux_errno::einval;
    return enable(interfaces);
  }

  linux_errno store_sysdata(std::string_view text, unsigned bit) {
    bool on = false;
    if (const auto code = store_bool(text, on); code != no_error) return code;
    if (on == ((sysdata_ & bit) != 0)) return no_error;
    if (on && !kernel_.supports(feature::separate_sysdata) && used_slots() >= max_userdata_entries(kernel_))
      return linux_errno::enospc;
    sysdata_ ^= bit;
    return no_error;
  }

  linux_errno set_up(std::span<interface> interfaces) {
    if (const auto code = addresses_.check(); code != no_error) return code;
    const auto at = std::ranges::find_if(interfaces, [this](const auto& i) {
      return dev_name_.empty() ? is_bound_by_mac() && i.mac == dev_mac_ : i.name == dev_name_;
    });
    if (at == interfaces.end()) return linux_errno::enodev;
    if (at->master) return linux_errno::ebusy;
    at->up = true;
    const bool chooses = addresses_.is_local_unset();
    if (chooses)
      if (const auto code = addresses_.choose_local(*at); code != no_error) return code;
    if (!at->netpoll) {
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

}  // namespace netcon::configfs
