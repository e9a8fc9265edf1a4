#include "input/capture.hpp"

#include <netcon/core/error_texts.hpp>

#include "input/ip_packet.hpp"

#include <pcap/pcap.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <unistd.h>

namespace tool {
namespace {

using result = std::expected<capture_counts, std::string>;

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using file_handle = std::unique_ptr<std::FILE, close_file>;

struct close_pcap {
  void operator()(pcap_t* capture) const { pcap_close(capture); }
};

/// Seconds before and after 1970, to the year 2255: what a system_clock of nanoseconds holds.
constexpr std::int64_t time_limit = 9'000'000'000;

/// Another descriptor of it, for who closes what was read.
std::FILE* open_stdin() {
  const int copy = ::dup(STDIN_FILENO);
  return copy < 0 ? nullptr : ::fdopen(copy, "rb");
}

std::chrono::system_clock::time_point from_unix(double seconds) {
  return std::chrono::system_clock::time_point{
      std::chrono::round<std::chrono::system_clock::duration>(std::chrono::duration<double>{seconds})};
}

result read_pcap(file_handle file, const std::string& name, const capture_sink& sink) {
  std::array<char, PCAP_ERRBUF_SIZE> problem{};
  std::unique_ptr<pcap_t, close_pcap> capture{
      pcap_fopen_offline_with_tstamp_precision(file.get(), PCAP_TSTAMP_PRECISION_NANO, problem.data())};
  if (!capture)
    return std::unexpected{fmt::format("{}: neither pcap, pcapng nor JSON lines ({})", name, problem.data())};
  [[maybe_unused]] const auto* const closed_by_pcap = file.release();

  // NOLINTNEXTLINE(clang-analyzer-unix.Stream): pcap_close() closes the file.
  const int link_type = pcap_datalink(capture.get());
  if (!is_known_link_type(link_type)) {
    const char* type_name = pcap_datalink_val_to_name(link_type);
    return std::unexpected{fmt::format("{}: link type {} is not one that IP packets are found in", name,
                                       type_name ? type_name : std::to_string(link_type))};
  }

  capture_counts counts;
  ip_reader reader;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  int state = 0;
  const auto damaged = [&](const char* why) {
    return std::unexpected{
        fmt::format("{}: damaged after {} frames: {}", name, counts.datagrams + counts.other_frames, why)};
  };
  while ((state = pcap_next_ex(capture.get(), &header, &bytes)) == 1) {
    if (header->ts.tv_sec < -time_limit || header->ts.tv_sec > time_limit)
      return damaged("the time of the next one is out of range");
    const std::string_view frame{reinterpret_cast<const char*>(bytes), header->caplen};
    const auto packet = find_network_header(link_type, frame);
    const auto datagram = packet ? reader.read(*packet) : std::nullopt;
    if (!datagram) {
      ++counts.other_frames;
      continue;
    }
    ++counts.datagrams;
    if (datagram->cut_short) ++counts.cut_short;
    // tv_usec holds nanoseconds: the precision asked for above.
    const auto since_epoch =
        std::chrono::seconds{header->ts.tv_sec} + std::chrono::nanoseconds{header->ts.tv_usec};
    sink({std::chrono::system_clock::time_point{
              std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)},
          datagram->from, datagram->to, datagram->payload});
  }
  if (state == PCAP_ERROR) return damaged(pcap_geterr(capture.get()));
  return counts;
}

/// One JSON line. The error says what is wrong with it.
std::expected<void, std::string> read_json_line(std::string_view line, const capture_sink& sink) {
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return std::unexpected{"not a JSON object"};
  const auto t = object.find("t"), src = object.find("src"), dport = object.find("dport"),
             payload = object.find("payload_b64");
  const auto end = object.end();
  if (t == end || !t->is_number()) return std::unexpected{"\"t\" is not a number of seconds"};
  if (src == end || !src->is_string()) return std::unexpected{"\"src\" is not an \"ADDRESS:PORT\""};
  if (dport == end || !dport->is_number_unsigned() || dport->get<std::uint64_t>() > 0xffff)
    return std::unexpected{"\"dport\" is not a port number"};
  if (payload == end || !payload->is_string()) return std::unexpected{"\"payload_b64\" is not a string"};

  const auto seconds = t->get<double>();
  if (!(std::abs(seconds) <= static_cast<double>(time_limit)))
    return std::unexpected{"\"t\" is out of range"};
  const auto from = netcon::endpoint::parse(src->get_ref<const std::string&>());
  if (!from) return std::unexpected{fmt::format("\"src\": {}", message(from.error().code))};
  const auto bytes = decode_base64(payload->get_ref<const std::string&>());
  if (!bytes) return std::unexpected{fmt::format("\"payload_b64\": {}", bytes.error())};

  const netcon::port to_port{dport->get<std::uint16_t>()};
  const auto to_address = from->address.is_v6() ? netcon::ip_address{netcon::ipv6_address{}}
                                                : netcon::ip_address{netcon::ipv4_address{}};
  sink({from_unix(seconds), *from, {to_address, to_port}, *bytes});
  return {};
}

result read_json_lines(const file_handle& file, const std::string& name, const capture_sink& sink) {
  capture_counts counts;
  char* buffer = nullptr;
  std::size_t capacity = 0;
  ssize_t length = 0;
  std::size_t number = 0;
  std::string problem;
  while (problem.empty() && (length = ::getline(&buffer, &capacity, file.get())) >= 0) {
    ++number;
    const std::string_view line{buffer, static_cast<std::size_t>(length)};
    if (line.find_first_not_of(" \t\r\n") == line.npos) continue;
    if (const auto done = read_json_line(line, sink); !done)
      problem = fmt::format("{}: line {}: {}", name, number, done.error());
    else
      ++counts.datagrams;
  }
  if (problem.empty() && std::ferror(file.get())) problem = fmt::format("{}: {}", name, std::strerror(errno));
  std::free(buffer);
  if (!problem.empty()) return std::unexpected{std::move(problem)};
  return counts;
}

}  // namespace

std::expected<std::string, std::string> decode_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::unexpected{"base64 comes in groups of four characters"};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == alphabet.npos) return std::unexpected{"not base64"};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>(bits >> held & 0xff));
    }
  }
  return bytes;
}

result read_capture(const std::string& path, const capture_sink& sink) {
  const bool from_stdin = path == "-";
  const std::string name = from_stdin ? "standard input" : path;
  file_handle file{from_stdin ? open_stdin() : std::fopen(path.c_str(), "rb")};
  if (!file) return std::unexpected{fmt::format("{}: {}", name, std::strerror(errno))};
  const int first = std::getc(file.get());
  if (first == EOF) {
    if (std::ferror(file.get())) return std::unexpected{fmt::format("{}: {}", name, std::strerror(errno))};
    return std::unexpected{fmt::format("{}: the file is empty", name)};
  }
  std::ungetc(first, file.get());
  // No pcap begins with a brace: its first byte is part of a magic number.
  return first == '{' ? read_json_lines(file, name, sink) : read_pcap(std::move(file), name, sink);
}

}  // namespace tool
