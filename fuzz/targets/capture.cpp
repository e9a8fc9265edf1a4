// Any bytes as a capture file: pcap, pcapng or JSON lines to the tool's reader, which has libpcap, and to
// Python's, which has not. Where both read all of it, they read the same.
#include "fuzz.hpp"

#include "input/capture.hpp"
#include "capture_file.hpp"
#include "input/ip_packet.hpp"

#include <netcon/wire/decode.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

using fuzz::check;

namespace {

/// The payloads; nothing where the file cannot be read to its end.
std::optional<std::vector<std::string>> read_without_libpcap(const std::string& path) {
  binding::capture_file capture{binding::file_handle{std::fopen(path.c_str(), "rbe")}};
  tool::ip_reader reader;
  std::vector<std::string> payloads;
  bool known = true;
  while (const auto frame = capture.next()) {
    known = known && tool::is_known_link_type(frame->link_type);
    if (const auto packet = tool::find_network_header(frame->link_type, frame->bytes))
      if (auto datagram = reader.read(*packet)) payloads.push_back(std::move(datagram->payload));
  }
  check(!capture.next(), "the end is the end");
  if (!known || !capture.problem().empty()) return std::nullopt;
  return payloads;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("capture", 0);
  check(file >= 0 && write(file, data, size) == static_cast<ssize_t>(size), "a file in memory");
  std::vector<std::string> payloads;
  const auto path = "/proc/self/fd/" + std::to_string(file);
  const auto counts = tool::read_capture(path, [&](const tool::captured_datagram& one) {
    payloads.emplace_back(one.payload);
    (void)netcon::decode(one.payload);
  });
  if (counts) check(counts->datagrams == payloads.size(), "every datagram is handed on");
  if (!counts)
    check(!counts.error().empty() && counts.error().find('\n') == std::string::npos, "an error is one line");
  const auto others = read_without_libpcap(path);
  if (counts && others) check(payloads == *others, "both readers read the same");
  close(file);
  return 0;
}
