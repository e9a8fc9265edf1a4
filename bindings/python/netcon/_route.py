# SPDX-License-Identifier: MIT
"""Routes and MAC addresses, from the kernel's tables."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple, Optional

from . import _core
from ._check import CheckedTuple, Seconds, integer
from ._parameter import Target, _address
from ._values import IPAddress, IPAddressLike, MacAddress

if TYPE_CHECKING:
    from typing_extensions import Self


class _Route(NamedTuple):
    dev_name: str
    dev_index: int
    dev_mac: MacAddress
    source: IPAddress
    next_hop: IPAddress
    via_gateway: bool
    is_broadcast: bool
    is_wireless: bool
    table: int


class Route(CheckedTuple, _Route):  # type: ignore[misc]
    """How a packet leaves this machine. On the same link next_hop is the remote address itself.

    is_wireless: the device sends only while it is associated
    """

    __slots__ = ()

    # By hand: the fields are values of netcon, whatever a repr or a caller gives.
    def __new__(
        cls,
        dev_name: str,
        dev_index: int,
        dev_mac: str,
        source: IPAddressLike,
        next_hop: IPAddressLike,
        via_gateway: bool,
        is_broadcast: bool,
        is_wireless: bool,
        table: int,
    ) -> Self:
        return super().__new__(
            cls,
            dev_name,
            dev_index,
            dev_mac if isinstance(dev_mac, MacAddress) else MacAddress(dev_mac),
            ipaddress.ip_address(source),
            ipaddress.ip_address(next_hop),
            via_gateway,
            is_broadcast,
            is_wireless,
            table,
        )

    def __repr__(self) -> str:
        shown = {**self._asdict(), "source": str(self.source), "next_hop": str(self.next_hop)}
        return f"Route({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def find_route(remote: IPAddressLike, source: Optional[IPAddressLike] = None, device: int = 0) -> Route:
    """The route to an address, from a source and through a device (an index) when these are given.

    Sends nothing. Raises RouteError when there is no route, or none that netconsole could use.
    """
    to = _address(remote, "remote")
    begin = None if source is None else _address(source, "source")
    if begin is not None and begin.version != to.version:
        raise ValueError(f"source is {begin} and remote is {to}: give two addresses of IPv4, or two of IPv6")
    name, index, mac, source_text, next_hop, via_gateway, is_broadcast, is_wireless, table = _core.find_route(
        to.packed, None if begin is None else begin.packed, integer(device, "device", 0, 0x7FFFFFFF)
    )
    return Route(
        dev_name=name,
        dev_index=index,
        dev_mac=mac,
        source=source_text,
        next_hop=next_hop,
        via_gateway=via_gateway,
        is_broadcast=is_broadcast,
        is_wireless=is_wireless,
        table=table,
    )


def complete(target: Target, timeout: Seconds = 2.0) -> Target:
    """Fills in the device, the local address and the next hop's MAC address where the target omits them.

    Sends one datagram to the discard port of an unknown neighbour and waits for its MAC address until the timeout.
    """
    if not isinstance(target, Target):
        raise TypeError(f"target must be a Target, not {type(target).__name__}")
    return Target._of(_core.complete_target(target._row(), timeout))
