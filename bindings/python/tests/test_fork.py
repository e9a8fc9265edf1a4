# SPDX-License-Identifier: MIT
"""What a process that was forked may do with the sockets of the one before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import netcon
import pytest

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(netcon.__file__).parents[1])}

HEAD = """
import logging, os, signal, threading, time
import netcon
signal.alarm(60)

def forked(work):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        os._exit(work() or 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


def run(code: str) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", HEAD + code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "send", ["tx.send('text ' * 100)", "tx.send_packets([b'6,1,2,-;x'] * 100)", "log.error('text ' * 100)"]
)
def test_a_fork_while_threads_send(send: str) -> None:
    run(f"""
tx = netcon.Sender("127.0.0.1", 9)
log = logging.getLogger("fork")
log.addHandler(netcon.LogHandler("127.0.0.1", 9))
done = threading.Event()

def work():
    while not done.is_set():
        {send}

threads = [threading.Thread(target=work) for _ in range(2)]
for one in threads:
    one.start()
codes = [forked(lambda: {send} and 0) for _ in range(20)]
done.set()
assert codes == [0] * 20, codes
""")


def test_a_fork_while_a_thread_receives_closes_the_copy() -> None:
    run("""
rx = netcon.Receiver(0, "127.0.0.1")
thread = threading.Thread(target=lambda: got.extend(rx.batch(30)))
got = []
thread.start()
time.sleep(0.2)

def child():
    assert rx.closed and rx.stopped
    rx.stop()
    rx.close()
    try:
        rx.batch(0)
    except ValueError:
        return 0
    return 1

assert forked(child) == 0
with netcon.Sender("127.0.0.1", rx.address.port) as tx:
    tx.send("hello")
thread.join()
assert [event.record.text for event in got] == ["hello"] and not rx.stopped
""")


def test_stop_and_close_end_what_their_own_process_receives() -> None:
    run("""
rx = netcon.Receiver(0, "127.0.0.1")

def child():
    rx.stop()
    rx.batch(0)  # what is left, after which the kernel would drop packets
    rx.close()
    return 0

assert forked(child) == 0
before = time.process_time()
assert rx.batch(1) == [] and not rx.stopped
assert time.process_time() - before < 0.3
with netcon.Sender("127.0.0.1", rx.address.port) as tx:
    tx.send("hello")
assert [event.record.text for event in rx.batch(20)] == ["hello"]
""")


def test_a_daemon_receives_when_the_process_before_it_has_ended() -> None:
    run("""
rx = netcon.Receiver(0, "127.0.0.1")
port, (reading, writing) = rx.address.port, os.pipe()
daemon = os.fork()
signal.alarm(60)
if daemon != 0:
    rx.close()
    with netcon.Sender("127.0.0.1", port) as tx:
        tx.send("hello")
    assert os.read(reading, 100) == b"hello, idle"
    os.waitpid(daemon, 0)
    os._exit(0)
event = rx.batch(20)[0]
before = time.process_time()
rx.batch(1)
idle = time.process_time() - before < 0.3
os.write(writing, f"{event.record.text}, {'idle' if idle else 'busy'}".encode())
os._exit(0)
""")


def test_stop_ends_what_its_own_process_receives_with_asyncio() -> None:
    run("""
import asyncio

async def listen():
    return await netcon.aio.listen(0, "127.0.0.1")

rx = asyncio.run(listen())

def child():
    rx.stop()
    asyncio.run(rx.batch(0))
    rx.close()
    return 0

assert forked(child) == 0 and not rx.stopped
with netcon.Sender("127.0.0.1", rx.address.port) as tx:
    tx.send("hello")
assert [event.record.text for event in asyncio.run(rx.batch(20))] == ["hello"]
""")
