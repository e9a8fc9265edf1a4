// SPDX-License-Identifier: MIT
#include "build.hpp"

#include "findings.hpp"

#include <netcon/configfs/boot.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/parameter/write.hpp>

#include <string>
#include <utility>
#include <vector>

namespace checker {
namespace {

namespace configfs = netcon::configfs;

struct problem {
  std::string field, message;
};

std::string sentence(netcon::text_errc code) {
  return std::string{message(code)}.append(": ").append(hint(code));
}

/// Reads the lines of a form one by one.
class form_reader {
 public:
  netcon::target target;
  configfs::state wanted;
  std::string name = "netcon";
  std::vector<problem> problems;
  bool has_remote = false;

  void read(std::string_view field, std::string_view value) {
    if (field == "extended") {
      target.extended = true;
    } else if (field == "release") {
      target.release = true;
    } else if (field == "local_port") {
      set(field, netcon::port::parse(value), target.local_port);
    } else if (field == "local_ip") {
      set(field, netcon::ip_address::parse(value), target.local_ip);
    } else if (field == "local_device") {
      if (value.find(':') == value.npos) {
        set(field, netcon::interface_name::parse(value), target.local_device);
      } else {
        set(field, netcon::mac_address::parse(value), target.local_device);
      }
    } else if (field == "remote_port") {
      set(field, netcon::port::parse(value), target.remote_port);
    } else if (field == "remote_ip") {
      has_remote = true;
      set(field, netcon::ip_address::parse(value), target.remote_ip);
    } else if (field == "remote_mac") {
      set(field, netcon::mac_address::parse(value), target.remote_mac);
    } else if (field == "name") {
      name = value;
    } else if (field == "userdata") {
      const auto equals = value.find('=');
      if (equals == value.npos) {
        problems.push_back({std::string{field}, "write KEY=VALUE"});
      } else {
        wanted.userdata.push_back(
            {std::string{value.substr(0, equals)}, std::string{value.substr(equals + 1)}});
      }
    }
  }

 private:
  template <class Parsed, class Member>
  void set(std::string_view field, const Parsed& parsed, Member& member) {
    if (parsed) {
      member = *parsed;
    } else {
      problems.push_back({std::string{field}, sentence(parsed.error().code)});
    }
  }
};

std::string_view field_of(netcon::text_errc code) {
  using enum netcon::text_errc;
  switch (code) {
    case extended_unsupported:
      return "extended";
    case release_unsupported:
    case release_without_extended:
      return "release";
    case bad_interface_name:
    case device_mac_unsupported:
    case bad_device_mac:
      return "local_device";
    case family_mismatch:
    case ipv6_needs_source:
      return "local_ip";
    default:
      return "remote_ip";
  }
}

void write_form(json_writer& out, std::string_view key, const configfs::boot_text& text) {
  out.key(key);
  out.begin_object();
  if (text) {
    out.member("text", *text);
  } else {
    out.member("why", text.error());
  }
  out.end_object();
}

void write_forms(json_writer& out, const form_reader& form, const netcon::kernel_profile& kernel) {
  // The boot forms need no steps: they may express a target that configfs cannot make.
  configfs::plan plan{.name = form.name, .kernel = kernel, .before = {}, .after = form.wanted, .steps = {}};
  const auto made = configfs::create(form.name, form.wanted, kernel);
  if (made) plan = *made;
  write_form(out, "cmdline", configfs::to_cmdline(plan));
  write_form(out, "modprobe", configfs::to_modprobe(plan));
  configfs::boot_text shell;
  if (made) {
    shell = configfs::to_shell(*made);
  } else {
    shell = std::unexpected{message(made.error())};
  }
  write_form(out, "shell", shell);
  write_form(out, "systemd", configfs::to_systemd_unit(plan));
}

}  // namespace

void write_build(json_writer& out, std::string_view form, const netcon::kernel_profile& kernel) {
  form_reader read;
  while (!form.empty()) {
    const auto line = form.substr(0, form.find('\n'));
    form.remove_prefix(line.size() == form.size() ? line.size() : line.size() + 1);
    const auto equals = line.find('=');
    if (equals == line.npos || equals + 1 == line.size()) continue;
    read.read(line.substr(0, equals), line.substr(equals + 1));
  }
  if (!read.has_remote)
    read.problems.push_back({"remote_ip", sentence(netcon::text_errc::missing_remote_address)});
  if (!read.wanted.userdata.empty()) read.target.extended = true;
  if (read.problems.empty())
    if (const auto code = check(read.target, kernel))
      read.problems.push_back({std::string{field_of(*code)}, sentence(*code)});

  out.key("problems");
  out.begin_array();
  for (const auto& one : read.problems) {
    out.begin_object();
    out.member("field", one.field);
    out.member("message", one.message);
    out.end_object();
  }
  out.end_array();
  if (!read.problems.empty()) return;

  read.wanted.settings = resolve(read.target, kernel);
  const auto text = to_string(read.target);
  out.member("parameter", text);
  write_findings(out, text, netcon::lint(text, kernel));
  write_forms(out, read, kernel);
}

}  // namespace checker
