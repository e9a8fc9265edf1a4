# SPDX-License-Identifier: MIT
"""What a loss of power leaves of the output files: sync= and --crash-dir on a file system that keeps only what was synced."""

import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time
import types

import pytest
from conftest import text_of, until

LOSSY_DISK = pathlib.Path(__file__).parents[1] / "lossy_disk.py"
SYNC = "sync=100ms"
# How long the disk has it at the latest: what was asked for, and what this machine and the loss itself take.
BOUND = 0.85


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """path: where it is mounted; fail(): what a loss of power leaves now, as lossy_disk.py describes it."""
    if os.geteuid() != 0 or not os.access("/dev/fuse", os.W_OK):
        pytest.skip("needs root and /dev/fuse")
    pytest.importorskip("pyfuse3", reason="needs the Debian package python3-pyfuse3")
    path, losses = tmp_path_factory.mktemp("disk"), tmp_path_factory.mktemp("losses")
    process = subprocess.Popen([sys.executable, LOSSY_DISK, path, losses], stdout=subprocess.PIPE, text=True)
    if process.stdout.readline() != "mounted\n":
        pytest.skip("FUSE file systems cannot be mounted here")
    count = 0

    def fail():
        nonlocal count
        count += 1
        process.send_signal(signal.SIGUSR1)
        assert process.stdout.readline() == "lost\n"
        return types.SimpleNamespace(disk=losses / f"{count}/disk", names=losses / f"{count}/names")

    yield types.SimpleNamespace(path=path, fail=fail)
    subprocess.run(["umount", path], check=True)
    process.kill()
    process.wait()
    process.stdout.close()


def sync(directory):
    """Has the disk store the names in it."""
    opened = os.open(directory, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)


def numbers(*files):
    """The numbers of the records in files, in order."""
    lines = [line for file in files for line in text_of(file).splitlines()]
    return sorted(json.loads(line)["sequence"] for line in lines if '"event":"record"' in line)


def send(listener, files, first, last):
    """Sends records, and waits until programs see them in the files."""
    listener.send(*(b"6,%d,%d,-;%s\n" % (n, n, b"x" * 100) for n in range(first, last + 1)))
    assert until(lambda: set(range(first, last + 1)) <= set(numbers(*files())))


def test_without_sync_the_tool_leaves_it_to_the_system(listen, disk):
    file = disk.path / "unsynced.log"
    listener = listen("--to", f"json@{file}")
    send(listener, lambda: [file], 1, 2)
    assert not (disk.fail().disk / file.name).exists()
    listener.stop()
    left = disk.fail()
    assert not (left.disk / file.name).exists() and numbers(left.names / file.name) == []


def test_sync_bounds_what_a_loss_takes(listen, disk):
    """However soon after the one before a record comes, its file has it within that time, under its name."""
    file = disk.path / "synced.log"
    listener = listen("--to", f"json@{file},{SYNC}")
    for number in range(1, 6):
        send(listener, lambda: [file], number, number)
        if number % 2 == 0:
            time.sleep(0.02)
            continue
        all_sent = list(range(1, number + 1))
        assert until(lambda: numbers(disk.fail().disk / file.name) == all_sent, BOUND)
    listener.stop()


def test_files_that_are_closed_for_others_are_synced_in_their_time(listen, disk):
    """Sixteen may be open here. A disk that is waited for at each change of files would hold up a fleet."""
    at_once = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, at_once[1]))
    try:
        seldom = listen("--to", f"json@dir:{disk.path}/seldom,sync=1h")
        often = listen("--to", f"json@dir:{disk.path}/often,{SYNC}")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, at_once)
    machines = [f"127.0.5.{number}" for number in range(1, 41)]

    def send_to(listener, number):
        for machine in machines:
            listener.send(b"6,%d,%d,-;%s\n" % (number, number, b"x" * 100), address=machine)

    def has(directory, *wanted):
        return all(numbers(directory / f"{machine}.log") == list(wanted) for machine in machines)

    for number in (1, 2, 3):
        send_to(seldom, number)
        assert until(lambda: has(disk.path / "seldom", *range(1, number + 1)))
    # The first write was synced, and the time of the others has not come yet.
    left = disk.fail().names / "seldom"
    assert [machine for machine in machines if 3 in numbers(left / f"{machine}.log")] == []
    seldom.stop()
    assert has(disk.fail().disk / "seldom", 1, 2, 3)
    for number in (1, 2):
        send_to(often, number)
        assert until(lambda: has(disk.path / "often", *range(1, number + 1)))
        assert until(lambda: has(disk.fail().disk / "often", *range(1, number + 1)), 5)
    often.stop()


