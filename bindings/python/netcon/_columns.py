"""Many packets at once."""

from __future__ import annotations

import array
import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Optional, Union

from . import _core
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


class Packet(NamedTuple):
    """A UDP datagram of a capture file; time in seconds since 1970."""

    time: float
    sender: Endpoint
    receiver: Endpoint
    payload: bytes


def decode_many(
    packets: Iterable[Union[bytes, str]], keys: Sequence[Union[str, bytes]] = ()
) -> dict[Union[str, bytes], Any]:
    """The fields of many packets as columns of equal length, ready for pandas.DataFrame.

    Numbers (extended, level, facility, sequence, timestamp_us, fragment_offset, fragment_total) are numpy arrays
    over the decoder's own memory, or array.array where there is no numpy. Texts (release, caller, text) are lists.
    Each of keys becomes a column with the value of that dictionary, userdata or sysdata line: a list of str for a
    key given as str, of bytes for one given as bytes, None where the packet has no such line.

    Legacy text has extended False and level -1; what cannot be decoded has text None besides.

    >>> import netcon
    >>> columns = netcon.decode_many([b"6,1,2000,-;up\\n rack=7\\n", b"plain"], keys=["rack"])
    >>> list(columns["level"]) == [6, -1], columns["text"], columns["rack"]
    (True, ['up', 'plain'], ['7', None])
    """
    keys = list(keys) if not isinstance(keys, (str, bytes)) else keys
    columns = _core.decode_columns(packets, keys)
    found = columns.pop("keys")
    for name, (code, kind) in _NUMBERS.items():
        if numpy is not None:
            columns[name] = numpy.frombuffer(columns[name], kind)
        else:
            numbers = array.array(code)
            numbers.frombytes(columns[name])
            columns[name] = numbers
    out: dict[Union[str, bytes], Any] = columns
    for key, column in zip(keys, found):
        if key in out:
            raise ValueError(f"{key!r} is a column already")
        out[key] = column
    return out


def read_pcap(path: Union[str, "os.PathLike[str]"], port: Optional[int] = None) -> list[Packet]:
    """The UDP datagrams of a pcap or pcapng file, IP fragments put together; of one destination port if given."""
    if port is not None and not (isinstance(port, int) and 0 <= port <= 0xFFFF):
        raise ValueError("port must be from 0 to 65535")
    return [Packet(*row) for row in _core.read_pcap(os.fspath(path), port)]
