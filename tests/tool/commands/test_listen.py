# SPDX-License-Identifier: MIT
"""netcon listen: what it prints, when it ends, what it says about mistakes."""

import calendar
import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import termios
import time

import pytest
from conftest import TOOL, free_port, run_tool

RECORD = b"6.12.1,6,339,5140900,-,caller=T7;NET: caf\\xc3\\xa9 \\x1b[31m\n SUBSYSTEM=net\n host=web 17\n"

# Every member that an event may have, and its type: docs/json.md.
ALWAYS = {"event": str, "time": str, "sender": str, "sender_port": int}
MESSAGE = {
    "facility": int,
    "level": int,
    "sequence": int,
    "timestamp_us": int,
    "flag": str,
    "text": str,
    "dictionary": list,
}
MAYBE = {
    "raw_text": str,
    "release": str,
    "raw_release": str,
    "caller": str,
    "raw_caller": str,
    "raw_dictionary": list,
    "fragment": list,
    "replayed": bool,
    "conflict": bool,
}
SCHEMA = {
    "record": (MESSAGE, MAYBE),
    "partial": ({**MESSAGE, "missing": list}, MAYBE),
    "duplicate": (MESSAGE, MAYBE),
    "late": (MESSAGE, MAYBE),
    "lost": ({"cause": str, "count": int}, {"first_sequence": int}),
    "rebooted": ({"last_sequence": int}, {}),
    "basic": (
        {"text": str},
        {
            "raw_text": str,
            "facility": int,
            "level": int,
            "timestamp_us": int,
            "caller": str,
            "replayed": bool,
            "complete": bool,
        },
    ),
    "junk": ({"reason": str, "raw_text": str}, {}),
}


def objects(text):
    """The lines as objects, each checked against the schema."""
    found = []
    for line in text.splitlines():
        event = json.loads(line)
        needed, allowed = SCHEMA[event["event"]]
        needed = {**ALWAYS, **needed}
        assert needed.keys() <= event.keys(), event
        assert event.keys() <= needed.keys() | allowed.keys(), event
        for name, value in event.items():
            assert isinstance(value, {**needed, **allowed}[name]), (name, event)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["time"])
        found.append(event)
    return found


def test_a_record_as_json(listen):
    listener = listen("--json", "--count", 1)
    before = time.time()
    listener.send(RECORD)
    out, err = listener.wait()
    (event,) = objects(out)
    assert event["sender"] == "127.0.0.1"
    assert abs(calendar.timegm(time.strptime(event["time"][:19], "%Y-%m-%dT%H:%M:%S")) - before) < 20
    del event["time"], event["sender"], event["sender_port"]
    assert event == {
        "event": "record",
        "release": "6.12.1",
        "facility": 0,
        "level": 6,
        "sequence": 339,
        "timestamp_us": 5140900,
        "flag": "-",
        "caller": "T7",
        "text": "NET: café \x1b[31m",
        "raw_text": "NET: caf\\xc3\\xa9 \\x1b[31m",
        "dictionary": [["SUBSYSTEM", "net"], ["host", "web 17"]],
    }
    assert "received 1 records, 1 packets" in err


