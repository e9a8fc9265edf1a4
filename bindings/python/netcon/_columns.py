"""Many packets at once."""

from __future__ import annotations

import array
import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Optional, Union, overload

from . import _core
from ._check import iterable
from ._parameter import _port
from ._values import Endpoint

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]

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
    if numpy is not None:
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
        return numpy.array(self.tolist(), dtype=object if dtype is None else dtype)

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
    packets: Iterable[Union[bytes, str, Packet]], keys: Sequence[Union[str, bytes]] = ()
) -> dict[Union[str, bytes], Any]:
    """The fields of many packets, also those of read_pcap(), as columns of equal length, ready for pandas.DataFrame.

    Numbers (extended, level, facility, sequence, timestamp_us, fragment_offset, fragment_total) are numpy arrays,
    or array.array where there is no numpy. Texts (release, caller, text) are TextColumns.
    Each of keys becomes a TextColumn with the value of that dictionary, userdata or sysdata line: str for a key given
    as str, bytes for one given as bytes, None where the packet has no such line.

    Basic text has extended False and level -1. A packet that cannot be decoded has text None too.

    >>> import netcon
    >>> columns = netcon.decode_many([b"6,1,2000,-;up\\n rack=7\\n", b"plain"], keys=["rack"])
    >>> list(columns["level"]) == [6, -1], columns["text"].tolist(), columns["rack"].tolist()
    (True, ['up', 'plain'], ['7', None])
    """
    for name, several in ("packets", packets), ("keys", keys):
        iterable(several, name, name)
    # A copy: the caller's list may change while the GIL is released.
    payloads, keys = list(packets), list(keys)
    if payloads and isinstance(payloads[0], Packet):
        payloads = [p.payload if isinstance(p, Packet) else p for p in payloads]
    numbers = {name: _zeros(len(payloads), *kind) for name, kind in _NUMBERS.items()}
    texts = _core.decode_columns(payloads, keys, numbers)
    columns: dict[Union[str, bytes], Any] = {}
    columns.update(numbers)
    for name in ("release", "caller", "text"):
        columns[name] = TextColumn(texts[name])
    for key, rows in zip(keys, texts["keys"]):
        if key in columns:
            raise ValueError(f"{key!r} is already a column")
        columns[key] = TextColumn(rows)
    return columns


def read_pcap(path: Union[str, "os.PathLike[str]"], port: Optional[int] = None) -> list[Packet]:
    """The UDP datagrams of a pcap or pcapng file, IP fragments reassembled; of one destination port if given.

    Warns of a damaged file and returns the packets before the damage. Skips packets that the capture truncated, and warns.
    """
    if port is not None:
        port = _port(port, "port")
    packets, problem, truncated = _core.read_pcap(os.fspath(path), port)
    name = os.fsdecode(path)
    if problem is not None:
        warnings.warn(f"{name} {problem}", stacklevel=2)
    if truncated:
        warnings.warn(f"{name}: {truncated} packets that the capture truncated are skipped", stacklevel=2)
    return packets
