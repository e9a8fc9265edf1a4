#!/usr/bin/env python3
"""Real kernels as judges: run.py short|long [6.1] [6.12] [newest]

For each kernel of a distribution, booted in QEMU: random parameters to the module and random operations on its
configfs directory against the library, and what `netcon listen` receives against the guest's own log, up to a panic.
Exit code: 0 when all agree, 1 with a difference; a kernel that cannot be had is skipped with the reason.
"""

import contextlib
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import time

from machine import HERE, Kernel, Unavailable

TOP = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("NETCON_BUILD", TOP / "build/default"))
CACHE = pathlib.Path(os.environ.get("NETCON_KERNEL_CACHE", TOP / "build/kernels"))
GATEWAY_MAC = "52:55:0a:00:02:02"
SIZES = {  # parameters, configfs operations, messages of the receiver's run
    "short": (150, 400, 60),
    "long": (5000, 5000, 600),
}

PARSER_SCRIPT = """
echo 1 > /proc/sys/kernel/printk
ip link add eth0 address 52:54:00:12:34:56 type dummy
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
ip link set eth0 up
sleep 0.1
guest /job/ops /out/results /modules/netconsole.ko
"""

CONFIGFS_SCRIPT = """
echo 1 > /proc/sys/kernel/printk
insmod /modules/netconsole.ko
ip link add eth0 address 52:54:00:12:34:56 type dummy
ip link add eth1 address 52:54:00:12:34:57 type dummy
ip link add br0 address 52:54:00:12:34:58 type bridge
for d in default eth0 eth1 br0; do echo 1 > /proc/sys/net/ipv6/conf/$d/addr_gen_mode; done
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
ip addr add fe80::15/64 dev eth0
ip addr add 10.0.3.15/24 dev eth1
ip addr add 10.0.4.15/24 dev br0
for d in eth0 eth1 br0; do ip link set $d up; done
sleep 2.5
guest /job/ops /out/results /modules/netconsole.ko
"""


def hexed(data):
    return data.hex() or "-"


def free_port(family):
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        return probe.getsockname()[1]


