// Everything there is to say about a parameter: what the kernel refuses, and what it takes but nobody meant.
#pragma once

#include <netcon/core/kernel.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/repair.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/write.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netcon {

namespace detail {

/// Looks at one target of a parameter and appends what it finds.
class target_linter {
 public:
  target_linter(std::string_view text, std::size_t base, const kernel_profile& kernel, std::vector<finding>& found)
      : text_{text}, base_{base}, profile_{kernel}, found_{found}, parsed_{target_parser{text, base, kernel}.run()} {}

  void run() {
    if (!parsed_) refused();
    if (text_.empty()) return;
    split();
    characters();
    flags();
    if (complete_) {
      port_field(local_port_, false);
      address_field(local_ip_, false);
      device_field();
      port_field(remote_port_, true);
      address_field(remote_ip_, true);
      mac_field();
      if (parsed_ && parsed_->local_port == port{6666} && parsed_->remote_port == port{6665})
        add(errc::swapped_ports, severity::note, remote_port_);
    }
    if (!parsed_) shape();
  }

  const std::expected<target, error>& parsed() const { return parsed_; }

 private:
  struct field {
    std::size_t at = 0;
    std::string_view text;
  };

  /// Suggestions for details stand only on a target that the kernel takes; for another one the error has it
  /// all.
  void add(errc code, severity level, std::size_t at, std::size_t length,
           std::optional<std::string> replacement = std::nullopt) {
    const auto where = text_range::between(base_ + at, base_ + at + length);
    finding d{code, level, where, std::nullopt};
    if (replacement && parsed_) d.fix = netcon::fix{where, std::move(*replacement)};
    found_.push_back(std::move(d));
  }
  void add(errc code, severity level, const field& f, std::optional<std::string> replacement = std::nullopt) {
    add(code, level, f.at, f.text.size(), std::move(replacement));
  }
  /// A further field that the kernel would refuse if it came so far.
  void refuse_too(errc code, const field& f) {
    if (!parsed_ && base_ + f.at > parsed_.error().where.begin) add(code, severity::error, f);
  }

  void refused() {
    finding d{parsed_.error().code, severity::error, parsed_.error().where, std::nullopt};
    if (const auto better = repaired(text_, profile_)) {
      const auto same = std::mismatch(text_.begin(), text_.end(), better->begin(), better->end());
      const auto first = static_cast<std::size_t>(same.first - text_.begin());
      std::size_t tail = 0;
      while (tail < text_.size() - first && tail < better->size() - first &&
             text_[text_.size() - 1 - tail] == (*better)[better->size() - 1 - tail])
        ++tail;
      d.fix = netcon::fix{text_range::between(base_ + first, base_ + text_.size() - tail),
                         better->substr(first, better->size() - tail - first)};
    }
    found_.push_back(std::move(d));
  }

  void split() {
    std::size_t at = 0;
    if (profile_.supports(feature::extended) && text_.starts_with('+')) ++at;
    if (profile_.supports(feature::release) && text_.substr(at).starts_with('r')) ++at;
    const std::array fields{&local_port_, &local_ip_, &device_, &remote_port_, &remote_ip_};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto end = text_.find("@/,@/"[i], at);
      if (end == text_.npos) return;
      *fields[i] = {at, text_.substr(at, end - at)};
      at = end + 1;
    }
    mac_ = {at, text_.substr(at)};
    complete_ = true;
  }

  /// Where the text after a complete MAC begins: it is judged as a whole.
  std::size_t tail() const {
    mac_address mac;
    return complete_ && read_kernel_mac(mac_.text, mac) ? mac_.at + mac_address::max_text : text_.size();
  }

