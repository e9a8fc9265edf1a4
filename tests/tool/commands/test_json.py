# SPDX-License-Identifier: MIT
"""docs/json.md: every example on the page is what the tool prints, and every member has its row."""

import json
import pathlib
import re
import shlex
import struct
import time

import pytest
from conftest import run_tool
from test_configfs import root  # noqa: F401 (a fixture)
from test_decode import ETHERNET, udp_frame

PAGE = (pathlib.Path(__file__).resolve().parents[3] / "docs" / "json.md").read_text(encoding="utf-8")
COMMANDS = dict(re.findall(r"```console\n\$ netcon (.*)\n```\n\n```json\n((?:.*\n)*?)```\n", PAGE))
(OTHER_EVENTS,) = re.findall(r"The other kinds:\n\n```json\n((?:.*\n)*?)```\n", PAGE)

RECORD = b"6.12.1,12,378,3639333,-,caller=T7;caf\\xc3\\xa9 anchor\n SUBSYSTEM=net\n host=web17\n"
PACKETS = [RECORD, RECORD]
OTHER_PACKETS = [
    b"6,378,3639333,-;first\n",
    b"6,381,3639360,-;three numbers on\n",
    b"6,380,3639350,-;behind\n",
    b"6,1,100,-;booted\n",
    b"[   12.345678] \xff \\x41\n",
    b"9999,1,1,-;x\n",
    b"",
    b"6,2,200,-,ncfrag=0/20;half",
]


def capture(path, frames):
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, ETHERNET)
    path.write_bytes(head + b"".join(struct.pack("<IIII", 1700000000, 0, len(f), len(f)) + f for f in frames))
    return path


def decoded(path, frames):
    done = run_tool("decode", "--json", capture(path, frames))
    assert done.returncode == 0, done.stderr
    return done.stdout


def command_of(section):
    (found,) = [(shlex.split(command), block) for command, block in COMMANDS.items() if command.startswith(section)]
    return found


(SNIPPET,) = re.findall(r"```python\n(def exact\(.*?)```", PAGE, re.DOTALL)


def exact_text(event):
    """As on the page."""
    names = {"re": re, "event": event}
    exec(SNIPPET, names)
    return names["text"]


def exact(raw):
    return exact_text({"raw_text": raw})


def test_events(tmp_path):
    (_, block) = command_of("decode --json")
    assert decoded(tmp_path / "crash.pcap", map(udp_frame, PACKETS)) == block


def test_the_other_events(tmp_path, listen):
    lines = OTHER_EVENTS.splitlines(keepends=True)
    printed = decoded(tmp_path / "other.pcap", map(udp_frame, OTHER_PACKETS)).splitlines(keepends=True)
    for line in lines[:-2]:
        assert line in printed
    assert "".join(lines[:-2]) == "".join(line for line in printed if '"event":"record"' not in line)

    listener = listen("--to", "json@-,rate-limit=1")
    listener.send(b"6,1,1,-;one\n", b"6,2,1,-;two\n", b"6,3,1,-;three\n")
    time.sleep(0.2)
    out, _ = listener.stop()
    real, wanted = json.loads(out.splitlines()[-1]), json.loads(lines[-1])
    assert real.keys() == wanted.keys()
    assert {name: real[name] for name in ("event", "count")} == {name: wanted[name] for name in ("event", "count")}


def test_a_sender_too_many_is_told(tmp_path):
    one = udp_frame(b"6,1,1,-;x\n")
    at = one.index(b"\x12\x34")  # its port
    frames = [one[:26] + struct.pack(">I", 0x0A000001 + n) + one[30:] for n in range(65537)]
    assert at == 34
    printed = decoded(tmp_path / "many.pcap", frames)
    assert OTHER_EVENTS.splitlines()[-2] in printed.splitlines()


@pytest.mark.parametrize("section", ["lint --json", "explain --json", "configfs plan"])
def test_documents(section):
    arguments, block = command_of(section)
    assert run_tool(*arguments).stdout == block


def test_lines_of_a_log(tmp_path):
    arguments, block = command_of("explain --log")
    log = tmp_path / "kernel.log"
    log.write_text(
        "[    1.000000] usb 1-1: new device\n[    5.123456] netpoll: netconsole: interface name 'eth9'\n"
        "Nov 28 10:00:00 web17 kernel: netpoll: netconsole: eth9 doesn't exist, aborting\n"
    )
    done = run_tool(*[log if a == "kernel.log" else a for a in arguments])
    assert (done.returncode, done.stdout) == (1, block)


def test_doctor(tmp_path):
    (tmp_path / "facts").write_text("# netcon facts 1: a machine that sends\nprintk.console_level = 4\n")
    table = PAGE[PAGE.index("## Doctor") : PAGE.index("## Targets")]
    rows = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    known = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    document = json.loads(run_tool("doctor", "--json", "--from", tmp_path / "facts").stdout)
    assert document.keys() <= known
    for one in document["findings"]:
        assert one.keys() <= known


def test_targets(root):  # noqa: F811
    arguments, block = command_of("configfs show --json")
    assert run_tool(*[root if a == "netconsole" else a for a in arguments]).stdout == block


def test_every_member_of_an_event_has_its_row(tmp_path):
    table = PAGE[PAGE.index("## Events") : PAGE.index("### Bytes")]
    rows = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    known = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    printed = decoded(tmp_path / "all.pcap", map(udp_frame, [*PACKETS, *OTHER_PACKETS]))
    for line in [*printed.splitlines(), *OTHER_EVENTS.splitlines()]:
        assert json.loads(line).keys() <= known


def test_any_bytes_come_back(tmp_path):
    every = bytes(byte for byte in range(256) if byte != 10) + rb"\\x41 \x4 \xff\xc3\xa9" + b"\xc3\xa9\xc3"
    basic, record = map(
        json.loads,
        decoded(
            tmp_path / "a.pcap", [udp_frame(every + b"\n"), udp_frame(b"6,1,1,-;" + every + b"\n k=" + every + b"\n")]
        ).splitlines(),
    )
    assert exact(basic["raw_text"]) == every
    assert exact(record["raw_text"]) == re.sub(rb"\\x([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), every)
    assert [[exact(part) for part in pair] for pair in record["raw_dictionary"]] == [[b"k", every]]


def test_the_exact_text_of_every_event_that_has_one():
    (_, block) = command_of("decode --json")
    events = [json.loads(line) for line in (block + OTHER_EVENTS).splitlines()]
    texts = [(event["event"], exact_text(event)) for event in events if "text" in event or "raw_text" in event]
    assert [text for kind, text in texts if kind == "junk"] == [b"9999,1,1,-;x\n", b""]
    assert ("record", "café anchor".encode()) in texts and ("late", b"behind") in texts
