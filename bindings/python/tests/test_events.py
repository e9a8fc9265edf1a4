# SPDX-License-Identifier: MIT
"""Events: one class a kind, JSON as the tool prints it, and what match and type checkers see."""

from __future__ import annotations

import copy
import datetime
import gc
import json
import pickle
import sys
from pathlib import Path
from typing import Any, get_args

import netcon
import pytest
from conftest import record_of
from hypothesis import given
from hypothesis import strategies as st

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

BOX = netcon.Endpoint("10.0.0.1", 4660)
TIME = 1_700_000_000.0
RECORD = netcon.decode(b"6.12.1,12,378,3639333,-,caller=T7;caf\\xc3\\xa9 anchor\n SUBSYSTEM=net\n host=web17\n")
EVENTS: list[netcon.AnyEvent] = [
    netcon.RecordEvent(BOX, RECORD, time=TIME),
    netcon.DuplicateEvent(BOX, RECORD, TIME),
    netcon.LostEvent(BOX, count=2, first_sequence=379, time=TIME),
    netcon.LateEvent(BOX, netcon.decode(b"6,380,3639350,-;behind\n"), time=TIME),
    netcon.RebootedEvent(BOX, 381, TIME),
    netcon.BasicEvent(BOX, netcon.Record(b"[   12.345678] \xff \\x41", basic=True), time=TIME),
    netcon.JunkEvent(BOX, b"9999,1,1,-;x\n", "bad-priority", TIME),
    netcon.JunkEvent(BOX, b"", "empty-packet", TIME),
    netcon.PartialEvent(BOX, netcon.decode(b"6,2,200,-;half"), [(4, 20)], time=TIME),
    netcon.ForgottenEvent(BOX, TIME),
    netcon.FoldedEvent(BOX, 3, TIME),
]


def describe(event: netcon.AnyEvent) -> str:
    """Every kind, by position: type checkers refuse a kind that is left out."""
    match event:
        case netcon.RecordEvent(sender, record, conflict):
            return f"{sender} {record.text} {conflict}"
        case netcon.PartialEvent(sender, record, missing):
            return f"{sender} {record.raw_text!r} {missing[0].begin}"
        case netcon.LostEvent(sender, cause, count, first_sequence):
            return f"{sender} {cause} {count + 0} {first_sequence}"
        case netcon.RebootedEvent(sender, last_sequence):
            return f"{sender} {last_sequence + 0}"
        case netcon.DuplicateEvent(sender, record) | netcon.LateEvent(sender, record):
            return f"{sender} {record.text}"
        case netcon.BasicEvent(sender, record, complete, replayed):
            return f"{sender} {record.text} {complete} {replayed}"
        case netcon.JunkEvent(sender, packet, reason):
            return f"{sender} {packet!r} {reason}"
        case netcon.FoldedEvent(sender, count):
            return f"{sender} {count + 0}"
        case netcon.ForgottenEvent(sender):
            return str(sender)
        case _:
            assert_never(event)


def by_kind(event: netcon.AnyEvent) -> int:
    """kind decides for type checkers too."""
    if event.kind == "lost":
        return event.count
    if event.kind == "record" or event.kind == "late":
        return len(event.record.text)
    return 0


def test_match() -> None:
    assert [describe(event).split(" ", 1)[0] for event in EVENTS] == ["10.0.0.1:4660"] * len(EVENTS)
    assert describe(EVENTS[0]) == "10.0.0.1:4660 café anchor False"
    assert describe(EVENTS[2]) == "10.0.0.1:4660 sequence_gap 2 379"
    assert [by_kind(event) for event in EVENTS[:4]] == [11, 0, 2, 6]


def test_classes() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(netcon.AnyEvent))
    for event in EVENTS:
        assert isinstance(event, netcon.Event) and isinstance(event, netcon.AnyEvent)
        assert type(event).__name__.lower() == event.kind + "event"
        named = {name: getattr(event, name) for name in type(event).__match_args__}
        assert type(event)(**named) == event == type(event)(*named.values())
        assert netcon.Event(event.kind, **named) == event
        assert eval(repr(event), vars(netcon)) == event
        for other in (pickle.loads(pickle.dumps(event)), copy.deepcopy(event), event.replace()):
            assert other == event and hash(other) == hash(event) and type(other) is type(event)
        with pytest.raises(TypeError):
            type("Mine", (type(event),), {})
    with pytest.raises(TypeError):
        type("Mine", (netcon.Event,), {})
    assert len(set(EVENTS)) == len(EVENTS)


