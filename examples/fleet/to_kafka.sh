#!/bin/sh
# SPDX-License-Identifier: MIT
# Records as JSON to Kafka, keyed by the sender, so that all records of a machine are in one partition, in order.
# While the brokers are away kcat's queue fills (kcat.conf), then the queue of netcon listen (queue= of --to), and then
# netcon drops and counts. docs/fleet.md has the whole picture.
# Usage: sh to_kafka.sh BROKER[,BROKER...] TOPIC [OPTIONS of netcon listen]
set -eu
[ $# -ge 2 ] || { sed -n 's/^# Usage:/usage:/p' "$0" >&2; exit 2; }
brokers=$1 topic=$2
shift 2
here=$(dirname "$0")

# Ctrl-C, or the SIGTERM of a service manager to all of them, ends netcon listen only. The others end with their input: what
# netcon wrote at its end is sent too. kcat would take the signals again if they were ignored, so they are blocked; where brokers
# are away it goes on waiting for them, until SIGKILL.
trap : INT TERM
"${NETCON:-netcon}" listen --json "$@" | perl "$here/keyed.pl" |
  perl -MPOSIX -e 'sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGINT, SIGTERM)); exec @ARGV or die "$ARGV[0]: $!\n"' \
    kcat -P -E -F "$here/kcat.conf" -b "$brokers" -t "$topic" -K '\t'
