#!/bin/sh
# SPDX-License-Identifier: MIT
# netcon listen for a while with good and bad outputs at once, under SIGHUP and with a name server that never answers.
# tests/fleet/reliability.py says which outputs, checks the account of each, and prints it as a table. By hand, as root:
# the name server and a full disk are made in a mount namespace of its own.
#   NETCON_TOOL   the tool, otherwise that of build/dev
# Exit code 77 and the reason where something is missing.
# Usage: sh tests/fleet/reliability.sh [SECONDS [RECORDS-PER-SECOND]]
set -eu
cd "$(dirname "$0")/../.."

skip() {
  echo "SKIP: reliability: $1"
  exit 77
}

NETCON_TOOL=${NETCON_TOOL:-$PWD/build/dev/examples/netcon/netcon}
export NETCON_TOOL
[ -x "$NETCON_TOOL" ] || skip "no netcon at $NETCON_TOOL"
command -v python3 >/dev/null || skip "needs python3"
[ "$(id -u)" = 0 ] || skip "needs root"
unshare --mount true 2>/dev/null || skip "no namespaces can be made here"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016  # expanded by the inner shell
unshare --mount --propagation private sh -euc '
  work=$1
  printf "nameserver 127.0.0.53\noptions timeout:2 attempts:2\n" >"$work/resolv.conf"
  echo "hosts: files dns" >"$work/nsswitch.conf"
  mount --bind "$work/resolv.conf" /etc/resolv.conf
  mount --bind "$work/nsswitch.conf" /etc/nsswitch.conf
  mkdir "$work/full"
  mount -t tmpfs -o size=64m tmpfs "$work/full"
  exec python3 tests/fleet/reliability.py "$@"
' sh "$work" "${1:-600}" "${2:-2000}"
