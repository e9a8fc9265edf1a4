# SPDX-License-Identifier: MIT
"""netcon send: the packets that it makes, from lines, from the kernel's log and from captures."""

import base64
import contextlib
import gzip
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest
from conftest import DATA, TOOL, handles, run_tool, until
from network import two_networks  # noqa: F401  a fixture
from test_decode import pcap, udp_frame

NOTHING = "nothing came back, which over UDP proves nothing"


class Sink:
    """A bound socket that takes what comes."""

    def __init__(self, family=socket.AF_INET, host="127.0.0.1"):
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((host, 0))
        self.port = self.socket.getsockname()[1]
        self.host = host
        self.destination = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    def all(self):
        self.socket.setblocking(False)
        packets = []
        while True:
            try:
                packets.append(self.socket.recvfrom(65536))
            except BlockingIOError:
                return packets

    def packets(self):
        return [packet for packet, _ in self.all()]


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.socket.close()


def test_lines_become_records(sink):
    done = run_tool("send", sink.destination, stdin="plain\n<3>bad \x1b é\n<30>daemon\n\nlast".encode())
    assert done.returncode == 0
    packets = sink.packets()
    headers = [re.fullmatch(rb"(\d+),(\d+),(\d+),-;(.*)\n", packet) for packet in packets]
    assert all(headers)
    assert [(int(h[1]), int(h[2]), h[4]) for h in headers] == [
        (14, 0, b"plain"),
        (11, 1, b"bad \\x1b \\xc3\\xa9"),
        (30, 2, b"daemon"),
        (14, 3, b""),
        (14, 4, b"last"),
    ]
    stamps = [int(h[3]) for h in headers]
    boot_us = time.clock_gettime(time.CLOCK_BOOTTIME) * 1e6
    assert stamps == sorted(stamps) and 0 < boot_us - stamps[0] < 60e6
    total = sum(map(len, packets))
    assert done.stderr == f"netcon: sent 5 packets, {total} bytes (5 records) to {sink.destination}; {NOTHING}\n"


def test_level_and_facility(sink):
    run_tool("send", sink.destination, "--level", "err", "--facility", "3", stdin=b"a\n<4>b\n")
    run_tool("send", sink.destination, "--level", "7", "--facility", "0", stdin=b"c\n")
    assert [packet.split(b",")[0] for packet in sink.packets()] == [b"27", b"28", b"7"]
    done = run_tool("send", sink.destination, "--level", "loud", stdin=b"")
    assert done.returncode == 2 and "'loud' is not a level" in done.stderr


def test_release_and_userdata(sink):
    run_tool(
        "send",
        sink.destination,
        "--release",
        "6.12.1-test",
        "--userdata",
        "host=web 17",
        "--userdata",
        "a=b=c",
        stdin=b"x\n",
    )
    (packet,) = sink.packets()
    assert re.fullmatch(rb"6\.12\.1-test,14,0,\d+,-;x\n host=web 17\n a=b=c\n", packet)


def test_long_records_come_in_fragments(sink):
    run_tool("send", sink.destination, "--userdata", "k=" + "v" * 100, stdin=b"y" * 1000 + b"\n")
    first, second = sink.packets()
    assert len(first) == 1000 and b",ncfrag=0/1105;" in first
    body = b"".join(packet.split(b";", 1)[1] for packet in (first, second))
    assert body == b"y" * 1000 + b"\n k=" + b"v" * 100 + b"\n"


def test_lines_too_long_for_a_record_become_several(sink):
    run_tool("send", sink.destination, stdin=b"z" * 2500 + b"\n")
    texts = {}
    for packet in sink.packets():
        head, slice_ = packet.split(b";", 1)
        texts.setdefault(head.split(b",")[1], []).append(slice_)
    assert list(texts) == [b"0", b"1", b"2"]
    assert [b"".join(t) for t in texts.values()] == [b"z" * 1023 + b"\n"] * 2 + [b"z" * 454 + b"\n"]


