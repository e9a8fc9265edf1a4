# SPDX-License-Identifier: MIT
"""What breaks when the packets of one sender are shared by two receivers, as docs/fleet.md says."""

import json
import socket


def events(listener):
    out, _ = listener.stop()
    return [json.loads(line) for line in out.splitlines()]


def send_in_turn(listeners, packets):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        for number, packet in enumerate(packets):
            to = listeners[number % len(listeners)]
            sender.sendto(packet, (to.host, to.port))


def test_both_report_the_records_of_the_other_as_lost(listen):
    receivers = [listen("--json"), listen("--json")]
    send_in_turn(receivers, [b"6,%d,%d,-;x\n" % (number, number * 1000) for number in range(1, 21)])
    for receiver in receivers:
        seen = events(receiver)
        assert sum(event["event"] == "record" for event in seen) == 10
        assert sum(event["count"] for event in seen if event["event"] == "lost") == 9


def test_fragments_that_arrive_at_different_receivers_stay_partial(listen):
    receivers = [listen("--json"), listen("--json")]
    send_in_turn(receivers, [b"6,1,1,-,ncfrag=0/8;abcd", b"6,1,1,-,ncfrag=4/8;efg\n"])
    for receiver in receivers:
        assert [event["event"] for event in events(receiver)] == ["partial"]
