// The kinds of files that hold kernel parameters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netcon {

/// How a file holds kernel parameters.
enum class config_format : std::uint8_t {
  cmdline,   // the line that the kernel gets: /proc/cmdline, cmdline.txt, /etc/kernel/cmdline
  modprobe,  // modprobe.d: "options netconsole netconsole=..."
  grub,      // /etc/default/grub: GRUB_CMDLINE_*=... for the shell, then for GRUB
  grub_cfg,  // grub.cfg: "linux ..." commands
  bls,       // Boot Loader Specification, systemd-boot: "options ..."
  extlinux,  // extlinux.conf, syslinux.cfg: "append ..."
};

inline constexpr std::array config_formats{config_format::cmdline, config_format::modprobe,
                                           config_format::grub,    config_format::grub_cfg,
                                           config_format::bls,     config_format::extlinux};

/// The word for it on the command line and in Python.
constexpr std::string_view name(config_format format) noexcept {
  switch (format) {
    case config_format::cmdline:
      return "cmdline";
    case config_format::modprobe:
      return "modprobe";
    case config_format::grub:
      return "grub";
    case config_format::grub_cfg:
      return "grub.cfg";
    case config_format::bls:
      return "bls";
    case config_format::extlinux:
      break;
  }
  return "extlinux";
}

constexpr std::optional<config_format> parse_config_format(std::string_view text) noexcept {
  for (const auto format : config_formats)
    if (name(format) == text) return format;
  return std::nullopt;
}

/// The format that files at this path have by convention, or nothing.
constexpr std::optional<config_format> format_of_path(std::string_view path) noexcept {
  const auto file = path.substr(path.rfind('/') + 1);
  const auto contains = [&](std::string_view part) { return path.find(part) != path.npos; };
  if (contains("modprobe.d/") || file == "modprobe.conf") return config_format::modprobe;
  if (path.ends_with("default/grub") || contains("default/grub.d/")) return config_format::grub;
  if (file == "grub.cfg") return config_format::grub_cfg;
  if (contains("loader/entries/")) return config_format::bls;
  if (file == "extlinux.conf" || file == "syslinux.cfg" || file == "isolinux.cfg")
    return config_format::extlinux;
  if (file == "cmdline" || file == "cmdline.txt" || contains("cmdline.d/")) return config_format::cmdline;
  return std::nullopt;
}

}  // namespace netcon
