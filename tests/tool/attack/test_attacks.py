# SPDX-License-Identifier: MIT
"""Hostile senders beside honest ones: memory stays within its bound, honest records are written, and every line is
written or counted. The rates that count are those that the tool received."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
from conftest import SANITIZED, drops, run_tool, until

ATTACKER = os.environ.get("NETCON_ATTACKER", "")
SECONDS = float(os.environ.get("NETCON_ATTACK_SECONDS", "2"))

needs_attacker = pytest.mark.skipif(not ATTACKER, reason="SKIP: NETCON_ATTACKER names no program")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="SKIP: needs root")


def record(number, text="text", userdata=b"", time_us=None):
    stamp = number * 10 if time_us is None else time_us
    return b"6,%d,%d,-;%s\n%s" % (number, stamp, text.encode(), userdata)


def attack(listener, kind, rate, seconds=SECONDS, honest=0):
    """Hostile packets and honest records that were sent."""
    command = [ATTACKER, str(listener.port), kind, str(rate), str(seconds), str(honest)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


def resident(listener):
    """KiB of memory in use."""
    status = pathlib.Path(f"/proc/{listener.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def counts_of(err):
    """The counts of the last line, and of the one with the details."""
    lines = [line for line in err.splitlines() if line.startswith(("netcon: received ", "netcon: in detail: "))]
    return {what: int(number) for line in lines for number, what in re.findall(r"(\d+) ([A-Za-z ]+)(?:,|$)", line)}


def assert_every_line_is_accounted_for(lines, counts):
    events = counts["records"] + counts.get("remarks", 0)
    elsewhere = sum(
        counts.get(f"{kind} {why}", 0)
        for kind in ("records", "remarks")
        for why in ("not shown", "over the rate limit", "not written")
    )
    assert len(lines) == events - elsewhere


class Reader(threading.Thread):
    """Reads the listener's output, once it may."""

    def __init__(self, listener):
        super().__init__(daemon=True)
        self.listener, self.go, self.data = listener, threading.Event(), []

    def run(self):
        self.go.wait()
        while data := os.read(self.listener.process.stdout.fileno(), 1 << 16):
            self.data.append(data)

    def lines(self):
        self.join(300)  # a build with sanitizers on a busy machine
        assert not self.is_alive()
        return b"".join(self.data).splitlines()


def stop(listener, reader):
    reader.go.set()
    listener.process.send_signal(signal.SIGTERM)
    lines = reader.lines()
    err = listener.process.stderr.read().decode()
    listener.process.wait(30)
    return lines, "".join(listener.notes) + err


# Memory, and what one packet makes.


@needs_attacker
@pytest.mark.parametrize("kind", ["newlines", "short-lines", "bad-bytes", "escapes", "junk"])
def test_memory_is_bounded_while_a_reader_pauses(listen, kind):
    """queue= bounds what waits; buffers that were used once are no second queue."""
    listener = listen("--to", "json@-,queue=1M")
    before = resident(listener)
    reader = Reader(listener)
    reader.start()
    attack(listener, kind, 1000, max(SECONDS, 4))
    grown = resident(listener) - before
    lines, err = stop(listener, reader)
    assert grown < 24 * 1024 or SANITIZED
    counts = counts_of(err)
    if kind != "newlines":  # which are folded to few
        assert counts.get("records not written", 0) + counts.get("remarks not written", 0) > 0
    assert_every_line_is_accounted_for(lines, counts)


