#!/bin/sh
# SPDX-License-Identifier: MIT
# What examples/packaging/systemd/netcon-generator.sh opens of the service's sandbox, for configurations of netcon.service;
# with NETCON_TOOL, that the tool takes each of them. Their directories and interfaces are those of any machine.
# Usage: sh tests/package/sandbox.sh
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=0
# opens LINES EXPECTED: the lines of the drop-in, joined with a semicolon.
opens() {
  printf '# to = "syslog:udp:commented"\n%s\n' "$1" >"$work/listen.toml"
  rm -rf "$work/out"
  mkdir "$work/out"
  NETCON_CONFIG="$work/listen.toml" sh examples/packaging/systemd/netcon-generator.sh "$work/out" "$work/out" "$work/out"
  found=$(sed '1,2d' "$work/out/netcon.service.d/50-outputs.conf" 2>/dev/null | paste -sd';')
  if [ "$found" != "$2" ]; then
    printf '%s\n  opens     %s\n  expected  %s\n' "$1" "$found" "$2"
    failed=1
  fi
  [ -n "${NETCON_TOOL-}" ] || return 0
  "$NETCON_TOOL" listen --config "$work/listen.toml" --check-config >"$work/says" 2>&1 ||
    grep -q 'built without prometheus-cpp' "$work/says" || {
    printf '%s\n  is refused: %s\n' "$1" "$(cat "$work/says")"
    failed=1
  }
}

names='RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX'
inet='RestrictAddressFamilies=AF_INET AF_INET6'
opens '' ''
opens 'to = ["dir:/var/log/netconsole,rotate-size=100M,keep=5"]' ''
opens 'to = ["json@/var/log/netconsole/all.json", "dir:/var/log/netconsole"]
threads = 2
allow = ["10.0.0.0/8"]' ''
opens 'to = "dir:/srv/logs"' 'ReadWritePaths="-/srv/logs"'
opens 'to = ["json@dir:/srv/a%b,queue=1M"]
crash-dir = "/var/lib"' 'ReadWritePaths="-/srv/a%%b";ReadWritePaths="-/var/lib"'
opens "to = ['json@/srv/all.json']" 'ReadWritePaths="-/srv"'
opens "to = ['json@/all.json']" 'ReadWritePaths="-/"'
opens "to = ['dir:/srv/kernel logs', 'dir:/srv/a\\,b,keep=2']" 'ReadWritePaths="-/srv/kernel logs";ReadWritePaths="-/srv/a,b"'
opens 'to = ["dir:/srv/a\\,b", "dir:/srv/a\"b"]' 'ReadWritePaths="-/srv/a,b";ReadWritePaths="-/srv/a\"b"'
opens 'to = "syslog:unix:/dev/log"' 'RestrictAddressFamilies=AF_UNIX'
opens 'to = ["journal", "dir:/var/log/netconsole"]' 'RestrictAddressFamilies=AF_UNIX'
opens 'to = ["journal:/run/journal,min-level=err"]' 'RestrictAddressFamilies=AF_UNIX'
opens 'to = ["syslog:tcp:localhost,min-level=err"]' "PrivateNetwork=no;$names"
opens 'to = ["syslog:udp:10.0.0.1"]' "PrivateNetwork=no;$names"
opens 'to = ["dir:/srv/logs,match=a b",
  "syslog:udp:10.0.0.1"]' "PrivateNetwork=no;$names;ReadWritePaths=\"-/srv/logs\""
opens 'metrics = "127.0.0.1:9666"' "PrivateNetwork=no;$inet"
opens 'metrics = ["/var/lib/netcon.prom"]' 'ReadWritePaths="-/var/lib"'
opens 'hosts-from = "key:dns,file:/dev/null"' ''
opens 'hosts-from = "key:host,dns"' "PrivateNetwork=no;$names"
opens 'interface = "lo"' "PrivateNetwork=no;$inet"
opens 'address = ["[::]:6667"]' "PrivateNetwork=no;$inet"
opens 'port = 6667' "PrivateNetwork=no;$inet"
opens 'port = ["6667", "6668"]' "PrivateNetwork=no;$inet"

# The file of the package.
opens "$(cat examples/packaging/debian/listen.toml)" ''

rm "$work/listen.toml"
NETCON_CONFIG="$work/listen.toml" sh examples/packaging/systemd/netcon-generator.sh "$work" "$work" "$work"
[ ! -e "$work/netcon.service.d" ] || failed=1
exit $failed
