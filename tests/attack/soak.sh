#!/bin/sh
# SPDX-License-Identifier: MIT
# Each attack in turn and then all together, beside twenty honest senders of ten records a second each.
# usage: NETCON_TOOL=netcon NETCON_ATTACKER=attacker sh tests/attack/soak.sh [SECONDS [PACKETS-PER-SECOND [KIND...]]]
# Prints for each: hostile packets and honest records that were sent, honest records that were written, and the account.
set -eu
seconds=${1:-600}
rate=${2:-100000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -gt 2 ]; then
  shift 2
else
  # shellcheck disable=SC2046  # words
  set -- $("$NETCON_ATTACKER" 2>&1 | sed -n 's/.*kinds: all //p' || :) all
fi
for kind; do
  rm -f "$work/err"
  : >"$work/err"
  # Hostile lines would fill a disk.
  mkfifo "$work/lines"
  grep '"text":"honest ' <"$work/lines" >"$work/out" &
  "$NETCON_TOOL" listen 127.0.0.1:0 --json --threads 2 >"$work/lines" 2>"$work/err" &
  listener=$!
  until port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$work/err") && [ -n "$port" ]; do sleep 0.1; done
  sent=$("$NETCON_ATTACKER" "$port" "$kind" "$rate" "$seconds" 20)
  memory=$(sed -n 's/^VmHWM:[^0-9]*//p' "/proc/$listener/status")
  kill "$listener"
  wait || :
  rm "$work/lines"
  printf '%s: sent %s, honest written %s, at most %s resident\n' "$kind" "$sent" \
    "$(wc -l <"$work/out")" "$memory"
  sed -n 's/^netcon: \(received\|in detail\)/  &/p' "$work/err"
done
