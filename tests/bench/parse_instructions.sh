#!/bin/sh
# SPDX-License-Identifier: MIT
# Instructions for parsing one target, by callgrind: parse_instructions.sh BENCH_PARSE_COUNT [TEXT]...
# Fails above 1,000 for the usual text with every field. The difference of two runs leaves the program's start out.
set -eu
program=$1
shift
usual='+6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56'
[ $# -gt 0 ] || set -- "$usual" '@/,@10.0.0.2/' '+r@fd00::1/enp0s31f6,@fd00:1:2:3::2/52:54:00:12:34:56'

collected() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

failed=0
for text; do
  once=$(collected "$text" 1000)
  twice=$(collected "$text" 2000)
  each=$(((twice - once) / 1000))
  echo "$each  $text"
  if [ "$text" = "$usual" ] && [ "$each" -gt 1000 ]; then failed=1; fi
done
exit $failed
