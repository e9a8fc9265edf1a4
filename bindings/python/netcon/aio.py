"""Receiving with asyncio.

    async with await netcon.aio.listen(port=6666) as rx:
        async for event in rx:
            ...
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional

from ._core import Collector, Event
from ._receive import Receiver
from ._values import Endpoint, Stats

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncReceiver", "Protocol", "listen"]


class AsyncReceiver:
    """A Receiver for an event loop: iterate over it with async for. Made by listen()."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._events: deque[Event] = deque()

    async def batch(self, timeout: Optional[float] = None) -> list[Event]:
        """The next events, waiting for at least one; an empty list after timeout seconds or close()."""
        if self._events:
            events = list(self._events)
            self._events.clear()
            return events
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while True:
            if self._receiver.closed:
                return []
            events = self._receiver.batch(0)
            if events or self._receiver.stopped:
                return events
            waits = [w for w in (self._receiver._core.wait, None if end is None else end - loop.time()) if w is not None]
            if end is not None and loop.time() >= end:
                return []
            await self._readable(min(waits, default=None))

    async def _readable(self, timeout: Optional[float]) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        self._wake = wake
        fd = self._receiver.fileno()
        loop.add_reader(fd, wake)
        timer = None if timeout is None else loop.call_later(max(timeout, 0), wake)
        try:
            await ready
        finally:
            loop.remove_reader(fd)
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
        """Ends iteration and gives the socket back. From the loop's thread."""
        self._receiver.stop()
        wake: Optional[Callable[[], None]] = getattr(self, "_wake", None)
        if wake is not None:
            wake()
        self._receiver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    @property
    def address(self) -> Endpoint:
        """Where it is bound."""
        return self._receiver.address

    @property
    def stats(self) -> Stats:
        """Counters, as of Receiver."""
        return self._receiver.stats


async def listen(port: int = 6666, host: Optional[str] = None, **options: Any) -> AsyncReceiver:
    """Binds a socket; all arguments are those of Receiver."""
    return AsyncReceiver(Receiver(port, host, **options))


async def events_of(receiver: Receiver) -> AsyncIterator[Event]:
    """async for over a plain Receiver."""
    events = AsyncReceiver(receiver)
    while batch := await events.batch():
        for event in batch:
            yield event


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
