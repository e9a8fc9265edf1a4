# SPDX-License-Identifier: MIT
"""Outputs of netcon listen, several at once: formats, filters, files, and that a bad one costs no other."""

import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import socket
import time

import pytest
from conftest import drops, lines_about, run_tool, text_of, until


def record(number, text="text", level=6):
    return b"%d,%d,%d,-;%s\n" % (level, number, number * 10, text.encode())


def texts(out):
    return [json.loads(line)["text"] for line in out.splitlines() if '"event":"record"' in line]


def test_each_output_has_its_format_and_filter(listen, tmp_path):
    listener = listen(
        *("--to", "json@-,min-level=err", "--to", f"full@{tmp_path}/all.log", "--to", f"raw@{tmp_path}/raw"),
        *("--to", f"json@dir:{tmp_path}/new/logs,match=disk", "--to", f"json@{tmp_path}/same,min-level=err"),
    )
    packets = [record(1, "fan", 6), record(2, "disk", 3), record(3, "disk", 6)]
    listener.send(*packets)
    out, err = listener.stop()
    assert texts(out) == ["disk"]
    assert (tmp_path / "same").read_text() == out
    assert [line.rsplit(" ", 1)[1] for line in (tmp_path / "all.log").read_text().splitlines()] == [
        "fan",
        "disk",
        "disk",
    ]
    assert (tmp_path / "raw").read_bytes() == b"".join(packets)
    assert texts((tmp_path / "new/logs/127.0.0.1.log").read_text()) == ["disk", "disk"]
    assert oct((tmp_path / "new/logs").stat().st_mode & 0o777) == "0o750"
    about = lines_about(err)
    assert about["standard output"] == {"records": 1, "remarks written": 0, "records not shown": 2}
    assert about[f"dir:{tmp_path}/new/logs"] == {"records": 2, "remarks written": 0, "records not shown": 1}
    assert about[f"{tmp_path}/raw"]["records"] == 3
    assert "netcon: received 3 records, 3 packets" in err.splitlines()[-1]


def test_the_manual_page_shows_the_formats_as_they_are(listen, tmp_path):
    notes = pathlib.Path(__file__).parents[3] / "examples/netcon/reference/notes/netcon-listen.1"
    section = notes.read_text().partition(".SH FORMATS\n")[2].partition("\n.SH ")[0].replace("\\-", "-")
    blocks = re.findall(r"\.RS\n(.*?)\.RE\n", section, re.S)
    blocks[2] = blocks[2].replace("\n ", "")
    formats = ("short", "full", "json")
    listener = listen(*(word for one in formats for word in ("--to", f"{one}@{tmp_path}/{one}")))
    listener.send(
        b"3,812,94021337,-,caller=T17;ata1.00: failed command: READ DMA\n host=web17\n",
        b"6,815,94021400,-,caller=T17;ata1: hard resetting link\n host=web17\n",
    )
    listener.stop()

    def without_times_and_ports(text):
        text = re.sub(r"(\d{4}-\d\d-\d\d.)?\d\d:\d\d:\d\d[.\dZ]*", "TIME", text.replace("10.0.0.17", "127.0.0.1"))
        return re.sub(r'(127\.0\.0\.1:|port":)\d+', "PORT", text)

    for one, block in zip(formats, blocks, strict=True):
        assert without_times_and_ports((tmp_path / one).read_text()) == without_times_and_ports(block)