  void characters() {
    if (const auto name = text_.find(parameter_name); name != text_.npos) {
      constexpr std::string_view module = "netconsole.";
      const auto first = text_.substr(0, name).ends_with(module) ? name - module.size() : name;
      add(errc::parameter_name_inside, severity::warning, first, name + parameter_name.size() - first);
    }
    for (std::size_t i = 0; i < tail(); ++i) {
      const char c = text_[i];
      const auto quote = typeset_quote(text_.substr(i));
      if (const auto size = std::max(quote, invisible_blank(text_.substr(i))); size != 0) {
        add(quote != 0 ? errc::quote_character : errc::stray_blank, severity::warning, i, size, "");
        i += size - 1;
        continue;
      }
      if (is_quote(c)) add(errc::quote_character, severity::warning, i, 1, "");
      if (c == '\\') add(errc::backslash, severity::warning, i, 1, "");
      if (c == '\n') {
        // In a field that the kernel reads up to the newline nothing after it counts.
        const auto next = std::min(text_.find_first_of("@/", i), text_.size());
        add(errc::stray_newline, severity::warning, i, next - i, "");
        i = next;
      } else if (is_blank(c)) {
        auto end = i;
        while (end < text_.size() && is_blank(text_[end]) && text_[end] != '\n') ++end;
        add(errc::stray_blank, severity::warning, i, end - i, "");
        i = end - 1;
      }
    }
  }

  void flags() {
    if (text_.starts_with('+') && !profile_.supports(feature::extended))
      add(errc::flag_too_old, severity::warning, 0, 1, "");
    const std::size_t at = text_.starts_with('+') ? 1 : 0;
    if (text_.substr(at).starts_with('r') && !profile_.supports(feature::release))
      add(errc::flag_too_old, severity::warning, at, 1, "");
  }

  void port_field(const field& f, bool remote) {
    if (f.text.empty()) return;
    std::uint16_t value = 0;
    const auto state = read_kernel_u16(f.text, value);
    if (state != number_state::ok) {
      if (parsed_) add(errc::misread_port, severity::warning, f);
      refuse_too(state == number_state::overflow ? errc::port_out_of_range : errc::bad_port, f);
      return;
    }
    const auto digits = std::to_string(value);
    if (!profile_.supports(feature::strict_numbers) && f.text.starts_with('+')) {
      if (f.at != 0) add(errc::misread_port, severity::warning, f, digits);
    } else if (f.text.starts_with('+')) {
      add(errc::plus_in_port, severity::warning, f, digits);
    } else if (f.text.starts_with('0') && value != 0) {
      add(errc::leading_zeros, severity::warning, f, digits);
    }
    if (value == 0) add(errc::port_zero, severity::warning, f);
    if (remote && value == 514) {
      add(errc::syslog_port, severity::note, f);
    } else if (remote && value != 0 && value < 1024) {
      add(errc::low_remote_port, severity::note, f);
    }
  }

  void address_field(const field& f, bool remote) {
    if (f.text.empty()) {
      if (remote) refuse_too(errc::missing_remote_address, f);
      return;
    }
    const field line{f.at, f.text.substr(0, f.text.find('\n'))};
    ipv4_address::bytes_type v4{};
    ipv6_address::bytes_type v6{};
    const bool is_v4 = read_kernel_ipv4(line.text, v4) == line.text.size();
    const bool is_v6 = read_kernel_ipv6(line.text, v6) == line.text.size();
    if (!is_v4 && !is_v6) return bad_address(f);
    if (!profile_.supports(feature::strict_addresses) && is_v6) {
      if (parsed_) add(errc::misread_address, severity::warning, f);
      return;
    }
    const ip_address address = is_v4 ? ip_address{ipv4_address{v4}} : ip_address{ipv6_address{v6}};
    const auto is_padded = [&] {
      const std::size_t most = is_v4 ? 1 : 4;
      for (std::size_t start = 0; start <= line.text.size();) {
        const auto end = std::min(line.text.find_first_of(".:", start), line.text.size());
        if (end - start > most && line.text[start] == '0') return true;
        start = end + 1;
      }
      return false;
    };
    if (is_padded()) add(errc::leading_zeros, severity::warning, line, to_string(address));
    if (remote && address.is_unspecified()) add(errc::unspecified_remote, severity::warning, line);
    if (remote && address.is_loopback()) add(errc::loopback_remote, severity::warning, line);
    if (!remote && address.is_unspecified()) {
      if (profile_.supports(feature::per_address_family) || !parsed_ || parsed_->remote_ip.is_v6() != is_v6) {
        add(errc::unspecified_source, severity::warning, line);
      } else {
        add(errc::unspecified_source, severity::warning, line, "");
      }
    }
  }

