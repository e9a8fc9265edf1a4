# SPDX-License-Identifier: MIT
from __future__ import annotations

import base64
import json
from typing import Any

import netcon
import pytest
from conftest import DATA, one_byte_each, record_of, rows
from hypothesis import given
from hypothesis import strategies as st

HEADERS = st.builds(
    "{},{},{},{}{}".format,
    st.integers(0, 2047),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.sampled_from("-c+"),
    st.sampled_from(["", ",caller=T1", ",caller=C0,new=field"]),
)
PACKETS = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda header, body: header.encode() + b";" + body, HEADERS, st.binary(max_size=100)),
)


def packets_of(row: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(packet) for packet in row["packets"]]


def test_encode_vectors() -> None:
    refused = 0
    for row in rows("wire_vectors.jsonl"):
        try:
            sent = netcon.encode(
                header=one_byte_each(row["header"]),
                body=one_byte_each(row["body"]),
                kernel=row["version"],
                release=row["release"],
                userdata=[(one_byte_each(k), one_byte_each(v)) for k, v in row["userdata"]],
                sysdata=row["sysdata"],
            )
        except netcon.EncodeError as problem:
            # One row was made with a key that no mkdir accepts.
            assert problem.code == "bad-userdata-key"
            refused += 1
            continue
        assert sent == packets_of(row)
    assert refused == 1


def test_decode_vectors() -> None:
    for row in rows("wire_vectors.jsonl"):
        priority, sequence, timestamp, flag = row["header"].split(",")[:4]
        for packet in packets_of(row):
            r = netcon.decode(packet)
            assert (r.facility, r.level, r.sequence) == (int(priority) >> 3, int(priority) & 7, int(sequence))
            assert (r.timestamp_us, r.flag, r.release) == (int(timestamp), flag, row["release"])
            assert (r.fragment is None) == (len(row["packets"]) == 1)
            if r.fragment is None and not r.is_damaged:
                body = one_byte_each(row["body"])
                assert r.body.startswith(body)
                assert r.raw_text == body.split(b"\n")[0]


def test_collector_gives_the_record_of_the_vectors() -> None:
    for row in rows("wire_vectors.jsonl"):
        collector = netcon.Collector()
        events = []
        for packet in packets_of(row):
            events += collector.push(("10.0.0.1", 6665), packet, 1.0)
        events += collector.expire(100.0)
        if [e.kind for e in events] == ["record"]:
            record = record_of(events[0])
            assert record.fragment is None
            assert record.is_damaged or record.body.startswith(one_byte_each(row["body"]))
            assert netcon.decode(record.packet) == record
        else:
            assert [e.kind for e in events] == ["partial"], row["version"]


