# SPDX-License-Identifier: MIT
from __future__ import annotations

import asyncio
import contextlib
import datetime
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import netcon
import pytest
from conftest import record_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

HOST = "127.0.0.1"


@pytest.fixture
def rx() -> Iterator[netcon.Receiver]:
    with netcon.Receiver(0, HOST) as receiver:
        yield receiver


def test_roundtrip(rx: netcon.Receiver) -> None:
    before = time.time()
    with netcon.Sender(HOST, rx.address.port, release="6.0", userdata={"rack": "7"}, kernel="6.12") as tx:
        tx.send("hällo\n", level="warning", facility=3)
        assert tx.stats.packets == 1
        (event,) = rx.batch(5)
        assert event.sender == tx.address
    r = record_of(event)
    assert (event.kind, r.release, r.facility, r.level) == ("record", "6.0", 3, netcon.Level.WARNING)
    assert (r.text, r.get("rack"), r.sequence) == ("hällo", b"7", 0)
    assert event.time is not None and before - 1 < event.time < time.time() + 1
    assert rx.stats.records == 1 and rx.stats.dropped == 0


def test_basic_sender(rx: netcon.Receiver) -> None:
    with netcon.Sender(HOST, rx.address.port, extended=False) as tx:
        tx.send("a\nb", timestamp_us=1_500_000)
    assert [record_of(e).text for e in rx.batch(5)] == ["[    1.500000] a", "[    1.500000] b"]


def test_timeout_and_stop(rx: netcon.Receiver) -> None:
    start = time.monotonic()
    assert rx.batch(0.03) == [] and rx.batch(datetime.timedelta(seconds=0.02)) == []
    assert rx.batch(0) == []
    assert 0.04 < time.monotonic() - start < 2
    threading.Timer(0.1, rx.stop).start()
    assert list(rx) == []
    assert rx.stopped and not rx.closed


def test_stop_delivers_what_is_there(rx: netcon.Receiver) -> None:
    with netcon.Sender(HOST, rx.address.port) as tx:
        tx.send_packets([b"6,%d,%d,-;x\n" % (n, n) for n in range(500)] + [b"6,500,500,-,ncfrag=0/9;abc"])
    rx.stop()
    assert [e.kind for e in rx] == ["record"] * 500 + ["partial"]


def test_partial_comes_without_another_packet(rx: netcon.Receiver) -> None:
    with netcon.Receiver(0, HOST, age=0.05) as quick, netcon.Sender(HOST, quick.address.port) as tx:
        tx.send_packets([b"6,1,1,-,ncfrag=0/9;abc"])
        (event,) = quick.batch(5)
    assert (event.kind, event.missing) == ("partial", ((3, 9),))


def test_closed_says_so() -> None:
    rx = netcon.Receiver(0, HOST)
    rx.close()
    rx.close()
    for use in (lambda: rx.batch(0), rx.fileno, lambda: rx.address, lambda: next(iter(rx))):
        with pytest.raises(ValueError, match="the receiver is closed"):
            use()
    assert rx.closed and "closed" in repr(rx)
    assert rx.stats.packets == 0
    tx = netcon.Sender(HOST, 9)
    tx.close()
    with pytest.raises(ValueError, match="the sender is closed"):
        tx.send("x")


def test_context_managers_close() -> None:
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        pass
    assert rx.closed
    with pytest.raises(ValueError, match="the sender is closed"):
        tx.send("x")

    async def main() -> None:
        async with netcon.Receiver(0, HOST) as plain:
            pass
        assert plain.closed
        async with await netcon.aio.listen(0, HOST) as listening:
            pass
        with pytest.raises(ValueError, match="the receiver is closed"):
            listening.fileno()

    asyncio.run(main())


def test_close_ends_a_wait_in_another_thread() -> None:
    rx = netcon.Receiver(0, HOST)
    threading.Timer(0.1, rx.close).start()
    try:
        assert list(rx) == []
    except ValueError as problem:
        assert "closed" in str(problem)


def test_port_taken(rx: netcon.Receiver) -> None:
    with pytest.raises(OSError) as taken:
        netcon.Receiver(rx.address.port, HOST)
    assert taken.value.errno == errno.EADDRINUSE
    assert str(rx.address.port) in str(taken.value)


