#!/bin/sh
# SPDX-License-Identifier: MIT
# A target that the parameter bound to a MAC address, and that configfs sent to another interface by name, resumes on
# the interface of the MAC address. As root, with configfs mounted and the modules netconsole, not loaded, and dummy
# at hand.
set -eu
mac=02:00:00:00:09:01
t=/sys/kernel/config/netconsole/cmdline0
ip link add issue0 address $mac type dummy
ip link add issue1 type dummy
ip addr add 10.9.0.15/24 dev issue0
ip addr add 10.9.1.15/24 dev issue1
trap '{ rmdir $t; rmmod netconsole; ip link del issue0; ip link del issue1; } 2>/dev/null || :' EXIT
modprobe netconsole "netconsole=@/$mac,@10.9.0.2/" 2>/dev/null || { echo "not shown: no device by MAC"; exit; }
mkdir $t
[ "$(cat $t/enabled)" = 1 ] || { echo "not shown: no device by MAC"; exit; }
echo 0 >$t/enabled
echo issue1 >$t/dev_name
echo 1 >$t/enabled
ip link del issue1
ip link set issue0 down
ip link del issue0
ip link add issue0 address $mac type dummy
sleep 0.3
case $(cat $t/enabled),$(cat $t/dev_name) in
  1,issue0) echo "shown: sent to issue1, resumed on issue0" ;;
  *) echo "not shown" ;;
esac
