// SPDX-License-Identifier: MIT
// Trees of targets, real or modelled: read a target, carry out a step, explain in words what went wrong.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/plan_error.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/detail/digits.hpp>

#include <concepts>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// File operations under a netconsole directory; errors are the kernel's errno. entries() lists userdata in
/// the order it was made, as configfs does.
template <class T>
concept tree = requires(T& t, const T& c, std::string_view text) {
  { t.mkdir(text) } -> std::same_as<result<void>>;
  { t.rmdir(text) } -> std::same_as<result<void>>;
  { t.write(text, text) } -> std::same_as<result<std::size_t>>;
  { c.read(text) } -> std::same_as<result<std::string>>;
  { c.entries(text) } -> std::same_as<result<std::vector<std::string>>>;
};

/// A file that could not be read (the errno), or whose content is nothing that a kernel shows
/// (std::errc::bad_message).
struct [[nodiscard]] read_error {
  std::string file;      ///< relative to the netconsole directory
  std::error_code code;  ///< of the system category, or std::errc::bad_message
};

namespace internal {

using netcon::detail::read_decimal;

/// One line into the field that it shows; false when it is not of the kernel's form.
inline bool read_into(state& s, attribute what, std::string_view text, const kernel_profile& kernel) {
  const auto flag = [text](bool& to) {
    to = text == "1";
    return text == "0" || text == "1";
  };
  const auto assign = [](auto& to, const auto& parsed) {
    if (parsed) to = *parsed;
    return parsed.has_value();
  };
  switch (what) {
    case attribute::enabled:
      return flag(s.enabled);
    case attribute::extended:
      return flag(s.settings.extended);
    case attribute::release:
      return flag(s.settings.release);
    case attribute::dev_name:
      s.settings.dev_name = interface_name::truncated(text);
      return text.size() <= interface_name::max_text;
    case attribute::local_port:
      return assign(s.settings.local_port, port::parse(text));
    case attribute::remote_port:
      return assign(s.settings.remote_port, port::parse(text));
    case attribute::local_ip: {
      if (text.empty()) return true;
      const auto address = ip_address::parse(text);
      const bool counts =
          address && (kernel.supports(feature::per_address_family) || !address->is_unspecified());
      if (counts) s.settings.local_ip = *address;
      return address.has_value();
    }
    case attribute::remote_ip:
      return text.empty() || assign(s.settings.remote_ip, ip_address::parse(text));
    case attribute::local_mac:
      return assign(s.local_mac, mac_address::parse(text));
    case attribute::remote_mac:
      return assign(s.settings.remote_mac, mac_address::parse(text));
    case attribute::transmit_errors: {
      std::uint64_t count = 0;
      const bool good = read_decimal(text, count) == netcon::detail::number_state::ok;
      s.transmit_errors = count;
      return good;
    }
    case attribute::cpu_nr_enabled:
      return flag(s.sysdata.cpu_nr);
    case attribute::taskname_enabled:
      return flag(s.sysdata.taskname);
    case attribute::release_enabled:
      return flag(s.sysdata.release);
    case attribute::msgid_enabled:
      return flag(s.sysdata.msgid);
    case attribute::value:
      break;
  }
  return false;
}

inline const attribute_description* find_row(std::string_view name, folder where) noexcept {
  for (const auto& file : attribute_table)
    if (file.where == where && file.name == name) return &file;
  return nullptr;
}

template <tree T>
class state_reader {
 public:
  state_reader(const T& from, std::string_view name, const kernel_profile& kernel)
      : from_{from}, target_{name}, kernel_{kernel} {}

  std::expected<state, read_error> run() {
    const auto files = from_.entries(target_);
    if (!files) return failed(target_, files.error());
    for (const auto& file : *files) {
      const auto done = file == "userdata" ? read_userdata() : read_file(file, file, folder::target);
      if (!done) return std::unexpected{done.error()};
    }
    return std::move(result_);
  }

 private:
  using step_done = std::expected<void, read_error>;