def test_allow_and_min_level() -> None:
    with netcon.Receiver(0, HOST, allow=["10.0.0.0/8"]) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        tx.send("x")
        assert rx.batch(0.2) == []
        assert rx.stats.denied == 1
    with netcon.Receiver(0, HOST, allow=["::ffff:127.0.0.0/104"]) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        tx.send("as IPv6 writes it")
        assert [record_of(e).text for e in rx.batch(5)] == ["as IPv6 writes it"]
    with netcon.Receiver(0, HOST, allow=["127.0.0.1/8", "::1"], min_level="warning") as rx:
        with netcon.Sender(HOST, rx.address.port) as tx:
            for level in netcon.Level:
                tx.send(level.name, level=level)
        rx.stop()
        assert [record_of(e).text for e in rx] == ["EMERG", "ALERT", "CRIT", "ERR", "WARNING"]


@pytest.mark.parametrize("reorder", [5, 5.0, datetime.timedelta(seconds=5)])
def test_reorder(reorder: float | datetime.timedelta) -> None:
    with netcon.Receiver(0, HOST, reorder=reorder) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        tx.send_packets([b"6,%d,%d,-;x\n" % (n, n) for n in (1, 3, 2)])
        rx.stop()
        assert [record_of(e).sequence for e in rx] == [1, 2, 3]


def test_dual_stack_by_default() -> None:
    with netcon.Receiver(0) as rx:
        with netcon.Sender(HOST, rx.address.port) as tx:
            tx.send("x")
        (event,) = rx.batch(5)
        assert event.sender.host == HOST


def test_host_by_name() -> None:
    with netcon.Receiver(0, "localhost") as rx, netcon.Sender("localhost", rx.address.port) as tx:
        tx.send("x")
        assert rx.batch(5)[0].sender.host in ("127.0.0.1", "::1")


def test_errors_name_what_is_at_fault() -> None:
    with pytest.raises(OSError, match="no-such-host.invalid"):
        netcon.Sender("no-such-host.invalid")
    with pytest.raises(OSError, match="nosuchif"):
        netcon.Sender("fe80::1%nosuchif")
    with pytest.raises(OSError) as caught:
        netcon.Sender(HOST, local=("192.0.2.77", 0))
    assert caught.value.errno == errno.EADDRNOTAVAIL and "192.0.2.77" in str(caught.value)


def test_zone_by_name() -> None:
    """No interface has this address: binding fails only after the name was understood."""
    with pytest.raises(OSError) as caught:
        netcon.Receiver(0, "fe80::77%lo")
    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_passed_socket() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.bind((HOST, 0))
        with netcon.Receiver(fd=os.dup(mine.fileno())) as rx:
            assert rx.address == mine.getsockname()


def test_signal_handler_stops(rx: netcon.Receiver) -> None:
    old = signal.signal(signal.SIGALRM, lambda *_: rx.stop())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        assert list(rx) == []
    finally:
        signal.signal(signal.SIGALRM, old)


def test_signal_handler_may_raise(rx: netcon.Receiver) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            rx.batch()
    finally:
        signal.signal(signal.SIGALRM, old)


def test_waiting_leaves_the_gil_to_others(rx: netcon.Receiver) -> None:
    waiting = threading.Thread(target=list, args=(rx,))
    waiting.start()
    start = time.monotonic()
    sum(range(100_000))
    assert time.monotonic() - start < 5
    rx.stop()
    waiting.join(5)
    assert not waiting.is_alive()


def test_threads_share_a_receiver(rx: netcon.Receiver) -> None:
    """Several threads receive, others look and send: all packets come, each once."""
    total = 4000
    got: list[int | None] = []

    def receive() -> None:
        for event in rx:
            if event.kind in ("record", "late"):
                got.append(record_of(event).sequence)

    receivers = [threading.Thread(target=receive) for _ in range(3)]
    for thread in receivers:
        thread.start()
    with netcon.Sender(HOST, rx.address.port) as tx:
        for begin in range(0, total, 50):
            tx.send_packets([b"6,%d,%d,-;x\n" % (n, n) for n in range(begin, begin + 50)])
            rx.stats
    deadline = time.monotonic() + 30
    while rx.stats.records + rx.stats.late < total and time.monotonic() < deadline:
        time.sleep(0.01)
    rx.stop()
    for thread in receivers:
        thread.join(10)
    assert sorted(number for number in got if number is not None) == list(range(total))


