"""Every public callable with wrong types, empty and huge inputs: a documented exception or a value, never a crash."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import Callable
from typing import Any

import pytest

import netcon
from netcon import configfs

HUGE = "9" * 100_000
STRANGE: list[Any] = [
    None, True, 0, -1, 2**70, 1.5, float("nan"), float("inf"), "", "x", HUGE, b"", b"\0\xff", HUGE.encode(), "\ud800",
    bytearray(b"6,1,2,-;x"), memoryview(b"abcd")[::2], (), [], {}, set(), object(), type, len,
    ("10.0.0.1", 1), ("10.0.0.1", 70000), [("k", "v")], {"name": "eth0"}, {"cpu": -1}, iter([1]),
]  # fmt: skip
EXPECTED = (TypeError, ValueError, OSError)
TREE = configfs.MemoryTree()
COLLECTOR = netcon.Collector()
RECORD = netcon.decode(b"6,1,2,-;x\n")

CALLABLES: list[Callable[..., Any]] = [
    getattr(netcon, name)
    for name in netcon.__all__
    if callable(getattr(netcon, name)) and name not in ("Receiver", "Sender", "LogHandler", "complete", "find_route")
]
CALLABLES += [getattr(configfs, name) for name in configfs.__all__ if name not in ("MountedTree",)]
CALLABLES += [
    getattr(thing, name)
    for thing in (TREE, COLLECTOR, RECORD, netcon.Kernel(), netcon.Stats(), netcon.Target(remote_ip="10.0.0.2"))
    for name in dir(thing)
    if not name.startswith("_") and callable(getattr(thing, name))
]


@pytest.mark.parametrize("function", CALLABLES, ids=lambda f: getattr(f, "__qualname__", str(f)))
def test_strange_arguments(function: Callable[..., Any]) -> None:
    for count in (0, 1, 2):
        for arguments in itertools.product(STRANGE, repeat=count):
            try:
                function(*arguments)
            except EXPECTED:
                pass


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: netcon.decode(1), "packet"),  # type: ignore[arg-type]
        (lambda: netcon.decode(), "packet"),  # type: ignore[call-arg]
        (lambda: netcon.parse_target(1), "text"),  # type: ignore[arg-type]
        (lambda: netcon.parse_target("@/,@10.0.0.2/", kernel=6.12), "kernel"),  # type: ignore[arg-type]
        (lambda: netcon.lint(None), "text"),  # type: ignore[arg-type]
        (lambda: netcon.encode(1, b"", kernel="6.12"), "header"),  # type: ignore[arg-type]
        (lambda: netcon.encode(b"", 1, kernel="6.12"), "body"),  # type: ignore[arg-type]
        (lambda: netcon.encode(b"", b"", kernel="6.12", userdata=["ab"]), "userdata"),  # type: ignore[list-item]
        (lambda: netcon.encode(b"", b"", kernel="7.3", sysdata={"cpu": "x"}), "cpu"),
        (lambda: COLLECTOR.push("10.0.0.1", b"", 0), "sender"),  # type: ignore[arg-type]
        (lambda: COLLECTOR.push(("10.0.0.1", "x"), b"", 0), "port of sender"),  # type: ignore[arg-type]
        (lambda: COLLECTOR.push(("10.0.0.1", 1), 1, 0), "packet"),  # type: ignore[arg-type]
        (lambda: COLLECTOR.push(("10.0.0.1", 1), b"", "now"), "now"),  # type: ignore[arg-type]
        (lambda: COLLECTOR.push(("10.0.0.1", 1), b"", float("nan")), "now"),
        (lambda: netcon.Collector(wings=2), "wings"),  # type: ignore[call-arg]
        (lambda: netcon.Collector(hold="x"), "hold"),  # type: ignore[arg-type]
        (lambda: netcon.Collector(senders=-1), "senders"),
        (lambda: netcon.Target(), "remote_ip"),  # type: ignore[call-arg]
        (lambda: netcon.Target(remote_ip=1), "remote_ip"),  # type: ignore[arg-type]
        (lambda: netcon.Target(remote_ip="10.0.0.2", local_port="x"), "local_port"),  # type: ignore[arg-type]
        (lambda: netcon.Target(remote_ip="fe80::1%eth0"), "zone"),
        (lambda: netcon.Settings(dev_name="x" * 16), "dev_name"),
        (lambda: configfs.MemoryTree(interfaces=[{"nam": "eth0"}]), "nam"),
        (lambda: configfs.MemoryTree(interfaces=["eth0"]), "interface"),  # type: ignore[list-item]
        (lambda: TREE.write("a/b", 1), "data"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(70000), "port"),
        (lambda: netcon.Receiver("6666"), "port must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, 1), "host must be str, not int"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("::1", "6666"), "port must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, allow="10.0.0.0/8"), "allow"),
        (lambda: netcon.Receiver(0, min_level="loud"), "loud"),
        (lambda: netcon.Receiver(0, wings=1), "wings"),
        (lambda: netcon.Sender(1), "host"),  # type: ignore[arg-type]
        (lambda: netcon.find_route(1), "remote"),  # type: ignore[arg-type]
        (lambda: netcon.complete("@/"), "target"),  # type: ignore[arg-type]
    ],
)
def test_says_which_argument(call: Callable[[], Any], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        call()


def test_huge_inputs() -> None:
    million = b"x" * 1_000_000
    assert netcon.decode(million).text == million.decode()
    assert len(netcon.decode(b"6,1,2,-;" + million).raw_text) == len(million)
    assert len(netcon.decode(b"6,1,2,-;x" + b"\n a=1" * 200_000).dictionary) == 200_000
    assert sum(map(len, netcon.encode_legacy(million))) == len(million)
    with pytest.raises(netcon.ParseError) as caught:
        netcon.parse_target(million)
    assert len(str(caught.value)) < 1000
    assert netcon.lint(million.decode())
    (event,) = netcon.Collector().push(("::1", 1), b"6,1,2,-;" + million, 0)
    assert event.kind == "record"
    columns = netcon.decode_many([million] * 3, keys=["a"] * 1)
    assert columns["a"] == [None] * 3


def test_async_listen_passes_errors_on() -> None:
    with pytest.raises(ValueError):
        asyncio.run(netcon.aio.listen(70000))


def test_everything_public_is_documented() -> None:
    for module in (netcon, configfs, netcon.aio):
        for name in module.__all__:
            thing = getattr(module, name)
            assert inspect.getdoc(thing), f"{module.__name__}.{name}"
