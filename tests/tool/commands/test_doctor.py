# SPDX-License-Identifier: MIT
"""netcon doctor: on this machine, on trees of files, on facts from elsewhere, and in namespaces of its own."""

import json
import os
import pathlib
import pty
import re
import select
import socket
import subprocess
import sys
import time

import pytest
from conftest import TOOL, run_tool
from network import two_networks  # noqa: F401  a fixture

NETPOLL = pathlib.Path(__file__).resolve().parent.parent / "netpoll.py"
HEAD = "# netcon facts 1: a machine that sends\n"


def mac_of(network):
    return re.search(r"link/ether (\S+)", network.run("ip", "link", "show", "eth0").stdout)[1]


def found(done):
    """{check: severity} of a JSON document; the worst where a check has several."""
    order = ["ok", "unknown", "warning", "bad"]
    checks = {}
    for one in json.loads(done.stdout)["findings"]:
        before = checks.get(one["check"], "ok")
        checks[one["check"]] = max(before, one["severity"], key=order.index)
    return checks


@pytest.fixture
def machine(tmp_path):
    """A copy of the files of a machine with netconsole loaded, as {path: content} that a test can change."""
    files = {
        "proc/sys/kernel/osrelease": "6.12.94+deb13-cloud-amd64\n",
        "proc/sys/kernel/version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.94-1 (2026-11-01)\n",
        "proc/cmdline": "ro netconsole.netconsole=@/eth0,@10.0.0.2/\n",
        "proc/modules": "netconsole 36864 0 - Live 0x0\nconfigfs 61440 2 netconsole, Live 0x0\n",
        "proc/mounts": "configfs /sys/kernel/config configfs rw 0 0\n",
        "proc/sys/kernel/printk": "7\t4\t1\t7\n",
        "proc/sys/kernel/panic": "0\n",
        "proc/sys/kernel/panic_on_oops": "0\n",
        "proc/consoles": "ttyS0                -W- (EC   a)    4:64\nnetcon0              -W- (E      )\n",
        "sys/module/printk/parameters/ignore_loglevel": "N\n",
        "sys/module/netconsole/parameters/oops_only": "N\n",
        "sys/kernel/kexec_crash_loaded": "0\n",
        "lib/modules/6.12.94+deb13-cloud-amd64/modules.builtin": "kernel/fs/ext4.ko\n",
        "lib/modules/6.12.94+deb13-cloud-amd64/modules.dep": "kernel/drivers/net/netconsole.ko: configfs.ko\n",
        "etc/modules-load.d/netconsole.conf": "# at boot\nnetconsole\n",
        "dev/kmsg": "6,1,1,-;usb 1-1: new device\n6,2,2,-;netconsole: network logging started\n SUBSYSTEM=x\n",
    }
    for name, value in {
        "enabled": "1",
        "extended": "0",
        "release": "0",
        "dev_name": "eth0",
        "local_port": "6665",
        "remote_port": "6666",
        "local_ip": "10.0.0.1",
        "remote_ip": "10.0.0.2",
        "local_mac": "52:54:00:12:34:56",
        "remote_mac": "52:55:0a:00:02:02",
    }.items():
        files[f"sys/kernel/config/netconsole/cmdline0/{name}"] = value + "\n"

    def write():
        for path, content in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        return tmp_path

    return files, write


