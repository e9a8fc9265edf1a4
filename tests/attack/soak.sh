#!/bin/sh
# SPDX-License-Identifier: MIT
# Each attack in turn and then all together, beside twenty honest senders of ten records a second each.
# usage: NETCON_TOOL=netcon NETCON_ATTACKER=attacker sh tests/attack/soak.sh [SECONDS [PACKETS-PER-SECOND]]
# Prints for each: hostile packets and honest records that were sent, honest records that were written, and the account.
set -eu
seconds=${1:-600}
rate=${2:-100000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kinds=$("$NETCON_ATTACKER" 2>&1 | sed -n 's/.*kinds: all //p' || :)
for kind in $kinds all; do
  rm -f "$work/err"
  : >"$work/err"
  "$NETCON_TOOL" listen 127.0.0.1:0 --json --threads 2 >"$work/out" 2>"$work/err" &
  listener=$!
  until port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$work/err") && [ -n "$port" ]; do sleep 0.1; done
  sent=$("$NETCON_ATTACKER" "$port" "$kind" "$rate" "$seconds" 20)
  memory=$(sed -n 's/^VmHWM:[^0-9]*//p' "/proc/$listener/status")
  kill "$listener"
  wait "$listener" || :
  printf '%s: sent %s, honest written %s, at most %s resident\n' "$kind" "$sent" \
    "$(grep -c '"text":"honest ' "$work/out" || :)" "$memory"
  sed -n 's/^netcon: \(received\|in detail\)/  &/p' "$work/err"
done
