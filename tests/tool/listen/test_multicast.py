# SPDX-License-Identifier: MIT
"""netcon listen at a multicast address joins the group, and gets each record of it once."""

import json
import subprocess
import sys

import pytest
from conftest import TOOL, run_tool, until
from network import two_networks  # noqa: F401  a fixture

# Argument: a group, with its zone. Says what it is told, to that group and to the next one, by eth0.
SENDER = """
import socket, struct, sys
group, by = sys.argv[1].partition("%")[0], socket.if_nametoindex("eth0")
for name, text in (group, "ours"), (group[:-1] + "9", "of another group"):
    if ":" in group:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.sendto(b"6,1,10,-;" + text.encode(), (name, 6666, 0, by))
    else:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", bytes(4), bytes(4), by))
            s.sendto(b"6,1,10,-;" + text.encode(), (name, 6666))
"""


@pytest.mark.parametrize(
    "group, route, options",
    [
        ("239.1.2.3", "239.0.0.0/8", ()),
        ("239.1.2.3", None, ("--interface", "eth0")),
        ("239.1.2.3", "239.0.0.0/8", ("--threads", "4")),
        ("ff05::42", None, ("--interface", "eth0")),
        ("ff12::42%eth0", None, ()),
        ("ff15::42%eth0", None, ()),
    ],
)
def test_a_group_is_joined(two_networks, tmp_path, group, route, options):  # noqa: F811
    sender, receiver = two_networks
    for network in two_networks:
        # The address of its link counts at once.
        network.ip(f"addr add fe80::{'1' if network is sender else '2'}/64 dev eth0 nodad")
    # Another interface, which is not the one.
    sender.connect("aside", receiver, "aside")
    if route:
        receiver.ip(f"route add {route} dev eth0")
    address = f"[{group}]:6666" if ":" in group else f"{group}:6666"
    out, notes = tmp_path / "out", tmp_path / "notes"
    with open(notes, "wb") as err:
        listener = subprocess.Popen(
            receiver.inside(TOOL, "listen", address, "--to", f"json@{out}", "--for", "60s", *options), stderr=err
        )
    try:
        assert until(lambda: "listening on" in notes.read_text()), notes.read_text()
        done = sender.run(sys.executable, "-c", SENDER, group)
        assert done.returncode == 0, done.stderr
        assert until(lambda: out.exists() and out.read_text().count("\n") == 1)
    finally:
        listener.terminate()
        listener.wait(30)
    assert [json.loads(line)["text"] for line in out.read_text().splitlines()] == ["ours"]
    assert "received 1 records, 1 packets" in notes.read_text()


def test_a_group_without_a_way_to_it(two_networks):  # noqa: F811
    _, receiver = two_networks
    done = receiver.run(TOOL, "listen", "239.1.2.3:6666", "--for", "1s")
    assert (done.returncode, done.stderr) == (
        2,
        "netcon listen: cannot listen on 239.1.2.3:6666: No such device; no route leads to the group: name the "
        "interface with --interface\n",
    )


def test_an_interface_that_is_none():
    done = run_tool("listen", "239.1.2.3:0", "--interface", "nosuch0", "--for", "1s")
    assert done.returncode == 2 and "--interface nosuch0: there is no such interface" in done.stderr