  static std::unexpected<read_error> failed(std::string file, std::error_code code) {
    return std::unexpected{read_error{std::move(file), code}};
  }

  step_done read_file(const std::string& path, std::string_view name, folder where) {
    const auto full = target_ + '/' + path;
    auto content = from_.read(full);
    if (!content) return failed(full, content.error());
    const auto* known = find_row(name, where);
    const bool is_readable = known && !(known->what == attribute::release_enabled &&
                                        !kernel_.supports(feature::release_enabled_shown));
    if (!is_readable) {
      result_.unknown.push_back({path, std::move(*content)});
      return {};
    }
    std::string_view line = *content;
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (!read_into(result_, known->what, line, kernel_))
      return failed(full, make_error_code(std::errc::bad_message));
    return {};
  }

  // A key is a directory, a switch a file; only reading distinguishes them.
  step_done read_userdata() {
    const auto names = from_.entries(target_ + "/userdata");
    if (!names) return failed(target_ + "/userdata", names.error());
    for (const auto& name : *names) {
      const auto path = "userdata/" + name;
      const auto inside = from_.entries(target_ + '/' + path);
      if (!inside) {
        if (number_of(inside.error()) != linux_errno::enotdir)
          return failed(target_ + '/' + path, inside.error());
        if (auto read = read_file(path, name, folder::userdata); !read) return read;
        continue;
      }
      for (const auto& file : *inside) {
        const auto inner = path + '/' + file;
        if (file != "value") {
          if (auto read = read_file(inner, file, folder::entry); !read) return read;
          continue;
        }
        auto content = from_.read(target_ + '/' + inner);
        if (!content) return failed(target_ + '/' + inner, content.error());
        if (content->ends_with('\n')) content->pop_back();
        result_.userdata.push_back({name, std::move(*content)});
      }
    }
    return {};
  }

  const T& from_;
  std::string target_;
  kernel_profile kernel_;
  state result_{.enabled = false};
};

}  // namespace internal

/// Reads a target whole. The error of the target itself is ENOENT when there is none of that name. A local
/// address of 0.0.0.0 or `::` is none, until 7.4 where an unset one shows as an empty line.
template <tree T>
[[nodiscard]] std::expected<state, read_error> read(const T& from, std::string_view name,
                                                    const kernel_profile& kernel = kernel_profile::latest()) {
  if (!internal::is_directory_name(name))
    return std::unexpected{read_error{std::string{name}, kernel_error(linux_errno::enoent)}};
  return internal::state_reader<T>{from, name, kernel}.run();
}

/// One operation; a write that the kernel takes only in part is EIO.
template <tree T>
[[nodiscard]] std::error_code perform(T& on, const step& step) {
  switch (step.what) {
    case operation::mkdir:
      if (const auto made = on.mkdir(step.path); !made) return made.error();
      return {};
    case operation::rmdir:
      if (const auto gone = on.rmdir(step.path); !gone) return gone.error();
      return {};
    case operation::write: {
      const auto count = on.write(step.path, step.data);
      if (!count) return count.error();
      return *count == step.data.size() ? std::error_code{} : kernel_error(linux_errno::eio);
    }
  }
  return {};
}

namespace internal {

/// Why enabling is EINVAL, from what both files show. An unset address is an empty line from 7.4 on.
inline std::string explain_refused_setup(std::string_view local_ip, std::string_view remote_ip) {
  const auto is_v6 = [](std::string_view text) { return text.find(':') != text.npos; };
  if (remote_ip.empty()) return "no receiver is set, which Linux 7.4 wants: write remote_ip";
  if (!local_ip.empty() && is_v6(local_ip) != is_v6(remote_ip))
    return message(plan_error{plan_problem::family_mismatch});
  if (is_v6(remote_ip)) return message(plan_error{plan_problem::ipv6_unsupported});
  return "the kernel refuses these settings: its log says why";
}

}  // namespace internal

