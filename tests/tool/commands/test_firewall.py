# SPDX-License-Identifier: MIT
"""What netcon doctor --receiver says of random rules of nft(8), against what the kernel lets in."""

import contextlib
import ctypes  # os.setns() came with Python 3.12
import json
import os
import random
import socket
import subprocess
import threading

import pytest
from conftest import TOOL
from network import two_networks  # noqa: F401  a fixture

SETS = [
    "set p { type inet_service; flags interval; elements = { 53, 6600-6700 }",
    "}",
    "set q { type inet_service; elements = { 53, 514 }",
    "}",
    "map m { type inet_service : verdict; elements = { 53 : drop, 6666 : accept }",
    "}",
]
PORTS = (
    "6666|53|6660-6670|1-100|{ 53, 6666 }|{ 6000-7000, 53 }|@p|@q|!= 6666|!= { 53, 6666 }|> 1024|< 1024|!= @p".split(
        "|"
    )
)
CONDITIONS = (
    'tcp dport 6666|meta l4proto udp|meta l4proto { tcp, udp }|meta l4proto != udp|iifname "lo"|iifname != "lo"'
    '|iifname "eth0"|iifname != "eth0"|ct state new|ct state established,related|ct state { new, untracked }'
    "|ct state != established|ct state != new|ip saddr 10.1.0.0/24|ip saddr != 10.1.0.2|ip saddr 127.0.0.0/8"
    "|meta nfproto ipv4|meta nfproto ipv6|meta protocol ip|ip protocol udp|ip protocol tcp|fib daddr type local"
    "|ip saddr . udp dport { 10.1.0.2 . 6666 }|ip saddr . udp dport { 10.1.0.2 . 53 }"
    "|meta l4proto . th dport { tcp . 6666, udp . 53 }|meta l4proto . th dport != { tcp . 6666, udp . 53 }"
    '|udp dport . iifname { 6666 . "eth0", 53 . "lo" }|icmp type echo-request|counter|log|th dport 6666'
    "|ip daddr 10.1.0.1|ip daddr != 10.1.0.1|ip daddr 224.0.0.0/4|meta pkttype host|meta pkttype { broadcast, multicast }"
    "|ip saddr . ip daddr { 10.1.0.2 . 10.1.0.1 }|meta mark set 1|ct mark set 1|notrack"
    "|ct state untracked|ct state != untracked|ct state invalid|ct state { established, untracked }"
    "|udp sport 6665|udp sport 53|udp sport != 53|udp sport { 53, 6660-6670 }|udp sport > 1024|th sport 1-100"
    "|udp sport . udp dport { 6665 . 6666, 6665 . 53 }|iifgroup 0|iifgroup != 0|iifgroup { 1, 2 }"
    '|oif "lo"|oifname != "lo"|oifgroup 0|oifgroup != 1'
).split("|")


class Rules:
    """A table with chains 0 to 3, each of which may go on to later ones."""

    def __init__(self, seed):
        self.any = random.Random(seed)

    def verdict(self, chain, before="", also=()):
        verdicts = [
            "accept",
            "drop",
            *also,
            *(f"{how} c{to}" for how in ("jump", "goto") for to in range(chain + 1, 4)),
        ]
        return before + self.any.choice(verdicts)

    def map_of_verdicts(self, chain):
        first, second = self.verdict(chain, ": "), self.verdict(chain, ": ")
        return self.any.choice(
            [
                f"udp dport vmap {{ 6666 {first}, 53 {second} }}",
                f"udp dport vmap {{ 53 {first}, * {second} }}",
                f"meta l4proto . th dport vmap {{ tcp . 6666 {first}, udp . 6666 {second} }}",
                f"ct state vmap {{ established {first}, new {second} }}",
                f"meta l4proto vmap {{ tcp {first}, udp {second} }}",
                f'iifname vmap {{ "lo" {first}, "eth0" {second} }}',
                f"meta protocol vmap {{ ip {first}, ip6 {second} }}",
                f"ip saddr . udp dport vmap {{ 10.1.0.2 . 6666 {first}, 10.1.0.2 . 53 {second} }}",
                "udp dport vmap @m",
            ]
        )

    def conditions(self):
        words = []
        for _ in range(self.any.choice([0, 1, 1, 1, 2])):
            words.append(self.any.choice([f"udp dport {self.any.choice(PORTS)}", self.any.choice(CONDITIONS)]))
        return words

    def chain_without_name(self, chain):
        rules = [
            " ".join([*self.conditions(), self.verdict(3, also=["return"])]) for _ in range(self.any.randint(1, 3))
        ]
        return " ".join([*self.conditions(), self.any.choice(["jump", "goto"]), "{", "; ".join(rules), "; }"])

    def first_chains(self):
        """What packets meet before the input."""
        if self.any.random() < 0.5:
            yield "chain raw {"
            yield f"type filter hook prerouting priority {self.any.choice([-300, -295, -210, -150])};"
            yield " ".join([*self.conditions(), "notrack"])
            yield "}"
        if self.any.random() < 0.1:
            yield "chain device {"
            policy = self.any.choice(["accept", "drop"])
            yield f'type filter hook ingress device "{self.any.choice(["eth0", "lo"])}" priority 0; policy {policy};'
            yield "}"

    def rule(self, chain):
        if self.any.random() < 0.15:
            return self.map_of_verdicts(chain)
        if self.any.random() < 0.15:
            return self.chain_without_name(chain)
        words = self.conditions()
        return " ".join([*words, self.verdict(chain, also=["reject", "return", "counter"])])

    def text(self):
        lines = [f"table {self.any.choice(['inet', 'inet', 'ip'])} t {{", *SETS, *self.first_chains()]
        for chain in (3, 2, 1, 0):
            lines.append(f"chain c{chain} {{")
            if chain == 0:
                lines.append(f"type filter hook input priority 0; policy {self.any.choice(['accept', 'drop'])};")
            lines += [self.rule(chain) for _ in range(self.any.randint(0, 5 if chain == 0 else 2))] + ["}"]
        return "\n".join([*lines, "}", ""])


