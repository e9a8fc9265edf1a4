# SPDX-License-Identifier: MIT
"""netcon listen --to journal: against a socket that reads the journal's protocol, and a real journald where one boots."""

import array
import json
import mmap
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import pytest
from conftest import TOOL

CRASHES = pathlib.Path(__file__).resolve().parents[2] / "data" / "crashes"


def record(number, text="text", level=6, userdata=b""):
    return b"%d,%d,%d,-;%s\n%s" % (level, number, number * 10, text.encode(), userdata)


def fields_of(entry):
    """An entry as journald reads it: NAME=value, or NAME, the size in 8 bytes, and the value."""
    found = {}
    while entry:
        line, _, entry = entry.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(entry[:8], "little")
            value = entry[8 : 8 + size]
            assert entry[8 + size : 9 + size] == b"\n"
            entry = entry[9 + size :]
        assert re.fullmatch(rb"[A-Z0-9_]{1,64}", name) and not name.startswith(b"_"), name
        found.setdefault(name.decode(), value)
    return found


class Journal:
    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(30)
        self.files = 0

    def entry(self):
        data, ancillary, *_ = self.socket.recvmsg(1 << 20, socket.CMSG_SPACE(4))
        for _, _, passed in ancillary:
            descriptor = array.array("i", passed)[0]
            with open(descriptor, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as held:
                data = bytes(held)
            self.files += 1
        return fields_of(data)

    def close(self):
        self.socket.close()
        self.path.unlink()


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "socket")
    yield made
    made.socket.close()


def test_records_are_entries(listen, journal):
    listener = listen("--to", f"journal:{journal.path}", "--hosts-from", "key:host")
    listener.send(
        b"6.12.1,11,339,5140900,-,caller=T7;disk\\x0aPRIORITY=0\n SUBSYSTEM=net\n host=web17\n MESSAGE=evil\n",
        b"<4>[   12.345678] basic\n",
        b"9999,1,1,-;junk\n",
    )
    first = journal.entry()
    assert first.pop("NETCONSOLE_SENDER_PORT").isdigit() and first.pop("NETCONSOLE_TIME").endswith(b"Z")
    assert first == {
        "MESSAGE": b"disk\nPRIORITY=0",
        "PRIORITY": b"3",
        "SYSLOG_FACILITY": b"1",
        "SYSLOG_IDENTIFIER": b"kernel",
        "NETCONSOLE_EVENT": b"record",
        "NETCONSOLE_HOST": b"web17",
        "NETCONSOLE_SENDER": b"127.0.0.1",
        "NETCONSOLE_RELEASE": b"6.12.1",
        "NETCONSOLE_SEQUENCE": b"339",
        "NETCONSOLE_USEC": b"5140900",
        "NETCONSOLE_CALLER": b"T7",
        "NETCONSOLE_USERDATA_SUBSYSTEM": b"net",
        "NETCONSOLE_USERDATA_HOST": b"web17",
        "NETCONSOLE_USERDATA_MESSAGE": b"evil",
    }
    second = journal.entry()
    assert (second["MESSAGE"], second["PRIORITY"], second["NETCONSOLE_USEC"]) == (b"basic", b"4", b"12345678")
    third = journal.entry()
    assert (third["SYSLOG_IDENTIFIER"], third["NETCONSOLE_EVENT"]) == (b"netcon", b"junk")
    _, err = listener.stop()
    assert "not written" not in err


def test_a_crash_is_an_entry_with_its_facts(listen, journal):
    log = (CRASHES / "warning.txt").read_text().partition("\n\n")[2]
    texts = [line.split("] ", 1)[1] for line in log.splitlines()]
    listener = listen("--to", f"journal:{journal.path}")
    listener.send(*(record(n, text, 4) for n, text in enumerate(["pond: fine"] * 3 + texts + ["pond: fine"])))
    entry = journal.entry()
    while entry["NETCONSOLE_EVENT"] != b"crash":
        entry = journal.entry()
    assert entry["NETCONSOLE_CRASH_KIND"] == b"warning"
    assert entry["NETCONSOLE_CRASH_TITLE"].decode() in entry["MESSAGE"].decode()
    assert entry["PRIORITY"] == b"2" and entry["NETCONSOLE_CRASH_TEXT"].count(b"\n") > 5
    listener.stop()


def test_what_no_datagram_holds_is_a_sealed_file(listen, journal):
    listener = listen("--to", f"journal:{journal.path}")
    # More than the send buffer of a socket, as few systems allow.
    small = int(pathlib.Path("/proc/sys/net/core/wmem_max").read_text())
    body = b"x" * 60000 + b"\n"
    listener.send(*(b"6,1,10,-,ncfrag=%d/%d;%s" % (i, len(body), body[i : i + 900]) for i in range(0, len(body), 900)))
    assert journal.entry()["MESSAGE"] == b"x" * 60000
    assert journal.files == (1 if small * 2 < 60000 else 0)
    listener.stop()


