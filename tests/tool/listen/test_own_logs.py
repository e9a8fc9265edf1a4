# SPDX-License-Identifier: MIT
"""What `netcon listen` wrote is read back as what came: the crash once, with its trace, of the machine by its name."""

import json
import socket

import pytest
from conftest import run_tool, text_of, until

OOPS = [
    *(f"pond: {level} feet" for level in range(3)),
    "BUG: unable to handle page fault for address: ffffc90000abcdef",
    "#PF: supervisor read access in kernel mode",
    "Oops: 0000 [#1] PREEMPT SMP",
    "CPU: 0 PID: 12 Comm: cat Not tainted 6.12.1 #1",
    "RIP: 0010:pond_read+0x1/0x20",
    "Call Trace:",
    " <TASK>",
    " vfs_read+0x1/0x300",
    " ksys_read+0x10/0x20",
    " </TASK>",
    "---[ end trace 0000000000000000 ]---",
]


def extended(number, text):
    return f"4,{number},{15000000 + number},-;{text}\n host=web17\n rack=3 b\n".encode()


def basic(number, text):
    return f"[   15.{number:06}] {text}\n".encode()


@pytest.mark.parametrize("packet", [extended, basic])
@pytest.mark.parametrize("form", ["full", "short", "json"])
def test_a_crash_is_found_once(listen, tmp_path, form, packet):
    path = tmp_path / "log"
    tool = listen("--to", f"{form}@{path}", "--hosts-from", "key:host")
    tool.send(*[packet(number, text) for number, text in enumerate(OOPS, 1)])
    until(lambda: "crashed: " in text_of(path) or '"event":"crash"' in text_of(path))
    tool.stop()
    done = run_tool("crashes", "--json", path)
    (crash,) = map(json.loads, done.stdout.splitlines())
    assert crash["title"] == "BUG: unable to handle kernel paging request in pond_read"
    assert not crash["corrupted"]
    assert [frame["function"] for frame in crash["frames"]] == ["vfs_read", "ksys_read"]
    assert crash.get("complete") is (True if form == "json" and packet is extended else None)
    assert "crashed: " not in run_tool("decode", path).stdout
    shown = run_tool("decode", "--json", "--match", "^BUG: .*abcdef$", path).stdout.splitlines()
    assert len(shown) == 1
    if form == "full" and packet is extended:
        assert json.loads(shown[0])["dictionary"] == [["host", "web17"], ["rack", "3 b"]]
        assert 'abcdef  host=web17 rack="3 b"\n' in run_tool("decode", path).stdout


def test_syslog_keeps_the_numbers(listen, tmp_path):
    path = tmp_path / "log"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(60)
        tool = listen("--to", f"syslog:udp:127.0.0.1:{server.getsockname()[1]}", "--hosts-from", "key:host")
        tool.send(*[extended(number, text) for number, text in enumerate(OOPS, 1)])
        messages = [server.recv(65536)]
        while b" crashed: " not in messages[-1]:
            messages.append(server.recv(65536))
        tool.stop()
    path.write_bytes(b"\n".join(messages))
    (crash,) = map(json.loads, run_tool("crashes", "--json", path).stdout.splitlines())
    assert crash["title"] == "BUG: unable to handle kernel paging request in pond_read"
    assert (crash["host"], crash["complete"]) == ("web17", True)


@pytest.mark.parametrize("form", ["full", "json"])
@pytest.mark.parametrize("sender", ["web17", "127.0.0.1", "127.0.0.0/8"])
def test_a_sender_is_found_by_name_and_by_address(listen, tmp_path, form, sender):
    path = tmp_path / "log"
    tool = listen("--to", f"{form}@{path}", "--hosts-from", "key:host")
    tool.send(extended(1, "lake: wet"), extended(9, "lake: dry"))
    until(lambda: "lake: dry" in text_of(path))
    tool.stop()
    shown = run_tool("decode", "--json", "--sender", sender, path).stdout.splitlines()
    assert [json.loads(line)["text"] for line in shown] == ["lake: wet", "lake: dry"]
    assert not run_tool("decode", "--sender", "web1", path).stdout
    assert not run_tool("decode", "--sender", "10.0.0.0/8", path).stdout