  void bad_address(const field& f) {
    if (parsed_) {
      add(errc::misread_address, severity::warning, f);
      return;
    }
    const auto text = f.text;
    const bool has_colon = text.find(':') != text.npos;
    refuse_too(has_colon ? errc::bad_ipv6_address : errc::bad_ip_address, f);
    if (text.starts_with('[')) add(errc::bracketed_address, severity::warning, f);
    if (const auto zone = text.find('%'); zone != text.npos)
      add(errc::address_zone, severity::warning, f.at + zone, text.size() - zone);
    const auto is_label = [](char c) {
      return is_digit(c) || c == '-' || c == '.' || c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    };
    const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    if (!has_colon && std::all_of(text.begin(), text.end(), is_label) && is_letter(text.front()) &&
        is_letter(text.back()))
      add(errc::host_name, severity::warning, f);
  }

  void device_field() {
    const auto name = device_.text;
    if (name.empty()) return;
    mac_address mac;
    const bool has_colon = name.find(':') != name.npos;
    if (read_kernel_mac(name, mac)) {
      if (!profile_.supports(feature::device_by_mac)) {
        add(errc::device_mac_too_old, severity::warning, device_);
        return;
      }
      if (name.size() > mac_address::max_text)
        add(errc::text_after_mac, severity::warning, device_.at + mac_address::max_text,
            name.size() - mac_address::max_text, "");
      if (mac.is_zero() || mac.is_multicast()) add(errc::device_never_found, severity::warning, device_);
      return;
    }
    if (has_colon) {
      if (profile_.supports(feature::device_by_mac)) {
        refuse_too(errc::bad_device_mac, device_);
      } else if (name.size() <= interface_name::max_text) {
        const auto colon = name.find(':');
        const bool is_alias =
            interface_name::parse(name.substr(0, colon)) && name.find(':', colon + 1) == name.npos;
        add(is_alias ? errc::device_alias : errc::unusable_name, severity::warning, device_,
            is_alias ? std::optional{std::string{name.substr(0, colon)}} : std::nullopt);
      }
    }
    const auto at_sign = name.find('@');
    const bool has_parent = at_sign != name.npos && at_sign + 1 < name.size() &&
                            !is_digit(name[at_sign + 1]) && interface_name::parse(name.substr(0, at_sign)) &&
                            interface_name::parse(name.substr(at_sign + 1));
    if (has_parent) {
      add(errc::name_with_parent, severity::warning, device_, std::string{name.substr(0, at_sign)});
    } else if (name.size() > interface_name::max_text) {
      add(errc::name_cut, severity::warning, device_);
    } else if (!has_colon && !interface_name::parse(name)) {
      const auto is_wrapping = [](char c) { return is_quote(c) || is_blank(c) || c == '\\'; };
      const auto slash = name.rfind('/') + 1;
      std::uint16_t bits = 0;
      if (std::any_of(name.begin(), name.end(), is_wrapping)) {
        // Said already.
      } else if (slash < 2 || !interface_name::parse(name.substr(slash)) ||
                 read_kernel_u16(name.substr(0, slash - 1), bits) != number_state::ok || bits > 128) {
        const bool has_one_more = slash == 1 && interface_name::parse(name.substr(1));
        add(errc::unusable_name, severity::warning, device_,
            has_one_more ? std::optional{std::string{name.substr(1)}} : std::nullopt);
      } else {
        add(errc::prefix_length, severity::warning, device_.at - 1, slash, "");
      }
    }
    const auto begins = [&](std::string_view prefix, bool digit_follows) {
      return name.starts_with(prefix) &&
             (!digit_follows || (name.size() > prefix.size() && is_digit(name[prefix.size()])));
    };
    if (begins("wl", false) || begins("ath", true) || begins("wifi", true))
      add(errc::wireless_device, severity::warning, device_);
    if (begins("br", true) || begins("br-", false) || begins("virbr", false) || begins("docker", false) ||
        begins("vmbr", true) || begins("bond", true) || begins("team", true))
      add(errc::compound_device, severity::note, device_);
  }

