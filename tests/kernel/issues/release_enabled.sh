#!/bin/sh
# SPDX-License-Identifier: MIT
# release_enabled reads back the switch of taskname_enabled. As root, with netconsole loaded and configfs mounted.
set -eu
t=/sys/kernel/config/netconsole/issue
mkdir $t
trap 'rmdir $t' EXIT
[ -e $t/userdata/release_enabled ] || { echo "not shown: no such file"; exit; }
echo 1 >$t/userdata/release_enabled
case $(cat $t/userdata/release_enabled) in
  0) echo "shown: release_enabled is 0 after 1 was written" ;;
  *) echo "not shown" ;;
esac
echo 0 >$t/userdata/release_enabled