def test_a_timeout_holds_while_another_thread_receives(rx: netcon.Receiver) -> None:
    other = threading.Thread(target=rx.batch)
    other.start()
    time.sleep(0.1)
    limit = threading.Timer(10, rx.stop)
    limit.start()
    start = time.monotonic()
    assert rx.batch(0) == []
    assert time.monotonic() - start < 2
    assert rx.batch(0.2) == []
    assert 0.19 < time.monotonic() - start < 4
    assert other.is_alive()
    limit.cancel()
    rx.stop()
    other.join(5)
    assert not other.is_alive()


def test_a_signal_is_handled_while_another_thread_receives(rx: netcon.Receiver) -> None:
    class Alarm(Exception):
        pass

    def alarm(*_: object) -> None:
        raise Alarm

    other = threading.Thread(target=rx.batch)
    other.start()
    time.sleep(0.1)
    limit = threading.Timer(10, rx.stop)
    limit.start()
    old = signal.signal(signal.SIGALRM, alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Alarm):
            rx.batch()
    finally:
        signal.signal(signal.SIGALRM, old)
    assert other.is_alive()
    limit.cancel()
    rx.stop()
    other.join(5)


def test_a_handler_that_raises_loses_no_records(rx: netcon.Receiver) -> None:
    """The signal goes to another thread: batch() sleeps on, and finds the record and the signal at once."""

    class Alarm(Exception):
        pass

    def alarm(*_: object) -> None:
        raise Alarm

    with netcon.Sender(HOST, rx.address.port) as tx:

        def interrupt() -> None:
            time.sleep(0.1)
            signal.pthread_kill(threading.get_ident(), signal.SIGALRM)
            tx.send("first")

        old = signal.signal(signal.SIGALRM, alarm)
        try:
            other = threading.Thread(target=interrupt)
            other.start()
            with pytest.raises(Alarm):
                rx.batch(5)
        finally:
            signal.signal(signal.SIGALRM, old)
        other.join(5)
        tx.send("second")
        rx.stop()
        assert [record_of(event).text for event in rx] == ["first", "second"]


def test_run_calls_back(rx: netcon.Receiver) -> None:
    seen: list[str] = []

    def handle(event: netcon.Event) -> None:
        seen.append(record_of(event).text)
        rx.stop()

    with netcon.Sender(HOST, rx.address.port) as tx:
        tx.send("x")
    rx.run(handle)
    assert seen == ["x"]


