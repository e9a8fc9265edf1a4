# SPDX-License-Identifier: MIT
"""Receiving with asyncio.

async with netcon.aio.listen(port=6666) as rx:
    async for event in rx:
        ...
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Optional

from . import _core
from ._check import Seconds, integer, seconds
from ._core import Collector
from ._events import AnyEvent, NewRecord, new_record
from ._receive import KEEP_UP, Host, Receiver, Socket, most_events, sockets
from ._values import LevelLike, Limits, Stats, level_of

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from ._receive import ReceiverOptions

__all__ = ["AsyncReceiver", "Protocol", "listen"]

#: Seconds that a task handles events before the loop's other tasks run: in a flood it never waits for packets.
MOST_AT_ONCE = 0.005


class AsyncReceiver(Socket):
    """A Receiver for an event loop: iterate over it with async for. Made by listen()."""

    def __init__(self, receiver: Receiver) -> None:
        self._core: _core.SocketReceiver = receiver._core
        self._events = receiver._left
        self._wake: Optional[Callable[[], None]] = None
        self._loop: Optional[asyncio.AbstractEventLoop] = None  # that of the task that waits
        self._looked = 0.0
        self._shared = 0.0  # when other tasks of the loop could run
        self._is_in_use = False  # by a task that waits, or that lets others run meanwhile
        sockets[id(self)] = self  # the Receiver may be gone

    async def batch(
        self, timeout: Optional[Seconds] = None, *, max: Optional[int] = None, linger: Seconds = 0.0
    ) -> list[AnyEvent]:
        """The next events, waiting for at least one; an empty list after the timeout, stop() or close().

        linger: wait so long for more after the first. max: return at most so many, and at once when they are there.
        One task may wait at a time.
        """
        if self._is_in_use:
            raise RuntimeError("another task is already waiting for this receiver's events")
        most, wait = most_events(max), seconds(linger, "linger")
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + seconds(timeout, "timeout")
        events: list[AnyEvent] = []
        self._is_in_use = True
        try:
            if time.monotonic() - self._shared >= MOST_AT_ONCE:
                await self._let_others_run()
            _core.take_all(self._events, events)
            if events:
                self._core.keep_up()
            else:
                await self._next(end, events)
            if wait > 0 and events:
                end = loop.time() + wait
                while (most is None or len(events) < most) and await self._next(end, events):
                    if loop.time() >= end:
                        break
                    if time.monotonic() - self._shared >= MOST_AT_ONCE:
                        await self._let_others_run()
            if most is not None:
                _core.give_back(self._events, events, most)
            return events
        except BaseException:
            _core.give_back(self._events, events, 0)
            raise
        finally:
            self._is_in_use = False

    async def _next(self, end: Optional[float], events: list[AnyEvent]) -> int:
        """Waits for events, puts them behind those that are there, and returns how many."""
        loop = asyncio.get_running_loop()
        while True:
            # Asked first: another thread may stop it after the batch, and what came before that is delivered.
            stopped = self._core.stopped
            try:
                count = self._core.batch(0, events)
            except ValueError:
                if self._core.closed:
                    return 0
                raise
            if count or stopped:
                return count
            waits = [w for w in (self._core.wait, None if end is None else end - loop.time()) if w is not None]
            if end is not None and loop.time() >= end:
                return 0
            await self._readable(min(waits, default=None))

    async def records(self, *, min_level: Optional[LevelLike] = None) -> AsyncIterator[NewRecord]:
        """Only the events that bring a new record: kinds record, partial, late and basic. Ends after stop().

        min_level: skip less severe ones; those without level stay
        """
        level = None if min_level is None else level_of(min_level)
        async for event in self:
            found = new_record(event, level)
            if found is not None:
                yield found

    async def _readable(self, timeout: Optional[float]) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        try:
            # A descriptor of its own: another thread may close the socket, whose number is the next one's then.
            fd = os.dup(self.fileno())
        except ValueError:
            return  # it was closed

        def wake() -> None:
            # Only once: the descriptor is closed.
            if self._wake is wake:
                self._wake = self._loop = None
                loop.remove_reader(fd)
                os.close(fd)
            if not ready.done():
                ready.set_result(None)

        self._wake, self._loop = wake, loop
        loop.add_reader(fd, wake)
        if self._core.stopped:  # before there was anyone to wake
            wake()
        timer = None if timeout is None else loop.call_later(max(timeout, 0), wake)
        try:
            await ready
        finally:
            wake()
            self._shared = time.monotonic()
            if timer is not None:
                timer.cancel()

    async def _let_others_run(self) -> None:
        await asyncio.sleep(0)
        self._shared = time.monotonic()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AnyEvent:
        if (now := time.monotonic()) - self._shared >= MOST_AT_ONCE:
            await self._let_others_run()
        if not self._events:
            self._events.extend(await self.batch())
            if not self._events:
                raise StopAsyncIteration
        elif now - self._looked >= KEEP_UP:
            self._looked = now
            self._core.keep_up()
        return self._events.popleft()

    def stop(self) -> None:
        """Ends batch() and iteration, after all that has arrived is delivered. From any thread or signal handler."""
        self._core.stop()
        # A signal handler runs inside the loop's wait, which only this ends.
        if (wake := self._wake) is not None and (loop := self._loop) is not None:
            with contextlib.suppress(RuntimeError):  # a loop that was closed
                loop.call_soon_threadsafe(wake)

    def close(self) -> None:
        """Ends iteration and closes the socket. From any thread."""
        self.stop()
        with contextlib.suppress(RuntimeError):  # no loop runs here
            if (wake := self._wake) is not None and asyncio.get_running_loop() is self._loop:
                wake()  # at once: the port is free afterwards
        self._core.close()

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._core.closed

    @property
    def stopped(self) -> bool:
        """Whether stop() was called."""
        return self._core.stopped

    def __repr__(self) -> str:
        return "<netcon.aio.AsyncReceiver, closed>" if self.closed else f"<netcon.aio.AsyncReceiver on {self.address}>"


class _Listening(Coroutine[Any, Any, AsyncReceiver]):
    """What listen() gives: await it for the receiver, or let async with close that."""

    def __init__(self, receiver: AsyncReceiver) -> None:
        self._receiver = receiver

    def send(self, value: Any) -> Any:
        raise StopIteration(self._receiver)

    def throw(self, *exception: Any) -> Any:
        self._receiver.close()
        raise exception[0]

    def close(self) -> None:
        self._receiver.close()

    def __await__(self) -> Generator[Any, Any, AsyncReceiver]:
        return self._receiver
        yield

    async def __aenter__(self) -> AsyncReceiver:
        return self._receiver

    async def __aexit__(self, *exception: object) -> None:
        self._receiver.close()


def listen(port: int = 6666, host: Optional[Host] = None, **options: Unpack[ReceiverOptions]) -> _Listening:
    """Binds a socket; all arguments are those of Receiver. Await it, or use it with async with."""
    return _Listening(AsyncReceiver(Receiver(port, host, **options)))


class Protocol(asyncio.DatagramProtocol):
    """For loop.create_datagram_endpoint(): calls handle with each event. limits are those of Collector.

    buffer_bytes: room for packets that wait in the kernel while Python works; it may give less
    What handle raises goes to the loop's exception handler, and the next event is handled.
    listen() takes less time for each packet: asyncio calls Python once a packet.

    transport, _ = await loop.create_datagram_endpoint(lambda: netcon.aio.Protocol(print), ("::", 6666))
    """

    def __init__(
        self, handle: Callable[[AnyEvent], object], *, buffer_bytes: int = 8 << 20, **limits: Unpack[Limits]
    ) -> None:
        self._handle = handle
        self._buffer_bytes = integer(buffer_bytes, "buffer_bytes", 0, 0x7FFFFFFF)
        self._collector = Collector(**limits)
        self._timer: Optional[asyncio.TimerHandle] = None

    @property
    def stats(self) -> Stats:
        """Counters, as of Collector."""
        return self._collector.stats

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._loop = asyncio.get_running_loop()
        sock = transport.get_extra_info("socket")
        if sock is not None and self._buffer_bytes:
            try:
                sock.setsockopt(socket.SOL_SOCKET, 33, self._buffer_bytes)  # SO_RCVBUFFORCE: above the limit, as root
            except OSError:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer_bytes)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._deliver(self._collector.push(addr, data, self._loop.time()))

    def connection_lost(self, exc: Optional[Exception]) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._handle_all(self._collector.flush())

    def _expire(self) -> None:
        self._timer = None
        self._deliver(self._collector.expire(self._loop.time()))

    def _deliver(self, events: list[AnyEvent]) -> None:
        try:
            self._handle_all(events)
        finally:
            deadline = self._collector.deadline
            if deadline is not None and (self._timer is None or deadline < self._timer.when()):
                if self._timer is not None:
                    self._timer.cancel()
                # A deadline that is over stays as it is: else every packet of a flood would move the timer on.
                self._timer = self._loop.call_at(deadline, self._expire)

    def _handle_all(self, events: list[AnyEvent]) -> None:
        for event in events:
            try:
                self._handle(event)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as problem:  # as asyncio does with those of its callbacks
                self._loop.call_exception_handler(
                    {"message": f"handle() failed for {event!r}", "exception": problem, "protocol": self}
                )
