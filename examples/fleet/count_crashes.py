#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A consumer: the crashes in the records of a topic, by title. Needs confluent-kafka.

Any number of these share the work: each gets some of the partitions, and with them all records of some machines.
Usage: count_crashes.py BROKERS TOPIC [GROUP]
"""

import collections
import json
import sys

from confluent_kafka import Consumer


def main():
    brokers, topic, *group = sys.argv[1:]
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group[0] if group else "count_crashes",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    consumer.subscribe([topic])
    titles, ended = collections.Counter(), set()
    # Until the end of every partition; a consumer that goes on for ever does not look at it.
    while not consumer.assignment() or len(ended) < len(consumer.assignment()):
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            ended.add(message.partition())
            continue
        event = json.loads(message.value())
        if event["event"] == "crash":
            titles[event["title"]] += 1
    for title, count in titles.most_common():
        print(count, title)
    consumer.close()


if __name__ == "__main__":
    main()
