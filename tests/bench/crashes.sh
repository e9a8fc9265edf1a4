#!/bin/sh
# SPDX-License-Identifier: MIT
# How fast netcon crashes reads a healthy text log, beside grep -F with one pattern in the same run: sh crashes.sh TOOL [MB]
set -eu
tool=${1:?the netcon to measure, built with -O2}
megabytes=${2:-512}
log=$(mktemp)
trap 'rm -f "$log" "$log.block"' EXIT INT TERM

python3 - "$log.block" <<'PY'
import sys

texts = [
    "usb 1-1: new high-speed USB device number 4 using xhci_hcd",
    "EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.",
    "audit: type=1400 audit(1700000000.123:456): apparmor=\"STATUS\" operation=\"profile_load\"",
    "e1000e 0000:00:1f.6 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx",
    "IPv6: ADDRCONF(NETDEV_CHANGE): wlan0: link becomes ready",
]
with open(sys.argv[1], "w") as out:
    for n in range(12000):
        out.write(f"Nov 28 07:{n // 60 % 60:02d}:{n % 60:02d} web17 kernel: [{n:5d}.{n * 7 % 1000000:06d}] {texts[n % 5]}\n")
PY
size=$(wc -c <"$log.block")
count=$((megabytes * 1000000 / size + 1))
while [ "$count" -gt 0 ]; do
  cat "$log.block"
  count=$((count - 1))
done >"$log"

now() { date +%s.%N; } # at once, unlike an interpreter
measure() {
  name=$1
  shift
  begin=$(now)
  "$@" >/dev/null 2>&1 || true
  end=$(now)
  python3 -c "import sys; b, e, s = map(float, sys.argv[2:]); print(f'{sys.argv[1]:<16} {s / (e - b) / 1e6:8.0f} MB/s')" \
    "$name" "$begin" "$end" "$(wc -c <"$log")"
}
cat "$log" >/dev/null # into the page cache
measure "grep -F" grep -F 'Kernel panic - not syncing' "$log"
measure "netcon crashes" "$tool" crashes "$log"