def test_a_journal_that_restarts_loses_nothing_that_is_not_counted(listen, journal, tmp_path):
    listener = listen("--to", f"journal:{journal.path}")
    listener.send(record(1, "before"))
    assert journal.entry()["MESSAGE"] == b"before"
    journal.close()
    lost = 0
    while not lost:
        listener.send(record(2, "lost"))
        line = listener.process.stderr.readline().decode()
        lost = "cannot write to journal:" in line
    again = Journal(journal.path)
    end = time.monotonic() + 60
    got, sent = [], 0
    again.socket.settimeout(0.3)
    while not got and time.monotonic() < end:
        listener.send(record(10 + sent, "after"))
        sent += 1
        try:
            got.append(again.entry())
        except TimeoutError:
            pass
    assert got[0]["MESSAGE"] == b"after"
    _, err = listener.stop()
    assert re.search(r"(\d+) records not written", err)
    again.socket.close()


def test_levels_stand_before_the_lines_where_standard_output_is_the_journal(tmp_path):
    with open(tmp_path / "out", "wb") as out:
        status = os.fstat(out.fileno())
        process = subprocess.Popen(
            [TOOL, "listen", "127.0.0.1:0", "--count", "2"],
            stdout=out,
            stderr=subprocess.PIPE,
            env={**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"},
        )
        port = int(process.stderr.readline().decode().rsplit(":", 1)[1])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(record(1, "wrong", 3), ("127.0.0.1", port))
            s.sendto(record(4, "fine", 6), ("127.0.0.1", port))
        process.communicate(timeout=60)
    lines = (tmp_path / "out").read_text().splitlines()
    assert [line[:3] for line in lines] == ["<3>", "<4>", "<6>"]


JOURNALD = next(
    (path for path in ("/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald") if os.path.exists(path)),
    None,
)


class RealJournal:
    """A journald with a /run of its own, which keeps this machine's journal out of it."""

    def __init__(self):
        start = f"mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal && exec {JOURNALD}"
        self.process = subprocess.Popen(["unshare", "-m", "sh", "-c", start], stderr=subprocess.PIPE)
        self.run = pathlib.Path(f"/proc/{self.process.pid}/root/run")
        self.socket = self.run / "systemd/journal/socket"
        end = time.monotonic() + 60
        while not (self.run / "systemd/journal").exists() or not self.socket.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                pytest.skip("SKIP: journald does not start here: " + self.process.stderr.read().decode())
            time.sleep(0.05)

    def entries(self, *options):
        out = subprocess.run(
            ["journalctl", f"--directory={self.run}/log/journal", "-o", "json", *options],
            capture_output=True,
            text=True,
            timeout=60,
        )
        return [json.loads(line) for line in out.stdout.splitlines()]

    def wait_for(self, count, *options):
        end = time.monotonic() + 60
        while len(self.entries(*options)) < count:
            assert time.monotonic() < end, self.entries(*options)
            time.sleep(0.1)
        return self.entries(*options)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


@pytest.mark.skipif(os.geteuid() != 0, reason="SKIP: a journald of its own needs root")
@pytest.mark.skipif(JOURNALD is None, reason="SKIP: systemd-journald (systemd) is not installed")
@pytest.mark.skipif(not shutil.which("unshare"), reason="SKIP: unshare (util-linux) is not installed")
@pytest.mark.skipif(
    not os.path.exists("/etc/machine-id"), reason="SKIP: this machine has no id, without which journald ends"
)
def test_the_real_journal(listen):
    """journalctl finds records by host, level and identifier, large ones too."""
    journal = RealJournal()
    listener = listen("--to", f"journal:{journal.socket}", "--hosts-from", "key:host")
    userdata = b" host=web17\n"
    listener.send(record(1, "disk \u00e9", 3, userdata), record(2, "fine", 6, userdata))
    listener.send(record(3, "other", 3), address="127.0.0.3")
    try:
        found = journal.wait_for(2, "-t", "kernel", "NETCONSOLE_HOST=web17")
        assert [entry["MESSAGE"] for entry in found] == ["disk \u00e9", "fine"]
        (entry,) = journal.entries("-t", "kernel", "NETCONSOLE_HOST=web17", "-p", "err")
        assert (entry["NETCONSOLE_SEQUENCE"], entry["NETCONSOLE_USERDATA_HOST"]) == ("1", "web17")
        assert (entry["PRIORITY"], entry["SYSLOG_FACILITY"], entry["NETCONSOLE_SENDER"]) == ("3", "0", "127.0.0.1")
        body = b"two\\x0alines " + b"x" * 60000 + b"\n"
        parts = range(0, len(body), 900)
        listener.send(*(b"6,5,40,-,ncfrag=%d/%d;%s" % (at, len(body), body[at : at + 900]) for at in parts))
        # journalctl leaves out the text of fields above 4,096 bytes unless it is asked for them.
        (entry,) = journal.wait_for(1, "NETCONSOLE_SEQUENCE=5", "--all")
        assert entry["MESSAGE"] == "two\nlines " + "x" * 60000
    finally:
        _, err = listener.stop()
        journal.stop()
    assert "not written" not in err
