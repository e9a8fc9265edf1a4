// SPDX-License-Identifier: MIT
// The kinds of files that hold netconsole parameters: one table, from which the formats of the command line,
// the docs and the pre-commit hook follow.
#pragma once

#include <netcon/detail/requires_cpp23.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon::inline v0_1 {

/// How a text holds netconsole parameters.
enum class config_format : std::uint8_t {
  cmdline,           ///< the line that the kernel gets
  cmdline_d,         ///< parts of that line, with comments
  cmdline_txt,       ///< the Raspberry Pi's: only the first line counts
  modprobe,          ///< options and install lines
  modules_load_d,    ///< names of modules: parameters do not count
  grub,              ///< GRUB's defaults: variables of a shell, then words of GRUB
  grub_cfg,          ///< GRUB's script
  grubenv,           ///< GRUB's environment block
  menu_lst,          ///< GRUB Legacy
  bls,               ///< Boot Loader Specification, systemd-boot
  extlinux,          ///< extlinux, syslinux, isolinux, pxelinux
  ipxe,              ///< iPXE script
  u_boot,            ///< environment or script of U-Boot
  bootconfig,        ///< the kernel's boot configuration
  systemd,           ///< unit
  nix,               ///< expression
  sysconfig,         ///< RHEL's service netconsole: fields of its own
  netconsole_setup,  ///< Debian's package netconsole: fields of its own
  eeprom,            ///< the Raspberry Pi's boot loader: fields of its own
  shell,             ///< a ';' outside quotes ends a command
  source,            ///< comments as in C
  markup,            ///< tags and entities
  document,          ///< prose with examples; a '#' may be a prompt
  patch,             ///< lines that are removed do not count
  text,              ///< anything else
  parameters,        ///< one parameter or one command line on each line
};

/// A row of the table of formats.
struct config_kind {
  config_format format;    ///< the key of the row
  std::string_view name;   ///< on the command line, in Python and in the docs
  std::string_view paths;  ///< globs with blanks between them: what a path ends with
  std::string_view reads;  ///< what is read in it
  bool is_boot_config;     ///< whether the pre-commit hook passes it
};

// clang-format off: one row a line.
/// One row for each format, in the order in which paths are compared: the first row that fits counts.
inline constexpr auto config_kinds = std::to_array<config_kind>({
    {config_format::cmdline, "cmdline", "cmdline parmfile *.prm",
     "the whole file as one kernel command line", true},
    {config_format::cmdline_d, "cmdline.d", "cmdline.d/*",
     "each line as a part of one kernel command line; `#` begins a comment line", true},
    {config_format::cmdline_txt, "cmdline.txt", "cmdline.txt",
     "the first line as the kernel command line; parameters on further lines are reported", true},
    {config_format::modprobe, "modprobe", "modprobe.d/* modprobe.conf modprobe.conf.local",
     "`options netconsole` lines, and the commands of `install` lines", true},
    {config_format::modules_load_d, "modules-load.d", "modules-load.d/* etc/modules",
     "names of modules, one a line; parameters are reported", true},
    {config_format::grub, "grub", "default/grub default/grub.d/* sysconfig/grub",
     "`GRUB_CMDLINE_LINUX*` as the shell and then GRUB read them, other variables in them too", true},
    {config_format::grub_cfg, "grub.cfg", "grub.cfg custom.cfg grub.d/*",
     "`linux`, `linuxefi` and `linux16` commands", true},
    {config_format::grubenv, "grubenv", "grubenv", "variables such as `kernelopts`; never fixed: the block has a fixed size", true},
    {config_format::menu_lst, "menu.lst", "menu.lst grub.conf", "`kernel` and `module` commands, `# kopt=`", true},
    {config_format::bls, "bls", "loader/entries/*", "`options` lines", true},
    {config_format::extlinux, "extlinux", "extlinux.conf syslinux.cfg isolinux.cfg pxelinux.cfg/*",
     "`append` lines, in any case", true},
    {config_format::ipxe, "ipxe", "*.ipxe", "`kernel`, `imgargs` and `set` commands", true},
    {config_format::u_boot, "u-boot", "uEnv.txt armbianEnv.txt boot.cmd *.env",
     "`bootargs=`, `setenv`, `extraargs=`; a `;` outside quotes ends a command", true},
    {config_format::bootconfig, "bootconfig", "bootconfig *.bconf",
     "`kernel.netconsole = \"...\"`, also in braces", true},
    {config_format::systemd, "systemd", "*.service *.service.d/*.conf", "commands; `%i` and `$NAME` are not expanded; a `;` ends a command only as a word of its own, or in `sh -c`", true},
    {config_format::nix, "nix", "*.nix", "strings", true},
    {config_format::sysconfig, "sysconfig", "sysconfig/netconsole",
     "the fields of RHEL's service: `SYSLOGADDR`, `SYSLOGPORT`, `SYSLOGMACADDR`, `LOCALPORT`, `DEV`", true},
    {config_format::netconsole_setup, "netconsole-setup", "default/netconsole",
     "`NETCONSOLE_OPTS` of Debian's package `netconsole`", true},
    {config_format::eeprom, "eeprom", "bootconf.txt boot.conf",
     "`NETCONSOLE` of the Raspberry Pi's boot loader", true},
    {config_format::shell, "shell", "*.sh *.bash *.ks Dockerfile Containerfile Makefile *.mk rc.local",
     "values after `netconsole=`; a `;` outside quotes ends a command", false},
    {config_format::source, "source",
     "*.c *.h *.cc *.cpp *.hpp *.dts *.dtsi *.dtso *.go *.rs *.java *.js *.ts *.json5 *.groovy *.tf *.hcl",
     "values after `netconsole=` outside comments", false},
    {config_format::markup, "markup", "*.xml *.html *.htm *.xhtml", "values after `netconsole=` outside tags and comments", false},
    {config_format::document, "document",
     "*.md *.markdown *.rst *.adoc *.asciidoc *.txt *.tex *.org *.wiki *.mediawiki *.[1-9] README*",
     "values after `netconsole=`; without a value it is prose", false},
    {config_format::patch, "patch", "*.patch *.diff", "values after `netconsole=` in lines that are added or kept", false},
    {config_format::text, "text", "", "values after `netconsole=`, up to where the quotes, tags or commands around them end", false},
    {config_format::parameters, "parameters", "", "a parameter or a kernel command line on each line; `#` begins a comment line", false},
});
// clang-format on

