#!/bin/sh
# SPDX-License-Identifier: MIT
# What examples/packaging/systemd/netcon-generator.sh opens of the service's sandbox, for options of netcon.service.
# Usage: sh tests/package/sandbox.sh
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=0
# opens OPTIONS EXPECTED: the lines of the drop-in, joined with a semicolon.
opens() {
  printf '# --to syslog:udp:commented\nNETCON_LISTEN="%s"\n' "$1" >"$work/default"
  rm -rf "$work/out"
  mkdir "$work/out"
  NETCON_CONFIG="$work/default" sh examples/packaging/systemd/netcon-generator.sh "$work/out" "$work/out" "$work/out"
  found=$(sed '1,2d' "$work/out/netcon.service.d/50-outputs.conf" 2>/dev/null | paste -sd';')
  if [ "$found" != "$2" ]; then
    printf '%s\n  opens     %s\n  expected  %s\n' "$1" "$found" "$2"
    failed=1
  fi
}

names='RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX'
opens '' ''
opens '--to dir:/var/log/netconsole,rotate-size=100M,keep=5' ''
opens '--to json@/var/log/netconsole/all.json --threads 2 --allow 10.0.0.0/8' ''
opens '--to dir:/srv/logs' 'ReadWritePaths=-/srv/logs'
opens '--to=json@dir:/srv/a%b,queue=1M --crash-dir /var/lib/netcon/crashes' 'ReadWritePaths=-/srv/a%%b -/var/lib/netcon/crashes'
opens '--to json@/srv/logs/all.json' 'ReadWritePaths=-/srv/logs'
opens '--to syslog:unix:/dev/log' 'RestrictAddressFamilies=AF_UNIX'
opens '--to journal --to dir:/var/log/netconsole' 'RestrictAddressFamilies=AF_UNIX'
opens '--to syslog:tcp:loghost.example,min-level=err' "PrivateNetwork=no;$names"
opens '--to full@syslog:udp:10.0.0.1' "PrivateNetwork=no;$names"
opens '--metrics 127.0.0.1:9666' 'PrivateNetwork=no;RestrictAddressFamilies=AF_INET AF_INET6'
opens '--metrics /var/lib/prometheus/node-exporter/netcon.prom' 'ReadWritePaths=-/var/lib/prometheus/node-exporter'
opens '--hosts-from key:host,file:/etc/netcon/hosts' ''
opens '--hosts-from key:host,dns' "PrivateNetwork=no;$names"
opens '--interface eth0' 'PrivateNetwork=no;RestrictAddressFamilies=AF_INET AF_INET6'

rm "$work/default"
NETCON_CONFIG="$work/default" sh examples/packaging/systemd/netcon-generator.sh "$work" "$work" "$work"
[ ! -e "$work/netcon.service.d" ] || failed=1
exit $failed
