# SPDX-License-Identifier: MIT
"""examples/fleet/topic.py with the brokers that confluent-kafka pretends to have: no Kafka is needed."""

import pathlib
import sys

import pytest

confluent_kafka = pytest.importorskip("confluent_kafka")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples/fleet"))


@pytest.fixture
def producer():
    return confluent_kafka.Producer({"test.mock.num.brokers": 1})


def brokers(producer):
    return ",".join(f"{one.host}:{one.port}" for one in producer.list_topics(timeout=60).brokers.values())


def test_what_is_on_the_topic_is_read_to_its_end(producer):
    import topic

    for number in range(100):
        producer.produce("log", str(number), key=str(number % 7))
    producer.flush(60)
    assert sorted(map(int, topic.values(brokers(producer), "log", "group"))) == list(range(100))


def test_a_topic_that_does_not_exist_is_no_empty_one(producer):
    import topic

    with pytest.raises(confluent_kafka.KafkaException, match="missing"):
        list(topic.values(brokers(producer), "missing", "group"))
