#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A consumer: finds crashes in the records of a topic with netcon.crashes, whichever program brought them there.

For records by rsyslog, which have no events of crashes. Needs confluent-kafka and netcon. Any number of these share the
work: each gets some of the partitions, and with them all records of some machines.
Usage: find_crashes.py BROKERS TOPIC [GROUP]
"""

import json
import sys

import netcon
from topic import values

# Other events have a text too: a crash all of its lines, a duplicate those that came before. Messages by rsyslog say none.
RECORDS = {"record", "partial", "late", "basic", None}


def log_lines(messages):
    """The lines of a log, with the time and the sender of each."""
    for message in messages:
        event = json.loads(message)
        if event.get("event") not in RECORDS:
            continue
        for line in event["text"].strip().splitlines():
            yield f"{event['time']} {event['sender']} kernel: {line}"


def main():
    brokers, topic, *group = sys.argv[1:]
    for crash in netcon.crashes(log_lines(values(brokers, topic, group[0] if group else "find_crashes"))):
        print(crash.host, crash.title)


if __name__ == "__main__":
    main()
