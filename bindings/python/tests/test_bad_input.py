# SPDX-License-Identifier: MIT
"""Every public callable with wrong types, empty and huge inputs: a documented exception or a value, never a crash."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import ipaddress
import itertools
import pydoc
import re
import types
from collections.abc import Callable
from typing import Any

import netcon
import pytest
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
    for thing in (TREE, COLLECTOR, RECORD, netcon.KernelProfile(), netcon.Stats(), netcon.Target(remote_ip="10.0.0.2"))
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
        (lambda: netcon.parse_target("@/,@10.0.0.2/", kernel=(6,)), "two or three numbers"),  # type: ignore[arg-type]
        (lambda: netcon.KernelProfile((6, "x")), "ints, not str"),  # type: ignore[arg-type]
        (lambda: netcon.KernelProfile((6, -1)), "from 0 to 65535"),
        (lambda: netcon.KernelProfile((6, 2**70)), "from 0 to 65535"),
        (lambda: netcon.lint(None), "text"),  # type: ignore[arg-type]
        (lambda: netcon.encode(1, b"", kernel="6.12"), "header"),  # type: ignore[arg-type]
        (lambda: netcon.encode(b"", 1, kernel="6.12"), "body"),  # type: ignore[arg-type]
        (lambda: netcon.encode(b"", b"", kernel="6.12", userdata=["ab"]), "userdata"),  # type: ignore[list-item]
        (lambda: netcon.encode(b"", b"", kernel="7.3", sysdata={"cpu": "x"}), "cpu"),
        (lambda: COLLECTOR.push("10.0.0.1", b"", 0), "sender"),  # type: ignore[call-overload]
        (lambda: COLLECTOR.push(("10.0.0.1", "x"), b"", 0), "port of sender"),  # type: ignore[arg-type]
        (lambda: COLLECTOR.push(("10.0.0.1", 1), 1, 0), "packet"),  # type: ignore[call-overload]
        (lambda: COLLECTOR.push(("10.0.0.1", 1), b"", "now"), "now"),  # type: ignore[call-overload]
        (lambda: COLLECTOR.push(("10.0.0.1", 1), b"", float("nan")), "now"),
        (lambda: netcon.Collector(wings=2), "wings"),  # type: ignore[call-arg]
        (lambda: netcon.Collector(reorder="x"), "reorder"),  # type: ignore[arg-type]
        (lambda: netcon.Collector(age=datetime.timedelta(days=10**6)), "age is out of range"),
        (lambda: COLLECTOR.push(("10.0.0.1", 1), b"", datetime.timedelta()), "now"),  # type: ignore[call-overload]
        (lambda: netcon.Collector(senders=-1), "senders"),
        (lambda: netcon.Target(), "remote_ip"),  # type: ignore[call-arg]
        (lambda: netcon.Target(remote_ip=1), "remote_ip"),  # type: ignore[arg-type]
        (lambda: netcon.Target(remote_ip="10.0.0.2", local_port="x"), "local_port"),  # type: ignore[arg-type]
        (lambda: netcon.Target(remote_ip="fe80::1%eth0"), "zone"),
        (lambda: netcon.Settings(dev_name="x" * 16), "dev_name"),
        (lambda: configfs.MemoryTree(interfaces=[{"nam": "eth0"}]), "nam"),
        (lambda: configfs.MemoryTree(interfaces=[{5: 1}]), "the keys of an interface must be str, not int"),  # type: ignore[dict-item]
        (lambda: configfs.MountedTree(5), "root must be"),  # type: ignore[arg-type]
        (lambda: configfs.MemoryTree(interfaces=["eth0"]), "interface"),  # type: ignore[list-item]
        (lambda: TREE.write("a/b", 1), "data"),  # type: ignore[arg-type]
        (lambda: TREE.set_up("eth0", 1), "up must be True or False, not int"),  # type: ignore[arg-type]
        (lambda: TREE.set_addresses("eth0", "10.0.0.1"), "ipv4 must be a list of addresses, not str"),
        (lambda: configfs.MemoryTree(interfaces=1), "interfaces must be a list of dicts, not int"),  # type: ignore[arg-type]
        (lambda: configfs.MountedTree("/x").find_obstacle(2), "to_change must be True or False"),  # type: ignore[arg-type]
        (lambda: configfs.State(enabled=1), "enabled must be True or False"),  # type: ignore[arg-type]
        (lambda: configfs.State(userdata=1), "userdata must be a list of pairs, not int"),  # type: ignore[arg-type]
        (lambda: configfs.State(sysdata="cpu_nr"), "sysdata must be a list of names, not str"),
        (lambda: configfs.update("x", 1, netcon.Settings()), "now must be a State, not int"),  # type: ignore[arg-type]
        (lambda: configfs.create("x", netcon.Settings()).apply(1), "tree must be a MemoryTree"),  # type: ignore[arg-type]
        (
            lambda: netcon.KernelProfile("6.12", having=["release"], without=["userdata", "release"]),
            "having and without both hold 'release'",
        ),
        (lambda: netcon.KernelProfile(having=1), "having must be a list of feature names, not int"),  # type: ignore[arg-type]
        (lambda: netcon.KernelProfile().supports(1), "feature must be str, not int"),  # type: ignore[arg-type]
        (lambda: netcon.Collector(1), "by name only"),  # type: ignore[call-arg]
        (lambda: netcon.decode_many(1), "packets must be a list of packets, not int"),  # type: ignore[arg-type]
        (lambda: netcon.decode_many([], 1), "keys must be a list of keys, not int"),  # type: ignore[arg-type]
        (lambda: netcon.apply_fixes("", 1), "findings must be a list of Finding, not int"),  # type: ignore[call-overload]
        (lambda: netcon.lint_config("", 1), "format must be str, not int"),  # type: ignore[arg-type]
        (lambda: netcon.find_parameters("", 1), "format must be str, not int"),  # type: ignore[arg-type]
        (lambda: netcon.format_extended("x", priority="y"), "priority must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.format_extended("x", priority=2048), "priority must be from 0 to 2047"),
        (lambda: netcon.format_extended("x", sequence=-1), "sequence must be from 0 to 18446744073709551615"),
        (lambda: netcon.format_extended("x", flag=1), "flag must be str, not int"),  # type: ignore[arg-type]
        (lambda: netcon.format_basic("x", timestamp_us=1.5), "timestamp_us must be an int, not float"),  # type: ignore[arg-type]
        (lambda: netcon.format_basic("x", time=1), "time must be True or False, not int"),  # type: ignore[arg-type]
        (lambda: netcon.encode(b"", b"", userdata=1), "userdata must be a list of pairs, not int"),  # type: ignore[arg-type]
        (lambda: netcon.find_route("10.0.0.2", device="lo"), "device must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.read_pcap("x", "y"), "port must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, fd="x"), "fd must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, reuse_port=1), "reuse_port must be True or False"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, buffer_bytes="x"), "buffer_bytes must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, reorder="x"), "reorder must be seconds as a number, or a timedelta, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, allow=1), "allow must be a list of networks, not int"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1", extended=1), "extended must be True or False"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1", userdata=1), "userdata must be a list of pairs, not int"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1", buffer_bytes=2**31), "buffer_bytes must be from 0 to 2147483647"),
        (lambda: netcon.Sender("127.0.0.1").send("x", facility="y"), "facility must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1").send("x", sequence="y"), "sequence must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1").send("x", timestamp_us="y"), "timestamp_us must be an int"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1").send_packets(b"x"), "packets must be a list of bytes, not bytes"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(70000), "port"),
        (lambda: netcon.Receiver("6666"), "port must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, 1), "host must be str, not int"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1", "6666"), "port must be an int, not str"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1", 0), "port must be from 1 to 65535"),
        (lambda: netcon.Receiver(0, allow="10.0.0.0/8"), "allow"),
        (lambda: netcon.Receiver(0, min_level="loud"), "loud"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, wings=1), "wings"),  # type: ignore[call-arg]
        (lambda: netcon.Sender(1), "host"),  # type: ignore[arg-type]
        (lambda: netcon.find_route(1), "remote"),  # type: ignore[arg-type]
        (lambda: netcon.complete("@/"), "target"),  # type: ignore[arg-type]
        (lambda: COLLECTOR.push(("fe80::1", 1, 0, -1), b"", 0), "the scope of sender must be from 0 to 4294967295"),
        (lambda: COLLECTOR.push(("fe80::1", 1, 0, "eth0"), b"", 0), "the scope of sender must be an int, not str"),  # type: ignore[arg-type]
        (lambda: COLLECTOR.push(("10.0.0.1", True), b"", 0), "the port of sender must be an int, not bool"),
        (lambda: netcon.Receiver(True), "port must be an int, not bool"),
        (lambda: netcon.Collector(senders=True), "senders must be an int, not bool"),
        (lambda: netcon.KernelProfile((True, 2)), "ints, not bool"),
        (lambda: netcon.encode(b"", b"", kernel="7.3", sysdata={"cpu": True}), "sysdata cpu must be an int, not bool"),
        (lambda: COLLECTOR.push(("10.0.0.1", 1), b"", 10**400), "now is out of range"),
        (lambda: netcon.Receiver(0, "127.0.0.1").batch(10**400), "timeout is out of range"),
        (lambda: netcon.Receiver(0, "127.0.0.1").batch(0, linger=10**400), "linger is out of range"),
        (lambda: configfs.State(userdata=["ab"]), "userdata must hold pairs of key and value"),  # type: ignore[list-item]
        (lambda: configfs.State(userdata=[("a", "b", "c")]), "userdata must hold pairs"),  # type: ignore[list-item]
        (lambda: configfs.State(unknown=["ab"]), "unknown must hold pairs"),  # type: ignore[list-item]
        (lambda: configfs.MountedTree("/tmp\0/box"), "root has a null byte"),
        (
            lambda: netcon.Receiver(0, allow=ipaddress.ip_network("10.0.0.0/8")),
            "allow must be a list of networks, not IPv4N",
        ),
        (lambda: netcon.Receiver(0, allow=[10]), "allow must hold networks as str or of ipaddress, not int"),  # type: ignore[list-item]
    ],
)
def test_says_which_argument(call: Callable[[], Any], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        call()


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: netcon.Collector(wings=2), "age, reorder, reorder_bytes"),  # type: ignore[call-arg]
        (lambda: netcon.Receiver(0, wings=2), "no argument or limit called 'wings'.*records_per_sender"),  # type: ignore[call-arg]
        (lambda: netcon.Collector(records=0), "records must be at least 1"),
        (lambda: netcon.Collector(bytes=-1), "bytes must be at least 1"),
        (lambda: netcon.Collector(bytes=2**64), "bytes must be at most 18446744073709551615; leave it out"),
        (lambda: netcon.Receiver(0, reorder=-1), "reorder must not be negative"),
        (lambda: netcon.Receiver(0, late_age=datetime.timedelta(-1)), "late_age must not be negative"),
        (lambda: netcon.Sender("10.0.0.1", local=("::1", 0)), "two addresses of IPv4, or two of IPv6"),
        (lambda: netcon.find_route("10.0.0.1", "::1"), "source is ::1 .* two addresses of IPv4, or two of IPv6"),
        (lambda: netcon.Receiver(0, "127.0.0.1", allow=["fe80::/10"]), "of IPv6 only, .* 127.0.0.1 receives IPv4"),
        (lambda: netcon.Receiver(0, "::1", allow=["10.0.0.0/8"]), "of IPv4 only, .* ::1 receives IPv6: leave host out"),
        (lambda: netcon.Level("loud"), r"no level is called 'loud': emerg \(0\), alert \(1\)"),  # type: ignore[arg-type]
        (lambda: netcon.Level(8), r"no level is number 8: emerg \(0\), .* 10 on are those of logging"),
        (lambda: netcon.Sender("::1", local="::1"), "local must be a pair"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1", extended=False, userdata={"a": "b"}), "need extended=True"),
        (lambda: netcon.Sender("127.0.0.1").send(1), "text must be str or bytes"),  # type: ignore[arg-type]
        (lambda: netcon.Sender("127.0.0.1").send("x", caller="a;b"), "caller must be as 'T12'"),
        (lambda: netcon.Sender("127.0.0.1").send("x", device="d" * 3000), "no room for the text"),
        (lambda: netcon.Sender("127.0.0.1").send("x", lines=1), "lines must be True or False"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0, min_level=8), "numbers from 10 on are those of logging"),
        (lambda: netcon.Receiver(0, min_level=True), "a level must be"),
        (lambda: netcon.Receiver(0, basic=1), "basic must be True or False"),  # type: ignore[arg-type]
        (lambda: netcon.Receiver(0).batch(0, max=0), "max must be from 1"),
        (lambda: netcon.Event("wings", ("::1", 1)), "no kind of event is called 'wings': record, partial, lost"),  # type: ignore[arg-type]
        (lambda: netcon.Event(1, ("::1", 1)), "no kind of event is called 1"),  # type: ignore[arg-type]
        (lambda: netcon.Event("lost", ("::1", 1), record=RECORD), "LostEvent has no record, but sender, cause, count"),
        (lambda: netcon.LostEvent(("::1", 1), cause="x"), "cause must be 'sequence_gap'"),  # type: ignore[arg-type]
        (lambda: netcon.LostEvent(("::1", 1), count=-1), "count must be from 0"),
        (lambda: netcon.RecordEvent(("::1", 1)), "RecordEvent.. needs record"),  # type: ignore[call-arg]
        (lambda: netcon.RecordEvent(("::1", 1), b"x"), "record must be a Record"),  # type: ignore[arg-type]
        (lambda: netcon.BasicEvent(("::1", 1), RECORD), "must be a basic one"),
        (lambda: netcon.JunkEvent("::1", b"", "empty-packet"), "sender must be a pair"),  # type: ignore[arg-type]
        (lambda: netcon.RecordEvent(("::1", 1), RECORD, time="x"), "time must be seconds"),  # type: ignore[arg-type]
        (lambda: netcon.RecordEvent(("::1", 1), RECORD, False, 1.0, 2), "takes sender, record"),  # type: ignore[call-arg]
        (lambda: netcon.RecordEvent(("::1", 1), RECORD, time=-1.0).to_json(), "not seconds since 1970"),
        (lambda: configfs.remove("x", netcon.Settings()), "configfs.read"),  # type: ignore[arg-type]
        (lambda: configfs.update("x", netcon.Settings(), netcon.Settings()), "configfs.read"),  # type: ignore[arg-type]
        (lambda: TREE.mkdir(), r"not the arguments of MemoryTree.mkdir\(path\)"),  # type: ignore[call-arg]
        (lambda: configfs.MemoryTree("6.12", (), 3), r"MemoryTree\(kernel="),  # type: ignore[call-arg]
        (lambda: configfs.MountedTree(wings=1), r"MountedTree\(root="),  # type: ignore[call-arg]
        (lambda: netcon.KernelProfile(wings=1), r"KernelProfile\("),  # type: ignore[call-arg]
        (lambda: COLLECTOR.expire(), r"Collector.expire\(now\)"),  # type: ignore[call-arg]
        (lambda: COLLECTOR.push(("::1", 1)), "sender, packet and now; or one Packet"),  # type: ignore[call-overload]
    ],
)
def test_says_what_to_do(call: Callable[[], Any], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says) as caught:
        call()
    assert not LEAKS.search(str(caught.value))


LEAKS = re.compile("pybind11|incompatible|Invoked with|handle|_core", re.I)


@pytest.mark.parametrize("function", CALLABLES, ids=lambda f: getattr(f, "__qualname__", str(f)))
def test_no_words_of_the_binding_library(function: Callable[..., Any]) -> None:
    for arguments, named in (((), {}), ((1,) * 9, {}), ((), {"wings": 1})):
        try:
            function(*arguments, **named)
        except EXPECTED as problem:
            assert not LEAKS.search(str(problem)), problem


def test_any_mapping_is_one() -> None:
    rack, cpu = types.MappingProxyType({"rack": "7"}), types.MappingProxyType({"cpu": 1})
    want = netcon.encode(b"6,1,2,-", b"x\n", kernel="7.3", userdata={"rack": "7"}, sysdata={"cpu": 1})
    assert netcon.encode(b"6,1,2,-", b"x\n", kernel="7.3", userdata=rack, sysdata=cpu) == want


def test_huge_inputs() -> None:
    million = b"x" * 1_000_000
    assert netcon.decode(million).text == million.decode()
    assert len(netcon.decode(b"6,1,2,-;" + million).raw_text) == len(million)
    assert len(netcon.decode(b"6,1,2,-;x" + b"\n a=1" * 200_000).dictionary) == 200_000
    assert sum(map(len, netcon.encode_basic(million))) == len(million)
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


def public() -> list[tuple[str, Any]]:
    things = []
    for module in (netcon, configfs, netcon.aio):
        for name in module.__all__:
            thing = getattr(module, name)
            things.append((f"{module.__name__}.{name}", thing))
            if not isinstance(thing, type):
                continue
            for member in vars(thing):
                if callable(getattr(thing, member)) and not member.startswith("_"):
                    things.append((f"{module.__name__}.{name}.{member}", getattr(thing, member)))
    return things


@pytest.mark.parametrize("name, thing", public(), ids=lambda value: value if isinstance(value, str) else "")
def test_everything_public_is_documented(name: str, thing: Any) -> None:
    assert inspect.getdoc(thing)
    if callable(thing):
        shown = str(inspect.signature(thing))
        assert shown.startswith("(") and "pybind11" not in shown


def test_help_of_the_package_is_an_overview() -> None:
    text = pydoc.plain(pydoc.render_doc(netcon))
    assert len(text.splitlines()) <= 120
    description = text[text.index("\nDESCRIPTION\n") : text.index("\nPACKAGE CONTENTS\n")]
    for name in netcon.__all__:
        assert re.search(rf"\b{name}\b", description), name
    # Whoever looks for names finds them all.
    assert {name for name, _ in inspect.getmembers(netcon)} > set(netcon.__all__)


def test_help_shows_functions_as_such() -> None:
    for name in netcon.__all__:
        if inspect.isroutine(getattr(netcon, name)):
            text = pydoc.plain(pydoc.render_doc(getattr(netcon, name)))
            assert f"\n{name}(" in text
            assert "pybind11" not in text and "PyCapsule" not in text and "(...)" not in text
    assert "push(self, sender, packet, now)" in pydoc.plain(pydoc.render_doc(netcon.Collector))
