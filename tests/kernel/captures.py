# SPDX-License-Identifier: MIT
"""Packets of a real kernel on the wire and its own log: a row of captures.jsonl (docs/corpus.md).

An extended target with all that this kernel can add, a basic one, and one over IPv6 send the same texts. The test of the
captures judges the row alone. With NETCON_RECORD=DIR the row and its files are written into DIR and DIR/../captures.
"""

import base64
import ipaddress
import json
import os
import pathlib
import re
import struct
import subprocess

from corpus import CORPUS, WRITING, read_part, write_part
from guest_ops import GuestOps
from kernels import numbers
from listener import BUILD
from outcome import Outcome
from receiver import CMDLINE, KMSG, NETWORK, additions, messages, target

DESTINATION = "10.0.2.2"
DESTINATION_SIX = "fec0::2"
BEGIN, END = b"<12>first message of the capture\n", b"<12>last message of the capture\n"
TEXTS = [BEGIN, *messages(11, seed=1), *(b"<12>" + b"x" * size + b"\n" for size in (950, 975)), END]
LINKTYPE_ETHERNET = 1


def targets_of(version):
    """[(name, port, destination, {file: value})]; the first has userdata and sysdata besides."""
    release = {"release": "1"} if version >= (6, 6, 0) else {}
    return [
        ("e0", 6801, DESTINATION, {"extended": "1", **release}),
        ("b0", 6802, DESTINATION, {"extended": "0"}),
        ("s0", 6803, DESTINATION_SIX, {"extended": "1"}),
    ]


def operations(version):
    """[(operation, path, data)] for guest.c."""
    ops = []
    for name, port, destination, files in targets_of(version):
        ops += target(name, destination, port, **files)
    ops += additions("e0", version)[0]
    ops += [("write", f"{name}/enabled", b"1") for name, *_ in targets_of(version)]
    ops.append(("sh", "sleep 0.3", b""))
    for number, text in enumerate(TEXTS):
        ops.append(("write", KMSG, text))
        if number % 4 == 3:
            ops.append(("sh", "sleep 0.05", b""))
    return [*ops, ("sh", "sleep 0.5", b""), ("kmsg", "", b"")]


def shown(op, path, data):
    """An operation as a shell would do it."""
    if op in ("sh", "kmsg"):
        return path or "cat /dev/kmsg"
    name = "/dev/kmsg" if path == KMSG else path
    text = "".join(chr(b) if 32 <= b < 127 and b not in b"'\\%" else f"\\{b:03o}" for b in data)
    return f"{op} {name}" if op == "mkdir" else f"printf '{text}' > {name}"


def datagrams_of(pcap, ports):
    """(the pcap with nothing but datagrams to these ports, [what a socket got])."""
    order = "<" if pcap[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    scale = 1e9 if pcap[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1e6
    if struct.unpack_from(order + "I", pcap, 20)[0] != LINKTYPE_ETHERNET:
        raise ValueError("the capture is not of Ethernet")
    kept, rows, at = bytearray(pcap[:24]), [], 24
    while at + 16 <= len(pcap):
        seconds, fraction, size, _ = struct.unpack_from(order + "4I", pcap, at)
        whole, frame = pcap[at : at + 16 + size], pcap[at + 16 : at + 16 + size]
        at += 16 + size
        kind = frame[12:14]
        if kind == b"\x08\x00" and frame[23] == 17:
            source, udp = ipaddress.IPv4Address(frame[26:30]), frame[14 + 4 * (frame[14] & 15) :]
        elif kind == b"\x86\xdd" and frame[20] == 17:
            source, udp = ipaddress.IPv6Address(frame[22:38]), frame[54:]
        else:
            continue
        source_port, port, length = struct.unpack_from(">3H", udp)
        if port not in ports:
            continue
        kept += whole
        host = f"[{source}]" if source.version == 6 else str(source)
        rows.append(
            {
                "t": round(seconds + fraction / scale, 6),
                "src": f"{host}:{source_port}",
                "dport": port,
                "payload_b64": base64.b64encode(udp[8:length]).decode(),
            }
        )
    return bytes(kept), rows


def truth_of(log):
    """The records of /dev/kmsg from the first message to the last."""
    records = [record.decode("latin-1") for record in log.split(b"\0") if record]
    places = [n for n, record in enumerate(records) if " message of the capture" in record]
    return records[places[0] : places[-1] + 1]


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def capture(kernel):
    """(row, {file: bytes})"""
    version = numbers(kernel.version)
    ops = GuestOps()
    todo = operations(version)
    for op, path, data in todo:
        ops.add(op, path, data)
    script = f"{NETWORK}modprobe netconsole\nguest /job/ops /out/results -\n"
    dump = kernel.work / "captures.pcap"
    got = kernel.boot(script, {"job/ops": ops.file()}, CMDLINE, dump=dump, name="captures")
    answers = GuestOps.answers(got["results"])
    for answer, (op, path, _) in zip(answers, todo, strict=True):
        if answer.value < 0 and op != "sh":
            raise ValueError(f"{op} {path}: errno {answer.errno}")
    targets = targets_of(version)
    pcap, datagrams = datagrams_of(dump.read_bytes(), {port for _, port, *_ in targets})
    dump.unlink()
    truth = truth_of(answers[-1].out)
    name = "matrix_" + re.sub(r"\W", "_", kernel.version)
    row = {
        "capture": name,
        "kernel": kernel.version,
        "release": kernel.release,
        "source": "booted",
        "pcap": [f"{name}.pcap"],
        "datagrams": f"{name}.jsonl",
        "truth": f"{name}.kmsg.jsonl",
        "cmdline": CMDLINE,
        "targets": [
            {
                "name": name_of_target,
                "port": port,
                "extended": files["extended"] == "1",
                "unsent": 0,
                **({"release": True} if "release" in files else {}),
                **({"ipv6": True} if ":" in destination else {}),
            }
            for name_of_target, port, destination, files in targets
        ],
        "packets": len(datagrams),
        "records": len(truth),
        "script": f"{NETWORK}modprobe netconsole\ncd /sys/kernel/config/netconsole\n"
        + "".join(shown(*one) + "\n" for one in todo),
    }
    return row, {
        f"{name}.pcap": pcap,
        f"{name}.jsonl": lines(datagrams).encode(),
        f"{name}.kmsg.jsonl": lines({"raw": raw} for raw in truth).encode(),
    }


def put(folder, row, files):
    """The row, in the place of one of its name, and its files."""
    with WRITING:
        head, rows = read_part(folder, "captures")
        rows = [*(one for one in rows if one["capture"] != row["capture"]), row]
        write_part(folder, "captures", head, sorted(rows, key=lambda one: one["capture"]))
        for name, data in files.items():
            (folder / head["folder"] / name).write_bytes(data)


def captures(kernel):
    row, files = capture(kernel)
    if folder := os.environ.get("NETCON_RECORD"):
        put(pathlib.Path(folder), row, files)
    alone = kernel.work / "alone" / "corpus"
    (alone.parent / "captures").mkdir(parents=True, exist_ok=True)
    alone.mkdir(exist_ok=True)
    write_part(alone, "captures", read_part(CORPUS, "captures")[0], [])
    put(alone, row, files)
    done = subprocess.run(
        [BUILD / "tests/captures/captures", "every capture over loopback*"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "NETCON_CORPUS": str(alone)},
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip("-=.~ ")]
    wrong = 0 if done.returncode == 0 else 1
    text = f"captures: {row['packets']} packets of {row['records']} records, {wrong} differences"
    return Outcome(row["packets"], wrong, [*(said[:40] if wrong else []), text])