class Listener:
    """`netcon listen --json` on a port of its own; its events after stop()."""

    def __init__(self, family=socket.AF_INET):
        self.port = free_port(family)
        address = f"[::1]:{self.port}" if family == socket.AF_INET6 else f"127.0.0.1:{self.port}"
        self.process = subprocess.Popen([BUILD / "examples/netcon/netcon", "listen", "--json", address],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.output = None

    def stop(self):
        if self.output is None:
            self.process.send_signal(signal.SIGINT)
            self.output, self.errors = self.process.communicate(timeout=20)
        return [json.loads(line) for line in self.output.decode().splitlines()]


def judge(program, kernel, work, seed, count, script, name):
    ops, results = work / f"{name}.ops", work / f"{name}.results"
    subprocess.run([BUILD / "tests/kernel" / program, "make", str(seed), str(count), kernel.version, ops], check=True)
    got = kernel.boot(script, {"job/ops": ops.read_bytes()}, "quiet", network=False, timeout=60 + count, name=name)
    results.write_bytes(got["results"])
    done = subprocess.run([BUILD / "tests/kernel" / program, "judge", kernel.version, ops, results], check=False,
                          capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr).strip().splitlines()


def messages(count, seed):
    """Texts for /dev/kmsg: plain words, long lines, binary, several lines, escapes, edges of the packet size."""
    dice = random.Random(seed)
    texts = [b"plain", b"tab\there", b"back\\slash \\x41", "h\u00e9llo \u4e16\u754c".encode(), b"\x1b[31mred\x1b[0m", b"a;b,c=d\"e",
             b"two\nlines", b" leading blank", b"ncfrag=0/10;", b"6,1,2,-;looks like a header", b"\xff\xfe\x80\x7f\x01"]
    for size in (900, 950, 960, 970, 975):
        texts.append(b"x" * size)
    while len(texts) < count:
        size = dice.choice([1, 10, 50, 200, 500, 900])
        kind = dice.randrange(4)
        alphabet = bytes(range(1, 256)) if kind == 0 else b"abcdefghijklmnop qrstuvwxyz;,=\\" if kind == 1 else b"words and numbers 0123456789 "
        text = bytes(dice.choice(alphabet) for _ in range(size)).rstrip(b"\n")
        texts.append(text or b".")
    return [b"<%d>" % dice.choice([8, 9, 10, 11, 12, 13, 14, 30, 134]) + text + b"\n" for text in texts[:count]]


def records_of(log):
    """The guest's log as {sequence: (priority, microseconds, flag, body)}, bytes raw."""
    records = {}
    for record in log.split(b"\0"):
        match = re.match(rb"(\d+),(\d+),(\d+),(.)[^;]*;(.*)$", record, re.S)
        if match:
            records[int(match[2])] = (int(match[1]), int(match[3]), match[4], match[5])
    return records


def shown(raw):
    return raw.decode("utf-8", "backslashreplace")


def check_extended(name, events, truth, added, first=None):
    """Every record that this target had to send is there, as the guest's own log has it, with the lines added."""
    wrong, seen = [], {}
    for event in events:
        if event["event"] in ("record", "late"):
            seen[event["sequence"]] = event
        elif event["event"] not in ("lost", "duplicate"):
            wrong.append(f"{name}: {event}")
    if not seen:
        return [f"{name}: nothing received"]
    start = min(seen) if first is None else first
    last = max(sequence for sequence, record in truth.items() if b"last message of the run" in record[3])
    expected = {n: r for n, r in truth.items() if start <= n <= last and r[0] % 8 < 7}
    for sequence, (priority, stamp, flag, body) in sorted(expected.items()):
        event = seen.get(sequence)
        if event is None:
            wrong.append(f"{name}: record {sequence} did not come: {shown(body)[:80]}")
            continue
        text, *lines = (body + added).removesuffix(b"\n").split(b"\n")
        got = (event["facility"] * 8 + event["level"], event["timestamp_us"], event["flag"], event["raw_text"])
        if got != (priority, stamp, flag.decode(), shown(text)):
            wrong.append(f"{name}: record {sequence} is {got}, the log has {(priority, stamp, flag, text)}")
        sysdata = ("cpu", "taskname", "msgid")
        dictionary = [pair for pair in event.get("dictionary", []) if pair[0] not in sysdata]
        pairs = [shown(line.removeprefix(b" ")).split("=", 1) for line in lines]
        if dictionary != pairs:
            wrong.append(f"{name}: record {sequence} carries {dictionary}, not {pairs}")
    return wrong


def check_basic(name, events, truth):
    """Every line is there. Of a record that is cut in the log the lines are not known."""
    lines = [e["raw_text"] for e in events if e["event"] == "legacy"]
    if not lines:
        return [f"{name}: nothing received"]
    expected, unknown = [], []
    for _, (priority, stamp, _, body) in sorted(truth.items()):
        if priority % 8 >= 7:
            continue
        text = body.split(b"\n")[0]
        raw = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), text)
        prefix = b"[%5d.%06d] " % (stamp // 1000000, stamp % 1000000)
        if not body.endswith(b"\n") or len(body) > 2000:
            unknown.append(prefix.decode())
        expected += [shown(prefix + line) for line in raw.split(b"\n")]
        if b"last message of the run" in text:
            break
    known = lambda line: not line.startswith(tuple(unknown))
    lines, expected = list(filter(known, lines)), list(filter(known, expected))
    if lines[0] not in expected:
        return [f"{name}: begins with {lines[0]!r}, which is not in the log"]
    expected = expected[expected.index(lines[0]):]
    for i, (got, want) in enumerate(zip(lines, expected)):
        if got != want:
            return [f"{name}: line {i} is {got!r}, the log has {want!r}"]
    return [] if len(lines) >= len(expected) else [f"{name}: {len(lines)} lines of {len(expected)}"]


def receiver(kernel, seed, count):
    """Boot log by parameter, then three targets by configfs: with userdata (and sysdata), basic, over IPv6."""
    version = tuple(int(n) for n in kernel.version.split("."))
    by_parameter, plain, basic, six = Listener(), Listener(), Listener(), Listener(socket.AF_INET6)
    listeners = [by_parameter, plain, basic, six]
    ops = []
    op = lambda what, path, data=b"": ops.append(f"{what} {hexed(path.encode())} {hexed(data)}")

    def target(name, port, address, extended, release=False):
        op("mkdir", name)
        for file, value in (("extended", "1" if extended else "0"), ("dev_name", "eth0"), ("remote_ip", address),
                            ("remote_port", str(port)), ("remote_mac", GATEWAY_MAC)):
            op("write", f"{name}/{file}", value.encode())
        if release:
            op("write", f"{name}/release", b"1")

    target("plain", plain.port, "10.0.2.2", True, release=version >= (6, 6, 0))
    target("basic", basic.port, "10.0.2.2", False)
    target("six", six.port, "fec0::2", True)
    added = b""
    if version >= (6, 9, 0):
        for key, value in (("host", "web17"), ("note", "x" * 150)):
            op("mkdir", f"plain/userdata/{key}")
            op("write", f"plain/userdata/{key}/value", value.encode())
            added += f" {key}={value}\n".encode()
    if version >= (6, 15, 0):
        for switch in ("cpu_nr", "taskname", "msgid") if version >= (6, 17, 0) else ("cpu_nr", "taskname"):
            op("write", f"plain/userdata/{switch}_enabled", b"1")
    for name in ("plain", "basic", "six"):
        op("write", f"{name}/enabled", b"1")
    op("sh", "sleep 0.3")
    kmsg = "../../../../dev/kmsg"
    for number, text in enumerate(messages(count, seed)):
        op("write", kmsg, text)
        if number % 8 == 7:
            op("sh", "sleep 0.05")
    op("write", kmsg, b"<12>last message of the run\n")
    op("sh", "sleep 0.5")
    op("kmsg", "")
    script = f"""
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
sleep 2
insmod /modules/netconsole.ko netconsole=+6665@10.0.2.15/eth0,{by_parameter.port}@10.0.2.2/{GATEWAY_MAC}
sleep 1
guest /job/ops /out/results -
"""
    try:
        got = kernel.boot(script, {"job/ops": "\n".join(ops) + "\n"}, "log_buf_len=1M loglevel=7", name="receiver")
    finally:
        time.sleep(0.3)
        events = [listener.stop() for listener in listeners]
    truth = records_of(bytes.fromhex(got["results"].decode().splitlines()[-1].split()[2]))
    wrong = check_extended("by parameter", events[0], truth, b"", first=0)
    wrong += check_extended("with userdata", events[1], truth, added)
    wrong += check_basic("basic", events[2], truth)
    wrong += check_extended("over IPv6", events[3], truth, b"")
    for event in events[1]:
        if version >= (6, 6, 0) and event["event"] == "record" and event.get("release") != kernel.release:
            wrong.append(f"release {event.get('release')}")
            break
    if version >= (6, 17, 0):
        ids = [int(dict(e["dictionary"])["msgid"]) for e in events[1] if e["event"] == "record"]
        if ids != list(range(1, len(ids) + 1)):
            wrong.append(f"msgid runs {ids[:5]}...")
    failed = [line for line in got["results"].decode().splitlines() if line.startswith("-1")]
    wrong += [f"an operation failed: {line[:60]}" for line in failed[:3]]
    return not wrong, [*wrong[:10], f"receiver: {sum(len(e) for e in events)} events of 4 targets, {len(wrong)} differences"]


def panic(kernel):
    """The last line printed on the serial console is the last record received."""
    listener = Listener()
    script = f"""
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
sleep 0.5
insmod /modules/netconsole.ko netconsole=+6665@10.0.2.15/eth0,{listener.port}@10.0.2.2/{GATEWAY_MAC}
sleep 1
echo c > /proc/sysrq-trigger
sleep 20
"""
    try:
        # With a reboot coming 7.0 and later send nothing of a panic, with a halt all of it.
        got = kernel.run_job(script, cmdline="panic=0 loglevel=7", until=b"end Kernel panic", name="panic")
    finally:
        events = listener.stop()
    lines = [line for line in got["serial"].decode(errors="replace").replace("\r", "").split("\n")
             if re.match(r"\[ *\d+\.\d+\] ", line)]
    last = re.sub(r"^\[ *\d+\.\d+\](\[.*?\])? ", "", lines[-1])
    texts = [e["text"] for e in events if e["event"] == "record"]
    if not texts or texts[-1] != last:
        return False, [f"panic: the console ends with {last!r}, the receiver with {texts[-1:]}"]
    return True, [f"panic: {len(texts)} records, the last one {last!r} as on the console"]


def main():
    form = sys.argv[1] if len(sys.argv) > 1 else "short"
    if form not in SIZES:
        sys.exit(__doc__)
    parameters, operations, texts = SIZES[form]
    seed = int(os.environ.get("NETCON_SEED", "1"))
    good, checks, skipped = True, 0, 0
    for name in sys.argv[2:] or ["6.1", "6.12", "newest"]:
        try:
            kernel = Kernel(name, CACHE)
        except Unavailable as reason:
            print(f"SKIP {name}: {reason}", flush=True)
            skipped += 1
            continue
        print(f"== Linux {kernel.version} ({kernel.release})", flush=True)
        steps = [
            lambda: judge("parser_judge", kernel, kernel.work, seed, parameters, PARSER_SCRIPT, "parser"),
            lambda: judge("configfs_judge", kernel, kernel.work, seed, operations, CONFIGFS_SCRIPT, "configfs"),
            lambda: receiver(kernel, seed, texts),
            lambda: panic(kernel),
        ]
        for step in steps:
            begun = time.monotonic()
            ok, lines = step()
            checks += 1
            good = good and ok
            for line in lines:
                print(f"   {line}")
            print(f"   {'ok' if ok else 'FAILED'} after {time.monotonic() - begun:.1f} s", flush=True)
    print(f"kernels: {checks} checks, {'all agree' if good else 'DIFFERENCES'}, {skipped} kernels skipped")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
