// SPDX-License-Identifier: MIT
#include "output/configfs_json.hpp"

#include <netcon/core/number.hpp>

#include <algorithm>
#include <optional>

namespace tool {
namespace {

namespace cfs = netcon::configfs;
using nlohmann::json;
using nlohmann::ordered_json;

bool is_utf8(std::string_view bytes) {
  try {
    (void)json(bytes).dump();
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

std::optional<std::string> bytes_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_object() || !value.contains("hex") || !value["hex"].is_string()) return std::nullopt;
  const auto hex = value["hex"].get<std::string>();
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = netcon::parse_hex_digit(hex[i]), low = netcon::parse_hex_digit(hex[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
  }
  return bytes;
}

// Each reads one member, if it is there; false means that it is not of its form.
bool read_flag(const json& from, bool& to) {
  if (from.is_boolean()) to = from.get<bool>();
  return from.is_boolean();
}

bool read_port(const json& from, netcon::port& to) {
  if (!from.is_number_unsigned() || from.get<std::uint64_t>() > 0xffff) return false;
  to = netcon::port{from.get<std::uint16_t>()};
  return true;
}

template <class T>
bool read_text(const json& from, T& to) {
  if (!from.is_string()) return false;
  const auto parsed = T::parse(from.get<std::string>());
  if (parsed) to = *parsed;
  return parsed.has_value();
}

template <class T>
bool read_optional(const json& from, std::optional<T>& to) {
  if (from.is_null()) {
    to.reset();
    return true;
  }
  T value;
  if (!read_text(from, value)) return false;
  to = value;
  return true;
}

bool read_name(const json& from, netcon::interface_name& to) {
  const auto bytes = bytes_of(from);
  if (!bytes || bytes->size() > netcon::interface_name::max_text) return false;
  to = netcon::interface_name::truncated(*bytes);
  return true;
}

bool read_userdata(const json& from, std::vector<cfs::userdata_entry>& to) {
  if (!from.is_array()) return false;
  to.clear();
  for (const auto& each : from) {
    if (!each.is_object() || !each.contains("key")) return false;
    const auto key = bytes_of(each["key"]);
    const auto value = each.contains("value") ? bytes_of(each["value"]) : std::string{};
    if (!key || !value) return false;
    to.push_back({*key, *value});
  }
  return true;
}

// null: not known, as on kernels whose release_enabled shows another switch.
bool read_sysdata(const json& from, cfs::state& to) {
  if (!from.is_object()) return false;
  for (const auto& [name, value] : from.items()) {
    if (name == "release" && value.is_null()) {
      to.unknown.push_back({std::string{cfs::release_switch_path}, {}});
      continue;
    }
    const auto known = std::ranges::find(cfs::sysdata_table, name, &cfs::sysdata_switch::name);
    if (known == cfs::sysdata_table.end() || !read_flag(value, to.sysdata.*known->member)) return false;
  }
  return true;
}

}  // namespace

ordered_json json_of_bytes(std::string_view bytes) {
  if (is_utf8(bytes)) return bytes;
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    (hex += netcon::hex_digit(byte >> 4u)) += netcon::hex_digit(byte);
  }
  return {{"hex", hex}};
}

ordered_json json_of(std::string_view name, const cfs::state& s) {
  const auto& w = s.settings;
  ordered_json out;
  out["name"] = json_of_bytes(name);
  out["enabled"] = s.enabled;
  out["extended"] = w.extended;
  out["release"] = w.release;
  out["dev_name"] = json_of_bytes(w.dev_name.view());
  if (w.dev_mac) out["dev_mac"] = to_string(*w.dev_mac);
  out["local_port"] = w.local_port.value();
  out["local_ip"] = w.local_ip ? ordered_json(to_string(*w.local_ip)) : ordered_json(nullptr);
  out["local_mac"] = to_string(s.local_mac);
  out["remote_port"] = w.remote_port.value();
  out["remote_ip"] = to_string(w.remote_ip);
  out["remote_mac"] = to_string(w.remote_mac);
  out["transmit_errors"] = s.transmit_errors ? ordered_json(*s.transmit_errors) : ordered_json(nullptr);
  out["userdata"] = ordered_json::array();
  for (const auto& [key, value] : s.userdata)
    out["userdata"].push_back({{"key", json_of_bytes(key)}, {"value", json_of_bytes(value)}});
  for (const auto& one : cfs::sysdata_table) out["sysdata"][std::string{one.name}] = s.sysdata.*one.member;
  if (cfs::is_release_switch_unknown(s)) out["sysdata"]["release"] = nullptr;
  out["unknown"] = ordered_json::array();
  for (const auto& file : s.unknown)
    out["unknown"].push_back({{"path", json_of_bytes(file.path)}, {"content", json_of_bytes(file.content)}});
  return out;
}

ordered_json json_of(const netcon::doctor::boot_target& hidden) {
  auto out = json_of(hidden.name, {.settings = hidden.wanted});
  // What only a directory says.
  for (const auto* member : {"enabled", "local_mac", "transmit_errors", "userdata", "sysdata", "unknown"})
    out.erase(member);
  if (!hidden.is_form_known) out.erase("extended");
  out["hidden"] = true;
  if (!hidden.place.empty()) out["place"] = json_of_bytes(hidden.place);
  return out;
}

ordered_json json_of(const cfs::plan& p) {
  ordered_json out;
  out["name"] = json_of_bytes(p.name);
  out["kernel"] = to_string(p.kernel.version());
  out["steps"] = ordered_json::array();
  for (const auto& step : p.steps) {
    ordered_json one{{"operation", name(step.what)}, {"path", json_of_bytes(step.path)}};
    if (step.what == cfs::operation::write) one["data"] = json_of_bytes(step.data);
    out["steps"].push_back(std::move(one));
  }
  return out;
}

std::expected<cfs::state, std::string> state_of(const json& from) {
  if (!from.is_object())
    return std::unexpected{"a state is a JSON object, as 'netcon configfs show --json' prints it"};
  cfs::state s;
  auto& w = s.settings;
  for (const auto& [name, value] : from.items()) {
    const bool good = name == "enabled"       ? read_flag(value, s.enabled)
                      : name == "extended"    ? read_flag(value, w.extended)
                      : name == "release"     ? read_flag(value, w.release)
                      : name == "dev_name"    ? read_name(value, w.dev_name)
                      : name == "dev_mac"     ? read_optional(value, w.dev_mac)
                      : name == "local_port"  ? read_port(value, w.local_port)
                      : name == "local_ip"    ? read_optional(value, w.local_ip)
                      : name == "remote_port" ? read_port(value, w.remote_port)
                      : name == "remote_ip"   ? read_text(value, w.remote_ip)
                      : name == "remote_mac"  ? read_text(value, w.remote_mac)
                      : name == "userdata"    ? read_userdata(value, s.userdata)
                      : name == "sysdata"
                          ? read_sysdata(value, s)
                          // What only the kernel says, and the name, are no wish.
                          : name == "name" || name == "local_mac" || name == "transmit_errors" ||
                                name == "unknown" || name == "hidden" || name == "place";
    if (!good) return std::unexpected{"'" + name + "' is not a member of a state, or not of its form"};
  }
  if (w.dev_mac) w.dev_name = {};
  return s;
}

}  // namespace tool