def in_network(network, call):
    """What it returns when called in there: each thread has a network of its own."""
    result = []

    def run():
        with open(f"/run/netns/{network.name}") as there:
            assert ctypes.CDLL(None).setns(there.fileno(), 0x40000000) == 0
        result.append(call())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result[0]


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_said_of_rules_is_what_the_kernel_does(two_networks, seed):
    sender, receiver = two_networks
    sender.run("ping", "-c", "1", "10.1.0.1")  # what the rules drop of ARP is none of this
    counts = {}
    with contextlib.ExitStack() as at_the_end:
        sockets = [in_network(one, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for one in two_networks]
        for one in sockets:
            at_the_end.enter_context(one)
        sockets[0].bind(("", 6665))
        sockets[1].bind(("", 6666))
        sockets[1].settimeout(0.2)
        for number in range(60):
            text = Rules(f"{seed} {number}").text()
            receiver.run("nft", "flush", "ruleset")
            command = receiver.inside("nft", "-f", "-")
            if subprocess.run(command, input=text, text=True, capture_output=True, check=False).returncode != 0:
                continue  # conditions that nft knows to exclude each other
            sockets[0].sendto(b"x", ("10.1.0.1", 6666))
            try:
                has_arrived = bool(sockets[1].recv(10))
            except TimeoutError:
                has_arrived = False
            done = receiver.run(TOOL, "doctor", "--receiver", "6666", "--json")
            row = next(one for one in json.loads(done.stdout)["findings"] if one["check"] == "firewall")
            said = row["severity"]
            if "keeps packets to the port out" in row["evidence"]:
                said = "some"  # of those that come to the port
            assert (said, has_arrived) not in [("ok", False), ("warning", True)], f"{row['evidence']}\n{text}"
            counts[said] = counts.get(said, 0) + 1
    if not counts:
        pytest.skip("SKIP: this kernel has no such firewall")
    assert counts["ok"] > 5 and counts["warning"] > 5, counts


@pytest.mark.parametrize("program", ["iptables-legacy-save", "ip6tables-save", "ip6tables-legacy-save"])
def test_tables_that_nft_does_not_show_are_read(tmp_path, program):
    """A kernel has either these tables or nft's: the program that prints them is played."""
    family = "ip6" if program.startswith("ip6") else "ip"
    save = tmp_path / program
    save.write_text(
        f"#!/bin/sh\necho '# Generated by {family}tables-save v1.8.9 on Mon'\n"
        "printf '%s\\n' '*filter' ':INPUT DROP [0:0]' 'COMMIT'\n"
    )
    save.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [TOOL, "doctor", "--receiver", "1", "--json"], capture_output=True, env=environment, check=False
    )
    row = next(one for one in json.loads(done.stdout)["findings"] if one["check"] == "firewall")
    assert row["severity"] == "warning" and "':INPUT DROP [0:0]'" in row["evidence"]
    assert row["remedy"] == f"{family}tables -I INPUT -p udp --dport 1 -j ACCEPT"
