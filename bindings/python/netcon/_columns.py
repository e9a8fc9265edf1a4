# SPDX-License-Identifier: MIT
"""Many packets at once."""

from __future__ import annotations

import array
import contextlib
import importlib
import itertools
import os
import stat
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Protocol, Union, overload

from . import _core
from ._check import iterable, port_number
from ._core import Event, Record
from ._events import AnyEvent, NewRecord, new_record
from ._values import Endpoint, LevelLike, Limits, level_of

if TYPE_CHECKING:
    from typing_extensions import Unpack


class BinaryFile(Protocol):
    """An object open for reading bytes."""

    def read(self, size: int, /) -> bytes: ...


#: The name of a capture file, or the file itself.
Capture = Union[str, "os.PathLike[str]", BinaryFile]

#: The module, None where it is not installed; imported when the first column is made.
numpy: Any = ...


def _numpy() -> Any:
    global numpy
    if numpy is ...:
        try:
            numpy = importlib.import_module("numpy")
        except ImportError:
            numpy = None
    return numpy


_NUMBERS = {
    "extended": ("B", "?"),
    "level": ("b", "i1"),
    "facility": ("h", "i2"),
    "sequence": ("Q", "u8"),
    "timestamp_us": ("Q", "u8"),
    "fragment_offset": ("I", "u4"),
    "fragment_total": ("I", "u4"),
}


def _zeros(size: int, code: str, kind: str) -> Any:
    if _numpy() is not None:
        return numpy.zeros(size, kind)
    return array.array(code, bytes(size * array.array(code).itemsize))


