# SPDX-License-Identifier: MIT
"""Memory stays flat over hundreds of thousands of calls; NETCON_LONG=1 makes it millions."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from typing import Any

import netcon
import pytest
from netcon import configfs

ROUNDS = 400_000 if os.environ.get("NETCON_LONG") else 20_000
PACKET = b"6.1.0,6,7,8,-,caller=T1;text \\xff\n SUBSYSTEM=pci\n DEVICE=+pci:0000\n"


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def failing(call: Callable[[], Any]) -> None:
    try:
        call()
    except (ValueError, OSError, TypeError):
        return
    raise AssertionError("it did not fail")


COLLECTOR = netcon.Collector()
COUNT = iter(range(1 << 60))


def collect() -> None:
    n = next(COUNT)
    COLLECTOR.push((f"10.0.{n % 7}.1", 6665), b"6,%d,%d,-;text\n" % (n, n), n / 1000)
    COLLECTOR.push(("10.1.0.1", 6665), b"6,%d,%d,-,ncfrag=0/9;abc" % (n, n), n / 1000)
    COLLECTOR.push(("10.1.0.2", 6665), b"basic\nrest", n / 1000)
    COLLECTOR.push(("10.1.0.2", 6665), b"", n / 1000)


def everything_of_a_record() -> None:
    r = netcon.decode(PACKET)
    for name in dir(r):
        getattr(r, name)
    repr(r), str(r), hash(r), r == r, r.get("DEVICE"), r.get("X", b"")


def tree() -> None:
    t = configfs.MemoryTree(interfaces=[{"name": "eth0", "ipv4": ["10.0.0.1"]}])
    t.mkdir("a")
    t.write("a/remote_ip", b"10.0.0.2")
    failing(lambda: t.read("b"))
    t.listdir("a")


CALLS: list[Callable[[], Any]] = [
    everything_of_a_record,
    collect,
    tree,
    lambda: failing(lambda: netcon.decode(b"9999,1,2,-;x")),
    lambda: failing(lambda: netcon.decode(1)),  # type: ignore[arg-type]
    lambda: failing(lambda: netcon.parse_target("@/,66666@10.0.0.2/")),
    lambda: netcon.parse_target("+@10.0.0.1/eth0,@10.0.0.2/52:54:00:12:34:56").resolve(),
    lambda: netcon.lint('"@/eth0,66666@10.0.0.2/'),
    lambda: netcon.encode(b"6,1,2,-", b"x" * 1500, kernel="7.3", userdata=[("a", "b")], sysdata={"cpu": 1}),
    lambda: netcon.decode_many([PACKET, b"basic", b""] * 3, keys=["DEVICE", b"SUBSYSTEM"]),
    lambda: netcon.Event("lost", ("::1", 1), count=3),
    lambda: failing(lambda: netcon.Event("lost", ("::1", 1), wings=3)),  # type: ignore[call-arg]
]


@pytest.mark.parametrize("call", CALLS, ids=lambda c: c.__name__ if c.__name__ != "<lambda>" else "")
def test_memory_stays_flat(call: Callable[[], Any]) -> None:
    slow = max(1, ROUNDS // 20)
    for _ in range(slow):
        call()
    gc.collect()
    before = resident()
    for _ in range(slow):
        call()
    gc.collect()
    # A leaked object of 64 bytes in each call would be that much.
    assert resident() - before < max(slow * 48, 1 << 20)


def test_sockets_are_given_back() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(200):
        rx = netcon.Receiver(0, "127.0.0.1")
        netcon.Sender("127.0.0.1", rx.address.port).send("x")
        rx.batch(1)
        del rx
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before + 1