def test_a_tree_of_files_is_judged(machine):
    files, write = machine
    done = run_tool("doctor", "--sysroot", write(), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    checks = found(done)
    assert checks["kernel"] == "ok" and "6.12.94" in done.stdout
    for check in ("module", "parameter", "next-boot", "target", "enabled", "console", "console-level", "oops-only"):
        assert checks[check] == "ok", check
    # Files do not say it.
    assert checks["device"] == "unknown" and "files do not say it" in json.loads(done.stdout)["missing"]


@pytest.mark.parametrize(
    "path, content, check, severity",
    [
        ("proc/sys/kernel/printk", "4 4 1 7\n", "console-level", "bad"),
        ("proc/cmdline", "ro quiet netconsole.netconsole=@/eth0,@10.0.0.2/\n", "boot-level", "warning"),
        ("proc/cmdline", "netconsole=@/eth0,@10.0.0.2/\n", "parameter", "bad"),
        ("sys/module/netconsole/parameters/oops_only", "Y\n", "oops-only", "bad"),
        ("sys/kernel/config/netconsole/cmdline0/enabled", "0\n", "enabled", "bad"),
        ("proc/consoles", "ttyS0 -W- (EC a) 4:64\n", "console", "bad"),
        ("proc/modules", "configfs 61440 1 - Live 0x0\n", "module", "bad"),
        ("dev/kmsg", "3,2,2,-;netpoll: netconsole: eth9 doesn't exist, aborting\n", "log", "bad"),
        ("etc/modprobe.d/a.conf", "blacklist netconsole\n", "next-boot", "warning"),
        ("etc/modprobe.d/a.conf", "options netconsole \\\n netconsole=@/,@10.0.0.2\n", "parameter", "bad"),
        ("sys/kernel/config/netconsole/cmdline0/remote_port", "514\n", "format", "warning"),
    ],
)
def test_what_a_file_says_is_found(machine, path, content, check, severity):
    files, write = machine
    files[path] = content
    done = run_tool("doctor", "--sysroot", write(), "--json")
    assert found(done)[check] == severity, done.stdout
    assert done.returncode == (1 if severity == "bad" else 0)


def test_a_hidden_target_is_looked_at_by_name_and_by_address(machine):
    files, write = machine
    for path in list(files):
        if "cmdline0" in path:
            files[path.replace("cmdline0", "web")] = files.pop(path)
    files["dev/kmsg"] = "6,1,1,-;usb 1-1: new device\n"  # the load is in it no more
    root = write()
    for asked in ("cmdline0", "10.0.0.2"):
        done = run_tool("doctor", asked, "--sysroot", root, "--json")
        assert found(done)["hidden-target"] == "warning", done.stdout
        routes = [one["subject"] for one in json.loads(done.stdout)["findings"] if one["check"] == "route"]
        assert routes.count("cmdline0") == 1
    done = run_tool("doctor", "cmdline1", "--sysroot", root)
    assert done.returncode == 2
    assert "'cmdline1' is neither a target" in done.stderr


def test_programs_cannot_write_the_kernels_log(machine):
    files, write = machine
    files["dev/kmsg"] += "12,3,3,-;netconsole: eth0 doesn't exist, aborting\n"
    assert found(run_tool("doctor", "--sysroot", write(), "--json"))["log"] == "ok"


def test_facts_are_judged_elsewhere_as_here(machine, tmp_path):
    _, write = machine
    there = run_tool("doctor", "--sysroot", write(), "--facts")
    assert there.returncode == 0 and there.stdout.startswith(HEAD)
    (tmp_path / "facts").write_text(there.stdout)
    here = run_tool("doctor", "--from", tmp_path / "facts")
    assert here.stdout == run_tool("doctor", "--sysroot", tmp_path).stdout
    assert run_tool("doctor", "--from", "-", stdin=there.stdout.encode()).stdout == here.stdout


def test_the_table(machine):
    files, write = machine
    files["proc/sys/kernel/printk"] = "4\n"
    done = run_tool("doctor", "--sysroot", write())
    assert done.returncode == 1
    assert (
        "bad      console-level    console level 4: emerg to err reach the consoles, info does not\n"
        f"{'':26}# echo 7 > /proc/sys/kernel/printk\n"
    ) in done.stdout
    assert re.search(r"^1 bad, \d+ warnings, \d+ unknown, \d+ ok$", done.stdout, re.M)
    assert run_tool("doctor", "--sysroot", write(), "--level", "err").returncode == 0
    assert run_tool("doctor", "--sysroot", write(), "--level", "4").returncode == 1


def test_targets_by_name_and_by_receiver(machine):
    _, write = machine
    for target in ("cmdline0", "10.0.0.2"):
        assert "cmdline0" in run_tool("doctor", target, "--sysroot", write()).stdout
    done = run_tool("doctor", "web", "--sysroot", write())
    assert done.returncode == 2 and "'web' is neither a target" in done.stderr and done.stdout == ""


def test_bad_input_is_one_line(tmp_path):
    (tmp_path / "bad").write_text(HEAD + "crash.panic = ten\n")
    (tmp_path / "other").write_text("hello\n")
    (tmp_path / "line").write_text(HEAD + "hello\n")
    for arguments, says in (
        (("--level", "loud"), "--level: 'loud' is not a level"),
        (("--from", tmp_path / "none"), "none"),
        (("--from", tmp_path / "bad"), "'crash.panic'"),
        (("--from", tmp_path / "other"), "other:1: "),
        (("--from", tmp_path / "line"), "line:2: "),
    ):
        done = run_tool("doctor", *arguments)
        assert done.returncode == 2 and says in done.stderr and done.stdout == ""
        assert len(done.stderr.splitlines()) == 1


def test_an_empty_machine_is_not_said_to_be_well(tmp_path):
    """Nothing can be looked at: one line says what is missing."""
    done = run_tool("doctor", "--sysroot", tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "there is no /proc/" in done.stderr


def test_this_machine(tmp_path):
    """Whatever it is: the table is whole, and its facts give the same one."""
    done = run_tool("doctor", "--no-send", "--json")
    assert done.returncode in (0, 1, 2)
    checks = found(done)
    assert {"kernel", "module", "log", "console-level", "panic"} <= checks.keys()


def configure(root, name, sender_mac, **settings):
    """A directory that looks like a target's."""
    (root / name / "userdata").mkdir(parents=True)
    for file, value in {
        "enabled": "1",
        "extended": "0",
        "release": "0",
        "dev_name": "eth0",
        "local_port": "6665",
        "remote_port": "6666",
        "local_ip": "10.1.0.2",
        "remote_ip": "10.1.0.1",
        "local_mac": sender_mac,
        **settings,
    }.items():
        (root / name / file).write_text(value + "\n")


def test_the_network_is_asked(two_networks, tmp_path):
    sender, receiver = two_networks
    configure(tmp_path, "web", mac_of(sender), remote_mac=mac_of(receiver))
    configure(tmp_path, "old", mac_of(sender), remote_mac="02:00:00:00:00:09", remote_port="6667")
    configure(tmp_path, "far", mac_of(sender), remote_mac=mac_of(receiver), local_ip="10.9.9.9", remote_port="6668")
    done = sender.run(TOOL, "doctor", "--json", "--root", tmp_path)
    rows = {(one["check"], one.get("subject")): one for one in json.loads(done.stdout)["findings"]}
    assert rows["remote-mac", "web"]["severity"] == "ok", done.stdout
    wrong = rows["remote-mac", "old"]
    assert wrong["severity"] == "bad" and mac_of(receiver) in wrong["evidence"]
    assert mac_of(receiver) + f" > {tmp_path}/old/remote_mac" in wrong["remedy"]
    assert rows["source", "far"]["severity"] == "bad"
    assert rows["link", "web"]["severity"] == "ok"
    # Nothing listens there, and that machine says so.
    assert rows["receiver", "web"]["severity"] == "bad" and "refuses" in rows["receiver", "web"]["evidence"]
    assert done.returncode == 1


def test_a_link_local_receiver_is_asked(two_networks, tmp_path):
    """Its address means something together with the device only."""
    sender, receiver = two_networks
    for network, address in ((sender, "fe80::2"), (receiver, "fe80::1")):
        network.ip(f"addr add {address}/64 dev eth0 nodad")
    addresses = {"local_ip": "fe80::2", "remote_ip": "fe80::1"}
    configure(tmp_path, "web", mac_of(sender), remote_mac=mac_of(receiver), **addresses)
    row = receiver_row(sender.run(TOOL, "doctor", "--json", "--root", tmp_path).stdout)
    assert row["severity"] == "bad" and "[fe80::1]:6666 refuses" in row["evidence"]


def receiver_row(text):
    return next(one for one in json.loads(text)["findings"] if one["check"] == "receiver")


@pytest.mark.parametrize(
    "remote, says", [("10.1.0.1", "refuses"), ("10.9.0.1", "10.1.0.1, a router on the way to 10.9.0.1:6666")]
)
def test_a_machine_that_has_sent_all_its_refusals(two_networks, tmp_path, remote, says):
    """Linux sends one machine six ICMP errors at once and then one a second, where a route refuses one in two seconds."""
    sender, receiver = two_networks
    receiver.run("sysctl", "-q", "net.ipv4.ip_forward=1")
    receiver.ip("route add prohibit 10.9.0.0/16")
    sender.ip("route add 10.9.0.0/16 via 10.1.0.1")
    configure(tmp_path, "web", mac_of(sender), remote_mac=mac_of(receiver), remote_ip=remote)
    spend = (
        f"import socket; s = socket.socket(type=socket.SOCK_DGRAM)\nfor _ in range(50): s.sendto(b'.', ('{remote}', 9))"
    )
    sender.run(sys.executable, "-c", spend)
    done = sender.run(TOOL, "doctor", "--json", "--root", tmp_path)
    row = receiver_row(done.stdout)
    assert row["severity"] == "bad" and says in row["evidence"], done.stdout


def test_the_router_of_a_targets_source_is_the_right_one(two_networks, tmp_path):
    """As on a machine with a table for each of its addresses."""
    sender, receiver = two_networks
    sender.ip("address add 10.1.0.12/24 dev eth0")
    sender.ip("route add default via 10.1.0.1")
    receiver.ip("link add link eth0 name other type macvlan")
    receiver.ip("link set other up")
    receiver.ip("address add 10.1.0.3/24 dev other")
    receiver.run("sysctl", "-q", "net.ipv4.conf.all.arp_ignore=1")
    sender.ip("rule add from 10.1.0.12 lookup 100")
    sender.ip("route add default via 10.1.0.3 dev eth0 table 100")
    other = re.search(r"link/ether (\S+)", receiver.run("ip", "link", "show", "other").stdout)[1]
    for source, right in (("10.1.0.2", mac_of(receiver)), ("10.1.0.12", other)):
        configure(tmp_path / source, "web", mac_of(sender), remote_mac=right, remote_ip="192.0.2.1", local_ip=source)
        checks = found(sender.run(TOOL, "doctor", "--json", "--no-send", "--root", tmp_path / source))
        assert checks["remote-mac"] == "ok" and checks["route"] == "ok", source


@pytest.mark.parametrize("ports", ["53, 6000-7000, 8000, 8001, 8002, 8003, 8004, 8005", "53"])
def test_the_receivers_firewall_with_a_named_set(two_networks, ports):
    _, receiver = two_networks
    receiver.rules(
        f"table inet t {{ set open {{ type inet_service; flags interval; elements = {{ {ports} }}\n }}\n"
        "chain c { type filter hook input priority 0; policy drop;\n udp dport @open accept\n } }"
    )
    findings = json.loads(receiver.run(TOOL, "doctor", "--json", "--receiver", "6666").stdout)["findings"]
    found = next(one for one in findings if one["check"] == "firewall")
    assert found["severity"] == ("ok" if "6000-7000" in ports else "warning"), found


@pytest.mark.parametrize("verdict", ["drop", "reject", "reject with icmp type admin-prohibited"])
def test_a_firewall_of_this_machine_is_not_the_receivers_refusal(two_networks, tmp_path, verdict):
    """netconsole's packets pass none of it."""
    sender, receiver = two_networks
    configure(tmp_path, "web", mac_of(sender), remote_mac=mac_of(receiver))
    sender.rules(f"table ip f {{ chain f {{ type filter hook output priority 0; udp dport 6666 {verdict}; }} }}")
    row = receiver_row(sender.run(TOOL, "doctor", "--json", "--root", tmp_path).stdout)
    assert row["severity"] == "unknown" and "a firewall of this machine" in row["evidence"]


def test_refusals_of_what_the_kernel_sends_count(two_networks, tmp_path):
    """They take all that the receiver may send: doctor has netpoll's port, so that they come to it."""
    sender, receiver = two_networks
    configure(tmp_path / "configfs", "web", mac_of(sender), remote_mac=mac_of(receiver))
    log = tmp_path / "kmsg"
    log.write_text("")
    arguments = (log, "eth0", "10.1.0.2", 6665, "10.1.0.1", 6666, mac_of(receiver), 8)
    kernel = subprocess.Popen(sender.inside(sys.executable, NETPOLL, *arguments), stdout=subprocess.PIPE)
    try:
        assert kernel.stdout.readline() == b"ready\n"
        ask = subprocess.Popen(
            sender.inside(TOOL, "doctor", "--json", "--root", tmp_path / "configfs"), stdout=subprocess.PIPE, text=True
        )
        with open(log, "a", encoding="ascii") as lines:
            while ask.poll() is None:
                print("<6>a record", file=lines, flush=True)
                time.sleep(0.01)
        row = receiver_row(ask.stdout.read())
    finally:
        kernel.kill()
        kernel.communicate()
    assert row["severity"] == "bad" and "refuses" in row["evidence"]


def test_a_device_that_is_down_or_a_port_of_a_bridge(two_networks, tmp_path):
    sender, receiver = two_networks
    configure(tmp_path, "web", mac_of(sender), remote_mac=mac_of(receiver))
    sender.ip("link add br0 type bridge")
    sender.ip("link set eth0 master br0")
    sender.ip("link set br0 up")
    done = sender.run(TOOL, "doctor", "--json", "--no-send", "--root", tmp_path)
    rows = {one["check"]: one for one in json.loads(done.stdout)["findings"] if one.get("subject") == "web"}
    assert rows["master"]["severity"] == "bad" and "a port of br0, a bridge" in rows["master"]["evidence"]
    assert "receiver" not in rows
    sender.ip("link set eth0 nomaster")
    sender.ip("link set eth0 down")
    done = sender.run(TOOL, "doctor", "--json", "--no-send", "--root", tmp_path)
    rows = {one["check"]: one for one in json.loads(done.stdout)["findings"] if one.get("subject") == "web"}
    assert rows["link"] | {"check": "link", "severity": "bad", "remedy": "ip link set eth0 up"} == rows["link"]


def receiver(*arguments):
    done = run_tool("doctor", "--receiver", *arguments, "--json")
    return done, {one["check"]: one for one in json.loads(done.stdout)["findings"]}


def test_a_port_without_a_receiver_and_with_one(listen):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        free = s.getsockname()[1]
    done, checks = receiver(free)
    assert done.returncode == 1 and checks["port"]["severity"] == "bad"
    assert checks["port"]["remedy"] == f"netcon listen {free}"

    listener = listen(address="0.0.0.0:0")
    done, checks = receiver(listener.port)
    assert checks["port"]["severity"] == "ok"
    assert f"(process {listener.process.pid}) has 0.0.0.0:{listener.port}" in checks["port"]["evidence"]
    assert "bound-address" not in checks and checks["buffer"]["severity"] == "ok"


@pytest.mark.parametrize("family, address", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_connected_socket_hears_one_machine(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.bind((address, 0))
        port = s.getsockname()[1]
        assert receiver(port)[1]["port"]["severity"] == "ok"
        s.connect((address, 9))
        row = receiver(port)[1]["port"]
    peer = "127.0.0.1:9" if family == socket.AF_INET else "[::1]:9"
    assert row["severity"] == "warning" and row["evidence"].endswith(f", and takes only what comes from {peer}")


def test_a_receiver_that_only_its_own_machine_reaches(listen):
    for address in ("127.0.0.1:0", "[::1]:0"):
        done, checks = receiver(listen(address=address).port)
        assert done.returncode == 1 and checks["bound-address"]["severity"] == "bad"


def test_a_receiver_that_does_not_read():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.bind(("0.0.0.0", 0))
        port = s.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(100):
                sender.sendto(b"x" * 1000, ("127.0.0.1", port))
        done, checks = receiver(port)
    assert checks["buffer"]["severity"] == "warning" and "are waiting to be read" in checks["buffer"]["evidence"]


def test_a_socket_that_systemd_keeps_for_a_service(tmp_path):
    """Without the service nothing reads: the port is bound all the same."""
    proc = tmp_path / "proc"
    (proc / "net").mkdir(parents=True)
    (proc / "net" / "udp").write_text(
        "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
        "  331: 00000000:1A0A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0 0\n"
    )

    def add(pid, program):
        (proc / pid / "fd").mkdir(parents=True)
        (proc / pid / "fd" / "3").symlink_to("socket:[4711]")
        (proc / pid / "comm").write_text(f"{program}\n")

    def port():
        _, checks = receiver("6666", "--sysroot", tmp_path)
        return checks["port"]

    add("1", "systemd")
    kept = port()
    assert kept["severity"] == "warning" and "no service reads from it" in kept["evidence"]
    add("200", "netcon")
    assert port() | {"severity": "ok", "evidence": "netcon (process 200) has 0.0.0.0:6666"} == port()


def test_facts_of_a_receiver_are_judged_elsewhere(tmp_path):
    facts = run_tool("doctor", "--receiver", "9", "--facts").stdout
    (tmp_path / "facts").write_text(facts)
    assert "UDP port 9" in run_tool("doctor", "--receiver", "--from", tmp_path / "facts").stdout
    # Those of a receiver are none of a sender.
    assert "facts:1: " in run_tool("doctor", "--from", tmp_path / "facts").stderr
    assert run_tool("doctor", "web", "--receiver").returncode == 2


@pytest.mark.parametrize(
    "option", [("--level", "debug"), ("--no-send",), ("--wait", "1s"), ("--root", "/sys/kernel/config/netconsole")]
)
def test_what_a_receiver_has_no_use_for_is_refused(option):
    done = run_tool("doctor", "--receiver", *option)
    assert done.returncode == 2 and "excludes" in done.stderr and option[0] in done.stderr


def notes_at_a_terminal(seconds, send=False):
    """What `netcon listen` prints when its standard error is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([TOOL, "listen", "127.0.0.1:0"], stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    text, end = b"", time.monotonic() + seconds
    try:
        while time.monotonic() < end and b"nothing has come" not in text:
            if select.select([ours], [], [], 0.2)[0]:
                text += os.read(ours, 4096)
            if send and (found := re.search(rb"listening on 127.0.0.1:(\d+)\r?\n", text)):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.sendto(b"hello\n", ("127.0.0.1", int(found[1])))
                send = False
    finally:
        process.terminate()
        process.wait(30)
        os.close(ours)
    return text.decode()


def test_who_waits_at_a_terminal_gets_a_hint():
    text = notes_at_a_terminal(60)
    assert re.search(
        r"listening on 127.0.0.1:(\d+)\r\n(.*\r\n)*netcon: nothing has come yet; netcon doctor --receiver \1 ", text
    )


def test_who_gets_records_gets_no_hint():
    assert "nothing has come" not in notes_at_a_terminal(13, send=True)
