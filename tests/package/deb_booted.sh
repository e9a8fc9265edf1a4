#!/bin/sh
# SPDX-License-Identifier: MIT
# What tests/package/deb.sh runs in a booted system that has netcon installed: the service, an upgrade, removal.
set -eu

fail() {
  echo "FAILED: $1"
  systemctl status --no-pager netcon.service netcon.socket || :
  journalctl --no-pager -n 50 || :
  exit 1
}

# wait_for WHAT COMMAND...: until it succeeds, a minute at most.
wait_for() {
  what=$1 tries=0
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "$what"
    sleep 0.1
  done
  echo "passed: $what"
}
expect() {
  what=$1
  shift
  "$@" >/dev/null || fail "$what"
  echo "passed: $what"
}
refuse() {
  what=$1
  shift
  if "$@" >/dev/null 2>&1; then fail "$what"; fi
  echo "passed: $what"
}
is() {
  [ "$1" = "$2" ] || { echo "$1 is not $2" && return 1; }
}
both_active() { systemctl is-active --quiet netcon.socket && systemctl is-active --quiet netcon.service; }
file=/var/log/netconsole/127.0.0.1.log
config=/etc/netcon/listen.toml
send() { echo "$1" | netcon send 127.0.0.1 2>/dev/null; }
main_process() { systemctl show -P MainPID netcon.service; }

wait_for "started by the installation" both_active
expect "runs as its own user" is "$(stat -c %U "/proc/$(main_process)")" netcon
expect "the log directory is the group's" is "$(stat -c '%U:%G %a' /var/log/netconsole)" netcon:adm\ 2750

send 'first record'
wait_for "a record is written" grep -q 'first record' "$file"
expect "the file is the group's" is "$(stat -c '%U:%G %a' "$file")" netcon:adm\ 640
useradd -G adm reader
useradd stranger
expect "adm reads logs" setpriv --reuid reader --regid reader --init-groups cat "$file"
refuse "others do not" setpriv --reuid stranger --regid stranger --init-groups cat "$file"

exposure=$(systemd-analyze security --no-pager netcon.service | sed -n 's/.*Overall exposure level for netcon.service: \([0-9.]*\).*/\1/p')
echo "exposure: $exposure"
expect "the sandbox is closed (below 1.5 of 10)" awk "BEGIN { exit !($exposure < 1.5) }"

# An edited configuration survives the upgrade, and the socket stays open during it.
echo '# edited' >>"$config"
old=$(main_process)
(
  i=0
  while [ "$i" -lt 300 ]; do
    i=$((i + 1))
    send "record $i of the upgrade"
    sleep 0.02
  done
) &
dpkg -i /test/newer.deb >/dev/null
wait "$!"
wait_for "upgraded and running" both_active
refuse "the new program runs" is "$old" "$(main_process)"
all_records() { is "$(grep -c 'of the upgrade' "$file")" 300; }
wait_for "no record was lost by the upgrade" all_records
expect "the configuration is kept" grep -qx '# edited' "$config"

# A reload: files are opened again, filters change, the process stays; a file with a mistake changes nothing.
old=$(main_process)
mv "$file" "$file.moved"
expect "a reload succeeds" systemctl reload netcon.service
reopened() { send 'record after the reload' && grep -q 'after the reload' "$file"; }
wait_for "a reload opens the files again" reopened
sed -i 's|keep=5|keep=5,match=wanted|' "$config"
expect "a reload with a filter succeeds" systemctl reload netcon.service
filtered() { : >"$file" && send 'not this one' && send 'a wanted one' && grep -q wanted "$file" && ! grep -q 'not this' "$file"; }
wait_for "a reload changes the filter" filtered
sed -i 's|match=wanted|match=(|' "$config"
refuse "a reload with a mistake fails" systemctl reload netcon.service
expect "the service goes on after it" both_active
sed -i 's|,match=(||' "$config"
expect "a reload without the filter succeeds" systemctl reload netcon.service
unfiltered() { send 'this one again' && grep -q 'this one again' "$file"; }
wait_for "a reload takes the filter away" unfiltered
expect "the process is the same" is "$old" "$(main_process)"

# A restart with a mistake fails, and what comes until it is corrected waits in the socket.
cp "$config" "$config.good"
echo 'bogus = 1' >>"$config"
refuse "a restart with a mistake fails" systemctl restart netcon.service
sleep 12
for number in 1 2 3 4 5 6 7 8; do send "waiting record $number"; done
refuse "it is not running" systemctl is-active --quiet netcon.service
mv "$config.good" "$config"
all_waited() { is "$(grep -c 'waiting record' "$file")" 8; }
wait_for "corrected: it starts by itself, and no record is lost" all_waited

systemctl disable --now netcon.socket netcon.service 2>/dev/null
dpkg -i /test/newer.deb >/dev/null
refuse "what is disabled stays stopped" systemctl is-active --quiet netcon.service
systemctl enable --now netcon.socket netcon.service 2>/dev/null
wait_for "enabled again" both_active

# Each output gets what it needs: a socket of the journal, a directory, a port.
sed -i 's|^to = .*|to = ["dir:/var/log/netconsole", "syslog:unix:/dev/log", "journal", "json@/srv/netcon/all.json"]|' "$config"
install -d -o netcon /srv/netcon
systemctl daemon-reload
systemctl restart netcon.service
wait_for "started with other outputs" both_active
send 'record for all'
in_syslog() { journalctl --no-pager -o cat -t kernel _TRANSPORT=syslog | grep -qx '127.0.0.1: record for all'; }
wait_for "a record reaches the local syslog socket, as text without a header" in_syslog
in_journal() { journalctl --no-pager -t kernel NETCONSOLE_HOST=127.0.0.1 | grep -q 'record for all'; }
wait_for "a record reaches the journal, with its fields" in_journal
systemctl restart systemd-journald.service
in_journal_again() { send 'record after the restart' && journalctl --no-pager -t kernel | grep -q 'after the restart'; }
wait_for "a record reaches the journal after its restart" in_journal_again
wait_for "a record reaches another directory" grep -q 'record for all' /srv/netcon/all.json
expect "the network stays closed" is "$(systemctl show -P PrivateNetwork netcon.service)" yes
if ! netcon listen 127.0.0.1:0 --for 1ms --metrics 127.0.0.1:0 2>&1 | grep -q 'built without'; then
  echo 'metrics = ["127.0.0.1:9666"]' >>"$config"
  systemctl daemon-reload
  systemctl restart netcon.service
  scraped() { bash -c 'exec 3<>/dev/tcp/127.0.0.1/9666; printf "GET /metrics HTTP/1.0\r\n\r\n" >&3; grep -q netcon_packets_total <&3'; }
  wait_for "metrics are served" scraped
  expect "the network is open for them" is "$(systemctl show -P PrivateNetwork netcon.service)" no
fi

dpkg -r netcon >/dev/null
refuse "removed and stopped" both_active
expect "a removed package leaves its configuration" test -e "$config"
expect "a removed package leaves the logs" test -s "$file"
dpkg -i /test/netcon.deb >/dev/null
wait_for "installed again and started" both_active
dpkg -P netcon >/dev/null
left=$(find /etc /usr /var/log /var/lib/systemd /run/systemd/generator -name '*netcon*' ! -path '/etc/passwd*' 2>/dev/null || :)
expect "a purged package leaves nothing ($left)" is "$left" ''
echo 'all passed'
