# SPDX-License-Identifier: MIT
"""Captures become whole records, and tables of them."""

from __future__ import annotations

import gzip
import io
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netcon
import pytest
from conftest import DATA, record_of

CAPTURES = sorted((DATA / "captures").glob("*.pcap"))
BOX = ("10.0.0.1", 6665)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_events_of_a_capture_are_those_of_a_collector(path: Path) -> None:
    packets = netcon.read_pcap(path)
    want = list(netcon.read_events(path))
    each = []
    for port in {packet.receiver.port for packet in packets}:
        collector = netcon.Collector()
        one = [event for packet in packets if packet.receiver.port == port for event in collector.push(packet)]
        one += collector.flush()
        assert list(netcon.read_events(path, port)) == one
        each += one
    assert sorted(want, key=repr) == sorted(each, key=repr)
    new = [event for event in want if event.kind in ("record", "partial", "late", "basic")]
    assert list(netcon.read_records(path)) == new
    for event in new:
        assert record_of(event).fragment is None and event.time is not None


def test_targets_of_one_machine_with_ports_of_their_own_are_no_duplicates() -> None:
    path = DATA / "captures" / "frag_612.pcap"
    assert len({packet.receiver.port for packet in netcon.read_pcap(path)}) == 2
    assert len({packet.sender for packet in netcon.read_pcap(path)}) == 1
    assert "duplicate" not in {event.kind for event in netcon.read_events(path)}


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_table_has_a_row_for_each_record(path: Path) -> None:
    events = list(netcon.read_records(path))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        columns = netcon.decode_many(events, keys=["SUBSYSTEM", b"DEVICE"])
    assert list(columns)[:4] == ["time", "sender", "host", "kind"]
    for at, event in enumerate(events):
        row, r = {name: column[at] for name, column in columns.items()}, record_of(event)
        assert (row["time"], row["sender"], row["kind"]) == (event.time, str(event.sender), event.kind)
        assert (row["host"], row["text"], row["caller"]) == (event.sender.host, r.text, r.caller)
        assert row["level"] == (-1 if r.level is None else r.level)
        assert (row["sequence"], row["timestamp_us"]) == (r.sequence or 0, r.timestamp_us or 0)
        assert (row["SUBSYSTEM"], row[b"DEVICE"]) == (r.userdata.get("SUBSYSTEM"), r.get("DEVICE"))
        assert row["fragment_total"] == 0


def forms(path: Path, tmp_path: Path) -> list[Callable[[], Any]]:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(path.read_bytes()))

    class Slow(io.RawIOBase):
        """Gives seven bytes at a time."""

        def __init__(self, data: bytes) -> None:
            self._file = io.BytesIO(data)

        def read(self, size: int = -1) -> bytes:
            return self._file.read(7 if size < 0 or size > 7 else size)

    return [
        lambda: packed,
        lambda: str(path),
        lambda: io.BytesIO(path.read_bytes()),
        lambda: io.BytesIO(packed.read_bytes()),
        lambda: open(path, "rb", buffering=0),
        lambda: gzip.open(packed),
        lambda: Slow(path.read_bytes()),
    ]


