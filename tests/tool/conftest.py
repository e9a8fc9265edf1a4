# SPDX-License-Identifier: MIT
"""The netcon program under test, started and stopped as a user would."""

import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time

import pytest

TOOL = os.environ["NETCON_TOOL"]
# A sanitizer keeps what is freed, and its runtime must be loaded first.
SANITIZED = any(name in pathlib.Path(TOOL).read_bytes() for name in (b"__asan_init", b"__tsan_init"))
DATA = pathlib.Path(__file__).resolve().parent.parent / "data"


def run_tool(*args, stdin=b"", timeout=30, env=None, user=None):
    """Runs the tool to its end; the result has returncode, stdout and stderr (text)."""
    done = subprocess.run(
        [TOOL, *map(str, args)],
        input=stdin,
        capture_output=True,
        timeout=timeout,
        env=None if env is None else {**os.environ, **env},
        user=user,
    )
    done.stdout = done.stdout.decode("utf-8")
    done.stderr = done.stderr.decode("utf-8")
    return done


class Piped:
    """A running command that reads a pipe, which stays open until it is closed."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            [TOOL, *map(str, args)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )

    def write(self, data):
        self.process.stdin.write(data)

    def line(self, seconds=30):
        """The next line; empty where none comes."""
        came = select.select([self.process.stdout], [], [], seconds)[0]
        return self.process.stdout.readline().decode() if came else ""

    def stop(self, how):
        """Ends it while its pipe is open: standard output and standard error."""
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        return self.process.stdout.read().decode(), self.process.stderr.read().decode()


@pytest.fixture
def piped():
    started = []

    def start(*args):
        started.append(Piped(*args))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        for pipe in (one.process.stdin, one.process.stdout, one.process.stderr):
            pipe.close()


def free_port():
    """A UDP port of the loopback that nobody uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(autouse=True)
def no_test_hangs():
    """Waiting for a line that never comes is a failure."""

    def give_up(*_):
        raise TimeoutError("this test hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(120 + 2 * int(float(os.environ.get("NETCON_SOAK_SECONDS", "0"))))
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def drops(err):
    """The packets that no one decoded, by the last line: the socket was full, or they came faster than they are handled."""
    line = [line for line in err.splitlines() if line.startswith("netcon: received ")][-1]
    return sum(int(number) for number in re.findall(r"(\d+) (?:socket|backlog) drops", line))


def until(condition, seconds=60):
    """Waits for a condition; whether it came."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def text_of(path):
    """What a file has now: nothing where it is not there yet, or has its next name already while it is rotated."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def handles(process, number):
    """Whether a process has begun to handle a signal, or to wait for it: sent earlier, it would end it."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    masks = re.findall(r"Sig(?:Cgt|Blk):\s+(\w+)", status)
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


def lines_about(err):
    """The last report about each of several outputs: its counts by their words."""
    found = {}
    for name, counts in re.findall(r"^netcon: (.*): (\d+ records and \d+ remarks written.*)$", err, re.M):
        found[name] = {what: int(n) for n, what in re.findall(r"(\d+) ([a-z ]+?)(?: and |,|$)", counts)}
    return found


class Listener:
    """A running `netcon listen` on a free port of 127.0.0.1 (or of the address given)."""

    def __init__(self, *args, address="127.0.0.1:0", stdout=subprocess.PIPE):
        self.process = subprocess.Popen(
            [TOOL, "listen", address, *map(str, args)], stdout=stdout, stderr=subprocess.PIPE
        )
        self.notes = []
        while True:
            line = self.process.stderr.readline().decode()
            assert line, "the listener ended: " + "".join(self.notes)
            self.notes.append(line)
            found = re.match(r"netcon: listening on (.*):(\d+)$", line)
            if found:
                self.host, self.port = found[1].strip("[]"), int(found[2])
                break

    @property
    def destination(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def send(self, *packets, address=None):
        """Sends raw packets from one socket, of an address when it matters."""
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_DGRAM) as s:
            if address is not None:
                s.bind((address, 0))
            for packet in packets:
                s.sendto(packet, (self.host, self.port))

    def wait(self):
        """Until it ends by itself: standard output and standard error."""
        out, err = self.process.communicate(timeout=120)  # what a full socket still holds, under a sanitizer
        return (out or b"").decode("utf-8"), err.decode("utf-8")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.wait()


@pytest.fixture
def listen():
    started = []

    def start(*args, **options):
        started.append(Listener(*args, **options))
        return started[-1]

    yield start
    for listener in started:
        if listener.process.poll() is None:
            listener.process.kill()
            listener.process.wait()
        for pipe in (listener.process.stdout, listener.process.stderr):
            if pipe:
                pipe.close()
