# SPDX-License-Identifier: MIT
"""Batches, records() and the forms of listen()."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import socket
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

import netcon
import pytest
from conftest import record_of

HOST = "127.0.0.1"


def packets(first: int, last: int, level: int = 6) -> list[bytes]:
    return [b"%d,%d,%d,-;%d\n" % (level, n, n, n) for n in range(first, last)]


def numbers(events: list[netcon.AnyEvent]) -> list[int | None]:
    return [record_of(event).sequence for event in events]


def test_max_leaves_the_rest() -> None:
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        tx.send_packets(packets(0, 10))
        got = [numbers(rx.batch(5, max=4)) for _ in range(3)]
        assert [n for part in got for n in part] == list(range(10)) and max(map(len, got)) == 4
        assert rx.batch(0.01, max=4) == []


def test_linger_waits_for_more() -> None:
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        tx.send_packets(packets(0, 3))
        timer = threading.Timer(0.1, tx.send_packets, [packets(3, 6)])
        timer.start()
        assert numbers(rx.batch(5, max=6, linger=60)) == list(range(6))
        timer.join()
        start = time.monotonic()
        assert rx.batch(0.05, linger=60) == [] and time.monotonic() - start < 30
        tx.send_packets(packets(6, 7))
        rx.stop()
        assert numbers(rx.batch(linger=60)) == [6] and time.monotonic() - start < 30
        assert rx.batch(linger=60) == []


def test_records_of_a_receiver() -> None:
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        tx.send_packets([*packets(0, 2), *packets(1, 2), *packets(5, 6, level=3), b"plain\n"])
        seen = []
        for event in rx.records(min_level="error"):
            seen.append(event.record.text)
            break
        rx.stop()
        seen += [event.record.text for event in rx.records(min_level="error")]
    assert seen == ["5", "plain"]


def test_forms_of_listen() -> None:
    async def main() -> None:
        async with netcon.aio.listen(0, HOST) as rx:
            assert isinstance(rx, netcon.aio.AsyncReceiver) and not rx.closed and HOST in repr(rx)
        assert rx.closed and "closed" in repr(rx)
        rx = await netcon.aio.listen(0, HOST)
        rx.close()
        assert rx.closed
        task = asyncio.create_task(netcon.aio.listen(0, HOST))
        (await task).close()
        assert inspect.isawaitable(waits := netcon.aio.listen(0, HOST))
        waits.close()

    asyncio.run(main())
    asyncio.run(netcon.aio.listen(0, HOST)).close()


def test_asyncio_stop_delivers_what_is_there() -> None:
    async def main() -> None:
        async with netcon.aio.listen(0, HOST) as rx:
            with netcon.Sender(HOST, rx.address.port) as tx:
                tx.send_packets([*packets(0, 3), *packets(2, 3)])
            rx.stop()
            assert [event.record.sequence async for event in rx.records()] == [0, 1, 2]
            assert rx.stopped and not rx.closed

            waiting = asyncio.ensure_future(rx.batch())
            assert await waiting == []

    asyncio.run(main())


def test_asyncio_stop_ends_a_wait() -> None:
    async def main() -> None:
        async with netcon.aio.listen(0, HOST) as rx:
            waiting = asyncio.ensure_future(rx.batch())
            await asyncio.sleep(0.05)
            rx.stop()
            assert await asyncio.wait_for(waiting, 10) == []

    asyncio.run(main())


def test_asyncio_batches() -> None:
    async def main() -> None:
        async with netcon.aio.listen(0, HOST) as rx:
            with netcon.Sender(HOST, rx.address.port) as tx:
                tx.send_packets(packets(0, 3))
                asyncio.get_running_loop().call_later(0.05, lambda: tx.send_packets(packets(3, 10)))
                assert numbers(await rx.batch(5, max=8, linger=60)) == list(range(8))
                assert numbers(await rx.batch(5)) == [8, 9]
                tx.send_packets(packets(10, 12))
                task = asyncio.ensure_future(rx.batch(linger=60))
                await asyncio.sleep(0.1)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                # What a cancelled batch had collected is in the next one.
                assert numbers(await rx.batch(5)) == [10, 11]

    asyncio.run(main())


def test_protocol_asks_for_room() -> None:
    async def main() -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        sizes = []
        for wanted in (0, 300_000):
            transport, _ = await loop.create_datagram_endpoint(
                lambda: netcon.aio.Protocol(print, buffer_bytes=wanted), (HOST, 0)
            )
            sock = transport.get_extra_info("socket")
            sizes.append(sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
            transport.close()
        return sizes[0], sizes[1]

    default, asked = asyncio.run(main())
    assert asked > default or asked >= 300_000


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a generator that is closed
@pytest.mark.parametrize("options", [{}, {"max": 3}, {"linger": 0.01}, {"max": 7, "linger": 0.01}, None], ids=str)
def test_an_exception_anywhere_loses_no_event(options: dict[str, Any] | None) -> None:
    """As of a signal's handler: at each line of the package in turn, with events that an earlier call left."""

    step, lines = 0, 0
    got: list[int | None] = []

    def take() -> None:
        if options is not None:
            got.extend(numbers(rx.batch(5, **options)))
            return
        for event in rx:
            got.append(record_of(event).sequence)
            if len(got) == 10:
                break

    def trace(frame: types.FrameType, what: str, _: object) -> Any:
        nonlocal lines
        if not frame.f_code.co_filename.startswith(str(Path(netcon.__file__).parent)):
            return None
        lines += what == "line"
        if lines == step:
            sys.settrace(None)
            raise InterruptedError
        return trace

    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        for step in itertools.count(1):
            first, lines = 10 * step, 0
            got.clear()
            tx.send_packets(packets(first, first + 5))
            got += numbers(rx.batch(5, max=2))
            tx.send_packets(packets(first + 5, first + 10))
            before = sys.gettrace()
            sys.settrace(trace)
            with contextlib.suppress(InterruptedError):
                take()
            sys.settrace(before)
            while events := rx.batch(0):
                got += numbers(events)
            assert got == list(range(first, first + 10)), step
            if lines < step:
                break
        assert step > 10