def test_files_may_be_open_or_compressed(tmp_path: Path) -> None:
    path = next(path for path in CAPTURES if path.stem == "frag_new")
    want = list(netcon.read_records(path))
    assert want
    for form in forms(path, tmp_path):
        assert list(netcon.read_records(form())) == want
    with pytest.raises(TypeError, match="binary mode"):
        netcon.read_records(io.StringIO("text"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="path must be a name, or a file open in binary mode, not int"):
        netcon.read_records(1)  # type: ignore[arg-type]
    cut = gzip.compress(path.read_bytes())[:-300]
    with pytest.warns(UserWarning, match="damaged"):
        some = list(netcon.read_records(io.BytesIO(cut)))
    assert 0 < len(some) < len(want)


@pytest.mark.parametrize("packed", [False, True])
def test_a_capture_is_read_while_it_is_iterated_over(tmp_path: Path, packed: bool) -> None:
    whole = CAPTURES[0].read_bytes()
    assert whole[:4] == b"\xd4\xc3\xb2\xa1"  # frames can be repeated after the header
    path = tmp_path / "large.pcap"
    many = whole[:24] + whole[24:] * (2_500_000 // len(whole))
    path.write_bytes(gzip.compress(many, 0) if packed else many)

    class Counting(io.FileIO):
        got = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size) or b""
            self.got += len(data)
            return data

    with Counting(path) as file:
        events = netcon.read_events(file)
        next(events)
        assert file.got < path.stat().st_size * 0.7
        assert 1 + sum(1 for _ in events) >= len(netcon.read_pcap(path))
        assert file.got == path.stat().st_size
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        next(netcon.read_records(path))  # closes the file when the iterator is dropped
    # What the end of the file shows is said to the line that came to it.
    path.write_bytes(gzip.compress(many[:-1], 0) if packed else many[:-1])
    events = netcon.read_events(path)
    next(events)
    with pytest.warns(UserWarning, match="is cut inside a packet") as caught:
        list(events)
    assert caught[0].filename == __file__


def test_a_wrong_port_says_which_there_are() -> None:
    path = CAPTURES[0]
    ports = {packet.receiver.port for packet in netcon.read_pcap(path)}
    for read in (netcon.read_pcap, netcon.read_records, netcon.read_events):
        with pytest.warns(UserWarning, match=f"has no packet to port 9; it has those to .*{max(ports)} ") as caught:
            assert list(read(path, 9)) == []
        assert caught[0].filename == __file__


def test_fragments_as_rows_are_said() -> None:
    packets = netcon.encode(b"6,1,2,-", b"x" * 3000 + b"\n", kernel="6.12")
    with pytest.warns(UserWarning, match=f"{len(packets)} of {len(packets) + 1} rows are fragments.*read_records"):
        netcon.decode_many([*packets, b"6,1,2,-;whole\n"])


def test_events_without_a_record_are_rows_too() -> None:
    lost = netcon.LostEvent(BOX, count=3, time=1.0)
    basic = netcon.BasicEvent(BOX, netcon.Record(b"6,1,2,-;no header", basic=True))
    partial = netcon.Collector()
    partial.push(BOX, b"6,1,5,-,ncfrag=0/8;abcd", 3)
    columns = netcon.decode_many([lost, basic, *partial.flush()], keys=["k"])
    assert list(columns["kind"]) == ["lost", "basic", "partial"]
    assert columns["text"].tolist() == [None, "6,1,2,-;no header", "abcd"]
    assert columns["level"].tolist() == [-1, -1, 6] and columns["extended"].tolist() == [False, False, True]
    assert columns["time"][0] == 1.0 and math.isnan(columns["time"][1])


def test_records_are_rows() -> None:
    records = [netcon.decode(b"6,1,2,-;a\n k=1\n"), netcon.Record(b"6,1,2,-;a\n", basic=True)]
    columns = netcon.decode_many(records, keys=["k"])
    assert columns["text"] == ["a", "6,1,2,-;a"] and columns["k"] == ["1", None] and "time" not in columns
    with pytest.raises(TypeError, match="all events or all packets"):
        netcon.decode_many([netcon.LostEvent(BOX), b"6,1,2,-;a\n"])


def test_read_records_filters_by_level() -> None:
    path = next(path for path in CAPTURES if path.stem == "ext_612")
    levels = {record_of(event).level for event in netcon.read_records(path, min_level="warning")}
    assert levels and max(level for level in levels if level is not None) <= netcon.Level.WARNING


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_frames(library: str) -> None:
    module = pytest.importorskip(library)
    columns = netcon.decode_many(netcon.read_records(next(p for p in CAPTURES if p.stem == "ext_612")))
    if library == "pandas":
        frame = module.DataFrame(columns)
        assert frame["text"].tolist() == columns["text"].tolist() and frame["time"].tolist() == list(columns["time"])
    elif library == "polars":
        frame = module.DataFrame(
            {name: column if name in ("time",) else list(column) for name, column in columns.items()}
        )
        assert frame["text"].to_list() == columns["text"].tolist()
    else:
        table = module.table({name: module.array(list(column)) for name, column in columns.items()})
        assert table["text"].to_pylist() == columns["text"].tolist()


def test_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netcon._columns, "numpy", None)
    columns = netcon.decode_many([netcon.LostEvent(BOX, time=2.0)])
    assert columns["time"].tolist() == [2.0] and columns["time"].typecode == "d"


def test_push_takes_packets() -> None:
    packet = netcon.Packet(5.0, netcon.Endpoint("10.0.0.1", 1), netcon.Endpoint("10.0.0.2", 2), b"6,1,2,-;x\n")
    (event,) = netcon.Collector().push(packet)
    assert (event.time, event.sender, record_of(event).text) == (5.0, ("10.0.0.1", 1), "x")
