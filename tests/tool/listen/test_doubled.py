# SPDX-License-Identifier: MIT
"""A machine with a basic and an extended target that send the same is remarked on, once."""

import json


def packets(numbers):
    """Pairs of the extended and the basic packet of one record."""
    for number in numbers:
        text = f"usb 1-1: new device number {number}"
        yield f"6,{number},{number * 1000},-;{text}\n".encode(), f"[    0.{number:06}] {text}\n".encode()


def test_one_port(listen):
    listener = listen("--json")
    for pair in packets(range(1, 20)):
        listener.send(*pair)
    text, _ = listener.stop()
    events = [json.loads(line) for line in text.splitlines()]
    doubled = [event for event in events if event["event"] == "doubled"]
    assert [event["sender"] for event in doubled] == ["127.0.0.1"]
    assert len(events) == 2 * 19 + 1


def test_two_ports_two_sockets_and_text(listen):
    listener = listen("127.0.0.1:0", "--threads", "2")
    for extended, basic in packets(range(1, 20)):
        listener.send(extended)  # each from a port of its own
        listener.send(basic)
    text, _ = listener.stop()
    remarks = [line for line in text.splitlines() if " -- " in line]
    assert len(remarks) == 1, text
    assert remarks[0].endswith("-- sends every record twice, to a basic and to an extended target: remove one of them")


def test_one_target_is_no_reason(listen):
    listener = listen("--json")
    listener.send(*(extended for extended, _ in packets(range(1, 20))))
    listener.send(*(basic for _, basic in packets(range(20, 40))))
    text, _ = listener.stop()
    assert '"doubled"' not in text
