// SPDX-License-Identifier: MIT
// Any text as each value of the vocabulary: what is read is written back, and addresses are those of the C
// library.
#include "fuzz.hpp"

#include <netcon/core/endpoint.hpp>
#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/port.hpp>

#include <arpa/inet.h>

#include <cstring>
#include <string>

using fuzz::check;

namespace {

template <class Value>
void round_trip(std::string_view text) {
  const auto value = Value::parse(text);
  if (!value) {
    const auto where = value.error().where;
    check(where.end <= text.size(), "an error lies in the text");
    return;
  }
  const auto written = to_string(*value);
  check(written.size() <= Value::max_text, "max_text holds every value");
  const auto again = Value::parse(written);
  check(again.has_value() && *again == *value, "parse(to_string(value)) is the value");
  check(to_string(*again) == written, "a value has one text");
}

void against_libc(std::string_view text) {
  const std::string terminated{text};
  if (terminated.find('\0') != terminated.npos) return;
  std::array<unsigned char, 16> bytes{};
  if (const auto v4 = netcon::ipv4_address::parse(text)) {
    check(inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1, "inet_pton reads it too");
    check(std::memcmp(bytes.data(), v4->bytes().data(), 4) == 0, "inet_pton reads the same");
  }
  const auto v6 = netcon::ipv6_address::parse(text);
  const bool libc_v6 = inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1;
  if (v6) {
    check(libc_v6 && std::memcmp(bytes.data(), v6->bytes().data(), 16) == 0, "inet_pton reads the same");
    const auto written = to_string(*v6);
    check(inet_pton(AF_INET6, written.c_str(), bytes.data()) == 1 &&
              std::memcmp(bytes.data(), v6->bytes().data(), 16) == 0,
          "inet_pton reads what is written");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  round_trip<netcon::ipv4_address>(text);
  round_trip<netcon::ipv6_address>(text);
  round_trip<netcon::ip_address>(text);
  round_trip<netcon::mac_address>(text);
  round_trip<netcon::port>(text);
  round_trip<netcon::interface_name>(text);
  round_trip<netcon::endpoint>(text);
  round_trip<netcon::kernel_version>(text);
  against_libc(text);
  return 0;
}
