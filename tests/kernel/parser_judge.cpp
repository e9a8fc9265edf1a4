// Random parameters for the real module, and its answers against the library's.
//
// parser_judge make SEED COUNT VERSION OPS      writes the operations for the guest
// parser_judge judge VERSION OPS RESULTS        compares; 1 and a line for each difference
//
// What the kernel read is taken from its log (a banner for each target that it parsed, the quoted rest for
// each that it did not), and where it has them from the files of its cmdlineN directories.
#include "../reference/param_strings.hpp"
#include "guest_files.hpp"

#include <netcon/parse.hpp>
#include <netcon/text.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

using netcon::feature;

/// What the kernel's log, or the library, says of one piece of the parameter.
struct reading {
  bool taken = false;
  std::string quoted{};  // of a refused piece
  netcon::settings fields{};
  bool needs_extended = false;  // refused for 'r' without '+'
};

std::vector<guest::op> make(std::uint64_t seed, std::size_t count, const netcon::profile& kernel) {
  reference::param_strings source{seed};
  std::vector<guest::op> ops;
  while (ops.size() < count) {
    auto text = source.parameter();
    // A double quote would be the kernel's own on the way of the parameter to the module.
    if (text.find('"') != text.npos || text.find('\0') != text.npos) continue;
    const auto read = netcon::parse_parameter(text, kernel);
    ops.push_back({"load", text, std::to_string(read ? read->size() : 0)});
  }
  return ops;
}

/// All pieces as the library reads them, up to the one that fails the load.
std::vector<reading> expected_readings(std::string_view text, const netcon::profile& kernel) {
  std::vector<reading> pieces;
  const bool skips = kernel.supports(feature::bad_target_skipped) && kernel.supports(feature::dynamic);
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(';', start), text.size());
    const auto piece = text.substr(start, end - start);
    const auto one = netcon::parse_target(piece, kernel);
    if (one) {
      pieces.push_back({.taken = true, .quoted = {}, .fields = netcon::resolve(*one, kernel)});
    } else {
      const auto [code, where] = one.error();
      pieces.push_back({.quoted = std::string{piece.substr(where.offset, where.length)},
                        .needs_extended = code == netcon::errc::release_without_extended});
      if (!skips) break;
    }
    start = end + 1;
  }
  return pieces;
}

template <class Value>
Value value_of(std::string_view text) {
  return Value::parse(text).value_or(Value{});
}

/// The pieces as the kernel's log tells them.
std::vector<reading> seen_readings(const guest::answer& answer) {
  std::vector<reading> pieces;
  reading banner;
  for (std::string_view line : answer.log) {
    for (const std::string_view prefix : {"netpoll: ", "netconsole: ", "netconsole: "})
      if (line.starts_with(prefix)) line.remove_prefix(prefix.size());
    const auto after = [&line](std::string_view words) -> std::optional<std::string_view> {
      if (!line.starts_with(words)) return std::nullopt;
      return line.substr(words.size());
    };
    const auto inside = [](std::string_view quoted) { return quoted.substr(0, quoted.size() - 1); };
    if (const auto port = after("local port ")) {
      banner = {};
      banner.fields.local_port = value_of<netcon::port>(*port);
    } else if (const auto v4 = after("local IPv4 address ")) {
      banner.fields.local_ip = value_of<netcon::ip_address>(*v4);
    } else if (const auto v6 = after("local IPv6 address ")) {
      banner.fields.local_ip = value_of<netcon::ip_address>(*v6);
    } else if (const auto old_name = after("interface '")) {
      banner.fields.dev_name = netcon::interface_name::truncated(inside(*old_name));
    } else if (const auto name = after("interface name '")) {
      banner.fields.dev_name = netcon::interface_name::truncated(inside(*name));
    } else if (const auto device = after("local ethernet address '")) {
      banner.fields.dev_mac = value_of<netcon::mac_address>(inside(*device));
    } else if (const auto to_port = after("remote port ")) {
      banner.fields.remote_port = value_of<netcon::port>(*to_port);
    } else if (const auto to_v4 = after("remote IPv4 address ")) {
      banner.fields.remote_ip = value_of<netcon::ip_address>(*to_v4);
    } else if (const auto to_v6 = after("remote IPv6 address ")) {
      banner.fields.remote_ip = value_of<netcon::ip_address>(*to_v6);
    } else if (const auto mac = after("remote ethernet address ")) {
      banner.fields.remote_mac = value_of<netcon::mac_address>(*mac);
      banner.taken = true;
      pieces.push_back(banner);
    } else if (const auto rest = after("couldn't parse config at '")) {
      pieces.push_back({.quoted = std::string{rest->substr(0, rest->size() - 2)}});
    } else if (line.starts_with("Netconsole configuration error. Release")) {
      pieces.push_back({.needs_extended = true});
    }
  }
  return pieces;
}