@pytest.mark.parametrize("path", sorted(DATA.glob("captures/*.kmsg.jsonl")), ids=lambda p: p.name)
def test_captures(path: Any) -> None:
    """An extended record that the kernel's own log shows too is the same there, byte for byte."""
    truth = {}
    with open(path, encoding="utf-8") as lines:
        for raw in (json.loads(line)["raw"].encode() for line in lines):
            header, _, body = raw.partition(b";")
            truth[header] = body.split(b"\n")[0]
    collector = netcon.Collector()
    compared = 0
    with open(str(path).replace(".kmsg", ""), encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            host = row["src"].rpartition(":")[0].strip("[]")
            sender = (host, row["dport"])  # the emulator gives ports of its own; here a target is a sender
            for event in collector.push(sender, base64.b64decode(row["payload_b64"]), row["t"]):
                assert event.kind not in ("junk", "partial", "forgotten")
                if event.kind == "record" and record_of(event).header in truth:
                    assert record_of(event).raw_text == truth[record_of(event).header]
                    compared += 1
    if path.name.startswith(("ext", "frag_", "userdata", "sysdata")):
        assert compared > 5


def test_record() -> None:
    r = netcon.decode(b"6.1.0,30,7,5000001,c,caller=C0,x=1;caf\\xc3\\xa9 \\x1b\n A=1\n A=2\n B\n")
    assert (r.release, r.facility, r.level, r.priority) == ("6.1.0", 3, netcon.Level.INFO, 30)
    assert (r.sequence, r.timestamp_us, r.timestamp, r.flag, r.caller) == (7, 5000001, 5.000001, "c", "C0")
    assert r.fields == ["caller=C0", "x=1"]
    assert r.text == "caf\u00e9 \x1b"
    assert r.raw_text == b"caf\\xc3\\xa9 \\x1b"
    assert r.dictionary == [(b"A", b"1"), (b"A", b"2"), (b"B", b"")]
    assert (r.get("A"), r.get(b"C"), r.get("C", b"no")) == (b"2", None, b"no")
    assert str(r) == "[    5.000001] caf\u00e9 \\x1b"
    assert not r.is_basic and not r.is_replayed and not r.is_damaged and r.fragment is None
    match r:
        case netcon.Record(level=netcon.Level.INFO, sequence=7):
            pass
        case _:
            pytest.fail("no match")
    with pytest.raises(AttributeError):
        r.text = "other"  # type: ignore[misc]


def test_basic_record() -> None:
    r = netcon.decode(b"[    1.5] a\\x41 \xff\n")
    assert r.is_basic
    assert r.text == "[    1.5] a\\x41 \\xff"
    assert r.raw_text == b"[    1.5] a\\x41 \xff"
    for name in ("release", "facility", "level", "priority", "sequence", "timestamp_us", "flag", "caller", "fragment"):
        assert getattr(r, name) is None
    assert r.dictionary == []


def test_fragment() -> None:
    assert netcon.decode(b"6,7,8,-,ncfrag=0/9;abcd").fragment == (0, 9)


@given(PACKETS)
def test_any_packet(packet: bytes) -> None:
    try:
        r = netcon.decode(packet)
    except netcon.ParseError as e:
        assert 0 <= e.where.begin <= e.where.end <= len(packet)
        return
    assert eval(repr(r), vars(netcon)) == r
    assert hash(r) == hash(netcon.decode(bytearray(packet)))
    assert r.packet == packet
    for name in dir(r):
        getattr(r, name)
    str(r).encode()
    assert r.text.encode() is not None


@given(st.binary(max_size=300))
def test_escape(data: bytes) -> None:
    escaped = netcon.escape(data)
    assert all(0x20 <= byte < 0x7F for byte in escaped)
    assert netcon.unescape(escaped) == data
    assert all(c >= " " and not "\x7f" <= c < "\xa0" for c in netcon.printable(data))


@given(
    st.binary(max_size=2000), st.integers(0, 2047), st.integers(0, 2**64 - 1), st.sampled_from(["6.12.117", "7.3.4"])
)
def test_encode_decode(text: bytes, priority: int, sequence: int, kernel: str) -> None:
    header, body = netcon.format_extended(text, priority=priority, sequence=sequence, kernel=kernel)
    whole = netcon.KernelProfile(kernel, having=["thousand_bytes_intact"])
    collector = netcon.Collector()
    events = []
    for packet in netcon.encode(header, body, kernel=whole, release="6.0", userdata=[("k", "v")]):
        assert len(packet) <= 1000
        events += collector.push(("::1", 1), packet, 0)
    assert [e.kind for e in events] == ["record"]
    r = record_of(events[0])
    assert (r.priority, r.sequence, r.release) == (priority, sequence, "6.0")
    if body.endswith(b"\n") and len(text) < 500:
        assert r.raw_text == netcon.escape(text)
        assert r.get("k") == b"v"


def test_encode_says_what_a_kernel_cannot_send() -> None:
    with pytest.raises(netcon.EncodeError) as caught:
        netcon.encode(b"6,1,2,-", b"x\n", kernel="6.1", userdata=[("k", "v")])
    assert caught.value.code == "not-sent-by-kernel"
    assert "6.9" in str(caught.value)
