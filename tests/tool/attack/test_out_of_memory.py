# SPDX-License-Identifier: MIT
"""The program runs out of memory, at each allocation in turn: for one, for a few, or from there on. It never crashes and never
hangs; it does its work, or says in a line that there is no memory and fails. NETCON_ALLOCATIONS=all tries every allocation,
which takes minutes with an optimized tool; otherwise some do."""

import os
import random
import re
import signal
import socket
import subprocess

import pytest
from conftest import DATA, SANITIZED, TOOL, lines_about, text_of

PRELOAD = os.environ.get("NETCON_FAIL_ALLOCATION", "")
ALL = os.environ.get("NETCON_ALLOCATIONS") == "all"
SOME = 24
# One that is tried again succeeds; a few fail for good, and then there is memory; or there is none any more.
MANY = (1, 3, 1 << 40)
SAID = re.compile(r"^.*(?:out of memory|Cannot allocate memory).*$", re.M)
pytestmark = pytest.mark.skipif(SANITIZED or not PRELOAD, reason="a preloaded library has allocations fail")


def environment(**more):
    return {**os.environ, "LD_PRELOAD": PRELOAD, **{name: str(value) for name, value in more.items()}}


def failures(run, tmp_path, *start):
    """The environments to try: of the allocations of a run, most after those of the arguments in start."""
    count = tmp_path / "count"

    def allocations(of):
        of(environment(FAIL_COUNT=count))
        return int(count.read_text())

    start = allocations(lambda env: subprocess.run([TOOL, *start], env=env, capture_output=True, check=True))
    end = allocations(run)
    assert end > start + 50
    chance = random.Random(1)
    chosen = range(end) if ALL else [*chance.sample(range(start), SOME // 2), *chance.sample(range(start, end), SOME)]
    for number in chosen:
        for many in MANY:
            yield environment(FAIL_AT=number, FAIL_MANY=many)


@pytest.mark.parametrize(
    "arguments",
    (
        ("decode", DATA / "captures/restart_612_boot1.pcap"),
        ("crashes", "--show", "1", DATA / "crashes/arm64_fault.txt"),
    ),
    ids=lambda arguments: arguments[0],
)
def test_a_file_is_read_or_the_want_of_memory_said(tmp_path, arguments):
    def run(env):
        return subprocess.run([TOOL, *arguments], env=env, capture_output=True, timeout=60, check=False)

    good = run(environment())
    for env in failures(run, tmp_path, "--version"):
        done = run(env)
        told = SAID.search(done.stderr.decode()) is not None
        of = (env["FAIL_AT"], env["FAIL_MANY"], done)
        assert (done.returncode > 0) if told else (done.stdout, done.returncode) == (good.stdout, good.returncode), of


PACKETS = (
    *(b"6,%d,%d,-;a text that is longer than a small string holds\n host=web17\n" % (n, n) for n in range(1, 9)),
    b"6,12,12,-,ncfrag=0/20;0123456789",
    b"6,12,12,-,ncfrag=10/20;abcdefghi\n",
    b"6,13,13,-,ncfrag=0/20;0123456789",
    b"a line without a header\n",
    b"9999,1,1,-;junk\n",
    b"4,20,20,-;BUG: kernel NULL pointer dereference, address: 0000000000000010\n",
    b"4,21,21,-;RIP: 0010:heron_poll+0x12/0x80 [heron]\n",
    b"4,22,22,-;---[ end trace 0000000000000000 ]---\n",
)


def listen_at(directory):
    outputs = ("--to", f"json@{directory}/all.log", "--to", f"json@dir:{directory}/each,min-level=debug")
    return "listen", "127.0.0.1:0", *outputs, "--crash-dir", directory


def run_listener(env, directory):
    """Sends the packets to a listener with two outputs and ends it. Its exit code, standard error, and lines written."""
    for old in directory.glob("**/*.log"):
        old.unlink()
    process = subprocess.Popen(
        [TOOL, *listen_at(directory)],
        env=env,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    notes = ""
    try:
        for line in process.stderr:
            notes += line
            found = re.match(r"netcon: listening on 127.0.0.1:(\d+)$", line)
            if found:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    for packet in PACKETS:
                        sender.sendto(packet, ("127.0.0.1", int(found[1])))
                process.send_signal(signal.SIGTERM)
                break
        notes += process.stderr.read()
        process.wait(60)
    finally:
        process.kill()
        process.stderr.close()
    names = {f"{directory}/all.log": "all.log", f"dir:{directory}/each": "each/127.0.0.1.log"}
    written = {name: directory / path for name, path in names.items()}
    return (
        process.returncode,
        notes,
        {name: len(text_of(path).splitlines()) for name, path in written.items()},
    )


def test_a_listener_accounts_for_every_line_or_says_the_want_of_memory(tmp_path):
    code, notes, lines = run_listener(environment(), tmp_path)
    assert code == 0
    offered = {name: sum(counts.values()) for name, counts in lines_about(notes).items()}
    assert offered == lines and all(count >= len(PACKETS) for count in lines.values())
    for env in failures(lambda env: run_listener(env, tmp_path), tmp_path, *listen_at(tmp_path), "--check-config"):
        code, notes, lines = run_listener(env, tmp_path)
        of = (env["FAIL_AT"], env["FAIL_MANY"], code, notes, lines)
        if SAID.search(notes) and code == 2:  # it ended for that
            continue
        if code == -signal.SIGTERM:  # which came when it was ending, and no longer waited for signals
            continue
        assert code in (0, 1), of
        about = lines_about(notes)
        for name, count in lines.items():
            counts = about[name]
            assert counts["records"] + counts["remarks written"] == count, of
            assert sum(counts.values()) == offered[name], of