bool same_reading(const reading& expected, const reading& seen) {
  if (expected.taken != seen.taken || expected.needs_extended != seen.needs_extended) return false;
  if (expected.needs_extended) return true;
  if (!expected.taken) return expected.quoted == seen.quoted;
  const auto &want = expected.fields, &got = seen.fields;
  // The banner shows an unset source as zeros, and without a device MAC whatever it likes in its place.
  const auto source = want.local_ip.value_or(
      want.remote_ip.is_v6() ? netcon::ip_address{netcon::ipv6_address{}} : netcon::ip_address{});
  return want.local_port == got.local_port && got.local_ip == source && want.dev_name == got.dev_name &&
         (!want.dev_mac || want.dev_mac == got.dev_mac) && want.remote_port == got.remote_port &&
         want.remote_ip == got.remote_ip && want.remote_mac == got.remote_mac;
}

/// "consoles", the text of /proc/consoles, then for each directory its name and its files.
struct directories {
  std::string consoles;
  std::vector<std::map<std::string, std::string>> targets;
};

directories read_directories(const std::string& out) {
  directories all;
  std::string name;
  for (std::size_t at = 0; at < out.size();) {
    const auto end = std::min(out.find('\n', at), out.size());
    const auto line = out.substr(at, end - at);
    at = end + 1;
    if (line == "consoles") continue;
    if (line == "cmdline" + std::to_string(all.targets.size())) {
      all.targets.emplace_back();
    } else if (all.targets.empty()) {
      all.consoles += line + "\n";
    } else if (const auto equals = line.find('=');
               equals != line.npos && line.substr(0, equals).find(' ') == line.npos &&
               (all.targets.back().empty() || name != "dev_name" || line.substr(0, equals) == "local_port")) {
      name = line.substr(0, equals);
      all.targets.back()[name] = line.substr(equals + 1);
    } else {
      all.targets.back()[name] += "\n" + line;  // a device name may hold a newline
    }
  }
  return all;
}

std::string difference_in_files(const netcon::settings& want, std::map<std::string, std::string> files,
                                const netcon::profile& kernel) {
  const bool enabled = files["enabled"] == "1";
  const auto differs = [&](const std::string& file, const std::string& expected) -> std::string {
    return files[file] == expected ? ""
                                   : fmt::format("{} is \"{}\", not \"{}\"", file,
                                                 guest::visible(files[file]), guest::visible(expected));
  };
  std::string found = differs("extended", want.extended ? "1" : "0");
  if (kernel.supports(feature::release)) found += differs("release", want.release ? "1" : "0");
  if (!want.dev_mac) found += differs("dev_name", std::string{want.dev_name.view()});
  found += differs("local_port", to_string(want.local_port));
  found += differs("remote_port", to_string(want.remote_port));
  found += differs("remote_ip", to_string(want.remote_ip));
  found += differs("remote_mac", to_string(want.remote_mac));
  // Where none is given the kernel picks one, once the target is enabled.
  if (want.local_ip && !want.local_ip->is_unspecified() &&
      (!enabled || kernel.supports(feature::zero_prefixed_source_kept)))
    found += differs("local_ip", to_string(*want.local_ip));
  return found;
}

