# SPDX-License-Identifier: MIT
"""The small values: levels, addresses, senders, counters."""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict, TypeVar, Union

from . import _core
from ._check import Seconds

if TYPE_CHECKING:
    from typing_extensions import Self

#: An address as netcon gives it, and as it takes it.
IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
#: A version as text or numbers, or a profile; None is the newest kernel.
KernelLike = Union[str, tuple[int, int], tuple[int, int, int], _core.KernelProfile, None]
IPAddressLike = Union[str, ipaddress.IPv4Address, ipaddress.IPv6Address]


_Value = TypeVar("_Value")

LevelName = Literal[
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", "panic", "critical", "error", "warn"
]

_OTHER_NAMES = {"PANIC": 0, "CRITICAL": 2, "ERROR": 3, "WARN": 4}
_OF_LOGGING = ((50, 2), (40, 3), (30, 4), (20, 6), (10, 7))


class Level(enum.IntEnum):
    """printk's log levels; str() gives the kernel's name.

    Other names ('error', 'warn', 'critical', 'panic') and the numbers of logging, from 10 on, are taken too.

    >>> Level.ERR < Level.WARNING, str(Level.ERR), Level("err") is Level("error") is Level(40) is Level.ERR
    (True, 'err', True)
    """

    EMERG = 0
    ALERT = 1
    CRIT = 2
    ERR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7

    if TYPE_CHECKING:  # to checkers the call of an enum takes the values of its members only

        def __new__(cls, value: LevelLike) -> Self: ...

    @classmethod
    def _missing_(cls, value: object) -> Level | None:
        if isinstance(value, str):
            name = value.upper()
            found = cls(_OTHER_NAMES[name]) if name in _OTHER_NAMES else cls.__members__.get(name)
        elif isinstance(value, int):
            found = cls(next(level for least, level in _OF_LOGGING if value >= least)) if value >= 10 else None
        else:
            return None
        if found is None:
            known = ", ".join(f"{level} ({int(level)})" for level in cls)
            kind = "called" if isinstance(value, str) else "number"
            raise ValueError(f"no level is {kind} {value!r}: {known}; numbers from 10 on are those of logging")
        return found

    def __repr__(self) -> str:
        return f"Level.{self.name}"

    def __str__(self) -> str:
        return self.name.lower()

    def __format__(self, spec: str) -> str:
        return int.__format__(self, spec) if spec[-1:] in ("b", "d", "o", "x", "X", "n") else format(str(self), spec)


LevelLike = Union[Level, int, LevelName]


def level_of(value: LevelLike) -> Level:
    """A Level from what users give."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(f"a level must be a Level, its number or its name, not {type(value).__name__}")
    return Level(value)


class Limits(TypedDict, total=False):
    """The limits of a Collector, and so of a Receiver: keyword arguments with these names, or **limits.

    senders: how many are remembered; the one idle for longest is forgotten
    record_bytes, records_per_sender, records, bytes, holes: what waits for fragments, at most
    age: how long a record waits for its fragments
    reorder: how long a record waits for missing ones before it; reorder_bytes, queued_bytes: how much, at most
    line_bytes, line_age: how long a basic line grows, and waits for its newline
    join_continuations, continuation_age: whether continued records become one, and how long they wait
    late_age: how long after a packet a lower number is late and no reboot
    """

    senders: int
    record_bytes: int
    records_per_sender: int
    records: int
    bytes: int
    holes: int
    age: Seconds
    reorder: Seconds
    reorder_bytes: int
    queued_bytes: int
    line_bytes: int
    line_age: Seconds
    join_continuations: bool
    continuation_age: Seconds
    late_age: Seconds


class Endpoint(NamedTuple):
    """An address as text, and a port: of a sender, for example. Equal to the plain tuple."""

    host: str
    port: int

    @property
    def address(self) -> IPAddress:
        """The address as an ipaddress object."""
        return ipaddress.ip_address(self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class MacAddress(str):
    """A hardware address; a str in lower case, so that it compares with one.

    >>> MacAddress("52:54:00:12:34:AB")
    MacAddress('52:54:00:12:34:ab')
    >>> MacAddress("ff:ff:ff:ff:ff:ff").is_broadcast
    True
    """

    __slots__ = ()

    def __new__(cls, address: str | bytes) -> Self:
        if isinstance(address, (bytes, bytearray)) and len(address) == 6:
            address = ":".join(f"{byte:02x}" for byte in address)
        return super().__new__(cls, _core.read_mac(address)[0])

    @property
    def packed(self) -> bytes:
        """Its six bytes."""
        return bytes.fromhex(self.replace(":", ""))

    @property
    def is_broadcast(self) -> bool:
        return self == "ff:ff:ff:ff:ff:ff"

    @property
    def is_multicast(self) -> bool:
        """The lowest bit of the first byte; true for broadcast too."""
        return bool(self.packed[0] & 1)

    def __repr__(self) -> str:
        return f"MacAddress({str(self)!r})"

    def __str__(self) -> str:
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return MacAddress, (str(self),)


class FrozenMapping(Mapping[str, _Value]):
    """A mapping that cannot be changed, and so has a hash."""

    __slots__ = ("_items",)
    _items: dict[str, _Value]

    def __init__(self, items: Mapping[str, _Value] = {}, /) -> None:
        object.__setattr__(self, "_items", dict(items))

    def __getitem__(self, name: str) -> _Value:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._items,)


class Stats(FrozenMapping[int]):
    """Counters at one moment: a mapping whose items are attributes too."""

    __slots__ = ()

    def __init__(self, counters: Mapping[str, int] = {}, /, **more: int) -> None:
        super().__init__({**counters, **more})

    def __getattr__(self, name: str) -> int:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._items[name]
        except KeyError:
            raise AttributeError(f"there is no counter called {name!r}") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._items]

    def __repr__(self) -> str:
        return f"Stats({', '.join(f'{name}={value}' for name, value in self._items.items())})"


def make_kernel_profile(version: str, having: tuple[str, ...], without: tuple[str, ...]) -> _core.KernelProfile:
    """Makes a KernelProfile of its pickle."""
    return _core.KernelProfile(version, having=having, without=without)
