# SPDX-License-Identifier: MIT
"""The questions of tests/data/corpus, asked of a real kernel: docs/corpus.md

The parameters of loads.jsonl are given to the module, the operations of configfs.jsonl to its directory. What the
kernel answers is compared with what is recorded of it, and the library with what it answers. With NETCON_RECORD=DIR
the answers are written into the files of DIR.
"""

import errno
import json
import os
import pathlib
import re
import subprocess
import threading

from guest_ops import GuestOps
from kernels import numbers
from listener import BUILD, TOP
from machine import MachineDown
from outcome import Outcome

CORPUS = TOP / "tests/data/corpus"
VERSION = 1
PARTS = {"loads": "parameter/loads", "configfs": "configfs/corpus"}  # and the unit test that judges it
WRITING = threading.Lock()

SCRIPT = """
echo 1 > /proc/sys/kernel/printk
ip link add eth0 address 52:54:00:12:34:56 type dummy
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
ip link set eth0 up
ip link set dummy0 address 52:54:00:12:34:58
echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode
guest /job/ops /out/results /lib/modules/*/netconsole.ko places
"""

# Targets go with what is in them; devices that a sequence made go too.
FRESH_MODULE = """
cd /sys/kernel/config/netconsole 2> /dev/null && find . -mindepth 3 -maxdepth 3 -type d -exec rmdir {} +
cd /sys/kernel/config/netconsole 2> /dev/null && find . -mindepth 1 -maxdepth 1 -type d -exec rmdir {} +
cd /
rmmod netconsole 2> /dev/null
for link in /sys/class/net/*; do case $link in */lo | */eth0 | */dummy0) ;; *) ip link del ${link##*/} ;; esac; done
"""

FILES = [
    "enabled",
    "extended",
    "release",
    "dev_name",
    "local_port",
    "remote_port",
    "local_ip",
    "remote_ip",
    "remote_mac",
]


def read_part(folder, part):
    """(head, rows)"""
    with open(folder / f"{part}.jsonl", encoding="ascii") as lines:
        head, *rows = map(json.loads, lines)
    if head["corpus"] != VERSION or head["rows"] != len(rows):
        raise ValueError(f"{part}.jsonl is not of version {VERSION}, or is cut short")
    return head, rows


def write_part(folder, part, head, rows):
    with open(folder / f"{part}.jsonl", "w", encoding="ascii") as file:
        for row in [{**head, "rows": len(rows)}, *rows]:
            file.write(json.dumps(row) + "\n")


def text_of(data):
    return data.decode("latin-1")


def bytes_of(text):
    return text.encode("latin-1")


def errno_name(answer):
    return errno.errorcode.get(answer.errno, "ENOTSUPP") if answer.value < 0 else None


def own_log(answer):
    """[[level, text]] of what netconsole, netpoll and the consoles said, unescaped."""
    lines = []
    for priority, text in answer.log:
        if text.startswith(("netconsole: ", "netpoll: ")) or "console [netcon" in text:
            raw = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), text.encode())
            lines.append([priority & 7, text_of(raw)])
    return lines


def with_log(fields, answer):
    log = own_log(answer)
    return {**fields, "log": log} if log else fields


def directories(out):
    """[{file: content}] of the cmdlineN that the guest read, without those that it made itself, which are the last."""
    pattern = "".join(f"(?:{name}=(.*?)\n)?" if name == "release" else f"{name}=(.*?)\n" for name in FILES)
    found = re.findall(rf"cmdline\d+\n{pattern}(?=cmdline\d|\Z)", text_of(out), re.DOTALL)
    rows = [dict(zip(FILES, row, strict=True)) for row in found]
    for row in rows:
        if not row["release"]:
            del row["release"]
    while rows and (rows[-1]["enabled"], rows[-1]["remote_ip"], rows[-1]["dev_name"]) == ("0", "0.0.0.0", "eth0"):
        rows.pop()
    return rows


def answer_to_load(answer, features):
    fields = {"errno": errno_name(answer)}
    if answer.value == 0:
        consoles = text_of(answer.out).split("cmdline0\n")[0]
        fields["consoles"] = re.findall(r"^(netcon\w+)", consoles, re.MULTILINE)
        if "boot_targets_in_configfs" in features:
            fields["files"] = directories(answer.out)
    return with_log(fields, answer)


def answer_to_operation(op, answer):
    fields = {"ret": answer.value, "errno": errno_name(answer)}
    out = text_of(answer.out)
    if out == "open" and answer.value < 0:
        fields["failed"] = "open"
    elif op == "write2":
        fields["first"] = int(out)
    elif out and not op.startswith("device_"):
        fields["out"] = out
    return with_log(fields, answer)


