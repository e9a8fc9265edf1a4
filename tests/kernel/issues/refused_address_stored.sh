#!/bin/sh
# SPDX-License-Identifier: MIT
# A write of an address is refused and has changed the address all the same. As root, with netconsole loaded and
# configfs mounted.
set -eu
t=/sys/kernel/config/netconsole/issue
mkdir $t
trap 'rmdir $t' EXIT
echo 10.0.0.2 >$t/remote_ip
if echo 'fe80::2%eth0' 2>/dev/null >$t/remote_ip; then
  echo "not shown: the write was taken"
elif [ "$(cat $t/remote_ip)" = 10.0.0.2 ]; then
  echo "not shown"
else
  echo "shown: 10.0.0.2 became $(cat $t/remote_ip) by a write that was refused"
fi
