#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A consumer: the crashes in the records of a topic, by title. Needs confluent-kafka.

Any number of these share the work: each gets some of the partitions, and with them all records of some machines.
Usage: count_crashes.py BROKERS TOPIC [GROUP]
"""

import collections
import json
import sys

from topic import values


def main():
    brokers, topic, *group = sys.argv[1:]
    titles = collections.Counter()
    for message in values(brokers, topic, group[0] if group else "count_crashes"):
        event = json.loads(message)
        if event["event"] == "crash":
            titles[event["title"]] += 1
    for title, count in titles.most_common():
        print(count, title)


if __name__ == "__main__":
    main()
