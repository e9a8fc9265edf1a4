# SPDX-License-Identifier: MIT
"""The wall clock is stepped while netcon listen runs: records show it, and nothing that lasts a time depends on it."""

import json
import os
import re
import signal
import socket
import struct
import time
import urllib.request

import pytest
from conftest import SANITIZED, drops, lines_about, text_of, until

STEP_CLOCK = os.environ.get("NETCON_STEP_CLOCK", "")
DAY = 86400
pytestmark = pytest.mark.skipif(SANITIZED or not STEP_CLOCK, reason="a preloaded library steps the clock")


class Clock:
    def __init__(self, path):
        self.path = path
        self.step(0)

    def step(self, seconds):
        """The wall clock goes wrong by so much from now on."""
        self.offset = seconds
        # In place: the program has mapped it.
        with open(self.path, "r+b" if self.path.exists() else "w+b") as file:
            file.write(struct.pack("=q", seconds))

    def shows(self, text):
        """Whether a time of JSON is this clock's."""
        seconds = time.mktime(time.strptime(text.partition(".")[0], "%Y-%m-%dT%H:%M:%S")) - time.timezone
        return abs(seconds - time.time() - self.offset) < 60


@pytest.fixture
def clock(tmp_path, monkeypatch):
    out = Clock(tmp_path / "step")
    monkeypatch.setenv("STEP_CLOCK", str(out.path))
    monkeypatch.setenv("LD_PRELOAD", STEP_CLOCK)
    return out


def events(path):
    return [json.loads(line) for line in text_of(path).splitlines()]


def record(number, text):
    return b"6,%d,%d,-;%s\n" % (number, number, text)


def test_steps_of_the_wall_clock_cost_nothing(listen, clock, tmp_path):
    """Back a day, forward a year, and right again: order, partial records, rate limits, rotation, metrics."""
    all_of_it, limited, short = tmp_path / "all", tmp_path / "limited", tmp_path / "short"
    listener = listen(
        *("--to", f"json@{all_of_it},rotate-age=1h", "--to", f"json@{limited},rate-limit=6"),
        *("--to", f"json@dir:{tmp_path}/machines,rotate-age=1h", "--to", f"json@{short},rotate-age=50ms,keep=9"),
        *("--reorder", "20ms", "--metrics", "127.0.0.1:0"),
    )
    while (metrics := re.search(r"metrics at (\S+)", "".join(listener.notes))) is None:
        listener.notes.append(listener.process.stderr.readline().decode())
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    steps = (0, -DAY, 365 * DAY, 0)
    each = 8

    def kinds(path, kind):
        return [one for one in events(path) if one["event"] == kind]

    for done, step in enumerate(steps):
        clock.step(step)
        # Files are opened again: one that began before the step is no older for it.
        listener.process.send_signal(signal.SIGHUP)
        first = done * (each + 1)
        texts = [b"%d" % (first + n) for n in range(each)]
        packets = [record(first + n, text) for n, text in enumerate(texts)]
        packets[3], packets[4] = packets[4], packets[3]
        for packet in (*packets, b"6,%d,%d,-,ncfrag=0/20;a part\n" % (first + each, first + each)):
            sender.sendto(packet, (listener.host, listener.port))
        assert until(lambda: len(kinds(all_of_it, "record")) == each * (done + 1), 5)
        now = kinds(all_of_it, "record")[-each:]
        assert [one["text"].encode() for one in now] == texts
        assert all(clock.shows(one["time"]) for one in now)
        time.sleep(0.06)
    # What was begun under another clock ends in its time, and a second of the rate limit is over.
    assert until(lambda: len(kinds(all_of_it, "partial")) == len(steps), 20)
    sender.sendto(record(len(steps) * (each + 1), b"the last"), (listener.host, listener.port))
    assert until(lambda: [one["text"] for one in kinds(limited, "record")][-1:] == ["the last"], 5)
    with urllib.request.urlopen(metrics[1], timeout=5) as answer:
        shown = re.search(rb"^netcon_records_total\S* (\S+)$", answer.read(), re.M)
    assert shown is not None and float(shown[1]) == len(steps) * (each + 1) + 1
    sender.close()
    _, err = listener.stop()
    assert drops(err) == 0 and int(re.search(r"received (\d+) records", err)[1]) == len(steps) * (each + 1) + 1
    for name, counts in lines_about(err).items():
        offered = counts["records"] + counts.get("records over the rate limit", 0)
        assert offered == len(steps) * (each + 1) + 1 and "records not written" not in counts, name
    assert kinds(limited, "suppressed")
    rotated = {one.name for one in tmp_path.glob("**/*.[0-9]")}
    assert {"short.1", "short.2", "short.3"} <= rotated and all(name.startswith("short.") for name in rotated)
