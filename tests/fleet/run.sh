#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/fleet against a real Kafka: one broker, whose jars Maven fetches once into build/kafka. By hand: five minutes.
# Needs Java, Maven and its repository, and kcat; for rsyslog the packages rsyslog and rsyslog-kafka, for the consumer
# Python's confluent-kafka. Exit code 77 and the reason where something is missing.
#   NETCON_TOOL   the tool, otherwise that of build/dev
#   KAFKA_JARS    a folder with the jars, in place of Maven
# Usage: sh tests/fleet/run.sh [ARGUMENTS of pytest]
set -eu
cd "$(dirname "$0")/../.."

skip() {
  echo "SKIP: fleet: $1"
  exit 77
}

for program in java kcat pytest-3; do
  command -v "$program" >/dev/null || skip "needs $program"
done
jars=${KAFKA_JARS:-$PWD/build/kafka}
if ! ls "$jars"/kafka_2.13-*.jar >/dev/null 2>&1; then
  command -v mvn >/dev/null || skip "needs Maven, or KAFKA_JARS"
  mvn -q -B -f tests/fleet/pom.xml dependency:copy-dependencies -DoutputDirectory="$jars" || skip "Maven cannot fetch Kafka"
fi
export KAFKA_JARS="$jars" NETCON_TOOL="${NETCON_TOOL:-$PWD/build/dev/examples/netcon/netcon}"
[ -x "$NETCON_TOOL" ] || skip "no netcon at $NETCON_TOOL"
exec pytest-3 -q -p no:cacheprovider -rs tests/fleet "$@"
