# SPDX-License-Identifier: MIT
from __future__ import annotations

import contextlib
import tracemalloc

import netcon
import pytest
from conftest import record_of
from hypothesis import given
from hypothesis import strategies as st

BOX = ("10.0.0.1", 6665)


def kinds(events: list[netcon.AnyEvent]) -> list[str]:
    return [e.kind for e in events]


def test_kinds() -> None:
    c = netcon.Collector(senders=1)
    (first,) = c.push(BOX, b"6,10,1000,-;a\n", 1.5)
    assert (first.kind, first.sender, first.time, first.conflict) == ("record", BOX, 1.5, False)
    lost, _ = c.push(BOX, b"6,13,1300,-;d\n", 2)
    assert (lost.kind, lost.cause, lost.first_sequence, lost.count) == ("lost", "sequence_gap", 11, 2)
    assert lost.record is None
    assert kinds(c.push(BOX, b"6,13,1300,-;d\n", 2)) == ["duplicate"]
    assert kinds(c.push(BOX, b"6,12,1200,-;c\n", 2)) == ["late"]
    rebooted, _ = c.push(BOX, b"6,0,0,-;boot\n", 3)
    assert (rebooted.kind, rebooted.last_sequence) == ("rebooted", 13)
    (junk,) = c.push(BOX, b"", 3)
    assert (junk.kind, junk.packet, junk.reason, junk.record) == ("junk", b"", "empty-packet", None)
    assert c.push(BOX, b"6,1,5,-,ncfrag=0/8;abcd", 3) == []
    assert c.deadline == 4.0
    (partial,) = c.expire(5)
    assert (partial.kind, partial.missing, record_of(partial).raw_text) == ("partial", ((4, 8),), b"abcd")
    (basic,) = c.push(BOX, b"one\ntw", 6)
    assert (basic.kind, record_of(basic).text, basic.complete) == ("basic", "one", True)
    (rest,) = c.flush()
    assert (record_of(rest).text, rest.complete) == ("tw", False)
    assert "forgotten" in kinds(c.push(("10.0.0.2", 1), b"x\n", 6))
    assert c.stats.packets == 9
    assert c.stats["lost"] == c.stats.lost


def test_partial_event_costs_what_came() -> None:
    c = netcon.Collector()
    kept: list[netcon.AnyEvent] = []
    tracemalloc.start()
    try:
        for i in range(2000):
            kept += c.push(BOX, b"6,%d,1,-,ncfrag=65536/131072;x" % i, i / 1000)
        kept += c.flush()
        texts = [record_of(e).text for e in kept]
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()
    assert kinds(kept) == ["partial"] * 2000 and texts == ["x"] * 2000
    assert kept[0].missing == ((0, 65536), (65537, 131072))
    assert kept[0].to_dict()["missing"] == [[0, 65536], [65537, 131072]]
    assert record_of(kept[0]).packet == b"6,0,1,-;x"


def test_joined_record_is_one_packet() -> None:
    c = netcon.Collector()
    packets = netcon.encode(b"6,1,2,-", b"x" * 2000 + b"\n K=v\n", kernel="6.12", release="6.12.0")
    assert len(packets) > 1
    events = []
    for packet in reversed(packets):
        events += c.push(BOX, packet, 0)
    (event,) = events
    assert record_of(event).packet == b"6.12.0,6,1,2,-;" + b"x" * 2000 + b"\n K=v\n"
    assert record_of(event).fragment is None


def test_sender_forms() -> None:
    c = netcon.Collector()
    (e,) = c.push(("::ffff:10.0.0.1", 7), b"6,1,2,-;x", 0)
    assert e.sender == ("10.0.0.1", 7)
    (e,) = c.push(("fe80::1", 7, 0, 3), b"6,1,2,-;x", 0)
    assert e.sender == ("fe80::1%3", 7)
    (e,) = c.push(e.sender, b"6,2,3,-;x", 0)
    assert e.kind == "record"
    assert c.senders == 2


def test_basic_line_that_looks_extended() -> None:
    (a, b) = netcon.Collector().push(BOX, b"text\n6,1,2,-;no record\n", 0)
    assert record_of(b).is_basic and record_of(b).text == "6,1,2,-;no record"
    assert eval(repr(b), vars(netcon)) == b


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.one_of(
                st.binary(max_size=60),
                st.builds(
                    lambda n, f, b: b"6,%d,%d,-%s;%s\n" % (n, n * 10, f, b),
                    st.integers(0, 9),
                    st.sampled_from([b"", b",ncfrag=0/40", b",ncfrag=9/40"]),
                    st.binary(max_size=9),
                ),
            ),
        ),
        max_size=30,
    ),
    st.sampled_from([0.0, 0.5]),
    st.booleans(),
)
def test_any_packets(packets: list[tuple[int, bytes]], reorder: float, join: bool) -> None:
    c = netcon.Collector(reorder=reorder, join_continuations=join, senders=2)
    now = 0.0
    for host, packet in packets:
        now += 0.1
        for event in c.push((f"10.0.0.{host}", 1), packet, now):
            assert eval(repr(event), {**vars(netcon), "inf": float("inf")}) == event
    c.expire(now + 60)
    c.flush()
    assert c.stats.packets == len(packets)
    assert c.stats.bytes == sum(len(packet) for _, packet in packets)


def test_events_stay_when_their_objects_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a signal's handler raises meanwhile: Endpoint is a class of Python."""

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    collector = netcon.Collector()
    with monkeypatch.context() as patch:
        patch.setattr(netcon.Endpoint, "__new__", fail)
        for packet in (b"6,1,1,-;one\n", b"6,2,2,-,ncfrag=0/7;two", b"6,2,2,-,ncfrag=3/7; is\n"):
            with contextlib.suppress(KeyboardInterrupt):
                collector.push(("10.0.0.1", 1), packet, 0.0)
    found = collector.push(("10.0.0.2", 1), b"6,3,3,-;three\n", 0.0)
    assert [(event.sender.host, record_of(event).text) for event in found] == [
        ("10.0.0.1", "one"), ("10.0.0.1", "two is"), ("10.0.0.2", "three"),
    ]  # fmt: skip
    assert collector.flush() == []
