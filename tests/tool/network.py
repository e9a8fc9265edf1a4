# SPDX-License-Identifier: MIT
"""Network namespaces for tests: made with ip(8), gone at the end."""

import contextlib
import functools
import itertools
import os
import shutil
import subprocess

import pytest

_numbers = itertools.count()


@functools.cache
def unavailable():
    """Why there can be none; empty when there can."""
    if os.geteuid() != 0:
        return "SKIP: network namespaces need root"
    if not shutil.which("ip"):
        return "SKIP: ip (iproute2) is not installed"
    probe = f"probe{os.getpid()}"

    def works(*arguments):
        return subprocess.run(["ip", *arguments], stderr=subprocess.DEVNULL, check=False).returncode == 0

    try:
        if not works("netns", "add", probe):
            return "SKIP: this kernel lets us make no network namespace"
        if not works("-n", probe, "link", "set", "lo", "up"):
            return "SKIP: ip -n fails here, for example because / is not a mount point"
        if not works("-n", probe, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"):
            return "SKIP: this kernel has no veth devices"
        return ""
    finally:
        works("netns", "del", probe)


class Network:
    def __init__(self, what):
        self.name = f"{what}{os.getpid()}x{next(_numbers)}"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        try:
            self.ip("link set lo up")
        except BaseException:
            self.delete()
            raise

    def ip(self, arguments):
        subprocess.run(["ip", "-n", self.name, *arguments.split()], check=True)

    def inside(self, *command):
        """The command as it is run in here."""
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def run(self, *command):
        return subprocess.run(self.inside(*command), capture_output=True, text=True, timeout=60)

    def connect(self, device, other, other_device):
        self.ip(f"link add {device} type veth peer name {other_device} netns {other.name}")
        self.ip(f"link set {device} up")
        other.ip(f"link set {other_device} up")

    def rules(self, text):
        """Rules of nft(8) in here; skips where it has no firewall."""
        if not shutil.which("nft"):
            pytest.skip("SKIP: nft (nftables) is not installed")
        done = subprocess.run(
            self.inside("nft", "-f", "-"),
            input=text.replace("} }", "}\n}"),
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            pytest.skip(f"SKIP: this kernel has no such firewall: {done.stderr.splitlines()[:1]}")

    def delete(self):
        subprocess.run(["ip", "netns", "del", self.name], check=False)


@pytest.fixture
def two_networks():
    """A machine that sends, 10.1.0.2, and one that receives, 10.1.0.1, with a cable between their eth0."""
    why = unavailable()
    if why:
        pytest.skip(why)
    with contextlib.ExitStack() as at_the_end:
        networks = []
        for what in ("ncs", "ncr"):
            networks.append(Network(what))
            at_the_end.callback(networks[-1].delete)
        sender, receiver = networks
        sender.connect("eth0", receiver, "eth0")
        sender.ip("addr add 10.1.0.2/24 dev eth0")
        receiver.ip("addr add 10.1.0.1/24 dev eth0")
        yield sender, receiver
