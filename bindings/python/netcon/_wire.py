# SPDX-License-Identifier: MIT
"""Packets and the texts in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Optional, Union

from . import _core
from ._check import MOST_COUNT, integer, pairs
from ._check import flag as _flag
from ._check import text as _text
from ._values import KernelLike

Bytes = Union[str, bytes, bytearray, memoryview]

MOST_PRIORITY = 2047


def encode(
    header: Bytes,
    body: Bytes,
    *,
    kernel: KernelLike = None,
    release: Optional[Bytes] = None,
    userdata: Union[Mapping[str, str], Mapping[bytes, bytes], Iterable[tuple[Bytes, Bytes]]] = (),
    sysdata: Optional[Mapping[str, Any]] = None,
) -> list[bytes]:
    """The packets that a kernel sends for a record, fragmented as that kernel does, faults included.

    header is without ';', body is everything after it: escaped text with its newline, then dictionary lines.
    sysdata may have cpu, taskname, release and msgid. Raises EncodeError for a record that the kernel cannot send.

    >>> import netcon
    >>> netcon.encode(b"6,1,2000,-", b"hello\\n", kernel="6.12", userdata=[("rack", "7")])
    [b'6,1,2000,-;hello\\n rack=7\\n']
    """
    return _core.encode(
        header,
        body,
        kernel=kernel,
        release=release,
        userdata=pairs(userdata, "userdata"),
        sysdata=dict(sysdata) if isinstance(sysdata, Mapping) else sysdata,
    )


def encode_basic(text: Bytes) -> list[bytes]:
    """The packets of a basic target for formatted text: split every 1000 bytes."""
    return _core.encode_basic(text)


def format_extended(
    text: Bytes,
    *,
    priority: int = 6,
    sequence: int = 0,
    timestamp_us: int = 0,
    flag: Literal["-", "c", "+"] = "-",
    caller: Bytes = "",
    subsystem: Bytes = "",
    device: Bytes = "",
    kernel: KernelLike = None,
) -> tuple[bytes, bytes]:
    """Header and body, for encode(), of a record with that raw text: escaped and truncated as that kernel does.

    >>> import netcon
    >>> netcon.format_extended("caf\\u00e9", priority=4, sequence=7)
    (b'4,7,0,-', b'caf\\\\xc3\\\\xa9\\n')
    """
    return _core.format_extended(
        text,
        priority=integer(priority, "priority", 0, MOST_PRIORITY),
        sequence=integer(sequence, "sequence", 0, MOST_COUNT),
        timestamp_us=integer(timestamp_us, "timestamp_us", 0, MOST_COUNT),
        flag=_text(flag, "flag"),  # type: ignore[arg-type]
        caller=caller,
        subsystem=subsystem,
        device=device,
        kernel=kernel,
    )


def format_basic(
    text: Bytes,
    *,
    priority: int = 6,
    timestamp_us: int = 0,
    caller: Bytes = "",
    time: bool = True,
    syslog: bool = False,
) -> bytes:
    """The basic form of a record, for encode_basic(): a prefix before each line, a newline after it.

    time, caller and syslog choose what the prefix has.
    """
    return _core.format_basic(
        text,
        priority=integer(priority, "priority", 0, MOST_PRIORITY),
        timestamp_us=integer(timestamp_us, "timestamp_us", 0, MOST_COUNT),
        caller=caller,
        time=_flag(time, "time"),
        syslog=_flag(syslog, "syslog"),
    )


def escape(text: Bytes) -> bytes:
    """The bytes as printk escapes them: \\\\xNN below 0x20, from 0x7f on, and for a backslash."""
    return _core.escape(text)


def unescape(text: Bytes) -> bytes:
    """Every complete \\\\xNN as its byte; the rest is unchanged."""
    return _core.unescape(text)


def printable(text: Bytes) -> str:
    """Text that is safe for a terminal: control and invalid bytes as \\\\xNN."""
    return _core.printable(text)
