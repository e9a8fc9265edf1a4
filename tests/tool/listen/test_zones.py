# SPDX-License-Identifier: MIT
"""Two machines with one link-local address, behind two interfaces, are two senders: in text, JSON and file names. And what
becomes of a listener whose interface goes."""

import json
import signal
import subprocess
import sys

import pytest
from conftest import TOOL, until
from network import two_networks  # noqa: F401  a fixture

DEVICES = ("eth0", "eth1")


def start(networks, tmp_path, *arguments):
    """A listener that both devices reach, and the numbers of its interfaces, which are what the socket tells."""
    sender, receiver = networks
    sender.connect("eth1", receiver, "eth1")
    for device in DEVICES:
        receiver.ip(f"addr add fe80::1/64 dev {device} nodad")
        sender.ip(f"addr add fe80::2/64 dev {device} nodad")
    notes = tmp_path / "notes"
    with open(notes, "wb") as err:
        listener = subprocess.Popen(receiver.inside(TOOL, "listen", "[::]:6666", *arguments), stderr=err)
    assert until(lambda: "listening on" in notes.read_text())
    number = {one: receiver.run("cat", f"/sys/class/net/{one}/ifindex").stdout.strip() for one in DEVICES}
    return listener, number


def send(sender, device, text):
    """Numbered from 0 each time: of one sender, the second would be a repeat or a reboot."""
    command = sender.inside(TOOL, "send", f"[fe80::1%{device}]:6666", "--from-port", "6665")
    subprocess.run(command, input=text, text=True, check=True, capture_output=True)


def test_the_zone_is_part_of_the_sender(two_networks, tmp_path):  # noqa: F811
    outputs = ("--to", f"json@{tmp_path}/json", "--to", f"full@{tmp_path}/text", "--to", f"dir:{tmp_path}/logs")
    listener, number = start(two_networks, tmp_path, *outputs, "--metrics", f"{tmp_path}/netcon.prom")
    for device in DEVICES:
        send(two_networks[0], device, f"through {device}\n")
    assert until(lambda: (tmp_path / "json").read_text().count("\n") == 2)
    listener.send_signal(signal.SIGINT)
    listener.wait(30)
    events = [json.loads(line) for line in (tmp_path / "json").read_text().splitlines()]
    found = [(e["event"], e["sender"], e["text"]) for e in events]
    assert found == [("record", f"fe80::2%{number[device]}", f"through {device}") for device in DEVICES]
    text, metrics = ((tmp_path / name).read_text() for name in ("text", "netcon.prom"))
    for device in DEVICES:
        assert f"fe80::2%{number[device]}" in text
        assert f'netcon_sender_records_total{{sender="fe80::2%{number[device]}"}} 1\n' in metrics
        assert f"through {device}" in (tmp_path / f"logs/fe80::2%25{number[device]}.log").read_text()


def listen_on(receiver, tmp_path, *arguments):
    """A listener, and the file of what it says."""
    notes = tmp_path / "notes"
    with open(notes, "wb") as err:
        listener = subprocess.Popen(receiver.inside(TOOL, "listen", *arguments), stderr=err, stdout=subprocess.DEVNULL)
    assert until(lambda: "listening on" in notes.read_text())
    return listener, notes


def test_the_zone_of_a_name_is_a_number_or_an_interface(two_networks, tmp_path):  # noqa: F811
    sender, receiver = two_networks
    sender.connect("eth1", receiver, "eth1")
    index = receiver.run("cat", "/sys/class/net/eth0/ifindex").stdout.strip()
    (tmp_path / "hosts").write_text(f"fe80::2%{index} first\nfe80::2%eth1 second\n")
    for device in DEVICES:
        receiver.ip(f"addr add fe80::1/64 dev {device} nodad")
        sender.ip(f"addr add fe80::2/64 dev {device} nodad")
    options = ("--hosts-from", f"file:{tmp_path}/hosts", "--to", f"json@{tmp_path}/json")
    listener, _ = listen_on(receiver, tmp_path, "[::]:6666", *options)
    for device in DEVICES:
        send(sender, device, f"through {device}\n")
    assert until(lambda: (tmp_path / "json").read_text().count("\n") == 2)
    listener.send_signal(signal.SIGINT)
    listener.wait(30)
    assert [json.loads(line)["host"] for line in (tmp_path / "json").read_text().splitlines()] == ["first", "second"]


@pytest.mark.parametrize("how", [("6666", "--interface", "eth0"), ("[fe80::1%eth0]:6666",)])
def test_a_listener_whose_interface_is_gone_ends(two_networks, tmp_path, how):  # noqa: F811
    """The kernel gives the socket nothing more, also when there is an interface of the same name again."""
    sender, receiver = two_networks
    receiver.ip("addr add fe80::1/64 dev eth0 nodad")
    listener, notes = listen_on(receiver, tmp_path, *how)
    receiver.ip("link del eth0")
    sender.connect("eth0", receiver, "eth0")
    assert listener.wait(30) == 2
    assert "the interface of the socket is gone" in notes.read_text() and "restart" in notes.read_text()