@pytest.mark.parametrize("asked", ["rx.stats", "tx.stats", "tx.address"])
def test_a_finalizer_may_ask_what_is_being_asked(asked: str) -> None:
    """The garbage collector runs it while the answer is made. In a process of its own, which a deadlock would end."""
    program = f"""
import faulthandler, gc, netcon
faulthandler.dump_traceback_later(30, exit=True)
rx = netcon.Receiver(0, "{HOST}")
tx = netcon.Sender("{HOST}", rx.address.port)
class Cycle:
    def __init__(self):
        self.me = self
    def __del__(self):
        {asked}
gc.set_threshold(1, 1, 1)
kept = [{{}} for _ in range(300)]
for _ in range(3000):
    kept.append({{}})
    gc.disable()
    Cycle()
    gc.enable()
    {asked}
print("done")
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(netcon.__file__).parents[1])}
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=120
    )
    assert result.stdout == "done\n", result.stderr


def test_logging(rx: netcon.Receiver) -> None:
    log = logging.getLogger("netcon.test")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    handler = netcon.LogHandler(HOST, rx.address.port)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    log.addHandler(handler)
    log.error("disk %d", 3)
    log.debug("detail")
    log.removeHandler(handler)
    handler.close()
    rx.stop()
    assert [(str(record_of(e).level), record_of(e).text) for e in rx] == [
        ("err", "netcon.test: disk 3"),
        ("debug", "netcon.test: detail"),
    ]


def test_asyncio() -> None:
    async def main() -> list[str]:
        texts = []
        async with await netcon.aio.listen(0, HOST) as rx:
            with netcon.Sender(HOST, rx.address.port) as tx:
                for n in range(1000):
                    tx.send(str(n))
                    if n % 100 == 0:
                        await asyncio.sleep(0)
            async for event in rx:
                texts.append(record_of(event).text)
                if len(texts) == 1000:
                    rx.close()
        return texts

    assert asyncio.run(main()) == [str(n) for n in range(1000)]


def test_asyncio_timeout_and_cancel() -> None:
    async def main() -> None:
        async with await netcon.aio.listen(0, HOST, age=0.05) as rx:
            assert await rx.batch(0.05) == []
            task = asyncio.ensure_future(rx.batch())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not asyncio.get_running_loop().remove_reader(rx.fileno())
            with netcon.Sender(HOST, rx.address.port) as tx:
                tx.send_packets([b"6,1,1,-,ncfrag=0/9;abc"])
                (event,) = await rx.batch(5)
            assert event.kind == "partial"
            task = asyncio.ensure_future(rx.batch())
            await asyncio.sleep(0.05)
            rx.close()
            assert await task == []

    asyncio.run(main())


def test_asyncio_batch_goes_on_where_iteration_ended() -> None:
    async def main() -> list[int | None]:
        async with await netcon.aio.listen(0, HOST) as rx:
            with netcon.Sender(HOST, rx.address.port) as tx:
                tx.send_packets([b"6,%d,1,-;x\n" % n for n in range(3)])
            first = await rx.__anext__()
            return [record_of(e).sequence for e in [first, *await rx.batch(5)]]

    assert asyncio.run(main()) == [0, 1, 2]


def test_a_loop_that_is_left_loses_nothing(rx: netcon.Receiver) -> None:
    def send() -> None:
        with netcon.Sender(HOST, rx.address.port) as tx:
            tx.send_packets([b"6,%d,1,-;x\n" % n for n in range(4)])

    send()
    seen = []
    for event in rx:
        seen.append(record_of(event).sequence)
        break
    for event in rx:
        seen.append(record_of(event).sequence)
        break
    seen += [record_of(e).sequence for e in rx.batch(5)]
    assert seen == [0, 1, 2, 3]

    async def main() -> list[int | None]:
        send()
        seen = []
        async for event in rx:
            seen.append(record_of(event).sequence)
            break
        async for event in rx:
            seen.append(record_of(event).sequence)
            break
        return [*seen, *(record_of(e).sequence for e in rx.batch(5))]

    assert asyncio.run(main()) == [0, 1, 2, 3]


def test_asyncio_takes_one_task_at_a_time(rx: netcon.Receiver) -> None:
    async def main() -> None:
        async with await netcon.aio.listen(0, HOST) as ours:
            waiting = asyncio.ensure_future(ours.batch())
            await asyncio.sleep(0.05)
            with pytest.raises(RuntimeError, match="another task"):
                await asyncio.wait_for(ours.batch(), 5)
            with pytest.raises(RuntimeError, match="another task"):
                await asyncio.wait_for(ours.__anext__(), 5)
            with netcon.Sender(HOST, ours.address.port) as tx:
                tx.send("x")
            (event,) = await asyncio.wait_for(waiting, 5)
            assert record_of(event).text == "x"
            assert await ours.batch(0.01) == []

        async def first() -> str:
            async for event in rx:
                return str(record_of(event).text)
            return ""

        one = asyncio.ensure_future(first())
        await asyncio.sleep(0.05)
        with pytest.raises(RuntimeError, match="another task"):
            await asyncio.wait_for(first(), 5)
        with netcon.Sender(HOST, rx.address.port) as tx:
            tx.send("y")
        assert await asyncio.wait_for(one, 5) == "y"

    asyncio.run(main())


def test_asyncio_close_frees_the_descriptor() -> None:
    """The loop watches whoever has the descriptor's number next."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        rx = await netcon.aio.listen(0, HOST)
        task = asyncio.ensure_future(rx.batch())
        await asyncio.sleep(0.05)
        number = rx.fileno()
        rx.close()
        ours, theirs = socket.socketpair()
        os.dup2(ours.fileno(), number)
        readable = asyncio.Event()
        loop.add_reader(number, readable.set)
        assert await task == []
        theirs.send(b"x")
        await asyncio.wait_for(readable.wait(), 5)
        loop.remove_reader(number)
        if number != ours.fileno():
            os.close(number)
        ours.close()
        theirs.close()

    asyncio.run(main())


def test_async_for_over_a_receiver(rx: netcon.Receiver) -> None:
    async def main() -> str:
        with netcon.Sender(HOST, rx.address.port) as tx:
            tx.send("x")
        async for event in rx:
            return str(record_of(event).text)
        return ""

    assert asyncio.run(main()) == "x"


