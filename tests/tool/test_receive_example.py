# SPDX-License-Identifier: MIT
"""examples/receive.cpp, to which the README points, run as a user would run it."""

import os
import select
import signal
import socket
import subprocess
import time

import pytest
from conftest import free_port

PROGRAM = os.environ["NETCON_EXAMPLES"] + "/example_receive"


class Example:
    """The running example on a free port, with one socket that sends to it."""

    def __init__(self):
        self.port = free_port()
        self.process = subprocess.Popen([PROGRAM, str(self.port)], stdout=subprocess.PIPE)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", self.port))
        for _ in range(200):  # until it listens
            try:
                self.send("ready\n")
                self.send("ready\n")  # reports what the kernel answered to the first
            except ConnectionRefusedError:
                pass
            if select.select([self.process.stdout], [], [], 0.05)[0]:
                break
        self.mark()

    def send(self, packet):
        self.socket.send(packet if isinstance(packet, bytes) else packet.encode())

    def mark(self):
        """Skips what is left of the start."""
        self.send("begin\n")
        while self.line() != "begin":
            pass

    def line(self):
        line = self.process.stdout.readline().decode()
        assert line.startswith("127.0.0.1: ") and line.endswith("\n"), line
        return line[len("127.0.0.1: ") : -1]

    def stop(self, by=signal.SIGINT):
        self.process.send_signal(by)
        rest = self.process.stdout.read().decode()
        assert self.process.wait(10) == 0
        return [line.removeprefix("127.0.0.1: ") for line in rest.splitlines()]


@pytest.fixture
def example():
    running = Example()
    yield running
    running.process.kill()
    running.process.wait()
    running.process.stdout.close()
    running.socket.close()


def test_it_prints_records_with_their_escapes_undone(example):
    example.send(b"6,1,1,-,ncfrag=7/12;\\xa9\n")
    example.send(b"6,1,1,-,ncfrag=0/12;caf\\xc3")
    assert example.line() == "café"
    example.send("6,2,1,-;a terminal obeys \\x1b[31m\n SUBSYSTEM=net\n")
    assert example.line() == "a terminal obeys \\x1b[31m"


def test_it_prints_lines_of_a_target_that_is_not_extended(example):
    example.send("Kernel panic - not ")
    example.send("syncing: out of memory\nnext\n")
    assert [example.line(), example.line()] == ["Kernel panic - not syncing: out of memory", "next"]


def test_it_reports_loss_and_does_not_repeat_duplicates(example):
    for number in (1, 1, 2, 5, 5, 4, 6):
        example.send(f"6,{number},1,-;record {number}\n")
    assert [example.line() for _ in range(6)] == [
        "record 1",
        "record 2",
        "records lost: 2",
        "record 5",
        "record 4",
        "record 6",
    ]
    assert example.stop() == []


def test_it_prints_a_partial_record_after_its_timeout(example):
    before = time.monotonic()
    example.send("6,1,1,-,ncfrag=0/2000;the start of a long record")
    assert example.line() == "the start of a long record (partial)"
    assert 0.5 < time.monotonic() - before < 20


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_loses_nothing(example, by):
    example.send("6,1,1,-,ncfrag=0/2000;the start")
    example.send("a line without its end")
    time.sleep(0.1)
    assert sorted(example.stop(by)) == ["a line without its end", "the start (partial)"]


@pytest.mark.parametrize("port", ["http", "65536", "-1", "", "6666x"])
def test_a_bad_port_is_one_line_and_a_failure(port):
    done = subprocess.run([PROGRAM, port], capture_output=True, timeout=10, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"port {port}: ") and done.stderr.count("\n") == 1
    assert "port number" in done.stderr


def test_a_port_that_is_taken_is_one_line_and_a_failure(example):
    done = subprocess.run([PROGRAM, str(example.port)], capture_output=True, timeout=10, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"port {example.port}: Address already in use\n"
