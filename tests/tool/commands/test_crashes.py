# SPDX-License-Identifier: MIT
"""netcon crashes and the crashes of netcon listen, as a user meets them."""

import gzip
import itertools
import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from conftest import DATA, handles, run_tool

CRASHES = DATA / "crashes"
OOPS = DATA / "captures" / "oops_cid.pcap"


def facts(name):
    """What a report of the example must say, and its lines without their stamps."""
    head, _, log = ("\n" + (CRASHES / f"{name}.txt").read_text()).partition("\n\n")
    words = dict(line.split(": ", 1) for line in head.splitlines() if line)
    return words, [line.split("] ", 1)[1] for line in log.splitlines()]


def records(lines, start=0, userdata=""):
    """Extended records, as a kernel sends them."""
    return [f"4,{start + i},{1000000 + i * 100},-;{line}\n{userdata}".encode() for i, line in enumerate(lines)]


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def test_each_example_is_listed():
    for path in sorted(CRASHES.glob("*.txt")):
        wanted, _ = facts(path.stem)
        done = run_tool("crashes", "--json", path)
        assert done.returncode == 0
        titles = [wanted["title"]] if "title" in wanted else []
        assert [crash["title"] for crash in objects(done.stdout)] == titles


def test_json_has_the_members_of_the_documentation():
    (crash,) = objects(run_tool("crashes", "--json", CRASHES / "null_dereference.txt").stdout)
    assert crash["function"] == "pond_open"
    assert crash["module"] == "pond"
    assert crash["type"] == "NULL-POINTER-DEREFERENCE"
    assert crash["panicked"] is True
    assert crash["corrupted"] is False
    assert crash["complete"] is None
    assert crash["missing"] == []
    assert crash["release"] == "6.12.9-lake"
    assert crash["frames"][1] == {"function": "chrdev_open", "offset": 0xC4, "size": 0x250, "certain": True}
    assert "Kernel panic - not syncing: Fatal exception" in crash["text"]
    assert len(crash["signature"]) == 16


def test_a_log_with_the_newest_line_first_is_told(tmp_path):
    lines = [f"Nov 28 07:40:{second:02} web17 kernel: {line}" for second, line in enumerate(facts("warning")[1][:40])]
    log = tmp_path / "web17.log"
    log.write_text("\n".join(lines) + "\n")
    assert "newest" not in run_tool("crashes", log).stderr
    log.write_text("\n".join(reversed(lines)) + "\n")
    done = run_tool("crashes", log)
    assert done.returncode == 0
    assert f"{log} has its newest line first" in done.stderr


def test_the_forms_of_one_log(tmp_path):
    wanted, lines = facts("warning")
    syslog = "".join(f"Nov 28 07:40:32 web17 kernel: [    1.000000] {line}\r\n" for line in lines)
    forms = {
        "syslog": syslog.encode(),
        "gzip": gzip.compress(syslog.encode()),
        "records": b"".join(records(lines)),
        "glued": b"".join(records(["before", *lines])).replace(b"\n4,1,", b"4,1,"),
        "journal": "".join(json.dumps({"_TRANSPORT": "kernel", "MESSAGE": line}) + "\n" for line in lines).encode(),
        **{
            name: "".join(f"{stamp}{line}\n" for line in lines).encode()
            for name, stamp in {
                "dmesg": "kern  :warn  : 2026-11-28T07:40:32,250000+00:00 ",
                "containers": "2026-11-28T07:40:32.250000000Z ",
                "ts": "Nov 28 07:40:32 ",
                "monotonic": "[    1.000000] web17 kernel: ",
                "full": "Sat 2026-11-28 07:40:32 UTC web17 kernel: ",
                "German": "Dez 28 07:40:32 web17 kernel: ",
                "quoted": "> [    1.000000] ",
            }.items()
        },
        "export": "".join(f"__CURSOR=1\n_TRANSPORT=kernel\nMESSAGE={line}\n\n" for line in lines).encode(),
    }
    for form, log in forms.items():
        (tmp_path / form).write_bytes(log)
        (crash,) = objects(run_tool("crashes", "--json", tmp_path / form).stdout)
        assert crash["title"] == wanted["title"], form
    assert run_tool("crashes", "-", stdin=syslog.encode()).stdout.count("web17") == 1


