// SPDX-License-Identifier: MIT
// One target: enabled, its device, source, route, MAC address, form, and what the receiver answered.
#pragma once

#include <netcon/doctor/internal/examination.hpp>
#include <netcon/doctor/internal/repair.hpp>
#include <netcon/doctor/log_meaning.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace netcon::inline v0_1::doctor::internal {

class target_check {
 public:
  /// repair: the command for what is wrong about the target itself.
  target_check(examination& e, const target_facts& target, target_origin origin, std::string repair)
      : e_{e},
        name_{target.name},
        now_{target.state},
        origin_{origin},
        device_name_{target.state.settings.dev_name.view()},
        device_{e.device(device_name_)},
        repair_{std::move(repair)} {}

  void run() {
    if (now_.settings.remote_ip.is_unspecified()) {
      e_.bad(check::target, name_, "it has no receiver: remote_ip is not set",
             "netcon suggest RECEIVER --name " + shell_word(name_) + " --apply");
      return;
    }
    if (origin_ == target_origin::directory) check_enabled();
    // What the parameter leaves to the kernel, it has chosen.
    if (origin_ == target_origin::directory || !device_name_.empty()) check_device();
    check_source();
    check_route();
    check_mac();
    check_format();
    if (now_.transmit_errors && *now_.transmit_errors != 0)
      e_.warn(check::transmit_errors, name_,
              std::to_string(*now_.transmit_errors) +
                  " packets were not sent: no memory, or the device's queue was full",
              {});
    check_contact();
  }

 private:
  void check_enabled() {
    if (now_.enabled)
      return e_.ok(check::enabled, name_,
                   std::string{now_.settings.extended ? "extended" : "basic"} + " records to " +
                       receiver_of(now_.settings));
    auto why = std::string{"it is disabled"};
    if (now_.settings.release && !now_.settings.extended)
      why += ": release is on and extended is off";
    else if (const auto logged = last_stop(); !logged.empty())
      why += ": " + logged;
    e_.bad(check::enabled, name_, std::move(why), repair_);
  }

  /// What the kernel's log last said against this target or its device.
  std::string last_stop() const {
    std::string why;
    if (!e_.known.log) return why;
    for (const auto& text : *e_.known.log) {
      const auto line = explain_log_line(text);
      if (!line) continue;
      const bool is_own = line->subject == device_name_ || line->subject == name_;
      if (is_own && line->severity == severity::bad) why = line->meaning;
      if (line->name == "started") why.clear();
    }
    return printable(why);
  }

  void check_device() {
    if (!e_.known.devices) return e_.unknown(check::device, name_, e_.known.devices.reason());
    const auto shown = printable(device_name_);
    if (device_ == nullptr) {
      const auto evidence = device_name_.empty() ? "it has no device now" : "there is no device " + shown;
      return e_.bad(check::device, name_, evidence, repair_);
    }
    e_.ok(check::device, name_, shown + (device_->kind.empty() ? "" : ", a " + device_->kind));
    if (!device_->master.empty())
      e_.bad(check::master, name_,
             shown + " is a port of " + printable(device_->master.view()) +
                 (device_->master_kind.empty() ? "" : ", a " + device_->master_kind) +
                 ": netconsole sends through that one",
             repair_);
    if (!device_->is_ethernet || device_->is_loopback)
      e_.bad(check::netpoll, name_,
             shown + (device_->is_loopback ? " does not leave this machine"
                                           : " is not an Ethernet device: netconsole cannot send through it"),
             repair_);
    else if (device_->is_wireless)
      e_.warn(check::netpoll, name_, shown + ' ' + std::string{wireless_remark},
              "iw dev " + shell_word(device_name_) + " link  # names what it is connected to");
    if (!device_->is_up)
      e_.bad(check::link, name_, shown + " is down", "ip link set " + shell_word(device_name_) + " up");
    else if (!device_->has_carrier)
      e_.bad(check::link, name_, shown + " has no carrier: the cable, the switch or the other end is off",
             "ip link show " + shell_word(device_name_) + "  # NO-CARRIER is gone once both ends are on");
    else
      e_.ok(check::link, name_, shown + " is up, with carrier");
  }

  void check_source() {
    const auto& s = now_.settings;
    if (!s.local_ip || s.local_ip->is_unspecified() || device_ == nullptr) return;
    const auto text = to_string(*s.local_ip);
    if (has_address(*device_, *s.local_ip)) return e_.ok(check::source, name_, text);
    // As on a machine whose only address is one of lo, with routes that name it.
    if (is_source_there(e_, s) && is_chosen_source(*s.local_ip))
      return e_.ok(check::source, name_, text + ", as the routing tables choose");
    if (is_source_there(e_, s))
      return e_.warn(check::source, name_, text + " is an address of another device of this machine",
                     repair_);
    e_.bad(check::source, name_, text + " is not an address of this machine any more", repair_);
  }

  bool is_chosen_source(const ip_address& source) const {
    const auto* const free = e_.way_to(now_.settings.remote_ip, {});
    return free != nullptr && free->found && free->found->dev_name.view() == device_name_ &&
           free->found->source == source;
  }