  void mac_field() {
    if (mac_.text.empty()) {
      if (parsed_ && !parsed_->remote_ip.is_loopback()) add(errc::broadcast_mac, severity::note, mac_);
      return;
    }
    mac_address mac;
    if (!read_kernel_mac(mac_.text, mac)) return bad_mac();
    if (mac.is_zero()) add(errc::zero_mac, severity::warning, mac_.at, mac_address::max_text);
    if (mac.is_multicast() && !mac.is_broadcast() && !(parsed_ && parsed_->remote_ip.is_multicast()))
      add(errc::multicast_mac, severity::warning, mac_.at, mac_address::max_text);
    const auto rest = mac_.text.substr(mac_address::max_text);
    if (rest.empty()) return;
    const auto at = mac_.at + mac_address::max_text;
    if (std::all_of(rest.begin(), rest.end(), is_quote)) {
      add(errc::quote_character, severity::warning, at, rest.size(), "");
    } else if (rest.front() == '\n' && std::all_of(rest.begin(), rest.end(), is_blank)) {
      add(errc::stray_newline, severity::warning, at, rest.size(), "");
    } else if (const auto next = rest.find_first_not_of(", |");
               next != 0 && next != rest.npos && target_parser{rest.substr(next), 0, profile_}.run()) {
      add(errc::comma_between_targets, severity::warning, at, next, ";");
    } else {
      add(errc::text_after_mac, severity::warning, at, rest.size(), "");
    }
  }

  void bad_mac() {
    refuse_too(errc::bad_mac_address, mac_);
    const auto text = mac_.text;
    if (respelled_mac(text)) {
      add(errc::mac_spelling, severity::warning, mac_);
    } else if (std::uint16_t bits = 0; read_kernel_u16(text, bits) == number_state::ok && bits <= 128) {
      add(errc::prefix_length, severity::warning, mac_.at - 1, text.size() + 1);
    } else if (text.size() >= mac_address::max_text) {
      // Of the right shape, so that a single byte is to blame.
      std::vector<std::size_t> wrong;
      for (std::size_t i = 0; i < mac_address::max_text; ++i) {
        if (i % 3 == 2 ? text[i] != ':' : text[i] == ':') return;
        if (i % 3 != 2 && hex_value(text[i]) < 0) wrong.push_back(i);
      }
      if (wrong.size() <= 4)
        for (const auto i : wrong) add(errc::not_hexadecimal, severity::warning, mac_.at + i, 1);
    }
  }

  /// What a refused text as a whole looks like.
  void shape() {
    if (!complete_) {
      if (text_.find(',') == text_.npos && text_.find('@') == text_.rfind('@') &&
          text_.find_first_of(".:") != text_.npos)
        add(errc::half_missing, severity::warning, 0, text_.size());
      return;
    }
    const auto source = is_kernel_address(local_ip_.text);
    if (source && remote_ip_.text.empty() && mac_.text.empty() && text_.find('@') != 0)
      add(errc::raspberry_dialect, severity::warning, 0, text_.size());
    mac_address mac;
    if (read_kernel_mac(device_.text, mac) && interface_name::parse(mac_.text) && !respelled_mac(mac_.text))
      add(errc::swapped_halves, severity::warning, 0, text_.size());
  }

  std::string_view text_;
  std::size_t base_;
  const kernel_profile& profile_;
  std::vector<finding>& found_;
  std::expected<target, error> parsed_;
  field local_port_, local_ip_, device_, remote_port_, remote_ip_, mac_;
  bool complete_ = false;
};