@needs_attacker
@pytest.mark.parametrize("kind", ["newlines", "short-lines", "bad-bytes", "escapes", "junk", "noise"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_packet_makes_bounded_output(listen, tmp_path, kind, form):
    with open(tmp_path / "out", "wb") as file:
        listener = listen(*form, stdout=file)
        attack(listener, kind, 500, 1)
        _, err = listener.stop()
    received = counts_of(err)
    assert (tmp_path / "out").stat().st_size <= 16 * received["bytes"] + 512 * received["packets"]


def test_empty_lines_in_a_row_are_folded_and_counted(listen):
    listener = listen("--json")
    listener.send(b"first\n" + b"\n" * 1000 + b"last\n", b"\n", b"\n", b"end\n")
    out, err = listener.stop()
    events = [json.loads(line) for line in out.splitlines()]
    assert [(e["event"], e.get("text", e.get("count"))) for e in events] == [
        ("basic", "first"),
        ("basic", ""),
        ("basic", ""),
        ("folded", 998),
        ("basic", "last"),
        ("basic", ""),
        ("basic", ""),
        ("basic", "end"),
    ]
    assert counts_of(err)["empty lines left out"] == 998


# Fairness.


@needs_attacker
@pytest.mark.parametrize("kind", ["short-lines", "long-records", "junk", "losses"])
def test_who_fills_the_queue_loses_first(listen, kind):
    listener = listen("--to", "json@-,queue=256K")
    reader = Reader(listener)
    reader.start()
    _, honest = attack(listener, kind, 1000, SECONDS, honest=20)
    lines, err = stop(listener, reader)
    counts = counts_of(err)
    if counts["socket drops"] != 0:
        pytest.skip("SKIP: this machine is too slow for the flood, which the kernel dropped")
    assert counts.get("records not written", 0) + counts.get("remarks not written", 0) > 0
    assert sum(b'"text":"honest ' in line for line in lines) == honest
    assert_every_line_is_accounted_for(lines, counts)


@needs_attacker
@pytest.mark.parametrize("kind", ["escapes", "duplicates"])
def test_who_sends_more_than_is_handled_loses_first(listen, tmp_path, kind):
    with open(tmp_path / "out", "wb") as file:
        listener = listen("--json", stdout=file)
        _, honest = attack(listener, kind, 10_000_000, SECONDS, honest=20)
        _, err = listener.stop()
    counts = counts_of(err)
    if counts["socket drops"] != 0:
        pytest.skip("SKIP: this machine is too slow to take the flood out of the socket")
    assert counts.get("backlog drops", 0) > 0
    with open(tmp_path / "out", "rb") as lines:
        assert sum(b'"text":"honest ' in line for line in lines) == honest


@needs_root
@needs_attacker
def test_more_forged_addresses_than_are_handled_cost_known_senders_nothing(listen, tmp_path):
    with open(tmp_path / "out", "wb") as file:
        listener = listen("--json", stdout=file)
        _, before = attack(listener, "spoofed", 0, 0.5, honest=20)
        _, during = attack(listener, "spoofed", 10_000_000, SECONDS, honest=20)
        _, err = listener.stop()
    if counts_of(err)["socket drops"] != 0:
        pytest.skip("SKIP: this machine is too slow to take the flood out of the socket")
    with open(tmp_path / "out", "rb") as lines:
        assert sum(b'"text":"honest ' in line for line in lines) == before + during


@needs_root
@needs_attacker
@pytest.mark.parametrize("options", [("dir",), ("dir", "--hosts-from", "key:host"), ("rate-limit",)])
def test_forged_addresses_cost_honest_senders_nothing(listen, tmp_path, options):
    directory = tmp_path / "logs"
    directory.mkdir()
    if options[0] == "dir":
        listener = listen("--to", f"json@dir:{directory}", *options[1:])
    else:
        listener = listen("--to", "json@-,rate-limit=20", stdout=open(directory / "out.log", "wb"))
    sent, honest = attack(listener, "spoofed-names", 2000, SECONDS, honest=20)
    _, err = listener.stop()
    written = [line for path in directory.iterdir() for line in path.read_bytes().splitlines()]
    counts = counts_of(err)
    if counts["socket drops"] != 0:
        pytest.skip("SKIP: this machine is too slow for the flood, which the kernel dropped")
    assert counts["packets"] + drops(err) == sent + honest
    assert sum(b'"text":"honest ' in line for line in written) == honest
    assert_every_line_is_accounted_for(written, counts)


# The rate limit.


@needs_attacker
@pytest.mark.parametrize("kind", ["junk", "duplicates", "reboots", "losses", "noise", "newlines", "long-records"])
def test_the_rate_limit_holds_for_every_line_and_byte(listen, tmp_path, kind):
    with open(tmp_path / "out", "wb") as file:
        listener = listen("--to", "json@-,rate-limit=10", stdout=file)
        attack(listener, kind, 2000, SECONDS)
        _, err = listener.stop()
    lines = (tmp_path / "out").read_bytes().splitlines()
    most_seconds = SECONDS + 3
    shown = [line for line in lines if b'"suppressed"' not in line]
    assert len(shown) <= 10 * most_seconds
    assert sum(map(len, shown)) <= 10 * most_seconds * 4096 + 40_000
    assert_every_line_is_accounted_for(lines, counts_of(err))


def test_another_user_of_the_machine_takes_nothing_from_its_kernel(listen):
    """Both have one address; the other one has many ports."""
    listener = listen("--to", "json@-,rate-limit=20")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as kernel:
        kernel.sendto(record(0, "honest 0"), (listener.host, listener.port))
        others = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
        for n in range(1, 20):
            for other in others:
                for _ in range(3):
                    other.sendto(record(n, "x"), (listener.host, listener.port))
            kernel.sendto(record(n, f"honest {n}"), (listener.host, listener.port))
            time.sleep(0.1)
        for other in others:
            other.close()
    out, _ = listener.stop()
    assert sum('"text":"honest ' in line for line in out.splitlines()) == 20


# What a record says.


def events_of(out):
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("options", [(), ("--reorder", "50ms")])
def test_forged_records_do_not_hide_those_of_a_boot(listen, options):
    listener = listen("--json", *options)
    numbers = range(32)
    listener.send(*(record(n, f"forged {n}") for n in numbers), *(record(n, f"honest {n}") for n in numbers))
    out, err = listener.stop()
    shown = {e["text"]: e.get("conflict", False) for e in events_of(out) if e["event"] in ("record", "late")}
    assert all(shown[f"honest {n}"] for n in numbers)
    assert "duplicates" not in counts_of(err)


def test_forged_numbers_of_the_future_do_not_pre_empt(listen):
    listener = listen("--json", "--reorder", "500ms")
    listener.send(record(0, "honest 0"), *(record(n, f"forged {n}") for n in range(2, 10)))
    listener.send(*(record(n, f"honest {n}") for n in range(1, 10)))
    out, _ = listener.stop()
    assert {e.get("text") for e in events_of(out)} >= {f"honest {n}" for n in range(10)}


def test_a_forged_short_record_does_not_hide_a_long_one(listen):
    listener = listen("--json")
    body = b"honest " + b"x" * 1500 + b"\n"
    fragments = [b"6,7,70,-,ncfrag=%d/%d;%s" % (at, len(body), body[at : at + 800]) for at in range(0, len(body), 800)]
    listener.send(record(7, "forged"), *fragments, record(8, "next"))
    out, _ = listener.stop()
    shown = [e for e in events_of(out) if e.get("text", "").startswith("honest") and e["event"] != "duplicate"]
    assert len(shown) == 1 and shown[0]["event"] == "record" and shown[0]["conflict"]


def test_a_repeat_by_the_kernel_is_no_conflict(listen):
    """Its msgid and processor are other ones."""
    listener = listen("--json")
    listener.send(
        record(1, "same", b" host=a\n cpu=1\n msgid=1\n"),
        b"** replaying previous printk message **\n" + record(1, "same", b" host=a\n cpu=2\n msgid=2\n"),
        record(1, "same", b" host=a\n cpu=1\n msgid=1\n"),
    )
    out, err = listener.stop()
    assert [e["event"] for e in events_of(out)] == ["record", "duplicate", "duplicate"]


def test_losses_are_told_apart_and_never_wrap(listen):
    listener = listen("--json")
    listener.send(
        b"** 7 printk messages dropped **\n",
        b"** 18446744073709551615 printk messages dropped **\n",
        record(1),
        record(5),
        record(6, userdata=b" msgid=10\n"),
        record(7, userdata=b" msgid=13\n"),
        record(8, userdata=b" msgid=2000000011\n"),
    )
    out, err = listener.stop()
    counts = counts_of(err)
    lost = [(e["cause"], e["count"]) for e in events_of(out) if e["event"] == "lost"]
    assert lost[0] == ("announced", 7)
    assert ("impossible", 18446744073709551615) in lost and ("impossible", 1999999997) in lost
    assert ("sequence_gap", 3) in lost and ("msgid_gap", 2) in lost
    assert counts["lost announced"] == 7 and counts["lost inferred"] == 3 and counts["lost counted"] == 2
    assert counts["lost"] == 12 and counts["impossible jumps"] == 2


def test_the_name_of_a_task_is_no_userdata(listen, tmp_path):
    listener = listen("--to", f"json@dir:{tmp_path}", "--hosts-from", "key:host")
    listener.send(
        record(1, "a", b" cpu=1\n taskname=x\n host=evil\n"),
        record(2, "b", b" host=web\n cpu=1\n taskname=x\n host=evil\n"),
        record(5, "c", b" host=web\n taskname=x\n msgid=9\n"),
    )
    _, err = listener.stop()
    assert not (tmp_path / "evil.log").exists()
    assert counts_of(err)["lost"] == 2  # the gap is not hidden by a msgid that a task's name brought


# What outputs tell.


def test_every_output_tells_of_conflicts_and_cut_packets(listen, tmp_path):
    packets = [
        record(1, "forged"),
        record(1, "honest"),
        record(2, "x" * 3000),
        b"6,3,30,-,ncfrag=0/8;aaaa",
        b"6,3,30,-,ncfrag=2/8;bbbb",
    ]
    for form in (("--json",), ()):
        listener = listen(*form)
        listener.send(*packets)
        out, _ = listener.stop()
        assert ("conflict" in out) and ("truncated" in out), out
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        listener = listen("--to", f"syslog:udp:127.0.0.1:{server.getsockname()[1]}")
        listener.send(*packets)
        listener.stop()
        messages = [server.recv(65536) for _ in range(5)]
    assert any(b"(conflict) honest" in m for m in messages) and any(b"truncated" in m for m in messages)


def test_a_sender_writes_none_of_our_marks(listen):
    listener = listen()
    listener.send(
        record(1, "(late) x"),
        record(2, "(conflict) x"),
        record(3, "a [... 5 bytes missing ...] b"),
        record(4, "x", b' key=a "b"\n'),
        b"(late) basic\n",
        record(5, "zero\u200bwidth \ufeff \U000e0041 \u2060"),
    )
    out, _ = listener.stop()
    assert "(late)" not in out and "(conflict)" not in out and "[... 5" not in out
    assert r'key="a \x22b\x22"' in out
    assert not any(mark in out for mark in "\u200b\ufeff\U000e0041\u2060")


def test_invisible_characters_are_escaped_in_json(listen):
    listener = listen("--json")
    listener.send(record(1, "a\u200bb\U000e0041c"))
    out, _ = listener.stop()
    assert out.isascii() and json.loads(out)["text"] == "a\u200bb\U000e0041c"


# syslog.


def test_a_record_too_long_for_a_datagram_is_cut_and_the_rest_goes_on(listen):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        listener = listen("--to", f"syslog:udp:127.0.0.1:{server.getsockname()[1]}")
        userdata = b"".join(b" key%d=%s\n" % (i, b"v" * 190) for i in range(350))
        body = b"long\n" + userdata
        fragments = [
            b"6,1,10,-,ncfrag=%d/%d;%s" % (at, len(body), body[at : at + 900]) for at in range(0, len(body), 900)
        ]
        listener.send(*fragments)
        listener.send(*(record(n, f"honest {n}") for n in range(2, 52)))
        listener.stop()
        first = server.recv(1 << 17)
        rest = [server.recv(1 << 17) for _ in range(50)]
    assert len(first) <= 65507 and first.endswith(b" long") and b"[cut@32473 userdata=" in first
    assert [m.rsplit(b" ", 1)[1] for m in rest] == [b"%d" % n for n in range(2, 52)]


# Files.


def test_two_processes_do_not_share_a_directory(listen, tmp_path):
    first = listen("--to", f"dir:{tmp_path}")
    done = run_tool("listen", "127.0.0.1:0", "--to", f"dir:{tmp_path}", "--for", "5s")
    assert done.returncode == 2
    assert f"process {first.process.pid} " in done.stderr and done.stderr.count("\n") == 1
    first.stop()
    assert run_tool("listen", "127.0.0.1:0", "--to", f"dir:{tmp_path}", "--for", "100ms").returncode == 0


def texts_in(path):
    return [json.loads(line)["text"] for line in path.read_text().splitlines() if '"text"' in line]


def texts_of(form, path):
    """What a file of one of the formats has, of records of one word."""
    if form == "json":
        return texts_in(path)
    return [re.search(r"honest|evil", line)[0] for line in path.read_text().splitlines() if "sent by" not in line]


@pytest.mark.parametrize("form", ["json", "full", "short"])
def test_a_name_belongs_to_the_address_that_brought_it_first(listen, tmp_path, form):
    options = ("--to", f"{form}@dir:{tmp_path}", "--hosts-from", "key:host")
    listener = listen(*options)
    listener.send(record(1, "honest", b" host=web\n"), address="127.0.0.2")
    assert until(lambda: (tmp_path / "web.log").exists())
    listener.send(record(1, "evil", b" host=web\n"), record(2, "evil", b" host=127.0.0.2\n"), address="127.0.0.3")
    listener.stop()
    listener = listen(*options)  # and after a restart
    listener.send(record(3, "evil", b" host=web\n"), address="127.0.0.3")
    listener.send(record(2, "honest"), record(3, "honest", b" host=web\n"), address="127.0.0.2")
    listener.stop()
    assert texts_of(form, tmp_path / "web.log") == ["honest"] * 3
    assert texts_of(form, tmp_path / "web@127.0.0.3.log") == ["evil"] * 2
    assert not (tmp_path / "127.0.0.2.log").exists()


def test_a_file_of_short_lines_begins_with_the_address(listen, tmp_path):
    """Each file does: those of addresses, which may get a name later, and those that rotation begins."""
    listener = listen("--to", f"short@dir:{tmp_path},rotate-size=30", "--hosts-from", "key:host", address="[::]:0")
    listener.host = "::1"
    records = record(1, "before"), record(2, "named", b" host=web\n"), record(3, "after")
    for files, packet in enumerate(records, 1):
        listener.send(packet)
        assert until(lambda files=files: len(os.listdir(tmp_path)) == files)
    listener.stop()
    texts = [path.read_text().splitlines() for path in tmp_path.iterdir()]
    assert len(texts) == 3 and {lines[0] for lines in texts} == {"-- sent by ::1"}
    assert {lines[1].split()[-1] for lines in texts} == {"before", "named", "after"}


def test_a_raw_line_says_nothing_of_whose_its_file_is(listen, tmp_path):
    """It is the sender's own text, and could give a machine's records to the file of another one."""
    options = ("--to", f"raw@dir:{tmp_path}", "--to", "full@/dev/null", "--hosts-from", "key:host")
    listener = listen(*options, address="0.0.0.0:0")
    listener.host = "127.0.0.1"
    listener.send(b'{"event":"record","time":"","sender":"127.0.0.2"', address="127.0.0.3")
    listener.stop()
    listener = listen(*options, address="0.0.0.0:0")
    listener.host = "127.0.0.1"
    listener.send(record(1, "honest"), address="127.0.0.2")
    listener.stop()
    assert sorted(os.listdir(tmp_path)) == ["127.0.0.2.log", "127.0.0.3.log"]


def test_a_machine_has_one_history(listen, tmp_path):
    listener = listen("--to", f"json@dir:{tmp_path}", "--hosts-from", "key:host")
    listener.send(record(1, "before"), record(2, "named", b" host=web\n"), record(3, "after"))
    listener.stop()
    assert os.listdir(tmp_path) == ["web.log"]
    assert texts_in(tmp_path / "web.log") == ["before", "named", "after"]


def test_an_inventory_decides_over_names(listen, tmp_path):
    inventory = tmp_path / "machines"
    inventory.write_text("# comment\n127.0.0.2  db  # the database\n")
    logs = tmp_path / "logs"
    logs.mkdir()
    listener = listen("--to", f"json@dir:{logs}", "--hosts-from", f"file:{inventory},key:host")
    listener.send(record(1, "evil", b" host=db\n"), address="127.0.0.3")
    listener.send(record(1, "honest", b" host=other\n"), record(2, "honest"), address="127.0.0.2")
    listener.stop()
    assert sorted(os.listdir(logs)) == ["db.log", "db@127.0.0.3.log"]
    assert texts_in(logs / "db.log") == ["honest"] * 2
    inventory.write_text("127.0.0.2\n")
    done = run_tool("listen", "127.0.0.1:0", "--to", f"dir:{logs}", "--hosts-from", f"file:{inventory}", "--for", "1s")
    assert done.returncode == 2 and f"{inventory}:1: no name follows the address" in done.stderr


@needs_attacker
@pytest.mark.parametrize("kind", ["names", "long-records"])
def test_the_directory_keeps_its_size(listen, tmp_path, kind):
    """Whoever sends most loses its oldest files; a quiet machine keeps its own."""
    listener = listen("--to", f"json@dir:{tmp_path},dir-size=2M,keep=50", "--hosts-from", "key:host")
    listener.send(*(record(n, f"honest {n}") for n in range(20)), address="127.0.0.9")
    assert until(lambda: (tmp_path / "127.0.0.9.log").exists())
    attack(listener, kind, 3000, SECONDS)
    _, err = listener.stop()
    used = sum((path.stat().st_size + 4095) // 4096 * 4096 for path in tmp_path.iterdir())
    assert used <= (2 << 20) + 128 * 1024
    assert texts_in(tmp_path / "127.0.0.9.log") == [f"honest {n}" for n in range(20)]
    assert counts_of(err)["old files removed"] > 0


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=4M", "none", tmp_path]
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("SKIP: tmpfs cannot be mounted here")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)  # a failed test still writes there


def free_bytes(path):
    room = os.statvfs(path)
    return room.f_bavail * room.f_frsize


def quiet_machines(listener, directory):
    """The files of twenty machines that say little."""
    for machine in range(2, 22):
        listener.send(*(record(n, f"quiet {n}") for n in range(20)), address=f"127.0.0.{machine}")
    files = {directory / f"127.0.0.{machine}.log" for machine in range(2, 22)}
    assert until(lambda: all(file.exists() and len(texts_in(file)) == 20 for file in files))
    return {file: file.read_bytes() for file in files}


def flood(listener, records):
    for n in range(records):
        listener.send(record(n, "x" * 900))
        if n % 20 == 0:
            time.sleep(0.002)


@needs_root
def test_free_space_is_kept(listen, small_disk):
    listener = listen("--to", f"json@dir:{small_disk},keep-free=1M,rotate-size=256K")
    flood(listener, 4000)
    _, err = listener.stop()
    assert free_bytes(small_disk) >= (1 << 20) - 8192
    assert counts_of(err).get("records not written", 0) == 0


@needs_root
@pytest.mark.parametrize("keys", ["", ",keep=0", ",keep=1000"])
def test_a_flood_on_a_small_disk_costs_only_its_own_files(listen, small_disk, keys):
    """With the usual rotation size, which is more than the disk has."""
    logs = small_disk / "logs"
    listener = listen("--to", f"json@dir:{logs}{keys}", address="0.0.0.0:0")
    before = quiet_machines(listener, logs)
    flood(listener, 8000)
    _, err = listener.stop()
    assert {file: file.read_bytes() for file in before if file.exists()} == before
    assert counts_of(err).get("records not written", 0) == 0


@needs_root
def test_other_files_on_a_full_disk_cost_no_logs(listen, small_disk):
    logs = small_disk / "logs"
    listener = listen("--to", f"json@dir:{logs}", address="0.0.0.0:0")
    before = quiet_machines(listener, logs)
    (small_disk / "other").write_bytes(bytes(free_bytes(small_disk) - 64 * 1024))
    listener.send(record(21), address="127.0.0.2")
    said = [listener.process.stderr.readline().decode() for _ in range(2)]
    assert said[0] == (
        f"netcon: dir:{logs}: other files fill the file system: keep-free would not be left without all log files "
        "either, and none is removed\n"
    )
    assert "127.0.0.2.log: No space left on device" in said[1]
    assert {file: file.read_bytes() for file in before if file.exists()} == before
    (small_disk / "other").unlink()
    listener.send(record(22, "space again"), address="127.0.0.2")
    _, err = listener.stop()
    assert texts_in(logs / "127.0.0.2.log")[-1] == "space again"
    assert "other files" not in err and counts_of(err)["records not written"] == 1


# What standard error says, and the end.


def test_a_reader_that_takes_nothing_does_not_hold_up_the_end_for_ever(listen):
    listener = listen("--json")
    listener.send(*(record(n, "x" * 900) for n in range(200)))  # more than a pipe holds
    time.sleep(0.3)
    listener.process.send_signal(signal.SIGTERM)
    assert listener.process.wait(60) == 1
    out, err = listener.wait()
    whole = out[: out.rfind("\n") + 1].splitlines()
    assert_every_line_is_accounted_for(whole, counts_of(err))
    assert "Success" not in err


def test_an_error_names_the_file_and_the_reason_once(listen, tmp_path):
    (tmp_path / "127.0.0.1.log").mkdir()
    listener = listen("--to", f"json@dir:{tmp_path}")
    for n in range(30):
        listener.send(record(n))
        time.sleep(0.1)
    _, err = listener.stop()
    told = [line for line in err.splitlines() if "cannot write" in line]
    assert len(told) == 1 and f"{tmp_path}/127.0.0.1.log: Is a directory" in told[0]
    assert "recovered" not in err and counts_of(err)["records not written"] == 30


def test_a_rotation_that_fails_is_told_and_loses_nothing(listen, tmp_path):
    (tmp_path / "127.0.0.1.log.1").mkdir()
    (tmp_path / "127.0.0.1.log.1" / "full").write_text("x")
    (tmp_path / "127.0.0.1.log.2").write_text("old\n")
    listener = listen("--to", f"json@dir:{tmp_path},rotate-size=4096,keep=2")
    for n in range(100):
        listener.send(record(n, f"{n} " + "x" * 100))
        time.sleep(0.002)
    _, err = listener.stop()
    assert "cannot rotate" in err and counts_of(err)["errors of rotation"] > 0
    assert len(texts_in(tmp_path / "127.0.0.1.log")) == 100


# Who may send.


def test_packets_with_a_low_ttl_are_counted(listen):
    listener = listen("--json", "--min-ttl", 64)
    for ttl in (64, 63, 65, 1):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
            s.sendto(record(ttl, str(ttl)), (listener.host, listener.port))
    out, err = listener.stop()
    assert [e["text"] for e in events_of(out) if e["event"] == "record"] == ["64", "65"]
    assert counts_of(err)["packets below the lowest TTL"] == 2


def test_records_without_the_secret_are_shown_apart(listen, tmp_path):
    listener = listen("--to", f"json@dir:{tmp_path}", "--hosts-from", "key:host", "--require", "token=s3cret")
    listener.send(
        record(1, "honest", b" host=web\n token=s3cret\n"),
        record(2, "forged", b" host=web\n"),
        record(3, "forged", b" host=web\n token=guess\n"),
        record(4, "forged", b" taskname=x\n token=s3cret\n"),
    )
    _, err = listener.stop()
    assert texts_in(tmp_path / "web.log") == ["honest"]
    assert texts_in(tmp_path / "unproven.log") == ["forged"] * 3
    assert all(json.loads(line)["unproven"] for line in (tmp_path / "unproven.log").read_text().splitlines())
    assert counts_of(err)["records unproven"] == 3


def test_an_interface_that_is_not_there_is_named():
    done = run_tool("listen", "127.0.0.1:0", "--interface", "nosuch0", "--for", "1s")
    assert done.returncode == 2 and "--interface nosuch0" in done.stderr


def test_only_packets_of_the_interface_are_taken(listen):
    listener = listen("--json", "--interface", "lo", address="127.0.0.1:0")
    listener.send(record(1, "here"))
    out, _ = listener.stop()
    assert [e["text"] for e in events_of(out)] == ["here"]


@pytest.mark.parametrize("denied", ["127.0.0.2", "::ffff:127.0.0.2", "::ffff:127.0.0.0/126"])
def test_a_denied_address_may_be_written_as_ipv6(listen, denied):
    listener = listen("--json", "--deny", denied)
    listener.send(record(1, "denied"), address="127.0.0.2")
    listener.send(record(1, "here"), address="127.0.0.4")
    out, err = listener.stop()
    assert [e["text"] for e in events_of(out)] == ["here"]
    assert counts_of(err)["packets denied"] == 1


def crash_of(function):
    """Records of a crash in a function."""
    lines = (
        "BUG: kernel NULL pointer dereference, address: 0000000000000000",
        "Oops: 0000 [#1] PREEMPT SMP",
        f"RIP: 0010:{function}+0x10/0x20",
        "---[ end trace 0000000000000000 ]---",
    )
    return [record(number, line) for number, line in enumerate(lines, 1)]


def test_a_machine_that_crashes_without_end_leaves_room_for_others(listen, tmp_path):
    """Files and commands of all machines are bounded together. Any user of a machine can forge crashes of it."""
    crashes, told = tmp_path / "crashes", tmp_path / "told"
    crashes.mkdir()
    command = f'echo "$NETCON_FUNCTION" >>"{told}"; sleep 0.1'
    listener = listen("--to", "json@-,match=nothing", "--crash-dir", crashes, "--on-crash", command)
    for number in range(1200):
        listener.send(*crash_of(f"forged_{number}"), address="127.0.0.2")
        if number % 50 == 0:
            time.sleep(0.05)
    assert until(lambda: len(os.listdir(crashes)) == 100)
    listener.send(*crash_of("honest"), address="127.0.0.3")
    assert until(lambda: any("honest" in name for name in os.listdir(crashes)), 20)
    _, err = listener.stop()
    assert "honest" in told.read_text().split()
    assert len(os.listdir(crashes)) == 101
    found = re.search(r"(\d+) crashes without a file", err)
    assert found and int(found[1]) >= 1000


def test_a_pattern_takes_linear_time(listen):
    """Were it worse, the record behind the long ones would not come in time."""
    listener = listen("--to", "json@-,match=I/O error.*hung task", "--count", 1)
    body = b"I/O error " * 12600
    for number in range(1, 25):
        at = range(0, len(body), 900)
        listener.send(*(b"6,%d,1,-,ncfrag=%d/%d;%s" % (number, i, len(body), body[i : i + 900]) for i in at))
        time.sleep(0.01)
    listener.send(record(30, "I/O error: hung task"))
    out, err = listener.wait()
    assert [e["sequence"] for e in events_of(out) if e["event"] == "record"] == [30]
    assert counts_of(err)["records not shown"] == 24