def test_files_that_others_rename_before_their_sync_are_synced(listen, disk):
    """As logrotate does while a file is closed for others, until SIGHUP comes."""
    at_once = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, at_once[1]))
    try:
        listener = listen("--to", f"json@dir:{disk.path}/renamed,sync=1h")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, at_once)
    machines = [f"127.0.6.{number}" for number in range(1, 41)]

    def has(directory, machine, last):
        files = (directory / f"{machine}.log", directory / f"{machine}.log-20261201")
        return numbers(*files) == list(range(1, last + 1))

    def send_all(number, to):
        for machine in to:
            listener.send(b"6,%d,%d,-;%s\n" % (number, number, b"x" * 100), address=machine)
        assert until(lambda: all(has(disk.path / "renamed", machine, number) for machine in to))

    send_all(1, machines)
    send_all(2, machines)
    for machine in machines:
        file = disk.path / f"renamed/{machine}.log"
        file.rename(f"{file}-20261201")
    # Those that are closed, of the ones that send again, begin a new file before the sync comes.
    send_all(3, machines[:20])
    listener.stop()
    left = disk.fail().disk / "renamed"
    for number, machine in enumerate(machines):
        assert has(left, machine, 3 if number < 20 else 2)


@pytest.mark.parametrize("place", ("rotated/one.log", "dir:new/logs"))
def test_rotation_loses_nothing_that_was_synced(listen, disk, place):
    """Rotated files keep what they have, and directories that were created too have their names."""
    directory = disk.path / place.removeprefix("dir:")
    if place.startswith("dir:"):
        place = f"dir:{directory}"
    else:
        directory = directory.parent
        directory.mkdir()
        sync(disk.path)
        place = str(disk.path / place)
    below = directory.relative_to(disk.path)
    listener = listen("--to", f"json@{place},{SYNC},rotate-size=1000,keep=9")
    for first in (1, 6, 11):
        send(listener, lambda: directory.glob("*.log*"), first, first + 4)

    def is_whole():
        left = disk.fail().disk / below
        files = sorted(left.iterdir()) if left.exists() else []
        return len(files) > 2 and numbers(*files) == list(range(1, 16))

    assert until(is_whole, BOUND)
    listener.stop()


def test_the_end_syncs_what_is_written(listen, disk):
    """Also what came within the time that sync= allows, in every kind of place."""
    (disk.path / "end").mkdir()
    sync(disk.path)
    listener = listen(
        *("--to", f"json@{disk.path}/end/one.log,sync=1h", "--to", f"json@dir:{disk.path}/end/all,sync=1h")
    )
    files = [disk.path / "end/one.log", disk.path / "end/all/127.0.0.1.log"]
    send(listener, lambda: files[:1], 1, 1)
    send(listener, lambda: files[:1], 2, 2)
    assert until(lambda: numbers(files[1]) == [1, 2])
    listener.stop()
    left = disk.fail().disk
    assert [numbers(left / file.relative_to(disk.path)) for file in files] == [[1, 2], [1, 2]]


def test_a_crash_report_is_on_the_disk_before_it_has_a_name(listen, disk):
    directory = disk.path / "crashes"
    directory.mkdir()
    sync(disk.path)
    listener = listen("--crash-dir", directory)
    lines = (
        b"BUG: kernel NULL pointer dereference, address: 0000000000000010",
        b"Oops: 0000 [#1] PREEMPT SMP NOPTI",
        b"RIP: 0010:heron_poll+0x12/0x80 [heron]",
        b"Call Trace:",
        b" heron_read+0x46/0x62 [heron]",
        b"---[ end trace 0000000000000000 ]---",
    )
    listener.send(*(b"1,%d,%d,-,caller=T7;%s\n" % (n, n, line) for n, line in enumerate(lines, 1)))
    assert until(lambda: list(directory.glob("*.txt")))
    (name,) = (one.name for one in directory.glob("*.txt"))
    whole = (directory / name).read_text()
    assert "heron_poll" in whole and "end trace" in whole
    # Whatever the disk has of the names by then.
    assert (disk.fail().names / "crashes" / name).read_text() == whole
    assert until(lambda: (disk.fail().disk / "crashes" / name).exists(), 5)
    left = disk.fail().disk / "crashes"
    assert (left / name).read_text() == whole and [one.name for one in left.iterdir()] == [name]
    listener.stop()
