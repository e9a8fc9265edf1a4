# SPDX-License-Identifier: MIT
"""Two machines with one link-local address, behind two interfaces, are two senders: in text, JSON and file names."""

import json
import signal
import subprocess

from conftest import TOOL, until
from network import two_networks  # noqa: F401  a fixture

DEVICES = ("eth0", "eth1")


def test_the_zone_is_part_of_the_sender(two_networks, tmp_path):  # noqa: F811
    sender, receiver = two_networks
    sender.connect("eth1", receiver, "eth1")
    for device in DEVICES:
        receiver.ip(f"addr add fe80::1/64 dev {device} nodad")
        sender.ip(f"addr add fe80::2/64 dev {device} nodad")
    outputs = ("--to", f"json@{tmp_path}/json", "--to", f"full@{tmp_path}/text", "--to", f"dir:{tmp_path}/logs")
    notes = tmp_path / "notes"
    with open(notes, "wb") as err:
        listener = subprocess.Popen(receiver.inside(TOOL, "listen", "[::]:6666", *outputs), stderr=err)
    assert until(lambda: "listening on" in notes.read_text())
    for device in DEVICES:
        # Numbered from 0 each time: of one sender, the second would be a repeat or a reboot.
        command = sender.inside(TOOL, "send", f"[fe80::1%{device}]:6666", "--from-port", "6665")
        subprocess.run(command, input=f"through {device}\n", text=True, check=True, capture_output=True)
    assert until(lambda: (tmp_path / "json").read_text().count("\n") == 2)
    listener.send_signal(signal.SIGINT)
    listener.wait(30)
    # The number of an interface is what the socket tells.
    number = {one: receiver.run("cat", f"/sys/class/net/{one}/ifindex").stdout.strip() for one in DEVICES}
    events = [json.loads(line) for line in (tmp_path / "json").read_text().splitlines()]
    found = [(e["event"], e["sender"], e["text"]) for e in events]
    assert found == [("record", f"fe80::2%{number[device]}", f"through {device}") for device in DEVICES]
    text = (tmp_path / "text").read_text()
    for device in DEVICES:
        assert f"fe80::2%{number[device]}" in text
        assert f"through {device}" in (tmp_path / f"logs/fe80::2%25{number[device]}.log").read_text()
