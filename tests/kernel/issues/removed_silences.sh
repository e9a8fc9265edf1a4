#!/bin/sh
# SPDX-License-Identifier: MIT
# Removing one of two targets of a device silences the other, which still shows 1 as enabled. As root, with configfs
# mounted and the modules netconsole, loaded, and dummy at hand.
set -eu
c=/sys/kernel/config/netconsole
ip link add issue0 type dummy
ip addr add 10.9.0.15/24 dev issue0
ip link set issue0 up
trap '{ rmdir $c/stays $c/goes; ip link del issue0; } 2>/dev/null || :' EXIT
for t in stays goes; do
  mkdir $c/$t
  echo issue0 >$c/$t/dev_name
  echo 10.9.0.15 >$c/$t/local_ip
  echo 10.9.0.2 >$c/$t/remote_ip
  echo 1 >$c/$t/enabled
done
sent() { cat /sys/class/net/issue0/statistics/tx_packets; }
# A record of emerg reaches every console; the thread of a console may take a moment.
say() {
  before=$(sent)
  echo "<0>issue" >/dev/kmsg
  sleep 0.5
  echo $(($(sent) - before))
}
both=$(say)
rmdir $c/goes
one=$(say)
case $both,$one,$(cat $c/stays/enabled) in
  2,0,1) echo "shown: no packet of the target that stays" ;;
  2,1,1) echo "not shown" ;;
  *) echo "cannot say: $both packets of both targets, $one of the one that stays" ;;
esac
