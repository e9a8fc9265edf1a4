# SPDX-License-Identifier: MIT
"""A flood beside an honest sender, and a program that is too slow for it."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import time
from collections.abc import Callable

import netcon
import pytest
from conftest import record_of

HOST = "127.0.0.1"
BUSY, HONEST = "127.0.0.2", "127.0.0.3"
# For each handled event FLOOD packets come, with each EACH-th an honest record. Between two looks at the socket no more come
# than one look takes at least, 64: then a look that the scheduler cuts short is enough too.
EVENTS, EACH, FLOOD = 800, 10, 12
SMALL = 200 * 1024  # a buffer that any user may have: it holds 492 of these packets


class Flood:
    """Sends more than is handled: a step for each event, so that the speed of the machine does not matter."""

    def __init__(self, port: int) -> None:
        self.busy = netcon.Sender(HOST, port, local=(BUSY, 0))
        self.honest = netcon.Sender(HOST, port, local=(HONEST, 0))
        self.seen: list[str] = []
        self.handled = self.sent = self.expected = 0

    def start(self) -> None:
        self.honest.send("0")
        self.expected = self.sent = 1

    def handle(self, event: netcon.AnyEvent) -> None:
        self.handled += 1
        if event.sender.host == HONEST:
            assert event.kind == "record"
            self.seen.append(record_of(event).text)
        if self.handled <= EVENTS:
            self.busy.send_packets([b"a line\n"] * FLOOD)
            self.sent += FLOOD
            time.sleep(0.001)  # a program that does something with it
            if self.handled % EACH == 0:
                self.honest.send(str(self.expected))
                self.expected += 1
                self.sent += 1

    def check(self, stats: netcon.Stats) -> None:
        assert self.seen == [str(n) for n in range(self.expected)]
        assert stats.dropped == 0 and stats.backlog_drops > 0
        assert stats.packets + stats.backlog_drops == self.sent


def by_loop(rx: netcon.Receiver, flood: Flood) -> None:
    for event in rx:
        flood.handle(event)
        if flood.handled > EVENTS and not rx.stopped:
            rx.stop()


def by_small_batches(rx: netcon.Receiver, flood: Flood) -> None:
    while events := rx.batch(0.2, max=5):
        for event in events:
            flood.handle(event)


def by_asyncio(rx: netcon.Receiver, flood: Flood) -> None:
    async def main() -> None:
        async for event in rx:
            flood.handle(event)
            if flood.handled > EVENTS and not rx.stopped:
                rx.stop()

    asyncio.run(main())


@pytest.mark.parametrize("way", [by_loop, by_small_batches, by_asyncio])
def test_an_honest_sender_loses_nothing(way: Callable[[netcon.Receiver, Flood], None]) -> None:
    with netcon.Receiver(0, HOST, buffer_bytes=SMALL) as rx:
        flood = Flood(rx.address.port)
        flood.start()
        way(rx, flood)
        flood.check(rx.stats)


def test_what_waits_needs_no_readable_socket() -> None:
    """Packets that were moved out of the socket come with the next call, also for who watches the socket."""
    with netcon.Receiver(0, HOST, buffer_bytes=SMALL) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        tx.send_packets([b"6,%d,1,-;x\n" % n for n in range(10)])
        events: list[netcon.AnyEvent] = []
        for event in rx:
            events.append(event)
            if len(events) == 1:  # the socket is more than half full
                tx.send_packets([b"6,%d,1,-;x\n" % n for n in range(10, 410)])
            elif not select.select([rx], [], [], 0)[0]:  # all that it held was moved
                break
            time.sleep(0.01)
        assert len(events) < 10
        events += rx.batch(0)
        assert [record_of(e).sequence for e in events] == list(range(410))
        assert rx.stats.dropped == rx.stats.backlog_drops == 0


def test_a_timeout_ends_under_a_flood_of_what_is_skipped() -> None:
    total = 15_000
    with netcon.Receiver(0, HOST, allow=["10.0.0.0/8"]) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        if rx.receive_buffer < 16 << 20:
            pytest.skip("needs root, for a buffer of 16 MiB")
        tx.send_packets([b"a line\n"] * total)
        assert rx.batch(0) == []
        assert 0 < rx.stats.denied < total  # a flood would go on meanwhile
        while select.select([rx], [], [], 0)[0]:
            assert rx.batch(0) == []
        assert rx.stats.denied == total


@pytest.mark.parametrize("passed", [False, True])
def test_stop_ends_under_a_flood(passed: bool) -> None:
    """For each event another packet comes. A socket that was passed stays as it was: it takes packets for a second."""
    handled, end = 0, time.monotonic() + 60
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.bind((HOST, 0))
        options: netcon._receive.ReceiverOptions = {"fd": os.dup(mine.fileno())} if passed else {}
        with netcon.Receiver(0, HOST, **options) as rx, netcon.Sender(HOST, rx.address.port) as tx:
            tx.send_packets([b"a line\n"])
            for _ in rx:
                rx.stop()
                handled += 1
                if time.monotonic() < end:
                    tx.send_packets([b"a line\n"] * (1 if passed else 2))
            assert time.monotonic() < end if passed else handled <= 3
        mine.setblocking(False)
        if passed:
            with netcon.Sender(HOST, mine.getsockname()[1]) as tx:
                tx.send_packets([b"next\n"])
            received = [mine.recv(100)]
            while received[-1] != b"next\n":
                received.append(mine.recv(100))


def test_tasks_run_in_a_flood() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def main() -> int:
        async with netcon.aio.listen(0, "127.0.0.1") as rx:
            with netcon.Sender("127.0.0.1", rx.address.port) as tx:
                tx.send("0")
                task = asyncio.create_task(others())
                await asyncio.sleep(0)
                handled, before = 0, turns
                async for _ in rx:
                    handled += 1
                    tx.send_packets([b"a line\n"] * 2)  # more than are handled
                    time.sleep(0.001)
                    if handled == 200:
                        break
                task.cancel()
                return turns - before

    assert asyncio.run(main()) >= 10


def test_tasks_run_while_a_batch_lingers() -> None:
    async def main(rx: netcon.aio.AsyncReceiver, most: int) -> tuple[int, float]:
        turns, begin = 0, time.monotonic()
        task = asyncio.create_task(rx.batch(max=most, linger=60.0))
        await asyncio.sleep(0)
        while not task.done():
            turns += 1
            with pytest.raises(RuntimeError, match="another task is already waiting"):
                await rx.batch(0)
            await asyncio.sleep(0)
        assert len(await task) == most
        return turns, time.monotonic() - begin

    with netcon.Receiver(0, HOST) as receiver, netcon.Sender(HOST, receiver.address.port) as tx:
        most = min(20_000, receiver.receive_buffer // 1500)
        tx.send_packets([b"a line\n"] * most)
        turns, taken = asyncio.run(main(receiver.__aiter__(), most))  # type: ignore[arg-type]
    assert turns > 1 or taken < 0.012  # of few packets, which any user's buffer holds


@pytest.mark.parametrize("how", ["batch", "await"])
def test_linger_ends_in_a_flood(how: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tx, netcon.Receiver(0, "127.0.0.1") as rx:
        tx.connect((rx.address.host, rx.address.port))
        most = min(5000, rx.receive_buffer // 1500)
        for _ in range(most):
            tx.send(b"a line\n")
        linger = 1e-6
        got = rx.batch(1, linger=linger) if how == "batch" else asyncio.run(rx.__aiter__().batch(1, linger=linger))  # type: ignore[attr-defined]
        assert 0 < len(got) < most
