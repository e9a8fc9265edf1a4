// SPDX-License-Identifier: MIT
// The format of a file by its path and by what is in it.
#pragma once

#include <netcon/lint/config_format.hpp>
#include <netcon/lint/internal/characters.hpp>

#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1 {

/// Whether these bytes are a text: no NUL byte, and few control bytes.
[[nodiscard]] constexpr bool is_text(std::string_view bytes) noexcept {
  std::size_t odd = 0;
  for (const char c : bytes) {
    if (c == '\0') return false;
    const auto byte = static_cast<unsigned char>(c);
    odd += (byte < 0x20 && !detail::is_blank(c) && c != '\b' && c != '\x1b') || byte == 0x7f ? 1u : 0u;
  }
  return odd <= bytes.size() / 32;
}

namespace detail {

/// What the lines of a text begin with, as far as that tells its format.
struct format_marks {
  bool grub_default = false, menu_entry = false, linux_line = false, options = false, append = false;
  bool label = false, title = false, kernel = false, docker_from = false, docker_run = false;
  bool unit = false, u_boot = false, sysconfig = false, netconsole_setup = false, eeprom = false;
  bool added = false, removed = false, hunk = false, device_tree = false, nix = false, bootconfig = false;
  bool kickstart = false, modprobe = false, not_modprobe = false;
  std::size_t lines = 0;
};

constexpr bool begins_word_in_any_case(std::string_view line, std::string_view word) noexcept {
  if (line.size() <= word.size() || !is_blank(line[word.size()])) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if ((line[i] | 0x20) != word[i]) return false;
  return true;
}

constexpr void mark_line(std::string_view raw, format_marks& m) noexcept {
  auto line = raw;
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  if (line.empty()) return;
  const auto begins = [&](auto... words) { return (line.starts_with(words) || ...); };
  const bool is_indented = line.size() != raw.size();
  m.hunk = m.hunk || (!is_indented && begins("@@ -"));
  m.added = m.added || (!is_indented && begins("+++ "));
  m.removed = m.removed || (!is_indented && begins("--- "));
  if (line.front() == '#') return;
  ++m.lines;
  if (!is_indented) {
    m.grub_default = m.grub_default || begins("GRUB_CMDLINE_", "GRUB_DEFAULT=", "GRUB_TIMEOUT=");
    m.unit = m.unit || begins("[Unit]", "[Service]");
    m.u_boot = m.u_boot || begins("bootargs=", "bootcmd=", "setenv ", "env set ",
                                  "extraargs=", "verbosity=", "optargs=", "cmdline=");
    m.sysconfig = m.sysconfig || begins("SYSLOGADDR=", "SYSLOGMACADDR=");
    m.netconsole_setup = m.netconsole_setup || begins("NETCONSOLE_OPTS=");
    m.eeprom = m.eeprom || begins("BOOT_UART=", "BOOT_ORDER=", "NETCONSOLE=6", "NETCONSOLE=@");
    m.docker_from = m.docker_from || begins("FROM ");
    m.docker_run = m.docker_run || begins("RUN ");
    m.kickstart = m.kickstart || begins("bootloader ", "%post", "%packages");
    m.device_tree = m.device_tree || begins("/dts-v1/", "/ {");
    m.bootconfig = m.bootconfig || begins("kernel {", "kernel.netconsole", "kernel.console");
  }
  m.nix = m.nix || begins("{ config,", "{ pkgs,", "{ lib,", "boot.kernelParams", "boot.extraModprobeConfig");
  m.menu_entry = m.menu_entry || begins("menuentry ", "submenu ");
  const auto word = [&](std::string_view one) { return begins_word_in_any_case(line, one); };
  m.linux_line = m.linux_line || word("linux") || word("efi");
  m.options = m.options || (word("options") && !line.substr(8).starts_with("netconsole"));
  m.append = m.append || word("append");
  m.label = m.label || word("label") || word("default") || word("prompt");
  m.title = m.title || word("title");
  m.kernel = m.kernel || word("kernel");
  bool is_modprobe = false;
  for (const std::string_view one :
       {"options", "alias", "install", "remove", "blacklist", "softdep", "weakdep"})
    is_modprobe = is_modprobe || word(one);
  (is_modprobe ? m.modprobe : m.not_modprobe) = true;
}

/// The format by the text alone; text where nothing tells.
constexpr config_format format_of_content(std::string_view text) noexcept {
  constexpr std::size_t most = 1u << 16;  // what a file is does not show only after that
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto first_line = text.substr(0, text.find('\n'));
  const auto has = [&](std::string_view part) { return first_line.find(part) != first_line.npos; };
  if (text.starts_with("#!ipxe")) return config_format::ipxe;
  if (text.starts_with("# GRUB Environment Block")) return config_format::grubenv;
  if (text.starts_with("#!")) {
    if (text.substr(0, 512).find("exec tail -n +3") != text.npos) return config_format::grub_cfg;
    return has("sh") || has("make") ? config_format::shell : config_format::text;
  }
  auto start = text.find_first_not_of(" \t\r\n");
  if (start != text.npos && text[start] == '<' && start + 1 < text.size() &&
      (is_letter(text[start + 1]) || text[start + 1] == '!' || text.substr(start).starts_with("<?xml")))
    return config_format::markup;

  format_marks m;
  const auto looked_at = text.substr(0, most);
  for (start = 0; start < looked_at.size();) {
    const auto end = find_or_end(looked_at, "\n", start);
    mark_line(looked_at.substr(start, end - start), m);
    start = end + 1;
  }
  if (m.added && m.removed && m.hunk) return config_format::patch;
  if (m.docker_from && m.docker_run) return config_format::shell;
  if (m.kickstart) return config_format::shell;
  if (m.unit) return config_format::systemd;
  if (m.grub_default) return config_format::grub;
  if (m.menu_entry) return config_format::grub_cfg;
  if (m.device_tree) return config_format::source;
  if (m.nix) return config_format::nix;
  if (m.sysconfig) return config_format::sysconfig;
  if (m.netconsole_setup) return config_format::netconsole_setup;
  if (m.eeprom) return config_format::eeprom;
  if (m.append && (m.label || m.kernel || m.linux_line)) return config_format::extlinux;
  if (m.title && m.linux_line && m.options) return config_format::bls;
  if (m.title && m.kernel) return config_format::menu_lst;
  if (m.modprobe && !m.not_modprobe) return config_format::modprobe;
  if (m.bootconfig) return config_format::bootconfig;
  if (m.u_boot) return config_format::u_boot;
  constexpr std::string_view image = "BOOT_IMAGE=";
  if (m.lines == 1 && (text.starts_with(image) || text.starts_with("root=") || text.starts_with("ro root=")))
    return config_format::cmdline;
  return config_format::text;
}

}  // namespace detail

/// The format of a file by its path and by what is in it: a script that is called cmdline is a script.
[[nodiscard]] constexpr config_format recognise(std::string_view path, std::string_view text) noexcept {
  const auto by_path = format_of_path(path);
  if (!by_path) return detail::format_of_content(text);
  const auto by_content = detail::format_of_content(text);
  switch (*by_path) {
    case config_format::cmdline:
    case config_format::cmdline_d:
    case config_format::cmdline_txt:
      return text.starts_with("#!") || by_content == config_format::grub ||
                     by_content == config_format::grub_cfg || by_content == config_format::source
                 ? by_content
                 : *by_path;
    case config_format::document:  // *.txt is anything
    case config_format::shell:
    case config_format::u_boot:
    case config_format::eeprom:
      return by_content == config_format::text || by_content == config_format::cmdline ? *by_path
                                                                                       : by_content;
    default:
      return *by_path;
  }
}

}  // namespace netcon::inline v0_1
