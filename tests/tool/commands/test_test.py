# SPDX-License-Identifier: MIT
"""`netcon test`: over loopback, and over networks with a router, NAT and firewalls between sender and receiver."""

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import sys

import pytest
from conftest import TOOL, free_port, run_tool
from network import Network, unavailable

NETPOLL = pathlib.Path(__file__).resolve().parent.parent / "netpoll.py"


def test_a_receiver_that_answers(listen):
    listener = listen("--answer", "--allow", "127.0.0.1", "--json")
    done = run_tool("test", "--socket", listener.destination)
    assert done.returncode == 0, done.stdout + done.stderr
    heading, row = done.stdout.splitlines()
    assert heading.split() == ["target", "receiver", "level", "probe", "round", "trip", "seen", "as", "lost"]
    assert re.fullmatch(
        rf"{listener.destination} +{listener.destination} +info +answered +[\d.]+ ms +127.0.0.1:\d+ +0", row
    )
    text, _ = listener.stop()
    came = [json.loads(line) for line in text.splitlines()]
    assert [re.match(r"netcon-\w+", event["text"])[0] for event in came] == ["netcon-opening", "netcon-probe"]
    assert all(event["probe"] for event in came)
    assert len({event["sender_port"] for event in came}) == 1


def test_json(listen):
    listener = listen("--answer", "--allow", "127.0.0.1")
    closed = free_port()
    done = run_tool("test", "--socket", listener.destination, f"127.0.0.1:{closed}", "--level", "err,warning", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["answered"] is False
    good, bad = report["targets"]
    assert (good["receiver_port"], good["answered"], good["reasons"]) == (listener.port, True, [])
    assert [(p["level"], p["asked"], p["probe"], p["lost"]) for p in good["probes"]] == [
        (4, True, "answered", 0),
        (3, True, "answered", 0),
    ]
    assert all(p["round_trip_us"] > 0 and p["seen"] == "127.0.0.1" for p in good["probes"])
    assert [p["probe"] for p in bad["probes"]] == ["refused", "refused"]
    assert f"127.0.0.1:{closed} refuses (ICMP)" in bad["reasons"][0]
    assert good["findings"] == []
    assert (bad["findings"][0]["check"], bad["findings"][0]["severity"]) == ("receiver", "bad")
    assert bad["findings"][0]["remedy"] == f"netcon listen {closed}  # on the receiver"


def test_a_receiver_that_is_silent(listen):
    listener = listen()
    done = run_tool("test", "--socket", listener.destination, "--wait", "300ms")
    assert done.returncode == 1
    assert "silent" in done.stdout
    assert f"is 'netcon listen {listener.port} --answer --allow" in done.stdout


def test_a_closed_port_refuses_at_once():
    done = run_tool("test", "--socket", f"127.0.0.1:{free_port()}", "--wait", "1h", timeout=60)
    assert done.returncode == 1
    assert "refused" in done.stdout
    assert "refuses (ICMP): nothing listens on the port there" in done.stdout


def test_an_ipv4_address_in_an_ipv6_one():
    port = free_port()
    done = run_tool("test", "--socket", f"[::ffff:127.0.0.1]:{port}", "--wait", "20s")
    assert f"127.0.0.1:{port} refuses (ICMP)" in done.stdout


def test_a_record_that_the_log_did_not_take_is_not_sent(listen):
    listener = listen("--answer", "--allow", "127.0.0.1")
    target = f"{free_port()}@127.0.0.1/lo,{listener.port}@127.0.0.1/52:54:00:12:34:56"
    done = run_tool("test", target, "--kmsg", "/dev/null")
    assert done.returncode == 1
    assert "not sent" in done.stdout
    assert "printk_devkmsg" in done.stdout


def test_a_port_of_another_program_is_named(listen):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = run_tool("test", f"{port}@127.0.0.1/lo,6666@127.0.0.1/52:54:00:12:34:56", "--kmsg", "/dev/null")
    assert done.returncode == 1
    assert "not tested" in done.stdout
    assert f"ss -uapn sport = :{port}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--socket"], "TARGET"),
        (["--kmsg", "/nowhere/kmsg", "6665@127.0.0.1/lo,6666@127.0.0.1/"], "/nowhere/kmsg"),
        (["6665@127.0.0.1/lo,6666@127.0.0/"], "byte"),
        (["--level", "loud", "--socket", "127.0.0.1"], "loud"),
        (["--root", "/nowhere/netconsole"], "--socket HOST"),
        (["--root", "/nowhere/netconsole", "box1"], "box1"),
    ],
)
def test_what_cannot_be_tested_is_said_in_one_line(arguments, words):
    done = run_tool("test", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_address_that_is_not_local_any_more():
    done = run_tool("test", "6665@192.0.2.77/eth0,6666@192.0.2.1/52:54:00:12:34:56", "--kmsg", "/dev/null")
    assert done.returncode == 1
    assert "no interface of this machine has that address any more" in done.stdout


def test_an_address_has_the_device_of_the_routing_tables():
    """Nobody named eth0, the default of the kernel; this machine sends through another device."""
    why = unavailable()
    if why:
        pytest.skip(why)
    with contextlib.ExitStack() as at_the_end:
        sender, receiver = Network("tss"), Network("tse")
        at_the_end.callback(sender.delete)
        at_the_end.callback(receiver.delete)
        sender.connect("lan0", receiver, "lan0")
        sender.ip("addr add 10.1.0.2/24 dev lan0")
        sender.ip("addr add fd00:1::2/64 dev lan0 nodad")
        receiver.ip("addr add 10.1.0.1/24 dev lan0")
        receiver.ip("addr add fd00:1::1/64 dev lan0 nodad")
        for address in ("10.1.0.1", "fd00:1::1"):
            done = sender.run(TOOL, "test", "--socket", address, "--json")
            assert [one["check"] for one in only(done)["findings"]] == ["receiver"], done.stdout


class Machines:
    """A sender, 10.1.0.2, and a receiver, 10.2.0.2, with a router between them, 10.1.0.1 and 10.2.0.1."""

    def __init__(self, at_the_end, log):
        self.at_the_end, self.log = at_the_end, log
        log.touch()
        self.sender, self.router, self.receiver = (self.network(name) for name in ("tst", "tsr", "tsd"))
        self.sender.connect("eth0", self.router, "eth0")
        self.receiver.connect("eth0", self.router, "eth1")
        self.sender.ip("addr add 10.1.0.2/24 dev eth0")
        self.router.ip("addr add 10.1.0.1/24 dev eth0")
        self.router.ip("addr add 10.2.0.1/24 dev eth1")
        self.receiver.ip("addr add 10.2.0.2/24 dev eth0")
        self.sender.ip("route add default via 10.1.0.1")
        self.receiver.ip("route add default via 10.2.0.1")
        assert self.router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward").returncode == 0
        shown = self.router.run("cat", "/sys/class/net/eth0/address").stdout
        mac = re.search(r"link/ether (\S+)", self.router.run("ip", "link", "show", "eth0").stdout)
        self.mac = mac[1] if mac else shown.strip()

    def network(self, name):
        made = Network(name)
        self.at_the_end.callback(made.delete)
        return made

    def start(self, where, *command, ready):
        process = subprocess.Popen(where.inside(*command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.at_the_end.callback(process.wait)
        self.at_the_end.callback(process.kill)
        for line in process.stdout:
            if ready in line:
                return process
        raise AssertionError(f"{command} ended")

    def listen(self, port=6666, *options):
        return self.start(
            self.receiver, TOOL, "listen", port, "--answer", "--allow", "10.0.0.0/8", *options, ready="listening on"
        )

    def kernel(self, level=7, mac=None):
        """Something that sends what is written to the log, as netpoll does."""
        self.start(
            self.sender, sys.executable, NETPOLL, self.log, "eth0", "10.1.0.2", 6665, "10.2.0.2", 6666,
            mac or self.mac, level, ready="ready",
        )  # fmt: skip

    def test(self, *options):
        return self.sender.run(
            TOOL, "test", f"6665@10.1.0.2/eth0,6666@10.2.0.2/{self.mac}", "--kmsg", self.log, "--json", *options
        )


@pytest.fixture
def machines(tmp_path):
    why = unavailable()
    if why:
        pytest.skip(why)
    with contextlib.ExitStack() as at_the_end:
        yield Machines(at_the_end, tmp_path / "kmsg")


def only(done):
    """The one target of the report."""
    assert done.stdout, done.stderr
    return json.loads(done.stdout)["targets"][0]


STATEFUL = """
table inet firewall {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established accept
  }
}
"""


def test_the_way_through_a_router(machines):
    machines.listen()
    machines.kernel()
    done = machines.test()
    assert done.returncode == 0, done.stdout
    (probe,) = only(done)["probes"]
    assert (probe["seen"], probe["seen_port"], probe["probe"]) == ("10.1.0.2", 6665, "answered")


def test_the_opening_lets_the_answer_through_the_senders_own_firewall(machines):
    machines.sender.rules(STATEFUL)
    machines.listen()
    machines.kernel()
    assert machines.test().returncode == 0


def test_address_translation_with_another_port(machines):
    machines.router.rules(
        "table ip nat { chain out { type nat hook postrouting priority 100; "
        'oifname "eth1" udp sport 6665 masquerade to :40000-40100; } }',
    )
    machines.listen()
    machines.kernel()
    done = machines.test()
    assert done.returncode == 0, done.stdout
    (probe,) = only(done)["probes"]
    assert probe["seen"] == "10.2.0.1"
    assert 40000 <= probe["seen_port"] <= 40100


def test_a_firewall_that_drops_is_silence(machines):
    machines.router.rules("table ip f { chain f { type filter hook forward priority 0; udp dport 6666 drop; } }")
    machines.listen()
    machines.kernel()
    done = machines.test("--wait", "300ms")
    assert done.returncode == 1
    one = only(done)
    assert [p["probe"] for p in one["probes"]] == ["silent"] * 3
    assert [p["asked"] for p in one["probes"]] == [True, False, False]
    # Where netconsole is not loaded, which sends what is missing here, doctor says that.
    assert any("nothing came back" in reason or reason.startswith("module: ") for reason in one["reasons"])


def test_a_router_that_rejects_is_named(machines):
    machines.router.rules(
        "table ip f { chain f { type filter hook forward priority 0; "
        "udp dport 6666 reject with icmp type admin-prohibited; } }",
    )
    machines.listen()
    machines.kernel()
    done = machines.test("--wait", "500ms")
    assert done.returncode == 1
    assert any(
        '10.1.0.1, a router on the way to 10.2.0.2:6666, says "administratively prohibited"' in reason
        for reason in only(done)["reasons"]
    ), done.stdout


@pytest.mark.parametrize("verdict", ["drop", "reject with icmp type admin-prohibited"])
def test_a_firewall_of_the_sender_is_named(machines, verdict):
    """It is not in the way of what the kernel sends."""
    machines.sender.rules(
        f"table ip f {{ chain f {{ type filter hook output priority 0; udp dport 6666 {verdict}; }} }}"
    )
    machines.listen()
    done = machines.sender.run(TOOL, "test", "--socket", "10.2.0.2", "--json", "--wait", "30s")
    assert done.returncode == 1
    assert [p["probe"] for p in only(done)["probes"]] == ["not_sent"]
    firewall = "a firewall of this machine does not let it out; nft list ruleset"
    assert only(done)["reasons"] == [f"the probe was not sent: {firewall}"]
    done = machines.test("--wait", "100ms")
    assert [p["probe"] for p in only(done)["probes"]] == ["silent"] * 3
    assert (
        f"the test's own datagram, which opens the way for the answer, was not sent: {firewall}"
        in only(done)["reasons"]
    )
    machines.kernel()
    assert machines.test().returncode == 0


def test_a_receiver_on_another_port_refuses(machines):
    machines.listen(6667)
    machines.kernel()
    done = machines.test("--wait", "10s")
    assert done.returncode == 1
    one = only(done)
    assert [p["probe"] for p in one["probes"]] == ["refused"]
    assert "10.2.0.2:6666 refuses (ICMP)" in one["reasons"][0]


def test_a_next_hop_that_does_not_answer(machines):
    machines.kernel()
    machines.router.ip("link set eth0 down")
    done = machines.test("--wait", "5s")
    assert done.returncode == 1
    assert any("the next hop" in reason and "does not answer" in reason for reason in only(done)["reasons"]), (
        done.stdout
    )


def test_a_wrong_mac_address_is_found(machines):
    machines.listen()
    machines.mac = "52:54:00:99:99:99"
    machines.kernel()
    done = machines.test("--wait", "300ms")
    assert done.returncode == 1
    one = only(done)
    assert any("52:54:00:99:99:99 is not that of 10.1.0.1" in reason for reason in one["reasons"]), one
    mac = next(found for found in one["findings"] if found["check"] == "remote-mac")
    assert (mac["severity"], mac["remedy"]) == ("bad", "netcon suggest 10.2.0.2:6666 --apply")


def test_what_it_finds_is_what_doctor_finds(machines, tmp_path):
    """The findings of a test are those of doctor about the same target: one code says why."""
    machines.listen()
    root = tmp_path / "netconsole"
    (root / "web").mkdir(parents=True)
    settings = {
        "enabled": 1, "extended": 0, "release": 0, "dev_name": "eth0", "local_port": 6665, "local_ip": "10.1.0.2",
        "remote_port": 6666, "remote_ip": "10.2.0.2", "local_mac": "00:00:00:00:00:00",
        "remote_mac": "52:54:00:99:99:99",
    }  # fmt: skip
    for name, value in settings.items():
        (root / "web" / name).write_text(f"{value}\n")
    done = machines.sender.run(TOOL, "test", "web", "--root", root, "--kmsg", machines.log, "--json", "--wait", "100ms")
    assert done.returncode == 1
    found = only(done)["findings"]
    doctor = machines.sender.run(TOOL, "doctor", "web", "--root", root, "--no-send", "--json")
    bad = [one for one in json.loads(doctor.stdout)["findings"] if one["severity"] == "bad"]
    assert "remote-mac" in [one["check"] for one in found]
    assert [one for one in found if one["severity"] == "bad"] == [
        one for one in bad if one["check"] not in ("panic", "log", "parameter", "duplicate")
    ]


@pytest.mark.parametrize(("level", "answered"), [(7, [6]), (6, [4]), (5, [4]), (4, [3]), (3, [])])
def test_the_console_level_is_found(machines, level, answered):
    machines.listen()
    machines.kernel(level)
    done = machines.test("--wait", "500ms")
    assert done.returncode == (0 if level == 7 else 1)
    assert [p["level"] for p in only(done)["probes"] if p["probe"] == "answered"] == answered
    written = [int(number) for number in re.findall(r"<(\d+)>", machines.log.read_text())]
    assert written == [14, 12, 11][: {7: 1, 6: 2, 5: 2, 4: 3, 3: 3}[level]]  # and never anything more urgent


def test_more_urgent_levels_are_tried_when_named(machines):
    machines.listen()
    machines.kernel()
    done = machines.test("--level", "crit,alert", "--level", "emerg")
    assert done.returncode == 0, done.stdout
    assert [p["level"] for p in only(done)["probes"]] == [2, 1, 0]


def test_a_broadcast_is_not_answered(machines):
    listener = machines.listen(6666, "--json")
    script = (
        "import socket,sys\n"
        "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET,socket.SO_BROADCAST,1)\n"
        "s.bind(('10.2.0.1',0)); s.settimeout(1)\n"
        "text='netcon-probe 1 0123456789abcdef info: netcon test asks whether this line reaches its receivers; '\n"
        "text+='it is no fault and needs no action\\n'\n"
        "s.sendto(text.encode(),(sys.argv[1],6666))\n"
        "try: print(s.recvfrom(2000)[0].decode())\n"
        "except TimeoutError: print('silence')\n"
    )
    for address, wanted in (("10.2.0.2", "netcon-answer"), ("10.2.0.255", "silence")):
        done = machines.router.run(sys.executable, "-c", script, address)
        assert wanted in done.stdout, done.stdout + done.stderr
    listener.terminate()
    assert "1 answers that could not be sent" in listener.communicate(timeout=30)[0]
