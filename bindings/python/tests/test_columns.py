# SPDX-License-Identifier: MIT
from __future__ import annotations

import base64
import json
import pickle
import struct
import sys
import threading
from pathlib import Path

import netcon
import netcon._columns
import pytest
from conftest import DATA
from hypothesis import given, settings
from hypothesis import strategies as st

PACKETS = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.builds(
            lambda p, s, t, body: b"%d,%d,%d,-;%s\n" % (p, s, t, body),
            st.integers(0, 3000),
            st.integers(0, 2**65),
            st.integers(0, 2**64 - 1),
            st.sampled_from([b"text", b"text\n a=1\n b=2", b"\xff\n b=1\n a=2\n a=3", b""]),
        ),
    ),
    max_size=20,
)


@settings(deadline=None)  # the first call imports numpy
@given(PACKETS)
def test_columns_are_the_records(packets: list[bytes]) -> None:
    columns = netcon.decode_many(packets, keys=["a", b"b"])
    for at, packet in enumerate(packets):
        row = {name: column[at] for name, column in columns.items()}
        try:
            r = netcon.decode(packet)
        except netcon.ParseError:
            assert (row["extended"], row["text"], row["a"]) == (False, None, None)
            continue
        assert (row["text"], row["release"], row["caller"]) == (r.text, r.release, r.caller)
        assert row["extended"] == (not r.is_basic)
        assert row["level"] == (-1 if r.level is None else r.level)
        assert row["facility"] == (-1 if r.facility is None else r.facility)
        assert (row["sequence"], row["timestamp_us"]) == (r.sequence or 0, r.timestamp_us or 0)
        a, b = r.get("a"), r.get("b")
        assert row["a"] == (None if a is None else a.decode("ascii"))
        assert row[b"b"] == b


def test_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netcon._columns, "numpy", None)
    columns = netcon.decode_many([b"6,18446744073709551615,2,-;x\n"])
    assert columns["sequence"].tolist() == [2**64 - 1]
    assert columns["level"].typecode == "b"


def test_numbers_are_numpy_arrays() -> None:
    numpy = pytest.importorskip("numpy")
    columns = netcon.decode_many([b"6,1,2,-;x\n", b"30,2,3,-,ncfrag=4/9;abc", b"x"] * 1000)
    kinds = {name: column.dtype for name, column in columns.items() if isinstance(column, numpy.ndarray)}
    assert kinds == {
        "extended": "?", "level": "i1", "facility": "i2", "sequence": "u8", "timestamp_us": "u8",
        "fragment_offset": "u4", "fragment_total": "u4",
    }  # fmt: skip
    assert [int(columns[name].sum()) for name in kinds] == [2000, 11000, 2000, 3000, 5000, 4000, 9000]


def test_texts() -> None:
    packets = [b"6,1,2,-,caller=T%d;%s\n" % (n % 2, text) for n, text in enumerate([b"up", b"", b"\\x41\\", b"\xff"])]
    columns = netcon.decode_many([*packets, b""], keys=["k"])
    want = ["up", "", "A\\", "\\xff", None]
    text = columns["text"]
    del packets
    assert list(text) == text.tolist() == want == [text[i] for i in range(5)]
    assert text == want and want == text and text != want[:4] and text == text[:]
    assert text == netcon.decode_many([b"6,1,2,-;up", b"6,1,2,-;", b"A\\", b"6,1,2,-;\xff", b""])["text"]
    assert (len(text), text[-2], text[1:4:2], text.index("A\\"), text.count(None)) == (5, "\\xff", ["", "\\xff"], 2, 1)
    assert "up" in text and "down" not in text and list(reversed(text)) == want[::-1]
    assert repr(text) == "TextColumn(['up', '', 'A\\\\', ...])"
    assert pickle.loads(pickle.dumps(text)) == want
    assert columns["k"] == [None] * 5 and columns["release"] == [None] * 5
    first, second, third, *_ = columns["caller"].tolist()
    assert first == "T0" != second and first is third
    for at in (5, -6, 2**70):
        with pytest.raises(IndexError):
            text[at]
    with pytest.raises(TypeError):
        text["up"]
    with pytest.raises(TypeError):
        hash(text)


def test_texts_that_look_alike_are_kept_apart() -> None:
    packets = [b"6,%d,2,-,caller=T%d;x\n" % (n, n) for n in range(3000)]
    assert netcon.decode_many(packets)["caller"] == [f"T{n}" for n in range(3000)]


def test_basic_text_is_not_unescaped() -> None:
    assert netcon.decode_many([b"6,1,2,-;\\x41\n", b"\\x41\n"])["text"] == ["A", "\\x41"]


