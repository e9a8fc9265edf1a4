# SPDX-License-Identifier: MIT
"""What the consumers beside this file share. Needs confluent-kafka."""

from confluent_kafka import Consumer


def values(brokers, topic, group):
    """What is on the topic, until the end of every partition; a consumer that goes on for ever does not look at it."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    consumer.subscribe([topic])
    ended = set()
    while not consumer.assignment() or len(ended) < len(consumer.assignment()):
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            ended.add(message.partition())
        else:
            yield message.value()
    consumer.close()
