# SPDX-License-Identifier: MIT
"""What is sent arrives whole, in its order, with numbers that say so."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import netcon
import pytest
from conftest import record_of
from hypothesis import given, settings
from hypothesis import strategies as st
from netcon._receive import MOST_TEXT, split_text

HOST = "127.0.0.1"
TRACEBACK = "Traceback (most recent call last):\n" + "".join(
    f'  File "/usr/lib/python3/dist-packages/module{n}.py", line {n}, in call\n    return inner(argument, {n})\n'
    for n in range(40)
)


SLOW = """
ip link set lo up && ip link add d0 type veth peer name d1 && ip addr add 10.9.0.1/24 dev d0 && ip link set d0 up &&
ip link set d1 up && ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev d0 &&
tc qdisc add dev d0 root tbf rate 32kbit burst 2000 latency 100s &&
"""


def in_a_network_with_a_slow_device(code: str) -> subprocess.CompletedProcess[str]:
    """Runs Python there: a packet of a kilobyte takes a quarter of a second."""
    command = ["unshare", "-n", "sh", "-c", SLOW + 'exec "$0" -c "$1"', sys.executable, code]
    environment = {**os.environ, "PYTHONPATH": str(Path(netcon.__file__).parents[1])}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)


def may_make_a_slow_device() -> bool:
    return os.geteuid() == 0 and in_a_network_with_a_slow_device("").returncode == 0


def received(rx: netcon.Receiver) -> list[netcon.Record]:
    rx.stop()
    events = list(rx)
    assert {event.kind for event in events} <= {"record", "basic"}
    assert (rx.stats.lost, rx.stats.late, rx.stats.rebooted, rx.stats.partial) == (0, 0, 0, 0)
    return [record_of(event) for event in events]


def test_a_traceback_is_one_record_a_line() -> None:
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port, userdata={"k": "v"}) as tx:
        assert tx.send(TRACEBACK, level="error") == 81
        records = received(rx)
    assert [r.text for r in records] == TRACEBACK.splitlines()
    assert all(r.userdata == {"k": "v"} and r.level == netcon.Level.ERR for r in records)
    assert [r.sequence for r in records] == list(range(81))


def test_by_option_a_text_stays_together() -> None:
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port, userdata={"k": "v"}) as tx:
        assert tx.send("a\nb\n", lines=False) == 1
        assert tx.send(TRACEBACK, lines=False) > 1
        first, *records = received(rx)
    assert first.text == "a\nb"
    assert "".join(r.text for r in records) == TRACEBACK[:-1]
    assert all(r.userdata == {"k": "v"} for r in records)


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("extended", [True, False])
def test_a_newline_at_the_end_is_no_text(extended: bool, lines: bool) -> None:
    """As in printk, which takes one away: lines of an open file are records of their own."""
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port, extended=extended) as tx:
        sent = [
            tx.send(line, timestamp_us=0, lines=lines) for line in ("first\n", "second\n", "third", "a\n\n", "\n", "")
        ]
        texts = [r.text.removeprefix("[    0.000000] ") for r in received(rx)]
    if lines:
        assert sent == [1, 1, 1, 2, 1, 1] and texts == ["first", "second", "third", "a", "", "", ""]
    elif extended:
        assert sent == [1] * 6 and texts == ["first", "second", "third", "a\n", "", ""]
    else:
        assert sent == [1] * 6 and texts == ["first", "second", "third", "a", "", "", ""]


@pytest.mark.parametrize("kernel", ["5.15", "6.1", "6.12", "7.3"])
@pytest.mark.parametrize("text", ["x" * 5000, "é" * 3000, "\\" * 3000, "\x01" * 4000, "a é\\" * 900])
def test_long_texts(text: str, kernel: str) -> None:
    with netcon.Receiver(0, HOST) as rx:
        options = {"userdata": {"k": "v"}} if kernel != "5.15" and kernel != "6.1" else {}
        with netcon.Sender(HOST, rx.address.port, kernel=kernel, **options) as tx:  # type: ignore[arg-type]
            count = tx.send(text, device="+pci:0000:00:1f.2", subsystem="pci", caller="T1")
        records = received(rx)
    assert len(records) == count and "".join(r.text for r in records) == text
    assert all(r.userdata.get("k", "v") == "v" and r.get("DEVICE") == b"+pci:0000:00:1f.2" for r in records)


@settings(max_examples=60)
@given(st.text(max_size=3000), st.booleans(), st.integers(250, 2000))
def test_split(text: str, lines: bool, room: int) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    parts = split_text(raw, lines, room)
    assert all(len(part) <= MOST_TEXT and len(netcon.escape(part)) <= room for part in parts)
    sent = raw[:-1] if raw[-1:] == b"\n" else raw
    if not lines:
        assert b"".join(parts) == sent
    elif max(map(len, sent.split(b"\n"))) < room // 4:
        assert parts == sent.split(b"\n")
    if "\ud800" > text:
        for part in parts:
            part.decode()


def test_basic_texts_are_whole() -> None:
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port, extended=False) as tx:
        tx.send(TRACEBACK + "x" * 3000, timestamp_us=0)
        records = received(rx)
    assert [r.text[15:] for r in records][:81] == TRACEBACK.splitlines()
    assert "".join(r.text[15:] for r in records[81:]) == "x" * 3000


def test_threads_share_a_sender() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port) as tx:

            def work(name: int) -> None:
                for n in range(250):
                    tx.send(f"{name} {n}\nsecond line" if n % 10 == 0 else f"{name} {n}")

            threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            records = received(rx)
    finally:
        sys.setswitchinterval(interval)
    assert [r.sequence for r in records] == list(range(4 * 275))


def test_log_handler_sends_tracebacks_whole() -> None:
    with netcon.Receiver(0, HOST) as rx:
        for lines in (True, False):
            log = logging.Logger("test", logging.DEBUG)
            handler = netcon.LogHandler(HOST, rx.address.port, lines=lines, userdata={"k": "v"})
            log.addHandler(handler)
            try:
                raise ValueError("no\nresult \udc41")
            except ValueError:
                log.exception("failed")
            log.log(45, "x")
            log.log(10, "y")
            assert repr(handler) == f"<netcon.LogHandler to {HOST}:{rx.address.port} (NOTSET)>"
            handler.close()
        rx.stop()
        records = [event.record for event in rx.records()]
    texts = [r.text for r in records]
    assert texts[:2] == ["failed", "Traceback (most recent call last):"]
    assert texts[4:7] == ["ValueError: no", "result \\udc41", "x"]
    assert texts[7] == "y" and texts[8].startswith("failed\nTraceback") and texts[8].endswith("result \\udc41")
    assert [str(r.level) for r in records][-2:] == ["err", "debug"]


def test_hosts_may_be_addresses() -> None:
    host = ipaddress.ip_address(HOST)
    with netcon.Receiver(0, host) as rx, netcon.Sender(host, rx.address.port, local=(host, 0)) as tx:
        tx.send("x")
        (event,) = rx.batch(5)
        assert event.sender == tx.address
        assert repr(tx) == f"<netcon.Sender to {HOST}:{rx.address.port}>" and tx.remote == rx.address


def test_level_names() -> None:
    names = {"error": 3, "warn": 4, "critical": 2, "panic": 0, "ERR": 3}
    assert {name: int(netcon.Level(name)) for name in names} == names  # type: ignore[arg-type]
    numbers = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7, 25: 6}
    assert {number: int(netcon.Level(number)) for number in numbers} == numbers
    for number in (8, 9, -1):
        with pytest.raises(ValueError):
            netcon.Level(number)


def test_a_handler_that_sends_while_one_sends_gets_numbers_of_its_own() -> None:
    sent = 0
    events: list[netcon.AnyEvent] = []

    def send_one_more(*_: object) -> None:
        nonlocal sent
        tx.send("of the handler")
        sent += 1

    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        before = signal.signal(signal.SIGALRM, send_one_more)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        try:
            while sent < 100:
                tx.send("two\nrecords")
                events += rx.batch(0)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        rx.stop()
        events += rx
        assert rx.stats.rebooted == 0 and rx.stats.dropped == 0
    numbers = sorted(record_of(event).sequence or 0 for event in events if event.kind != "lost")
    assert numbers == list(range(len(numbers)))


def test_what_is_refused_takes_no_number() -> None:
    with netcon.Receiver(0, HOST) as rx, netcon.Sender(HOST, rx.address.port) as tx:
        tx.send("first")
        with pytest.raises(netcon.EncodeError):
            tx.send("second", caller="x")
        tx.send("third")
        assert [r.sequence for r in received(rx)] == [0, 1]


@pytest.mark.skipif(not may_make_a_slow_device(), reason="needs to be root, and ip and tc")
def test_a_signal_is_handled_while_a_socket_is_full() -> None:
    code = """
import signal, time
import netcon

class Enough(Exception):
    pass

def raise_it(*_):
    raise Enough

tx = netcon.Sender("10.9.0.2", buffer_bytes=4608)
tx.send("first")
signal.signal(signal.SIGALRM, raise_it)
signal.setitimer(signal.ITIMER_REAL, 0.3)
begin = time.monotonic()
try:
    tx.send("x" * 100_000)  # half a minute at 32 kbit/s
except Enough:
    print("ended", time.monotonic() - begin < 5, tx.stats.waited > 0)
signal.signal(signal.SIGALRM, lambda *_: print("handler", tx.send("y")))
signal.setitimer(signal.ITIMER_REAL, 0.3)
print("sent", tx.send("x" * 10_000))
"""
    done = in_a_network_with_a_slow_device(code)
    assert (done.stdout, done.stderr) == ("ended True True\nhandler 1\nsent 10\n", "")
