"""What people dig out by hand with ip, arp and arping."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple, Optional

from . import _core
from ._check import integer
from ._parameter import Target, _address
from ._values import IPAddress, IPAddressLike, MacAddress


class Route(NamedTuple):
    """How a packet leaves this machine. next_hop is the remote address itself when it is on the link."""

    dev_name: str
    dev_index: int
    dev_mac: MacAddress
    source: IPAddress
    next_hop: IPAddress
    via_gateway: bool
    is_broadcast: bool
    table: int


def find_route(remote: IPAddressLike, source: Optional[IPAddressLike] = None, device: int = 0) -> Route:
    """How packets go to an address, from a source and through a device (an index) when these are given.

    Sends nothing. RouteError says why there is no way, or none that netconsole could take.
    """
    packed = None if source is None else _address(source, "source").packed
    name, index, mac, source_text, next_hop, via_gateway, is_broadcast, table = _core.find_route(
        _address(remote, "remote").packed, packed, integer(device, "device", 0, 0x7FFFFFFF)
    )
    return Route(
        dev_name=name,
        dev_index=index,
        dev_mac=MacAddress(mac),
        source=ipaddress.ip_address(source_text),
        next_hop=ipaddress.ip_address(next_hop),
        via_gateway=via_gateway,
        is_broadcast=is_broadcast,
        table=table,
    )


def complete(target: Target, timeout: float = 2.0) -> Target:
    """Fills in what the target leaves out of device, local address and the next hop's MAC address.

    An unknown neighbour is provoked by one datagram to its discard port and waited for, timeout seconds at most.
    """
    if not isinstance(target, Target):
        raise TypeError(f"target must be a Target, not {type(target).__name__}")
    return Target._of(_core.complete_target(target._row(), timeout))