def test_basic(sink):
    run_tool("send", sink.destination, "--basic", stdin=b"<3>raw \x1b\n" + b"w" * 1010 + b"\n")
    packets = sink.packets()
    assert re.fullmatch(rb"\[ *\d+\.\d{6}\] raw \x1b\n", packets[0])
    assert len(packets[1]) == 1000 and re.fullmatch(rb"\[ *\d+\.\d{6}\] w+\n", packets[1] + packets[2])


KMSG = (
    b"6,1,100,-;first\n4,2,200,c,caller=T12;a\\x09b\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:01.0\n30,3,1234567,-;third\n"
)


def test_a_file_of_kernel_log_records(sink, tmp_path):
    (tmp_path / "log").write_bytes(KMSG)
    done = run_tool("send", sink.destination, "--kmsg", tmp_path / "log", "--release", "6.1", "--userdata", "u=1")
    assert done.returncode == 0 and "(3 records)" in done.stderr
    assert sink.packets() == [
        b"6.1,6,1,100,-;first\n u=1\n",
        b"6.1,4,2,200,c,caller=T12;a\\x09b\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:01.0\n u=1\n",
        b"6.1,30,3,1234567,-;third\n u=1\n",
    ]
    run_tool("send", sink.destination, "--kmsg", tmp_path / "log", "--basic")
    assert sink.packets() == [b"[    0.000100] first\n", b"[    0.000200][   T12] a\tb\n", b"[    1.234567] third\n"]


def test_what_is_no_log_record_is_counted(sink, tmp_path):
    (tmp_path / "log").write_bytes(b"nonsense\n" + KMSG)
    done = run_tool("send", sink.destination, "--kmsg", tmp_path / "log")
    assert done.returncode == 1
    assert len(sink.packets()) == 3
    assert "1 of " in done.stderr and "are not kernel log records" in done.stderr


def own_log_is_readable():
    try:
        os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
        return True
    except OSError:
        return False


@pytest.mark.skipif(not own_log_is_readable(), reason="/dev/kmsg cannot be read here")
def test_this_machines_own_log(sink):
    done = run_tool("send", sink.destination, "--kmsg", "--rate", "20000")
    assert done.returncode == 0
    with open("/dev/kmsg", "rb", buffering=0) as device:
        os.set_blocking(device.fileno(), False)
        first = device.read(16384)
    if first and len(first) < 1000:
        assert sink.packets()[0] == first


@pytest.mark.skipif(not own_log_is_readable(), reason="/dev/kmsg cannot be read here")
def test_follow_goes_on_until_stopped(sink):
    process = subprocess.Popen(
        [TOOL, "send", sink.destination, "--kmsg", "--follow", "--rate", "0"], stderr=subprocess.PIPE
    )
    assert until(lambda: handles(process, signal.SIGTERM))
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert b"netcon: sent" in process.communicate(timeout=60)[1]
    assert process.returncode == 0


def test_one_port_of_a_capture(sink):
    capture = DATA / "captures" / "oops_cid.pcap"
    done = run_tool("send", sink.destination, "--replay", capture, "--to-port", "6802", "--rate", "0")
    assert done.returncode == 0
    packets = sink.packets()
    assert packets and not any(re.match(rb"\d+,\d+,\d+,", packet) for packet in packets)  # the basic target
    done = run_tool("send", sink.destination, "--replay", capture, "--to-port", "1")
    assert done.returncode == 2 and "nothing was sent to port 1" in done.stderr


