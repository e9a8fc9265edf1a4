// Any bytes as a capture file: pcap, pcapng or JSON lines.
#include "fuzz.hpp"

#include "capture.hpp"

#include <netcon/decode.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <string>

using fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("capture", 0);
  check(file >= 0 && write(file, data, size) == static_cast<ssize_t>(size), "a file in memory");
  std::size_t datagrams = 0, bytes = 0;
  const auto path = "/proc/self/fd/" + std::to_string(file);
  const auto counts = tool::read_capture(path, [&](const tool::captured_datagram& one) {
    ++datagrams;
    for (const char c : one.payload) bytes += static_cast<unsigned char>(c);
    (void)netcon::decode(one.payload);
  });
  if (counts) check(counts->datagrams == datagrams, "every datagram is handed on");
  if (!counts)
    check(!counts.error().empty() && counts.error().find('\n') == std::string::npos, "an error is one line");
  close(file);
  return 0;
}