def add_operation(ops, row):
    """Where the answer to a row of configfs.jsonl will be."""
    if row["op"].startswith("device_"):
        return ops.add("sh", f"{row['command']} 2> /dev/null; sleep 0.2")
    return ops.add(row["op"], *(bytes_of(row.get(field, "")) for field in ("path", "data", "data2")))


def ask(kernel, loads, operations):
    """[answer] to the rows of both parts."""
    ops = GuestOps()
    places = {}
    for row in loads:
        text = bytes_of(row["parameter"])
        places[id(row)] = ops.add("load", text, str(text.count(b";") + 1))
    sequence = None
    for row in operations:
        if row["sequence"] != sequence:
            sequence = row["sequence"]
            ops.add("sh", FRESH_MODULE)
            ops.add("sh", "modprobe netconsole")
        places[id(row)] = add_operation(ops, row)
    got = kernel.boot(SCRIPT, {"job/ops": ops.file()}, "quiet", network=False, timeout=1200, name="corpus")
    answers = GuestOps.answers(got["results"])
    if len(answers) != len(ops.lines):
        raise MachineDown(f"the guest answered {len(answers)} of {len(ops.lines)} operations")
    features = kernel.features
    return (
        [answer_to_load(answers[places[id(row)]], features) for row in loads],
        [answer_to_operation(row["op"], answers[places[id(row)]]) for row in operations],
    )


def without_kernels(answer):
    return {name: value for name, value in answer.items() if name != "kernels"}


def recorded(row, version):
    return next((without_kernels(one) for one in row["answers"] if version in one["kernels"]), None)


def put(row, version, fields):
    """Makes this the answer of that kernel, beside others that answered the same."""
    new = {"source": "booted", **fields}
    for one in row["answers"]:
        if version in one["kernels"]:
            one["kernels"].remove(version)
    same = next((one for one in row["answers"] if without_kernels(one) == new), None)
    if same is None:
        row["answers"].append(same := {"kernels": [], **new})
    same["kernels"] = sorted([*same["kernels"], version], key=numbers)
    row["answers"] = sorted(
        (one for one in row["answers"] if one["kernels"]), key=lambda one: numbers(one["kernels"][0])
    )


def record(folder, kernel, part, answers):
    with WRITING:
        head, rows = read_part(folder, part)
        for row, fields in zip(rows, answers, strict=True):
            put(row, kernel.version, fields)
        booted = {**head.get("booted", {}), kernel.version: kernel.release}
        head["booted"] = {version: booted[version] for version in sorted(booted, key=numbers)}
        write_part(folder, part, head, rows)


def judge(kernel, part, head, rows, answers):
    """(differences, lines) that the library's own test finds in these answers alone."""
    folder = kernel.work / "corpus"
    folder.mkdir(exist_ok=True)
    alone = [
        {**row, "answers": [{"kernels": [kernel.version], "source": "booted", **fields}]}
        for row, fields in zip(rows, answers, strict=True)
    ]
    write_part(folder, part, head, alone)
    program = BUILD / "tests" / f"unit_{PARTS[part].replace('/', '_')}"
    done = subprocess.run(
        [program], check=False, capture_output=True, text=True, env={**os.environ, "NETCON_CORPUS": str(folder)}
    )
    if done.returncode == 0:
        return 0, []
    failed = re.search(r"^assertions:.*?(\d+) failed$", done.stdout, re.MULTILINE)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip("-=.~ ")]
    return int(failed[1]) if failed else 1, [f"library: {line}" for line in said]


def shown(row):
    if "parameter" in row:
        return row["parameter"]
    return f"{row['sequence']} {row['step']}: {row['op']} {row.get('path', row.get('device'))}"


def corpus(kernel):
    parts = {part: read_part(CORPUS, part) for part in PARTS}
    answers = dict(zip(PARTS, ask(kernel, *(rows for _, rows in parts.values())), strict=True))
    compared, differences, lines = 0, 0, []
    for part, (head, rows) in parts.items():
        if folder := os.environ.get("NETCON_RECORD"):
            record(pathlib.Path(folder), kernel, part, answers[part])
        else:
            for row, got in zip(rows, answers[part], strict=True):
                want = recorded(row, kernel.version)
                if want is not None and want != {"source": "booted", **got}:
                    differences += 1
                    lines.append(f"{part}: {shown(row)!r}: recorded {want}, now {got}")
        compared += len(rows)
        wrong, said = judge(kernel, part, head, rows, answers[part])
        differences += wrong
        lines += said
    known = any(recorded(row, kernel.version) for row in parts["loads"][1])
    more = 0 if len(lines) <= 20 else len(lines) - 20
    lines = [*lines[:20], *([f"and {more} more"] if more else [])]
    lines.append(
        f"corpus: {compared} compared with the library{', and with what is recorded' if known else ''}, {differences} differences"
    )
    return Outcome(compared, differences, lines)
