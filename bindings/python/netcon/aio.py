"""Receiving with asyncio.

async with await netcon.aio.listen(port=6666) as rx:
    async for event in rx:
        ...
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional

from . import _core
from ._check import Seconds, seconds
from ._core import Collector, Event
from ._receive import Receiver, Socket, take_all
from ._values import Stats

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncReceiver", "Protocol", "listen"]


class AsyncReceiver(Socket):
    """A Receiver for an event loop: iterate over it with async for. Made by listen()."""

    def __init__(self, receiver: Receiver) -> None:
        self._core: _core.SocketReceiver = receiver._core
        self._events = receiver._left
        self._wake: Optional[Callable[[], None]] = None

    async def batch(self, timeout: Optional[Seconds] = None) -> list[Event]:
        """The next events, waiting for at least one; an empty list after the timeout or close().

        One task may wait at a time.
        """
        if self._wake is not None:
            raise RuntimeError("another task is already waiting for this receiver's events")
        if self._events:
            return take_all(self._events)
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + seconds(timeout, "timeout")
        while True:
            if self._core.closed:
                return []
            events = self._core.batch(0)
            if events or self._core.stopped:
                return events
            waits = [w for w in (self._core.wait, None if end is None else end - loop.time()) if w is not None]
            if end is not None and loop.time() >= end:
                return []
            await self._readable(min(waits, default=None))

    async def _readable(self, timeout: Optional[float]) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        fd = self.fileno()

        def wake() -> None:
            # Only once: after close() the descriptor may be another one's.
            if self._wake is wake:
                self._wake = None
                loop.remove_reader(fd)
            if not ready.done():
                ready.set_result(None)

        self._wake = wake
        loop.add_reader(fd, wake)
        timer = None if timeout is None else loop.call_later(max(timeout, 0), wake)
        try:
            await ready
        finally:
            wake()
            if timer is not None:
                timer.cancel()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if not self._events:
            self._events.extend(await self.batch())
            if not self._events:
                raise StopAsyncIteration
        return self._events.popleft()

    def close(self) -> None:
        """Ends iteration and closes the socket. From the loop's thread."""
        self._core.stop()
        if self._wake is not None:
            self._wake()
        self._core.close()


async def listen(port: int = 6666, host: Optional[str] = None, **options: Any) -> AsyncReceiver:
    """Binds a socket; all arguments are those of Receiver."""
    return AsyncReceiver(Receiver(port, host, **options))


class Protocol(asyncio.DatagramProtocol):
    """For loop.create_datagram_endpoint(): calls handle with each event. limits are those of Collector.

    transport, _ = await loop.create_datagram_endpoint(lambda: netcon.aio.Protocol(print), ("::", 6666))
    """

    def __init__(self, handle: Callable[[Event], object], **limits: Any) -> None:
        self._handle = handle
        self._collector = Collector(**limits)
        self._timer: Optional[asyncio.TimerHandle] = None

    @property
    def stats(self) -> Stats:
        """Counters, as of Collector."""
        return self._collector.stats

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._loop = asyncio.get_running_loop()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._deliver(self._collector.push(addr, data, self._loop.time()))

    def connection_lost(self, exc: Optional[Exception]) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for event in self._collector.flush():
            self._handle(event)

    def _expire(self) -> None:
        self._timer = None
        self._deliver(self._collector.expire(self._loop.time()))

    def _deliver(self, events: list[Event]) -> None:
        for event in events:
            self._handle(event)
        deadline = self._collector.deadline
        if deadline is not None and self._timer is None:
            self._timer = self._loop.call_at(max(deadline, self._loop.time()), self._expire)
