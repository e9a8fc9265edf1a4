# SPDX-License-Identifier: MIT
"""The netconsole= parameter."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Iterator, Sequence
from typing import Any, Optional, Union, overload

from . import _core
from ._check import flag, port_number, text
from ._errors import ParseError, Places, TextRange
from ._rows import SettingsRow, TargetRow
from ._values import IPAddress, IPAddressLike, KernelLike, MacAddress

Text = Union[str, bytes]

_MAC = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}\Z")


def _address(value: IPAddressLike, name: str) -> IPAddress:
    if not isinstance(value, (str, ipaddress.IPv4Address, ipaddress.IPv6Address)):
        raise TypeError(f"{name} must be an address as str or ipaddress object, not {type(value).__name__}")
    address = ipaddress.ip_address(value)
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise ValueError(f"{name} cannot have a zone: netconsole has no place for it")
    return address


def _mac(value: str, name: str) -> MacAddress:
    if not isinstance(value, (str, bytes)):
        raise TypeError(f"{name} must be a MAC address as str, not {type(value).__name__}")
    return value if isinstance(value, MacAddress) else MacAddress(value)


def _name(value: str, name: str) -> str:
    if len(text(value, name).encode("utf-8", "surrogateescape")) > 15:
        raise ValueError(f"{name} has more than 15 bytes, which no interface name has")
    return value


def _evaluable(self: Any) -> str:
    """Fields that differ from their default, in a form that evaluates with netcon's names alone."""
    shown = []
    for field in dataclasses.fields(self):
        value = getattr(self, field.name)
        if field.default is not dataclasses.MISSING and value == field.default:
            continue
        if isinstance(value, (ipaddress.IPv4Address, ipaddress.IPv6Address, MacAddress)):
            value = str(value)
        shown.append(f"{field.name}={value!r}")
    return f"{type(self).__name__}({', '.join(shown)})"


@dataclasses.dataclass(frozen=True, repr=False)
class Settings:
    """A target as the kernel uses it, every default filled in.

    local_ip is None where the kernel picks an address of the device. With dev_mac the kernel finds the device by its
    MAC address, and dev_name is empty.
    """

    extended: bool = False
    release: bool = False
    local_port: int = 6665
    local_ip: Optional[IPAddress] = None
    dev_name: str = "eth0"
    dev_mac: Optional[MacAddress] = None
    remote_port: int = 6666
    remote_ip: IPAddress = ipaddress.IPv4Address(0)
    remote_mac: MacAddress = MacAddress("ff:ff:ff:ff:ff:ff")

    # By hand, so that type checkers know what may be given where another type is kept.
    def __init__(
        self,
        extended: bool = False,
        release: bool = False,
        local_port: int = 6665,
        local_ip: Optional[IPAddressLike] = None,
        dev_name: str = "eth0",
        dev_mac: Optional[str] = None,
        remote_port: int = 6666,
        remote_ip: IPAddressLike = "0.0.0.0",
        remote_mac: str = "ff:ff:ff:ff:ff:ff",
    ) -> None:
        put = object.__setattr__
        put(self, "extended", flag(extended, "extended"))
        put(self, "release", flag(release, "release"))
        put(self, "local_port", port_number(local_port, "local_port"))
        put(self, "local_ip", None if local_ip is None else _address(local_ip, "local_ip"))
        put(self, "dev_name", _name(dev_name, "dev_name"))
        put(self, "dev_mac", None if dev_mac is None else _mac(dev_mac, "dev_mac"))
        put(self, "remote_port", port_number(remote_port, "remote_port"))
        put(self, "remote_ip", _address(remote_ip, "remote_ip"))
        put(self, "remote_mac", _mac(remote_mac, "remote_mac"))

    __repr__ = _evaluable

    def full(self) -> Target:
        """The target with every field written out."""
        return Target._of(_core.full_target(self._row()))

    def _row(self) -> SettingsRow:
        return (
            self.extended,
            self.release,
            self.local_port,
            None if self.local_ip is None else self.local_ip.packed,
            self.dev_name,
            self.dev_mac,
            self.remote_port,
            self.remote_ip.packed,
            self.remote_mac,
        )

    @classmethod
    def _of(cls, row: SettingsRow) -> Settings:
        extended, release, local_port, local_ip, name, mac, remote_port, remote_ip, remote_mac = row
        return cls(
            extended,
            release,
            local_port,
            None if local_ip is None else ipaddress.ip_address(local_ip),
            name,
            None if mac is None else MacAddress(mac),
            remote_port,
            ipaddress.ip_address(remote_ip),
            MacAddress(remote_mac),
        )


