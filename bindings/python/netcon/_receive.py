"""Receiving and sending over UDP."""

from __future__ import annotations

import errno
import ipaddress
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _core
from ._check import MOST_COUNT, Seconds, flag, integer, iterable, pairs, seconds
from ._check import text as _text
from ._core import Event
from ._parameter import KernelLike, _port
from ._values import Endpoint, Level, Stats
from ._wire import format_basic, format_extended

if TYPE_CHECKING:
    from typing_extensions import Self

    from .aio import AsyncReceiver

Network = Union[str, ipaddress.IPv4Network, ipaddress.IPv6Network, ipaddress.IPv4Address, ipaddress.IPv6Address]


def _networks(allow: Iterable[Network]) -> list[str]:
    return [str(ipaddress.ip_network(one, strict=False)) for one in iterable(allow, "allow", "networks")]


def _level(level: Union[Level, int, str]) -> Level:
    if isinstance(level, str) and level.upper() not in Level.__members__:
        raise ValueError(f"no level is called {level!r}: {', '.join(map(str, Level))}")
    if not isinstance(level, (int, str)):
        raise TypeError(f"a level must be a Level, its number or its name, not {type(level).__name__}")
    return Level[level.upper()] if isinstance(level, str) else Level(level)


def _resolve(host: str, port: int) -> tuple[str, int]:
    port = _port(port, "port")
    try:
        # Only the system knows the zones by name.
        return _look_up(host) if "%" in _text(host, "host") else str(ipaddress.ip_address(host)), port
    except ValueError:
        return _look_up(host), port


def _look_up(host: str) -> str:
    """The first address of a name; the zone of a link-local one as a number."""
    try:
        address = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4]
    except socket.gaierror as problem:
        raise socket.gaierror(problem.errno, f"{problem.strerror}: {host!r}") from None
    scope = address[3] if len(address) == 4 else 0
    return f"{address[0]}%{scope}" if scope else str(address[0])


def take_all(events: deque[Event]) -> list[Event]:
    """Takes all events; other threads may take some at the same time."""
    out = []
    while events:
        try:
            out.append(events.popleft())
        except IndexError:
            break
    return out


class Socket:
    """The common part of Receiver and Sender: a socket that with and async with close."""

    _core: Union[_core.SocketReceiver, _core.SocketSender]

    def close(self) -> None:
        """Closes the socket."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()

    def fileno(self) -> int:
        """The socket's descriptor, for select() and event loops."""
        return self._core.fileno()

    @property
    def address(self) -> Endpoint:
        """The address and port it is bound to."""
        return self._core.address

    @property
    def stats(self) -> Stats:
        """Counters. Receiver: those of the Collector, and dropped (by the kernel, socket full), denied and truncated
        packets. Sender: packets and bytes sent, and the obstacles on the way."""
        return Stats(self._core.stats)