/// The kernel's reason in words, and what to do about it. Reads the tree where one errno has several reasons.
template <tree T>
[[nodiscard]] std::string explain(const T& at, const step& step, const std::error_code& code) {
  const auto slash = step.path.find('/');
  const auto target = step.path.substr(0, slash);
  const auto file = step.path.substr(step.path.rfind('/') + 1);
  const auto shows = [&](std::string_view name) {
    auto text = at.read(target + '/' + std::string{name});
    if (text && text->ends_with('\n')) text->pop_back();
    return text ? *text : std::string{};
  };
  const auto* known = internal::find_row(file, folder::target);
  const bool in_userdata = step.path.starts_with(target + "/userdata/");
  switch (number_of(code)) {
    case linux_errno::einval:
      if (step.what != operation::write) break;
      if (known && !in_userdata && known->locked && shows("enabled") == "1")
        return "target is enabled: disable it to change " + file;
      if (known && !in_userdata && known->what == attribute::enabled) {
        const auto now = shows("enabled");
        const bool wants_on = netcon::detail::read_kernel_bool(step.data, true) == true;
        if (wants_on && now == "1") return "target is enabled already";
        if (wants_on && shows("release") == "1" && shows("extended") == "0")
          return "release needs extended: set extended to 1 or release to 0 first";
        if (!wants_on && now == "0" && netcon::detail::read_kernel_bool(step.data, true))
          return "target is disabled already";
        // A 1 that every kernel reads: its setting up found the mistake.
        if (now == "0" && step.data.substr(0, step.data.find('\n')) == "1")
          return internal::explain_refused_setup(shows("local_ip"), shows("remote_ip"));
      }
      if (file == "local_ip" || file == "remote_ip")
        return shows(file).find(':') != std::string::npos && step.data.find(':') == std::string::npos
                   ? "not taken as an address: up to Linux 6.17 a target that is IPv6 stays so until rmdir"
                   : "not an address that this kernel reads; read the file: it may have changed all the same";
      return "the kernel does not read this as a value of " + file;
    case linux_errno::erange:
      return "the number is too large for " + file;
    case linux_errno::enametoolong:
      if (step.what == operation::write) return "a device name has at most 15 bytes";
      return in_userdata ? "a userdata key has at most 53 bytes" : "a name has at most 255 bytes";
    case linux_errno::enodev:
      return "there is no interface '" + shows("dev_name") + "': set dev_name, or load its driver first";
    case linux_errno::ebusy:
      return "interface '" + shows("dev_name") + "' belongs to a bridge, bond or team: use that one instead";
    case linux_errno::edestaddrreq:
      return "interface '" + shows("dev_name") + "' has no address of the target's family: set local_ip";
    case linux_errno::enotsupp:
      return "the driver of interface '" + shows("dev_name") + "' does not support netpoll";
    case linux_errno::emsgsize:
    case linux_errno::e2big:
      return "a userdata value has at most 199 bytes, its newline included";
    case linux_errno::enospc:
      return "no userdata entry is left: 256 since Linux 6.19, before 16 together with the sysdata switches";
    case linux_errno::eexist:
      return "it exists already";
    case linux_errno::enoent:
      if (step.what == operation::rmdir) return "it does not exist";
      return slash == std::string::npos ? "the netconsole directory does not exist"
                                        : "it does not exist, or this kernel has no such file";
    case linux_errno::enotempty:
      return "its userdata still has entries: remove them first";
    case linux_errno::eperm:
      return step.what == operation::mkdir ? "only targets and userdata keys can be made"
                                           : "the kernel made it and keeps it";
    case linux_errno::eacces:
      return "the file is read-only, or root is needed";
    case linux_errno::eisdir:
      return "it is a directory";
    case linux_errno::enotdir:
      return "it is a file";
    case linux_errno::efault:
      return "an empty write: the kernel wants at least one byte";
    case linux_errno::erofs:
      return "configfs is mounted read-only";
    default:
      break;
  }
  return describe(code);
}

}  // namespace netcon::inline v0_1::configfs