@pytest.mark.parametrize("end", ["stop", "close"])
@pytest.mark.parametrize("whence", ["task", "thread", "signal"])
@pytest.mark.parametrize("how", ["Receiver", "listen"])
def test_async_for_ends(how: str, whence: str, end: str) -> None:
    """Whoever stops or closes the receiver, and while the loop sleeps."""

    async def main() -> int:
        rx = netcon.Receiver(0, HOST) if how == "Receiver" else await netcon.aio.listen(0, HOST)

        async def count() -> int:
            return len([event async for event in rx])

        task = asyncio.ensure_future(count())
        await asyncio.sleep(0.05)
        with netcon.Sender(HOST, rx.address.port) as tx:
            tx.send("x")
        await asyncio.sleep(0.05)
        descriptors = len(os.listdir("/proc/self/fd"))
        finish = getattr(rx, end)
        if whence == "task":
            finish()
        elif whence == "thread":
            threading.Timer(0.1, finish).start()
        else:
            signal.signal(signal.SIGALRM, lambda *_: finish())
            signal.setitimer(signal.ITIMER_REAL, 0.1)
        got = await asyncio.wait_for(task, 5)
        rx.close()
        # The socket, what wakes its threads, and what the loop watched.
        assert len(os.listdir("/proc/self/fd")) < descriptors - 1
        return got

    old = signal.getsignal(signal.SIGALRM)
    try:
        assert asyncio.run(main()) == 1
    finally:
        signal.signal(signal.SIGALRM, old)


def test_asyncio_port_is_free_after_close() -> None:
    async def main() -> None:
        async with netcon.Receiver(0, HOST) as rx:
            task = asyncio.ensure_future(rx.__aiter__().__anext__())
            await asyncio.sleep(0.05)
            port = rx.address.port
            rx.close()
            netcon.Receiver(port, HOST).close()
            with pytest.raises(StopAsyncIteration):
                await task

    asyncio.run(main())


def test_asyncio_stop_from_a_thread_delivers_what_is_there() -> None:
    """It is stopped at any moment between a look at the socket and the wait."""

    async def main(delay: float) -> int:
        rx = netcon.Receiver(0, HOST)

        def send_and_stop() -> None:
            with netcon.Sender(HOST, rx.address.port) as tx:
                tx.send("x")
                time.sleep(delay)
                tx.send("y")
            rx.stop()

        thread = threading.Thread(target=send_and_stop)
        thread.start()

        async def count() -> int:
            return len([event async for event in rx])

        got = await asyncio.wait_for(count(), 5)
        thread.join()
        rx.close()
        return got

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for n in range(100):
            assert asyncio.run(main(n * 5e-6)) == 2
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e10])
def test_times_out_of_range(rx: netcon.Receiver, value: float) -> None:
    async def main() -> None:
        async with netcon.aio.listen(0, HOST) as ours:
            with pytest.raises(ValueError, match="timeout is out of range"):
                await asyncio.wait_for(ours.batch(value), 5)
            with pytest.raises(ValueError, match="linger is out of range"):
                await asyncio.wait_for(ours.batch(1, linger=value), 5)

    asyncio.run(main())
    with pytest.raises(ValueError, match="timeout is out of range"):
        rx.batch(value)
    with pytest.raises(ValueError, match="linger is out of range"):
        rx.batch(1, linger=value)


def test_protocol_delivers_what_is_there_at_its_end() -> None:
    async def main() -> list[str]:
        kinds: list[str] = []
        protocol = netcon.aio.Protocol(lambda event: kinds.append(event.kind))
        protocol.connection_made(asyncio.DatagramTransport())
        protocol.datagram_received(b"6,2,2,-,ncfrag=0/9;abc", (HOST, 6665))
        assert kinds == []
        protocol.connection_lost(None)
        return kinds

    assert asyncio.run(main()) == ["partial"]


def test_protocol() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        kinds: list[str] = []

        def handle(event: netcon.Event) -> None:
            kinds.append(event.kind)
            if event.kind == "partial":
                done.set_result(None)

        transport, protocol = await loop.create_datagram_endpoint(
            lambda: netcon.aio.Protocol(handle, age=0.05), (HOST, 0)
        )
        port = transport.get_extra_info("sockname")[1]
        with netcon.Sender(HOST, port) as tx:
            tx.send_packets([b"6,1,1,-;x\n", b"6,2,2,-,ncfrag=0/9;abc"])
        await asyncio.wait_for(done, 5)
        transport.close()
        await asyncio.sleep(0)
        assert protocol.stats.packets == 2
        return kinds

    assert asyncio.run(main()) == ["record", "partial"]