def connect_both(sender, receiver):
    sender.connect("eth1", receiver, "eth1")
    for device in DEVICES:
        receiver.ip(f"addr add fe80::1/64 dev {device} nodad")


def end_with_one_interface(sender, listener, notes, tmp_path):
    """What comes through eth1 is received after eth0 has gone."""
    assert until(lambda: "the interface of 1 of 2 sockets is gone" in notes.read_text())
    sender.ip("addr add fe80::2/64 dev eth1 nodad")
    send(sender, "eth1", "still here\n")
    assert until(lambda: "still here" in (tmp_path / "json").read_text())
    listener.send_signal(signal.SIGTERM)
    assert listener.wait(30) == 0


def test_a_listener_goes_on_while_one_interface_is_left(two_networks, tmp_path):  # noqa: F811
    sender, receiver = two_networks
    connect_both(sender, receiver)
    both = [f"[fe80::1%{device}]:6666" for device in DEVICES]
    listener, notes = listen_on(receiver, tmp_path, *both, "--to", f"json@{tmp_path}/json")
    receiver.ip("link del eth0")
    end_with_one_interface(sender, listener, notes, tmp_path)
    assert notes.read_text().count("is gone") == 1


@pytest.mark.parametrize("places", ("eth0 eth1", "eth0"))
def test_a_restarted_service_goes_on_while_one_interface_is_left(two_networks, tmp_path, places):  # noqa: F811
    """The service manager kept its sockets, of which one has lost its interface meanwhile."""
    sender, receiver = two_networks
    connect_both(sender, receiver)
    program = tmp_path / "manager.py"
    program.write_text(
        "import os, socket, subprocess, sys\n"
        "kept = []\n"
        "for place in sys.argv[2].split():\n"
        "    one = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\n"
        "    one.bind(('fe80::1', 6666, 0, socket.if_nametoindex(place)))\n"
        "    kept.append(one)\n"
        "for at, one in enumerate(kept):\n"
        "    os.dup2(one.fileno(), 50 + at)\n"
        "for at in range(len(kept)):\n"
        "    os.dup2(50 + at, 3 + at)\n"
        "subprocess.run(['ip', 'link', 'del', 'eth0'], check=True)\n"
        "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(kept)))\n"
        "os.execv(sys.argv[1], [sys.argv[1], 'listen', *sys.argv[3:]])\n"
    )
    notes = tmp_path / "notes"
    with open(notes, "wb") as err:
        command = receiver.inside(sys.executable, program, TOOL, places, "--to", f"json@{tmp_path}/json")
        listener = subprocess.Popen(command, stderr=err)
    if places == "eth0":
        assert listener.wait(30) == 2 and "restart the socket unit" in notes.read_text()
        return
    end_with_one_interface(sender, listener, notes, tmp_path)


def test_one_link_local_address_of_two_interfaces(two_networks):  # noqa: F811
    sender, receiver = two_networks
    sender.connect("eth1", receiver, "eth1")
    for device in DEVICES:
        receiver.ip(f"addr add fe80::1/64 dev {device} nodad")
    for address in ("fe80::1", "ff02::42"):
        both = [f"[{address}%{device}]:6666" for device in DEVICES]
        done = subprocess.run(receiver.inside(TOOL, "listen", *both, "--for", "100ms"), capture_output=True, timeout=30)
        assert done.returncode == 0 and done.stderr.count(b"listening on") == 2, done.stderr
        twice = [both[0], both[0]]
        done = subprocess.run(receiver.inside(TOOL, "listen", *twice, "--for", "5s"), capture_output=True, timeout=30)
        assert done.returncode == 2 and b"give each port once" in done.stderr


def test_the_zone_is_part_of_a_machine_that_crashes(two_networks, tmp_path):  # noqa: F811
    files, told = tmp_path / "crashes", tmp_path / "told"
    files.mkdir()
    command = f'echo "$NETCON_HOST" >>"{told}"'
    arguments = ("--to", f"json@{tmp_path}/json", "--crash-dir", files, "--on-crash", command)
    listener, number = start(two_networks, tmp_path, *arguments)
    crash = "WARNING: CPU: 1 PID: 1 at a.c:1 foo+0x1/0x2\n---[ end trace 0000000000000000 ]---\n"
    for device in DEVICES:
        send(two_networks[0], device, crash)
    # The command runs for each, though the crashes and the addresses are equal.
    assert until(lambda: told.exists() and told.read_text().count("\n") == 2)
    listener.send_signal(signal.SIGINT)
    listener.wait(30)
    addresses = [f"fe80::2%{number[device]}" for device in DEVICES]
    assert sorted(told.read_text().splitlines()) == sorted(addresses)
    events = [json.loads(line) for line in (tmp_path / "json").read_text().splitlines()]
    for kind in ("crash_begun", "crash"):
        assert sorted(e["sender"] for e in events if e["event"] == kind) == sorted(addresses)
    assert [e["count"] for e in events if e["event"] == "crash"] == [1, 1]
    names = sorted(path.name.partition("-20")[0] for path in files.iterdir())
    assert names == sorted(f"fe80::2%25{number[device]}" for device in DEVICES)