@pytest.mark.skipif(shutil.which("zstd") is None, reason="no zstd")
def test_zstd(tmp_path):
    command = ["zstd", "-q", "-c", CRASHES / "warning.txt"]
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    (tmp_path / "log.zst").write_bytes(packed)
    done = run_tool("crashes", tmp_path / "log.zst")
    assert "WARNING in newt_resize" in done.stdout or "without libzstd" in done.stderr


def test_a_capture_of_a_booted_kernel():
    done = run_tool("crashes", OOPS)
    assert "WARNING in lkdtm_WARNING" in done.stdout
    assert "BUG: unable to handle kernel NULL pointer dereference in lkdtm_EXCEPTION" in done.stdout
    assert "kernel BUG in lkdtm_BUG" in done.stdout


def with_snaplen(capture, size):
    """The same as `tcpdump -s SIZE` had written it."""
    out, at = capture[:16] + struct.pack("<I", size) + capture[20:24], 24
    while at < len(capture):
        seconds, micros, kept, whole = struct.unpack_from("<IIII", capture, at)
        frame = capture[at + 16 : at + 16 + kept][:size]
        out += struct.pack("<IIII", seconds, micros, len(frame), whole) + frame
        at += 16 + kept
    return out


def test_a_crash_of_which_the_capture_cut_lines_is_not_complete():
    capture = (DATA / "captures" / "oops_cid.pcap").read_bytes()
    assert run_tool("crashes", "-", stdin=capture).stdout.count("(complete)") == 3
    cut = run_tool("crashes", "-", stdin=with_snaplen(capture, 120))
    assert "lkdtm_BUG" in cut.stdout
    assert "(complete" not in cut.stdout
    assert "netcon crashes: standard input: 171 datagrams were truncated by the capture\n" in cut.stderr


def test_two_targets_of_one_machine_give_one_report():
    """The machine of this capture sends to two ports: basic lines to one, numbered records to the other."""
    reports = [json.loads(line) for line in run_tool("crashes", "--json", OOPS).stdout.splitlines()]
    assert len(reports) == 3
    for report in reports:
        assert report["complete"] is True and "first_sequence" in report
        lines = report["text"].splitlines()
        assert not any(one == other for one, other in itertools.pairwise(lines))


def test_a_port_that_falls_silent_gives_no_second_report(tmp_path):
    """The machine is gone with its crash; another one goes on sending to one of the two ports for minutes."""
    data = OOPS.read_bytes()
    frames, at = [], 24
    while at < len(data):
        seconds, micros, size, length = struct.unpack_from("<IIII", data, at)
        frames.append((seconds, micros, data[at + 16 : at + 16 + size]))
        at += 16 + size
    for port in (6801, 6802):
        (sample,) = [frame for _, _, frame in frames if frame[36:38] == port.to_bytes(2, "big")][-1:]
        other = sample[:26] + bytes([10, 0, 2, 99]) + sample[30:40] + b"\0\0" + sample[42:]  # its address, no checksum
        later = [*frames, *((frames[-1][0] + wait, 0, other) for wait in range(10, 200, 10))]
        path = tmp_path / f"{port}.pcap"
        path.write_bytes(data[:24] + b"".join(struct.pack("<IIII", s, us, len(f), len(f)) + f for s, us, f in later))
        reports = [json.loads(line) for line in run_tool("crashes", "--json", path).stdout.splitlines()]
        assert len(reports) == 3 and all(one["complete"] is True for one in reports)


def test_a_link_is_no_further_log(tmp_path):
    logs, elsewhere = tmp_path / "logs", tmp_path / "elsewhere.log"
    logs.mkdir()
    shutil.copy(CRASHES / "warning.txt", logs / "b.log")
    shutil.copy(CRASHES / "hung_task.txt", elsewhere)
    for link, target in (
        ("a.log", "b.log"),
        ("c.log", "b.log"),
        ("d.log", "e.log"),
        ("e.log", elsewhere),
        ("f.log", "-"),
    ):
        (logs / link).symlink_to(target)
    done = run_tool("crashes", logs)
    assert done.stdout.count("WARNING in newt_resize") == 1
    assert "netcon: 2 crashes in 2 files\n" in done.stderr
    assert run_tool("crashes", logs / "a.log").stdout.count("WARNING in newt_resize") == 1


