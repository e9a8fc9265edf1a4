#!/bin/sh
# SPDX-License-Identifier: MIT
# A userdata value of 200 bytes is refused, and 199 of them are stored, but not sent. As root, with netconsole loaded
# and configfs mounted.
set -eu
t=/sys/kernel/config/netconsole/issue
mkdir $t
trap 'rmdir $t/userdata/k 2>/dev/null || :; rmdir $t' EXIT
[ -e $t/userdata ] || { echo "not shown: no userdata"; exit; }
mkdir $t/userdata/k
if printf '%0200d' 0 2>/dev/null >$t/userdata/k/value; then
  echo "not shown: the write was taken"
elif [ "$(wc -c <$t/userdata/k/value)" = 1 ]; then
  echo "not shown"
else
  echo "shown: the value has $(wc -c <$t/userdata/k/value) bytes, with its newline, by a write that was refused"
fi
