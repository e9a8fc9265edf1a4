# SPDX-License-Identifier: MIT
"""Receiving and sending over UDP."""

from __future__ import annotations

import errno
import ipaddress
import os
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from itertools import islice
from operator import length_hint
from typing import TYPE_CHECKING, Any, Optional, TypedDict, Union

from . import _core
from ._check import MOST_COUNT, Seconds, flag, integer, iterable, pairs, port_number, seconds
from ._events import AnyEvent, NewRecord, new_records
from ._values import Endpoint, KernelLike, Level, LevelLike, Limits, Stats, level_of
from ._wire import format_basic, format_extended

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from .aio import AsyncReceiver

Host = Union[str, ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[str, ipaddress.IPv4Network, ipaddress.IPv6Network, ipaddress.IPv4Address, ipaddress.IPv6Address]


class SenderOptions(TypedDict, total=False):
    """The keyword arguments of Sender."""

    extended: bool
    release: Optional[str]
    userdata: Union[Mapping[str, str], Iterable[tuple[str, str]]]
    kernel: KernelLike
    local: Optional[tuple[Host, int]]
    buffer_bytes: int


class ReceiverOptions(Limits, total=False):
    """The keyword arguments of Receiver."""

    allow: Iterable[Network]
    min_level: Optional[LevelLike]
    basic: bool
    reuse_port: bool
    buffer_bytes: int
    fd: Optional[int]


_NETWORKS = (ipaddress.IPv4Network, ipaddress.IPv6Network)
_ADDRESSES = (ipaddress.IPv4Address, ipaddress.IPv6Address)


def _networks(allow: Iterable[Network]) -> list[str]:
    if isinstance(allow, _NETWORKS):  # iterable: it gives each address in it
        raise TypeError(f"allow must be a list of networks, not {type(allow).__name__}")
    return [_network(one) for one in iterable(allow, "allow", "networks")]


def _network(one: Network) -> str:
    if not isinstance(one, (str, *_NETWORKS, *_ADDRESSES)):  # ipaddress would take a number as an address
        raise TypeError(f"allow must hold networks as str or of ipaddress, not {type(one).__name__}")
    network = ipaddress.ip_network(one, strict=False)
    mapped = network.network_address.ipv4_mapped if isinstance(network, ipaddress.IPv6Network) else None
    if mapped is not None and network.prefixlen >= 96:  # senders have the IPv4 address
        network = ipaddress.ip_network(f"{mapped}/{network.prefixlen - 96}")
    return str(network)


def _refuse_other_family(networks: list[str], host: str) -> None:
    """ValueError when a socket of this address would deny every packet. [::] gets those of both families."""
    if not networks or host == "::":
        return
    is_ipv6 = _is_ipv6(_resolve(host, 0)[0])
    if all(_is_ipv6(network) != is_ipv6 for network in networks):
        mine, other = ("IPv6", "IPv4") if is_ipv6 else ("IPv4", "IPv6")
        raise ValueError(
            f"allow has networks of {other} only, and host {host} receives {mine}: leave host out to receive both"
        )


def _resolve(host: Host, port: int, name: str = "host") -> tuple[str, int]:
    port = port_number(port, "port")
    if isinstance(host, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
        host = str(host)
    if not isinstance(host, str):
        raise TypeError(f"{name} must be str, not {type(host).__name__}; an address of ipaddress is taken too")
    try:
        # Only the system knows the zones by name.
        return _look_up(host) if "%" in host else str(ipaddress.ip_address(host)), port
    except ValueError:
        return _look_up(host), port


def _look_up(host: str) -> str:
    """The first address of a name; the zone of a link-local one as a number."""
    import socket

    try:
        address = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4]
    except (socket.gaierror, UnicodeError) as problem:
        number = problem.errno if isinstance(problem, socket.gaierror) else socket.EAI_NONAME
        reason = problem.strerror if isinstance(problem, socket.gaierror) else "this is no name of a host"
        raise socket.gaierror(number, f"{reason}: {host!r}") from None
    scope = address[3] if len(address) == 4 else 0
    return f"{address[0]}%{scope}" if scope else str(address[0])


def _is_ipv6(host: str) -> bool:
    return ":" in host


def most_events(value: Optional[int]) -> Optional[int]:
    return None if value is None else integer(value, "max", 1, MOST_COUNT)


#: Seconds after which the socket is looked at while events are handled: with the least buffer that a kernel gives to
#: any user it takes 100,000 packets a second five milliseconds to fill it.
KEEP_UP = 0.001


class Pace:
    """How many events are handled between two looks at the socket: packets that come meanwhile must not fill it."""

    def __init__(self, core: _core.SocketReceiver) -> None:
        self.events = 1
        self._core = core
        self._looked = time.monotonic()

    def look(self) -> None:
        """After so many events."""
        now = time.monotonic()
        if now - self._looked < KEEP_UP:
            self.events = min(self.events * 2, 16)
        else:
            self._core.keep_up()
            self.events, self._looked = max(self.events // 2, 1), now


#: All that there are, by their id().
sockets: weakref.WeakValueDictionary[int, Socket] = weakref.WeakValueDictionary()


def _after_fork() -> None:
    """The locks that other threads held, which this process lacks, would never be free."""
    for one in list(sockets.values()):
        one._forked()


os.register_at_fork(after_in_child=_after_fork)


class Socket:
    """The common part of Receiver and Sender: a socket that with and async with close."""

    _core: Union[_core.SocketReceiver, _core.SocketSender]

    def _forked(self) -> None:
        self._core.forked()

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
        """Counters. Receiver: those of the Collector, and packets: dropped (by the kernel, socket full), backlog_drops
        (of the busiest addresses, while others waited too), denied and truncated. Sender: packets and bytes sent, and
        the obstacles on the way."""
        return Stats(self._core.stats)


class Receiver(Socket):
    """A UDP socket and a Collector. Iterate over it for events, or over records() for records.

    host: address or name to bind to; by default all of IPv6 and IPv4. port 0 takes a free one, see address.
    allow: networks and addresses to accept packets from; all others are counted as denied
    min_level: skip less severe records, such as Level.WARNING or 'warning', and basic lines whose prefix says so
    basic: False skips lines without header
    reorder: how long a record waits for missing ones before it, seconds or a timedelta; 0 delivers at once
    fd: a bound datagram socket to take over, as systemd passes it
    limits: those of Collector

    Iteration ends after stop(). While waiting the GIL is released, and signals are handled.

    >>> import netcon
    >>> with netcon.Receiver(port=0, host="127.0.0.1") as rx:
    ...     with netcon.Sender("127.0.0.1", rx.address.port) as tx:
    ...         tx.send("hello", level="err")
    ...     event = rx.batch(5)[0]
    1
    >>> event.kind, str(event.record.level), event.record.text
    ('record', 'err', 'hello')
    """

    _core: _core.SocketReceiver
    _async: Optional[AsyncReceiver] = None  # what async for waits with

    def __init__(
        self,
        port: int = 6666,
        host: Optional[Host] = None,
        *,
        allow: Iterable[Network] = (),
        min_level: Optional[LevelLike] = None,
        basic: bool = True,
        reuse_port: bool = False,
        buffer_bytes: int = 8 << 20,
        fd: Optional[int] = None,
        **limits: Unpack[Limits],
    ) -> None:
        if "reorder" in limits:
            limits["reorder"] = seconds(limits["reorder"], "reorder")
        if fd is not None:
            fd = integer(fd, "fd", 0, 0x7FFFFFFF)
        flag(reuse_port, "reuse_port")
        flag(basic, "basic")
        buffer_bytes = integer(buffer_bytes, "buffer_bytes", 0, 0x7FFFFFFF)
        level = None if min_level is None else int(level_of(min_level))
        self._left: deque[AnyEvent] = deque()  # events that a loop did not reach
        networks = _networks(allow)

        def bind(address: Host) -> _core.SocketReceiver:
            if fd is None:
                _refuse_other_family(networks, str(address))
            return _core.SocketReceiver(
                _resolve(address, port), fd, reuse_port, buffer_bytes, networks, level, basic, dict(limits)
            )

        try:
            self._core = bind("::" if host is None else host)
        except OSError as problem:  # a machine without IPv6
            if host is not None or problem.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
            self._core = bind("0.0.0.0")
        sockets[id(self)] = self

    def batch(
        self, timeout: Optional[Seconds] = None, *, max: Optional[int] = None, linger: Seconds = 0.0
    ) -> list[AnyEvent]:
        """The next events: waits for at least one until the timeout, in seconds or as a timedelta (None: for ever).

        linger: wait so long for more after the first. max: return at most so many, and at once when they are there.
        Returns an empty list after the timeout, or when stopped and everything is delivered.
        """
        most, wait = most_events(max), seconds(linger, "linger")
        events: list[AnyEvent] = []
        try:
            if not self.closed:
                _core.take_all(self._left, events)
            if not events:
                self._core.batch(timeout, events)
            elif most is None:
                # No packets may wait outside of the socket afterwards: select() would not see them.
                self._core.batch(0, events)
            else:
                self._core.keep_up()
            end = time.monotonic() + wait
            while wait > 0 and events and (most is None or len(events) < most):
                if (now := time.monotonic()) >= end or self._core.batch(end - now, events) == 0:
                    break
            if most is not None:
                _core.give_back(self._left, events, most)
            return events
        except BaseException:
            _core.give_back(self._left, events, 0)
            raise

    def records(self, *, min_level: Optional[LevelLike] = None) -> Iterator[NewRecord]:
        """Only the events that bring a new record: kinds record, partial, late and basic. Ends after stop().

        min_level: skip less severe ones; those without level stay
        """
        return new_records(iter(self), None if min_level is None else level_of(min_level))

    def __iter__(self) -> Iterator[AnyEvent]:
        pace = Pace(self._core)
        going = True
        while going:
            events: list[AnyEvent] = []
            rest: Optional[Iterator[AnyEvent]] = None
            try:
                events = self.batch()
                rest, going = iter(events), bool(events)
                while length_hint(rest):
                    yield from islice(rest, pace.events)
                    pace.look()
            finally:
                self._left.extend(events if rest is None else rest)

    def __aiter__(self) -> AsyncIterator[AnyEvent]:
        from . import aio

        if self._async is None:
            self._async = aio.AsyncReceiver(self)
        return self._async

    def run(self, handle: Callable[[AnyEvent], object]) -> None:
        """Calls handle with every event, until stop()."""
        for event in self:
            handle(event)

    def stop(self) -> None:
        """Ends batch() and iteration, after all that has arrived is delivered. From any thread or signal handler."""
        self._core.stop()
        if self._async is not None:
            self._async.stop()

    def close(self) -> None:
        """Closes the socket; async for ends. From any thread."""
        if self._async is not None:
            self._async.close()
        else:
            self._core.close()

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


#: The longest text of one record, as `netcon send` makes them: what any kernel's log holds, in bytes.
MOST_TEXT = 1023
_ESCAPED = bytes(byte for byte in range(256) if byte < 0x20 or byte > 0x7E or byte == 0x5C)


def _escaped_size(text: bytes) -> int:
    return len(text) + 3 * (len(text) - len(text.translate(None, _ESCAPED)))


def _fitting(text: bytes, room: int) -> int:
    """How many bytes at the beginning fit into one record, whole characters where it is UTF-8; at least 1."""
    if len(text) <= MOST_TEXT and _escaped_size(text) <= room:
        return len(text)
    size = min(len(text), MOST_TEXT)
    while size > 1 and (excess := _escaped_size(text[:size]) - room) > 0:
        size -= max(1, excess // 4)
    for back in range(min(4, size)):
        if size - back > 0 and (size == len(text) or text[size - back] & 0xC0 != 0x80):
            return size - back
    return size


def split_text(text: bytes, lines: bool, room: int) -> list[bytes]:
    """A text as records: one a line, or one altogether; more where it does not fit."""
    text = text.removesuffix(b"\n")  # printk takes one newline away
    parts = text.split(b"\n") if lines else [text]
    records = []
    for part in parts:
        while (size := _fitting(part, room)) < len(part):
            records.append(part[:size])
            part = part[size:]
        records.append(part)
    return records


class Sender(Socket):
    """Sends records the way the kernel does. Threads may share one.

    host: the receiver, an address or a name
    extended, release, userdata, kernel: as of a target on that kernel; release is the text to prepend
    local: (address, port) to send from

    >>> import netcon
    >>> with netcon.Sender("127.0.0.1", 9) as tx:
    ...     tx.send("hello")
    1
    """

    _core: _core.SocketSender

    def __init__(
        self,
        host: Host,
        port: int = 6666,
        *,
        extended: bool = True,
        release: Optional[str] = None,
        userdata: Union[Mapping[str, str], Iterable[tuple[str, str]]] = (),
        kernel: KernelLike = None,
        local: Optional[tuple[Host, int]] = None,
        buffer_bytes: int = 1 << 20,
    ) -> None:
        remote = _resolve(host, integer(port, "port", 1, 0xFFFF))
        self._kernel = _core.KernelProfile(kernel)
        self._extended = flag(extended, "extended")
        self._release = release
        self._userdata = pairs(userdata, "userdata")
        self._sequence = 0
        self._renew_lock()
        # Refuse here what cannot be sent, not at the first record.
        if extended:
            _core.encode(b"6,0,0,-", b"\n", kernel=self._kernel, release=release, userdata=self._userdata)
        elif release is not None or self._userdata:
            raise ValueError("release and userdata need extended=True: a basic packet has no place for them")
        if local is not None:
            local = _local(local, remote[0])
        self._core = _core.SocketSender(remote, local, integer(buffer_bytes, "buffer_bytes", 0, 0x7FFFFFFF))
        self._remote = Endpoint(*remote)
        sockets[id(self)] = self

    def _renew_lock(self) -> None:
        import threading

        # A signal handler may send while the thread that it interrupts does.
        self._lock = threading.RLock()

    def _forked(self) -> None:
        self._renew_lock()
        super()._forked()

    @property
    def remote(self) -> Endpoint:
        """The address and port it sends to."""
        return self._remote

    def send(
        self,
        text: Union[str, bytes],
        *,
        level: LevelLike = Level.INFO,
        facility: int = 1,
        sequence: Optional[int] = None,
        timestamp_us: Optional[int] = None,
        caller: str = "",
        subsystem: str = "",
        device: str = "",
        lines: bool = True,
    ) -> int:
        """Sends a text, and returns how many records it took.

        lines: a text of several lines is one record a line; False: one record, its newlines escaped
        A newline at the end is no part of a record, as in the kernel.
        Whatever does not fit into one record goes on in the next one: 1023 bytes, fewer when they need escaping.
        By default sequence numbers count up, and the time is that since this machine's boot. Raises ValueError for
        what has no place in a record, and sends nothing then.
        """
        if not isinstance(text, (str, bytes)):
            raise TypeError(f"text must be str or bytes, not {type(text).__name__}")
        priority = integer(facility, "facility", 0, 255) * 8 + level_of(level)
        if timestamp_us is None:
            timestamp_us = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
        timestamp_us = integer(timestamp_us, "timestamp_us", 0, MOST_COUNT)
        if not all("!" <= c <= "~" and c not in ",;" for c in caller):
            raise ValueError("caller must be as 'T12' or 'C0': the header has no place for other characters")
        if sequence is not None:
            sequence = integer(sequence, "sequence", 0, MOST_COUNT)
        raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text

        def form(number: int, part: bytes) -> tuple[bytes, bytes]:
            return format_extended(
                part,
                priority=priority,
                sequence=number,
                timestamp_us=timestamp_us,
                caller=caller,
                subsystem=subsystem,
                device=device,
                kernel=self._kernel,
            )

        header, body = form(MOST_COUNT, b"")
        # The buffer of the kernel's formatter, less two bytes that it never fills.
        room = (2048 if self._kernel.supports("short_records") else 8192) - len(header) - len(body) - 3
        if not body.endswith(b"\n") or room < MOST_TEXT // 4:
            raise ValueError("subsystem and device leave no room for the text: a record has at most 2048 bytes")
        parts = split_text(raw, flag(lines, "lines"), room)
        count = len(parts)
        with self._lock:
            before = self._sequence
            first = before if sequence is None else sequence
            # Taken at once: a handler of a signal or a finalizer that sends meanwhile gets other numbers.
            self._sequence = after = first + count & MOST_COUNT
            packets: list[bytes] = []
            try:
                for at, part in enumerate(parts):
                    number = first + at & MOST_COUNT
                    if self._extended:
                        header, body = form(number, part)
                        packets += _core.encode(
                            header, body, kernel=self._kernel, release=self._release, userdata=self._userdata
                        )
                    else:
                        packets += _core.encode_basic(
                            format_basic(part, priority=priority, timestamp_us=timestamp_us, caller=caller)
                        )
            except BaseException:
                if self._sequence == after:  # nothing is sent: no number is missing
                    self._sequence = before
                raise
            self._core.send(packets)
        return count

    def send_packets(self, packets: Iterable[bytes]) -> int:
        """Sends packets as they are, in order; returns how many were sent."""
        return self._core.send(iterable(packets, "packets", "bytes"))

    def __repr__(self) -> str:
        return f"<netcon.Sender to {self._remote}>"


def _local(local: Any, remote: str) -> tuple[str, int]:
    if not isinstance(local, tuple) or len(local) != 2:
        raise TypeError("local must be a pair of address and port")
    found = _resolve(local[0], local[1], "the address of local")
    if _is_ipv6(found[0]) != _is_ipv6(remote):
        raise ValueError(f"local is {found[0]} and host is {remote}: give two addresses of IPv4, or two of IPv6")
    return found
