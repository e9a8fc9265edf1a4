# SPDX-License-Identifier: MIT
"""What `netcon listen` receives from a guest, against the guest's own log."""

import random
import re
import time

from guest_ops import GuestOps
from kernels import numbers
from listener import GATEWAY_MAC, Listener
from outcome import Outcome

KMSG = "../../../../dev/kmsg"
CMDLINE = "log_buf_len=1M loglevel=7"
NETWORK = """
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
"""


def messages(count, seed):
    """Texts for /dev/kmsg: plain words, long lines, binary, several lines, escapes, edges of the packet size."""
    dice = random.Random(seed)
    texts = [
        b"plain",
        b"tab\there",
        b"back\\slash \\x41",
        "h\u00e9llo \u4e16\u754c".encode(),
        b"\x1b[31mred\x1b[0m",
        b'a;b,c=d"e',
        b"two\nlines",
        b" leading blank",
        b"ncfrag=0/10;",
        b"6,1,2,-;looks like a header",
        b"\xff\xfe\x80\x7f\x01",
    ]
    for size in (900, 950, 960, 970, 975):
        texts.append(b"x" * size)
    while len(texts) < count:
        size = dice.choice([1, 10, 50, 200, 500, 900])
        kind = dice.randrange(4)
        alphabet = (
            bytes(range(1, 256))
            if kind == 0
            else b"abcdefghijklmnop qrstuvwxyz;,=\\"
            if kind == 1
            else b"words and numbers 0123456789 "
        )
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
        got = (
            event["facility"] * 8 + event["level"],
            event["timestamp_us"],
            event["flag"],
            event.get("raw_text", event["text"]),
        )
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
    lines = [e["text"] for e in events if e["event"] == "basic"]
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
    expected = expected[expected.index(lines[0]) :]
    for i, (got, want) in enumerate(zip(lines, expected)):
        if got != want:
            return [f"{name}: line {i} is {got!r}, the log has {want!r}"]
    return [] if len(lines) >= len(expected) else [f"{name}: {len(lines)} lines of {len(expected)}"]


def target(name, address, port, **files):
    """[(operation, path, data)] for guest.c: a target of eth0 that is not enabled yet."""
    settings = {"dev_name": "eth0", "remote_ip": address, "remote_port": str(port), "remote_mac": GATEWAY_MAC}
    # The release is refused where extended is not set.
    return [
        ("mkdir", name, b""),
        *(("write", f"{name}/{file}", value.encode()) for file, value in {**files, **settings}.items()),
    ]


def additions(name, version):
    """(operations, the lines of userdata): what this kernel can add to the records of a target."""
    todo, lines = [], b""
    if version >= (6, 9, 0):
        for key, value in (("host", "web17"), ("note", "x" * 150)):
            todo.append(("mkdir", f"{name}/userdata/{key}", b""))
            todo.append(("write", f"{name}/userdata/{key}/value", value.encode()))
            lines += f" {key}={value}\n".encode()
    if version >= (6, 15, 0):
        for switch in ("cpu_nr", "taskname", "msgid") if version >= (6, 17, 0) else ("cpu_nr", "taskname"):
            todo.append(("write", f"{name}/userdata/{switch}_enabled", b"1"))
    return todo, lines


def receiver(kernel, seed, count):
    """Boot log by parameter, then three targets by configfs: with userdata (and sysdata), basic, over IPv6."""
    version = numbers(kernel.version)
    listeners = [by_parameter, plain, basic, six] = Listener(), Listener(), Listener(), Listener(six=True)
    release = {"release": "1"} if version >= (6, 6, 0) else {}
    todo = target("plain", plain.address, plain.port, extended="1", **release)
    todo += target("basic", basic.address, basic.port, extended="0")
    todo += target("six", six.address, six.port, extended="1")
    more, added = additions("plain", version)
    todo += more
    todo += [("write", f"{name}/enabled", b"1") for name in ("plain", "basic", "six")]
    todo.append(("sh", "sleep 0.3", b""))
    for number, text in enumerate(messages(count, seed)):
        todo.append(("write", KMSG, text))
        if number % 8 == 7:
            todo.append(("sh", "sleep 0.05", b""))
    todo += [("write", KMSG, b"<12>last message of the run\n"), ("sh", "sleep 0.5", b""), ("kmsg", "", b"")]
    ops = GuestOps()
    for one in todo:
        ops.add(*one)
    script = f"""{NETWORK}
modprobe netconsole netconsole=+6665@10.0.2.15/eth0,{by_parameter.port}@10.0.2.2/{GATEWAY_MAC}
guest /job/ops /out/results -
"""
    try:
        got = kernel.boot(script, {"job/ops": ops.file()}, CMDLINE, name="receiver")
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
    compared = sum(len(e) for e in events)
    return Outcome(
        compared,
        len(wrong),
        [*wrong[:10], f"receiver: events of 4 targets, {compared} compared, {len(wrong)} differences"],
    )