def test_replace_and_time() -> None:
    event = EVENTS[0].replace(time=0.25)
    assert (event.time, event.record) == (0.25, EVENTS[0].record)
    assert event.datetime == datetime.datetime(1970, 1, 1, 0, 0, 0, 250_000, datetime.timezone.utc)
    assert event.replace(time=None).datetime is None
    assert "time" not in event.replace(time=None).to_dict()
    with pytest.raises(TypeError, match="wings"):
        event.replace(wings=1)
    if sys.version_info >= (3, 13):
        assert copy.replace(event, time=1.0).time == 1.0


def test_json_is_that_of_the_documentation() -> None:
    """Every line of docs/json.md is an event of this page, and the other way round; what is in words there is not."""
    page = Path(__file__).resolve().parents[3] / "docs" / "json.md"
    if not page.exists():
        pytest.skip("needs a source checkout")
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith('{"event"')]
    assert [event.to_json() for event in EVENTS if event.kind != "folded"] == [
        line for line in lines if '"suppressed"' not in line and '"truncated"' not in line
    ]
    for event in EVENTS:
        assert event.to_dict() == json.loads(event.to_json())


def test_orjson() -> None:
    orjson = pytest.importorskip("orjson")
    for event in EVENTS:
        assert orjson.loads(orjson.dumps(event.to_dict())) == orjson.loads(event.to_json()) == event.to_dict()


@given(st.binary(max_size=200), st.floats(0, 4e9), st.booleans())
def test_json_of_any_packet(packet: bytes, time: float, header: bool) -> None:
    collector = netcon.Collector(line_age=1)
    events = collector.push(("fe80::1%3", 7), (b"6,1,2,-;" if header else b"") + packet, time) + collector.flush()
    for event in events:
        shown = event.to_dict()
        assert shown["event"] == event.kind and (shown["sender"], shown["sender_port"]) == ("fe80::1%3", 7)
        assert event.time == time and event.datetime is not None
        assert shown["time"] == event.datetime.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        assert "\n" not in event.to_json()
        if event.record is not None:
            r = event.record
            level, caller = (None if r.level is None else int(r.level)), r.caller
            assert (shown.get("level"), shown.get("timestamp_us")) == (level, r.timestamp_us)
            assert caller is None or shown["caller"].encode() == caller.encode() or "raw_caller" in shown


def test_basic_lines_have_what_their_prefix_says() -> None:
    r = netcon.decode(b"<12>[    1.000002][    T7] text")
    assert (r.level, r.facility, r.priority, r.timestamp_us, r.timestamp) == (4, 1, 12, 1_000_002, 1.000002)
    assert (r.caller, r.text, r.sequence) == ("T7", "<12>[    1.000002][    T7] text", None)
    r = netcon.decode(b"text\n<12>second line")
    assert (r.level, r.timestamp, r.caller) == (None, None, None)


def test_userdata() -> None:
    r = netcon.decode(b"6,1,2,-;x\n a=1\n b=caf\xc3\xa9\n a=2\n flag\n bad=\xff\n")
    assert r.userdata == {"a": "2", "b": "café", "flag": "", "bad": "\\xff"}
    assert netcon.decode(b"basic").userdata == {}


def test_a_record_is_made_once() -> None:
    (event,) = netcon.Collector().push(BOX, b"6,1,2,-;x\n", 1.0)
    assert event.record is event.record
    packet = record_of(event).packet
    assert packet == b"6,1,2,-;x\n"


def test_min_level_and_basic_lines() -> None:
    def send(**options: Any) -> list[str]:
        with netcon.Receiver(0, "127.0.0.1", **options) as rx:
            with netcon.Sender("127.0.0.1", rx.address.port) as tx:
                tx.send_packets([b"6,1,2,-;info\n", b"3,2,3,-;err\n", b"<6>basic info\n<3>basic err\nplain\n"])
            rx.stop()
            return [record_of(event).text for event in rx]

    assert send() == ["info", "err", "<6>basic info", "<3>basic err", "plain"]
    assert send(min_level="error") == ["err", "<3>basic err", "plain"]
    assert send(min_level=40, basic=False) == ["err"]


def test_a_kept_event_takes_little() -> None:
    """What Python's allocator gives for 10,000 events whose packets have 90 bytes."""
    packets = [b"6,%d,%d,-,caller=T1;" % (n, n) + b"x" * 60 + b"\n" for n in range(10_000)]
    packets = [packet[:89] + b"\n" for packet in packets]
    collector = netcon.Collector()
    collector.push(BOX, packets[0], 0.0)
    gc.collect()
    before = sys.getallocatedblocks()
    kept = [event for packet in packets for event in collector.push(BOX, bytearray(packet), 1.0)]
    blocks = sys.getallocatedblocks() - before
    assert len(kept) >= 10_000
    # An event, and the bytes of its packet.
    assert blocks < 2.2 * len(kept)
    assert sys.getsizeof(kept[0]) + sys.getsizeof(record_of(kept[0]).packet) < 250