def test_two_outputs_of_one_place_are_refused(tmp_path, monkeypatch):
    """Whatever the spelling, also where the file is not there yet, and before anything is opened."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "other").symlink_to("logs")
    (tmp_path / "log").touch()
    os.link(tmp_path / "log", tmp_path / "hard")
    (tmp_path / "link").symlink_to(tmp_path / "log")
    (tmp_path / "dangling").symlink_to("new")
    local = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    local.bind(str(tmp_path / "socket"))
    (tmp_path / "dev-log").symlink_to("socket")
    here = str(tmp_path)

    def check(one, other):
        done = run_tool("listen", "--to", one, "--to", other, "--check-config")
        assert done.returncode in (0, 2) and (done.returncode == 0) == (done.stderr == ""), done.stderr
        return done.stderr

    for one, other in (
        ("-", "json@-,min-level=err"),
        ("-", "/dev/stdout"),
        (f"{here}/log", f"json@{here}/../{tmp_path.name}//log"),
        (f"{here}/log", f"{os.path.relpath(here)}/log"),
        (f"{here}/log", f"{here}/link"),
        (f"{here}/log", f"{here}/hard"),
        (f"{here}/new", f"{here}/dangling"),
        (f"{here}/none/new", f"{here}/none/./new"),
        (f"dir:{here}/logs", f"dir:{here}/other/"),
        (f"dir:{here}/later", f"json@dir:{here}/later/"),
        (f"syslog:unix:{here}/socket", f"syslog:unix:{here}/dev-log,min-level=err"),
        (f"journal:{here}/socket", f"journal:{here}/dev-log"),
        ("syslog:udp:127.0.0.1", "syslog:udp:127.0.0.1:514"),
    ):
        said = f"netcon listen: --to '{other}': --to '{one}' writes to the same place: leave one out\n"
        assert check(one, other) == said
    for one, other in (("new", "./new"), (f"{here}/new", "new"), ("dir:later", "dir:./later/")):
        monkeypatch.chdir(tmp_path)
        assert f"--to '{other}': --to '{one}' writes to the same place" in check(one, other)
    for one, other in ((f"dir:{here}/other", f"{here}/logs/web.log"), (f"{here}/logs/web.log.1", f"dir:{here}/logs")):
        assert "that is a file of --to 'dir:" in check(one, other)
    for one, other in (
        (f"{here}/log", f"{here}/log2"),
        (f"dir:{here}/logs", f"{here}/logs/all"),
        (f"dir:{here}/logs", f"dir:{here}/logs/err"),
        ("syslog:udp:127.0.0.1", "syslog:tcp:127.0.0.1"),
        (f"syslog:unix:{here}/socket", "syslog:udp:127.0.0.1"),
    ):
        assert check(one, other) == ""
    local.close()
    assert not (tmp_path / "new").exists() and not (tmp_path / "later").exists()


def test_readers_that_take_nothing_are_waited_for_together(listen, tmp_path):
    paths = [tmp_path / f"stuck{number}" for number in range(4)]
    for path in paths:
        os.mkfifo(path)
    readers = [os.open(path, os.O_RDONLY | os.O_NONBLOCK) for path in paths]
    listener = listen(
        *(argument for path in paths for argument in ("--to", f"json@{path}")), "--to", f"{tmp_path}/well"
    )
    for sent in range(0, 2000, 100):
        listener.send(*(record(n, "x" * 100) for n in range(sent, sent + 100)))
        assert until(lambda sent=sent: text_of(tmp_path / "well").count("\n") == sent + 100)
    begun = time.monotonic()
    _, err = listener.stop()
    assert time.monotonic() - begun < 10
    received, about = 2000, lines_about(err)
    assert about[f"{tmp_path}/well"]["records"] == received
    for path in paths:
        assert about[str(path)]["records"] + about[str(path)]["records not written"] == received
    assert listener.process.returncode == 1
    for reader in readers:
        os.close(reader)


def test_a_stuck_and_a_broken_output_cost_no_other(listen, tmp_path):
    """One that nobody reads, one that refuses all, one whose server is away, and a healthy one."""
    os.mkfifo(tmp_path / "stuck")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/127.0.0.1.log").mkdir()
    reader = os.open(tmp_path / "stuck", os.O_RDONLY | os.O_NONBLOCK)
    listener = listen(
        *("--to", f"json@{tmp_path}/stuck,queue=64K", "--to", f"json@dir:{tmp_path}/broken"),
        *("--to", f"syslog:unix:{tmp_path}/nobody", "--to", f"json@{tmp_path}/good"),
    )
    total = 2000
    for n in range(total):
        listener.send(record(n, f"{n} " + "x" * 200))
        if n % 20 == 0:
            time.sleep(0.002)
    listener.process.send_signal(signal.SIGTERM)
    _, err = listener.wait()
    os.close(reader)
    assert listener.process.returncode == 1
    received = int(re.search(r"received (\d+) records", err)[1])
    assert received + drops(err) == total
    good = [json.loads(line)["sequence"] for line in (tmp_path / "good").read_text().splitlines() if '"record"' in line]
    assert len(good) == received
    about = lines_about(err)
    assert about[f"{tmp_path}/good"]["records"] == received
    assert about[f"dir:{tmp_path}/broken"]["records not written"] == received
    assert about[f"syslog:unix:{tmp_path}/nobody"]["records not written"] == received
    stuck = about[f"{tmp_path}/stuck"]
    assert stuck["records"] + stuck["records not written"] == received and stuck["records not written"] > 0


def test_each_output_accounts_for_every_remark(listen, tmp_path):
    """Those that its format has no line for too: a duplicate, and the line that begins a crash."""
    listener = listen("--to", f"full@{tmp_path}/a", "--to", f"json@{tmp_path}/b", "--to", f"syslog:unix:{tmp_path}/no")
    crash = ["BUG: kernel NULL pointer dereference, address: 0000000000000000", "RIP: 0010:foo+0x1/0x2"]
    packets = [record(number, line, 1) for number, line in enumerate(crash, 1)]
    listener.send(*packets, packets[-1], record(9, "after a gap"))
    _, err = listener.stop()
    all_remarks = int(re.search(r"in detail: .*?(\d+) remarks\b", err)[1])
    assert all_remarks == 4  # the duplicate, the loss, and the two events of the crash
    about = lines_about(err)
    for place in (f"{tmp_path}/a", f"{tmp_path}/b", f"syslog:unix:{tmp_path}/no"):
        counts = about[place]
        assert sum(count for what, count in counts.items() if what.startswith("remarks")) == all_remarks, place


def test_a_limit_of_file_sizes_is_refused_room_and_no_end(listen, tmp_path):
    """ulimit -f, LimitFSIZE= of a service: its signal would end the program, and cost the other outputs their lines."""
    listener = listen("--to", f"json@{tmp_path}/a", "--to", "json@-,sender=127.0.0.1")
    resource.prlimit(listener.process.pid, resource.RLIMIT_FSIZE, (8192, 8192))
    listener.send(*(record(number, "x" * 500) for number in range(1, 101)))
    out, err = listener.stop()
    assert listener.process.returncode == 1
    assert len(texts(out)) == 100
    written = texts((tmp_path / "a").read_text())
    assert "cannot write to" in err and "File too large" in err
    assert lines_about(err)[f"{tmp_path}/a"] == {
        "records": len(written),
        "remarks written": 0,
        "records not written": 100 - len(written),
    }


def test_a_syslog_server_that_does_not_answer_is_named_so(listen):
    """Its queue is full, so that the kernel answers no further connection. The wait ends after five seconds."""
    with socket.socket() as server, contextlib.ExitStack() as clients:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            client = clients.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        listener = listen("--to", "syslog:tcp:127.0.0.1:%d" % server.getsockname()[1])
        listener.send(record(1))
        line = listener.process.stderr.readline().decode()
        listener.stop()
    assert "cannot write to syslog:tcp" in line and "Connection timed out" in line


def test_hang_up_costs_servers_nothing(listen, tmp_path):
    """Files are opened again; connections stay, and what comes meanwhile is sent."""
    local, journal = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    local.bind(str(tmp_path / "local"))
    journal.bind(str(tmp_path / "journal"))
    server = socket.create_server(("127.0.0.1", 0))
    places = [f"syslog:unix:{tmp_path}/local", f"journal:{tmp_path}/journal"]
    places.append(f"syslog:tcp:127.0.0.1:{server.getsockname()[1]}")
    listener = listen(*(word for place in places for word in ("--to", place)))
    listener.send(record(1, "text 1 ends"))
    connection, _ = server.accept()
    connection.settimeout(30)
    stream, total = b"", 20
    for n in range(1, total + 1):
        assert b"text %d ends" % n in local.recv(65536)
        assert b"text %d ends" % n in journal.recv(65536)
        while b"text %d ends" % n not in stream:
            stream += connection.recv(65536)
        listener.process.send_signal(signal.SIGHUP)
        if n < total:
            listener.send(record(n + 1, f"text {n + 1} ends"))
    _, err = listener.stop()
    about = lines_about(err)
    assert {place: about[place] for place in places} == {
        place: {"records": total, "remarks written": 0} for place in places
    }
    for one in (local, journal, connection, server):
        one.close()


def test_a_reader_that_has_gone_ends_it_only_when_no_other_output_is_left(listen, tmp_path):
    listener = listen("--to", "json@-", "--to", f"json@{tmp_path}/log")
    listener.send(record(1))
    assert listener.process.stdout.readline()
    listener.process.stdout.close()
    listener.process.stdout = None
    for n in range(2, 30):
        listener.send(record(n))
        time.sleep(0.02)
    assert listener.process.poll() is None
    listener.stop()
    assert len(texts((tmp_path / "log").read_text())) == 29


def test_a_file_is_rotated_and_opened_again(listen, tmp_path):
    log = tmp_path / "log"
    listener = listen("--to", f"json@{log},rotate-size=2000,keep=2")
    for n in range(100):
        listener.send(record(n, str(n)))
        assert until(lambda: texts(text_of(log).rpartition("\n")[0])[-1:] == [str(n)])
    log.rename(tmp_path / "moved")
    listener.process.send_signal(signal.SIGHUP)
    last = 100
    while not log.exists():  # until the signal has come
        listener.send(record(last, str(last)))
        last += 1
        time.sleep(0.05)
    listener.stop()
    assert sorted(os.listdir(tmp_path)) == ["log", "log.1", "log.2", "moved"]
    kept = [int(text) for name in ("log.2", "log.1", "moved", "log") for text in texts((tmp_path / name).read_text())]
    assert kept == list(range(last - len(kept), last)) and len(kept) > 10


def test_a_file_that_another_program_cut_is_as_long_as_it_is(listen, tmp_path):
    """logrotate does so with copytruncate."""
    log = tmp_path / "log"
    listener = listen("--to", f"{log},rotate-size=2000")
    for n in range(4):
        listener.send(*(record(10 * n + i, "x" * 100) for i in range(8)))
        assert until(lambda: log.read_text().count("\n") == 8)
        os.truncate(log, 0)
    _, err = listener.stop()
    assert [one.name for one in tmp_path.iterdir()] == ["log"]
    assert "32 records" in err and "not written" not in err


def test_a_file_that_was_moved_away_shifts_no_older_one(listen, tmp_path):
    log = tmp_path / "log"
    older = [tmp_path / "log.1", tmp_path / "log.2"]
    listener = listen("--to", f"json@{log},rotate-size=2000,keep=2")
    number = 0

    def send():
        nonlocal number
        listener.send(record(number, str(number)))
        number += 1
        time.sleep(0.005)

    while not older[1].exists() or not log.exists():
        send()
    before = [path.stat().st_ino for path in older]
    log.rename(tmp_path / "moved")
    while not log.exists():  # its rotation would be due
        send()
    assert [path.stat().st_ino for path in older] == before


@pytest.mark.parametrize(
    "options, says",
    [
        (("--to", "-", "--to", "json@-"), "--to 'json@-': --to '-' writes to the same place: leave one out"),
        (("--to", "/tmp/../x", "--metrics", "/x"), "--metrics '/x': --to '/tmp/../x' writes to the same place"),
        (("--to", "dir:/x", "--metrics", "/x/a.log"), "--metrics '/x/a.log': that is a file of --to 'dir:/x'"),
        (
            ("--metrics", "[::1]:9779", "--metrics", "[0::1]:9779"),
            "--metrics '[0::1]:9779': --metrics '[::1]:9779' writes to the same place",
        ),
        (("--to", "jsno@-"), "--to 'jsno@-': 'jsno' is not a format; did you mean json?"),
        (("--to", "/nonexistent/log"), "--to /nonexistent/log: No such file or directory"),
        (("--to", "raw@-", "--reorder", "1s"), "--reorder is for records, and raw outputs have none"),
        (("--to", "raw@-", "--require", "a=b"), "--require is for records"),
        (("--to", "raw@-", "--hosts-from", "dns"), "--hosts-from is for records"),
        (("--to", "raw@-", "--hide-probes"), "--hide-probes is for records"),
        (("--to", "raw@-", "--silent-after", "1h", "--crash-dir", "."), "--silent-after is for records"),
        (("--json", "--to", "raw@-"), "--json: every output has a format of its own"),
        (("--hosts-from", "key"), "--hosts-from 'key': write key:NAME, file:PATH or dns"),
        (("--hosts-from", "file:/nonexistent"), "--hosts-from file:/nonexistent: No such file or directory"),
        (("--hosts-from", "key:a,key:b"), "--hosts-from 'key:b' is a second one of its kind: leave one out"),
    ],
)
def test_mistakes_are_one_line(options, says):
    done = run_tool("listen", "127.0.0.1:0", "--for", "5s", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"netcon listen: {says}") and done.stderr.count("\n") == 1


def test_ports_of_their_own_option(listen):
    listener = listen("-p", 0, "--json", address="127.0.0.1:0")
    second = int(re.search(r":(\d+)$", listener.process.stderr.readline().decode())[1])
    assert second != listener.port
    listener.send(record(1, "first"))
    assert b"first" in listener.process.stdout.readline()
    listener.port = second
    listener.send(record(1, "second"))
    assert b"second" in listener.process.stdout.readline()
    listener.stop()