@pytest.mark.parametrize("name", ["panic_612", "frag_new", "multi_61", "sysdata_new"])
@pytest.mark.parametrize("on_wire", [False, True])
def test_replay_is_byte_for_byte(sink, tmp_path, name, on_wire):
    wanted = []
    for line in open(DATA / "captures" / f"{name}.jsonl"):
        row = json.loads(line)
        wanted.append((row["dport"], base64.b64decode(row["payload_b64"])))
    (tmp_path / "socket.pcap").write_bytes(pcap(*[udp_frame(packet, port=port) for port, packet in wanted]))
    file = DATA / "captures" / f"{name}.pcap" if on_wire else tmp_path / "socket.pcap"
    done = run_tool("send", sink.destination, "--replay", file)
    assert done.returncode == 0, done.stderr
    flows = {}
    for packet, sender in sink.all():
        flows.setdefault(sender, []).append(packet)
    # Each target of the capture has a port of its own; the wire may hold packets that the socket never saw.
    for port in {port for port, _ in wanted}:
        packets = [packet for p, packet in wanted if p == port]
        assert any(all(packet in flow for packet in packets) for flow in flows.values())
    if not on_wire:
        assert sorted(map(tuple, flows.values())) == sorted(
            tuple(packet for p, packet in wanted if p == port) for port in {p for p, _ in wanted}
        )


def test_rate_and_timing(sink, tmp_path):
    started = time.monotonic()
    run_tool("send", sink.destination, "--rate", "50", stdin=b"x\n" * 26)
    assert 0.45 < time.monotonic() - started < 20
    (tmp_path / "slow.pcap").write_bytes(pcap(*[udp_frame(b"x")] * 4, seconds_between=0.2))
    started = time.monotonic()
    run_tool("send", sink.destination, "--replay", tmp_path / "slow.pcap", "--timed")
    assert 0.55 < time.monotonic() - started < 20
    assert len(sink.packets()) == 30


