# SPDX-License-Identifier: MIT
"""What holds for every value: repr evaluates back, hash, equality, pickling, no change."""

from __future__ import annotations

import copy
import dataclasses
import ipaddress
import pickle
from typing import Any

import netcon
import pytest
from netcon import configfs

TARGET = netcon.parse_target("+r6667@10.0.0.1/eth0,6668@10.0.0.2/52:54:00:12:34:56")
RECORD = netcon.decode(b"6.1.0,6,7,8,-,caller=T1;text\n K=v\n")
CRASHES = netcon.crashes(
    [
        "BUG: kernel NULL pointer dereference, address: 0",
        "RIP: 0010:pond_open+0x1c/0x30",
        "RAX: 0000000000000001 RBX: 0000000000000002 RCX: 0000000000000003",
        "Call Trace:",
        " chrdev_open+0xc4/0x250",
        "---[ end trace 0 ]---",
    ]
)
PROBE = netcon.Probe(5, "info")
EVENTS = netcon.Collector().push(("fe80::1", 6665, 0, 2), b"6,7,8,-;text\n", 1.5)
VALUES = [
    netcon.KernelProfile("6.12.117+deb12-amd64"),
    netcon.KernelProfile("6.1", having=["extended_by_default"], without=["ipv6"]),
    netcon.Level.ERR,
    netcon.MacAddress("52:54:00:12:34:AB"),
    netcon.Endpoint("10.0.0.1", 6665),
    TARGET,
    netcon.parse_target(b"@/52:54:00:12:34:56,@fd00::2/"),
    netcon.parse_target(b"@/\xff\x01,@fd00::2/"),
    TARGET.resolve(),
    netcon.parse_parameter("@/,@10.0.0.2/;@/,@10.0.0.3/"),
    netcon.lint("@/,66666@10.0.0.2/")[0],
    netcon.Fix(netcon.TextRange(0, 1), "x"),
    RECORD,
    netcon.decode(b"basic \xff"),
    netcon.Record(b"6,7,8,-;text\n", basic=True),
    EVENTS[0],
    netcon.Event("lost", netcon.Endpoint("::1", 1), cause="announced", count=3),
    netcon.Stats(packets=1, lost=2),
    configfs.State(TARGET.resolve(), userdata={"a": "b"}, sysdata=["release"]),
    configfs.create("box1", netcon.parse_target("@/,@10.0.0.2/").resolve(), "6.12.117"),
    *CRASHES,
    netcon.Registers({"RAX": "0000000000000001"}),
    netcon.Frame("pond_open", 0x1C, 0x30, "", True),
    netcon.Route("eth0", 2, "52:54:00:12:34:56", "10.0.0.1", "fe80::1", True, False, False, 254),
    PROBE,
    netcon.Probe.find(str(PROBE).encode()),
    netcon.ProbeAnswer(5, "err", netcon.Endpoint("10.0.0.7", 6665), 3),
    netcon.ProbeAnswer.read(str(netcon.ProbeAnswer(5, 4, netcon.Endpoint("10.0.0.7", 6665)))),
    netcon.ProbeOpening(7),
    netcon.Packet(1.5, netcon.Endpoint("::1", 1), netcon.Endpoint("::1", 2), b"x"),
]
NAMES = {**vars(netcon), **vars(configfs)}


@pytest.mark.parametrize("value", VALUES, ids=lambda v: f"{type(v).__name__}")
def test_value(value: Any) -> None:
    assert eval(repr(value), NAMES) == value and repr(eval(repr(value), NAMES)) == repr(value)
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert other == value and type(other) is type(value) and hash(other) == hash(value)
    assert value != object()
    assert not value == object()
    assert str(value)
    if isinstance(value, netcon.Level):
        return
    with pytest.raises((AttributeError, TypeError)):
        value.new_attribute = 1