  void check_route() {
    const auto& s = now_.settings;
    if (origin_ != target_origin::typed && is_own_address(e_, s.remote_ip))
      return e_.bad(check::route, name_,
                    to_string(s.remote_ip) + " is this machine itself: what netconsole sends leaves it",
                    "netcon suggest RECEIVER --name " + shell_word(name_) + " --apply");
    const auto* const free = e_.way_to(s.remote_ip, {});
    if (free == nullptr) return e_.unknown(check::route, name_, "not looked up");
    const auto* const own = e_.way_to(s.remote_ip, device_name_);
    const auto receiver = to_string(s.remote_ip);
    if (!free->found) {
      if (own != nullptr && own->found) return e_.ok(check::route, name_, describe(*own));
      return e_.warn(check::route, name_, receiver + ": " + free->found.reason(), "ip route get " + receiver);
    }
    if (free->found->dev_name.view() == device_name_) return e_.ok(check::route, name_, describe(*free));
    const auto text = describe(*free) + ", not through " + printable(device_name_);
    if (own != nullptr && own->found) return e_.ok(check::route, name_, describe(*own));
    e_.warn(check::route, name_, "the routing tables lead to " + text, repair_);
  }

  std::string describe(const way_facts& found) const {
    return to_string(now_.settings.remote_ip) + " through " + printable(found.found->dev_name.view()) +
           (found.found->via_gateway ? ", next hop " + to_string(found.found->next_hop) : std::string{});
  }

  void check_mac() {
    const auto& mac = now_.settings.remote_mac;
    const auto* const way = best_way(e_, now_.settings);
    if (way == nullptr || !way->mac)
      return e_.unknown(check::remote_mac, name_,
                        way == nullptr ? "there is no way to ask for the MAC address" : way->mac.reason());
    const auto right = to_string(*way->mac);
    const auto where = to_string(way->found->next_hop);
    if (mac == *way->mac) return e_.ok(check::remote_mac, name_, right + " is that of " + where);
    // Of several routers on one link ("nexthop ... nexthop ..."), the tables may choose another one.
    const auto* const free = e_.way_to(now_.settings.remote_ip, {});
    if (free != nullptr && free->found && free->mac.is(mac) && free->found->dev_name == way->found->dev_name)
      return e_.ok(check::remote_mac, name_,
                   to_string(mac) + " is that of " + to_string(free->found->next_hop));
    if (mac.is_broadcast() && !way->found->via_gateway)
      return e_.warn(check::remote_mac, name_,
                     "every packet is an Ethernet broadcast; " + where + " is at " + right, repair_);
    if (mac.is_broadcast())
      return e_.bad(
          check::remote_mac, name_,
          "an Ethernet broadcast, which the router " + where + " does not forward; it is at " + right,
          repair_);
    e_.bad(check::remote_mac, name_, to_string(mac) + " is not that of " + where + ", which is at " + right,
           repair_);
  }

  void check_format() {
    const auto& s = now_.settings;
    const bool is_syslog = s.remote_port == port{514};
    if (now_.enabled && has_unsent_lines(now_)) {
      auto want = now_;
      want.settings.extended = true;
      const auto plan = configfs::update(name_, now_, want, e_.kernel);
      e_.warn(check::format, name_, "it has userdata or sysdata, which basic records do not carry",
              plan && !is_syslog ? command_of(*plan, e_.known.configfs_root) : std::string{});
    }
    if (!is_syslog) return;
    if (!s.extended)
      return e_.warn(check::format, name_,
                     "port 514 is syslog's: basic records have no <PRI>, the server must take plain text",
                     {});
    auto want = now_;
    want.settings.extended = want.settings.release = false;
    const auto plan = configfs::update(name_, now_, want, e_.kernel);
    e_.warn(check::format, name_, "port 514 is syslog's: a syslog server does not read extended records",
            plan ? command_of(*plan, e_.known.configfs_root) : std::string{});
  }

  void check_contact() {
    const auto receiver = endpoint{now_.settings.remote_ip, now_.settings.remote_port};
    const auto at = std::ranges::find(e_.known.contacts, receiver, &contact_facts::receiver);
    if (at == e_.known.contacts.end()) return;
    const auto shown = to_string(receiver);
    if (!at->came) return e_.unknown(check::receiver, name_, shown + ": " + at->came.reason());
    const auto by = to_string(at->by);
    switch (*at->came) {
      case contact::refused:
        return e_.bad(check::receiver, name_, shown + " refuses (ICMP): nothing listens on the port there",
                      "netcon listen " + to_string(now_.settings.remote_port) + "  # on the receiver");
      case contact::unreachable:
        return e_.bad(check::receiver, name_,
                      at->by.is_unspecified() ? shown + " is unreachable, says a router or this machine"
                      : at->by == receiver.address
                          ? "the receiver " + by + " refuses: \"" + at->said + '"'
                          : by + ", a router on the way to " + shown + ", says \"" + at->said + '"',
                      "ip route get " + to_string(receiver.address));
      case contact::unresolved: {
        const auto* const way = e_.way_to(receiver.address, {});
        const auto hop = way != nullptr && way->found ? to_string(way->found->next_hop) : std::string{};
        return e_.bad(check::receiver, name_,
                      "the next hop on the way to " + to_string(receiver.address) +
                          (hop.empty() ? "" : ", " + hop + ',') +
                          " does not answer: it is off or not connected",
                      "ip neigh show" + (hop.empty() ? hop : " to " + hop));
      }
      case contact::answered:
        return e_.ok(check::receiver, name_, shown + " answered a datagram: something has the port there");
      case contact::silent:
        return e_.unknown(check::receiver, name_,
                          shown + " answered nothing to a datagram, which over UDP proves nothing");
    }
  }

  examination& e_;
  const std::string& name_;
  const configfs::state& now_;
  target_origin origin_;
  std::string_view device_name_;
  const device_facts* device_;
  std::string repair_;
};

}  // namespace netcon::inline v0_1::doctor::internal
