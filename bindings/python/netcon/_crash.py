# SPDX-License-Identifier: MIT
"""Crashes in logs and in what arrives: one report with a name for each."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional, Union

from . import _core
from ._check import iterable
from ._events import AnyEvent
from ._receive import Pace, Receiver
from ._values import FrozenMapping


class Frame(NamedTuple):
    """A function on the stack."""

    function: str
    offset: int
    size: int  #: 0 where the trace has none
    module: str  #: empty: the kernel itself
    certain: bool  #: False: "?" in the trace, perhaps of an earlier call


class Registers(FrozenMapping[str]):
    """The registers of a crash by name: a mapping that cannot be changed, and so has a hash."""

    __slots__ = ()


@dataclass(frozen=True)
class Crash:
    """One crash; docs/crashes.md says how its title is made. What its lines do not say is empty or None."""

    kind: str  #: what happened, in netcon's words, such as 'null-dereference'
    type: str  #: the same in those of collections of crashes
    title: str  #: as syzbot names it
    titles: tuple[str, ...]  #: other names that are as good
    function: str  #: to blame
    module: str  #: of that function
    frames: tuple[Frame, ...]  #: of the first trace, the innermost first
    registers: Registers
    cpu: Optional[int]
    pid: Optional[int]
    task: str
    taint: str
    release: str
    hardware: str
    chain: tuple[str, ...]  #: the titles of what followed from it, such as a panic
    panicked: bool  #: the machine went down with it
    doubt: Optional[str]  #: why the title is not to be trusted
    complete: Optional[bool]  #: whether every record came; None: nothing tells
    missing: tuple[tuple[int, int], ...]  #: the record numbers [begin, end) that did not come
    signature: str  #: equal for equal crashes
    host: str  #: the sender's address, or the host as the log names it
    time: Optional[float]  #: of its first line, seconds since 1970
    before: tuple[str, ...]  #: the last lines before it
    text: tuple[str, ...]  #: its lines

    @property
    def corrupted(self) -> bool:
        """The title is not to be trusted."""
        return self.doubt is not None

    def __str__(self) -> str:
        return self.title


#: What crashes() takes: lines of a log, or what a Receiver, a Collector or read_events gives.
CrashSource = Union[str, bytes, _core.Record, _core.Event]


def _crash(row: dict[str, Any]) -> Crash:
    row["frames"] = tuple(Frame(*one) for one in row["frames"])
    row["registers"] = Registers(row["registers"])
    return Crash(**row)


def _add(scanner: _core.CrashScanner, item: CrashSource) -> list[dict[str, Any]]:
    if isinstance(item, str):
        return scanner.add_log(item if item.endswith("\n") else item + "\n")
    if isinstance(item, (bytes, bytearray, memoryview)):
        line = bytes(item)
        return scanner.add_log(line if line.endswith(b"\n") else line + b"\n")
    if isinstance(item, _core.Record):
        return scanner.add_record("", item, "record", None)
    if not isinstance(item, _core.Event):
        raise TypeError(f"crashes() takes lines, records and events, not {type(item).__name__}")
    host = str(item.sender.host)
    if item.kind == "rebooted":
        return scanner.rebooted(host)
    if item.kind == "lost" and item.cause != "sequence_gap":  # a gap of numbers is seen by the numbers themselves
        scanner.lost(host)
    if item.kind == "duplicate" or item.record is None:
        return []
    is_cut = isinstance(item, _core.BasicEvent) and not item.complete
    return scanner.add_record(host, item.record, "partial" if is_cut else item.kind, item.time)


def crashes(source: Iterable[CrashSource]) -> Iterator[Crash]:
    """Gives a Crash for each crash in lines of a log, in records, or in the events of a Receiver.

    Lines are those of an open file, text or bytes: netcon's own output, nc, syslog, journald, dmesg and serial
    consoles. A crash is given at its end: when the kernel marks it, when nothing more came of it for five seconds, or
    when source ends. A loop that ends early leaves the events that it did not reach to the next one.

    >>> log = ["BUG: kernel NULL pointer dereference, address: 0", "RIP: 0010:pond_open+0x1c/0x30", "Call Trace:",
    ...        " chrdev_open+0xc4/0x250", " do_syscall_64+0x5d/0x90", "---[ end trace 0 ]---"]
    >>> [(crash.title, crash.function, crash.frames[0].function) for crash in netcon.crashes(log)]
    [('BUG: unable to handle kernel NULL pointer dereference in pond_open', 'pond_open', 'chrdev_open')]
    """
    iterable(source, "source", "lines, records or events")
    return _crashes(source)


def _crashes(source: Iterable[CrashSource]) -> Iterator[Crash]:
    scanner = _core.CrashScanner()
    if isinstance(source, Receiver):
        pace = Pace(source._core)
        while not source.closed:
            events: list[AnyEvent] = []
            rest: Optional[Iterator[AnyEvent]] = None
            try:
                events = source.batch(1.0)
                rest = iter(events)
                for at, event in enumerate(rest):
                    yield from map(_crash, _add(scanner, event))
                    if at % pace.events == 0:
                        pace.look()
            finally:
                source._left.extend(events if rest is None else rest)
            # Always: what comes may be nothing that the scanner is given.
            yield from map(_crash, scanner.expire(time.time()))
            if not events and source.stopped:
                break
    else:
        for item in source:
            yield from map(_crash, _add(scanner, item))
    yield from map(_crash, scanner.finish())
