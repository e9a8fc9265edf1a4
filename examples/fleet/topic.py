# SPDX-License-Identifier: MIT
"""What the consumers beside this file share. Needs confluent-kafka."""

from confluent_kafka import Consumer, KafkaError, KafkaException


def values(brokers, topic, group):
    """What is on the topic, until the end of every partition; a consumer that goes on for ever does not look at it.

    KafkaException: what Kafka refuses, such as a topic that does not exist.
    """
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
    # Others of the group may come and go, and the partitions with them.
    while not (mine := {one.partition for one in consumer.assignment()}) or not mine <= ended:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error() is None:
            yield message.value()
        elif message.error().code() == KafkaError._PARTITION_EOF:
            ended.add(message.partition())
        else:
            raise KafkaException(message.error())
    consumer.close()