def test_stats_counter_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        netcon.Stats(lost=1).lost = 2
    with pytest.raises(AttributeError):
        netcon.Stats(lost=1)._items = {}


def test_crash() -> None:
    (crash,) = [value for value in VALUES if isinstance(value, netcon.Crash)]
    assert crash.registers == {"RAX": "0000000000000001", "RBX": "0000000000000002", "RCX": "0000000000000003"}
    assert dataclasses.asdict(crash)["registers"] == crash.registers
    assert dataclasses.replace(crash, cpu=9) != crash
    with pytest.raises(AttributeError):
        crash.registers._values = {}
    with pytest.raises(TypeError):
        crash.registers["RAX"] = ""  # type: ignore[index]


def test_fields_are_values_however_they_are_given() -> None:
    assert netcon.Probe.find(str(PROBE)) == PROBE and PROBE.level is netcon.Level.INFO
    answer = netcon.ProbeAnswer(5, "err", netcon.Endpoint("10.0.0.7", 6665))
    assert netcon.ProbeAnswer.read(str(answer)) == answer and answer.level is netcon.Level.ERR
    route = netcon.Route("eth0", 2, "52:54:00:12:34:AB", "10.0.0.1", "10.0.0.9", True, False, False, 254)
    assert (route.source, route.next_hop) == (ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("10.0.0.9"))
    assert route.dev_mac == "52:54:00:12:34:ab" and repr(route).startswith("Route(dev_name='eth0', dev_index=2, ")


def test_the_same_bytes_as_basic_text_are_another_record() -> None:
    assert netcon.Record(b"6,7,8,-;text\n", basic=True) != netcon.decode(b"6,7,8,-;text\n")


def test_level() -> None:
    assert [str(level) for level in netcon.Level] == "emerg alert crit err warning notice info debug".split()
    assert f"{netcon.Level.ERR}" == f"{netcon.Level.ERR:s}" == "err"
    assert f"{netcon.Level.ERR:>7}" == "    err"
    assert f"{netcon.Level.ERR:d}" == "3"
    assert netcon.Level("Warning") is netcon.Level.WARNING  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        netcon.Level("loud")  # type: ignore[arg-type]


def test_mac() -> None:
    mac = netcon.MacAddress(b"\x52\x54\x00\x12\x34\x56")
    assert (mac, mac.packed, mac.is_multicast) == ("52:54:00:12:34:56", bytes.fromhex("525400123456"), False)
    with pytest.raises(netcon.ParseError):
        netcon.MacAddress("52:54:00:12:34")


def test_kernel() -> None:
    k = netcon.KernelProfile("6.12.117")
    assert k.version == (6, 12, 117) and str(k) == "6.12.117"
    assert "device_by_mac" in k.features and set(k.features) <= set(netcon.KernelProfile.FEATURES)
    assert netcon.KernelProfile((6, 12, 117)) == k and netcon.KernelProfile((6, 12)) == netcon.KernelProfile("6.12")
    assert netcon.parse_target("@/,@fd00::2/", kernel=(6, 12)) == netcon.parse_target("@/,@fd00::2/", "6.12")
    assert netcon.KernelProfile(k) == k and netcon.KernelProfile() == netcon.KernelProfile(None)
    with pytest.raises(netcon.ParseError):
        netcon.KernelProfile("six")
    with pytest.raises(ValueError, match="no feature is called 'wings'"):
        k.supports("wings")


def test_errors_are_values_too() -> None:
    with pytest.raises(netcon.ParseError) as parse:
        netcon.parse_target("@/")
    with pytest.raises(netcon.PlanError) as plan:
        configfs.create("/", netcon.Settings(remote_ip="10.0.0.2"))
    errors = [parse.value, plan.value, netcon.RouteError("no route", "add one"), netcon.EncodeError("a", "b", "c")]
    for error in errors:
        for again in (pickle.loads(pickle.dumps(error)), eval(repr(error), NAMES)):
            assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
