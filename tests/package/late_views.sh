#!/bin/sh
# SPDX-License-Identifier: MIT
# The two mistakes with lifetimes that compile (docs/cpp/rules.md): AddressSanitizer stops a program that makes one.
# Usage: late_views.sh SOURCE_DIRECTORY COMPILER
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/program.cpp" <<'EOF'
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>
#include <netcon/wire/encode.hpp>

#include <cstdlib>

int first_bytes(const std::vector<std::string_view>& late) {
  int sum = 0;
  for (const auto& text : late) sum += text.front();
  return sum;
}

int packets_of_encode() {
  std::vector<std::string_view> late;
  netcon::encode_basic("one line\n", [&](std::string_view packet) { late.push_back(packet); });
  if (first_bytes(late) == 0) return 1;  // basic packets are views of the text: no mistake
  late.clear();
  const auto sent = netcon::encode({.header = "6,1,2,-", .body = "one line\n"}, netcon::kernel_profile::latest(),
                                   [&](std::string_view packet) { late.push_back(packet); });
  return sent ? first_bytes(late) : 1;
}

int datagrams_of_a_batch() {
  using namespace std::chrono_literals;
  auto in = netcon::udp_receiver::bind({netcon::ipv4_address{127, 0, 0, 1}, netcon::port{0}}).value();
  auto out = netcon::udp_sender::connect(in.local().value()).value();
  netcon::datagram_batch batch{1};
  std::vector<std::string_view> late;
  for (int i = 0; i < 2; ++i) {
    if (!out.send("a packet") || in.receive_batch(batch, 30s).value_or(0) != 1) return 1;
    late.push_back(batch.datagrams().front().bytes);
    if (i == 0 && first_bytes(late) == 0) return 1;  // still right here
  }
  return first_bytes(late);
}

int main(int, char** arguments) {
  return std::string_view{arguments[1]} == "encode" ? packets_of_encode() : datagrams_of_a_batch();
}
EOF
echo 'int main() {}' >"$work/empty.cpp"
"$2" -fsanitize=address "$work/empty.cpp" -o "$work/empty" 2>/dev/null || { echo "SKIP: no AddressSanitizer"; exit 77; }
"$2" -std=c++23 -O0 -g -fsanitize=address -fsanitize-address-use-after-scope -I "$1/include" "$work/program.cpp" \
  -o "$work/program"
failed=0
for mistake in encode batch; do
  said=$(ASAN_OPTIONS=detect_stack_use_after_return=1 "$work/program" "$mistake" 2>&1 || :)
  case $said in
    *"ERROR: AddressSanitizer: stack-use-after-"* | *"ERROR: AddressSanitizer: heap-use-after-free"*) ;;
    *) echo "$mistake: not seen: $said"; failed=1 ;;
  esac
done
exit $failed
