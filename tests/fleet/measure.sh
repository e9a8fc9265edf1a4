#!/bin/sh
# SPDX-License-Identifier: MIT
# How many records a second go through examples/fleet/to_kafka.sh into a broker that is there, and how large they are: JSON
# of records of 100 bytes, from memory, so that no network limits it.
# Usage: sh tests/fleet/measure.sh BROKER [RECORDS]
set -eu
[ $# -ge 1 ] || { sed -n 's/^# Usage:/usage:/p' "$0" >&2; exit 2; }
broker=$1 records=${2:-1000000}
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
topic=measure-$$

# The lines that listen would write, in place of netcon.
# shellcheck disable=SC2016  # it is Perl
perl -e 'printf qq({"event":"record","time":"2026-11-28T00:00:00.%06dZ","sender":"10.0.%d.%d","sender_port":6665,"facility":0,)
  . qq("level":6,"sequence":%d,"timestamp_us":%d,"flag":"-","text":"%s","dictionary":[]}\n),
  $_ % 1e6, $_ / 256 % 256, $_ % 256, $_, $_ * 100, "x" x 60 for 1 .. shift' "$records" >"$work/lines"
printf '#!/bin/sh\nexec cat %s/lines\n' "$work" >"$work/netcon"
chmod +x "$work/netcon"
start=$(date +%s.%N)
NETCON="$work/netcon" sh examples/fleet/to_kafka.sh "$broker" "$topic"
end=$(date +%s.%N)
bytes=$(wc -c <"$work/lines")
arrived=$(kcat -C -e -q -b "$broker" -t "$topic" -f '.' | wc -c)
awk "BEGIN { printf \"%d records of %d bytes in %.1f s: %d a second, %d on the topic\n\",
  $records, $bytes / $records, $end - $start, $records / ($end - $start), $arrived }"