def test_every_event_as_json(listen):
    listener = listen("--json")
    listener.send(
        b"6,100,1000000,-;one\n",
        b"6,100,1000000,-;one\n",  # duplicate
        b"6,103,1000300,-;three numbers on\n",  # lost
        b"6,102,1000200,-;behind\n",  # late
        b"12,200000,1000400,-,ncfrag=0/2000;" + b"x" * 900,  # lost, and partial at the end
        b"6,1,100,-;booted\n",  # rebooted
        b"plain text\n",  # basic
        b"9999,1,1,-;no such priority\n",  # junk
    )
    out, err = listener.stop()
    events = objects(out)
    kinds = [event["event"] for event in events]
    assert set(kinds) == set(SCHEMA)
    by_kind = {event["event"]: event for event in reversed(events)}
    assert by_kind["lost"]["count"] == 2 and by_kind["lost"]["first_sequence"] == 101
    assert by_kind["lost"]["cause"] == "sequence_gap"
    assert by_kind["late"]["sequence"] == 102
    assert by_kind["duplicate"]["sequence"] == 100
    assert by_kind["partial"]["missing"] == [[900, 2000]]
    assert by_kind["rebooted"]["last_sequence"] == 200000
    assert by_kind["basic"]["text"] == "plain text"
    assert by_kind["junk"]["reason"] == "bad-priority"
    assert re.search(
        r"netcon: received \d+ records, 8 packets, \d+ bytes, \d+ lost, 0 socket drops, 1 partial, "
        r"1 reboots, 1 duplicates, 1 late, 1 junk\n$",
        err,
    )


def test_bytes_that_are_no_utf8_and_controls_in_json(listen):
    listener = listen("--json", "--count", 2)
    listener.send(
        "plain \u202e caf\u00e9 \x7f \u0085 \xff".encode()[:-2] + b'\xff\xfe "quoted" \\x41\n',
        b"6,1,1,-;nul \\x00 high \\xff\n k=\xffv\x1b\n",
    )
    out, _ = listener.wait()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)
    basic, record = objects(out)
    assert basic["text"] == 'plain \u202e caf\u00e9 \x7f \u0085 \\xff\\xfe "quoted" \\x41'
    assert basic["raw_text"] == 'plain \u202e caf\u00e9 \x7f \u0085 \\xff\\xfe "quoted" \\x5cx41'
    assert record["text"] == "nul \x00 high \\xff"
    assert record["raw_text"] == "nul \\x00 high \\xff"
    assert record["dictionary"] == [["k", "\\xffv\x1b"]]
    assert record["raw_dictionary"] == [["k", "\\xffv\x1b"]]


def test_a_record_for_people(listen):
    listener = listen("--count", 1)
    listener.send(RECORD)
    out, _ = listener.wait()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} 127\.0\.0\.1:\d+ info    \[    5\.140900\]\[    T7\] "
        r'NET: café \\x1b\[31m  SUBSYSTEM=net host="web 17"\n',
        out,
    )


def test_basic_lines_for_people(listen):
    listener = listen("--count", 3)
    listener.send(b"[   12.345678] usb 1-1: new device\n[   12.345679][  T123] second line\n", b"no prefix\n")
    out, _ = listener.wait()
    lines = [line.split(" ", 3)[3] for line in out.splitlines()]
    assert lines == [
        "-       [   12.345678] usb 1-1: new device",
        "-       [   12.345679][  T123] second line",
        "-       no prefix",
    ]


def test_lost_partial_and_rebooted_have_lines_of_their_own(listen):
    listener = listen()
    listener.send(
        b"6,100,1000000,-;one\n",
        b"6,103,1000300,-;three\n",
        b"12,104,1000400,-,ncfrag=5/2000;" + b"x" * 900,
        b"6,1,100,-;booted\n",
    )
    out, _ = listener.stop()
    remarks = [line.split(" ", 3)[3] for line in out.splitlines() if " -- " in line]
    assert any(remark.startswith("-- 2 records missing from number 101 on") for remark in remarks)
    assert any(remark.startswith("-- rebooted") for remark in remarks)
    assert "-- partial: 1100 of 2000 bytes of record 104 are missing" in remarks
    assert "[... 5 bytes missing ...]xxx" in out and "x[... 1095 bytes missing ...]\n" in out


def test_no_control_byte_reaches_the_output(listen):
    listener = listen("--color=never")
    every = bytes(range(256))
    listener.send(
        every,
        b"6,1,1,-;" + every.replace(b"\n", b"") + b"\n k\x1b=" + every.replace(b"\n", b"") + b"\n",
        b"6,2,2,-,caller=\x1b]0;x\x07\n",
        b"9999,1,1,-;\x1b[2J\x9b31m\n",
        b"\x1b,6,3,3,-;release\n",
        b"6,4,4,-,ncfrag=0/4000;\x1b\x9b\xc2\x9b" + every,
    )
    out, _ = listener.stop()
    assert out.count("\n") >= 6
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out)