/// Every format, in the order of config_kinds.
inline constexpr auto config_formats = [] {
  std::array<config_format, config_kinds.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = config_kinds[i].format;
  return all;
}();

/// The row of a format.
[[nodiscard]] constexpr const config_kind& kind_of(config_format format) noexcept {
  for (const auto& row : config_kinds)
    if (row.format == format) return row;
  return config_kinds.back();
}

/// The word for it on the command line and in Python.
[[nodiscard]] constexpr std::string_view name(config_format format) noexcept {
  return kind_of(format).name;
}

/// The format with that name(); nothing for any other text.
[[nodiscard]] constexpr std::optional<config_format> parse_config_format(std::string_view text) noexcept {
  for (const auto& row : config_kinds)
    if (row.name == text) return row.format;
  return std::nullopt;
}

/// Whether a text fits a glob: '*' is any bytes without '/', [1-9] one digit.
[[nodiscard]] constexpr bool fits_glob(std::string_view text, std::string_view glob) noexcept {
  if (glob.empty()) return text.empty();
  if (glob.front() == '*') {
    for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
      if (fits_glob(text.substr(skipped), glob.substr(1))) return true;
      if (skipped < text.size() && text[skipped] == '/') return false;
    }
    return false;
  }
  if (text.empty()) return false;
  constexpr std::string_view digit = "[1-9]";
  if (glob.starts_with(digit))
    return text.front() >= '1' && text.front() <= '9' && fits_glob(text.substr(1), glob.substr(digit.size()));
  return text.front() == glob.front() && fits_glob(text.substr(1), glob.substr(1));
}

/// Whether a path ends with what one of the globs of a row says, after a '/' or as a whole.
[[nodiscard]] constexpr bool fits_paths(std::string_view path, const config_kind& kind) noexcept {
  for (std::size_t start = 0; start < kind.paths.size();) {
    const auto blank = kind.paths.find(' ', start);
    const auto end = blank == kind.paths.npos ? kind.paths.size() : blank;
    const auto glob = kind.paths.substr(start, end - start);
    std::size_t parts = 1;
    for (const char c : glob) parts += c == '/' ? 1u : 0u;
    auto tail = path.size();
    for (; parts > 0 && tail != path.npos; --parts) tail = tail == 0 ? path.npos : path.rfind('/', tail - 1);
    if (parts == 0 && fits_glob(path.substr(tail == path.npos ? 0 : tail + 1), glob)) return true;
    start = end + 1;
  }
  return false;
}

/// The format that files at this path have by convention, or nothing. The suffixes of templates and copies
/// such as .j2 and .bak do not count. recognise() looks into the file too.
[[nodiscard]] constexpr std::optional<config_format> format_of_path(std::string_view path) noexcept {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view suffix :
         {".j2", ".jinja", ".jinja2", ".erb", ".epp", ".in", ".tmpl", ".tpl", ".template", ".orig", ".bak",
          ".old", ".dist", ".example", ".sample", ".rpmnew", ".rpmsave", ".dpkg-dist", ".dpkg-old"})
      if (path.size() > suffix.size() && path.ends_with(suffix)) {
        path.remove_suffix(suffix.size());
        again = true;
      }
  }
  for (const auto& row : config_kinds)
    if (fits_paths(path, row)) return row.format;
  return std::nullopt;
}

}  // namespace netcon::inline v0_1
