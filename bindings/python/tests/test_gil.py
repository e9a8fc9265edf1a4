# SPDX-License-Identifier: MIT
"""Threads, tasks and handlers of signals go on while netcon works."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import netcon
import pytest

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(netcon.__file__).parents[1])}


def test_the_first_use_of_a_module_in_two_threads() -> None:
    # In a process of its own: nothing has imported json there.
    code = """
import sys, threading, time
import netcon

class Slow:
    def find_spec(self, name, path=None, target=None):
        time.sleep(0.2 if name == "json" else 0)

assert "json" not in sys.modules
sys.meta_path.insert(0, Slow())
event = netcon.LostEvent(("10.0.0.1", 6665), time=1.0)
got = []
threads = [threading.Thread(target=lambda: got.append(event.to_dict()), daemon=True) for _ in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
assert got == [event.to_dict()] * 4
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_write_to_a_mounted_tree_may_take_long(tmp_path: Path) -> None:
    # As the kernel does that waits for a device: this one waits for the thread. In a process of its own, which can be ended.
    (tmp_path / "box1").mkdir()
    os.mkfifo(tmp_path / "box1" / "enabled")
    code = """
import sys, threading, time
from netcon import configfs

def read():
    time.sleep(0.1)
    with open(sys.argv[1] + "/box1/enabled", "rb") as file:
        print(file.read())

thread = threading.Thread(target=read, daemon=True)
thread.start()
configfs.MountedTree(sys.argv[1]).write("box1/enabled", b"1")
thread.join()
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=ENVIRONMENT)
    assert (done.stdout, done.stderr) == ("b'1'\n", "")


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A large capture without a packet that is wanted."""
    payload = bytes(60)
    datagram = struct.pack(">HHHH", 6665, 53, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH8s", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0, bytes([10, 0, 0, 1, 10, 0, 0, 2]))
    frame = bytes(12) + b"\x08\0" + head + datagram
    path = tmp_path / "other.pcap"
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x10000, 1))
        file.writelines([(struct.pack("<IIII", 1, 0, len(frame), len(frame)) + frame) * 1000] * 400)
    return path


def seconds_of_reading(capture: Path) -> float:
    begin = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert netcon.read_pcap(capture, 6666) == []
    return time.monotonic() - begin


def test_threads_run_while_a_capture_is_read(capture: Path) -> None:
    longest = [0.0]
    done = threading.Event()

    def watch() -> None:
        last = time.monotonic()
        while not done.is_set():
            time.sleep(0.001)
            last, before = time.monotonic(), last
            longest[0] = max(longest[0], last - before)

    def is_held() -> bool:
        longest[0] = 0.0
        taken = seconds_of_reading(capture)
        time.sleep(0.01)
        return longest[0] > taken / 2

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        # On a busy machine the thread may have no processor.
        assert not all(is_held() for _ in range(10))
    finally:
        done.set()
        thread.join()


def test_a_signal_is_handled_while_a_capture_is_read(capture: Path) -> None:
    before = signal.signal(signal.SIGALRM, lambda *_: handled.append(time.monotonic()))
    handled: list[float] = []
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        begin = time.monotonic()
        taken = seconds_of_reading(capture)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert any(begin + taken / 4 < at < begin + taken * 3 / 4 for at in handled)
