# SPDX-License-Identifier: MIT
"""The texts of `netcon test`: the probe in a record, a receiver's answer, and the opening of the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional, Union

from . import _core
from ._check import MOST_COUNT, CheckedTuple, integer
from ._values import Endpoint, Level, LevelLike, level_of

if TYPE_CHECKING:
    from typing_extensions import Self

Bytes = Union[str, bytes, bytearray, memoryview]


class _Probe(NamedTuple):
    nonce: int
    level: Level


class Probe(CheckedTuple, _Probe):  # type: ignore[misc]
    """A test record: str() is its text, to be written to /dev/kmsg at its level. The nonce is random, 64 bits.

    >>> import netcon
    >>> one = netcon.Probe(0x0123456789abcdef, "info")
    >>> str(one)[:36]
    'netcon-probe 1 0123456789abcdef info'
    >>> netcon.Probe.find(f"14,339,5140900,-;{one}\\n")
    Probe(nonce=81985529216486895, level=Level.INFO)
    """

    __slots__ = ()

    def __new__(cls, nonce: int, level: LevelLike = Level.INFO) -> Self:
        return super().__new__(cls, _nonce(nonce), level_of(level))

    @classmethod
    def find(cls, packet: Union[_core.Record, Bytes]) -> Optional[Self]:
        """The probe in a packet or record: its whole text, at the level that it says; or None."""
        found = _core.find_probe(packet)
        return None if found is None else cls(*found)

    def __str__(self) -> str:
        return _core.probe_text(self.nonce, self.level)


class _ProbeAnswer(NamedTuple):
    nonce: int
    level: Level
    seen: Endpoint
    lost: int


class ProbeAnswer(CheckedTuple, _ProbeAnswer):  # type: ignore[misc]
    """What a receiver sends back: who it saw as the probe's sender, and how many records of it were lost so far.

    str() is the datagram's text. It is never longer than the probe.

    >>> import netcon
    >>> answer = netcon.ProbeAnswer.read(b"netcon-answer 1 0000000000000007 info seen 10.0.0.7:6665 lost 3\\n")
    >>> answer.seen.host, answer.lost
    ('10.0.0.7', 3)
    """

    __slots__ = ()

    def __new__(cls, nonce: int, level: LevelLike, seen: Endpoint, lost: int = 0) -> Self:
        return super().__new__(cls, _nonce(nonce), level_of(level), seen, integer(lost, "lost", 0, MOST_COUNT))

    @classmethod
    def read(cls, datagram: Bytes) -> Optional[Self]:
        """The answer in a datagram, or None."""
        read = _core.read_probe_answer(datagram)
        return None if read is None else cls(*read)

    def __str__(self) -> str:
        return _core.probe_answer_text(self.nonce, self.level, self.seen, self.lost)


class _ProbeOpening(NamedTuple):
    nonce: int


class ProbeOpening(CheckedTuple, _ProbeOpening):  # type: ignore[misc]
    """The first datagram of a test: it opens the way back through a firewall, and is not answered.

    >>> import netcon
    >>> str(netcon.ProbeOpening(7))
    'netcon-opening 1 0000000000000007'
    """

    __slots__ = ()

    def __new__(cls, nonce: int) -> Self:
        return super().__new__(cls, _nonce(nonce))

    @classmethod
    def read(cls, datagram: Bytes) -> Optional[Self]:
        """The opening in a datagram, or None."""
        nonce = _core.read_probe_opening(datagram)
        return None if nonce is None else cls(nonce)

    def __str__(self) -> str:
        return _core.probe_opening_text(self.nonce)


def _nonce(value: int) -> int:
    return integer(value, "nonce", 0, MOST_COUNT)