std::string difference(const std::string& text, const guest::answer& answer, const netcon::profile& kernel) {
  constexpr int no_space = 28, not_permitted = 1;
  const auto read = netcon::parse_parameter(text, kernel);
  if (!read && read.error().code == netcon::errc::parameter_too_long)
    return answer.ret < 0 && answer.error == no_space ? "" : "the kernel takes more than 255 bytes";

  const auto expected = text.empty() ? std::vector<reading>{} : expected_readings(text, kernel);
  const auto seen = seen_readings(answer);
  const bool refused = answer.ret < 0 && answer.error == not_permitted;
  const bool setup_failed = answer.ret < 0 && !refused;
  // Setup that fails ends the load before the later pieces are read.
  if (seen.size() > expected.size() || (seen.size() < expected.size() && !setup_failed))
    return fmt::format("the kernel's log tells of {} pieces, not {}", seen.size(), expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (!same_reading(expected[i], seen[i]))
      return fmt::format("piece {} is {}, the log says {}", i,
                         expected[i].taken ? to_string(netcon::spelled_out(expected[i].fields))
                                           : "refused at \"" + guest::visible(expected[i].quoted) + "\"",
                         seen[i].taken ? to_string(netcon::spelled_out(seen[i].fields))
                                       : "refused at \"" + guest::visible(seen[i].quoted) + "\"");
  if (setup_failed) {
    if (seen.empty() || !seen.back().taken) return fmt::format("errno {} without a target", answer.error);
    return kernel.supports(feature::bad_target_skipped) ? fmt::format("errno {} of the load", answer.error)
                                                        : "";
  }
  if (read.has_value() != (answer.ret == 0))
    return read ? fmt::format("the load is refused with errno {}", answer.error) : "the kernel loads it";
  if (!read) return "";

  const auto all = read_directories(answer.out);
  if (!kernel.supports(feature::boot_targets_in_configfs)) {
    bool extended = false;
    for (const auto& one : *read) extended = extended || netcon::resolve(one.value, kernel).extended;
    return (all.consoles.find("netcon_ext") != std::string::npos) == extended
               ? ""
               : "whether a target is extended";
  }
  if (all.targets.size() != read->size() + 1) return fmt::format("{} directories", all.targets.size());
  for (std::size_t i = 0; i < read->size(); ++i)
    if (auto found = difference_in_files(netcon::resolve((*read)[i].value, kernel), all.targets[i], kernel);
        !found.empty())
      return fmt::format("cmdline{}: {}", i, found);
  auto fresh = all.targets.back();
  return fresh["enabled"] == "0" && fresh["remote_ip"] == "0.0.0.0" && fresh["dev_name"] == "eth0"
             ? ""
             : fmt::format("the kernel kept more than {} targets", read->size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "make" && argc == 6) {
    const auto kernel = netcon::profile::of(netcon::kernel_version::parse(argv[4]).value());
    guest::write_ops(argv[5],
                     make(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10), kernel));
    return 0;
  }
  if (mode != "judge" || argc != 5) {
    fmt::print(stderr, "usage: parser_judge make SEED COUNT VERSION OPS | judge VERSION OPS RESULTS\n");
    return 2;
  }
  const auto kernel = netcon::profile::of(netcon::kernel_version::parse(argv[2]).value());
  const auto ops = guest::read_ops(argv[3]);
  const auto answers = guest::read_answers(argv[4]);
  std::size_t differences = 0, taken = 0;
  for (std::size_t i = 0; i < std::min(ops.size(), answers.size()); ++i) {
    const auto what = difference(ops[i].first, answers[i], kernel);
    taken += answers[i].ret == 0;
    if (!what.empty() && ++differences <= 20) fmt::print("\"{}\": {}\n", guest::visible(ops[i].first), what);
  }
  fmt::print("parser: {} parameters given to the module, {} loaded, {} differences\n", answers.size(), taken,
             differences);
  return differences == 0 && answers.size() == ops.size() && !ops.empty() ? 0 : 1;
}