class TextColumn(Sequence[Any]):
    """A column of str, or of bytes, with None where a packet has none. Made by decode_many().

    The texts stay in the packets, which the column keeps; indexing makes one object. tolist(), numpy.asarray() and a
    DataFrame make all.

    >>> import netcon
    >>> texts = netcon.decode_many([b"6,1,2000,-;up\\n", b"6,2,3000,-;down\\n"])["text"]
    >>> texts[0], texts[-1:], "down" in texts
    ('up', ['down'], True)
    >>> texts
    TextColumn(['up', 'down'])
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: _core.TextRows) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: Union[int, slice]) -> Any:
        if isinstance(at, slice):
            return [self._rows[i] for i in range(*at.indices(len(self._rows)))]
        return self._rows[at]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def tolist(self) -> list[Any]:
        """All rows; short texts that repeat are one object."""
        return self._rows.tolist()

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> Any:
        if copy is False:
            raise ValueError("a TextColumn holds no array: it can only be copied")
        return _numpy().array(self.tolist(), dtype=object if dtype is None else dtype)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (TextColumn, list)):
            return NotImplemented
        return self.tolist() == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return (list, (self.tolist(),))

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"TextColumn([{shown}{', ...' if len(self) > 3 else ''}])"


class Packet(NamedTuple):
    """A UDP datagram of a capture file; time in seconds since 1970."""

    time: float
    sender: Endpoint
    receiver: Endpoint
    payload: bytes


def decode_many(
    packets: Iterable[Union[bytes, str, Packet, Record, Event]], keys: Sequence[Union[str, bytes]] = ()
) -> dict[Union[str, bytes], Any]:
    """The fields of many events, records or packets as columns of equal length, ready for pandas.DataFrame.

    packets: events, as of read_records(); Records; or packets, also those of read_pcap(). A packet may be a fragment of
    a record: decode_many() warns, because its text is cut.
    keys: each becomes a TextColumn with the value of that dictionary, userdata or sysdata line: str for a key given as
    str, bytes for one given as bytes, None where there is no such line.

    Numbers (extended, level, facility, sequence, timestamp_us, fragment_offset, fragment_total) are numpy arrays,
    or array.array where there is no numpy. Texts (release, caller, text) are TextColumns. Events have more columns
    before these: time (seconds, NaN where there is none), sender, host and kind. Of nothing there are those too.

    Basic text has extended False, and level, facility -1 where its prefix has none. What has no record, or cannot be
    decoded, has text None too.

    >>> import netcon
    >>> columns = netcon.decode_many([b"6,1,2000,-;up\\n rack=7\\n", b"plain"], keys=["rack"])
    >>> list(columns["level"]) == [6, -1], columns["text"].tolist(), columns["rack"].tolist()
    (True, ['up', 'plain'], ['7', None])
    """
    for name, several in ("packets", packets), ("keys", keys):
        iterable(several, name, name)
    # A copy: the caller's list may change while the GIL is released.
    rows: list[Any] = list(packets)
    keys = list(keys)
    columns: dict[Union[str, bytes], Any] = {}
    if not rows:
        # Perhaps of events: what reads their columns finds them. Of packets a key may have such a name.
        columns.update((name, column) for name, column in _event_columns([]).items() if name not in keys)
    elif isinstance(rows[0], Event):
        columns.update(_event_columns(rows))
    elif isinstance(rows[0], Packet):
        rows = [p.payload if isinstance(p, Packet) else p for p in rows]
    numbers = {name: _zeros(len(rows), *kind) for name, kind in _NUMBERS.items()}
    is_packets = not columns
    texts = _core.decode_columns(rows, keys, numbers)
    if is_packets and texts["fragments"]:
        warnings.warn(
            f"{texts['fragments']} of {len(rows)} rows are fragments, with only a part of a record's text: "
            "read_records() and Collector give whole records",
            stacklevel=2,
        )
    columns.update(numbers)
    for name in ("release", "caller", "text"):
        columns[name] = TextColumn(texts[name])
    for key, texts_of_key in zip(keys, texts["keys"]):
        if key in columns:
            raise ValueError(f"{key!r} is already a column")
        columns[key] = TextColumn(texts_of_key)
    return columns


def _event_columns(events: list[Event]) -> dict[str, Any]:
    for event in events:
        if not isinstance(event, Event):
            raise TypeError(f"packets must be all events or all packets, not {type(event).__name__} among events")
    seconds = array.array("d", [float("nan") if event.time is None else event.time for event in events])
    times: Any = seconds if _numpy() is None else numpy.asarray(seconds)
    names: dict[Endpoint, str] = {}
    senders = []
    for event in events:
        sender = event.sender
        name = names.get(sender)
        if name is None:
            name = names[sender] = str(sender)
        senders.append(name)
    return {
        "time": times,
        "sender": senders,
        "host": [event.sender.host for event in events],
        "kind": [event.kind for event in events],
    }


def read_pcap(path: Capture, port: Optional[int] = None) -> list[Packet]:
    """The UDP datagrams of a pcap or pcapng file, IP fragments reassembled; of one destination port if given.

    path: a name, or a file open in binary mode; what gzip compressed is decompressed
    A packet may be a fragment of a record: read_records() gives whole records.

    Warns of a damaged file and returns the packets before the damage. Skips packets that the capture truncated, and warns.
    Warns when no packet went to the port, and says which ports there are.
    """
    return [packet for batch in _batches(path, port) for packet in batch]


#: A capture is read in pieces of this many bytes: read_events() and read_records() keep one in memory.
_PIECE = 1 << 20


def _batches(path: Capture, port: Optional[int]) -> Iterator[list[Packet]]:
    """The packets of a capture. The first piece is read by the call itself, which so refuses what is no capture."""
    batches = _read(path, None if port is None else port_number(port, "port"))
    return itertools.chain([next(batches)], batches)


def _read(path: Capture, port: Optional[int]) -> Iterator[list[Packet]]:
    with contextlib.ExitStack() as closing:
        name, file = _opened(path, closing)
        reader = _core.CaptureReader(name, None if file is None else file.read, port)
        while not reader.done:
            packets = reader.read(_PIECE)
            if reader.done:
                _warn_of(name, port, *reader.found())
            yield packets


def _warn_of(name: str, port: Optional[int], problem: Optional[str], truncated: int, ports: dict[int, int]) -> None:
    if problem is not None:
        _warn(f"{name} {problem}")
    if truncated:
        _warn(f"{name}: {truncated} packets that the capture truncated are skipped")
    if port is not None and port not in ports:
        often = sorted(ports, key=lambda number: (-ports[number], number))
        known = ", ".join(f"{number} ({ports[number]} packets)" for number in often[:8])
        more = f" and {len(often) - 8} more" if len(often) > 8 else ""
        _warn(
            f"{name} has no packet to port {port}; "
            + (f"it has those to {known}{more}" if known else "it has none at all")
        )


def _warn(text: str) -> None:
    """Warns of the line outside the package that called, or that asked an iterator for more."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == __package__:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)


_GZIP = b"\x1f\x8b"