def on_a_terminal(*args, env=None):
    """What the listener writes to a terminal for an error and an info record."""
    master, slave = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    environment["TERM"] = "xterm"
    process = subprocess.Popen(
        [TOOL, "listen", "127.0.0.1:0", "--count", "2", *args],
        stdout=slave,
        stderr=subprocess.PIPE,
        env={**environment, **(env or {})},
    )
    os.close(slave)
    port = int(process.stderr.readline().decode().rsplit(":", 1)[1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"3,1,1,-;wrong\n", ("127.0.0.1", port))
        s.sendto(b"6,2,2,-;fine\n", ("127.0.0.1", port))
    process.communicate(timeout=30)
    out = os.read(master, 65536).decode()
    os.close(master)
    return out


def test_colours_only_where_wanted():
    assert "\x1b[31mwrong" in on_a_terminal()
    assert "\x1b" not in on_a_terminal("--color=never")
    assert "\x1b" not in on_a_terminal(env={"NO_COLOR": "1"})
    assert "\x1b" not in on_a_terminal("--json")
    assert "\x1b[31mwrong" in on_a_terminal(env={"NO_COLOR": ""})
    assert "\x1b[31mwrong" in on_a_terminal("--color", "always", env={"NO_COLOR": "1"})


def terminal_of(columns, packets, *args):
    """What a terminal of that width shows, without colours, carriage returns and times."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([TOOL, "listen", "127.0.0.1:0", *args], stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    port = int(process.stderr.readline().decode().rsplit(":", 1)[1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for packet in packets:
            s.sendto(packet, ("127.0.0.1", port))
    out = b""
    while b"the end" not in out:
        out += os.read(master, 65536)
    process.terminate()
    process.communicate(timeout=60)
    os.close(master)
    text = re.sub(r"\x1b\[[0-9;]*m", "", out.decode()).replace("\r", "")
    return re.sub(r"^\d\d:\d\d:\d\d ", "", text, flags=re.M)


def test_short_lines_fit_a_terminal():
    long = "BUG: unable to handle page fault for address ffffffffdeadbeef in a_function_with_a_name+0x12/0x34"
    packets = [b"4,1,1,-;%s\n" % long.encode(), b"6,2,2,-;first\\x0asecond\n", b"6,3,3,-;the end\n"]
    assert terminal_of(60, packets, "--color=always") == (
        "127.0.0.1 | BUG: unable to handle page fault for\n"
        "                   |   address ffffffffdeadbeef in\n"
        "                   |   a_function_with_a_name+0x12/0x34\n"
        "127.0.0.1 | first\n"
        "                   |   second\n"
        "127.0.0.1 | the end\n"
    )
    packets[0] = packets[0].replace(b"BUG", b"bug")
    assert terminal_of(160, packets, "--color=always").splitlines()[:2] == [
        f"127.0.0.1 {long.replace('BUG', 'bug')}",
        "127.0.0.1 first",
    ]


def test_count_ends_it_at_that_record(listen):
    listener = listen("--json", "--count", 3)
    listener.send(*(b"6,%d,%d,-;n\n" % (i, i) for i in range(10)))
    out, err = listener.wait()
    assert listener.process.returncode == 0
    assert [event["sequence"] for event in objects(out)] == [0, 1, 2]
    assert "received 3 records" in err


def test_for_ends_it_after_that_time(listen):
    started = time.monotonic()
    listener = listen("--for", "500ms")
    listener.send(b"6,1,1,-;x\n")
    out, err = listener.wait()
    assert 0.4 < time.monotonic() - started < 20
    assert listener.process.returncode == 0
    assert out.count("\n") == 1 and "received 1 records, 1 packets, 10 bytes, 0 lost, 0 socket drops\n" in err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_everything_delivered(listen, how):
    listener = listen("--json")
    listener.process.send_signal(signal.SIGSTOP)
    listener.send(*(b"6,%d,%d,-;n\n" % (i, i) for i in range(200)), b"no newline")
    listener.process.send_signal(how)
    listener.process.send_signal(signal.SIGCONT)
    out, err = listener.wait()
    assert listener.process.returncode == 0
    events = objects(out)
    assert [event.get("sequence") for event in events] == [*range(200), None]
    assert events[-1]["complete"] is False
    assert "received 201 records, 201 packets" in err


def test_a_reader_that_goes_away_ends_it(listen):
    listener = listen()
    listener.send(b"6,1,1,-;one\n")
    assert listener.process.stdout.readline()
    listener.process.stdout.close()
    listener.process.stdout = None
    for i in range(50):
        listener.send(b"6,%d,%d,-;more\n" % (i + 2, i + 2))
        time.sleep(0.02)
    _, err = listener.wait()
    assert listener.process.returncode == 0
    assert "received" in err


def test_lines_are_there_at_once(listen):
    listener = listen()
    listener.send(b"6,1,1,-;one\n")
    assert b"one" in listener.process.stdout.readline()
    listener.send(b"6,2,2,-;two\n")
    assert b"two" in listener.process.stdout.readline()


def test_both_families_on_the_default_address(listen):
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 here")
    listener = listen("--json", "--count", 2, address="[::]:0")
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.sendto(b"6,1,1,-;x\n", (host, listener.port))
    out, _ = listener.wait()
    assert [event["sender"] for event in objects(out)] == ["127.0.0.1", "::1"]


def test_a_port_in_use(listen):
    listener = listen()
    done = run_tool("listen", listener.destination)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{listener.port}: Address already in use" in done.stderr
    assert "take another port" in done.stderr


def test_a_link_local_address_without_its_zone():
    done = run_tool("listen", "[fe80::1]:7000", "--for", "50ms")
    if "Address family not supported" in done.stderr:
        pytest.skip("no IPv6")
    assert done.returncode == 2
    assert "; a link-local address needs its zone, the interface: [fe80::1%eth0]:7000\n" in done.stderr


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "first, second", [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0")]
)
def test_a_port_given_twice(first, second, threads):
    port = free_port()
    done = run_tool("listen", f"{first}:{port}", f"{second}:{port}", "--threads", threads)
    assert done.returncode == 2
    assert done.stderr.endswith(
        f"netcon listen: cannot listen on {second}:{port}: this command listens on {first}:{port} already; "
        "give each port once\n"
    )


@pytest.mark.parametrize(
    "address, says",
    [
        ("10.0.0", "not an IP address"),
        ("127.0.0.1:", "not a port number"),
        ("127.0.0.1:70000", "larger than 65535"),
        ("70000", "larger than 65535"),
        ("[::1", "[::1"),
        ("", "''"),
        ("192.0.2.77:6666", "no interface of this machine has that address"),
        ("fe80::1%nosuchif", "no interface 'nosuchif'"),
        ("fe80::1%lo:6666", "write a port after brackets, as in [fe80::1%eth0]:6666"),
    ],
)
def test_a_bad_address_is_one_clear_line(address, says):
    done = run_tool("listen", address, "--for", "5s")
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_directory_that_is_none():
    done = run_tool("listen", "127.0.0.1:0", "--to", f"dir:{__file__}")
    assert (done.returncode, done.stderr) == (2, f"netcon listen: --to dir:{__file__}: Not a directory\n")


def test_bad_options():
    for args in (("--count", "0"), ("--count", "x"), ("--for", "-1s"), ("--nonsense",), ("a", "b")):
        assert run_tool("listen", *args).returncode == 2
    assert run_tool("listen", "--help").returncode == 0
    assert run_tool().returncode == 2