inline std::vector<finding> lint_once(std::string_view text, const kernel_profile& kernel) {
  std::vector<finding> found;
  if (const auto end = text.find('\0'); end != text.npos) {
    const auto where = text_range::between(end, text.size());
    found.push_back({errc::nul_byte, severity::warning, where, fix{where, ""}});
    text = text.substr(0, end);
  }
  if (const auto received = as_received(text, kernel); !received) {
    found.push_back({received.error().code, severity::error, received.error().where, std::nullopt});
    // So much has to be written anew: whatever else there is would not help.
    if (text.size() > 4 * max_parameter) return found;
  } else if (received->size() < text.size()) {
    found.push_back(
        {errc::cut_at_limit, severity::warning, text_range::between(received->size(), text.size()), std::nullopt});
    text = *received;
  }

  std::vector<target> earlier;
  constexpr auto none = std::string_view::npos;
  std::size_t refused = none;  // where the findings about the piece before begin, when it was refused
  std::size_t refused_at = 0;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end =
        std::min(kernel.supports(feature::multiple_targets) ? text.find(';', start) : text.npos, text.size());
    const auto piece = text.substr(start, end - start);
    const auto first = found.size();
    target_linter linter{piece, start, kernel, found};
    linter.run();
    if (piece.empty() && !text.empty()) {
      const auto semicolon = start == 0 ? start : start - 1;
      found[first].fix = netcon::fix{text_range::between(semicolon, semicolon + 1), ""};
    }
    if (const auto& one = linter.parsed()) {
      const auto s = resolve(*one, kernel);
      const auto is_same = [&](const target& other) {
        return resolve(other, kernel).remote_ip == s.remote_ip && resolve(other, kernel).remote_port == s.remote_port;
      };
      if (std::any_of(earlier.begin(), earlier.end(), is_same))
        found.push_back({errc::repeated_target, severity::note, text_range::between(start, end), std::nullopt});
      earlier.push_back(*one);
      refused = none;
    } else {
      // Two halves with a ';' between them.
      if (refused != none && !found[refused].fix) {
        std::string whole{text.substr(refused_at, end - refused_at)};
        whole[start - 1 - refused_at] = ',';
        if (target_parser{whole, 0, kernel}.run()) {
          for (auto d = found.begin() + static_cast<std::ptrdiff_t>(first); d != found.end(); ++d)
            d->fix.reset();
          found[refused].fix = netcon::fix{text_range::between(start - 1, start), ","};
        }
      }
      refused = first;
      refused_at = start;
    }
    start = end + 1;
  }
  return found;
}

inline auto count_errors(std::span<const finding> found) {
  return std::ranges::count(found, severity::error, &finding::severity);
}

inline bool has_fix(std::span<const finding> found) {
  return std::any_of(found.begin(), found.end(), [](const auto& d) { return d.fix.has_value(); });
}

}  // namespace detail

/// All findings about a parameter on that kernel, target by target, in each target the error first. There is
/// an error exactly when parse_target refuses one of its targets, or the kernel the whole; the first error
/// has the same code and range. Of more than four times what a module takes nothing else is told. The
/// suggestions go together: carried out, they leave a text for which there are none, and no more errors than
/// before.
inline std::vector<finding> lint(std::string_view text, const kernel_profile& kernel = kernel_profile::latest()) {
  auto found = detail::lint_once(text, kernel);
  if (!detail::has_fix(found)) return found;

  const auto drop_suggestions = [&] {
    for (auto& d : found) d.fix.reset();
  };
  auto better = apply_fixes(text, found);
  auto remaining = detail::lint_once(better, kernel);
  if (detail::count_errors(remaining) > detail::count_errors(found)) {
    drop_suggestions();
    return found;
  }
  if (!detail::has_fix(remaining)) return found;

  // One repair gave way to the next: the first fix then makes all of them.
  for (int round = 0; round < 8 && detail::has_fix(remaining); ++round) {
    better = apply_fixes(better, remaining);
    remaining = detail::lint_once(better, kernel);
  }
  const auto first =
      std::find_if(found.begin(), found.end(), [](const auto& d) { return d.fix.has_value(); });
  drop_suggestions();
  if (!detail::has_fix(remaining) && detail::count_errors(remaining) <= detail::count_errors(found))
    first->fix = netcon::fix{text_range::between(0, text.size()), better};
  return found;
}

}  // namespace netcon
