# SPDX-License-Identifier: MIT
from __future__ import annotations

import errno
import os
from pathlib import Path

import netcon
import pytest
from hypothesis import given
from hypothesis import strategies as st
from netcon import configfs

INTERFACES = [
    {
        "name": "eth0",
        "mac": "52:54:00:12:34:56",
        "ipv4": ["10.0.2.15"],
        "ipv6": ["fec0::15"],
        "up": True,
        "master": None,
    }
]


def test_reason_in_words() -> None:
    tree = configfs.MemoryTree(kernel="6.12.117", interfaces=INTERFACES)
    with pytest.raises(FileNotFoundError) as missing:
        tree.read("box1/enabled")
    assert missing.value.filename == "box1/enabled"
    tree.mkdir("box1")
    with pytest.raises(FileExistsError):
        tree.mkdir(b"box1")
    tree.write("box1/remote_ip", "10.0.2.2")
    assert tree.write("box1/enabled", b"1\n") == 2
    with pytest.raises(OSError, match="target is enabled: disable it to change remote_ip") as locked:
        tree.write("box1/remote_ip", b"10.0.2.3")
    assert locked.value.errno == errno.EINVAL


def test_interface_events() -> None:
    tree = configfs.MemoryTree(kernel="7.3.4", interfaces=INTERFACES)
    plan = configfs.create("box1", netcon.parse_target("@/eth0,@10.0.2.2/").resolve(), "7.3.4")
    plan.apply(tree)
    assert tree.state("box1") == "enabled"
    tree.rename_interface("eth0", "lan0")
    assert tree.read("box1/dev_name") == b"lan0\n"
    tree.unregister_interface("lan0")
    assert tree.state("box1") == "deactivated"
    tree.register_interface({**INTERFACES[0], "name": "lan0"})
    assert tree.state("box1") == "enabled"
    assert tree.take_log()[-2:] == [
        ("info", "netconsole: network logging stopped on interface lan0 as it unregistered"),
        ("info", "netconsole: network logging resumed on interface lan0"),
    ]
    tree.unregister_interface("lan0")
    tree.see_interface_elsewhere({"name": "lan0"})
    assert tree.state("box1") == "disabled"
    assert tree.take_log()[-1] == ("err", "netconsole: netconsole: lan0 doesn't exist, aborting")
    assert tree.take_log() == []
    tree.register_interface({**INTERFACES[0], "name": "lan0"})
    assert tree.state("box2") is None
    with pytest.raises(OSError) as gone:
        tree.set_up("eth7", True)
    assert gone.value.errno == errno.ENODEV
    assert tree.interfaces[0]["name"] == "lan0"


def test_the_last_port_stops_a_bonds_targets_and_not_a_bridges() -> None:
    bridge = {"name": "br0", "ipv4": ["10.0.3.15"], "bridge": True}
    tree = configfs.MemoryTree(interfaces=[*INTERFACES, bridge])
    assert [row["bridge"] for row in tree.interfaces if row["name"] in ("eth0", "br0")] == [False, True]
    configfs.create("box1", netcon.parse_target("@/br0,@10.0.2.2/").resolve()).apply(tree)
    tree.enslave("eth0", "br0")
    tree.release("eth0")
    assert tree.state("box1") == "enabled"


def test_plan() -> None:
    want = configfs.State(
        netcon.parse_target("+@/eth0,@10.0.2.2/").resolve(), userdata={"rack": "7", "room": "b"}, sysdata=["release"]
    )
    plan = configfs.create("box1", want)
    assert plan and plan.steps[0] == ("mkdir", "box1", b"")
    assert eval(repr(plan), {**vars(configfs), **vars(netcon)}) == plan
    tree = configfs.MemoryTree(interfaces=INTERFACES)
    plan.apply(tree)
    now = configfs.read(tree, "box1")
    assert (now.userdata, now.sysdata, now.enabled) == (want.userdata, frozenset({"release"}), True)
    assert not configfs.update("box1", now, want)
    change = configfs.update("box1", now, netcon.parse_target("@/eth0,@10.0.2.9/").resolve())
    change.apply(tree)
    assert configfs.read(tree, "box1").settings.remote_ip == netcon.Target(remote_ip="10.0.2.9").remote_ip
    change.inverse().apply(tree)
    assert not configfs.update("box1", configfs.read(tree, "box1"), want)
    configfs.remove("box1", configfs.read(tree, "box1")).apply(tree)
    assert tree.listdir() == []


@pytest.mark.parametrize("kernel", ["6.1", "6.12.117", "7.3.4"])
def test_the_way_back_leads_to_the_state_before(kernel: str) -> None:
    tree = configfs.MemoryTree(kernel=kernel, interfaces=INTERFACES)
    tree.mkdir("box1")
    tree.write("box1/remote_ip", b"10.0.2.2\n")
    before = configfs.read(tree, "box1")
    plan = configfs.update("box1", before, before.settings, kernel=kernel)
    plan.apply(tree)
    assert configfs.read(tree, "box1").settings.local_ip  # the kernel has chosen one
    plan.inverse().apply(tree)
    assert configfs.read(tree, "box1") == before


