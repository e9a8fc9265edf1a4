# SPDX-License-Identifier: MIT
"""Outputs that cannot keep up, and a server that breaks: each record is written or counted, and which is which is true."""

import os
import pathlib
import random
import re
import signal
import socket
import struct
import threading
import time

import pytest
from conftest import drops, lines_about, until

TOTAL = 8000  # 8 MB: more than the buffers of a TCP connection hold, also where some packets are lost before
FILLING = 970  # bytes of each text


def send_all(listener, pause):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((listener.host, listener.port))
        for n in range(TOTAL):
            s.send(b"6,%d,%d,-;number %d %s\n" % (n, n * 10, n, b"x" * FILLING))
            if n % 20 == 0:
                time.sleep(pause)


def is_read(port):
    """Whether nothing waits in the buffer of that UDP port."""
    rows = [line.split() for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]]
    return all(int(row[4].split(":")[1], 16) == 0 for row in rows if int(row[1].split(":")[1], 16) == port)


def numbers(data):
    """Of the whole records in it."""
    return [int(n) for n in re.findall(rb"number (\d+) x{%d}" % FILLING, data)]


def received_by(err):
    received = int(re.search(r"received (\d+) records", err)[1])
    assert received + drops(err) == TOTAL
    return received


class SlowReader(threading.Thread):
    """Reads nothing until it is started, then all that comes."""

    def __init__(self, kind, path):
        super().__init__(daemon=True)
        self.kind, self.path, self.data = kind, path, bytearray()
        self.place = str(path)
        if kind == "fifo":
            os.mkfifo(path)
            self.pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            os.set_blocking(self.pipe, True)
            return
        is_tcp = kind == "tcp"
        self.server = socket.socket(
            socket.AF_INET if is_tcp else socket.AF_UNIX, socket.SOCK_DGRAM if kind == "unix" else socket.SOCK_STREAM
        )
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.server.bind(("127.0.0.1", 0) if is_tcp else str(path))
        if kind != "unix":
            self.server.listen()
        self.place = f"syslog:tcp:127.0.0.1:{self.server.getsockname()[1]}" if is_tcp else f"syslog:unix:{path}"

    def parts(self):
        if self.kind == "fifo":
            yield from iter(lambda: os.read(self.pipe, 65536), b"")
        elif self.kind == "unix":
            yield from iter(lambda: self.server.recv(65536), b"end")
        else:
            # A write that took too long is followed by another connection.
            part = b""
            while part != b"end":
                connection, _ = self.server.accept()
                with connection:
                    while (part := connection.recv(65536)) not in (b"", b"end"):
                        yield part

    def run(self):
        for part in self.parts():
            self.data += part

    def end(self):
        """The numbers that came, once nothing more does."""
        if self.kind != "fifo":
            with socket.socket(self.server.family, self.server.type) as s:
                s.connect(self.server.getsockname())
                s.send(b"end")
        self.join()
        if self.kind == "fifo":
            os.close(self.pipe)
        else:
            self.server.close()
        return numbers(bytes(self.data))


def count_records(path):
    return path.read_bytes().count(b'"event":"record"')


@pytest.mark.parametrize("kind", ["fifo", "unix", "unix stream", "tcp"])
def test_what_a_full_queue_drops_is_counted(listen, tmp_path, kind):
    reader = SlowReader(kind, tmp_path / "place")
    listener = listen("--to", f"{reader.place},queue=64K", "--to", f"json@{tmp_path}/good")
    send_all(listener, 0.002)
    assert until(lambda: is_read(listener.port))
    reader.start()
    listener.process.send_signal(signal.SIGTERM)
    _, err = listener.wait()
    seen = reader.end()
    received, about = received_by(err), lines_about(err)
    assert about[f"{tmp_path}/good"]["records"] == count_records(tmp_path / "good") == received
    slow = about[reader.place]
    assert slow["records"] + slow["records not written"] == received and slow["records not written"] > 0
    assert len(seen) == slow["records"] > 0
    assert seen == sorted(set(seen))
    assert listener.process.returncode == 1


class BreakingServer(threading.Thread):
    """Breaks each connection after some bytes; after every third it is away for a moment."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.ends, self.connections = [], threading.Event(), 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def run(self):
        choice = random.Random(7)
        while not self.ends.is_set():
            self.server.settimeout(0.1)
            try:
                connection, _ = self.server.accept()
            except TimeoutError:
                continue
            self.connections += 1
            data, wanted = b"", choice.randrange(1, 300_000)
            with connection:
                connection.settimeout(0.1)
                while len(data) < wanted and not self.ends.is_set():
                    try:
                        part = connection.recv(65536)
                    except TimeoutError:
                        continue
                    if not part:
                        break
                    data += part
                # Closing resets it: what is on the way is gone.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.seen += numbers(data)
            if self.connections % 3 == 0:
                self.server.close()
                time.sleep(0.2)
                self.server = socket.create_server(("127.0.0.1", self.port))
        self.server.close()


def test_a_server_that_breaks_costs_only_what_is_counted(listen, tmp_path):
    """What the system had accepted when a connection broke counts as written: fewer may have come, never more."""
    server = BreakingServer()
    server.start()
    place = f"syslog:tcp:127.0.0.1:{server.port}"
    listener = listen("--to", f"{place},queue=64K", "--to", f"json@{tmp_path}/good")
    send_all(listener, 0.02)
    _, err = listener.stop()
    server.ends.set()
    server.join()
    received, about = received_by(err), lines_about(err)
    assert about[f"{tmp_path}/good"]["records"] == count_records(tmp_path / "good") == received
    broken = about[place]
    assert broken["records"] + broken["records not written"] == received and broken["records not written"] > 0
    assert server.connections > 1 and len(set(server.seen)) == len(server.seen)
    assert 0 < len(server.seen) <= broken["records"]
    assert f"netcon: cannot write to {place}: " in err