class Receiver(Socket):
    """A UDP socket and a Collector. Iterate over it for events.

    host: address or name to bind to; by default all of IPv6 and IPv4. port 0 takes a free one, see address.
    allow: networks and addresses to accept packets from; all others are counted as denied
    min_level: skip less severe records, such as Level.WARNING or 'warning'
    reorder: how long a record waits for missing ones before it, seconds or a timedelta; 0 delivers at once
    fd: a bound datagram socket to take over, as systemd passes it
    limits: those of Collector

    Iteration ends after stop(). While waiting the GIL is released, and signals are handled.

    >>> import netcon
    >>> with netcon.Receiver(port=0, host="127.0.0.1") as rx:
    ...     with netcon.Sender("127.0.0.1", rx.address.port) as tx:
    ...         tx.send("hello", level="err")
    ...     event = rx.batch(5)[0]
    >>> event.kind, str(event.record.level), event.record.text
    ('record', 'err', 'hello')
    """

    _core: _core.SocketReceiver
    _async: Optional[AsyncReceiver] = None  # what async for waits with

    def __init__(
        self,
        port: int = 6666,
        host: Optional[str] = None,
        *,
        allow: Iterable[Network] = (),
        min_level: Union[Level, int, str, None] = None,
        reorder: Seconds = 0.0,
        reuse_port: bool = False,
        buffer_bytes: int = 8 << 20,
        fd: Optional[int] = None,
        **limits: Any,
    ) -> None:
        limits["reorder"] = seconds(reorder, "reorder")
        if fd is not None:
            fd = integer(fd, "fd", 0, 0x7FFFFFFF)
        flag(reuse_port, "reuse_port")
        buffer_bytes = integer(buffer_bytes, "buffer_bytes", 0, 0x7FFFFFFF)
        level = None if min_level is None else int(_level(min_level))
        self._left: deque[Event] = deque()  # events that a loop did not reach
        networks = _networks(allow)

        def bind(address: str) -> _core.SocketReceiver:
            return _core.SocketReceiver(
                _resolve(address, port), fd, reuse_port, buffer_bytes, 64, networks, level, limits
            )

        if host is not None:
            self._core = bind(host)
            return
        try:
            self._core = bind("::")
        except OSError as problem:
            if problem.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
            self._core = bind("0.0.0.0")

    def batch(self, timeout: Optional[Seconds] = None) -> list[Event]:
        """The next events: waits for at least one until the timeout, in seconds or as a timedelta (None: for ever).

        Returns an empty list after the timeout, or when stopped and everything is delivered.
        """
        if self._left and not self.closed:
            return take_all(self._left)
        return self._core.batch(timeout)

    def __iter__(self) -> Iterator[Event]:
        while events := self.batch():
            rest = iter(events)
            try:
                yield from rest
            finally:
                self._left.extend(rest)

    def __aiter__(self) -> AsyncIterator[Event]:
        from . import aio

        if self._async is None:
            self._async = aio.AsyncReceiver(self)
        return self._async

    def run(self, handle: Callable[[Event], object]) -> None:
        """Calls handle with every event, until stop()."""
        for event in self:
            handle(event)

    def stop(self) -> None:
        """Ends batch() and iteration, after all that has arrived is delivered. From any thread or signal handler."""
        self._core.stop()

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._core.closed

    @property
    def stopped(self) -> bool:
        """Whether stop() was called."""
        return self._core.stopped

    @property
    def receive_buffer(self) -> int:
        """Bytes that the kernel reserved for waiting packets."""
        return self._core.receive_buffer

    def __repr__(self) -> str:
        return "<netcon.Receiver, closed>" if self.closed else f"<netcon.Receiver on {self.address}>"


class Sender(Socket):
    """Sends records the way the kernel does.

    host: the receiver, an address or a name
    extended, release, userdata, kernel: as of a target on that kernel; release is the text to prepend
    local: (address, port) to send from

    >>> import netcon
    >>> with netcon.Sender("127.0.0.1", 9) as tx:
    ...     tx.send("hello")
    """

    _core: _core.SocketSender

    def __init__(
        self,
        host: str,
        port: int = 6666,
        *,
        extended: bool = True,
        release: Optional[str] = None,
        userdata: Union[Mapping[str, str], Iterable[tuple[str, str]]] = (),
        kernel: KernelLike = None,
        local: Optional[tuple[str, int]] = None,
        buffer_bytes: int = 1 << 20,
    ) -> None:
        remote = _resolve(host, integer(port, "port", 1, 0xFFFF))
        self._kernel = _core.KernelProfile(kernel)
        self._extended = flag(extended, "extended")
        self._release = release
        self._userdata = list(pairs(userdata, "userdata"))
        self._sequence = 0
        # Refuse here what cannot be sent, not at the first record.
        if extended:
            _core.encode(b"6,0,0,-", b"\n", kernel=self._kernel, release=release, userdata=self._userdata)
        self._core = _core.SocketSender(remote, local, integer(buffer_bytes, "buffer_bytes", 0, 0x7FFFFFFF))

    def send(
        self,
        text: Union[str, bytes],
        *,
        level: Union[Level, int, str] = Level.INFO,
        facility: int = 1,
        sequence: Optional[int] = None,
        timestamp_us: Optional[int] = None,
        caller: str = "",
        subsystem: str = "",
        device: str = "",
    ) -> None:
        """Sends one record. By default sequence numbers count up, and the time is that since this machine's boot."""
        priority = integer(facility, "facility", 0, 255) * 8 + _level(level)
        if timestamp_us is None:
            timestamp_us = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
        sequence = self._sequence if sequence is None else integer(sequence, "sequence", 0, MOST_COUNT)
        self._sequence = (sequence + 1) & MOST_COUNT
        if self._extended:
            header, body = format_extended(
                text,
                priority=priority,
                sequence=sequence,
                timestamp_us=timestamp_us,
                caller=caller,
                subsystem=subsystem,
                device=device,
                kernel=self._kernel,
            )
            packets = _core.encode(header, body, kernel=self._kernel, release=self._release, userdata=self._userdata)
        else:
            packets = _core.encode_basic(
                format_basic(text, priority=priority, timestamp_us=timestamp_us, caller=caller)
            )
        self._core.send(packets)

    def send_packets(self, packets: Iterable[bytes]) -> int:
        """Sends packets as they are, in order; returns how many were sent."""
        return self._core.send(iterable(packets, "packets", "bytes"))