@dataclasses.dataclass(frozen=True, repr=False, kw_only=True)
class Target:
    """A target as written; fields that the text omits are None. str() writes it.

    local_device is an interface name, or a MacAddress. Addresses may be given as text.

    >>> import netcon
    >>> t = netcon.Target(extended=True, remote_ip="10.0.0.2")
    >>> str(t)
    '+@/,@10.0.0.2/'
    >>> t.resolve().remote_port
    6666
    """

    extended: bool = False
    release: bool = False
    local_port: Optional[int] = None
    local_ip: Optional[IPAddress] = None
    local_device: Optional[str] = None
    remote_port: Optional[int] = None
    remote_ip: IPAddress
    remote_mac: Optional[MacAddress] = None

    # By hand, so that type checkers know what may be given where another type is kept.
    def __init__(
        self,
        *,
        extended: bool = False,
        release: bool = False,
        local_port: Optional[int] = None,
        local_ip: Optional[IPAddressLike] = None,
        local_device: Optional[str] = None,
        remote_port: Optional[int] = None,
        remote_ip: IPAddressLike,
        remote_mac: Optional[str] = None,
    ) -> None:
        put = object.__setattr__
        put(self, "extended", flag(extended, "extended"))
        put(self, "release", flag(release, "release"))
        put(self, "local_port", None if local_port is None else port_number(local_port, "local_port"))
        put(self, "local_ip", None if local_ip is None else _address(local_ip, "local_ip"))
        if local_device is not None and not isinstance(local_device, MacAddress):
            if isinstance(local_device, str) and _MAC.match(local_device):
                local_device = MacAddress(local_device)
            else:
                local_device = _name(local_device, "local_device")
        put(self, "local_device", local_device)
        put(self, "remote_port", None if remote_port is None else port_number(remote_port, "remote_port"))
        put(self, "remote_ip", _address(remote_ip, "remote_ip"))
        put(self, "remote_mac", None if remote_mac is None else _mac(remote_mac, "remote_mac"))

    __repr__ = _evaluable

    def __str__(self) -> str:
        return _core.format_target(self._row())

    def resolve(self, kernel: KernelLike = None) -> Settings:
        """The settings that the kernel makes of it: every default filled in."""
        return Settings._of(_core.resolve_target(self._row(), kernel))

    def check(self, kernel: KernelLike = None) -> Optional[str]:
        """The code of the error that keeps this target from being written for that kernel, or None."""
        return _core.check_target(self._row(), kernel)

    def shortest(self, kernel: KernelLike = None) -> Target:
        """The target with the same settings and the shortest text."""
        return Target._of(_core.shortest_target(self._row(), kernel))

    def _row(self) -> TargetRow:
        is_mac = isinstance(self.local_device, MacAddress)
        return (
            self.extended,
            self.release,
            self.local_port,
            None if self.local_ip is None else self.local_ip.packed,
            None if is_mac else self.local_device,
            self.local_device if is_mac else None,
            self.remote_port,
            self.remote_ip.packed,
            self.remote_mac,
        )

    @classmethod
    def _of(cls, row: TargetRow) -> Target:
        extended, release, local_port, local_ip, name, mac, remote_port, remote_ip, remote_mac = row
        return cls(
            extended=extended,
            release=release,
            local_port=local_port,
            local_ip=None if local_ip is None else ipaddress.ip_address(local_ip),
            local_device=name if mac is None else MacAddress(mac),
            remote_port=remote_port,
            remote_ip=ipaddress.ip_address(remote_ip),
            remote_mac=None if remote_mac is None else MacAddress(remote_mac),
        )


class Parameter(Sequence[Target]):
    """The targets of a parameter that the kernel keeps, in the order of the text.

    targets: the same as a tuple; the one at index N is called cmdlineN in configfs
    ranges: the TextRange of each in the text
    skipped: a ParseError for each part that the kernel skips
    """

    __slots__ = ("ranges", "skipped", "targets")
    __match_args__ = ("targets",)

    targets: tuple[Target, ...]
    ranges: tuple[TextRange, ...]
    skipped: tuple[ParseError, ...]

    def __init__(
        self,
        targets: Sequence[Target] = (),
        ranges: Sequence[tuple[int, int]] = (),
        skipped: Sequence[ParseError] = (),
    ) -> None:
        object.__setattr__(self, "targets", tuple(targets))
        object.__setattr__(self, "ranges", tuple(TextRange(*one) for one in ranges))
        object.__setattr__(self, "skipped", tuple(skipped))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Parameter cannot be changed")

    @overload
    def __getitem__(self, index: int) -> Target: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Target, ...]: ...
    def __getitem__(self, index: Union[int, slice]) -> Union[Target, tuple[Target, ...]]:
        return self.targets[index]

    def __iter__(self) -> Iterator[Target]:
        return iter(self.targets)

    def __len__(self) -> int:
        return len(self.targets)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parameter):
            return NotImplemented
        return self.targets == other.targets and repr(self.skipped) == repr(other.skipped)

    def __hash__(self) -> int:
        return hash(self.targets)

    def __str__(self) -> str:
        return ";".join(map(str, self.targets))

    def __repr__(self) -> str:
        more = f", skipped={list(self.skipped)!r}" if self.skipped else ""
        return f"Parameter({list(self.targets)!r}, {[tuple(one) for one in self.ranges]!r}{more})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameter, (self.targets, self.ranges, self.skipped)


def parse_target(text: Text, kernel: KernelLike = None) -> Target:
    """One target, exactly as that kernel reads it (default: the newest).

    Raises ParseError, with the place, when the kernel refuses the text. Takes any bytes; a str is read as UTF-8.

    >>> import netcon
    >>> netcon.parse_target("+@/eth0,@10.0.0.2/")
    Target(extended=True, local_device='eth0', remote_ip='10.0.0.2')
    >>> netcon.parse_target("@/,66666@10.0.0.2/")
    Traceback (most recent call last):
    ...
    netcon.ParseError: the port number is larger than 65535
      @/,66666@10.0.0.2/
         ^~~~~
    hint: write a decimal number from 0 to 65535
    """
    return Target._of(_core.parse_target(text, kernel))


def parse_parameter(text: Text, kernel: KernelLike = None) -> Parameter:
    """A whole parameter, targets separated by ';', as that kernel reads it; bad targets are in skipped.

    >>> import netcon
    >>> p = netcon.parse_parameter("@/,@10.0.0.2/;@/,@10.0.0.x/")
    >>> len(p), p.skipped[0].code
    (1, 'bad-ip-address')
    """
    rows, ranges, skipped = _core.parse_parameter(text, kernel)
    if isinstance(text, str):
        places = Places(text)
        ranges = [places.char_range(*one) for one in ranges]
    return Parameter([Target._of(row) for row in rows], ranges, skipped)
