#!/bin/sh
# SPDX-License-Identifier: MIT
# An interface in another network namespace ends the waiting of a target whose interface left. As root, with
# netconsole loaded, configfs mounted and the module dummy at hand.
set -eu
t=/sys/kernel/config/netconsole/issue
add() { ip link add issue0 type dummy && sleep 0.3; }
add
ip addr add 10.9.0.15/24 dev issue0
ip link set issue0 up
mkdir $t
trap 'rmdir $t; ip link del issue0' EXIT
echo issue0 >$t/dev_name
echo 10.9.0.2 >$t/remote_ip
echo 1 >$t/enabled
ip link del issue0
add
[ "$(cat $t/enabled)" = 1 ] || { echo "not shown: targets do not resume"; exit; }
ip link del issue0
unshare -n ip link add issue0 type dummy
sleep 0.3
add
case $(cat $t/enabled) in
  0) echo "shown: the target did not resume, for an interface in another namespace" ;;
  *) echo "not shown" ;;
esac