def test_show_group_and_directories(tmp_path):
    shutil.copy(CRASHES / "warning.txt", tmp_path / "a.log.1")
    shutil.copy(CRASHES / "warning.txt", tmp_path / "a.log")
    shutil.copy(CRASHES / "hung_task.txt", tmp_path / "b.log")
    done = run_tool("crashes", tmp_path)
    assert done.stdout.count("WARNING in newt_resize") == 2
    assert "2 times" in done.stdout
    grouped = run_tool("crashes", "--group", tmp_path).stdout.splitlines()
    assert len(grouped) == 2
    assert grouped[0].split()[:2] == ["2", "times"]
    shown = run_tool("crashes", "--show", "3", tmp_path)
    assert shown.stdout.startswith("title: INFO: task hung in frog_doze\n")
    missing = run_tool("crashes", "--show", "4", tmp_path)
    assert missing.returncode == 2
    assert "there is no crash 4: the files hold 3" in missing.stderr


def test_the_parts_of_a_dump_in_pstore_are_one_log(tmp_path):
    lines = [f"<4>[   80.{i:06d}] {line}\n" for i, line in enumerate(facts("null_dereference")[1])]
    size = len(lines) // 3
    for part in (1, 2, 3):  # the first one has the end
        end = len(lines) - (part - 1) * size
        text = "".join(lines[0 if part == 3 else end - size : end])
        (tmp_path / f"dmesg-efi_pstore-1795851632{part:02d}001").write_text(f"Panic#1 Part{part}\n{text}")
    done = run_tool("crashes", "--json", tmp_path)
    (crash,) = objects(done.stdout)
    assert crash["title"] == facts("null_dereference")[0]["title"] and crash["panicked"]
    assert "Kernel panic" in crash["text"]
    assert done.stderr == "netcon: 1 crash in 3 files\n"
    shown = run_tool("decode", tmp_path).stdout.splitlines()
    assert len(shown) == len(lines) and "end Kernel panic" in shown[-1]
    (tmp_path / "dmesg-efi_pstore-179585163202001").chmod(0)
    if os.geteuid() != 0:
        done = run_tool("crashes", tmp_path)
        assert done.returncode == 2 and "dmesg-efi_pstore-179585163202001" in done.stderr