def test_plan_that_fails_is_rolled_back() -> None:
    tree = configfs.MemoryTree(interfaces=INTERFACES)
    plan = configfs.create("box1", netcon.parse_target("@/nosuch0,@10.0.2.2/").resolve())
    with pytest.raises(OSError, match="the target is as it was before") as failed:
        plan.apply(tree)
    assert (failed.value.errno, failed.value.filename) == (errno.ENODEV, "box1/enabled")
    assert tree.listdir() == []


def test_a_boot_target_is_not_made_again() -> None:
    tree = configfs.MemoryTree("7.3.4", INTERFACES)
    tree.add_boot_target(netcon.parse_target("+@/eth0,@10.0.2.2/").resolve())
    plan = configfs.create("cmdline0", netcon.parse_target("@/eth0,@10.0.2.9/").resolve(), "7.3.4")
    with pytest.raises(FileExistsError, match="target of the boot parameter"):
        plan.apply(tree)
    assert configfs.read(tree, "cmdline0", "7.3.4").enabled


def test_forms() -> None:
    plan = configfs.create("box1", netcon.parse_target("+@/eth0,@10.0.2.2/").resolve())
    assert "mkdir" in plan.to_shell()
    assert plan.to_modprobe().startswith("options netconsole netconsole=+@")
    assert "netconsole=+@" in plan.to_cmdline()
    assert "[Service]" in plan.to_systemd_unit()
    with pytest.raises(ValueError, match="userdata"):
        configfs.create("box1", configfs.State(plan.after.settings, userdata={"a": "b"})).to_cmdline()  # type: ignore[union-attr]


def test_impossible_state() -> None:
    by_mac = netcon.parse_target("@/52:54:00:12:34:56,@10.0.2.2/").resolve()
    with pytest.raises(netcon.PlanError) as caught:
        configfs.create("box1", by_mac)
    assert caught.value.code == "device-by-mac"
    with pytest.raises(netcon.PlanError):
        configfs.create("a/b", netcon.Settings(remote_ip="10.0.0.2"))


def test_mounted_tree(tmp_path: Path) -> None:
    root = tmp_path / "netconsole"
    tree = configfs.MountedTree(root)
    assert tree.root == configfs.MountedTree(str(root)).root == str(root)
    assert "modprobe" in (tree.find_obstacle() or "") or "mount" in (tree.find_obstacle() or "")
    root.mkdir()
    assert tree.find_obstacle() is None
    tree.mkdir("box1")
    (root / "box1" / "enabled").write_bytes(b"0\n")
    assert tree.read("box1/enabled") == b"0\n"
    assert tree.write("box1/enabled", b"1\n") == 2
    assert tree.listdir("box1") == ["enabled"]
    with pytest.raises(OSError) as escaped:
        tree.read("../secret")
    assert escaped.value.errno == errno.EINVAL
    os.symlink("/etc", root / "link")
    with pytest.raises(OSError):
        tree.listdir("link")


ADDRESSES = st.sampled_from(["10.0.2.2", "10.0.2.3", "192.168.1.9"])
STATES = st.builds(
    configfs.State,
    st.builds(
        netcon.Settings,
        extended=st.booleans(),
        local_port=st.integers(1, 65535),
        dev_name=st.just("eth0"),
        remote_port=st.integers(1, 65535),
        remote_ip=ADDRESSES,
        remote_mac=st.sampled_from(["ff:ff:ff:ff:ff:ff", "52:54:00:12:34:57"]),
    ),
    enabled=st.booleans(),
    userdata=st.dictionaries(st.sampled_from(["a", "b", "c d", "é"]), st.sampled_from(["1", "x y", "ü"]), max_size=3),
    sysdata=st.sets(st.sampled_from(["cpu_nr", "taskname"])),
)


@given(STATES, STATES)
def test_any_change(first: configfs.State, second: configfs.State) -> None:
    tree = configfs.MemoryTree(kernel="7.3.4", interfaces=INTERFACES)
    configfs.create("t", first, "7.3.4").apply(tree)
    configfs.update("t", configfs.read(tree, "t"), second, "7.3.4").apply(tree)
    now = configfs.read(tree, "t")
    assert not configfs.update("t", now, second, "7.3.4")
    assert (now.userdata, now.sysdata, now.enabled) == (second.userdata, second.sysdata, second.enabled)


def test_repr() -> None:
    tree = configfs.MemoryTree("6.12.117", [{"name": "eth0", "ipv4": ["10.0.0.1"]}])
    assert repr(tree) == "<netcon.configfs.MemoryTree, Linux 6.12.117, targets: none>"
    for name in ("box2", "box1"):
        tree.mkdir(name)
    assert repr(tree) == "<netcon.configfs.MemoryTree, Linux 6.12.117, targets: box1, box2>"
    assert repr(configfs.MountedTree("/x")) == "<netcon.configfs.MountedTree at /x>"