def test_a_pause_is_not_made_up_for_by_a_burst(sink):
    process = subprocess.Popen(
        [TOOL, "send", sink.destination, "--rate", "50"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdin.write(b"first\n")
    process.stdin.flush()
    time.sleep(1)
    started = time.monotonic()
    process.communicate(b"x\n" * 26, timeout=30)
    assert time.monotonic() - started > 0.4
    assert len(sink.packets()) == 27


def test_a_signal_ends_it_between_two_packets(sink):
    process = subprocess.Popen(
        [TOOL, "send", sink.destination, "--rate", "1"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdin.write(b"x\n" * 60)
    process.stdin.close()
    process.stdin = None
    assert sink.socket.recv(100)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0 and b"netcon: sent" in err
    assert len(sink.packets()) < 30


def test_a_packed_capture_is_replayed(sink, tmp_path):
    packed = tmp_path / "crash.pcap.gz"
    packed.write_bytes(gzip.compress(pcap(udp_frame(b"a line\n"))))
    done = run_tool("send", sink.destination, "--replay", packed)
    assert done.returncode == 0 and sink.packets() == [b"a line\n"], done.stderr
    packed.write_bytes(packed.read_bytes()[:-12])
    assert "its end is missing" in run_tool("send", sink.destination, "--replay", packed).stderr


@pytest.mark.parametrize("writes", [b"", b"6,1,1,-;first\n6,2,2,-;second\n"])
@pytest.mark.parametrize("option", ["--kmsg", "--replay"])
def test_a_signal_ends_it_while_a_pipe_is_silent(sink, tmp_path, option, writes):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen([TOOL, "send", sink.destination, option, pipe], stderr=subprocess.PIPE)
    with contextlib.ExitStack() as at_the_end:
        at_the_end.callback(process.wait)
        at_the_end.callback(process.kill)
        assert until(lambda: handles(process, signal.SIGTERM))
        if writes:
            writer = at_the_end.enter_context(open(pipe, "wb", buffering=0))
            if option == "--replay":
                writes = pcap(udp_frame(writes))
            writer.write(writes)
            assert sink.socket.recv(100)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0 and b"netcon: sent" in err, err


def datagrams_sent(process):
    """How many the network namespace of a process has sent."""
    names, values = re.findall(r"^Udp: (.*)$", pathlib.Path(f"/proc/{process.pid}/net/snmp").read_text(), re.M)
    return int(values.split()[names.split().index("OutDatagrams")])


def test_packets_that_could_not_be_sent_are_counted(two_networks):
    sender, _ = two_networks
    process = subprocess.Popen(
        sender.inside(TOOL, "send", "10.1.0.1", "--rate", "0"), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdin.write(b"goes\n")
    process.stdin.flush()
    assert until(lambda: datagrams_sent(process) == 1)
    sender.ip("link set eth0 down")
    _, err = process.communicate(b"does not\n" * 3, timeout=60)
    assert process.returncode == 1
    assert b"sent 1 packets" in err and b"3 packets were not sent: Network is unreachable" in err


@pytest.mark.parametrize("verdict", ["drop", "reject", "reject with icmp type admin-prohibited"])
@pytest.mark.parametrize("options", [(), ("--basic",)])
def test_a_firewall_of_this_machine_is_named(two_networks, verdict, options):
    sender, _ = two_networks
    sender.rules(f"table ip f {{ chain f {{ type filter hook output priority 0; udp dport 6666 {verdict}; }} }}")
    command = f"printf 'x\\ny\\n' | {TOOL} send 10.1.0.1 {' '.join(options)}"
    done = sender.run("sh", "-c", command)
    assert done.returncode == 1
    assert done.stderr == (
        "netcon: sent 0 packets, 0 bytes (0 records) to 10.1.0.1:6666\n"
        "netcon send: 2 packets were not sent: Operation not permitted; a firewall of this machine does not let them "
        "out: nft list ruleset\n"
    )


def test_this_machine_is_no_router(two_networks):
    """0.0.0.0 is this machine, by another of its addresses."""
    done = two_networks[0].run("sh", "-c", f"echo x | {TOOL} send 0.0.0.0")
    assert done.returncode == 1 and "0.0.0.0:6666 refused 1 packets: no program listens there" in done.stderr


def test_ipv6_and_names():
    try:
        sink6 = Sink(socket.AF_INET6, "::1")
    except OSError:
        pytest.skip("no IPv6 here")
    assert run_tool("send", sink6.destination, stdin=b"x\n").returncode == 0
    assert len(sink6.packets()) == 1
    sink6.socket.close()
    sink4 = Sink()
    done = run_tool("send", f"localhost:{sink4.port}", stdin=b"x\n")
    assert done.returncode in (0, 1)  # localhost may be ::1 first, where nobody listens
    sink4.socket.close()


def test_nobody_listens():
    closed = Sink()
    closed.socket.close()
    for lines in (1, 5):
        done = run_tool("send", closed.destination, "--rate", "100", stdin=b"x\n" * lines)
        assert done.returncode == 1
        assert re.search(
            rf"{re.escape(closed.destination)} refused \d+ packets: no program listens there; ", done.stderr
        )


@pytest.mark.parametrize(
    "args, says",
    [
        (("10.0.0.300",), "not an IP address"),
        (("6666",), "not an IP address"),
        (("10.0.0.1:0",), "port 0"),
        (("10.0.0.1:x",), "not a port number"),
        (("fe80::1",), "a link-local address takes its device, as in fe80::1%eth0"),
        (("127.0.0.1", "--level", "loud"), "'loud' is not a level"),
        (("no-such-host.invalid",), "no-such-host.invalid"),
        (("127.0.0.1", "--kmsg", "/nonexistent"), "/nonexistent: No such file or directory"),
        (("127.0.0.1", "--kmsg", "/"), "/: Is a directory"),
        (("127.0.0.1", "--kmsg", __file__, "--follow"), "--follow needs the device /dev/kmsg"),
        (("127.0.0.1", "--replay", "/nonexistent.pcap"), "/nonexistent.pcap: No such file or directory"),
        (("127.0.0.1", "--replay", __file__), "neither pcap nor pcapng"),
        (("127.0.0.1", "--userdata", "novalue"), "KEY=VALUE"),
        (("127.0.0.1", "--userdata", "=x"), "KEY=VALUE"),
        (("127.0.0.1", "--release", "a,b"), "'a,b' is not a kernel release"),
    ],
)
def test_a_mistake_is_one_clear_line(args, says):
    done = run_tool("send", *args)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_records_that_no_kernel_could_send_are_counted(sink):
    done = run_tool("send", sink.destination, "--release", "6" * 1000, stdin=b"one\ntwo\n")
    assert done.returncode == 1 and sink.packets() == []
    assert "netcon: sent 0 packets, 0 bytes (0 records) to " in done.stderr
    assert done.stderr.splitlines()[-1].startswith(
        "netcon send: 2 records were not sent: release and header leave no room "
    )


def test_what_a_signal_kept_back_is_not_counted(sink):
    sender = subprocess.Popen(
        [TOOL, "send", sink.destination, "--rate", "1"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    sender.stdin.write(b"line\n" * 100)
    sender.stdin.flush()
    sink.socket.settimeout(10)
    sink.socket.recvfrom(65536)
    sender.send_signal(signal.SIGINT)
    said = sender.communicate(timeout=10)[1].decode()
    packets, records = map(int, re.search(r"sent (\d+) packets, \d+ bytes \((\d+) records\)", said).groups())
    assert packets == records < 5


def test_options_that_contradict_each_other():
    for args in (
        ("--basic", "--release", "6.1"),
        ("--basic", "--userdata", "a=b"),
        ("--kmsg", "/dev/null", "--replay", "x"),
        ("--kmsg", "/dev/null", "--level", "err"),  # its records have levels of their own
        ("--kmsg", "/dev/null", "--facility", "3"),
        ("--replay", DATA / "captures" / "frag_612.pcap", "--level", "err"),
        ("--follow",),
        ("--timed",),
        ("--facility", "256"),
        ("--rate", "-1"),
    ):
        assert run_tool("send", "127.0.0.1", *args).returncode == 2
    assert run_tool("send").returncode == 2


def test_send_and_listen_lose_nothing(listen):
    listener = listen("--json")
    done = run_tool("send", listener.destination, "--rate", "0", "--replay", DATA / "captures" / "frag_612.pcap")
    sent = re.search(r"sent (\d+) packets, (\d+) bytes", done.stderr)
    _, err = listener.stop()
    assert f" {sent[1]} packets, {sent[2]} bytes, " in err and " 0 socket drops" in err


def test_an_answer_is_told_from_silence(sink):
    process = subprocess.Popen(
        [TOOL, "send", sink.destination], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdin.write("hello\n")
    process.stdin.flush()
    sink.socket.settimeout(20)
    _, sender = sink.socket.recvfrom(2000)
    sink.socket.sendto(b"thank you\n", sender)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert said.endswith(f"to {sink.destination}; answered\n")


def test_the_port_to_send_from(sink):
    free = Sink()
    free.socket.close()
    done = run_tool("send", sink.destination, "--from-port", free.port, stdin=b"x\n")
    assert done.returncode == 0, done.stderr
    ((_, sender),) = sink.all()
    assert sender[1] == free.port
    taken = Sink(host="0.0.0.0")
    done = run_tool("send", sink.destination, "--from-port", taken.port, stdin=b"x\n")
    taken.socket.close()
    assert done.returncode == 2
    assert f"ss -uapn sport = :{taken.port}" in done.stderr


def test_a_next_hop_that_does_not_answer_is_an_error(two_networks):
    sender, receiver = two_networks
    done = sender.run("sh", "-c", f"echo x | {TOOL} send 10.1.0.9")
    assert done.returncode == 1
    assert "the next hop on the way to 10.1.0.9 does not answer" in done.stderr
    done = sender.run("sh", "-c", f"echo x | {TOOL} send 10.1.0.1:7")
    assert done.returncode == 1
    assert "10.1.0.1:7 refused 1 packets: no program listens there" in done.stderr


def test_a_router_that_refuses_is_named(two_networks):
    """The other machine is a router here, without a way on."""
    sender, router = two_networks
    sender.ip("route add default via 10.1.0.1")
    assert router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward").returncode == 0
    done = sender.run("sh", "-c", f"echo x | {TOOL} send 10.9.0.1")
    assert done.returncode == 1
    assert 'a router on the way refuses: 10.1.0.1 says "network unreachable"' in done.stderr, done.stderr
    assert "proves nothing" not in done.stderr
