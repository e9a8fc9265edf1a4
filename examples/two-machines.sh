#!/bin/sh
# SPDX-License-Identifier: MIT
# Two machines on one: a sender and a receiver in network namespaces. Configures the sender for the receiver, tests the way
# between them, lets the sender crash (the packets of a real kernel that did) and reports the crash. Everything is removed at
# the end. Needs root, and netcon in the path or in NETCON.
# Usage: [NETCON=PROGRAM] sh examples/two-machines.sh
set -eu
capture=$(cd "$(dirname "$0")/.." && pwd)/tests/data/captures/oops_cid.pcap
netcon=${NETCON:-netcon}

[ "$(id -u)" = 0 ] || { echo "two-machines: network namespaces need root" >&2; exit 2; }
command -v "$netcon" >/dev/null || { echo "two-machines: there is no $netcon: install it, or name it in NETCON" >&2; exit 2; }
netcon=$(realpath "$(command -v "$netcon")")

sender=netcon-sender-$$
receiver=netcon-receiver-$$
work=$(mktemp -d)
listener=
clean_up() {
  [ -z "$listener" ] || kill "$listener" 2>/dev/null || :
  ip netns del "$sender" 2>/dev/null || :
  ip netns del "$receiver" 2>/dev/null || :
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

say() { printf '\n== %s\n' "$1"; }

# on MACHINE COMMAND...: shows the command and runs it there.
on() {
  machine=$1 name=$2
  shift 2
  if [ "$machine" = "$sender" ]; then echo "sender$ $name $*"; else echo "receiver$ $name $*"; fi
  [ "$name" != netcon ] || name=$netcon
  ip netns exec "$machine" "$name" "$@"
}

say "Two machines, 10.1.0.2 and 10.1.0.1, with a cable between them"
ip netns add "$sender"
ip netns add "$receiver"
ip -n "$sender" link add eth0 type veth peer name eth0 netns "$receiver"
ip -n "$sender" addr add 10.1.0.2/24 dev eth0
ip -n "$receiver" addr add 10.1.0.1/24 dev eth0
ip -n "$sender" link set eth0 up
ip -n "$receiver" link set eth0 up

say "The receiver listens, and answers tests of the sender"
echo "receiver$ netcon listen --answer --allow 10.1.0.0/24 --to json@kernel.log"
ip netns exec "$receiver" "$netcon" listen 10.1.0.1 --answer --allow 10.1.0.0/24 --to "json@$work/kernel.log" 2>"$work/listen.err" &
listener=$!
tries=0
until grep -q "listening on" "$work/listen.err"; do
  kill -0 "$listener" 2>/dev/null || { cat "$work/listen.err" >&2; exit 1; }
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || { echo "two-machines: the listener says nothing" >&2; exit 1; }
  sleep 0.1
done

say "What the sender needs to send its kernel's log there"
on "$sender" netcon suggest 10.1.0.1

say "Is the way open? Without the kernel, which namespaces share, from a socket"
on "$sender" netcon test --socket 10.1.0.1

say "The sender crashes"
on "$sender" netcon send 10.1.0.1 --replay "$capture" --to-port 6801
kill -TERM "$listener"
wait "$listener" || { cat "$work/listen.err" >&2; exit 1; }
listener=
tail -n 1 "$work/listen.err"

say "What happened"
cd "$work"
on "$receiver" netcon crashes kernel.log
on "$receiver" netcon crashes --show 2 kernel.log