class _Pushed:
    """A file of which the first bytes were read already."""

    def __init__(self, first: bytes, file: BinaryFile) -> None:
        self._first, self._file = first, file

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise OSError("this file is read from its begin to its end")

    def read(self, size: int = -1, /) -> bytes:
        if not self._first or size == 0:
            return self._file.read(size)
        out = self._first if size < 0 else self._first[:size]
        self._first = self._first[len(out) :]
        return out + self._file.read(-1) if size < 0 else out


def _opened(path: Capture, closing: contextlib.ExitStack) -> tuple[str, Optional[BinaryFile]]:
    """A name for messages, and the file to read from; None for a plain file, which is read by its name."""
    if isinstance(path, (str, bytes, os.PathLike)):
        name = os.fsdecode(path)
        path = closing.enter_context(open(name, "rb"))
        if stat.S_ISREG(os.fstat(path.fileno()).st_mode) and path.peek(2)[:2] != _GZIP:
            return name, None
    else:
        name = str(getattr(path, "name", "the file"))
    if not callable(getattr(path, "read", None)):
        raise TypeError(f"path must be a name, or a file open in binary mode, not {type(path).__name__}")
    first = path.read(2)
    if not isinstance(first, bytes):
        raise TypeError(f"path must be open in binary mode: read() gave {type(first).__name__}")
    whole = _Pushed(first, path)
    if first != _GZIP:
        return name, whole
    import gzip

    return name, closing.enter_context(_Gzip(gzip.GzipFile(mode="rb", fileobj=whole), name))


class _Gzip(contextlib.AbstractContextManager["_Gzip"]):
    """A decompressed file; damage is a ValueError with its name."""

    def __init__(self, file: Any, name: str) -> None:
        self._file, self._name = file, name

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def read(self, size: int, /) -> bytes:
        import zlib

        try:
            data: bytes = self._file.read(size)
            return data
        except (EOFError, OSError, zlib.error) as problem:
            if isinstance(problem, OSError) and problem.errno is not None:
                raise
            _warn(f"{self._name} is damaged: {problem}")
            return b""


def read_events(path: Capture, port: Optional[int] = None, **limits: Unpack[Limits]) -> Iterator[AnyEvent]:
    """All events of a capture, as a Receiver would have reported them: reads the file, and joins the fragments.

    path, port: as of read_pcap(); without a port there are those of each, as of a Receiver of its own. limits: those of
    Collector. time is that of the capture. A file is read while the events are taken, a mebibyte at a time: one that is
    passed open has to stay open for as long.
    """
    return _events(path, port, limits)


def _events(path: Capture, port: Optional[int], limits: Limits) -> Iterator[AnyEvent]:
    batches = _batches(path, port)
    _core.Collector(**limits)  # refuses wrong ones at once
    return _collected(itertools.chain.from_iterable(batches), limits)


def _collected(packets: Iterable[Packet], limits: Limits) -> Iterator[AnyEvent]:
    # A machine may send to several ports from one, and each target numbers all records.
    collectors: dict[int, _core.Collector] = {}
    latest = 0.0
    for packet in packets:
        collector = collectors.get(packet.receiver.port)
        if collector is None:
            collector = collectors[packet.receiver.port] = _core.Collector(**limits)
        # A capture of several interfaces may step back: time limits hold for the latest time seen.
        latest = max(latest, packet.time)
        yield from (
            collector.push(packet.sender, packet.payload, latest) if latest > packet.time else collector.push(packet)
        )
    for collector in collectors.values():
        yield from collector.flush()


def read_records(
    path: Capture, port: Optional[int] = None, *, min_level: Optional[LevelLike] = None, **limits: Unpack[Limits]
) -> Iterator[NewRecord]:
    """The whole records of a capture: events of the kinds record, partial, late and basic, each record once.

    path, port: as of read_pcap(); min_level: skip less severe ones; limits: those of Collector. read_events() tells of
    losses, duplicates and reboots too. Both read the file while it is iterated over, a mebibyte at a time.

    >>> records = netcon.read_records("crash.pcap.gz", port=6666)  # doctest: +SKIP
    >>> frame = pandas.DataFrame(netcon.decode_many(records, keys=["rack"]))  # doctest: +SKIP
    """
    level = None if min_level is None else level_of(min_level)
    events = _events(path, port, limits)
    return (event for event in events if new_record(event, level) is not None)  # type: ignore[misc]
