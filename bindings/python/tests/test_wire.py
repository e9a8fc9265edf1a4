# SPDX-License-Identifier: MIT
from __future__ import annotations

import netcon
import pytest
from conftest import record_of
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