def test_texts_in_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    text = netcon.decode_many([b"6,1,2,-;up\n", b"6,1,2,-;a longer line\n"])["text"]
    array = numpy.asarray(text)
    assert array.dtype == object and array.tolist() == ["up", "a longer line"]
    assert numpy.asarray(text, dtype="U13").dtype == "U13"
    with pytest.raises(ValueError):
        numpy.array(text, copy=False)


def test_a_key_may_be_wanted_as_text_and_as_bytes() -> None:
    packets = [b"6,1,2,-;x\n a=1\n b=2\n", b"6,2,2,-;x\n b=3\n a=4\n", b"6,3,2,-;x\n"]
    columns = netcon.decode_many(packets, keys=[b"a", "b", "a", b"b"])
    assert columns["a"] == ["1", "4", None] and columns[b"a"] == [b"1", b"4", None]
    assert columns["b"] == ["2", "3", None] and columns[b"b"] == [b"2", b"3", None]


@pytest.mark.parametrize("with_numpy", [True, False])
def test_columns_of_no_events_are_those_of_events(with_numpy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if with_numpy:
        pytest.importorskip("numpy")
    else:
        monkeypatch.setattr(netcon._columns, "numpy", None)
    events = netcon.Collector().push(("10.0.0.1", 6665), b"6,1,2,-;x\n", 1.5)
    some, none = netcon.decode_many(events, keys=["k"]), netcon.decode_many([], keys=["k"])
    assert list(none) == list(some)
    for name, column in none.items():
        assert len(column) == 0 and type(column) is type(some[name])
        assert getattr(column, "dtype", None) == getattr(some[name], "dtype", None)
    # A key of packets may be called so.
    assert list(netcon.decode_many([], keys=["host"]))[-1] == "host"


def test_data_frame_of_no_events() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(netcon.decode_many(iter(())))
    assert frame.empty and frame.time.dtype == "f8" and frame.sender.nunique() == 0


def test_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(netcon.decode_many([b"6,1,2,-;up\n rack=7\n", b"plain"], keys=["rack"]))
    assert frame["text"].tolist() == ["up", "plain"]
    assert frame["rack"][0] == "7" and frame["rack"].isna().tolist() == [False, True]
    assert frame["level"].tolist() == [6, -1]


def test_decoding_leaves_the_gil_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads never change by themselves here: another one runs only where the decoder lets it, or numpy."""
    monkeypatch.setattr(netcon._columns, "numpy", None)
    packets = [b"6,1,2,-;x\n"] * 100_000
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        for _ in range(50):
            begun, ended = threading.Event(), threading.Event()

            def decode() -> None:
                begun.set()
                netcon.decode_many(packets)
                ended.set()

            thread = threading.Thread(target=decode)
            thread.start()
            begun.wait()
            ran_meanwhile = not ended.is_set()
            thread.join()
            if ran_meanwhile:
                return
    finally:
        sys.setswitchinterval(interval)
    pytest.fail("the GIL was held all the time")


def test_arguments() -> None:
    assert len(netcon.decode_many([])["text"]) == 0
    packets = ["6,1,2,-;x\n"]
    for form in (packets, tuple(packets), iter(packets)):
        assert netcon.decode_many(form)["text"] == ["x"]
    assert packets == ["6,1,2,-;x\n"]
    with pytest.raises(TypeError, match="packets"):
        netcon.decode_many(b"6,1,2,-;x\n")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a packet"):
        netcon.decode_many([1])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="keys"):
        netcon.decode_many([], keys="a")
    with pytest.raises(ValueError, match="already a column"):
        netcon.decode_many([], keys=["text"])


@pytest.mark.parametrize("name", ["ext_612", "frag_new", "ipv6_612", "basic_61"])
def test_pcap_has_what_the_socket_got(name: str) -> None:
    path = DATA / "captures" / f"{name}.pcap"
    if not path.exists():
        pytest.skip(f"no {path} here")
    with open(DATA / "captures" / f"{name}.jsonl", encoding="utf-8") as lines:
        want = [base64.b64decode(json.loads(line)["payload_b64"]) for line in lines]
    ports = {p.receiver.port for p in netcon.read_pcap(path)}
    got = [p.payload for p in netcon.read_pcap(str(path))]
    assert set(want) <= set(got)
    port = next(iter(ports))
    assert all(p.receiver.port == port for p in netcon.read_pcap(path, port))


def ethernet(payload: bytes) -> bytes:
    udp = struct.pack(">HHHH", 6665, 6666, 8 + len(payload), 0) + payload
    ip = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
    )
    return bytes(12) + b"\x08\x00" + ip + udp


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("magic, tick", [(0xA1B2C3D4, 1e-6), (0xA1B23C4D, 1e-9)])
def test_pcap_forms(tmp_path: Path, order: str, magic: int, tick: float) -> None:
    frame = ethernet(b"hello")
    path = tmp_path / "a.pcap"
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(head + struct.pack(order + "IIII", 100, 5, len(frame), len(frame)) + frame)
    (packet,) = netcon.read_pcap(path)
    assert packet.time == pytest.approx(100 + 5 * tick, abs=1e-7)
    assert packet[1:] == (("10.0.0.1", 6665), ("10.0.0.2", 6666), b"hello")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[24:-1])
    with pytest.warns(UserWarning, match=r"a\.pcap is cut inside a packet after 1 frames"):
        assert netcon.read_pcap(path) == [packet]
    path.write_bytes(head + struct.pack(order + "IIII", 100, 5, len(frame) - 2, len(frame)) + frame[:-2])
    with pytest.warns(UserWarning, match=r"a\.pcap: 1 packets that the capture truncated are skipped"):
        assert netcon.read_pcap(path) == []
    path.write_bytes(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, len(frame) - 2, 1) + whole[24:])
    with pytest.warns(UserWarning, match=r"a\.pcap: 1 packets that the capture truncated are skipped"):
        assert netcon.read_pcap(path) == []
    path.write_bytes(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 0, 1) + whole[24:])
    assert netcon.read_pcap(path) == [packet]
    path.write_bytes(struct.pack(order + "IHHiIII", magic, 2, 3, 0, 0, 65535, 1) + whole[24:])
    with pytest.raises(ValueError, match=r"has another version than 2\.4"):
        netcon.read_pcap(path)
    path.write_bytes(head[:-1])
    with pytest.raises(ValueError, match="ends inside its header"):
        netcon.read_pcap(path)


@pytest.mark.parametrize("order", "<>")
def test_pcapng(tmp_path: Path, order: str) -> None:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        size = struct.pack(order + "I", len(body) + 12)
        return struct.pack(order + "I", kind) + size + body + size

    frame = ethernet(b"hello")
    path = tmp_path / "a.pcapng"
    whole = (
        block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
        + block(1, struct.pack(order + "HHI", 1, 0, 0) + struct.pack(order + "HHB3x", 9, 1, 9) + bytes(4))
        + block(1, struct.pack(order + "HHI", 1, 0, 0) + struct.pack(order + "HHq", 14, 8, -5) + bytes(4))
        + block(5, b"statistics..")
        + block(6, struct.pack(order + "IIIII", 0, 0, 2_000_000_000, len(frame), len(frame)) + frame)
        + block(6, struct.pack(order + "IIIII", 1, 0, 7_000_000, len(frame), len(frame)) + frame)
        + block(2, struct.pack(order + "HHIIII", 0, 0, 0, 2_000_000_000, len(frame), len(frame)) + frame)
        + block(3, struct.pack(order + "I", len(frame)) + frame)
    )
    path.write_bytes(whole)
    packets = netcon.read_pcap(path)
    assert netcon.decode_many([*packets, b"raw"])["text"] == ["hello"] * 4 + ["raw"]
    assert [packet.time for packet in packets] == pytest.approx([2.0, 2.0, 2.0, 0.0])
    assert {packet.payload for packet in packets} == {b"hello"}
    for tail, problem in (
        (b"\1", "is cut"),
        (block(6, bytes(16)), "cannot be"),
        (block(6, struct.pack(order + "IIIII", 2, 0, 0, 0, 0)), "cannot be"),
        (block(1, bytes(4)), "cannot be"),
        (struct.pack(order + "II", 7, 13), "cannot be"),
        (struct.pack(order + "II", 7, 16), "is cut"),
        (b"\x0a\x0d\x0d\x0a" + bytes(8), "byte order"),
    ):
        path.write_bytes(whole + tail)
        with pytest.warns(UserWarning, match=f"{problem}.* after 4 frames"):
            assert netcon.read_pcap(path) == packets


def test_no_capture(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        netcon.read_pcap(tmp_path / "none.pcap")
    assert missing.value.filename == str(tmp_path / "none.pcap")
    with pytest.raises(IsADirectoryError):
        netcon.read_pcap(tmp_path)
    (tmp_path / "text").write_text("no capture at all")
    with pytest.raises(ValueError, match="neither pcap nor pcapng"):
        netcon.read_pcap(tmp_path / "text")
