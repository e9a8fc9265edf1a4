#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows netcon at work: the packets of a real kernel that crashes, sent over UDP on loopback, received, and made a report.
# Installs what is missing (packages of Debian or Ubuntu) and builds the tool first.
# Usage: sh examples/quickstart.sh
set -eu
cd "$(dirname "$0")/.."

sh .ci/install build
echo "== Building the netcon tool into build/quickstart"
cmake -S . -B build/quickstart -G Ninja -DCMAKE_BUILD_TYPE=Release -DNETCON_TESTS=OFF >/dev/null
cmake --build build/quickstart --target netcon_tool
netcon=build/quickstart/examples/netcon/netcon

work=$(mktemp -d)
listener=
clean_up() {
  [ -z "$listener" ] || kill "$listener" 2>/dev/null || :
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

fail() {
  echo "quickstart: $1" >&2
  exit 1
}

# Starts "netcon listen" on a free loopback port, its output into the file given; sets $port.
start_listener() {
  : >"$work/listen.err"
  "$netcon" listen 127.0.0.1:0 --json >"$1" 2>"$work/listen.err" &
  listener=$!
  tries=0
  until port=$(sed -n 's/^netcon: listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/listen.err") && [ -n "$port" ]; do
    kill -0 "$listener" 2>/dev/null || fail "the listener did not start: $(cat "$work/listen.err")"
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "the listener says nothing"
    sleep 0.1
  done
}

# Ends the listener and compares its count with what the senders said in $work/send.err.
stop_listener() {
  kill -TERM "$listener"
  wait "$listener" || fail "the listener failed: $(cat "$work/listen.err")"
  listener=
  sent=$(sed -n 's/^netcon: sent \([0-9]*\) packets, \([0-9]*\) bytes.*/\1 \2/p' "$work/send.err" |
    { packets=0 bytes=0; while read -r p b; do packets=$((packets + p)) bytes=$((bytes + b)); done; echo "$packets packets, $bytes bytes"; })
  summary=$(sed -n 's/^netcon: received //p' "$work/listen.err")
  echo "-- sent $sent; received $summary"
  case "$summary" in
    *" 0 lost,"*) ;;
    *) echo "   (lost: numbers of records that those kernels never sent, such as debug messages)" ;;
  esac
  case "$summary" in
    *" $sent,"*" 0 socket drops"*) ;;
    *) cat "$work/send.err" "$work/listen.err" >&2; fail "something was lost" ;;
  esac
}

send() {
  "$netcon" send "127.0.0.1:$port" "$@" 2>>"$work/send.err" || { cat "$work/send.err" >&2; fail "sending failed"; }
}

address=$(hostname -I 2>/dev/null | cut -d ' ' -f 1) || :
cat <<END

== On real machines
Here, to listen:
  $netcon listen
On a machine of the same network, as root, to send its kernel's log here (eth0: its interface):
  modprobe netconsole netconsole=+@/eth0,6666@${address:-ADDRESS-OF-THIS-MACHINE}/

== A real 6.12 kernel crashes three times; its packets, as captured from the wire, arrive here
END
: >"$work/send.err"
start_listener "$work/kernel.log"
send --replay tests/data/captures/oops_cid.pcap --to-port 6801
stop_listener
echo
echo "$ netcon crashes kernel.log"
"$netcon" crashes "$work/kernel.log"
echo
echo "$ netcon crashes --show 2 kernel.log"
"$netcon" crashes --show 2 "$work/kernel.log"
