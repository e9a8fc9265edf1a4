#!/bin/sh
# SPDX-License-Identifier: MIT
# With oops_only nothing of an oops is sent. As root, with configfs mounted and the modules netconsole, not loaded, and
# dummy at hand. The argument is a module whose loading makes an oops.
set -eu
ip link add issue0 type dummy
ip addr add 10.9.0.15/24 dev issue0
ip link set issue0 up
modprobe netconsole oops_only=1 'netconsole=@/issue0,@10.9.0.2/02:00:00:00:09:02'
trap 'rmmod netconsole; ip link del issue0' EXIT
sleep 0.5
sent() { cat /sys/class/net/issue0/statistics/tx_packets; }
before=$(sent)
insmod "$1" 2>/dev/null || :
sleep 1
if [ "$(sent)" -gt $((before + 5)) ]; then
  echo "not shown: $(($(sent) - before)) packets"
else
  echo "shown: $(($(sent) - before)) packets of an oops"
fi