async def protocol_events(
    packets: list[tuple[int, bytes]], wait: float, **limits: Unpack[netcon.Limits]
) -> list[tuple[float, netcon.AnyEvent]]:
    """The events of packets by the numbers of their senders, 50 ms between two, each with when it came."""
    loop = asyncio.get_running_loop()
    got: list[tuple[float, netcon.AnyEvent]] = []
    begin = loop.time()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: netcon.aio.Protocol(lambda event: got.append((loop.time() - begin, event)), **limits), (HOST, 0)
    )
    port = transport.get_extra_info("sockname")[1]
    with contextlib.ExitStack() as open_ones:
        senders = [open_ones.enter_context(netcon.Sender(HOST, port)) for _ in range(2)]
        for sender, packet in packets:
            senders[sender].send_packets([packet])
            await asyncio.sleep(0.05)
        await asyncio.sleep(wait)
        found = got[:]
        transport.close()
        await asyncio.sleep(0)
    return found


def test_protocol_is_in_time_while_another_waits_for_longer() -> None:
    """The fragment of the first sender waits for 30 seconds; nothing else may wait with it."""
    fragment = (0, b"6,5,5,-,ncfrag=0/9;abc")
    gap = [(1, b"6,1,1,-;a\n"), fragment, (1, b"6,3,3,-;c\n")]
    found = asyncio.run(protocol_events(gap, 1, reorder=0.2, age=30))
    assert [event.kind for _, event in found] == ["record", "lost", "record"]
    assert 0.25 < found[-1][0] < 0.9
    found = asyncio.run(protocol_events([fragment, (1, b"no newline")], 1, line_age=0.2, age=30))
    assert [event.kind for _, event in found] == ["basic"] and 0.2 < found[0][0] < 0.9


def test_protocol_handles_every_event_whatever_one_raises() -> None:
    async def main() -> tuple[list[str], list[str]]:
        loop = asyncio.get_running_loop()
        texts: list[str] = []
        problems: list[str] = []
        loop.set_exception_handler(lambda _, context: problems.append(f"{context['message']}: {context['exception']}"))

        def handle(event: netcon.AnyEvent) -> None:
            texts.append(event.kind if event.record is None else event.record.text)
            raise RuntimeError(texts[-1])

        protocol = netcon.aio.Protocol(handle, reorder=0.1, age=30)
        protocol.connection_made(asyncio.DatagramTransport())
        for packet in (b"6,1,1,-;a\n", b"6,3,3,-;c\n", b"6,4,4,-;d\n"):
            protocol.datagram_received(packet, (HOST, 6665))
        await asyncio.sleep(0.5)
        protocol.datagram_received(b"6,5,5,-,ncfrag=0/9;e", (HOST, 6665))
        protocol.datagram_received(b"6,5,5,-,ncfrag=0/9;e", (HOST, 6666))
        protocol.connection_lost(None)
        return texts, problems

    texts, problems = asyncio.run(main())
    assert texts == ["a", "lost", "c", "d", "e", "e"]
    assert [problem.rpartition(": ")[2] for problem in problems] == texts
    assert problems[0].startswith("handle() failed for RecordEvent(")


def test_protocol_in_a_flood_expires_what_is_due() -> None:
    """Packets that come at each turn of the loop do not put the timer off; here it is set when it is due already."""

    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        lines: list[str] = []

        def handle(event: netcon.AnyEvent) -> None:
            if event.kind == "basic":
                lines.append(record_of(event).text)
                time.sleep(0.1)

        protocol = netcon.aio.Protocol(handle, line_age=0.05)
        protocol.connection_made(asyncio.DatagramTransport())
        protocol.datagram_received(b"whole\nbegun", (HOST, 6665))
        end = loop.time() + 3
        number = 0
        while len(lines) < 2 and loop.time() < end:
            protocol.datagram_received(b"6,%d,1,-;x\n" % number, (HOST, 6666))
            number += 1
            await asyncio.sleep(0)
        assert loop.time() < end
        return lines

    assert asyncio.run(main()) == ["whole", "begun"]


def test_a_receiver_that_another_thread_closes_says_so() -> None:
    done = threading.Event()
    wrong: list[Exception] = []
    current = netcon.Receiver(0, HOST)

    def ask() -> None:
        while not done.is_set():
            try:
                current.address, current.receive_buffer, current.fileno()
            except ValueError:
                pass  # it is closed
            except OSError as problem:
                wrong.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for one in threads:
        one.start()
    try:
        end = time.monotonic() + 3
        while time.monotonic() < end and not wrong:
            current.close()
            current = netcon.Receiver(0, HOST)
    finally:
        sys.setswitchinterval(interval)
        done.set()
        for one in threads:
            one.join()
        current.close()
    assert wrong == []