def test_times_of_groups_are_those_of_their_crashes(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    times = [one["time"] for one in objects(run_tool("crashes", "--json", OOPS, OOPS).stdout)]
    groups = objects(run_tool("crashes", "--json", "--group", OOPS, OOPS).stdout)
    assert sorted([one[which] for one in groups for which in ("first", "last")]) == sorted(times)
    log = CRASHES / "warning.txt"  # its clock is the machine's
    assert all("first" not in one for one in objects(run_tool("crashes", "--json", "--group", log).stdout))


def test_damaged_and_missing_files(tmp_path):
    (tmp_path / "cut.gz").write_bytes(gzip.compress(CRASHES.joinpath("warning.txt").read_bytes() * 50)[:200])
    done = run_tool("crashes", tmp_path / "cut.gz", tmp_path / "missing", CRASHES / "warning.txt")
    assert done.returncode == 2
    assert "cut.gz: its end is missing" in done.stderr
    assert "missing: No such file or directory" in done.stderr
    assert "WARNING in newt_resize" in done.stdout


@pytest.mark.parametrize(
    ("front", "unpack"),
    [
        (b"\xfd7zXZ\0", "xzcat"),
        (b"BZh91AY", "bzcat"),
        (b"\x04\x22\x4d\x18", "lz4cat"),
        (b"PK\x03\x04", "unzip -p"),
        (b"LPKSHHRH", "journalctl -o export --file"),
        (b"\x7fELF\x02\x01", "vmcore-dmesg"),
        ("\ufeffKernel panic".encode("utf-16-le"), "iconv -f UTF-16 -t UTF-8"),
        ("\ufeffKernel panic".encode("utf-16-be"), "iconv -f UTF-16 -t UTF-8"),
    ],
)
def test_what_netcon_does_not_read_is_told(tmp_path, front, unpack):
    (tmp_path / "web17.log").write_bytes(front + bytes(range(256)))
    for command in ("crashes", "decode"):
        done = run_tool(command, tmp_path / "web17.log")
        assert done.returncode == 2 and f"{unpack} FILE | netcon ... -" in done.stderr
    assert run_tool("crashes", "-", stdin=front + b"foo").returncode == 2


@pytest.mark.parametrize("front", [b"KDUMP   ", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n", b"%PDF-1.7\n"])
def test_what_is_no_log_is_not_read_as_one(tmp_path, front):
    (tmp_path / "x").write_bytes(front + bytes(range(256)))
    for command in ("crashes", "decode"):
        done = run_tool(command, tmp_path / "x")
        assert done.returncode == 2 and done.stderr.rstrip().splitlines()[0].endswith("which netcon does not read")
        assert "\\x" not in done.stdout


def test_a_log_with_zeros_of_a_power_loss_is_read(tmp_path):
    log = CRASHES.joinpath("warning.txt").read_bytes().partition(b"\n\n")[2]
    (tmp_path / "kern.log").write_bytes(bytes(5000) + b"\n" + log + bytes(5000))
    assert "WARNING in newt_resize" in run_tool("crashes", tmp_path / "kern.log").stdout


def test_a_crash_in_a_pipe_is_listed_when_it_ends(piped):
    log = CRASHES.joinpath("warning.txt").read_bytes().partition(b"\n\n")[2]
    command = piped("crashes", "-")
    command.write(log)
    command.write(b"[99999.000000] pond: up\n")
    assert "WARNING in newt_resize" in command.line()
    command.write(log.replace(b"newt_resize", b"pond_resize").replace(b"[    ", b"[19999"))
    out, err = command.stop(signal.SIGINT)
    assert "WARNING in pond_resize" in out
    assert "netcon: 2 crashes in 1 file\n" in err
    assert command.process.returncode == -signal.SIGINT


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


def test_listen_keeps_each_crash(listen, tmp_path):
    wanted, lines = facts("warning")
    files, told = tmp_path / "crashes", tmp_path / "told"
    files.mkdir()
    command = f'cat >"{told}"; env | grep ^NETCON_ | sort >>"{told}"; echo done >>"{told}"'
    listener = listen("--to", "json@-,min-level=emerg", "--crash-dir", files, "--on-crash", command)
    listener.send(*records(["pond: fine", "pond: fine", "pond: fine", *lines, "pond: fine"]))
    wait_for(lambda: told.exists() and told.read_text().endswith("done\n"))

    (path,) = kept(files)
    text = path.read_text()
    assert path.name.startswith("127.0.0.1-20") and path.name.endswith("Z-warning-newt_resize.txt")
    assert text.startswith(f"title: {wanted['title']}\n")
    assert "text: complete\n" in text
    assert text in told.read_text()
    assert f"NETCON_TITLE={wanted['title']}\n" in told.read_text()
    assert "NETCON_COMPLETE=complete\n" in told.read_text()
    # Equal crashes run the command once in a time, and are files of their own.
    told.unlink()
    listener.send(*records(["pond: fine", "pond: fine", "pond: fine", *lines, "pond: fine"]))
    wait_for(lambda: len(kept(files)) == 2)
    events = objects(listener.stop()[0])
    assert not told.exists()
    crashes = [event for event in events if event["event"] == "crash"]
    assert [crash["title"] for crash in crashes] == [wanted["title"]] * 2
    assert [crash["count"] for crash in crashes] == [1, 2]
    assert [event["event"] for event in events].count("crash_begun") == 2
    # Below the level, and shown all the same: they belong to the crash.
    shown = [event["text"] for event in events if event["event"] == "record"]
    assert set(lines[1:]) <= set(shown)


@pytest.mark.parametrize("command", ["crashes", "decode"])
def test_a_directory_that_cannot_be_read_is_told(command):
    user = 65534 if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as top:
        Path(top).chmod(0o755)
        shutil.copy(CRASHES / "deadlock.txt", top)
        closed = Path(top) / "closed"
        closed.mkdir()
        closed.chmod(0)
        try:
            done = [run_tool(command, path, user=user) for path in (closed, top)]
        except PermissionError:
            pytest.skip("SKIP: the program is in a directory of root's own")
        finally:
            closed.chmod(0o700)
    for one in done:
        assert one.returncode == 2 and f"netcon {command}: {closed}: Permission denied" in one.stderr
    assert "toad_lock_pair" in done[1].stdout  # the rest is read


def kept(directory):
    return [path for path in directory.iterdir() if path.name.endswith(".txt")]


def test_no_file_waits_for_a_command(listen, tmp_path):
    lines = facts("warning")[1]
    hold = tmp_path / "hold"
    hold.touch()
    command = f'exec >/dev/null 2>&1; while test -e "{hold}"; do sleep 0.05; done'
    listener = listen("--crash-dir", tmp_path, "--on-crash", command)
    for host in range(1, 6):
        listener.send(*records(lines), address=f"127.0.1.{host}")
    wait_for(lambda: len(kept(tmp_path)) == 5)
    # The end waits for the commands; a second signal does not, and every file is there.
    listener.send(*records(lines), address="127.0.1.6")
    listener.process.send_signal(signal.SIGTERM)
    wait_for(lambda: not handles(listener.process, signal.SIGTERM))
    wait_for(lambda: len(kept(tmp_path)) == 6)
    listener.stop()
    hold.unlink()
    assert listener.process.returncode == -signal.SIGTERM
    assert len(kept(tmp_path)) == 6


def test_commands_that_find_no_room_are_counted(listen, tmp_path):
    lines = facts("warning")[1]
    go, told = tmp_path / "go", tmp_path / "told"
    command = f'echo "$NETCON_HOST" >>"{told}"; while ! test -e "{go}"; do sleep 0.05; done'
    listener = listen("--crash-dir", tmp_path, "--on-crash", command)
    listener.send(*records(lines), address="127.0.1.1")
    wait_for(told.exists)
    # One runs, 64 wait.
    for host in range(2, 71):
        listener.send(*records(lines), address=f"127.0.1.{host}")
    wait_for(lambda: len(kept(tmp_path)) == 70)
    go.touch()
    _, err = listener.stop()
    assert err.splitlines()[-1] == "netcon: 5 crashes without their command"
    assert len(told.read_text().splitlines()) == 65
    assert "without a file" not in err


TOKEN = " token=S3CRET\n"
QUIET = ["pond: fine"] * 3


def crashes_of(events):
    return [event for event in events if event["event"].startswith("crash")]


def test_nothing_is_made_of_a_crash_without_what_is_required(listen, tmp_path):
    ran = tmp_path / "ran"
    command = f'echo "$NETCON_TITLE" >>"{ran}"'
    listener = listen("--json", "--require", "token=S3CRET", "--crash-dir", tmp_path, "--on-crash", command)
    lines = QUIET + facts("warning")[1]
    listener.send(*records(lines))
    listener.send(*records(lines, userdata=" token=wrong\n"))
    out, _ = listener.stop()
    events = objects(out)
    assert all(event["unproven"] for event in events if event["event"] == "record")
    assert crashes_of(events) == []
    assert kept(tmp_path) == [] and not ran.exists()


def test_a_crash_that_is_proven_is_not_spoilt_by_forged_lines(listen, tmp_path):
    wanted, lines = facts("warning")
    real = records(QUIET + lines + QUIET, 5000, TOKEN)
    forged = [
        b"4,0,0,-;Linux version 6.99.0\n",  # a new boot, by its number
        b"4,1,1,-;BUG: kernel NULL pointer dereference, address: 0\n",
        b"4,9000000,99000000,-;RIP: 0010:evil+0x1/0x2\n",
        b"[    1.000000] BUG: unable to handle page fault for address: 1\n[    1.000000] RIP: 0010:evil+0x1/0x2\n",
        b"** 7 printk messages dropped **\n",
    ]
    listener = listen("--json", "--require", "token=S3CRET", "--crash-dir", tmp_path)
    listener.send(real[0], *(packet for one in real[1:] for packet in (*forged, one)))
    # From another port of the machine too.
    listener.send(*[packet for packet in forged if not packet[:1].isdigit()])
    out, _ = listener.stop()
    begun, crash = crashes_of(objects(out))
    assert (begun["event"], crash["event"]) == ("crash_begun", "crash")
    assert crash["title"] == wanted["title"] and crash["complete"] is True and not crash["corrupted"]
    assert (crash["first_sequence"], "evil" in crash["text"]) == (5004, False)
    (path,) = kept(tmp_path)
    assert "evil" not in path.read_text()


def test_a_new_boot_of_a_machine_with_the_secret_ends_its_crash(listen):
    lines = facts("warning")[1][:-1]  # no end marker
    listener = listen("--json", "--require", "token=S3CRET")
    for _ in range(2):
        listener.send(*records(QUIET + lines, 100, TOKEN), *records(QUIET, 0, TOKEN))
    first, second = [one for one in crashes_of(objects(listener.stop()[0])) if one["event"] == "crash"]
    assert first["text"] == second["text"]
    assert "fine" not in first["text"]


def test_a_machine_that_can_have_no_secret_crashes_all_the_same(listen):
    wanted, lines = facts("warning")
    listener = listen("--json", "--require", "token=S3CRET")
    listener.send(*(f"[    1.000000] {line}\n".encode() for line in QUIET + lines))
    _, crash = crashes_of(objects(listener.stop()[0]))
    assert crash["title"] == wanted["title"]


def test_repeats_are_no_further_records_without_what_is_required(listen):
    listener = listen("--json", "--require", "token=S3CRET")
    listener.send(*records(QUIET), *records(QUIET))
    out, err = listener.stop()
    assert [event["event"] for event in objects(out)] == ["record"] * 3 + ["duplicate"] * 3
    assert ", 3 records unproven" in err


def test_listen_says_that_a_host_crashed(listen):
    wanted, lines = facts("warning")
    listener = listen()
    listener.send(*records(["pond: fine", "pond: fine", "pond: fine", *lines, "pond: fine"]))
    out, _ = listener.stop()
    assert f"* 127.0.0.1 crashed: {wanted['title']} (complete)" in out


def test_the_last_line_of_a_panic_is_shown_before_its_crash(listen):
    _, lines = facts("init_panic")
    listener = listen("--to", "json@-")
    listener.send(*records(lines))
    events = objects(listener.stop()[0])
    assert [event["event"] for event in events].count("crash") == 1
    assert (events[-2]["text"], events[-1]["event"]) == (lines[-1], "crash")
    assert events[-1]["text"].endswith(lines[-1] + "\n")


def test_nothing_that_a_sender_writes_names_a_file(listen, tmp_path):
    hostile = ["BUG: unable to handle page fault for address: 1", "Call Trace:"]
    hostile += [" ../../etc/passwd+0x1/0x2", " a+0x1/0x2"]
    hostile += ["WARNING: CPU: 1 PID: 1 at a.c:1 $(touch x)+0x1/0x2", "---[ end trace 0 ]---"]
    listener = listen("--crash-dir", tmp_path)
    listener.send(*records(hostile))
    listener.stop()
    assert list(tmp_path.iterdir())
    for path in tmp_path.rglob("*"):
        assert path.parent == tmp_path
        assert not set(path.name) & set("/$() ;'\"")


def test_the_path_of_a_function_in_rust_is_a_plain_file_name(listen, tmp_path):
    _, lines = facts("rust_panic")
    listener = listen("--crash-dir", tmp_path)
    listener.send(*records(lines))
    listener.stop()
    (path,) = tmp_path.iterdir()
    assert path.name.endswith("Z-kernel-bug-lake.node.Node.forget.txt")


def test_the_name_of_a_machine_is_escaped_once(listen, tmp_path):
    listener = listen("--crash-dir", tmp_path, "--hosts-from", "key:host")
    listener.send(*records(facts("warning")[1], userdata=" host=we\x1bb\n"))
    listener.stop()
    (path,) = kept(tmp_path)
    assert path.name.startswith("we%1Bb-20")


def test_bad_arguments(tmp_path):
    assert run_tool("crashes").returncode == 2
    assert run_tool("crashes", "--show", "0", "x").returncode == 2
    done = run_tool("listen", "127.0.0.1:0", "--crash-dir", tmp_path / "missing")
    assert done.returncode == 2
    assert "--crash-dir" in done.stderr
